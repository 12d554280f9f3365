"""Complaints counted: in time by their own clocks, plans apart, what recurs, where it is hot; each figure has its cases."""

from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pytest_django import DjangoAssertNumQueries

from steward.cases.models import Case
from steward.casework.shipped import load_categories
from steward.insight.complaint_lines import WAYS, Line, Pick, lines, whole
from steward.insight.complaints import FIGURES, RECURRENCE, Counted, count
from steward.insight.hotspots import HOT_PERSONS, Row, stretches
from steward.insight.responders import responders, told
from steward.kernel.actor import SYSTEM
from steward.kernel.policies import Policy, set_policy
from tests.processes import test_complaint as complaint
from tests.world import NOW, World


@pytest.fixture
def classes(world: World) -> None:
    load_categories("complaint", actor=SYSTEM, at=NOW)


def counted(world: World, who: str = "manager", **span: Any) -> Counted:
    actor = world.actor(who)
    asked = {"since": NOW - timedelta(days=30), "until": world.now + timedelta(days=1), **span}
    return count(actor=actor, projects=actor.project_ids, at=world.now, **asked)


def figure(found: Counted, name: str, by: str = "all", key: str = "") -> int:
    """As the page says it, and as many cases as its list has."""
    line = whole(found) if by == "all" else next((n for n in lines(found, by) if n.key == key), Line("", ""))
    cases = Pick(by, key, name).cases(found)
    assert line.counts.get(name, 0) == len(cases), "the figure and its list differ"
    return len(cases)


def planned(world: World, days: int = 5) -> str:
    number = complaint.answered(world)
    until = (world.now + timedelta(days=days)).isoformat()
    world.act("headbutler", number, "ask_plan", plan="下周换水泵", until=until)
    world.act("manager", number, "approve_plan")
    return number


def test_in_time_late_and_still_running_by_the_first_clock(world: World) -> None:
    complaint.solved(world)
    late = complaint.assigned(world)
    world.pass_time(hours=25)
    world.act("headbutler", late, "investigate", **complaint.INVESTIGATION)
    world.act("headbutler", late, "answer", answer="经查属实，今天下午完成清扫")
    fresh = complaint.received(world)
    found = counted(world)
    assert figure(found, "received") == 3
    assert (figure(found, "answered"), figure(found, "answered_late")) == (1, 1)
    assert (figure(found, "solved"), figure(found, "solved_late")) == (1, 0)
    world.pass_time(hours=30)
    found = counted(world)
    assert figure(found, "answered_late") == 2, f"{fresh} is late though nobody has answered yet"
    assert figure(found, "solved_late") == 1


def test_a_plan_is_counted_apart_kept_or_missed(world: World) -> None:
    planned(world)
    kept = planned(world)
    world.pass_time(days=4)
    world.act("headbutler", kept, "solve", **complaint.SOLUTION)
    found = counted(world)
    assert (figure(found, "planned"), figure(found, "plan_late")) == (2, 0)
    assert (figure(found, "solved"), figure(found, "solved_late")) == (0, 0), "neither in time nor late"
    world.pass_time(days=2)
    assert figure(counted(world), "plan_late") == 1


def test_a_plan_that_comes_too_late_undoes_nothing(world: World) -> None:
    number = complaint.answered(world)
    world.pass_time(hours=49)
    until = (world.now + timedelta(days=5)).isoformat()
    world.act("headbutler", number, "ask_plan", plan="下周换水泵", until=until)
    world.act("manager", number, "approve_plan")
    found = counted(world)
    assert (figure(found, "planned"), figure(found, "solved_late")) == (1, 1)


def test_shares_leave_out_what_still_runs_and_say_nothing_of_few(world: World) -> None:
    for _n in range(4):
        complaint.answered(world)
    complaint.received(world)
    assert whole(counted(world)).answered is None, "four are too few"
    complaint.answered(world)
    line = whole(counted(world))
    assert line.answered == Decimal("100.0"), "the running one is neither kept nor late"
    assert not line.is_small
    assert all(line.is_small for line in lines(counted(world), "severity") if line.counts["received"] < 5)


