"""Outside tickets of a complaint, and clocks by severity, rule by rule (MISSION DSK-4)."""

from datetime import datetime, timedelta
from typing import Any

import pytest

from steward.cases import engine
from steward.kernel.clocks.policy import Clock, ClockTable
from steward.kernel.errors import NotAllowedError
from steward.kernel.policies import set_policy
from steward.processes.complaint import tickets
from steward.processes.complaint.models import Ticket
from steward.processes.complaint.policies import SOLUTION as SOLUTION_CLOCK
from tests.processes.test_complaint import (
    INVESTIGATION,
    SOLUTION,
    acknowledged,
    answered,
    assigned,
    clock,
    clocks,
    inbox,
    received,
    refused,
    solved,
)
from tests.world import NOW, World

DUE = NOW + timedelta(days=3, hours=1, seconds=40)


def take(
    world: World, number: str, ticket: str = "HZ-1", due: datetime = DUE, action: str = "take_ticket"
) -> engine.Outcome:
    return world.act("desk", number, action, source="12345", ticket_number=ticket, due_at=due.isoformat())


def rows(world: World, number: str) -> list[Ticket]:
    return list(Ticket.objects.in_project(world.project_id).filter(case__number=number).order_by("pk"))


def replied(world: World) -> str:
    number = solved(world)
    take(world, number)
    world.act("desk", number, "reply", reply="已核实并整改")
    return number


class TestSeverityClocks:
    def test_a_project_sets_its_own_by_severity(self, world: World) -> None:
        table = ClockTable(default=Clock(minutes=48 * 60), by_urgency={"important": Clock(minutes=72 * 60)})
        day_before = NOW - timedelta(days=1)
        set_policy(
            SOLUTION_CLOCK, value=table, node_id=None, actor=world.actor("desk"), effective_from=day_before, at=NOW
        )
        number = received(world)
        assert clock(world, number, "solution").due_at == NOW + timedelta(hours=48)
        world.pass_time(hours=1)
        world.act("desk", number, "acknowledge", severity="important")
        (row,) = clocks(world, number, "solution")
        assert (row.started_at, row.due_at) == (NOW, NOW + timedelta(hours=72))
        assert any("72" in line.text or "3" in line.text for line in row.explanation(as_of=world.now))
        world.act("desk", number, "assess", severity="minor")
        assert clock(world, number, "solution").due_at == NOW + timedelta(hours=48)

    @pytest.mark.parametrize("severity", ["minor", "important", "major", "hot", "collective"])
    def test_as_shipped_no_severity_waits_longer_than_two_days(self, world: World, severity: str) -> None:
        number = acknowledged(world, severity)
        due = {key: clock(world, number, key).due_at for key in ("answer", "solution")}
        assert due == {"answer": NOW + timedelta(hours=24), "solution": NOW + timedelta(hours=48)}


