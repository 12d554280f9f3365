"""No way round the price, and no case that nobody can end: what happens when people leave, decline, or change their mind."""

import uuid
from datetime import timedelta
from typing import Any

import pytest

from steward.cases.models import Entry
from steward.casework.clocks import sweep
from steward.casework.models import CaseFile
from steward.kernel.errors import ConflictError, InvalidError
from steward.kernel.models import Outbox
from steward.processes.repair.models import Consent
from steward.registers.billing.models import Charge
from tests.rules import road
from tests.world import World


def go_again(world: World, number: str) -> Any:
    """The second round, up to the point where work may begin."""
    world.act("desk", number, "dispatch", handler=world.company.staff["tech"].pk)
    world.act("tech", number, "accept")
    world.act("tech", number, "arrive")
    return world.act("tech", number, "confirm_scope", cause="渗漏", scope="换接头", confirmed_by="王淑芬")


def told(world: World, who: str) -> list[str]:
    key = f"staff:{world.company.staff[who].pk}"
    return [o.subject for o in Outbox.objects.in_project(world.project_id).filter(recipient=key).order_by("pk")]


def test_declining_and_reopening_is_no_way_to_a_free_repair(world: World) -> None:
    number = road.quoted(world)
    world.act("owner", number, "decline_quote", person_name="王淑芬")
    again = world.act("owner", number, "reopen", reason="还是修吧")
    assert again.detail.payer == "owner"
    go_again(world, number)
    with pytest.raises(ConflictError) as refused:
        world.act("tech", number, "start")
    assert refused.value.rule == "repair.no_work_before_consent"


def test_what_was_agreed_but_not_yet_confirmed_stays_owed(world: World) -> None:
    number = road.working(world)
    road.finish(world, number)
    world.act("owner", number, "reopen", reason="又漏了")
    go_again(world, number)
    world.act("tech", number, "start")
    done = road.finish(world, number)
    assert (done.case.state, str(done.detail.amount)) == ("done", "286.00")
    assert Consent.objects.in_project(world.project_id).filter(case=done.case, round=2).count() == 1
    world.act("owner", number, "confirm_amount", amount="286.00", way="portal", person_name="王淑芬")
    assert Charge.objects.in_project(world.project_id).filter(source=number).count() == 1


def test_once_charged_the_rework_is_free(world: World) -> None:
    number = road.settling(world)
    again = world.act("owner", number, "reopen", reason="又漏了")
    assert again.detail.payer == "common"


def test_a_case_is_not_called_off_while_money_is_owed(world: World) -> None:
    number = road.working(world)
    road.finish(world, number)
    world.act("owner", number, "reopen", reason="又漏了")
    for who in ("owner", "desk"):
        with pytest.raises(ConflictError) as refused:
            world.act(who, number, "cancel", reason="算了")
        assert refused.value.rule == "repair.not_cancelled_while_owed"


def test_rework_called_off_leaves_the_amount_to_be_paid(world: World) -> None:
    number = road.settling(world)
    world.act("owner", number, "reopen", reason="又漏了")
    assert world.act("owner", number, "cancel", reason="算了").case.state == "settling"
    assert road.pay(world, number).case.state == "settling"
    world.pass_time(hours=5)
    assert world.act("butler", number, "callback", outcome="satisfied").case.state == "closed"


def test_somebody_else_takes_over_in_the_middle_of_the_job(world: World) -> None:
    number = road.working(world)
    tech2 = world.company.staff["tech2"].pk
    moved = world.act("headbutler", number, "redispatch", handler=tech2)
    assert (moved.case.state, moved.case.handler_id) == ("dispatched", tech2)
    assert any("改派" in line for line in told(world, "tech"))
    for step in ("accept", "arrive"):
        world.act("tech2", number, step)
    photos = [world.photo("tech2")]
    world.act("tech2", number, "confirm_scope", cause="渗漏", scope="换接头", confirmed_by="王淑芬", photos=photos)
    assert world.act("tech2", number, "start").case.state == "working"


