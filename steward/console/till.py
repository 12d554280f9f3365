"""What the cashier's counter reads: households, what they owe, what may not be taken yet, and the day's takings."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import Any, Final

from django.db.models import Count, Q, Sum
from django.utils.translation import gettext as _

from steward.cases.declare import process_of
from steward.cases.models import Case
from steward.console.case import case_url
from steward.console.shell import Desk
from steward.kernel.actor import HomeRole
from steward.processes.repair.models import Repair, State
from steward.registers.billing.models import Charge, ChargeLine, ChargeState, Method, Payment, Receipt
from steward.registers.org.tree import Place
from steward.registers.party.models import Contact, Customer, Occupancy, living
from steward.registers.party.search import find

CASE: Final = "case"
SHOWN: Final = 50
HITS: Final = 8
LATEST: Final = 6
RECEIPTS: Final = 500
#: An amount is known in these states, but nobody owes it yet.
NOT_YET: Final = (State.QUOTED, State.AGREED, State.WORKING, State.WAITING, State.DONE)


@dataclass(frozen=True)
class Household:
    """Whoever stands at the counter: a room with its people, or a customer with the rooms."""

    query: str
    rooms: str = ""
    name: str = ""
    note: str = ""
    phone: str = ""
    payers: Sequence[str] = ()
    where: Q = field(default_factory=Q)


@dataclass(frozen=True)
class Owed:
    """An open charge. ``older``: an unpaid one of the same case comes first."""

    charge: Charge
    url: str
    case_url: str
    room: str = ""
    older: bool = False


@dataclass(frozen=True)
class Locked:
    """An amount that is known and may not be taken: 不可收."""

    case: Case
    url: str
    amount: Decimal
    why: Any


@dataclass(frozen=True)
class Hit:
    label: str
    note: str
    query: str


@dataclass(frozen=True)
class Takings:
    day: date
    rows: Sequence[dict[str, Any]]
    latest: Sequence[Receipt]

    @property
    def total(self) -> Decimal:
        return sum((row["sum"] for row in self.rows), Decimal(0))

    @property
    def count(self) -> int:
        return sum(row["n"] for row in self.rows)


# --- who is it ---------------------------------------------------------------------------------


def search(desk: Desk, where: Place, text: str) -> list[Hit]:
    """Rooms and people as typed, or the household of a case number. At most three queries."""
    case = Case.objects.visible_to(desk.actor).filter(project_id=where.id, number=text.upper()).first()
    if case is not None:
        key = f"unit={case.unit_id}" if case.unit_id else f"customer={case.customer_id}" if case.customer_id else ""
        return [Hit(f"{case.number} {case.title}", case.customer_name, f"{key}&case={case.number}")]
    found = find(desk.actor, where.id, text, limit=HITS)
    exact = [hit for hit in found if hit.exact]
    chosen = exact if len(exact) == 1 else found
    return [
        Hit(hit.label, _(", ").join(hit.people if hit.kind == "unit" else hit.units), f"{hit.kind}={hit.id}")
        for hit in chosen
    ]


def household(desk: Desk, where: Place, kind: str, key: int) -> Household | None:
    """Two queries; a third for a customer who lives nowhere now."""
    rows = list(
        Occupancy.objects.visible_to(desk.actor)
        .filter(living(desk.at), project_id=where.id, **{f"{kind}_id": key})
        .select_related("unit", "customer")
        .order_by("role", "pk")[:HITS]
    )
    if not rows:
        return _without_room(desk, where, kind, key)
    people = list(dict.fromkeys(row.customer for row in rows))
    contacts = Contact.objects.in_project(where.id).filter(customer_id__in=[p.pk for p in people]).order_by("pk")
    payers = [p.name for p in people] + [f"{c.name}（{c.relation}）" for c in contacts]
    first = rows[0]
    return Household(
        query=f"{kind}={key}",
        rooms=_(", ").join(dict.fromkeys(row.unit.label for row in rows)),
        name=_(", ").join(p.name for p in people),
        note=str(HomeRole(first.role).label) if len(people) == 1 else "",
        phone=first.customer.phone if len(people) == 1 else "",
        payers=payers,
        where=Q(**{f"{kind}_id": key}),
    )


def _without_room(desk: Desk, where: Place, kind: str, key: int) -> Household | None:
    if kind == "unit":
        return Household(query=f"unit={key}", where=Q(unit_id=key))
    who = Customer.objects.visible_to(desk.actor).filter(project_id=where.id, pk=key).first()
    if who is None:
        return None
    return Household(f"customer={key}", "", who.name, "", who.phone, [who.name], Q(customer_id=key))


# --- what is owed ------------------------------------------------------------------------------


def owed(desk: Desk, where: Place, home: Household | None) -> list[Owed]:
    """Open charges, the oldest first. One query."""
    rows = Charge.objects.visible_to(desk.actor).filter(
        project_id=where.id, source_kind=CASE, state=ChargeState.OPEN, settled_at__isnull=True
    )
    if home is not None:
        rows = rows.filter(home.where)
    found: list[Owed] = []
    cases: set[str] = set()
    for charge in rows.select_related("unit").order_by("raised_at", "round", "pk")[:SHOWN]:
        room = charge.unit.label if charge.unit else ""
        found.append(Owed(charge, _link(charge, home), case_url(charge.source), room, charge.source in cases))
        cases.add(charge.source)
    return found


def _link(charge: Charge, home: Household | None) -> str:
    if home is not None:
        return f"?{home.query}&charge={charge.pk}"
    if charge.customer_id:
        return f"?customer={charge.customer_id}&charge={charge.pk}"
    return f"?unit={charge.unit_id}&charge={charge.pk}" if charge.unit_id else f"?charge={charge.pk}"


def lines(charge: Charge) -> list[ChargeLine]:
    return list(ChargeLine.objects.in_project(charge.project_id).filter(charge_id=charge.pk).order_by("position"))


def locked(desk: Desk, where: Place, home: Household) -> list[Locked]:
    """Amounts told to the household that nobody may take yet, with the reason. One query."""
    rows = Case.objects.visible_to(desk.actor).filter(
        home.where, project_id=where.id, kind="repair", closed_at__isnull=True, is_imported=False, state__in=NOT_YET
    )
    found = []
    for case in rows.select_related("repair").order_by("received_at")[:SHOWN]:
        detail: Repair = case.repair
        amount = detail.amount if case.state == State.DONE else detail.quote_total
        if amount:
            found.append(Locked(case, case_url(case.number), amount, why_not(case.state)))
    return found


def why_not(state: str) -> str:
    if state == State.QUOTED:
        return _("quote not agreed")
    if state == State.DONE:
        return _("amount not confirmed")
    process = process_of("repair")
    return _("work not finished: %(state)s") % {"state": process.state_title(state) if process else state}


# --- what was taken ----------------------------------------------------------------------------


def takings(desk: Desk, where: Place, day: date, *, latest: int = LATEST) -> Takings:
    """By way of payment, and the last receipts. Two queries."""
    begin = datetime.combine(day, time.min, where.tz)
    span = {"taken_at__gte": begin, "taken_at__lt": begin + timedelta(days=1)}
    rows = Payment.objects.visible_to(desk.actor).filter(project_id=where.id, voided_at__isnull=True, **span)
    sums = {row["method"]: row for row in rows.values("method").annotate(n=Count("pk"), sum=Sum("amount")).order_by()}
    by_method = [
        {"method": m.label, "n": sums[m.value]["n"], "sum": sums[m.value]["sum"]} for m in Method if m.value in sums
    ]
    receipts = Receipt.objects.visible_to(desk.actor).filter(
        project_id=where.id, **{f"payment__{name}": value for name, value in span.items()}
    )
    newest = receipts.select_related("payment", "payment__charge").order_by("-serial")[:latest]
    return Takings(day, by_method, list(newest))


def by_cashier(receipts: Iterable[Receipt]) -> list[tuple[str, int, Decimal]]:
    found: dict[str, tuple[int, Decimal]] = {}
    for receipt in receipts:
        if receipt.payment.voided_at is None:
            n, total = found.get(receipt.payment.taken_by_name, (0, Decimal(0)))
            found[receipt.payment.taken_by_name] = (n + 1, total + receipt.payment.amount)
    return [(name, n, total) for name, (n, total) in sorted(found.items())]


def receipt_of(project_id: int, **payment: Any) -> Receipt | None:
    """The receipt of a payment found by its charge, or by who took it under which identifier."""
    rows = Receipt.objects.in_project(project_id).filter(**{f"payment__{k}": v for k, v in payment.items()})
    found: Receipt | None = rows.order_by("-serial").first()
    return found