class TestTickets:
    def test_the_same_matter_again_keeps_the_earliest_deadline(self, world: World) -> None:
        number = assigned(world)
        take(world, number)
        take(world, number, "HZ-2", DUE + timedelta(days=2), "ticket_again")
        assert [(t.number, t.is_repeat) for t in rows(world, number)] == [("HZ-1", False), ("HZ-2", True)]
        assert clock(world, number, "official").due_at == DUE
        sooner = NOW + timedelta(days=1, seconds=17)
        done = take(world, number, "HZ-3", sooner, "ticket_again")
        assert (done.detail.tickets_count, done.case.external_number) == (3, "HZ-3")
        (row,) = clocks(world, number, "official")
        assert row.due_at == sooner
        assert "ticket_again" in inbox(world, number, "region")["region"]
        world.act("headbutler", number, "investigate", **INVESTIGATION)
        world.act("desk", number, "reply", reply="已整改")
        assert all(t.settled_at and t.reply == "已整改" for t in rows(world, number))
        assert clock(world, number, "official").outcome == "met"

    def test_returned_only_while_it_waits(self, world: World) -> None:
        number = replied(world)
        rule = refused(world, "desk", number, "claim_ticket", claim="return", reason="非本小区")
        assert rule == "complaint.return_before_reply"

    def test_a_return_accepted_owes_nothing_more(self, world: World) -> None:
        number = solved(world)
        take(world, number)
        world.act("desk", number, "claim_ticket", claim="return", reason="市政道路，非物业职责")
        assert clock(world, number, "official").ended_at is None, "to ask is not to be given"
        world.pass_time(hours=5)
        world.act("desk", number, "callback", outcome="satisfied", rating=4)
        done = world.act("desk", number, "ruling", ruling="accepted", note="同意退单")
        assert done.case.state == "closed"
        assert clock(world, number, "official").outcome == "met"

    def test_a_return_refused_is_owed_its_reply(self, world: World) -> None:
        number = answered(world)
        take(world, number)
        world.act("desk", number, "claim_ticket", claim="return", reason="非物业职责")
        later = DUE + timedelta(days=1)
        world.act("desk", number, "ruling", ruling="refused", note="仍由贵司办理", due_at=later.isoformat())
        row = clock(world, number, "official")
        assert (row.ended_at, row.due_at) == (None, later)
        assert rows(world, number)[0].settled_at is None

    def test_disputed_only_after_a_bad_verdict(self, world: World) -> None:
        number = replied(world)
        rule = refused(world, "desk", number, "claim_ticket", claim="dispute", reason="已办结")
        assert rule == "complaint.dispute_after_verdict"

    def test_a_dispute_won_takes_the_verdict_back(self, world: World) -> None:
        number = replied(world)
        world.act("desk", number, "outside_verdict", verdict="unsatisfied", note="要求退物业费")
        world.act("desk", number, "claim_ticket", claim="dispute", reason="诉求已按期办结，退费无依据")
        done = world.act("desk", number, "ruling", ruling="accepted")
        assert (done.detail.outside_verdict, rows(world, number)[0].verdict) == ("", "")

    def test_one_claim_at_a_time(self, world: World) -> None:
        number = answered(world)
        take(world, number)
        world.act("desk", number, "claim_ticket", claim="return", reason="非物业职责")
        rule = refused(world, "desk", number, "claim_ticket", claim="return", reason="再退一次")
        assert rule == "complaint.one_claim"

    def test_an_outcome_needs_a_claim(self, world: World) -> None:
        number = answered(world)
        take(world, number)
        assert refused(world, "desk", number, "ruling", ruling="accepted") == "complaint.claim_open"

    def test_a_verdict_needs_a_reply(self, world: World) -> None:
        number = solved(world)
        take(world, number)
        rule = refused(world, "desk", number, "outside_verdict", verdict="satisfied")
        assert rule == "complaint.verdict_after_reply"

    @pytest.mark.parametrize(("verdict", "state"), [("satisfied", "solved"), ("not_reached", "solved")])
    def test_a_verdict_is_kept(self, world: World, verdict: str, state: str) -> None:
        done = world.act("desk", replied(world), "outside_verdict", verdict=verdict)
        assert (done.case.state, done.detail.outside_verdict) == (state, verdict)

    def test_outside_unsatisfied_begins_again(self, world: World) -> None:
        number = replied(world)
        world.pass_time(hours=5)
        world.act("desk", number, "callback", outcome="satisfied", rating=4)
        done = world.act("desk", number, "outside_verdict", verdict="unsatisfied", note="还是脏")
        assert (done.case.state, done.case.round, done.case.closed_at) == ("received", 2, None)
        assert rows(world, number)[0].verdict == "unsatisfied"

    def test_not_for_everybody(self, world: World) -> None:
        number = answered(world)
        for who in ("cashier", "owner"):
            with pytest.raises(NotAllowedError):
                world.act(who, number, "claim_ticket", claim="return", reason="非物业职责")
        assert not Ticket.objects.visible_to(world.actor("owner")).exists()


def test_the_reply_is_drafted_from_what_was_found_and_done(world: World) -> None:
    number = answered(world)
    take(world, number)
    world.act("headbutler", number, "solve", **SOLUTION)
    case, detail, _process = engine.load(world.project_id, number, world.actor("desk"))
    text = tickets.draft(case, detail)
    wanted: tuple[Any, ...] = ("HZ-1", INVESTIGATION["findings"], "经查属实", *SOLUTION.values())
    assert [part for part in wanted if part not in text] == []