def test_while_a_quote_waits_its_clock_ends_with_the_job_passed_on(world: World) -> None:
    number = road.quoted(world)
    moved = world.act("desk", number, "redispatch", handler=world.company.staff["tech2"].pk)
    assert {d.outcome for d in moved.deadlines if d.key == "consent"} == {"void"}
    assert "completion" in {d.key for d in moved.deadlines if d.ended_at is None}


def test_an_amount_nobody_confirms_can_be_given_up_by_the_manager(world: World) -> None:
    number = road.working(world)
    road.finish(world, number)
    assert world.act("manager", number, "waive", reason="业主失联").case.state == "settling"
    world.pass_time(hours=5)
    assert world.act("butler", number, "callback", outcome="satisfied", rating=4).case.state == "closed"
    assert not Charge.objects.in_project(world.project_id).filter(source=number).exists()


def test_a_new_quote_starts_a_new_clock_for_the_answer(world: World) -> None:
    number = road.quoted(world)
    road.sign(world, number)
    again = world.act("tech", number, "quote", lines=road.LINES)
    assert sorted(d.outcome for d in again.deadlines if d.key == "consent") == ["", "met"]


def test_work_planned_and_then_urgent_again_has_its_clocks(world: World) -> None:
    number = road.received(world)
    world.act("desk", number, "assess", urgency="P3", payer="owner")
    again = world.act("desk", number, "assess", urgency="P1", payer="owner")
    running = {d.key: d for d in again.deadlines if d.ended_at is None}
    assert {"arrival", "completion"} <= set(running)
    assert running["arrival"].started_at == again.case.received_at


def test_more_urgent_than_thought_the_running_clocks_are_shorter_from_their_old_start(world: World) -> None:
    number = road.received(world)
    world.pass_time(minutes=2)
    again = world.act("desk", number, "assess", urgency="P0", payer="owner")
    arrival = [d for d in again.deadlines if d.key == "arrival" and d.ended_at is None]
    begun = again.case.received_at
    assert [(d.started_at, d.due_at) for d in arrival] == [(begun, begun + timedelta(minutes=5))]


def test_pictures_of_an_internal_note_are_not_the_customers(world: World) -> None:
    number = road.received(world)
    world.act("desk", number, "say", text="内部", photos=[world.photo("desk")])
    world.act("desk", number, "tell", text="您好", photos=[world.photo("desk")])
    shown = CaseFile.objects.in_project(world.project_id).order_by("pk").values_list("is_public", flat=True)
    assert list(shown) == [False, True]


class TestWhoIsTold:
    def test_the_first_responder_of_what_residents_report(self, world: World) -> None:
        case = world.open("owner").case
        key = f"staff:{case.accountable_id}"
        assert Outbox.objects.in_project(world.project_id).filter(recipient=key, channel="inapp").exists()

    def test_the_technician_of_the_answer(self, world: World) -> None:
        number = road.quoted(world)
        seen = road.look(world, number).detail.quote_hash
        who = {"person_name": "王淑芬", "relation": "本人"}
        world.act("owner", number, "consent", quote_hash=seen, way="portal", **who)
        assert any("业主已同意" in line for line in told(world, "tech"))

    def test_whoever_is_on_the_way_of_a_cancellation(self, world: World) -> None:
        number = road.received(world)
        world.act("desk", number, "dispatch", handler=world.company.staff["tech"].pk)
        world.act("owner", number, "cancel", reason="自己修好了")
        assert any("已取消" in line for line in told(world, "tech"))

    def test_the_first_responder_of_a_reopening(self, world: World) -> None:
        number = road.settling(world)
        world.act("owner", number, "reopen", reason="又漏了")
        assert any("返工" in line for line in told(world, "desk"))

    def test_nobody_is_asked_to_confirm_nothing(self, world: World) -> None:
        number = road.on_site(world, payer="common")
        photos = [world.photo("tech")]
        world.act("tech", number, "confirm_scope", cause="渗漏", scope="换接头", confirmed_by="王淑芬", photos=photos)
        world.act("tech", number, "start")
        road.finish(world, number)
        told = Outbox.objects.in_project(world.project_id).filter(event__startswith=f"{number}:", channel="inapp")
        assert not told.filter(body__contains="确认金额").exists()

    def test_whoever_declined_is_not_told_that_it_is_done(self, world: World) -> None:
        number = road.quoted(world)
        world.act("owner", number, "decline_quote", person_name="王淑芬")
        told = Outbox.objects.in_project(world.project_id).filter(
            payload__case=number, recipient__startswith="customer:"
        )
        assert "未同意" in told.order_by("-pk")[0].body
        assert not told.filter(body__contains="已完工").exists()


