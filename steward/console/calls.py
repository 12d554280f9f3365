"""Callbacks as calls: one for a household, with everything that is to be asked in it."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any, Final

from django.db.models import Count, F, Q
from django.utils import timezone
from django.utils.translation import gettext as _

from steward.assurance.callbacks import callable_from
from steward.assurance.models import AttemptOutcome, Callback, CallbackAttempt, CallbackState, Purpose
from steward.cases.declare import process_of
from steward.casework.intake import lookup
from steward.console.case import case_url
from steward.console.shell import Desk
from steward.design.clockface import ClockFace, clock_face, when
from steward.design.environment import money
from steward.kernel.actor import Actor
from steward.registers.org.tree import place
from steward.registers.party.models import Contact, Customer
from steward.registers.workforce.people import name_of

SHOWN: Final = 200
DONE: Final = 30
ANSWERED: Final = (CallbackState.SATISFIED, CallbackState.UNSATISFIED, CallbackState.SELF_RATED)
NEAR: Final = timedelta(hours=4)
RAIN: Final = "~rain"


@dataclass(frozen=True)
class Ask:
    """One case of a call: what was done, for how much, by whom; and whether it may be asked now."""

    callback: Callback
    url: str
    free_at: datetime
    ready: bool
    why: str
    facts: Sequence[tuple[str, Any]]
    may: bool

    @property
    def case(self) -> Any:
        return self.callback.case

    @property
    def is_after_rain(self) -> bool:
        return bool(self.callback.purpose == Purpose.AFTER_RAIN)

    @property
    def key(self) -> str:
        """A case may be asked about twice in one call: after the work, and after the rain."""
        number: str = self.case.number
        return number if self.callback.purpose == Purpose.COURTESY else f"{number}{RAIN}"


@dataclass(frozen=True)
class Call:
    asks: Sequence[Ask]
    face: ClockFace
    section: str  # late, today, later

    @property
    def first(self) -> Ask:
        return self.asks[0]

    @property
    def ready(self) -> bool:
        return any(ask.ready for ask in self.asks)

    @property
    def why(self) -> str:
        return min(self.asks, key=lambda ask: ask.free_at).why

    @property
    def numbers(self) -> list[str]:
        return [ask.case.number for ask in self.asks] + [ask.key for ask in self.asks]

    @property
    def after_rain(self) -> bool:
        return any(ask.is_after_rain for ask in self.asks)

    @property
    def name(self) -> str:
        case = self.first.case
        return str(case.reporter_name or case.customer_name or case.title)


@dataclass(frozen=True)
class Coverage:
    """Done in time ÷ due this month; not reached is told apart (DOMAIN-RULES 3)."""

    due: int = 0
    in_time: int = 0
    late: int = 0
    unreachable: int = 0

    @property
    def rate(self) -> str:
        return f"{Decimal(100 * self.in_time) / self.due:.1f} %" if self.due else "—"


@dataclass(frozen=True)
class People:
    """Whom to call: the customer's own wishes first."""

    customer: Customer | None
    contacts: Sequence[Contact] = field(default_factory=tuple)
    flags: Sequence[str] = ()

    @property
    def care(self) -> str:
        note = self.customer.care_note if self.customer else ""
        return "；".join(filter(None, [note, *self.flags]))


def waiting(desk: Desk, *, mine: bool) -> list[Call]:
    """Open callbacks, the earliest due first, one call for a household. One query."""
    rows = Callback.objects.visible_to(desk.actor).filter(ended_at__isnull=True, project_id__in=desk.projects)
    if mine:
        rows = rows.filter(butler_id=desk.actor.staff_id)
    rows = rows.exclude(waits_for_rain=True, not_before__gt=desk.at)
    known = rows.select_related("case", "case__customer__call_wish", "case__repair")
    found = known.order_by("due_at", "pk")[:SHOWN]
    homes: dict[tuple[str, int], list[Ask]] = {}
    for row in found:
        homes.setdefault(_home(row), []).append(_ask(row, desk))
    return [_call(asks, desk) for asks in homes.values()]


def waiting_for_rain(desk: Desk) -> int:
    """Calls nobody can make yet. One query."""
    rows = Callback.objects.visible_to(desk.actor).filter(project_id__in=desk.projects, ended_at__isnull=True)
    return rows.filter(waits_for_rain=True, not_before__gt=desk.at).count()


def script(call: Call | None, name: str) -> list[str]:
    """What to say and ask, in order. Plain words; the caller makes them their own."""
    if call is None:
        return []
    lines = [_("Hello, this is %(name)s of the service centre. Is it a good moment?") % {"name": name}]
    rain = next((ask for ask in call.asks if ask.is_after_rain), None)
    if rain is not None and rain.callback.rain_day:
        day = f"{rain.callback.rain_day:%m-%d}"
        lines.append(_("It rained on %(day)s. Has the place we repaired stayed dry?") % {"day": day})
    if any(not ask.is_after_rain for ask in call.asks):
        lines.append(
            _("Is it really in order? Did the colleague come on time, say the price first, and leave it clean?")
        )
        lines.append(_("How satisfied are you: very, satisfied, so-so, not?"))
    lines.append(_("Is there anything else we can do?"))
    return lines


