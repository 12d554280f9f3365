"""The company behind the demo and the tests: its organisation, the cast, prices and categories.

One fixed cast speaks in every test and on the demo's sign-in page.
"""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Final

from django.utils.translation import gettext_lazy as _

from steward.cases.models import Category
from steward.casework.shipped import SHIPPED
from steward.kernel import reference
from steward.kernel.actor import SYSTEM, HomeRole, Role
from steward.kernel.calendars import load_calendar
from steward.kernel.db import write
from steward.registers.billing.models import ItemKind
from steward.registers.billing.operations import ItemInput, publish_prices
from steward.registers.estate.models import Building, Unit, UnitKind
from steward.registers.org.models import Level, Node, ProjectKind, User
from steward.registers.org.operations import create_node, grant_role
from steward.registers.party import search
from steward.registers.party.models import Contact, Customer, Occupancy, Person
from steward.registers.workforce.models import Skill, Staff
from steward.registers.workforce.operations import hire

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise


@dataclass(frozen=True)
class Part:
    """A member of staff in the cast: who, which post, which role where."""

    username: str
    name: str
    post: str
    role: Role
    node: str
    phone: str = ""
    skills: tuple[str, ...] = ()


STAFF: Final = (
    Part("desk", "周敏", "前台", Role.DESK, "YX", "0571-88010001"),
    Part("desk2", "吴芳", "前台", Role.DESK, "YX", "0571-88010002"),
    Part(
        "tech",
        "李建国",
        "水电维修",
        Role.TECHNICIAN,
        "YX",
        "13600010001",
        (Skill.PLUMBING, Skill.ELECTRICAL, Skill.HVAC),
    ),
    Part("tech2", "王强", "综合维修", Role.TECHNICIAN, "YX", "13600010002", (Skill.CARPENTRY, Skill.MASONRY)),
    Part("butler", "陈悦", "管家", Role.BUTLER, "YX", "13600010003"),
    Part("headbutler", "林静", "大管家", Role.HEAD_BUTLER, "YX", "13600010004"),
    Part("cashier", "许文静", "收银员", Role.CASHIER, "YX", "0571-88010003"),
    Part("manager", "赵伟", "项目经理", Role.MANAGER, "YX", "13600010005"),
    Part("region", "孙涛", "区域总监", Role.REGION, "EAST", "13600010006"),
    Part("hq", "何琳", "总部客服总监", Role.HQ, "HQ", "13600010007"),
    Part("outsider", "钱进", "前台", Role.DESK, "JZ", "13600010008"),
    Part("outsider_tech", "冯刚", "维修", Role.TECHNICIAN, "JZ", "13600010009", (Skill.PLUMBING,)),
    Part("tower_desk", "蒋雯", "前台", Role.DESK, "RT", "13600010010"),
)


@dataclass(frozen=True)
class Household:
    """Residents of a unit. A username makes them part of the cast."""

    unit: str
    name: str
    phone: str
    role: HomeRole = HomeRole.OWNER
    username: str = ""
    email: str = ""
    care: str = ""
    contact: tuple[str, str, str] | None = None


HOUSEHOLDS: Final = (
    Household(
        "3-2-1201",
        "王淑芬",
        "13800016621",
        username="owner",
        email="wang@example.org",
        care="听力弱，请打给女儿周晓岚",
        contact=("周晓岚", "女儿", "13900010417"),
    ),
    Household("2-1-0304", "刘洋", "13700020304", HomeRole.TENANT, username="tenant"),
    Household("2-1-0304", "高建民", "13700029999"),
    Household("5-1-0902", "何志强", "13700050902"),
    Household("7-1-0603", "孙丽娟", "13700070603"),
)


@dataclass(frozen=True)
class Member:
    """A button of the demo's sign-in page. The name is the person's own; the rest is worded for the reader."""

    username: str
    name: str
    title: "StrOrPromise"
    description: "StrOrPromise"


CAST: Final = (
    Member("desk", "周敏", _("Front desk"), _("Takes calls, dispatches, answers for them to the end")),
    Member("tech", "李建国", _("Technician"), _("Works by phone: accept, arrive, quote, finish")),
    Member("butler", "陈悦", _("Butler"), _("Looks after three buildings and calls back")),
    Member("headbutler", "林静", _("Head butler"), _("Leads the butlers, dispatches when the desk is busy")),
    Member("cashier", "许文静", _("Cashier"), _("The only one who takes money")),
    Member("manager", "赵伟", _("Project manager"), _("Sees the estate, waives amounts, gets what is late")),
    Member("region", "孙涛", _("Regional office"), _("Sees the estate and the tower of the east")),
    Member("hq", "何琳", _("Head office"), _("Sees all three projects")),
    Member("owner", "王淑芬", _("Owner"), _("3-2-1201: a quote waits for her answer")),
    Member("tenant", "刘洋", _("Tenant"), _("2-1-0304: reported a smell from the kitchen drain")),
    Member(
        "outsider", "钱进", _("Front desk elsewhere"), _("Another region's compound: must see nothing of the estate")
    ),
)

