"""The compound of the week: 1,360 homes, their people with telephones, and those who look after them."""

from dataclasses import dataclass, field
from datetime import datetime
from random import Random
from typing import Final

from django.conf import settings

from steward.demo import cast, estate
from steward.demo.cast import Company, Part
from steward.kernel import reference
from steward.kernel.actor import SYSTEM, Role
from steward.registers.estate.models import Unit, UnitStatus
from steward.registers.org.models import User
from steward.registers.org.operations import create_token, grant_role
from steward.registers.party.models import Occupancy
from steward.registers.workforce.operations import hire

CODE: Final = "JZ"
HOMES: Final = 1360
BUTLERS: Final = tuple(f"butler{n}" for n in range(1, 6))
TECHNICIANS: Final = tuple(f"tech{n}" for n in range(1, 9))
DESKS: Final = ("desk1", "desk2", "desk3")
STAFF: Final = (
    *(Part(name, f"前台{name[-1]}", "前台", Role.DESK, CODE, "010-66010001") for name in DESKS),
    *(Part(name, f"管家{name[-1]}", "管家", Role.BUTLER, CODE, "13611110000") for name in BUTLERS),
    *(Part(name, f"师傅{name[-1]}", "综合维修", Role.TECHNICIAN, CODE, "13611120000") for name in TECHNICIANS),
    Part("head", "大管家", "大管家", Role.HEAD_BUTLER, CODE, "13611130000"),
    Part("cashier", "收银员", "收银员", Role.CASHIER, CODE, "010-66010003"),
    Part("manager", "项目经理", "项目经理", Role.MANAGER, CODE, "13611140000"),
    Part("region", "区域总监", "区域总监", Role.REGION, "NORTH", "13611150000"),
)
#: Whose names the cast has already: they stay in their own estate and do not work here.
PREFIX: Final = "jz_"


@dataclass(frozen=True)
class Home:
    """A household as the desk knows it; ``resident`` is a sign-in of the residents' page, or empty."""

    label: str
    unit_id: int
    customer_id: int | None
    butler: str
    resident: str = ""


@dataclass
class Compound:
    company: Company
    homes: list[Home] = field(default_factory=list)
    staff: dict[str, int] = field(default_factory=dict)
    tokens: dict[str, str] = field(default_factory=dict)
    #: Who lives, or owns, behind which door.
    people: list[tuple[str, int]] = field(default_factory=list)

    def living(self, building: str, entrance: str, floor_to: int) -> frozenset[int]:
        """Customers of an entrance (of the building, if none is named) up to a floor, by their doors: 3-2-1201."""
        start = f"{building}-{entrance}-" if entrance else f"{building}-"
        near = ((label.rpartition("-")[2], who) for label, who in self.people if label.startswith(start))
        return frozenset(who for room, who in near if int(room[:2]) <= floor_to)

    def role(self, name: str) -> frozenset[int]:
        return self.holding(Role(name))

    @property
    def project_id(self) -> int:
        return self.company.nodes[CODE].pk

    def holding(self, role: Role) -> frozenset[int]:
        """Who holds a role here, by the roster above and that of the cast."""
        ours = {PREFIX + p.username for p in STAFF if p.role is role}
        theirs = {p.username for p in cast.STAFF if p.role is role and p.node in (CODE, "NORTH", "HQ")}
        return frozenset(self.staff[name] for name in ours | theirs)


def build(*, at: datetime, rng: Random, portals: int = 240) -> Compound:
    reference.forget()
    company = cast.build(at=at)
    _hire(company, at)
    estate.fill(company, at=at, rng=rng)
    made = Compound(company, staff={name: s.pk for name, s in company.staff.items()})
    _share_out(made)
    made.homes = _homes(made, portals, at)
    rows = Occupancy.objects.in_project(made.project_id).filter(until__isnull=True)
    made.people = list(rows.values_list("unit__label", "customer_id"))
    for name, user in company.users.items():
        if name.startswith((PREFIX, "home:")):
            made.tokens[name] = create_token(user=user, label="week", at=at)
    reference.bump()
    return made


def _hire(company: Company, at: datetime) -> None:
    for part in STAFF:
        node, name = company.nodes[part.node], PREFIX + part.username
        staff = hire(node=node, name=part.name, post=part.post, phone=part.phone, username=name, at=at)
        user = User.objects.get(staff_id=staff.pk)
        company.staff[name], company.users[name] = staff, user
        grant_role(user=user, role=part.role, node=node, actor=SYSTEM, at=at)


def _share_out(made: Compound) -> None:
    """Five butlers, two buildings each."""
    units = Unit.objects.in_project(made.project_id)
    for n, name in enumerate(BUTLERS):
        codes = (str(2 * n + 1), str(2 * n + 2))
        units.filter(building__code__in=codes).update(butler_staff_id=made.staff[PREFIX + name])


def _homes(made: Compound, portals: int, at: datetime) -> list[Home]:
    """One customer for each home: a tenant comes before the owner. Some have signed up for the residents' page."""
    rows = Occupancy.objects.in_project(made.project_id).filter(until__isnull=True)
    order = {"tenant": 0, "owner": 1, "member": 2}
    living: dict[int, Occupancy] = {}
    for row in sorted(rows.select_related("customer__person"), key=lambda o: (order.get(o.role, 3), o.pk)):
        living.setdefault(row.unit_id, row)
    found = []
    units = Unit.objects.in_project(made.project_id).exclude(status=UnitStatus.VACANT)
    for n, unit in enumerate(units.select_related("building").order_by("pk")):
        butler = PREFIX + BUTLERS[(int(unit.building.code) - 1) // 2]
        lives = living.get(unit.pk)
        resident = _sign_up(made, lives, at) if lives is not None and n % 5 == 0 and n // 5 < portals else ""
        found.append(Home(unit.label, unit.pk, lives.customer_id if lives else None, butler, resident))
    return found


def _sign_up(made: Compound, row: Occupancy, at: datetime) -> str:
    person = row.customer.person
    if person is None or person.user_id is not None:
        return ""
    name = f"home:{row.unit_id}"
    user = User.objects.create_user(name, name=row.customer.name, person_id=person.pk, created_at=at)
    person.user_id = user.pk
    person.save(update_fields=["user_id"])
    made.company.users[name] = user
    return name


def public_url() -> str:
    return str(settings.PUBLIC_URL)