def test_late_entries_never_end_a_clock_before_it_began(world: World) -> None:
    number = road.scoped(world)
    world.pass_time(hours=2)
    world.act("tech", number, "quote", lines=road.LINES)
    before = world.now
    world.pass_time(minutes=15)
    signed = road.sign(world, number, happened_at=before)
    assert all(d.ended_at >= d.started_at for d in signed.deadlines if d.ended_at)
    assert Entry.objects.in_project(world.project_id).filter(case=signed.case, action="consent").get().is_late_entry


def test_the_owner_is_charged_for_what_the_tenant_reported(world: World) -> None:
    number = world.open("tenant", category="leak").case.number
    world.act("desk", number, "assess", urgency="P2", payer="owner")
    go_again(world, number)
    world.act("tech", number, "quote", lines=road.LINES)
    road.sign(world, number)
    world.act("tech", number, "start")
    road.finish(world, number, photos_before=[world.photo("tech")])
    world.act("tenant", number, "confirm_amount", amount="286.00", way="portal", person_name="刘洋")
    charge = Charge.objects.in_project(world.project_id).select_related("customer").get(source=number)
    assert charge.customer is not None
    assert (charge.customer.name, charge.payer_name) == ("高建民", "高建民")


def test_the_signature_under_the_quote_does_not_confirm_the_amount(world: World) -> None:
    number = road.quoted(world)
    signature = world.photo("tech")
    road.sign(world, number, signature=signature)
    world.act("tech", number, "start")
    road.finish(world, number)
    again = {"amount": "286.00", "way": "signature", "person_name": "王淑芬"}
    with pytest.raises(ConflictError) as refused:
        world.act("tech", number, "confirm_amount", signature=signature, **again)
    assert refused.value.rule == "repair.consent_witnessed"
    assert world.act("tech", number, "confirm_amount", signature=world.photo("tech"), **again).case.state == "settling"


def test_a_late_entry_does_not_begin_work_before_consent(world: World) -> None:
    number = road.quoted(world)
    before = world.now + timedelta(minutes=1)
    world.pass_time(hours=1)
    road.sign(world, number)
    with pytest.raises(InvalidError) as refused:
        world.act("tech", number, "start", happened_at=before)
    assert set(refused.value.fields) == {"happened_at"}
    assert world.act("tech", number, "start").case.state == "working"


def test_a_call_made_in_time_may_be_entered_in_the_evening(world: World) -> None:
    number = road.settling(world)
    called = world.pass_time(hours=5)
    world.pass_time(hours=5)  # past eight in the evening: no calls, but writing down is allowed
    ended = world.act("butler", number, "callback", outcome="satisfied", happened_at=called)
    assert ended.detail.callback_ended_at == called


def test_the_same_note_again_is_looked_up_at_once(world: World, django_assert_max_num_queries: Any) -> None:
    number, key = road.received(world), uuid.uuid4()
    world.act("desk", number, "say", text="x", client_uuid=key)
    with django_assert_max_num_queries(14):
        assert world.act("desk", number, "say", text="x", client_uuid=key).replayed


def test_after_the_work_the_first_responder_is_warned_not_the_technician(world: World) -> None:
    number = road.settling(world)
    world.pass_time(days=6, hours=12)
    while waiting := sweep.due(world.now):
        assert [sweep.fire(project, pk, world.now) for project, pk in waiting].count(True)
    warned = Outbox.objects.in_project(world.project_id).filter(payload__case=number, payload__template="deadline_warn")
    assert f"staff:{world.company.staff['tech'].pk}" not in {o.recipient for o in warned}
    assert warned.exists()
