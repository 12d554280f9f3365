"""The one box of the desk: a room, a name, a phone, a case number → units, customers and cases; and who lives there."""

import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from decimal import Decimal
from functools import lru_cache
from typing import Any, Final

from django.db.models import Count, Min, Q, Sum
from django.utils.translation import gettext_lazy as _

from steward.cases.declare import REGISTRY
from steward.cases.models import Case
from steward.casework import queries
from steward.casework.intake.numbers import spell
from steward.kernel.actor import Actor, HomeRole
from steward.kernel.errors import NotFoundError
from steward.kernel.marks import mark
from steward.kernel.privacy import mask_phone
from steward.kernel.scope import ScopedQuerySet
from steward.registers.billing.models import Charge, ChargeState
from steward.registers.estate.models import Unit
from steward.registers.org.tree import place, project_by_code
from steward.registers.party import search
from steward.registers.party.models import CareFlag, CareKind, Contact, Customer, Occupancy, living, office_projects
from steward.registers.party.search import Hit
from steward.registers.workforce.people import name_of

#: BX-YX-261121-0042, BX-261121-0042, 261121-0042, 0042.
NUMBER: Final = re.compile(
    r"(?:(?P<prefix>[A-Z]{2})-?)?(?:(?P<code>[A-Z][A-Z0-9]{1,11})-)?(?:(?P<day>\d{6})-?)?(?P<serial>\d{4}|Z\d{6})\Z"
)
#: A serial alone is looked for among the days of the last two months.
DAYS: Final = 60
MOST_NUMBERS: Final = 1200
CASES: Final = 5


def find(actor: Actor, project_id: int | None, text: str, limit: int = 12, *, at: datetime) -> list[Hit]:
    """What the box offers, exact matches first: rooms, customers, cases. At most three queries.

    ``project_id`` None searches every project the actor reaches.
    """
    cases = find_cases(actor, project_id, text, at=at)
    if cases and "-" in text:
        return cases
    others = search.find(actor, project_id, text, limit)
    return sorted([*others[: limit - len(cases)], *cases], key=lambda hit: not hit.exact)


def find_cases(actor: Actor, project_id: int | None, text: str, *, at: datetime, limit: int = CASES) -> list[Hit]:
    """Cases by number, or by its tail (0042). One query, none when the text cannot be a number."""
    numbers = possible_numbers(actor, project_id, text, at)
    if not numbers:
        return []
    cases = Case.objects.visible_to(actor).filter(number__in=numbers)
    if project_id is not None:
        cases = cases.filter(project_id=project_id)
    rows = cases.order_by("-received_at").values(
        "id", "project_id", "number", "title", "unit_label", "customer_name", "closed_at"
    )
    return [
        Hit(
            kind="case",
            id=row["id"],
            project_id=row["project_id"],
            label=row["number"],
            by="number",
            exact=True,
            units=(row["unit_label"],) if row["unit_label"] else (),
            people=(row["customer_name"],) if row["customer_name"] else (),
            title=row["title"],
        )
        for row in rows[:limit]
    ]


def possible_numbers(actor: Actor, project_id: int | None, text: str, at: datetime) -> list[str]:
    """Full case numbers that the text may stand for: exact look-ups instead of a search by ending."""
    typed = re.sub(r"\s", "", unicodedata.normalize("NFKC", text[:40])).upper()
    found = NUMBER.match(typed)
    if found is None:
        return []
    known = [p.prefix for p in REGISTRY.values()]
    prefix, code = found["prefix"], found["code"]
    if prefix and prefix not in known:
        prefix, code = None, code or prefix
    codes = _codes(actor, project_id, code)
    day, serial = found["day"], found["serial"]
    days = (day,) if day else _days(at.date())
    serial = spell(int(serial)) if serial.isdecimal() else serial
    numbers = [f"{p}-{c}-{d}-{serial}" for c in codes for p in ([prefix] if prefix else known) for d in days]
    return numbers[:MOST_NUMBERS]


@lru_cache(maxsize=8)
def _days(today: date) -> tuple[str, ...]:
    """As they stand in case numbers, newest first; tomorrow has begun where the zone lies east of ours."""
    return tuple(f"{today - timedelta(days=n):%y%m%d}" for n in range(-1, DAYS))


def _codes(actor: Actor, project_id: int | None, code: str | None) -> list[str]:
    """Codes of the projects to look in; a code that was typed narrows them."""
    if code is not None:
        named = project_by_code(code)
        wanted = named is not None and project_id in (None, named.id)
        return [code] if wanted else []
    reached = [project_id] if project_id is not None else sorted(actor.project_ids)
    return [place(p).code for p in reached]


