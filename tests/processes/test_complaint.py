"""A complaint from the first word to the callback, rule by rule (MISSION DSK-4, DOMAIN-RULES 1)."""

import uuid
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from steward.api.present import detail_of
from steward.assurance.models import Callback
from steward.cases import engine
from steward.cases.declare import REGISTRY
from steward.cases.models import Case, Deadline, Entry
from steward.kernel.errors import ConflictError, InvalidError, NotAllowedError, NotFoundError
from steward.kernel.models import Outbox
from steward.kernel.policies import set_policy
from steward.processes.complaint.policies import COLLECTIVE_FROM
from tests.world import NOW, World

INVESTIGATION = {"findings": "查监控属实", "validity": "valid", "validity_reason": "保洁漏扫，属我方职责"}
SOLUTION = {"solution": "已清扫并上门致歉", "root_cause": "排班缺口", "corrective_action": "楼道保洁改为双人复核"}


def received(world: World, **data: Any) -> str:
    data = {"kind": "complaint", "title": "楼道三天没人打扫", "channel": "letter", "category": "D", **data}
    return world.open("desk", **data).case.number


def acknowledged(world: World, severity: str = "minor", **data: Any) -> str:
    number = received(world, **data)
    world.act("desk", number, "acknowledge", severity=severity)
    return number


def assigned(world: World, **data: Any) -> str:
    number = acknowledged(world, **data)
    handler = world.company.staff["headbutler"].pk
    world.act("desk", number, "assign", responsible_unit="环境部", handler=handler)
    return number


def answered(world: World, **investigation: Any) -> str:
    number = assigned(world)
    world.act("headbutler", number, "investigate", **{**INVESTIGATION, **investigation})
    world.act("headbutler", number, "answer", answer="经查属实，今天下午完成清扫")
    return number


def solved(world: World) -> str:
    number = answered(world)
    world.act("headbutler", number, "solve", **SOLUTION)
    return number


def clocks(world: World, number: str, key: str) -> list[Deadline]:
    rows = Deadline.objects.in_project(world.project_id).filter(case__number=number, key=key)
    return list(rows.order_by("pk"))


def clock(world: World, number: str, key: str) -> Deadline:
    return clocks(world, number, key)[-1]


def inbox(world: World, number: str, *roles: str) -> dict[str, list[str]]:
    """Subjects by member of the cast."""
    rows = Outbox.objects.in_project(world.project_id).filter(payload__case=number)
    keys = {f"staff:{world.company.staff[role].pk}": role for role in roles}
    found: dict[str, list[str]] = {role: [] for role in roles}
    for row in rows.order_by("pk"):
        if row.recipient in keys:
            found[keys[row.recipient]].append(row.payload.get("template", ""))
    return found


def refused(world: World, who: str, number: str, action: str, **data: Any) -> str:
    with pytest.raises(ConflictError) as caught:
        world.act(who, number, action, **data)
    return caught.value.rule


