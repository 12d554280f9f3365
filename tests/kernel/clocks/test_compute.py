"""Concrete deadlines, worked out by hand on a paper calendar."""

from datetime import UTC, datetime, time, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest

from steward.kernel.clocks import (
    ClockRule,
    FactWait,
    Hours,
    Pause,
    WorkCalendar,
    due_at,
    elapsed,
    escalation_at,
    remaining,
    wait_for_fact,
    warn_at,
)
from tests.kernel.clocks.oracle import CALENDAR
from tests.stopwatch import calm_seconds

SHANGHAI = ZoneInfo("Asia/Shanghai")
NEW_YORK = ZoneInfo("America/New_York")
OFFICE = Hours.of("08:30-12:00", "13:30-17:30")  # 7 h 30 a day


def at(text: str, zone: ZoneInfo = SHANGHAI) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=zone)


def working(hours: float, **changes: object) -> ClockRule:
    return ClockRule(int(hours * 60), "working", OFFICE, **changes)  # type: ignore[arg-type]


def due(rule: ClockRule, start: str, *pauses: Pause, as_of: str = "2030-01-01 00:00") -> datetime | None:
    return due_at(rule, CALENDAR, at(start), pauses, as_of=at(as_of))


@pytest.mark.parametrize(
    ("start", "hours", "expected"),
    [
        ("2025-11-17 09:00", 2, "2025-11-17 11:00"),
        ("2025-11-17 11:00", 2, "2025-11-17 14:30"),  # over lunch
        ("2025-11-17 12:30", 1, "2025-11-17 14:30"),  # starts at lunch
        ("2025-11-17 16:30", 1, "2025-11-17 17:30"),  # used up at closing time, not next morning
        ("2025-11-17 23:00", 1, "2025-11-18 09:30"),  # starts at night
        ("2025-11-21 17:00", 1, "2025-11-24 09:00"),  # over the weekend
        ("2025-11-22 10:00", 7.5, "2025-11-24 17:30"),  # starts on Saturday
        ("2025-09-30 16:30", 2, "2025-10-09 09:30"),  # National Day, eight days off
        ("2025-10-10 16:30", 2, "2025-10-11 09:30"),  # Saturday worked in return
        ("2025-09-27 10:00", 1, "2025-09-28 09:30"),  # Saturday off, Sunday worked
        ("2026-02-13 17:00", 1, "2026-02-14 09:00"),  # the Saturday before Spring Festival is worked
        ("2026-02-14 17:00", 1, "2026-02-24 09:00"),  # then nine days off
        ("2026-02-27 17:00", 1, "2026-02-28 09:00"),
        ("2026-12-31 17:00", 1, "2027-01-01 09:00"),  # 2027 is not known: a Friday like any other
    ],
)
def test_working_time(start: str, hours: float, expected: str) -> None:
    assert due(working(hours), start) == at(expected)


def test_natural_time_is_elapsed_time_even_when_clocks_change() -> None:
    day = ClockRule(24 * 60, tz="America/New_York")
    spring, autumn = at("2026-03-07 12:00", NEW_YORK), at("2026-10-31 12:00", NEW_YORK)
    assert due_at(day, CALENDAR, spring, [], as_of=spring) == at("2026-03-08 13:00", NEW_YORK)
    assert due_at(day, CALENDAR, autumn, [], as_of=autumn) == at("2026-11-01 11:00", NEW_YORK)
    assert elapsed(day, CALENDAR, spring, [], at("2026-03-08 12:00", NEW_YORK)) == timedelta(hours=23)


def test_a_night_shift_in_new_york_works_an_hour_less_in_march_and_more_in_november() -> None:
    night = ClockRule(60, "working", Hours.of("00:00-04:00"), tz="America/New_York")
    everyday = WorkCalendar(
        {at("2026-03-08 00:00").date(): True, at("2026-11-01 00:00").date(): True}, {}, at("2030-01-01 00:00").date()
    )
    for day, hours in (("2026-03-08", 3), ("2026-11-01", 5)):
        start, end = at(f"{day} 00:00", NEW_YORK), at(f"{day} 12:00", NEW_YORK)
        assert elapsed(night, everyday, start, [], end) == timedelta(hours=hours)


def test_pauses_in_the_repeated_hour_keep_their_real_length() -> None:
    first = at("2026-11-01 01:30", NEW_YORK)
    pause = Pause(first, first.replace(fold=1), "waiting for parts")
    rule = ClockRule(180, tz="America/New_York")
    start = at("2026-11-01 00:30", NEW_YORK)
    assert due_at(rule, CALENDAR, start, [pause], as_of=at("2026-11-02 00:00")) == start.astimezone(UTC) + timedelta(
        hours=4
    )


