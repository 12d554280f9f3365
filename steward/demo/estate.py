"""The three estates in bulk: buildings, units, and who lives or works there."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from random import Random
from typing import Final

from steward.demo import names
from steward.demo.cast import Company
from steward.kernel.actor import HomeRole
from steward.kernel.pinyin import readings
from steward.registers.estate.models import Building, Unit, UnitKind, UnitStatus
from steward.registers.party.models import Contact, Customer, CustomerKind, Occupancy, Person


@dataclass(frozen=True)
class Block:
    """A building as it is laid out. ``skips``: storeys that the builder left out of the count."""

    code: str
    name: str
    entrances: int
    storeys: range
    doors: int
    kind: UnitKind = UnitKind.HOME
    nicknames: str = ""
    skips: frozenset[int] = frozenset()

    def places(self) -> Iterator[tuple[str, str, str]]:
        """(entrance, floor, room)."""
        for entrance in range(1, self.entrances + 1):
            for storey in self.storeys:
                if storey in self.skips:
                    continue
                for door in range(1, self.doors + 1):
                    yield str(entrance), f"{storey:02d}", f"{storey:02d}{door:02d}"


ESTATE_NAMES: Final = ("听松", "映月", "望湖", "栖霞", "枕溪", "揽翠", "临风", "闻莺", "观云")
LAYOUT: Final = {
    "YX": tuple(
        Block(str(n), f"{n}栋", 2, range(1, 17), 4 if n in (2, 5) else 2, nicknames=f"{ESTATE_NAMES[n - 1]}楼")
        for n in range(1, 10)
    ),
    "RT": (
        Block("1", "A座", 1, range(5, 25), 8, UnitKind.OFFICE, "写字楼", frozenset({13, 14})),
        Block("2", "B座", 1, range(6, 16), 12, UnitKind.HOTEL, "酒店"),
        Block("3", "裙楼", 1, range(1, 4), 16, UnitKind.SHOP, "商场"),
    ),
    # Ten slabs of four entrances, 17 storeys of two homes: 1,360.
    "JZ": tuple(Block(str(n), f"{n}栋", 4, range(1, 18), 2) for n in range(1, 11)),
}

#: Days since the first building was accepted.
AGE: Final = {"YX": 2300, "RT": 1500, "JZ": 5200}
#: People of the story, by room.
RESIDENTS: Final = {
    "1-1-0702": "曹敏",
    "2-2-0103": "范秀英",
    "3-1-0902": "唐婉",
    "4-2-0801": "沈国平",
    "5-2-0704": "罗建军",
    "6-1-1102": "徐静怡",
    "6-2-0402": "孙志远",
    "6-2-1401": "韩冰",
    "8-1-0501": "顾晓峰",
    "8-2-1601": "邵一鸣",
    "9-1-0302": "钱勇",
    "9-2-1502": "单雪琴",
}
CARE: Final = (
    "九十岁独居，敲门请等一会儿", "行动不便，请走近路按门铃", "只接电话，不用微信", "白天上夜班休息，14点后再联系",
    "家有新生儿，请提前约时间并戴鞋套", "养大狗，进门前先打电话", "说温州话，陈悦能听懂", "腿脚不好，急事找儿子",
)  # fmt: skip
AREAS: Final = {
    UnitKind.HOME: (88, 168),
    UnitKind.OFFICE: (110, 420),
    UnitKind.HOTEL: (28, 62),
    UnitKind.SHOP: (24, 180),
}
#: How many households have left an address for mail.
MAILS: Final = 0.2
HOTEL: Final = "云舒酒店管理（杭州）有限公司"


def fill(company: Company, *, at: datetime, rng: Random) -> None:
    """Add every unit that the cast does not already have, and its household."""
    for code, blocks in LAYOUT.items():
        units = _units(company, code, blocks, at, rng)
        _households(company, code, units, at, rng)


def _units(company: Company, code: str, blocks: tuple[Block, ...], at: datetime, rng: Random) -> list[Unit]:
    node = company.nodes[code]
    known = {label.partition(":")[2] for label in company.units if label.startswith(f"{code}:")}
    buildings = {b.code: b for b in Building.objects.in_project(node.pk)}
    rows: list[Unit] = []
    for block in blocks:
        building = buildings.get(block.code) or Building(project=node, code=block.code)
        building.name, building.nicknames = block.name, block.nicknames
        building.completed_on = (at - timedelta(days=AGE[code] + 90 * len(rows) // 100)).date()
        building.save()
        low, high = AREAS[block.kind]
        butler = butler_of(company, code, block.code)
        for entrance, floor, room in block.places():
            label = f"{block.code}-{entrance}-{room}"
            if label in known:
                continue
            area = Decimal(rng.randrange(low * 100, high * 100)) / 100
            rows.append(
                Unit(
                    project=node,
                    building=building,
                    entrance=entrance,
                    floor=floor,
                    room=room,
                    label=label,
                    kind=block.kind,
                    status=_status(label, block.kind, rng),
                    area=area,
                    butler_staff_id=butler,
                )
            )
    return Unit.objects.bulk_create(rows, batch_size=500)


def butler_of(company: Company, code: str, building: str) -> int | None:
    """The estate's butlers share the buildings by threes."""
    if code != "YX":
        return None
    who = ("butler", "yx_butler2", "yx_butler3")[(int(building) - 1) // 3]
    found = company.staff.get(who) or company.staff["butler"]
    return found.pk


def _status(label: str, kind: UnitKind, rng: Random) -> UnitStatus:
    if label in RESIDENTS or kind is UnitKind.HOTEL:
        return UnitStatus.OCCUPIED
    statuses = (UnitStatus.OCCUPIED, UnitStatus.LET, UnitStatus.VACANT, UnitStatus.FITTING_OUT)
    weights = (20, 62, 14, 4) if kind in (UnitKind.OFFICE, UnitKind.SHOP) else (76, 15, 6, 3)
    return rng.choices(statuses, weights)[0]


def _households(company: Company, code: str, units: list[Unit], at: datetime, rng: Random) -> None:
    parties: list[tuple[Unit, HomeRole, Person | None, Customer]] = []
    hotel = Customer(project=company.nodes[code], kind=CustomerKind.COMPANY, name=HOTEL, phone="0571-88020800")
    for unit in units:
        if unit.kind is UnitKind.HOTEL:
            parties.append((unit, HomeRole.OWNER, None, hotel))
            continue
        parties.append(
            (unit, HomeRole.OWNER, *_customer(unit, rng, RESIDENTS.get(unit.label) if code == "YX" else None))
        )
        if unit.status is UnitStatus.LET:
            parties.append((unit, HomeRole.TENANT, *_customer(unit, rng, None, tenant=True)))
        elif unit.status is UnitStatus.OCCUPIED and unit.kind is UnitKind.HOME and rng.random() < 0.12:
            parties.append((unit, HomeRole.MEMBER, *_customer(unit, rng, None)))
    Person.objects.bulk_create([p for _u, _r, p, _c in parties if p is not None], batch_size=500)
    customers = list({id(c): c for _u, _r, _p, c in parties}.values())
    Customer.objects.bulk_create(customers, batch_size=500)
    Occupancy.objects.bulk_create(
        [
            Occupancy(
                project=unit.project,
                unit=unit,
                customer=c,
                role=role,
                since=at - timedelta(days=rng.randrange(90, 2500)),
            )
            for unit, role, _p, c in parties
        ],
        batch_size=500,
    )
    _contacts(customers, rng)


def _customer(unit: Unit, rng: Random, name: str | None, *, tenant: bool = False) -> tuple[Person | None, Customer]:
    phone = names.phone(rng)
    if tenant and unit.kind is UnitKind.OFFICE:
        return None, Customer(project=unit.project, kind=CustomerKind.COMPANY, name=names.company(rng), phone=phone)
    if tenant and unit.kind is UnitKind.SHOP:
        return None, Customer(
            project=unit.project, kind=CustomerKind.COMPANY, name=rng.choice(names.SHOPS), phone=phone
        )
    name = name or names.person(rng)
    email = f"{''.join(readings(c)[0] for c in name)}{phone[-3:]}@example.org" if rng.random() < MAILS else ""
    person = Person(name=name, phone=phone, email=email)
    care = rng.choice(CARE) if unit.kind is UnitKind.HOME and rng.random() < 0.03 else ""
    return person, Customer(project=unit.project, person=person, name=name, phone=phone, email=email, care_note=care)


def _contacts(customers: list[Customer], rng: Random) -> None:
    """The secretary of a company; a child or spouse of one household in eight."""
    rows = []
    for customer in customers:
        company = customer.kind == CustomerKind.COMPANY
        if company or rng.random() < 0.125:
            relation = "行政" if company else rng.choice(("配偶", "儿子", "女儿", "保姆"))
            rows.append(
                Contact(
                    project=customer.project,
                    customer=customer,
                    name=names.person(rng),
                    relation=relation,
                    phone=names.phone(rng),
                    may_consent=relation != "保姆",
                )
            )
    Contact.objects.bulk_create(rows, batch_size=500)