class TestRoad:
    def test_from_the_first_word_to_the_callback(self, world: World) -> None:
        number = received(world, remedy="每天打扫", persons=2)
        assert number.startswith("TS-YX-261121-")
        world.act("desk", number, "acknowledge", severity="minor")
        handler = world.company.staff["headbutler"].pk
        done = world.act("desk", number, "assign", responsible_unit="环境部", handler=handler)
        assert (done.case.handler_id, done.detail.responsible_unit, done.detail.persons) == (handler, "环境部", 2)
        world.act("headbutler", number, "investigate", **INVESTIGATION)
        world.act("desk", number, "answer", answer="经查属实，今天下午完成清扫")
        world.act("headbutler", number, "solve", **SOLUTION)
        world.pass_time(hours=5)
        done = world.act("desk", number, "callback", outcome="satisfied", rating=4)
        assert (done.case.state, done.case.closed_at) == ("closed", world.now)
        assert {row.key: row.outcome for row in done.deadlines if row.key != "silence"} == dict.fromkeys(
            ("acknowledge", "answer", "solution", "callback"), "met"
        )
        # The first responder stays answerable, whoever handled it.
        assert done.case.accountable_id == world.company.staff["desk"].pk

    def test_no_step_is_left_out(self, world: World) -> None:
        number = received(world)
        handler = world.company.staff["headbutler"].pk
        assert refused(world, "desk", number, "assign", responsible_unit="环境部", handler=handler) == "case.state"
        number = assigned(world)
        assert refused(world, "headbutler", number, "answer", answer="马上办") == "case.state"
        world.act("headbutler", number, "investigate", **INVESTIGATION)
        assert refused(world, "headbutler", number, "solve", **SOLUTION) == "case.state"

    def test_from_the_residents_page(self, world: World) -> None:
        number = world.open("owner", kind="complaint", title="电梯广告太吵", persons=3).case.number
        assert Case.objects.in_project(world.project_id).get(number=number).channel == "portal"
        with pytest.raises(NotAllowedError):
            world.act("owner", number, "acknowledge", severity="major")
        world.act("butler", number, "acknowledge", severity="minor")

    def test_given_back_and_given_to_somebody_else(self, world: World) -> None:
        number = assigned(world)
        done = world.act("headbutler", number, "give_back", reason="不归我管")
        assert (done.case.state, done.case.handler_id) == ("acknowledged", None)
        number = answered(world)
        butler = world.company.staff["butler"].pk
        done = world.act("manager", number, "reassign", responsible_unit="工程部", handler=butler)
        assert (done.case.state, done.case.handler_id) == ("answered", butler)
        with pytest.raises(NotAllowedError):
            world.act("headbutler", number, "solve", **SOLUTION)


class TestWhoSeesIt:
    def test_it_stays_with_whoever_made_it(self, world: World) -> None:
        number = received(world, unit="2-1-0304")
        assert world.act("tenant", number, "cancel", reason="已经好了").case.state == "cancelled"
        number = received(world, unit="2-1-0304")
        with pytest.raises(NotFoundError):
            world.act("owner", number, "cancel", reason="已经好了")

    def test_a_repair_is_shared_in_a_unit_and_a_complaint_is_not(self, world: World) -> None:
        owner = world.actor("owner")
        for kind, shown in (("repair", True), ("complaint", False)):
            number = world.open("desk", kind=kind, title="吵").case.number
            Case.objects.in_project(world.project_id).filter(number=number).update(customer=None)
            assert Case.objects.visible_to(owner).filter(number=number).exists() is shown

    def test_not_in_the_pool_of_those_in_the_field(self, world: World) -> None:
        number = received(world)
        assert not Case.objects.visible_to(world.actor("tech")).filter(number=number).exists()
        assert Case.objects.visible_to(world.actor("tech")).filter(number=world.open().case.number).exists()

    def test_handled_by_the_office(self, world: World) -> None:
        number = acknowledged(world)
        for name in ("tech", "outsider"):
            handler = world.company.staff[name].pk
            rule = refused(world, "desk", number, "assign", responsible_unit="工程部", handler=handler)
            assert rule == "complaint.handler_in_office"
        with pytest.raises(NotAllowedError):
            world.act("cashier", number, "assign", responsible_unit="工程部", handler=world.company.staff["desk"].pk)

    def test_the_customer_does_not_read_how_we_talk_about_it(self, world: World) -> None:
        _case, detail, _process = engine.load(world.project_id, answered(world), world.actor("desk"))
        mine, ours = (detail_of(detail, world.actor(who)) for who in ("owner", "desk"))
        assert mine["answer"] == "经查属实，今天下午完成清扫"
        assert ours["findings"] == "查监控属实"
        inside = {"findings", "root_cause", "severity", "plan", "validity"}
        assert not inside & mine.keys()
        shown = Entry.objects.in_project(world.project_id).filter(case__number=solved(world), is_public=True)
        assert not [e.action for e in shown if inside & e.data.keys()]