PRICES: Final = (
    ItemInput("CALL", "上门费", ItemKind.CALL_OUT, "次", Decimal("30.00")),
    ItemInput("L-PLUMB", "更换地暖分水器接头，人工", ItemKind.LABOUR, "次", Decimal("180.00"), "water", 3),
    ItemInput("L-VALVE", "更换球阀，人工", ItemKind.LABOUR, "次", Decimal("60.00"), "water", 3),
    ItemInput("L-LAMP", "更换灯具，人工", ItemKind.LABOUR, "盏", Decimal("40.00"), "power", 3),
    ItemInput("L-PIPE", "管路试压", ItemKind.LABOUR, "次", Decimal("80.00"), "water"),
    ItemInput("L-CLEAN", "地暖清洗", ItemKind.LABOUR, "路", Decimal("60.00"), "heating"),
    ItemInput("P-DN20", "分水器接头 DN20", ItemKind.PART, "只", Decimal("38.00"), "water", 12),
    ItemInput("P-VALVE", "球阀 DN20", ItemKind.PART, "只", Decimal("45.00"), "water", 12),
    ItemInput("L-FAUCET", "更换龙头，人工", ItemKind.LABOUR, "只", Decimal("50.00"), "water", 3),
    ItemInput("L-TRACE", "查找电路故障", ItemKind.LABOUR, "次", Decimal("80.00"), "power"),
    ItemInput("L-WINDOW", "门窗调校，人工", ItemKind.LABOUR, "扇", Decimal("60.00"), "door", 3),
    ItemInput("P-FAUCET", "淋浴龙头", ItemKind.PART, "只", Decimal("168.00"), "water", 12),
    ItemInput("P-INLET", "水箱进水阀", ItemKind.PART, "只", Decimal("35.00"), "water", 12),
    ItemInput("P-BREAKER", "漏电保护开关", ItemKind.PART, "只", Decimal("86.00"), "power", 12),
    ItemInput("P-ROLLER", "窗滑轮", ItemKind.PART, "副", Decimal("24.00"), "door", 12),
    ItemInput("P-HINGE", "地弹簧", ItemKind.PART, "只", Decimal("260.00"), "door", 12),
    ItemInput("P-TAPE", "生料带", ItemKind.PART, "卷", Decimal("3.00"), "water"),
    ItemInput("P-LAMP", "感应灯", ItemKind.PART, "只", Decimal("55.00"), "power", 12),
    ItemInput("F-UNCLOG", "疏通地漏，一口价", ItemKind.FLAT, "次", Decimal("80.00"), "drain"),
    ItemInput("F-LOCK", "更换锁芯，一口价", ItemKind.FLAT, "次", Decimal("150.00"), "door"),
    ItemInput("S-CLEAN", "家政保洁", ItemKind.SERVICE, "小时", Decimal("50.00"), "home"),
    ItemInput("S-GLASS", "玻璃清洗", ItemKind.SERVICE, "平方米", Decimal("8.00"), "home"),
    ItemInput("S-MOVE", "搬运大件家具", ItemKind.SERVICE, "件", Decimal("30.00"), "help"),
    ItemInput("S-WATER", "代浇花（每次）", ItemKind.SERVICE, "次", Decimal("15.00"), "help"),
    ItemInput("S-COPY", "商务中心打印复印", ItemKind.SERVICE, "张", Decimal("0.50"), "business"),
    ItemInput("S-ROOM", "会议室租用", ItemKind.SERVICE, "小时", Decimal("120.00"), "business"),
    ItemInput("S-AC", "加时空调", ItemKind.SERVICE, "小时", Decimal("180.00"), "office"),
    ItemInput("S-LIGHT", "加时照明", ItemKind.SERVICE, "小时", Decimal("40.00"), "office"),
)

#: The kinds whose categories the cast finds; of complaints the first level alone.
SORTED: Final = ("repair", "inquiry", "suggestion", "service_order", "complaint")


@dataclass
class Company:
    """Handles for tests and the demo."""

    nodes: dict[str, Node] = field(default_factory=dict)
    staff: dict[str, Staff] = field(default_factory=dict)
    users: dict[str, User] = field(default_factory=dict)
    units: dict[str, Unit] = field(default_factory=dict)
    customers: dict[str, Customer] = field(default_factory=dict)

    def project(self, code: str = "YX") -> Node:
        return self.nodes[code]


