"""What the residents' pages read, each in one query and through ``visible_to``."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _

from steward.cases.models import Case
from steward.design.clockface import when
from steward.design.environment import money
from steward.kernel.actor import Actor, Home
from steward.portal import words
from steward.processes.repair.models import Quote, QuoteLine, State
from steward.registers.billing.models import Charge, ItemKind
from steward.registers.billing.prices import Price, prices
from steward.registers.estate.models import Unit
from steward.registers.org.tree import Place, place, tree
from steward.registers.party.models import Contact
from steward.registers.workforce.people import Colleague, colleagues

# A home page is no list: older open matters stand behind "all".
SHOWN = 20


@dataclass(frozen=True)
class Waiting:
    """What the customer is asked to do next, and where."""

    purpose: str
    button: str
    url: str


@dataclass(frozen=True)
class Matter:
    """A case on the home page."""

    case: Case
    look: words.Look
    note: str
    late: str
    waiting: Waiting | None
    url: str


def open_matters(actor: Actor, now: datetime) -> list[Matter]:
    """What is open: first what waits for the customer, then what is late, then the newest."""
    rows = Case.objects.visible_to(actor).filter(closed_at__isnull=True).select_related("repair", "service_order")
    found = [matter(case, now) for case in rows.order_by("-received_at", "-id")[:SHOWN]]
    return sorted(found, key=_rank)


def _rank(of: Matter) -> int:
    """Mine to decide, then what is late, then the rest."""
    if of.waiting is not None:
        return ("consent", "amount", "rate").index(of.waiting.purpose)
    return 3 if of.late else 4


def matter(case: Case, now: datetime) -> Matter:
    detail = getattr(case, "service_order" if case.kind == "service_order" else "repair", None)
    delay = words.late(case.next_due_at, case.next_due_key, now)
    return Matter(
        case=case,
        look=words.look(case.kind, case.state),
        note=_note(case, detail, now),
        late=delay,
        waiting=waiting(case, detail),
        url=reverse("portal:case", args=[case.number]),
    )


def _note(case: Case, detail: Any, now: datetime) -> str:
    """Who does what by when, in half a line."""
    if case.state == State.WAITING and case.promised_at is not None:
        return _("New time: %(at)s") % {"at": when(case.promised_at, now)}
    if case.state == State.SETTLING and detail is not None and not detail.settled_as:
        return _("To pay at the desk: %(amount)s") % {"amount": money(detail.amount)}
    if case.next_due_at is not None and case.next_due_key not in words.THEIRS and case.next_due_at >= now:
        return _("%(what)s, by %(at)s") % {
            "what": words.look(case.kind, case.state).headline,
            "at": when(case.next_due_at, now),
        }
    return str(words.look(case.kind, case.state).headline)


def waiting(case: Case, detail: Any) -> Waiting | None:
    """The one thing the customer is asked to do; None while it is our turn."""
    if case.kind != "repair" or detail is None:
        return _of_other_kinds(case, detail)
    if case.state == State.QUOTED:
        return Waiting(
            "consent",
            _("See the quote of %(amount)s, then decide") % {"amount": money(detail.quote_total)},
            reverse("portal:consent", args=[case.number]),
        )
    if case.state == State.DONE:
        return Waiting(
            "amount",
            _("Confirm the amount of %(amount)s") % {"amount": money(detail.amount)},
            reverse("portal:amount", args=[case.number]),
        )
    if case.state == State.SETTLING and detail.rating is None and detail.callback_ended_at is None:
        return Waiting("rate", _("Say how it went"), reverse("portal:rate", args=[case.number]))
    return None


def _of_other_kinds(case: Case, detail: Any) -> Waiting | None:
    if case.kind == "complaint":
        asked = case.state == "solved" and not case.is_imported
        return _rates(case, _("Say whether you agree")) if asked else None
    return _rates_order(case, detail) if case.kind == "service_order" else None


def _rates(case: Case, words: str) -> Waiting:
    return Waiting("rate", words, reverse("portal:rate", args=[case.number]))


def _rates_order(case: Case, detail: Any) -> Waiting | None:
    if case.state != State.DONE or detail is None or detail.rating is not None or detail.callback_ended_at is not None:
        return None
    return _rates(case, _("Say how it went"))


@dataclass(frozen=True)
class Butler:
    person: Colleague | None
    project: str
    desk_phone: str


def butlers(actor: Actor) -> list[Butler]:
    """The butler of each home and the desk behind: one query for any number of homes."""
    ids = [home.unit_id for home in actor.homes]
    projects = [home.project_id for home in actor.homes]
    rows = dict(
        Unit.objects.unscoped().filter(project_id__in=projects, pk__in=ids).values_list("pk", "butler_staff_id")
    )
    found: dict[tuple[int, int | None], Butler] = {}
    for home in actor.homes:
        where, staff_id = place(home.project_id), rows.get(home.unit_id)
        person = colleagues().get(staff_id or 0)
        found.setdefault((home.project_id, staff_id), Butler(person, where.name, where.phone))
    return list(found.values())


def company_of(where: Place) -> str:
    """The company at the top of the organisation."""
    return tree().places[where.lineage[-1]].name


def butler_of(case: Case) -> Colleague | None:
    """Whom the customer knows: the unit's butler, else whoever answers for the case."""
    butler = None
    if case.unit_id is not None:
        units = Unit.objects.in_project(case.project_id).filter(pk=case.unit_id)
        butler = units.values_list("butler_staff_id", flat=True).first()
    return colleagues().get(butler or case.accountable_id or 0)