class TestSeverity:
    @pytest.mark.parametrize(
        ("severity", "told"),
        [
            ("minor", set()),
            ("important", {"manager"}),
            ("hot", {"manager", "region"}),
            ("major", {"manager", "region", "hq"}),
            ("collective", {"manager", "region", "hq"}),
        ],
    )
    def test_the_worse_the_further_up_at_once(self, world: World, severity: str, told: set[str]) -> None:
        number = acknowledged(world, severity)
        found = inbox(world, number, "manager", "region", "hq")
        assert {role for role, kinds in found.items() if "severe" in kinds} == told

    def test_many_together_are_a_collective_complaint(self, world: World) -> None:
        number = received(world, persons=10)
        assert refused(world, "desk", number, "acknowledge", severity="minor") == "complaint.collective_by_number"
        world.act("desk", number, "acknowledge", severity="collective")
        rule = refused(world, "desk", number, "assess", severity="important", persons=10)
        assert rule == "complaint.collective_by_number"
        assert world.act("desk", number, "assess", severity="important", persons=9).detail.severity == "important"

    def test_how_many_are_many_is_a_policy(self, world: World) -> None:
        desk = world.actor("desk")
        day_before = NOW - timedelta(days=1)
        set_policy(COLLECTIVE_FROM, value=3, node_id=None, actor=desk, effective_from=day_before, at=NOW)
        number = received(world, persons=3)
        assert refused(world, "desk", number, "acknowledge", severity="minor") == "complaint.collective_by_number"


class TestClocks:
    def test_from_when_it_was_received(self, world: World) -> None:
        heard = NOW - timedelta(hours=5)
        number = received(world, received_at=heard.isoformat())
        due = {key: clock(world, number, key).due_at for key in ("acknowledge", "answer", "solution")}
        assert due == {k: heard + timedelta(hours=h) for k, h in (("acknowledge", 2), ("answer", 24), ("solution", 48))}

    @pytest.mark.parametrize(("hours", "outcome"), [(24, "met"), (24.1, "late")])
    def test_answered_within_a_day(self, world: World, hours: float, outcome: str) -> None:
        number = assigned(world)
        world.act("headbutler", number, "investigate", **INVESTIGATION)
        world.pass_time(hours=hours)
        world.act("headbutler", number, "answer", answer="经查属实")
        assert clock(world, number, "answer").outcome == outcome

    @pytest.mark.parametrize(("hours", "outcome"), [(48, "met"), (48.1, "late")])
    def test_solved_within_two_days(self, world: World, hours: float, outcome: str) -> None:
        number = answered(world)
        world.pass_time(hours=hours)
        world.act("headbutler", number, "solve", **SOLUTION)
        assert clock(world, number, "solution").outcome == outcome

    def test_called_back_within_a_week_from_the_solution(self, world: World) -> None:
        number = answered(world)
        world.pass_time(hours=30)
        world.act("headbutler", number, "solve", **SOLUTION)
        week = world.now + timedelta(days=7)
        call = Callback.objects.in_project(world.project_id).get(case__number=number)
        assert (call.due_at, clock(world, number, "callback").due_at) == (week, week)

    def test_every_policy_of_it_names_its_source(self) -> None:
        own = (rule for rule in REGISTRY["complaint"].deadlines if rule.key != "silence")
        assert all(rule.policy.key.startswith("complaint.") for rule in own)


