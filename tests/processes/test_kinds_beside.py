"""Suggestion, praise, service on request: routed, answered, counted (MISSION DSK-6, DSK-7)."""

import uuid
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from steward.assurance.models import Callback
from steward.kernel.errors import ConflictError, InvalidError, NotAllowedError
from steward.kernel.models import Outbox
from steward.registers.billing.models import Charge, Payment
from steward.registers.workforce.models import Commendation
from steward.registers.workforce.operations import hire
from tests.world import World


def refused(world: World, who: str, number: str, action: str, **data: Any) -> str:
    with pytest.raises(ConflictError) as caught:
        world.act(who, number, action, **data)
    return caught.value.rule


def told(world: World, number: str) -> list[str]:
    rows = Outbox.objects.in_project(world.project_id).filter(recipient__startswith="customer:", channel="inapp")
    return [row.subject for row in rows.order_by("pk") if row.payload.get("case") == number]


class TestSuggestion:
    def test_routed_answered_and_told(self, world: World) -> None:
        number = world.open("owner", kind="suggestion", title="中心花园加装路灯", category="green").case.number
        assert number.startswith("JY-YX-")
        handler = world.company.staff["headbutler"].pk
        world.act("desk", number, "route", responsible_unit="工程部", handler=handler)
        done = world.act("headbutler", number, "answer", decision="adopted", answer="已列入十二月改造计划，月底前装好")
        assert (done.case.state, done.detail.decision, done.detail.responsible_unit) == (
            "answered",
            "adopted",
            "工程部",
        )
        assert done.deadlines[0].outcome == "met"
        assert told(world, number) == [f"建议 {number} 已收到", f"建议 {number} 的答复"]

    def test_a_decision_must_be_said(self, world: World) -> None:
        number = world.open("desk", kind="suggestion").case.number
        with pytest.raises(InvalidError) as caught:
            world.act("desk", number, "answer", answer="谢谢")
        assert set(caught.value.fields) == {"decision"}

    def test_it_is_routed_only_to_those_who_see_it(self, world: World) -> None:
        number = world.open("desk", kind="suggestion").case.number
        stranger = world.company.staff["outsider"].pk
        with pytest.raises(InvalidError) as caught:
            world.act("desk", number, "route", responsible_unit="工程部", handler=stranger)
        assert set(caught.value.fields) == {"handler"}

    def test_unanswered_after_a_week_it_is_late(self, world: World) -> None:
        number = world.open("desk", kind="suggestion").case.number
        world.pass_time(days=7, minutes=1)
        done = world.act("desk", number, "answer", decision="declined", answer="产权不属于小区，无法实施")
        assert done.deadlines[0].outcome == "late"


class TestPraise:
    def test_it_reaches_the_record_of_the_person(self, world: World) -> None:
        words = "李师傅半夜来修水管，收拾得干干净净"
        number = world.open("owner", kind="praise", title="感谢维修师傅", description=words, about="李师傅").case.number
        tech = world.company.staff["tech"]
        done = world.act("desk", number, "pass_on", staff=tech.pk, verified="11月20日夜间抢修")
        assert done.case.state == "passed_on"
        row = Commendation.objects.visible_to(world.actor("tech")).get()
        assert (row.staff_id, row.source, row.text) == (tech.pk, number, words)
        assert Outbox.objects.in_project(world.project_id).filter(recipient=f"staff:{tech.pk}").exists()

    def test_the_same_again_praises_once(self, world: World) -> None:
        number, key = world.open("desk", kind="praise").case.number, uuid.uuid4()
        for _n in range(2):
            world.act("desk", number, "pass_on", team="保洁二班", client_uuid=key)
        assert Commendation.objects.in_project(world.project_id).count() == 1

    def test_somebody_must_be_named(self, world: World) -> None:
        number = world.open("desk", kind="praise").case.number
        assert refused(world, "desk", number, "pass_on") == "praise.named"

    def test_nobody_writes_it_into_the_own_record(self, world: World) -> None:
        number = world.open("desk", kind="praise").case.number
        own = world.company.staff["desk"].pk
        assert refused(world, "desk", number, "pass_on", staff=own) == "praise.by_another"

    def test_nobody_of_another_project_is_praised_here(self, world: World) -> None:
        number = world.open("desk", kind="praise").case.number
        stranger = world.company.staff["outsider_tech"].pk
        assert refused(world, "desk", number, "pass_on", staff=stranger) == "praise.works_here"

    def test_a_guard_without_an_account_is_praised(self, world: World) -> None:
        guard = hire(node=world.company.nodes["YX"], name="老徐", post="秩序维护员", at=world.now)
        number = world.open("desk", kind="praise").case.number
        assert world.act("desk", number, "pass_on", staff=guard.pk).case.state == "passed_on"

    def test_others_do_not_read_it(self, world: World) -> None:
        number = world.open("desk", kind="praise").case.number
        world.act("desk", number, "pass_on", staff=world.company.staff["tech"].pk)
        for stranger in ("outsider", "tenant", "tech2"):
            assert not Commendation.objects.visible_to(world.actor(stranger)).exists(), stranger


def order(world: World, who: str = "desk", **data: Any) -> str:
    asked = {"title": "家政保洁两小时", "item": "S-CLEAN", "quantity": "2", "told_amount": "100.00", **data}
    return world.open(who, kind="service_order", **asked).case.number


def arranged(world: World, **data: Any) -> str:
    number = order(world, **data)
    at = (world.now + timedelta(hours=3)).isoformat()
    world.act("desk", number, "arrange", handler=world.company.staff["tech"].pk, appointment_at=at)
    return number


