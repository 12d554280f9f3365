"""Callback rules: who is called when, and again after the first rain (MISSION DSK-9)."""

from datetime import date, datetime, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext
from hypothesis import given, settings
from hypothesis import strategies as st

from steward.assurance import callbacks, wishes
from steward.assurance.models import AttemptOutcome, Callback, Purpose, RainClock
from steward.assurance.policies import QUIET
from steward.assurance.rain import wait_for_rain
from steward.cases.deadlines import of_case
from steward.cases.declare import REGISTRY
from steward.cases.models import Case, Deadline, Entry
from steward.casework.clocks import beside
from steward.casework.clocks.lateness import Story, late
from steward.casework.clocks.latewords import paragraph
from steward.kernel.clocks import QuietHours, quiet_hours
from steward.kernel.errors import ConflictError, InvalidError
from steward.registers.estate import weather
from steward.worker.loop import run_until_idle
from tests.processes.test_repair_story import to_settling
from tests.world import World

HERE = ZoneInfo("Asia/Shanghai")
QUIET_HOURS = QuietHours.of(*QUIET.preset.spans)


def repaired(world: World, category: str, tech: str = "tech") -> str:
    """Done, nothing to pay: only the callback is left."""
    number = world.open("desk", category=category, urgency="P2", payer="developer").case.number
    world.act("desk", number, "dispatch", handler=world.company.staff[tech].pk)
    for action in ("accept", "arrive"):
        world.act(tech, number, action)
    world.act(
        tech, number, "confirm_scope", cause="开裂", scope="修补", confirmed_by="王淑芬", photos=[world.photo(tech)]
    )
    world.act(tech, number, "start")
    world.pass_time(hours=1)
    done = {"work_done": "修补防水", "labour_minutes": 50, "site_cleaned": True}
    world.act(tech, number, "finish", photos_after=[world.photo(tech)], **done)
    return number


def leak(world: World) -> str:
    """A wall leak: its category lets rain in."""
    return repaired(world, "wall", "tech2")


def calls(world: World, number: str) -> dict[str, Callback]:
    rows = Callback.objects.in_project(world.project_id).filter(case__number=number).order_by("round")
    return {row.purpose: row for row in rows}


def it_rains(world: World, day: date, mm: str = "12") -> None:
    weather.record_rain(
        project_id=world.project_id,
        day=day,
        millimetres=Decimal(mm),
        actor=world.actor("desk"),
        at=world.now,
        reason="录入",
    )


def today(world: World) -> date:
    return world.now.astimezone(HERE).date()


def ring(world: World, number: str, outcome: str = "satisfied", **data: object) -> None:
    world.act("butler", number, "callback", outcome=outcome, **data)


def test_a_leak_is_called_about_twice(world: World) -> None:
    number = leak(world)
    done = world.now
    found = calls(world, number)
    courtesy, rain = found["courtesy"], found["after_rain"]
    assert courtesy.due_at == done + timedelta(days=7)
    assert rain.waits_for_rain
    assert rain.not_before >= done + timedelta(days=90)
    world.pass_time(days=1)
    with pytest.raises(ConflictError) as refused:
        ring(world, number, purpose="after_rain")
    assert refused.value.rule == "callback.rain"


def test_pipe_leaks_and_all_else_are_called_about_once(world: World) -> None:
    for category in ("leak", "power"):
        assert list(calls(world, repaired(world, category))) == ["courtesy"]


def test_one_figure_for_clock_and_callback(world: World) -> None:
    number = to_settling(world)
    clock = Deadline.objects.in_project(world.project_id).get(case__number=number, key="callback")
    assert calls(world, number)["courtesy"].due_at == clock.due_at


def test_an_inquiry_answered_at_once_is_not_called_about(world: World) -> None:
    number = world.open("desk", kind="inquiry", title="物业费怎么交").case.number
    world.act("desk", number, "answer", answer="手机上可以交")
    assert calls(world, number) == {}


def test_the_second_call_begins_the_morning_after_the_first_rain(world: World) -> None:
    number = leak(world)
    it_rains(world, today(world))  # the day of the repair: it may have rained before
    assert calls(world, number)["after_rain"].waits_for_rain
    world.pass_time(days=2)
    day = today(world)
    it_rains(world, day)
    call = calls(world, number)["after_rain"]
    morning = datetime.combine(day + timedelta(days=1), datetime.min.time(), HERE).replace(hour=8, minute=30)
    assert (call.waits_for_rain, call.rain_day, call.not_before) == (False, day, morning)
    assert call.due_at == morning + timedelta(hours=72)
    world.pass_time(days=2)
    it_rains(world, today(world))  # the second rain changes nothing
    assert calls(world, number)["after_rain"].rain_day == day