class TestPlan:
    UNTIL = NOW + timedelta(days=12, seconds=17)

    def asked(self, world: World, who: str = "headbutler") -> str:
        number = answered(world)
        world.act(who, number, "ask_plan", plan="更换保洁单位，环境部李强", until=self.UNTIL.isoformat())
        return number

    def test_approved_it_is_counted_apart(self, world: World) -> None:
        number = self.asked(world)
        assert clock(world, number, "solution").ended_at is None, "to ask is not to be given"
        world.pass_time(hours=2)
        done = world.act("manager", number, "approve_plan")
        assert (done.case.state, done.case.promised_at) == ("planned", self.UNTIL)
        assert clock(world, number, "solution").outcome == "void"
        assert clock(world, number, "plan").due_at == self.UNTIL
        world.pass_time(days=9)
        world.act("headbutler", number, "solve", **SOLUTION)
        assert [c.outcome for c in clocks(world, number, "plan")] == ["met"]
        assert [c.outcome for c in clocks(world, number, "solution")] == ["void"]

    def test_too_late_it_hides_nothing(self, world: World) -> None:
        number = self.asked(world)
        world.pass_time(hours=49)
        world.act("manager", number, "approve_plan")
        assert clock(world, number, "solution").outcome == "late"

    def test_past_its_date_it_is_late(self, world: World) -> None:
        number = self.asked(world)
        world.act("manager", number, "approve_plan")
        world.pass_time(days=13)
        world.act("headbutler", number, "solve", **SOLUTION)
        assert clock(world, number, "plan").outcome == "late"

    def test_only_a_manager_approves(self, world: World) -> None:
        number = self.asked(world)
        for who in ("headbutler", "desk", "owner"):
            with pytest.raises(NotAllowedError):
                world.act(who, number, "approve_plan")

    def test_whoever_asked_does_not_approve(self, world: World) -> None:
        number = self.asked(world, who="manager")
        assert "plan_asked" in inbox(world, number, "region")["region"]
        assert refused(world, "manager", number, "approve_plan") == "complaint.plan_approved_by_another"
        assert world.act("region", number, "approve_plan").case.state == "planned"

    def test_refused_the_solution_goes_on(self, world: World) -> None:
        number = self.asked(world)
        assert "plan_asked" in inbox(world, number, "manager")["manager"]
        done = world.act("manager", number, "refuse_plan", reason="太久")
        assert done.case.state == "answered"
        (running,) = clocks(world, number, "solution")
        assert (running.ended_at, running.due_at) == (None, NOW + timedelta(hours=48))

    def test_its_date_lies_ahead(self, world: World) -> None:
        number = answered(world)
        past = {"plan": "昨天办", "until": (NOW - timedelta(hours=1)).isoformat()}
        assert refused(world, "headbutler", number, "ask_plan", **past) == "complaint.plan_ahead"
        number = self.asked(world)
        world.pass_time(days=13)
        assert refused(world, "manager", number, "approve_plan") == "complaint.plan_ahead"

    def test_its_approval_is_not_backdated(self, world: World) -> None:
        number = answered(world)
        world.pass_time(hours=49)
        world.act("headbutler", number, "ask_plan", plan="换单位", until=self.UNTIL.isoformat())
        before = world.now - timedelta(hours=3)
        with pytest.raises(InvalidError) as caught:
            world.act("manager", number, "approve_plan", happened_at=before)
        assert set(caught.value.fields) == {"happened_at"}

    def test_its_approval_is_not_dated_back_to_when_its_date_lay_ahead(self, world: World) -> None:
        number = self.asked(world)
        world.pass_time(days=12, hours=1)
        before = world.now - timedelta(hours=3)
        assert refused(world, "manager", number, "approve_plan", happened_at=before) == "complaint.plan_ahead"


