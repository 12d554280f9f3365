"""The desk's one box, and the household behind a call."""

from decimal import Decimal
from typing import Any

import pytest

from steward.casework.intake import lookup
from steward.casework.intake.lookup import household
from steward.kernel.errors import NotFoundError
from steward.registers.billing.operations import LineInput, raise_charge
from tests.party.test_files import do
from tests.world import World


def labels(world: World, who: str, text: str, project: str | None = "YX") -> list[str]:
    node = world.company.nodes[project].pk if project else None
    return [hit.label for hit in lookup.find(world.actor(who), node, text, at=world.now)]


def test_a_case_by_number_and_its_tail(world: World) -> None:
    number = world.open("desk").case.number
    _bx, _yx, day, serial = number.split("-")
    for said in (
        number,
        number.lower(),
        f"BX-{day}-{serial}",
        f"{day}-{serial}",
        f"{day}{serial}",
        serial,
        f"BX{serial}",
    ):
        assert number in labels(world, "desk", said), said
    world.pass_time(days=40)
    assert number in labels(world, "desk", serial)
    world.pass_time(days=40)
    assert number not in labels(world, "desk", serial)
    assert number in labels(world, "desk", number)


def test_cases_stay_with_those_who_may_see_them(world: World) -> None:
    number = world.open("desk").case.number
    world.act("desk", number, "assess", urgency="P2", payer="owner")
    world.act("desk", number, "dispatch", handler=world.company.staff["tech"].pk)
    assert number in labels(world, "tech", number)
    assert number in labels(world, "hq", number, None)
    assert number in labels(world, "owner", number)
    for who in ("tech2", "tenant"):
        assert labels(world, who, number) == [], who
    assert labels(world, "outsider", number, None) == []
    assert labels(world, "hq", number, "JZ") == []


def test_the_box_needs_three_queries(world: World, django_assert_num_queries: Any) -> None:
    world.open("desk")
    actor = world.actor("desk")
    labels(world, "desk", "0001")  # reference data are read once
    for text, queries in (("0001", 3), ("wsf", 1), ("13800016621", 2), ("BX-YX-261121-0001", 1)):
        with django_assert_num_queries(queries):
            lookup.find(actor, world.project_id, text, at=world.now)


def test_the_household_card(world: World) -> None:
    number = world.open("desk").case.number
    unit = world.company.units["YX:3-2-1201"]
    owe(world, "86.00")
    card = household(world.actor("desk"), world.project_id, unit_id=unit.pk, at=world.now)
    [room], [person] = card.rooms, card.occupants
    assert (room.label, room.building, room.butler) == ("3-2-1201", "3栋", "陈悦")
    assert (person.name, person.phone, person.role) == ("王淑芬", "138****6621", "owner")
    [daughter] = person.contacts
    assert (daughter.name, daughter.relation, daughter.phone, daughter.may_consent) == (
        "周晓岚", "女儿", "139****0417", True,
    )  # fmt: skip
    assert card.care == (("王淑芬", "听力弱，请打给女儿周晓岚"),)
    assert [c["number"] for c in card.open_cases] == [number]
    assert (card.arrears.amount, card.arrears.count) == (Decimal("86.00"), 1)
    world.act("desk", number, "cancel", reason="不用了")
    card = household(world.actor("desk"), world.project_id, customer_id=person.customer_id, at=world.now)
    assert [c["number"] for c in card.last_cases] == [number]
    assert card.open_cases == []


def test_everybody_in_the_rooms_of_a_customer(world: World) -> None:
    card = household(
        world.actor("desk"), world.project_id, customer_id=world.company.customers["tenant"].pk, at=world.now
    )
    assert [p.name for p in card.occupants] == ["刘洋", "高建民"]
    by_unit = household(
        world.actor("desk"), world.project_id, unit_id=world.company.units["YX:2-1-0304"].pk, at=world.now
    )
    assert by_unit.occupants == card.occupants


def test_no_household_of_others(world: World) -> None:
    theirs = world.company.units["JZ:1-1-0101"].pk
    ours = world.company.units["YX:3-2-1201"].pk
    jz, yx = world.company.nodes["JZ"].pk, world.project_id
    refused = [
        ("desk", jz, theirs), ("desk", yx, theirs), ("region", jz, theirs), ("outsider", yx, ours), ("outsider", jz, ours),
        ("tech", yx, ours), ("owner", yx, ours), ("tenant", yx, ours), ("hq", yx, theirs), ("desk", yx, 10**9),
    ]  # fmt: skip
    for who, project_id, unit_id in refused:
        with pytest.raises(NotFoundError):
            household(world.actor(who), project_id, unit_id=unit_id, at=world.now)
    with pytest.raises(NotFoundError):
        household(world.actor("outsider"), jz, customer_id=world.company.customers["owner"].pk, at=world.now)
    with pytest.raises(NotFoundError):
        household(world.actor("desk"), yx, at=world.now)


def test_the_card_costs_the_same_for_a_busy_household(world: World, django_assert_num_queries: Any) -> None:
    unit = world.company.units["YX:2-1-0304"].pk
    actor = world.actor("desk")
    world.open("desk", unit="2-1-0304")
    household(actor, world.project_id, unit_id=unit, at=world.now)  # reference data are read once
    with django_assert_num_queries(7):
        household(actor, world.project_id, unit_id=unit, at=world.now)
    for n in range(8):
        world.open("desk", unit="2-1-0304", title=f"第{n}件")
    with django_assert_num_queries(7):
        assert len(household(actor, world.project_id, unit_id=unit, at=world.now).open_cases) == 9
    with django_assert_num_queries(8):
        household(actor, world.project_id, customer_id=world.company.customers["tenant"].pk, at=world.now)


def owe(world: World, amount: str) -> None:
    raise_charge(
        project_id=world.project_id,
        source_kind="case",
        source="BX-YX-0",
        round=1,
        unit_id=world.company.units["YX:3-2-1201"].pk,
        customer_id=world.company.customers["owner"].pk,
        payer_name="王淑芬",
        description="换角阀",
        lines=[LineInput("换角阀", Decimal(1), Decimal(amount))],
        actor=world.actor("desk"),
        at=world.now,
    )


def test_the_card_says_what_care_is_due(world: World) -> None:
    """Who of us speaks the dialect, which child answers and pays."""
    butler = world.company.staff["butler"].pk
    contact = world.company.customers["owner"].contacts.get()
    do(world, "add_flag", kind="dialect", note="宁波话", speaker=butler)
    do(world, "add_flag", kind="child_helps", contact=contact.pk)
    card = household(world.actor("desk"), world.project_id, unit_id=world.company.units["YX:3-2-1201"].pk, at=world.now)
    assert card.care == (
        ("王淑芬", "听力弱，请打给女儿周晓岚"),
        ("王淑芬", "讲方言，宁波话，陈悦 会说"),
        ("王淑芬", "子女代接代缴，请打给 周晓岚"),
    )
