"""The price list: changed from a day on, by whom, what stays, what was before."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from importlib import import_module
from typing import Any

import pytest
from django.apps import apps

from steward.kernel import reference
from steward.kernel.audit.models import AuditEvent, CompanyEvent
from steward.kernel.errors import ConflictError, InvalidError, NotAllowedError
from steward.processes.repair.models import Quote, QuoteLine
from steward.processes.service_order.models import ServiceOrder
from steward.registers.billing.listing import (
    ItemData,
    NewItemData,
    add_item,
    follow_above,
    follow_item,
    input_of,
    set_item,
    withdraw_item,
)
from steward.registers.billing.models import ItemKind, PriceItem, PriceList
from steward.registers.billing.operations import ItemInput, publish_prices
from steward.registers.billing.pricehistory import history
from steward.registers.billing.prices import own, planned, priced_by, prices
from steward.registers.org.tree import place
from tests.processes.test_repair_story import to_quoted
from tests.world import World

TODAY = date(2026, 11, 21)
DECEMBER = date(2026, 12, 1)
VALVE = ItemData(name="更换球阀，人工", kind=ItemKind.LABOUR, unit="次", price=Decimal("75.00"), category="water", warranty_months=3)  # fmt: skip


def change(world: World, who: str = "manager", where: str = "YX", **data: Any) -> bool:
    code = data.pop("code", "L-VALVE")
    ask: dict[str, Any] = {"effective_on": data.pop("on", TODAY), "note": data.pop("note", "")}
    node = world.company.nodes[where].pk
    item = VALVE.model_copy(update=data)
    return set_item(node_id=node, code=code, data=item, actor=world.actor(who), at=world.now, **ask)


def price(world: World, at: datetime | None = None, where: str = "YX", code: str = "L-VALVE") -> Decimal | None:
    found = prices(lineage=place(world.company.nodes[where].pk).lineage, at=at or world.now).items.get(code)
    return found.price if found else None


def test_a_change_makes_the_next_version_and_twice_changes_nothing(world: World) -> None:
    before = list(PriceItem.objects.order_by("pk").values_list("pk", "price"))
    assert change(world, note="人工成本上涨")
    assert not change(world)
    assert PriceList.objects.count() == 2
    assert list(PriceItem.objects.filter(pk__in=[pk for pk, _p in before]).values_list("pk", "price")) == before
    assert price(world) == Decimal("75.00")
    assert price(world, world.now - timedelta(minutes=1)) == Decimal("60.00")
    assert price(world, where="JZ") == Decimal("60.00")
    said = AuditEvent.objects.in_project(world.project_id).get(what="prices.change")
    assert (said.before, said.reason, said.label) == ({"price": "60.00"}, "人工成本上涨", "更换球阀，人工")
    assert said.after["price"] == "75.00"


def test_no_quote_made_is_touched_by_a_change(world: World) -> None:
    """Agreed, done and charged at the price it was quoted at, though the list changed in between."""
    number = to_quoted(world)
    quote, lines = Quote.objects.unscoped().get(), list(QuoteLine.objects.unscoped().values())
    world.pass_time(minutes=1)
    for line in lines:
        change(world, code=line["code"], price=Decimal("999.00"))
    withdraw_item(
        node_id=world.project_id, code=lines[0]["code"], effective_on=TODAY, actor=world.actor("manager"), at=world.now
    )
    assert list(QuoteLine.objects.unscoped().values()) == lines
    assert Quote.objects.unscoped().get().total == quote.total
    world.act(
        "desk",
        number,
        "consent",
        way="call",
        person_name="王淑芬",
        relation="owner",
        call_reference="C-1",
        quote_hash=quote.digest,
    )
    world.act("tech", number, "start")
    world.pass_time(hours=1)
    done = {"work_done": "已更换", "labour_minutes": 50, "photos_after": [world.photo("tech")], "site_cleaned": True}
    assert world.act("tech", number, "finish", **done).detail.amount == quote.total == Decimal("286.00")


def test_a_service_ordered_before_keeps_its_price(world: World) -> None:
    world.open("desk", kind="service_order", title="擦玻璃", item="S-GLASS", quantity="10", told_amount="80.00")
    world.pass_time(minutes=1)
    change(world, code="S-GLASS", name="玻璃清洗", kind=ItemKind.SERVICE, unit="平方米", price=Decimal("12.00"))
    assert ServiceOrder.objects.unscoped().get().amount == Decimal("80.00")
    with pytest.raises(ConflictError) as refused:
        world.open("desk", kind="service_order", title="擦玻璃", item="S-GLASS", quantity="10", told_amount="80.00")
    assert refused.value.rule == "service_order.told_price"


def test_a_planned_change_waits_and_outlives_an_earlier_one(world: World) -> None:
    midnight = datetime(2026, 11, 30, 16, 0, tzinfo=UTC)
    change(world, price=Decimal("80.00"), on=DECEMBER)
    change(world, price=Decimal("70.00"))
    change(world, code="P-TAPE", name="生料带", kind=ItemKind.PART, unit="卷", price=Decimal("4.00"))
    assert price(world) == Decimal("70.00")
    assert price(world, midnight - timedelta(seconds=1)) == Decimal("70.00")
    assert price(world, midnight) == Decimal("80.00")
    assert price(world, midnight, code="P-TAPE") == Decimal("4.00")
    assert {c: (since, item and item.price) for c, (since, item) in planned(_here(world), world.now).items()} == {
        "L-VALVE": (midnight, Decimal("80.00"))
    }


def _here(world: World) -> Any:
    return place(world.project_id)


def test_the_past_stays_and_a_code_is_taken_once(world: World) -> None:
    with pytest.raises(InvalidError) as caught:
        change(world, on=TODAY - timedelta(days=1))
    assert list(caught.value.fields) == ["effective_on"]
    fresh = NewItemData(code="L-VALVE", **VALVE.model_dump())
    ask: dict[str, Any] = {
        "node_id": world.project_id,
        "effective_on": TODAY,
        "actor": world.actor("manager"),
        "at": world.now,
    }
    with pytest.raises(InvalidError) as caught:
        add_item(**ask, data=fresh)
    assert "更换球阀" in str(caught.value.fields["code"])
    with pytest.raises(InvalidError):
        add_item(**ask, data=fresh.model_copy(update={"code": "球阀"}))
    good = fresh.model_copy(update={"code": "L-VALVE2"})
    assert add_item(**ask, data=good)
    assert not add_item(**ask, data=good)
    assert withdraw_item(**ask, code="L-VALVE2")
    assert not withdraw_item(**ask, code="L-VALVE2")
    assert price(world, code="L-VALVE2") is None


def test_whoever_leads_the_place_decides(world: World) -> None:
    for who, where in (("manager", "HQ"), ("manager", "JZ"), ("desk", "YX"), ("cashier", "YX"), ("owner", "YX")):
        with pytest.raises(NotAllowedError) as refused:
            change(world, who, where)
        assert refused.value.rule == "settings.decider"
    assert change(world, "hq", "HQ")
    assert CompanyEvent.objects.filter(what="prices.change").count() == 1
    assert price(world, where="JZ") == Decimal("75.00")


def tape(world: World, who: str = "manager", where: str = "YX", cost: str = "4.00", **more: Any) -> bool:
    return change(world, who, where, code="P-TAPE", name="生料带", kind=ItemKind.PART, unit="卷", price=Decimal(cost), **more)  # fmt: skip


def ask(world: World, where: str = "YX", who: str = "manager") -> dict[str, Any]:
    node = world.company.nodes[where].pk
    return {"node_id": node, "effective_on": TODAY, "actor": world.actor(who), "at": world.now}


def test_a_project_decides_single_items_and_the_rest_follows_the_company(world: World) -> None:
    company = place(world.company.nodes["HQ"].pk)
    assert tape(world)
    assert priced_by(company, "L-VALVE", world.now) == {world.company.nodes[c].pk for c in ("YX", "RT", "JZ")}
    assert world.project_id not in priced_by(company, "P-TAPE", world.now)
    world.pass_time(minutes=1)
    change(world, "hq", "HQ", on=DECEMBER)
    tape(world, "hq", "HQ", cost="3.50")
    add_item(**ask(world, "HQ", "hq"), data=NewItemData(code="L-NEW", **VALVE.model_dump()))
    assert price(world) == Decimal("60.00")
    assert price(world, world.now + timedelta(days=30)) == Decimal("75.00")
    assert price(world, code="P-TAPE") == Decimal("4.00")
    assert price(world, code="P-TAPE", where="JZ") == Decimal("3.50")
    assert price(world, code="L-NEW") == Decimal("75.00")
    assert PriceItem.objects.filter(price_list__node=world.project_id).count() == 1


def test_a_project_adds_and_takes_off_single_items(world: World) -> None:
    add_item(**ask(world), data=NewItemData(code="L-OURS", **VALVE.model_dump()))
    withdraw_item(**ask(world), code="L-VALVE")
    assert (price(world, code="L-OURS"), price(world)) == (Decimal("75.00"), None)
    assert (price(world, code="L-OURS", where="JZ"), price(world, where="JZ")) == (None, Decimal("60.00"))
    world.pass_time(minutes=1)
    change(world, "hq", "HQ")
    assert price(world) is None
    withdraw_item(**ask(world), code="L-OURS")
    assert price(world, code="L-OURS") is None
    assert {code: p.is_withdrawn for code, p in own(_here(world), world.now).items()} == {"L-VALVE": True}


def test_an_item_follows_the_company_again_from_its_day_on(world: World) -> None:
    tape(world)
    change(world, price=Decimal("88.00"))
    world.pass_time(minutes=1)
    later = ask(world) | {"effective_on": DECEMBER}
    assert follow_item(**later, code="L-VALVE", note="按公司价")
    assert not follow_item(**ask(world), code="CALL")
    assert price(world) == Decimal("88.00")
    assert price(world, world.now + timedelta(days=30)) == Decimal("60.00")
    change(world, "hq", "HQ")
    assert price(world, world.now + timedelta(days=30)) == Decimal("75.00")
    assert price(world, world.now + timedelta(days=30), code="P-TAPE") == Decimal("4.00")
    assert AuditEvent.objects.in_project(world.project_id).get(what="prices.follow_item").reason == "按公司价"
    with pytest.raises(NotAllowedError):
        follow_item(**ask(world, who="desk"), code="L-VALVE")


def test_all_items_follow_the_company_again(world: World) -> None:
    tape(world)
    change(world, price=Decimal("88.00"), on=DECEMBER)
    world.pass_time(minutes=1)
    assert follow_above(**ask(world))
    assert not follow_above(**ask(world))
    for day in (0, 30):
        at = world.now + timedelta(days=day)
        assert (price(world, at), price(world, at, code="P-TAPE")) == (Decimal("60.00"), Decimal("3.00"))
    with pytest.raises(ConflictError):
        follow_above(**ask(world, "HQ", "hq"))


def test_a_planned_change_of_one_item_does_not_end_another_made_before_its_day(world: World) -> None:
    change(world, price=Decimal("88.00"))
    follow_item(**ask(world) | {"effective_on": DECEMBER}, code="L-VALVE")
    tape(world)
    later = world.now + timedelta(days=30)
    assert (price(world, later), price(world, later, code="P-TAPE")) == (Decimal("60.00"), Decimal("4.00"))


def test_whole_copies_of_before_become_what_they_differ_in(world: World) -> None:
    """The upgrade: no price of today changes, past days stay, what was only copied follows from now on."""
    from_above = listing_of(world, "HQ")
    copy = [replace(i, price=Decimal("4.00")) if i.code == "P-TAPE" else i for i in from_above if i.code != "CALL"]
    in_december = [replace(i, price=Decimal("300.00")) if i.code == "L-PLUMB" else i for i in copy]
    midnight = datetime(2026, 11, 30, 16, 0, tzinfo=UTC)
    for version, items, since in (("copy", copy, world.now - timedelta(days=9)), ("planned", in_december, midnight)):
        publish_prices(
            node_id=world.project_id, version=version, items=items, effective_from=since, actor=world.actor("manager")
        )
    before = {d: prices(lineage=_here(world).lineage, at=world.now - timedelta(days=d)).items for d in (0, 5)}
    import_module("steward.registers.billing.migrations.0004_overlays").overlays(apps, None, world.now)
    reference.forget()
    for days, standing in before.items():
        now = prices(lineage=_here(world).lineage, at=world.now - timedelta(days=days)).items
        assert {c: p.price for c, p in now.items()} == {c: p.price for c, p in standing.items()}
    mine = {c: p.is_withdrawn for c, p in own(_here(world), world.now).items()}
    assert mine == {"P-TAPE": False, "CALL": True}
    assert price(world, midnight, code="L-PLUMB") == Decimal("300.00")
    world.pass_time(minutes=1)
    change(world, "hq", "HQ")
    assert price(world) == price(world, midnight) == Decimal("75.00")
    assert [c.by for c in history(_here(world), "P-TAPE")] == [world.actor("manager").key, "system"]


def listing_of(world: World, where: str) -> list[ItemInput]:
    found = prices(lineage=place(world.company.nodes[where].pk).lineage, at=world.now)
    return [input_of(p) for p in found.items.values()]


def test_the_history_of_an_item_says_who_when_and_what(world: World) -> None:
    change(world, price=Decimal("80.00"), on=DECEMBER, note="年度调价")
    change(world, "hq", "HQ", price=Decimal("65.00"))
    change(world, price=Decimal("70.00"))
    change(world, code="P-TAPE", name="生料带", kind=ItemKind.PART, unit="卷", price=Decimal("4.00"))
    withdraw_item(
        node_id=world.project_id,
        code="L-VALVE",
        effective_on=date(2027, 1, 1),
        actor=world.actor("manager"),
        at=world.now,
    )
    rows = history(_here(world), "L-VALVE")
    manager, hq = world.actor("manager").key, world.actor("hq").key
    told = [(c.by, c.was and c.was.price, c.becomes and c.becomes.price) for c in rows]
    assert told == [
        (manager, Decimal("80.00"), None),
        (manager, Decimal("65.00"), Decimal("70.00")),
        (hq, Decimal("60.00"), Decimal("65.00")),
        (manager, Decimal("60.00"), Decimal("80.00")),
        ("system", None, Decimal("60.00")),
    ]
    assert rows[3].note == "年度调价"
    assert rows[3].at == world.now


def test_a_told_rate_stands_when_the_list_changes(world: World) -> None:
    number = world.open("desk", flat_rate="F-UNCLOG", urgency="P1", payer="owner").case.number
    world.pass_time(minutes=1)
    change(world, code="F-UNCLOG", name="疏通地漏，一口价", kind=ItemKind.FLAT, unit="次", price=Decimal("120.00"))
    assert world.act("desk", number, "say", text="业主来电").detail.flat_rate_amount == Decimal("80.00")