class TestValidity:
    def test_with_a_reason_either_way(self, world: World) -> None:
        number = assigned(world)
        with pytest.raises(InvalidError) as caught:
            world.act("headbutler", number, "investigate", findings="查无此事", validity="invalid")
        assert set(caught.value.fields) == {"validity_reason"}

    def test_not_valid_it_is_explained_and_called_back_all_the_same(self, world: World) -> None:
        number = assigned(world)
        refusal = {**INVESTIGATION, "validity": "invalid", "validity_reason": "隔壁工地施工，非我方职责"}
        world.act("headbutler", number, "investigate", **refusal)
        assert refused(world, "headbutler", number, "solve", solution="无需处理") == "case.state"
        world.act("headbutler", number, "answer", answer="噪声来自隔壁工地，已代您反映")
        done = world.act("headbutler", number, "solve", solution="已解释并转告城管")
        assert (done.case.state, done.case.closed_at) == ("solved", None)
        assert Callback.objects.in_project(world.project_id).filter(case__number=number, ended_at=None).exists()

    @pytest.mark.parametrize("missing", ["root_cause", "corrective_action"])
    def test_valid_it_needs_cause_and_correction(self, world: World, missing: str) -> None:
        number = answered(world)
        data = {**SOLUTION, missing: ""}
        assert refused(world, "headbutler", number, "solve", **data) == "complaint.cause_and_correction"

    def test_the_cause_may_be_known_from_the_investigation(self, world: World) -> None:
        number = answered(world, root_cause="排班缺口")
        done = world.act("headbutler", number, "solve", **{**SOLUTION, "root_cause": ""})
        assert done.detail.root_cause == "排班缺口"


class TestCallback:
    def test_not_by_whoever_handled_it(self, world: World) -> None:
        number = solved(world)
        world.pass_time(hours=5)
        rule = refused(world, "headbutler", number, "callback", outcome="satisfied", rating=4)
        assert rule == "complaint.callback_by_another"
        with pytest.raises(NotAllowedError):
            world.act("cashier", number, "callback", outcome="satisfied", rating=4)
        assert world.act("butler", number, "callback", outcome="satisfied", rating=4).case.state == "closed"

    def test_unsatisfied_it_begins_again_with_new_clocks(self, world: World) -> None:
        number = solved(world)
        world.pass_time(hours=5)
        done = world.act("desk", number, "callback", outcome="unsatisfied", rating=1, comment="还是脏")
        assert (done.case.state, done.case.round, done.case.handler_id) == ("received", 2, None)
        assert done.detail.corrective_action == ""
        first, second = clocks(world, number, "answer")
        assert (first.outcome, second.due_at) == ("met", world.now + timedelta(hours=24))

    def test_closed_it_may_be_reopened(self, world: World) -> None:
        number = solved(world)
        world.pass_time(hours=5)
        world.act("desk", number, "callback", outcome="satisfied", rating=4)
        done = world.act("owner", number, "reopen", reason="又脏了")
        assert (done.case.state, done.case.closed_at) == ("received", None)
        with pytest.raises(NotAllowedError):
            world.act("cashier", number, "cancel", reason="算了")

    def test_the_customers_own_rating_counts(self, world: World) -> None:
        number = solved(world)
        assert world.act("owner", number, "evaluate", rating=4).case.state == "closed"
        number = solved(world)
        assert world.act("owner", number, "evaluate", rating=1).case.state == "received"

    def test_not_reached_three_times_it_closes_and_says_so(self, world: World) -> None:
        number = solved(world)
        for _try in range(3):
            world.now = datetime(2026, 11, 22 + _try, 2, tzinfo=UTC)
            world.act("desk", number, "callback", outcome="no_answer")
        call = Callback.objects.in_project(world.project_id).get(case__number=number)
        assert (call.state, call.case.state) == ("unreachable", "closed")