def _home(row: Callback) -> tuple[str, int]:
    case = row.case
    if case.customer_id:
        return "customer", case.customer_id
    return ("unit", case.unit_id) if case.unit_id else ("case", case.pk)


def _call(asks: Sequence[Ask], desk: Desk) -> Call:
    due = asks[0].callback.due_at
    today = timezone.localtime(desk.at, place(asks[0].callback.project_id).tz).date()
    ends = timezone.localtime(due, place(asks[0].callback.project_id).tz).date()
    section = "late" if due < desk.at else "today" if ends <= today else "later"
    return Call(asks, clock_face(due, desk.at, soon=NEAR), section)


def _ask(row: Callback, desk: Desk) -> Ask:
    free = callable_from(row, at=desk.at)
    ready = free <= desk.at
    process = process_of(row.case.kind)
    action = process.action("callback") if process else None
    return Ask(
        callback=row,
        url=case_url(row.case.number),
        free_at=free,
        ready=ready,
        why="" if ready else _why(row, free, desk.at),
        facts=_facts(row, desk.actor),
        may=bool(action and row.case.state in action.source and action.by.allows(desk.actor, row.case)),
    )


def _why(row: Callback, free: datetime, at: datetime) -> str:
    until = {"at": when(free, at)}
    if row.attempts_made and row.not_before > at:
        return _("not reached before, next try from %(at)s") % until
    return _("quiet hours, from %(at)s") % until


def _facts(row: Callback, actor: Actor) -> list[tuple[str, Any]]:
    """What the caller must know: the work, who did it, the money, earlier tries."""
    case = row.case
    detail: Any = getattr(case, "repair", None)
    found: list[tuple[str, Any]] = []
    if detail is not None:
        found.append((_("Work"), detail.work_done or _("no work: the quote was declined")))
        if detail.finished_at:
            found.append((_("Finished"), f"{timezone.localtime(detail.finished_at):%m-%d %H:%M}"))
        found.append((_("Amount"), _amount(detail)))
    if case.handler_id:
        found.append((_("Done by"), name_of(case.handler_id)))
    if row.attempts_made:
        found.append((_("Tries so far"), row.attempts_made))
    return found


def _amount(detail: Any) -> str:
    if not detail.amount:
        return _("nothing to pay")
    words = {"paid": _("paid"), "waived": _("waived"), "billed": _("on the next bill")}
    return f"{money(detail.amount)} {words.get(detail.settled_as, _('not paid yet'))}"


def people(call: Call) -> People:
    """The customer is loaded already; contacts and flags of care are a query each."""
    customer = call.first.case.customer
    if customer is None:
        return People(None)
    rows = Contact.objects.in_project(customer.project_id).filter(customer_id=customer.pk).order_by("pk")
    flags = lookup.care_words(customer.project_id, [customer.pk])
    return People(customer, list(rows), flags.get(customer.pk, ()))


def made_today(desk: Desk) -> list[CallbackAttempt]:
    """Calls of today, the latest first. One query."""
    begin = timezone.localtime(desk.at, desk.tz).replace(hour=0, minute=0, second=0, microsecond=0)
    rows = CallbackAttempt.objects.visible_to(desk.actor).filter(project_id__in=desk.projects, made_at__gte=begin)
    return list(rows.select_related("case").order_by("-made_at", "-pk")[:DONE])


def coverage(desk: Desk) -> Coverage:
    """Of this month's callbacks that are due by now. One query."""
    begin = timezone.localtime(desk.at, desk.tz).replace(day=1, hour=0, minute=0, second=0, microsecond=0)
    rows = Callback.objects.visible_to(desk.actor).filter(
        project_id__in=desk.projects, due_at__gte=begin, due_at__lte=desk.at
    )
    answered = Q(state__in=ANSWERED)
    found = rows.exclude(state=CallbackState.VOID).aggregate(
        due=Count("pk"),
        in_time=Count("pk", filter=answered & Q(ended_at__lte=F("due_at"))),
        late=Count("pk", filter=answered & Q(ended_at__gt=F("due_at"))),
        unreachable=Count("pk", filter=Q(state=CallbackState.UNREACHABLE)),
    )
    return Coverage(**found)


def tone_of(outcome: str) -> tuple[str, str]:
    looks = {
        AttemptOutcome.SATISFIED: ("ok", "mood-smile"),
        AttemptOutcome.UNSATISFIED: ("late", "mood-sad"),
    }
    return looks.get(AttemptOutcome(outcome), ("wait", "phone-off"))


def count(calls: Iterable[Call], section: str) -> int:
    return sum(call.section == section for call in calls)