@pytest.mark.usefixtures("classes")
def test_laid_apart_by_every_way_it_adds_up(world: World) -> None:
    complaint.answered(world)
    complaint.received(world, category="A1", unit="2-1-0304")
    complaint.received(world, category="A2", channel="phone")
    world.pass_time(days=10)  # into December
    world.pass_time(hours=1)
    complaint.received(world, category="A1")
    found = counted(world)
    for by in WAYS:
        assert sum(line.counts["received"] for line in lines(found, by)) == 4, by
        for line in lines(found, by):
            for name in FIGURES:
                figure(found, name, by, line.key)
    assert [(line.key, line.counts["received"]) for line in lines(found, "month")] == [("2026-11", 3), ("2026-12", 1)]
    assert [(line.name, line.counts["received"]) for line in lines(found, "class")] == [("房屋质量", 3), ("环境", 1)]
    assert {line.name: line.counts["received"] for line in lines(found, "category")}["渗漏"] == 2
    assert {line.name for line in lines(found, "channel")} == {"来信", "服务热线"}
    assert {line.name for line in lines(found, "unit")} == {"环境部", ""}


@pytest.mark.usefixtures("classes")
def test_the_same_room_and_matter_again_recurs_within_the_days(world: World) -> None:
    first = complaint.received(world, category="A1")
    complaint.received(world, category="A2")
    complaint.received(world, category="A1", unit="2-1-0304")
    world.pass_time(days=89)
    again = complaint.received(world, category="A1")
    found = counted(world, since=world.now - timedelta(days=1))
    assert figure(found, "recurring") == 1, "the one before lies outside the days asked for"
    assert Pick("all", "", "recurring").cases(found) == {pk(world, again)}
    world.pass_time(days=91)
    complaint.received(world, category="A1")
    assert figure(counted(world, since=world.now - timedelta(days=1)), "recurring") == 0, first
    set_figure(world, RECURRENCE, 120)
    assert figure(counted(world, since=world.now - timedelta(days=1)), "recurring") == 1


def test_a_class_alone_is_no_second_level(world: World) -> None:
    for _n in range(2):
        complaint.received(world, category="D")
    assert figure(counted(world), "recurring") == 0


def pk(world: World, number: str) -> int:
    return Case.objects.in_project(world.project_id).get(number=number).pk


def set_figure(world: World, policy: Policy[int], value: int) -> None:
    before = world.now - timedelta(days=1)
    actor = world.actor("hq")
    set_policy(policy, value=value, node_id=None, actor=actor, effective_from=before, at=world.now)


def of_cause(world: World, unit: str, cause: str = "staffing", **more: Any) -> str:
    number = complaint.received(world, unit=unit, **more)
    world.act("desk", number, "acknowledge", severity="minor")
    handler = world.company.staff["headbutler"].pk
    world.act("desk", number, "assign", responsible_unit="环境部", handler=handler)
    world.act("headbutler", number, "investigate", **complaint.INVESTIGATION, cause=cause, root_cause="排班缺口")
    return number


def test_three_complainants_of_one_cause_within_a_month_are_a_hot_spot(world: World) -> None:
    of_cause(world, "3-2-1201")
    of_cause(world, "3-2-1201")
    of_cause(world, "2-1-0304", cause="procedure")
    assert counted(world).spots == [], "one household twice is one complainant"
    of_cause(world, "2-1-0304")
    world.pass_time(days=31)
    of_cause(world, "5-1-0902")
    of_cause(world, "7-1-0603")
    assert counted(world, since=NOW).spots == [], "too far apart"
    of_cause(world, "2-1-0304")
    found = counted(world, since=NOW)
    (spot,) = found.spots
    assert (spot.cause, spot.complainants, len(spot.cases)) == ("staffing", 3, 3)
    assert figure(found, "hot") == 3
    assert Pick("spot", spot.key, "hot").cases(found) == set(spot.cases)
    set_figure(world, HOT_PERSONS, 4)
    assert counted(world).spots == []