def build(*, at: datetime) -> Company:
    """Head office, two regions, three projects, the cast, and what one repair needs."""
    company = Company()
    with write():
        load_calendar()
        _organisation(company)
        _staff(company, at)
        _reference_data(company, at)
        for label in ("3-2-1201", "3-2-1101", "2-1-0304", "5-1-0902", "7-1-0603"):
            add_unit(company, "YX", label, butler=company.staff["butler"])
        for label in ("1-1-0101", "1-1-0102"):
            add_unit(company, "JZ", label, butler=None)
        add_unit(company, "RT", "1-1-1502", butler=None, kind=UnitKind.OFFICE)
        for household in HOUSEHOLDS:
            add_household(company, "YX", household, at)
        add_household(company, "JZ", Household("1-1-0101", "郑凯", "13700990101", username="foreign_owner"), at)
        for code in ("YX", "RT", "JZ"):
            search.reindex(company.nodes[code].pk)
        reference.bump()
    return company


def _organisation(company: Company) -> None:
    hq = create_node(parent=None, level=Level.HEAD_OFFICE, code="HQ", name="云和物业")
    east = create_node(parent=hq, level=Level.REGION, code="EAST", name="华东区域")
    north = create_node(parent=hq, level=Level.REGION, code="NORTH", name="华北区域")
    company.nodes = {"HQ": hq, "EAST": east, "NORTH": north}
    for parent, code, name, kind, phone in (
        (east, "YX", "云栖花园", ProjectKind.ESTATE, "0571-88010000"),
        (east, "RT", "瑞泰中心", ProjectKind.MIXED, "0571-88020000"),
        (north, "JZ", "锦州新苑", ProjectKind.RESIDENTIAL, "010-66010000"),
    ):
        company.nodes[code] = create_node(
            parent=parent, level=Level.PROJECT, code=code, name=name, kind=kind, phone=phone
        )


def _staff(company: Company, at: datetime) -> None:
    for part in STAFF:
        node = company.nodes[part.node]
        staff = hire(
            node=node,
            name=part.name,
            post=part.post,
            phone=part.phone,
            skills=part.skills,
            username=part.username,
            at=at,
        )
        user = User.objects.get(staff_id=staff.pk)
        company.staff[part.username], company.users[part.username] = staff, user
        grant_role(user=user, role=part.role, node=node, actor=SYSTEM, at=at)


def _reference_data(company: Company, at: datetime) -> None:
    publish_prices(
        node_id=company.nodes["HQ"].pk,
        version="2026-07",
        items=PRICES,
        effective_from=at - timedelta(days=400),
        actor=SYSTEM,
    )
    Category.objects.bulk_create(
        row.category(kind, i) for i, (kind, row) in enumerate((k, row) for k in SORTED for row in SHIPPED[k])
    )


def add_unit(
    company: Company, project: str, label: str, *, butler: Staff | None, kind: UnitKind = UnitKind.HOME
) -> Unit:
    """A unit by its notation building–entrance–room; the building is made on the way."""
    node = company.nodes[project]
    building, entrance, room = label.split("-")
    row, _created = Building.objects.in_project(node.pk).get_or_create(
        project=node, code=building, defaults={"name": f"{building}栋"}
    )
    unit = Unit.objects.create(
        project=node,
        building=row,
        entrance=entrance,
        floor=room[:-2],
        room=room,
        label=label,
        kind=kind,
        butler_staff_id=butler.pk if butler else None,
        area=Decimal("128.50"),
    )
    company.units[f"{project}:{label}"] = unit
    return unit


def add_household(company: Company, project: str, household: Household, at: datetime) -> Customer:
    node, unit = company.nodes[project], company.units[f"{project}:{household.unit}"]
    person = Person.objects.create(name=household.name, phone=household.phone, email=household.email)
    customer = Customer.objects.create(
        project=node,
        person=person,
        name=household.name,
        phone=household.phone,
        email=household.email,
        care_note=household.care,
    )
    Occupancy.objects.create(
        project=node, unit=unit, customer=customer, role=household.role, since=at - timedelta(days=700)
    )
    if household.contact:
        name, relation, phone = household.contact
        Contact.objects.create(
            project=node, customer=customer, name=name, relation=relation, phone=phone, may_consent=True
        )
    if household.username:
        user = User.objects.create_user(household.username, name=household.name, person_id=person.pk, created_at=at)
        person.user_id = user.pk
        person.save(update_fields=["user_id"])
        company.users[household.username] = user
        company.customers[household.username] = customer
    return customer