class TestOutsideTicket:
    DUE = NOW + timedelta(days=3, hours=1, seconds=40)

    def take(self, world: World, number: str, **data: Any) -> engine.Outcome:
        ticket = {"source": "12345", "ticket_number": "HZ-0420-77", "due_at": self.DUE.isoformat(), **data}
        return world.act("desk", number, "take_ticket", **ticket)

    def test_the_official_deadline_is_a_clock_of_its_own(self, world: World) -> None:
        number = assigned(world)
        world.pass_time(minutes=7)
        done = self.take(world, number)
        assert (done.case.external_source, done.case.external_number) == ("12345", "HZ-0420-77")
        row = clock(world, number, "official")
        assert (row.due_at, row.ended_at) == (self.DUE, None)
        world.act("headbutler", number, "investigate", **INVESTIGATION)
        done = world.act("desk", number, "reply", reply="已核实并整改，详见附件")
        assert done.detail.outside_reply == "已核实并整改，详见附件"
        assert clock(world, number, "official").outcome == "met"

    def test_late_it_is_late(self, world: World) -> None:
        number = answered(world)
        self.take(world, number)
        world.pass_time(days=4)
        world.act("desk", number, "reply", reply="已整改")
        assert clock(world, number, "official").outcome == "late"

    def test_it_stays_open_until_the_reply(self, world: World) -> None:
        number = solved(world)
        self.take(world, number)
        world.pass_time(hours=5)
        done = world.act("desk", number, "callback", outcome="satisfied", rating=4)
        assert (done.case.state, done.case.next_due_at) == ("solved", self.DUE)
        assert world.act("desk", number, "reply", reply="已整改").case.state == "closed"

    def test_reopening_does_not_stop_the_official_clock(self, world: World) -> None:
        number = solved(world)
        self.take(world, number)
        world.act("owner", number, "reopen", reason="没有人来")
        (row,) = clocks(world, number, "official")
        assert (row.ended_at, row.due_at) == (None, self.DUE)

    def test_one_ticket_hangs_on_one_complaint(self, world: World) -> None:
        number = assigned(world)
        self.take(world, number)
        ticket = {"source": "12345", "ticket_number": "HZ-2", "due_at": self.DUE.isoformat()}
        assert refused(world, "desk", number, "take_ticket", **ticket) == "complaint.one_ticket"
        other = received(world)
        ticket["ticket_number"] = "HZ-0420-77"
        assert refused(world, "desk", other, "take_ticket", **ticket) == "complaint.ticket_once"
        ticket.update(ticket_number="HZ-3", due_at=(NOW - timedelta(days=1)).isoformat())
        assert refused(world, "desk", other, "take_ticket", **ticket) == "complaint.ticket_after_receipt"
        with pytest.raises(NotAllowedError):
            world.act("cashier", other, "take_ticket", **ticket)

    def test_a_second_ticket_after_the_first_has_its_reply(self, world: World) -> None:
        number = solved(world)
        self.take(world, number)
        world.act("desk", number, "reply", reply="已整改")
        self.take(world, number, source="街道办", ticket_number="J-9")
        assert [c.outcome for c in clocks(world, number, "official")] == ["met", ""]

    def test_replied_to_only_where_there_is_one(self, world: World) -> None:
        assert refused(world, "desk", answered(world), "reply", reply="好的") == "complaint.reply_to_ticket"


class TestWithdrawal:
    def test_by_the_customer_or_a_manager_who_does_not_handle_it(self, world: World) -> None:
        number = acknowledged(world)
        with pytest.raises(NotAllowedError):
            world.act("desk", number, "cancel", reason="业户说算了")
        manager = world.company.staff["manager"].pk
        world.act("desk", number, "assign", responsible_unit="客服部", handler=manager)
        assert refused(world, "manager", number, "cancel", reason="算了") == "complaint.withdrawn_by_another"
        assert world.act("owner", number, "cancel", reason="算了").case.state == "cancelled"
        assert world.act("manager", acknowledged(world), "cancel", reason="重复登记").case.state == "cancelled"

    def test_not_with_an_outside_ticket(self, world: World) -> None:
        number = received(world)
        TestOutsideTicket().take(world, number)
        assert refused(world, "owner", number, "cancel", reason="算了") == "complaint.ticket_not_withdrawn"


def test_the_same_request_twice_is_one_step(world: World) -> None:
    number = received(world)
    key = uuid.uuid4()
    world.act("desk", number, "acknowledge", severity="minor", client_uuid=key)
    again = world.act("desk", number, "acknowledge", severity="minor", client_uuid=key)
    assert (again.replayed, again.case.version) == (True, 2)
