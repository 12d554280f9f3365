"""Everything about a customer, or about a unit and whoever lives there: one page, a constant number of statements."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any, Final

from django.db.models import F, Q
from django.utils.translation import gettext as _

from steward.assurance.models import Callback, CallbackState
from steward.cases.models import Case
from steward.casework import queries
from steward.console.shell import Desk
from steward.console.work import Row, dressed
from steward.kernel.actor import HomeRole
from steward.kernel.errors import NotFoundError
from steward.kernel.privacy import mask_id, mask_phone, mask_plate
from steward.registers.billing.models import Charge, ChargeState
from steward.registers.estate.models import Unit
from steward.registers.party.models import (
    CareFlag,
    CareKind,
    Contact,
    Customer,
    Encounter,
    Matter,
    Occupancy,
    Use,
    Vehicle,
    office_projects,
)
from steward.registers.party.verbs import file_of
from steward.registers.workforce.people import name_of

#: A hotel has hundreds of rooms; a page shows the first.
ROOMS: Final = 200
CASES: Final = 40
CALLS: Final = 40
YEAR: Final = timedelta(days=365)
ORDER: Final = {HomeRole.TENANT: 0, HomeRole.OWNER: 1, HomeRole.MEMBER: 2, HomeRole.STAFF: 3}


@dataclass(frozen=True)
class Stay:
    """A customer's tie to a unit, current or past."""

    occupancy: Occupancy
    current: bool

    @property
    def role(self) -> str:
        return str(HomeRole(self.occupancy.role).label)


@dataclass(frozen=True)
class Reach:
    """A contact as shown: masked, with what the contact is for and may agree to."""

    id: int
    customer_id: int
    name: str
    relation: str
    phone: str
    uses: str
    power: str
    power_until: datetime | None


@dataclass(frozen=True)
class Flag:
    label: str
    note: str
    speaker: str
    contact: str
    customer_id: int


@dataclass(frozen=True)
class Owing:
    charges: Sequence[dict[str, Any]] = ()
    total: Decimal = Decimal(0)
    count: int = 0
    since: datetime | None = None


@dataclass(frozen=True)
class File:
    """The page of a customer (``customer`` set) or of a unit (``unit`` set)."""

    project_id: int
    customer: Customer | None
    unit: Unit | None
    stays: Sequence[Stay] = ()
    contacts: Sequence[Reach] = ()
    flags: Sequence[Flag] = ()
    vehicles: Sequence[dict[str, Any]] = ()
    encounters: Sequence[Encounter] = ()
    open_cases: Sequence[Row] = ()
    closed_cases: Sequence[Row] = ()
    callbacks: Sequence[Callback] = ()
    owing: Owing = field(default_factory=Owing)

    @property
    def mine(self) -> list[Stay]:
        """The customer's own rooms, current ones first."""
        own = [s for s in self.stays if self.customer is None or s.occupancy.customer_id == self.customer.pk]
        return sorted(own, key=lambda s: not s.current)

    @property
    def others(self) -> list[Stay]:
        """Who else lives in those rooms now."""
        rooms = {s.occupancy.unit_id for s in self.mine if s.current}
        pk = self.customer.pk if self.customer else 0
        return [s for s in self.stays if s.current and s.occupancy.unit_id in rooms and s.occupancy.customer_id != pk]

    @property
    def history(self) -> list[Stay]:
        """Who lived there before, the latest first."""
        past = [s for s in self.stays if not s.current]
        return sorted(past, key=lambda s: s.occupancy.until or s.occupancy.since, reverse=True)

    @property
    def plates(self) -> list[str]:
        return [mask_plate(v["plate"]) for v in self.vehicles]

    @property
    def phone(self) -> str:
        return mask_phone(self.customer.phone) if self.customer else ""

    @property
    def id_number(self) -> str:
        return mask_id(self.customer.id_number) if self.customer else ""

    @property
    def rating(self) -> tuple[str, int]:
        """Mean of the answers, of four, and how many there are."""
        given = [c.rating for c in self.callbacks if c.rating]
        return (f"{Decimal(sum(given)) / len(given):.1f}" if given else "—", len(given))