@dataclass(frozen=True)
class QuoteView:
    quote: Quote
    lines: Sequence[QuoteLine]
    warranty: str


def quote_in_force(case: Case, detail: Any) -> QuoteView | None:
    """The quote the customer is asked about. The case was loaded through the customer's scope."""
    quote = Quote.objects.in_project(case.project_id).filter(case_id=case.pk, version=detail.quote_version).first()
    if quote is None:
        return None
    lines = list(QuoteLine.objects.in_project(case.project_id).filter(quote_id=quote.pk).order_by("position"))
    listed = prices(lineage=place(case.project_id).lineage, at=quote.made_at).items
    return QuoteView(quote, lines, _warranty(lines, listed))


def _warranty(lines: Sequence[QuoteLine], listed: Mapping[str, Price]) -> str:
    """The shortest warranty of parts and of labour on this quote, from the price list it was made from."""
    found: dict[str, int] = {}
    for line in lines:
        item = listed.get(line.code)
        if item is not None and item.warranty_months:
            found[line.kind] = min(found.get(line.kind, item.warranty_months), item.warranty_months)
    parts, labour = found.get(ItemKind.PART), found.get(ItemKind.LABOUR)
    if parts and labour:
        return _("Warranty: parts %(parts)s months, labour %(labour)s months") % {"parts": parts, "labour": labour}
    if parts:
        return _("Warranty: parts %(parts)s months") % {"parts": parts}
    return _("Warranty: labour %(labour)s months") % {"labour": labour} if labour else ""


def contacts(case: Case, actor: Actor) -> list[Contact]:
    """Family who may decide; shown to the customer's own people only, not to others of the unit."""
    if case.customer_id is None:
        return []
    if not actor.case_id and case.customer_id not in actor.customers_in(case.project_id):
        return []
    rows = Contact.objects.in_project(case.project_id).filter(customer_id=case.customer_id, may_consent=True)
    return list(rows.order_by("pk")[:4])


def charge_of(case: Case) -> Charge | None:
    rows = Charge.objects.in_project(case.project_id).filter(source_kind="case", source=case.number)
    return rows.order_by("-round").first()


def call_out_fee(project_id: int, at: datetime) -> Price | None:
    """The published fee for a visit, told before anything is sent: that is the consent to it."""
    listed = prices(lineage=place(project_id).lineage, at=at).items
    return next((p for p in listed.values() if p.kind == ItemKind.CALL_OUT and p.price > Decimal(0)), None)


def services(project_id: int, at: datetime) -> list[Price]:
    """The services on request of the price list in force."""
    listed = prices(lineage=place(project_id).lineage, at=at).items
    return [p for p in listed.values() if p.kind == ItemKind.SERVICE]


def home_at(actor: Actor, unit_id: int | None) -> Home | None:
    """One of the actor's homes; without a choice the first."""
    homes = actor.homes
    if unit_id is None:
        return homes[0] if homes else None
    return next((home for home in homes if home.unit_id == unit_id), None)