def test_of_two_pauses_the_one_that_really_ends_later_counts() -> None:
    """By the wall clock 01:45 comes after 01:30, but this 01:30 is the second one of that night."""
    start = at("2026-11-01 00:30", NEW_YORK)
    longer = Pause(at("2026-11-01 00:40", NEW_YORK), at("2026-11-01 01:30", NEW_YORK).replace(fold=1))
    shorter = Pause(at("2026-11-01 00:50", NEW_YORK), at("2026-11-01 01:45", NEW_YORK))
    rule = ClockRule(60, tz="America/New_York")
    due = due_at(rule, CALENDAR, start, [longer, shorter], as_of=at("2026-11-02 00:00"))
    assert due == start.astimezone(UTC) + timedelta(minutes=60 + 110)


@pytest.mark.parametrize(
    ("pause", "expected"),
    [
        (("2025-11-17 10:00", "2025-11-17 11:00"), "2025-11-17 14:30"),
        (("2025-11-17 11:30", "2025-11-17 14:00"), "2025-11-17 14:30"),  # lunch inside: one working hour lost
        (("2025-11-17 12:00", "2025-11-17 13:30"), "2025-11-17 12:00"),  # lunch alone: nothing lost
        (("2025-11-17 17:30", "2025-11-18 08:30"), "2025-11-17 12:00"),  # after the due time
        (("2025-11-17 07:00", "2025-11-17 09:30"), "2025-11-17 14:00"),  # since before the start
        (("2025-11-17 11:00", "2025-11-18 07:00"), "2025-11-18 09:30"),  # overnight
    ],
)
def test_a_pause_counts_only_where_work_would_have(pause: tuple[str, str], expected: str) -> None:
    stopped = Pause(at(pause[0]), at(pause[1]))
    assert due(working(3), "2025-11-17 09:00", stopped) == at(expected)


@pytest.mark.parametrize(
    ("pause", "counted"),
    [
        (("2025-11-17 10:00", "2025-11-17 11:00"), 3.5),
        (("2025-11-17 11:30", "2025-11-17 14:00"), 3.5),  # lunch inside: one working hour lost
        (("2025-11-17 12:00", "2025-11-17 13:30"), 4.5),  # lunch alone: nothing lost
        (("2025-11-16 09:00", "2025-11-17 09:30"), 4),  # since Sunday, before the start
        (("2025-11-17 14:00", "2025-11-17 20:00"), 3.5),  # beyond the moment asked for
    ],
)
def test_what_has_counted_lacks_of_a_pause_only_working_time(pause: tuple[str, str], counted: float) -> None:
    """Nine o'clock to three, over lunch."""
    stopped = Pause(at(pause[0]), at(pause[1]))
    ran = elapsed(working(3), CALENDAR, at("2025-11-17 09:00"), [stopped], at("2025-11-17 15:00"))
    assert ran == timedelta(hours=counted)


def test_overlapping_pauses_count_once() -> None:
    pauses = (
        Pause(at("2025-11-17 10:00"), at("2025-11-17 11:00")),
        Pause(at("2025-11-17 09:30"), at("2025-11-17 10:30")),
        Pause(at("2025-11-17 10:00"), at("2025-11-17 10:10")),
    )
    assert due(working(1), "2025-11-17 09:00", *pauses) == at("2025-11-17 11:30")
    ran = elapsed(working(1), CALENDAR, at("2025-11-17 09:00"), pauses, at("2025-11-17 12:00"))
    assert ran == timedelta(minutes=90)


def test_while_an_open_pause_holds_there_is_no_due_time_but_a_remainder() -> None:
    rule, waiting = working(3), Pause(at("2025-11-17 10:00"), None, "waiting for the customer")
    now = at("2025-11-19 15:00")
    assert due(rule, "2025-11-17 09:00", waiting, as_of="2025-11-19 15:00") is None
    assert remaining(rule, CALENDAR, at("2025-11-17 09:00"), [waiting], now) == timedelta(hours=2)
    assert warn_at(rule, CALENDAR, at("2025-11-17 09:00"), [waiting], as_of=now) is None


def test_an_open_pause_after_the_due_time_leaves_it_alone() -> None:
    waiting = Pause(at("2025-11-17 10:00"), None)
    assert due(working(1), "2025-11-17 09:00", waiting) == at("2025-11-17 10:00")


def test_a_past_day_does_not_know_what_came_after() -> None:
    rule, pause = working(3), Pause(at("2025-11-17 10:00"), at("2025-11-17 11:00"))
    start = "2025-11-17 09:00"
    assert due(rule, start, pause, as_of="2025-11-17 09:59") == at("2025-11-17 12:00")
    assert due(rule, start, pause, as_of="2025-11-17 10:59") is None
    assert due(rule, start, pause, as_of="2025-11-17 11:00") == at("2025-11-17 14:30")