def customer_file(desk: Desk, project_id: int, customer_id: int) -> File:
    """Nine statements. Raises NotFoundError out of scope."""
    customer = file_of(desk.actor, project_id, customer_id)
    own = Occupancy.objects.in_project(project_id).filter(customer=customer)
    stays = _stays(project_id, Q(unit__in=own.values("unit")), desk.at)
    mine = [s for s in stays if s.occupancy.customer_id == customer.pk and s.current]
    about = Q(customer_id=customer.pk)
    for stay in mine[:ROOMS]:
        about |= Q(unit_id=stay.occupancy.unit_id, received_at__gte=stay.occupancy.since)
    return _filled(desk, project_id, customer, None, stays, about, [customer.pk])


def unit_file(desk: Desk, project_id: int, unit_id: int) -> File:
    """Nine statements. Raises NotFoundError out of scope."""
    unit = room(desk, project_id, unit_id)
    stays = _stays(project_id, Q(unit_id=unit_id), desk.at)
    people = list(dict.fromkeys(s.occupancy.customer_id for s in stays if s.current))
    return _filled(desk, project_id, None, unit, stays, Q(unit_id=unit_id), people)


def room_in_short(desk: Desk, project_id: int, unit_id: int) -> File:
    """Who lives there, what is open, what is owed. Five statements. Raises NotFoundError out of scope."""
    unit = room(desk, project_id, unit_id)
    stays = [s for s in _stays(project_id, Q(unit_id=unit_id), desk.at) if s.current]
    people = list(dict.fromkeys(s.occupancy.customer_id for s in stays))
    cases = _cases(desk, project_id, Q(unit_id=unit_id, closed_at__isnull=True))
    return File(
        project_id=project_id,
        customer=None,
        unit=unit,
        stays=stays,
        flags=_flags(project_id, people),
        open_cases=[dressed(row, desk) for row in cases],
        owing=_owing(project_id, Q(customer_id__in=people) | Q(unit_id=unit_id)),
    )


def room(desk: Desk, project_id: int, unit_id: int) -> Unit:
    """One statement. Raises NotFoundError out of scope."""
    if project_id not in office_projects(desk.actor):
        raise NotFoundError(_("There is no such room."))
    rows = Unit.objects.visible_to(desk.actor).filter(project_id=project_id, pk=unit_id)
    unit = rows.select_related("building").first()
    if unit is None:
        raise NotFoundError(_("There is no such room."))
    return unit


def _filled(
    desk: Desk,
    project_id: int,
    customer: Customer | None,
    unit: Unit | None,
    stays: Sequence[Stay],
    about: Q,
    people: Sequence[int],
) -> File:
    cases = _cases(desk, project_id, about)
    owes = Q(customer_id__in=people) | Q(unit_id=unit.pk) if unit else Q(customer_id__in=people)
    theirs = Encounter.objects.in_project(project_id).filter(customer_id__in=people)
    return File(
        project_id=project_id,
        customer=customer,
        unit=unit,
        stays=stays,
        contacts=_contacts(project_id, people, desk.at),
        flags=_flags(project_id, people),
        vehicles=_vehicles(project_id, people),
        encounters=list(theirs.order_by("-happened_at", "-pk")[:8]),
        open_cases=[dressed(row, desk) for row in cases if row["closed_at"] is None],
        closed_cases=[dressed(row, desk) for row in cases if row["closed_at"] is not None],
        callbacks=_callbacks(desk, project_id, about),
        owing=_owing(project_id, owes),
    )