def test_the_call_after_rain_has_a_clock_that_moves_and_ends_with_it(world: World) -> None:
    number = leak(world)

    def clock() -> RainClock:
        found = RainClock.objects.in_project(world.project_id).select_related("callback").get(case__number=number)
        assert (found.started_at, found.due_at) == (found.callback.not_before, found.callback.due_at)
        return found

    fallback = clock().due_at
    world.pass_time(days=2)
    it_rains(world, today(world))
    assert clock().due_at == calls(world, number)["after_rain"].not_before + timedelta(hours=72)
    it_rains(world, today(world), "0")
    assert clock().due_at == fallback
    it_rains(world, today(world))
    world.pass_time(days=1)
    ring(world, number, rating=4)
    ring(world, number, rating=4, purpose="after_rain")
    row = RainClock.objects.in_project(world.project_id).get()
    assert (row.ended_at, row.outcome, row.next_at) == (world.now, "met", None)


def test_a_late_call_after_rain_says_why(world: World) -> None:
    """Also on a closed case, and not before its time."""
    number = leak(world)
    world.pass_time(days=2)
    it_rains(world, today(world))
    world.pass_time(days=1)
    ring(world, number, rating=4)
    due = calls(world, number)["after_rain"].due_at
    assert late_words(world, number, due) == []
    run_until_idle(due + timedelta(hours=5))
    (said,) = late_words(world, number, due + timedelta(hours=5))
    assert "“雨后回访”时限" in said
    assert "至今未完成，已超5小时。" in said
    assert "打雨后回访电话3天5小时（陈悦）" in said


def late_words(world: World, number: str, at: datetime) -> list[str]:
    case = Case.objects.in_project(world.project_id).get(number=number)
    entries = list(Entry.objects.in_project(world.project_id).filter(case=case).order_by("seq"))
    story = Story(case, REGISTRY[case.kind], of_case(case), entries, at)
    return [paragraph(found, case) for found in late(story, beside.rows(case, entries))]


def test_reopened_the_clock_of_the_call_after_rain_is_not_needed_any_more(world: World) -> None:
    number = leak(world)
    world.pass_time(days=1)
    ring(world, number, "unsatisfied", comment="又渗了")
    assert RainClock.objects.in_project(world.project_id).get(case__number=number).outcome == "void"


@pytest.mark.parametrize("rained", [False, True])
def test_a_call_of_before_clocks_gets_one_and_its_alarms(world: World, rained: bool) -> None:  # noqa: FBT001
    """Also where its time is up already; one that was made needs none."""
    number, other = leak(world), leak(world)
    world.pass_time(hours=50)
    if rained:
        it_rains(world, today(world))
    ring(world, other, rating=4)
    if rained:
        world.pass_time(days=1)
        ring(world, other, rating=4, purpose="after_rain")
    RainClock.objects.in_project(world.project_id).delete()
    call = calls(world, number)["after_rain"]
    run_until_idle(call.due_at + timedelta(hours=1))
    clock = RainClock.objects.in_project(world.project_id).get(case__number=number)
    assert (clock.started_at, clock.due_at, clock.outcome) == (call.not_before, call.due_at, "")
    assert RainClock.objects.in_project(world.project_id).count() == (1 if rained else 2)
    run_until_idle(call.due_at + timedelta(hours=2))
    told = Entry.objects.in_project(world.project_id).filter(case__number=number, data__deadline="after_rain")
    assert "warn" in set(told.values_list("action", flat=True))


def test_a_close_looks_for_rain_only_where_a_call_waits_for_it(world: World) -> None:
    number = repaired(world, "leak")  # a pipe: no call after rain
    world.pass_time(days=1)
    with CaptureQueriesContext(connection) as read:
        ring(world, number, rating=4)
    assert Case.objects.in_project(world.project_id).get(number=number).state == "closed"
    assert not [q["sql"] for q in read if "rainclock" in q["sql"]]


def test_rain_on_record_counts_for_what_is_entered_late(world: World) -> None:
    number = leak(world)
    row = calls(world, number)["after_rain"]
    world.pass_time(days=2)
    it_rains(world, today(world))
    late = Callback(project_id=row.project_id, case=row.case, started_at=row.started_at, purpose=Purpose.AFTER_RAIN)
    wait_for_rain(late, at=world.now)
    assert late.rain_day == today(world)


def test_a_day_that_was_dry_after_all(world: World) -> None:
    number = leak(world)
    world.pass_time(days=1)
    it_rains(world, today(world))
    it_rains(world, today(world), "0")
    assert calls(world, number)["after_rain"].waits_for_rain


def test_the_call_after_rain_goes_on_when_the_case_is_closed(world: World) -> None:
    number = leak(world)
    world.pass_time(days=1)
    ring(world, number, rating=4)
    case = Case.objects.in_project(world.project_id).get(number=number)
    assert case.state == "closed"
    it_rains(world, today(world))
    world.pass_time(days=1)
    ring(world, number, "unsatisfied", comment="又渗了")
    case.refresh_from_db()
    assert (case.state, case.round) == ("received", 2)