def test_a_group_complaint_counts_its_persons(world: World) -> None:
    of_cause(world, "3-2-1201", persons=7)
    (spot,) = counted(world).spots
    assert spot.complainants == 7


def test_outside_tickets_reopened_and_corrected(world: World) -> None:
    number = complaint.solved(world)
    due = (world.now + timedelta(days=3)).isoformat()
    world.act("desk", number, "take_ticket", source="12345", ticket_number="HZ-1", due_at=due)
    assert figure(counted(world), "improved") == 1
    world.act("owner", number, "reopen", reason="楼道还是没人打扫")
    found = counted(world)
    assert (figure(found, "outside"), figure(found, "reopened"), figure(found, "improved")) == (1, 1, 0)
    assert figure(found, "solved") == 1, "the first answer stands as it was"


def test_out_of_reach_nothing_is_counted(world: World) -> None:
    complaint.received(world)
    assert figure(counted(world, "outsider"), "received") == 0
    actor = world.actor("outsider")
    asked = {"since": NOW - timedelta(days=1), "until": world.now + timedelta(days=1)}
    foreign = count(actor=actor, projects=frozenset({world.project_id}), at=world.now, **asked)
    assert foreign.rows == []


@pytest.mark.parametrize("n", [2, 12])
def test_three_statements_whatever_their_number(
    world: World, django_assert_num_queries: DjangoAssertNumQueries, n: int
) -> None:
    for _n in range(n):
        complaint.acknowledged(world)
    world.actor("manager")
    with django_assert_num_queries(3):
        counted(world)


def row(n: int, at: datetime, customer: int) -> Row:
    nothing: tuple[Any, ...] = ("", "", "", "", 1, 0, "", "")
    return Row(n, 1, at, None, "phone", 1, "received", None, customer, "", *nothing)


@given(st.lists(st.tuples(st.integers(0, 120), st.integers(1, 5)), max_size=25))
def test_a_case_is_hot_where_a_window_says_so(drawn: list[tuple[int, int]]) -> None:
    """Against the definition, tried from every complaint."""
    rows = [row(n, NOW + timedelta(days=day), customer) for n, (day, customer) in enumerate(sorted(drawn))]
    hot = set()
    for first in rows:
        near = [r for r in rows if timedelta(0) <= r.received_at - first.received_at <= timedelta(days=30)]
        if len({r.customer_id for r in near}) >= 3:
            hot |= {r.pk for r in near}
    found = [r.pk for stretch in stretches(rows, {}, timedelta(days=30), 3) for r in stretch]
    assert sorted(found) == sorted(hot), "each once"


def test_first_responders_are_measured(world: World) -> None:
    numbers = [world.open("desk", urgency="P1", payer="owner").case.number for _ in range(6)]
    world.open("butler", kind="inquiry", title="停水到几点")
    world.pass_time(hours=3)
    world.act("desk", numbers[0], "tell", text="正在联系师傅")
    actor = world.actor("manager")
    span = {"since": NOW - timedelta(days=1), "until": world.now + timedelta(days=1), "at": world.now}
    found = {r.name: r for r in responders(actor=actor, projects=actor.project_ids, **span)}
    desk = found["周敏"]
    assert (desk.received, desk.open, desk.late) == (6, 6, 6)
    assert (desk.told.cases, desk.told.kept, desk.told.share) == (6, 0, Decimal("0.0"))
    assert found["陈悦"].told.share is None, "one is too few"
    by_kind = {t.key: t for t in told(actor=actor, projects=actor.project_ids, **span, by="kind")}
    assert (by_kind["repair"].broken, by_kind["inquiry"].broken) == (6, 0)
    assert [t.key for t in told(actor=actor, projects=actor.project_ids, **span, by="month")] == ["2026-11"]
