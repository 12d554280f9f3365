"""The list of customers: narrowed by class, care and key list, paged by name's order of entry, a constant number of reads."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Final

from django.db.models import Count, Q
from django.urls import reverse
from django.utils.translation import gettext as _

from steward.cases.models import Case
from steward.casework.intake import lookup
from steward.console.shell import Desk
from steward.kernel.actor import HomeRole
from steward.kernel.models import in_projects
from steward.kernel.privacy import mask_phone
from steward.registers.org.tree import place
from steward.registers.party.models import CareFlag, CareKind, Customer, Occupancy, ValueClass, office_projects
from steward.registers.party.search import Hit
from steward.registers.workforce.people import name_of

PAGE: Final = 30
FOUND: Final = 50


@dataclass(frozen=True)
class Line:
    """One customer as the list shows it."""

    url: str
    name: str
    phone: str
    rooms: Sequence[str]
    role: str
    value_class: str
    is_key: bool
    responsible: str
    plan: str
    review_on: Any
    care: Sequence[str]
    open_cases: int
    project: str


@dataclass(frozen=True)
class Asked:
    q: str = ""
    value_class: str = ""
    care: str = ""
    key: str = ""
    cursor: int = 0


def customer_url(project_id: int, customer_id: int) -> str:
    return reverse("console:customers:customer", args=[project_id, customer_id])


def unit_url(project_id: int, unit_id: int) -> str:
    return reverse("console:customers:unit", args=[project_id, unit_id])


def hit_url(hit: Hit) -> str:
    """Where a hit of the search leads."""
    if hit.kind == "case":
        return reverse("console:case", args=[hit.label])
    return (unit_url if hit.kind == "unit" else customer_url)(hit.project_id, hit.id)


def hits(desk: Desk, text: str) -> list[Hit]:
    """By room, name, pinyin, phone, plate or case number; a room leads to the unit's page. Three statements at most."""
    chosen = desk.chosen.id if desk.chosen else None
    return lookup.find(desk.actor, chosen, text, FOUND, at=desk.at) if text else []


def lines(desk: Desk, asked: Asked) -> tuple[list[Line], int]:
    """A page, and the mark of the next one (0: none). Four statements."""
    reach = office_projects(desk.actor) & desk.projects
    rows = Customer.objects.visible_to(desk.actor).filter(
        in_projects(reach), erased_at__isnull=True, pk__gt=asked.cursor
    )
    if asked.value_class in ValueClass.values:
        rows = rows.filter(value_class=asked.value_class)
    if asked.key:
        rows = rows.filter(is_key=True)
    if asked.care in CareKind.values:
        flags = CareFlag.objects.visible_to(desk.actor).filter(kind=asked.care, ended_at__isnull=True)
        rows = rows.filter(pk__in=flags.values("customer_id"))
    found = list(rows.order_by("pk")[: PAGE + 1])
    more = found[PAGE - 1].pk if len(found) > PAGE else 0
    return dressed(desk, found[:PAGE]), more


def dressed(desk: Desk, customers: Sequence[Customer]) -> list[Line]:
    """Rooms, care and open cases of all of them at once. Three statements."""
    ids = [c.pk for c in customers]
    rooms, roles = _rooms(desk, ids)
    care = _care(desk, ids)
    cases = Case.objects.visible_to(desk.actor).filter(customer_id__in=ids, closed_at__isnull=True)
    counts = dict(cases.order_by().values_list("customer_id").annotate(n=Count("pk")))
    return [
        Line(
            url=customer_url(c.project_id, c.pk),
            name=c.name,
            phone=mask_phone(c.phone),
            rooms=rooms[c.pk],
            role=roles.get(c.pk, ""),
            value_class=str(ValueClass(c.value_class).label) if c.value_class else "",
            is_key=c.is_key,
            responsible=name_of(c.key_staff_id),
            plan=c.key_plan,
            review_on=c.key_review_on,
            care=[*care[c.pk], *([c.care_note] if c.care_note else [])],
            open_cases=counts.get(c.pk, 0),
            project=place(c.project_id).name if desk.sees_several else "",
        )
        for c in customers
    ]


def _rooms(desk: Desk, ids: Iterable[int]) -> tuple[dict[int, list[str]], dict[int, str]]:
    rows = Occupancy.objects.visible_to(desk.actor).filter(
        Q(until__isnull=True) | Q(until__gt=desk.at), customer_id__in=ids, since__lte=desk.at
    )
    rooms: dict[int, list[str]] = defaultdict(list)
    roles: dict[int, str] = {}
    for customer_id, label, role in rows.order_by("pk").values_list("customer_id", "unit__label", "role")[:2000]:
        rooms[customer_id].append(label)
        roles[customer_id] = str(HomeRole(role).label)
    return rooms, roles


def _care(desk: Desk, ids: Iterable[int]) -> dict[int, list[str]]:
    rows = CareFlag.objects.visible_to(desk.actor).filter(customer_id__in=ids, ended_at__isnull=True)
    found: dict[int, list[str]] = defaultdict(list)
    for customer_id, kind in rows.order_by("pk").values_list("customer_id", "kind"):
        found[customer_id].append(str(CareKind(kind).label))
    return found


def filters(asked: Asked) -> list[dict[str, Any]]:
    return [
        {"name": "q", "label": _("Room, name, pinyin, phone, plate, case number"), "value": asked.q},
        {"name": "value_class", "label": _("Value class"), "value": asked.value_class, "choices": ValueClass.choices},
        {"name": "care", "label": _("Special care"), "value": asked.care, "choices": CareKind.choices},
        {"name": "key", "label": _("Key customers"), "value": asked.key, "choices": [("1", _("On the key list"))]},
    ]