def test_satisfied_after_the_rain_changes_no_rating(world: World) -> None:
    number = leak(world)
    world.act("owner", number, "rate", rating=3)
    found = calls(world, number)
    assert (found["courtesy"].state, found["courtesy"].rating_way) == ("self_rated", "portal")
    assert found["after_rain"].ended_at is None
    world.pass_time(days=1)
    it_rains(world, today(world))
    world.pass_time(days=1)
    ring(world, number, rating=4)
    assert calls(world, number)["after_rain"].state == "satisfied"
    assert calls(world, number)["after_rain"].rating_way == "call"
    assert Case.objects.in_project(world.project_id).select_related("repair").get(number=number).repair.rating == 3


def test_reopened_before_the_rain_it_waits_for_rain_after_the_new_repair(world: World) -> None:
    number = leak(world)
    world.act("owner", number, "reopen", reason="还在渗")
    rows = Callback.objects.in_project(world.project_id).filter(case__number=number)
    assert set(rows.values_list("state", flat=True)) == {"void"}


def test_silence_never_counts(world: World) -> None:
    number = to_settling(world)
    world.pass_time(days=200)
    assert calls(world, number)["courtesy"].state == "open"


def test_a_customers_own_wish(world: World) -> None:
    number = to_settling(world)
    customer = world.company.customers["owner"]
    wishes.set_wish(
        project_id=world.project_id,
        customer_id=customer.pk,
        not_at="09:00-11:00",
        actor=world.actor("butler"),
        at=world.now,
    )
    world.now = (world.now + timedelta(days=1)).replace(hour=2, minute=0)  # 10:00 there
    with pytest.raises(ConflictError) as refused:
        ring(world, number)
    assert refused.value.rule == "callback.quiet_hours"
    world.pass_time(hours=1)
    ring(world, number)
    for nonsense in ("25:00-26:00", "09:00", "00:00-12:00,12:00-24:00"):
        with pytest.raises(InvalidError):
            wishes.set_wish(
                project_id=world.project_id,
                customer_id=customer.pk,
                not_at=nonsense,
                actor=world.actor("butler"),
                at=world.now,
            )


@settings(max_examples=40)
@given(
    minute=st.integers(0, 364 * 24 * 60),
    rains=st.lists(st.integers(-3, 120), unique=True, max_size=5),
    late=st.integers(0, 6),
)
def test_scheduling_holds_for_any_weather(leaking: World, minute: int, rains: list[int], late: int) -> None:
    """Never in quiet hours, never before completion or rain; the first rain after, else the fallback."""
    world = leaking
    done = datetime(2026, 1, 1, tzinfo=HERE) + timedelta(minutes=minute)
    with transaction.atomic():
        row = Callback.objects.in_project(world.project_id).get(purpose=Purpose.AFTER_RAIN)
        row.started_at = done
        wait_for_rain(row, at=done)
        row.save()
        known: dict[str, tuple[date, datetime]] = {}
        for n in sorted(rains):
            day = done.date() + timedelta(days=n)
            world.now = datetime.combine(day, datetime.min.time(), HERE) + timedelta(days=late, hours=10)
            if day < date(2026, 1, 1) or world.now < done:
                continue
            it_rains(world, day)
            if n > 0:
                known.setdefault("first", (day, world.now))
        row.refresh_from_db()
        assert quiet_hours(QUIET_HOURS, row.not_before) == row.not_before
        assert done < row.not_before < row.due_at
        if "first" in known:
            day, heard = known["first"]
            assert (row.rain_day, row.waits_for_rain) == (day, False)
            assert row.not_before >= heard
            assert row.not_before.astimezone(HERE).date() > day
        else:
            assert row.waits_for_rain
            assert row.not_before >= done + timedelta(days=90)
        transaction.set_rollback(True)


@pytest.fixture
def leaking(world: World) -> World:
    leak(world)
    return world


@settings(max_examples=40)
@given(minutes=st.lists(st.integers(0, 3000), min_size=1, max_size=4))
def test_no_try_is_ever_made_in_quiet_hours(leaking: World, minutes: list[int]) -> None:
    world = leaking
    start = world.now
    with transaction.atomic():
        made: list[datetime] = []
        case = Case.objects.in_project(world.project_id).get()
        for n in minutes:
            world.now += timedelta(minutes=n)
            try:
                callbacks.record_attempt(
                    case=case,
                    outcome=AttemptOutcome.NO_ANSWER,
                    note="",
                    rating=None,
                    actor=world.actor("butler"),
                    at=world.now,
                    purpose=Purpose.COURTESY,
                )
            except ConflictError:
                continue
            made.append(world.now.astimezone(HERE))
        assert all(quiet_hours(QUIET_HOURS, at) == at for at in made)
        assert len({at.date() for at in made}) == len(made)
        transaction.set_rollback(True)
    world.now = start