# --- the household -----------------------------------------------------------------------------------
@dataclass(frozen=True, slots=True)
class Room:
    id: int
    label: str
    building: str
    kind: str
    status: str
    area: Decimal | None
    butler_id: int | None
    butler: str


@dataclass(frozen=True, slots=True)
class Reachable:
    """Another person to call for a customer."""

    id: int
    name: str
    relation: str
    phone: str
    may_consent: bool


@dataclass(frozen=True, slots=True)
class Occupant:
    """A customer with a current tie to one of the rooms. Phones are masked."""

    customer_id: int
    name: str
    kind: str
    role: str
    role_title: str
    room: str
    since: datetime | None
    phone: str
    care_note: str
    is_key: bool
    contacts: tuple[Reachable, ...] = ()
    care_flags: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Arrears:
    """What is open on charges of this household. A hint for the call, not a bill."""

    amount: Decimal = Decimal(0)
    count: int = 0
    since: datetime | None = None


@dataclass(frozen=True)
class Household:
    project_id: int
    rooms: tuple[Room, ...] = ()
    occupants: tuple[Occupant, ...] = ()
    open_cases: list[dict[str, Any]] = field(default_factory=list)
    last_cases: list[dict[str, Any]] = field(default_factory=list)
    arrears: Arrears = Arrears()

    @property
    def care(self) -> tuple[tuple[str, str], ...]:
        """(name, what whoever serves this customer must know)."""
        notes = [(o.name, o.care_note) for o in self.occupants if o.care_note]
        flags = [(o.name, words) for o in self.occupants for words in o.care_flags]
        return tuple(dict.fromkeys([*notes, *flags]))

    @property
    def arrears_advice(self) -> Any:
        """What to do about money on this call: nobody who needs care, or has a complaint open, is pressed for it."""
        if not self.arrears.count:
            return ""
        if self.care:
            return _("A household that needs care: no word of payment on the phone")
        if any(row["kind"] == "complaint" for row in self.open_cases):
            return _("A complaint is open: settle that first, no word of payment")
        if self.open_cases:
            return _("Something of ours is still to be done: no word of payment now")
        return _("May be mentioned once, at the end of the call")


def household(
    actor: Actor,
    project_id: int,
    *,
    at: datetime,
    unit_id: int | None = None,
    customer_id: int | None = None,
    last: int = 6,
) -> Household:
    """Who lives there, whom to call, what is open: the card of the call screen. Seven queries at most.

    By unit: the room and everybody in it. By customer: all rooms of the customer, everybody in them.
    Raises NotFoundError out of scope, and for field staff: they see the customer of their own job only.
    """
    if project_id not in office_projects(actor):
        raise NotFoundError(_("There is no such household."))
    rooms, people = (
        _by_unit(actor, project_id, unit_id, at)
        if unit_id is not None
        else _by_customer(actor, project_id, customer_id, at)
    )
    people = _with_care(project_id, _with_contacts(project_id, people))
    units, customers = [r.id for r in rooms], list({p.customer_id for p in people})
    theirs = Q(unit_id__in=units) | Q(customer_id__in=customers)
    cases = Case.objects.visible_to(actor).filter(Q(project_id=project_id), theirs)
    return Household(
        project_id=project_id,
        rooms=rooms,
        occupants=people,
        open_cases=_dressed(cases.filter(closed_at__isnull=True), actor, 20),
        last_cases=_dressed(cases.filter(closed_at__isnull=False), actor, last),
        arrears=_arrears(project_id, theirs),
    )


UNIT: Final = ("id", "label", "building__name", "kind", "status", "area", "butler_staff_id")


def _by_unit(
    actor: Actor, project_id: int, unit_id: int, at: datetime
) -> tuple[tuple[Room, ...], tuple[Occupant, ...]]:
    unit = Unit.objects.visible_to(actor).filter(project_id=project_id, pk=unit_id).values_list(*UNIT).first()
    if unit is None:
        raise NotFoundError(_("There is no such household."))
    return (_room(unit),), _occupants(project_id, Q(unit_id=unit_id), at)


def _by_customer(
    actor: Actor, project_id: int, customer_id: int | None, at: datetime
) -> tuple[tuple[Room, ...], tuple[Occupant, ...]]:
    customers = Customer.objects.visible_to(actor).filter(project_id=project_id)
    customer = customers.filter(pk=customer_id).first() if customer_id is not None else None
    if customer is None:
        raise NotFoundError(_("There is no such household."))
    mine = Q(occupancies__customer_id=customer.pk) & living(at, "occupancies")
    # A hotel holds hundreds of rooms; the card shows the first ones.
    units = Unit.objects.in_project(project_id).filter(mine).order_by("label").distinct()
    rooms = tuple(_room(row) for row in units.values_list(*UNIT)[:12])
    people = _occupants(project_id, Q(unit_id__in=[r.id for r in rooms]), at)
    if not any(p.customer_id == customer.pk for p in people):
        people = (_moved_out(customer), *people)
    return rooms, tuple(sorted(people, key=lambda p: p.customer_id != customer.pk))