def _stays(project_id: int, which: Q, at: datetime) -> list[Stay]:
    rows = Occupancy.objects.in_project(project_id).filter(which).select_related("customer", "unit", "unit__building")
    found = [
        Stay(o, o.since <= at and (o.until is None or o.until > at)) for o in rows.order_by("-since", "pk")[:ROOMS]
    ]
    return sorted(found, key=lambda s: (s.occupancy.unit.label, ORDER[HomeRole(s.occupancy.role)]))


def _cases(desk: Desk, project_id: int, about: Q) -> list[dict[str, Any]]:
    """Open ones first, of every kind."""
    rows = Case.objects.visible_to(desk.actor).filter(Q(project_id=project_id), about)
    rows = rows.order_by(F("closed_at").desc(nulls_first=True), F("next_due_at").asc(nulls_last=True), "-received_at")
    return list(rows.values(*queries.ROW)[:CASES])


def _callbacks(desk: Desk, project_id: int, about: Q) -> list[Callback]:
    """Of the last year, the open ones first."""
    cases = Case.objects.visible_to(desk.actor).filter(Q(project_id=project_id), about)
    rows = Callback.objects.in_project(project_id).filter(case__in=cases.values("pk")).exclude(state=CallbackState.VOID)
    rows = rows.filter(started_at__gte=desk.at - YEAR).select_related("case")
    return list(rows.order_by(F("ended_at").desc(nulls_first=True), "due_at")[:CALLS])


def _contacts(project_id: int, people: Iterable[int], at: datetime) -> list[Reach]:
    """With the power of attorney in force, in one statement."""
    rows = Contact.objects.in_project(project_id).filter(customer_id__in=people).order_by("customer_id", "pk")
    columns = ("pk", "customer_id", "name", "relation", "phone", "uses", "may_consent")
    power = ("powers__matters", "powers__since", "powers__until", "powers__ended_at")
    found: dict[int, Reach] = {}
    for pk, customer_id, name, relation, phone, uses, may, matters, since, until, ended in rows.values_list(
        *columns, *power
    ):
        runs = since is not None and ended is None and since <= at and (until is None or until > at)
        if pk in found and not runs:
            continue
        found[pk] = Reach(
            id=pk,
            customer_id=customer_id,
            name=name,
            relation=relation,
            phone=mask_phone(phone),
            uses=_(", ").join(str(Use(u).label) for u in uses if u in Use.values),
            power=_power(matters if runs else (), may=may and (runs or since is None)),
            power_until=until if runs else None,
        )
    return list(found.values())


def _power(matters: Iterable[str], *, may: bool) -> str:
    words = [str(Matter(m).label) for m in matters if m in Matter.values]
    if not words and may:
        words = [str(Matter.QUOTES.label)]
    return _(", ").join(words)


def _flags(project_id: int, people: Iterable[int]) -> list[Flag]:
    rows = CareFlag.objects.in_project(project_id).filter(customer_id__in=people, ended_at__isnull=True)
    columns = ("kind", "note", "speaker_staff_id", "contact__name", "customer_id")
    return [
        Flag(str(CareKind(kind).label), note, name_of(speaker), contact or "", customer_id)
        for kind, note, speaker, contact, customer_id in rows.order_by("pk").values_list(*columns)
    ]


def _vehicles(project_id: int, people: Iterable[int]) -> list[dict[str, Any]]:
    rows = Vehicle.objects.in_project(project_id).filter(customer_id__in=people, ended_at__isnull=True)
    return [dict(row) for row in rows.order_by("pk").values("plate", "note")[:20]]


def _owing(project_id: int, owes: Q) -> Owing:
    """A hint: asked for, not yet paid."""
    rows = Charge.objects.in_project(project_id).filter(owes, state__in=(ChargeState.OPEN, ChargeState.BILLED))
    columns = ("description", "amount", "source", "raised_at")
    found: list[dict[str, Any]] = [dict(row) for row in rows.order_by("raised_at").values(*columns)[:200]]
    total = sum((c["amount"] for c in found), Decimal(0))
    return Owing(found[:5], total, len(found), found[0]["raised_at"] if found else None)