@pytest.mark.parametrize("mode", ["natural", "working"])
def test_zero_minutes_are_due_at_once_even_at_night_and_paused(mode: str) -> None:
    rule = ClockRule(0, mode, OFFICE, escalations=(Decimal(1),))  # type: ignore[arg-type]
    start = at("2025-11-22 23:00")
    pauses = [Pause(start, None)]
    for answer in (
        due_at(rule, CALENDAR, start, pauses, as_of=start),
        warn_at(rule, CALENDAR, start, pauses, as_of=start),
        escalation_at(rule, CALENDAR, start, pauses, 1, as_of=start),
    ):
        assert answer == start


def test_warning_and_ladder_are_shares_of_the_allowance_in_counted_time() -> None:
    rule = working(10, escalations=(Decimal(1), Decimal("1.5"), Decimal(2)))
    start = at("2025-11-21 08:30")  # a Friday
    assert warn_at(rule, CALENDAR, start, [], as_of=start) == at("2025-11-24 09:00")
    rungs = [escalation_at(rule, CALENDAR, start, [], n, as_of=start) for n in (1, 2, 3)]
    assert rungs == [at("2025-11-24 11:00"), at("2025-11-24 17:30"), at("2025-11-25 15:00")]
    for n in (0, 4):
        with pytest.raises(ValueError, match="no escalation step"):
            escalation_at(rule, CALENDAR, start, [], n, as_of=start)


def test_shares_are_rounded_to_whole_seconds_half_up() -> None:
    assert ClockRule(1).share(Decimal("0.675")) == timedelta(seconds=41)
    assert ClockRule(1).share(Decimal("0.674")) == timedelta(seconds=40)


def test_remaining_goes_below_zero() -> None:
    start = at("2025-11-17 09:00")
    assert remaining(working(1), CALENDAR, start, [], at("2025-11-17 11:00")) == timedelta(hours=-1)
    assert elapsed(working(1), CALENDAR, start, [], at("2025-11-17 08:45")) == timedelta(0)


def test_hours_may_end_at_midnight_and_fill_the_day() -> None:
    assert Hours.of("20:00-24:00").spans == ((time(20), time(0)),)
    whole = ClockRule(48 * 60, "working", Hours.of("00:00-24:00"))
    assert due_at(whole, CALENDAR, at("2025-11-21 12:00"), [], as_of=at("2025-11-21 12:00")) == at("2025-11-25 12:00")


@pytest.mark.parametrize(
    "spans",
    [
        ("09:00-09:00",),
        ("12:00-09:00",),
        ("13:00-17:00", "08:00-12:00"),
        ("08:00-12:00", "11:00-13:00"),
        ("20:00-00:00", "21:00-22:00"),
    ],
)
def test_hours_that_make_no_sense_are_refused(spans: tuple[str, ...]) -> None:
    with pytest.raises(ValueError, match="span"):
        Hours.of(*spans)


@pytest.mark.parametrize(
    "wrong",
    [
        {"minutes": -1},
        {"minutes": 10**9},
        {"minutes": 1, "mode": "working"},
        {"minutes": 1, "mode": "sidereal"},
        {"minutes": 1, "warn_ratio": Decimal(0)},
        {"minutes": 1, "warn_ratio": Decimal("1.1")},
        {"minutes": 1, "escalations": (Decimal(2), Decimal(1))},
        {"minutes": 1, "escalations": (Decimal(0),)},
    ],
)
def test_rules_that_make_no_sense_are_refused(wrong: dict[str, object]) -> None:
    with pytest.raises(ValueError, match=r"allowance|mode|hours|warning|escalations"):
        ClockRule(**wrong)  # type: ignore[arg-type]


def test_naive_times_and_backward_pauses_are_refused() -> None:
    naive = datetime(2025, 11, 17, 9)  # noqa: DTZ001
    with pytest.raises(ValueError, match="aware"):
        due_at(working(1), CALENDAR, naive, [], as_of=at("2025-11-17 09:00"))
    with pytest.raises(ValueError, match="aware"):
        Pause(naive, None)
    with pytest.raises(ValueError, match="ends before"):
        Pause(at("2025-11-17 09:00"), at("2025-11-17 08:59"))


def test_waiting_for_a_fact_has_a_fallback_instant() -> None:
    assert wait_for_fact(90) == FactWait(timedelta(days=90))
    start = at("2026-10-31 12:00", NEW_YORK)
    assert FactWait(timedelta(days=1)).fallback_at(start) == at("2026-11-01 11:00", NEW_YORK)


def test_a_year_of_working_time_costs_less_than_a_millisecond() -> None:
    rule, start = working(250 * 7.5), at("2025-03-03 10:00")
    pauses = [Pause(start + timedelta(days=n), start + timedelta(days=n, hours=5)) for n in range(0, 100, 10)]
    due_at(rule, CALENDAR, start, pauses, as_of=at("2026-12-01 00:00"))  # lays out the years once

    def twenty() -> None:
        for _ in range(20):
            due_at(rule, CALENDAR, start, pauses, as_of=at("2026-12-01 00:00"))

    assert calm_seconds(twenty) / 20 < 0.001