def _room(row: tuple[Any, ...]) -> Room:
    pk, label, building, kind, status, area, butler_id = row
    return Room(pk, label, building, kind, status, area, butler_id, name_of(butler_id))


def _occupants(project_id: int, which: Q, at: datetime) -> tuple[Occupant, ...]:
    rows = (
        Occupancy.objects.in_project(project_id)
        .filter(which, living(at))
        .select_related("customer", "unit")
        .order_by("unit__label", "since", "pk")
    )
    first = {HomeRole.TENANT: 0, HomeRole.OWNER: 1, HomeRole.MEMBER: 2, HomeRole.STAFF: 3}
    people = [
        Occupant(
            customer_id=o.customer_id,
            name=o.customer.name,
            kind=o.customer.kind,
            role=o.role,
            role_title=str(HomeRole(o.role).label),
            room=o.unit.label,
            since=o.since,
            phone=mask_phone(o.customer.phone),
            care_note=o.customer.care_note,
            is_key=o.customer.is_key,
        )
        for o in rows
    ]
    return tuple(sorted(people, key=lambda p: (p.room, first[HomeRole(p.role)])))


def _moved_out(customer: Customer) -> Occupant:
    return Occupant(
        customer_id=customer.pk,
        name=customer.name,
        kind=customer.kind,
        role="",
        role_title="",
        room="",
        since=None,
        phone=mask_phone(customer.phone),
        care_note=customer.care_note,
        is_key=customer.is_key,
    )


def _with_contacts(project_id: int, people: Iterable[Occupant]) -> tuple[Occupant, ...]:
    people = list(people)
    contacts: dict[int, list[Reachable]] = {}
    ids = {p.customer_id for p in people}
    for c in Contact.objects.in_project(project_id).filter(customer_id__in=ids).order_by("pk"):
        contacts.setdefault(c.customer_id, []).append(
            Reachable(c.pk, c.name, c.relation, mask_phone(c.phone), c.may_consent)
        )
    return tuple(replace(p, contacts=tuple(contacts.get(p.customer_id, ()))) for p in people)


def _with_care(project_id: int, people: Iterable[Occupant]) -> tuple[Occupant, ...]:
    """Flags of care in words: what it is, what to do, who of us speaks the dialect, which child to call."""
    people = list(people)
    flags = care_words(project_id, {p.customer_id for p in people})
    return tuple(replace(p, care_flags=tuple(flags.get(p.customer_id, ()))) for p in people)


@dataclass(frozen=True)
class Care:
    words: str
    call: int | None = None  # the contact to ring instead


def care_words(project_id: int, customers: Iterable[int]) -> dict[int, list[str]]:
    found = care_of(project_id, customers)
    return {customer_id: [care.words for care in flags] for customer_id, flags in found.items()}


def care_of(project_id: int, customers: Iterable[int]) -> dict[int, list[Care]]:
    """What to mind with each of them, before anybody dials. One statement."""
    rows = CareFlag.objects.in_project(project_id).filter(customer_id__in=list(customers), ended_at__isnull=True)
    columns = ("customer_id", "kind", "note", "speaker_staff_id", "contact__name", "contact_id")
    found: dict[int, list[Care]] = {}
    for customer_id, kind, note, speaker, contact, contact_id in rows.order_by("pk").values_list(*columns):
        words = [str(CareKind(kind).label), note]
        words.append(str(_("%(name)s speaks it") % {"name": name_of(speaker)}) if speaker else "")
        words.append(str(_("call %(name)s") % {"name": contact}) if contact else "")
        found.setdefault(customer_id, []).append(Care(mark("，").join(filter(None, words)), contact_id))
    return found


def _dressed(cases: ScopedQuerySet[Case], actor: Actor, limit: int) -> list[dict[str, Any]]:
    rows = cases.order_by("-received_at", "-id").values(*queries.ROW)[:limit]
    return [queries.dress(row, actor) for row in rows]


def _arrears(project_id: int, theirs: Q) -> Arrears:
    """Open or put on a bill: asked for, not yet paid."""
    owed = Charge.objects.in_project(project_id).filter(theirs, state__in=(ChargeState.OPEN, ChargeState.BILLED))
    total = owed.aggregate(amount=Sum("amount"), count=Count("pk"), since=Min("raised_at"))
    return Arrears(total["amount"] or Decimal(0), total["count"], total["since"])