class TestServiceOrder:
    def test_the_whole_road(self, world: World) -> None:
        number = arranged(world, who="owner")
        world.pass_time(hours=3)
        done = world.act("tech", number, "finish", result="客厅卧室保洁完成")
        assert done.case.state == "done"
        charge = Charge.objects.in_project(world.project_id).get(source=number)
        assert (charge.amount, charge.customer_id) == (Decimal("100.00"), done.case.customer_id)
        assert Callback.objects.in_project(world.project_id).filter(case__number=number, ended_at=None).exists()
        world.act("cashier", number, "pay", method="cash", amount="100.00", tendered="100.00")
        world.pass_time(hours=3)
        closed = world.act("butler", number, "callback", outcome="satisfied", rating=4)
        assert (closed.case.state, closed.detail.settled_as) == ("closed", "paid")
        fulfil = next(d for d in closed.deadlines if d.key == "fulfil")
        assert fulfil.outcome == "met"

    def test_another_price_than_told_is_refused(self, world: World) -> None:
        with pytest.raises(ConflictError) as caught:
            order(world, told_amount="90.00")
        assert caught.value.rule == "service_order.told_price"

    def test_parts_and_labour_are_no_services(self, world: World) -> None:
        with pytest.raises(InvalidError) as caught:
            order(world, item="L-PLUMB", quantity="1", told_amount="180.00")
        assert set(caught.value.fields) == {"item"}

    def test_never_more_than_was_ordered(self, world: World) -> None:
        number = arranged(world)
        more = {"result": "多做了一小时", "quantity": "3"}
        assert refused(world, "tech", number, "finish", **more) == "service_order.within_told"

    def test_less_is_charged_less(self, world: World) -> None:
        number = arranged(world)
        world.act("tech", number, "finish", result="一小时即完成", quantity="1")
        assert Charge.objects.in_project(world.project_id).get(source=number).amount == Decimal("50.00")

    def test_paid_once(self, world: World) -> None:
        number = arranged(world)
        world.act("tech", number, "finish", result="完成")
        world.act("cashier", number, "pay", method="cash", amount="100.00")
        assert refused(world, "cashier", number, "pay", method="cash", amount="100.00") == "billing.no_second_payment"
        assert Payment.objects.in_project(world.project_id).count() == 1

    def test_the_worker_takes_no_money(self, world: World) -> None:
        number = arranged(world)
        world.act("tech", number, "finish", result="完成")
        with pytest.raises(NotAllowedError) as caught:
            world.act("tech", number, "pay", method="cash", amount="100.00")
        assert caught.value.rule == "case.role", "by the process itself, not only by the till"

    def test_not_satisfied_it_is_done_again_without_another_charge(self, world: World) -> None:
        number = arranged(world)
        world.act("tech", number, "finish", result="完成")
        world.pass_time(hours=4)
        again = world.act("butler", number, "callback", outcome="unsatisfied", comment="厨房没做")
        assert (again.case.state, again.case.round) == ("received", 2)
        tomorrow = (world.now + timedelta(days=1)).isoformat()
        world.act("desk", number, "arrange", handler=world.company.staff["tech2"].pk, appointment_at=tomorrow)
        world.act("tech2", number, "finish", result="厨房补做")
        assert Charge.objects.in_project(world.project_id).filter(source=number).count() == 1

    def test_it_is_done_by_somebody_who_sees_it(self, world: World) -> None:
        number = order(world)
        stranger, at = world.company.staff["outsider_tech"].pk, (world.now + timedelta(hours=3)).isoformat()
        with pytest.raises(InvalidError) as caught:
            world.act("desk", number, "arrange", handler=stranger, appointment_at=at)
        assert set(caught.value.fields) == {"handler"}

    def test_whoever_did_it_does_not_call_back(self, world: World) -> None:
        number, at = order(world), (world.now + timedelta(hours=3)).isoformat()
        world.act("desk", number, "arrange", handler=world.company.staff["butler"].pk, appointment_at=at)
        world.act("butler", number, "finish", result="完成")
        world.pass_time(hours=4)
        said = {"outcome": "satisfied", "rating": 4}
        assert refused(world, "butler", number, "callback", **said) == "service_order.callback_by_another"
        assert world.act("desk", number, "callback", **said).detail.rating == 4

    def test_not_called_off_while_an_amount_is_owed(self, world: World) -> None:
        number = arranged(world)
        world.act("tech", number, "finish", result="完成")
        world.pass_time(hours=4)
        world.act("butler", number, "callback", outcome="unsatisfied", comment="厨房没做")
        rule = refused(world, "desk", number, "cancel", reason="不做了")
        assert rule == "service_order.not_cancelled_while_owed"

    def test_a_time_is_agreed_on(self, world: World) -> None:
        number = order(world)
        with pytest.raises(InvalidError) as caught:
            world.act("desk", number, "arrange", handler=world.company.staff["tech"].pk)
        assert set(caught.value.fields) == {"appointment_at"}

    @settings(max_examples=15)
    @given(hundredths=st.integers(1, 5000))
    def test_the_charge_is_the_told_amount_to_the_cent(self, world: World, hundredths: int) -> None:
        quantity = Decimal(hundredths) / 100
        amount = (quantity * Decimal("8.00")).quantize(Decimal("0.01"))
        number = arranged(world, item="S-GLASS", quantity=str(quantity), told_amount=str(amount))
        world.act("tech", number, "finish", result="完成")
        assert Charge.objects.in_project(world.project_id).get(source=number).amount == amount
