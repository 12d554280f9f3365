from datetime import date, timedelta

import chinese_calendar
import pytest

from steward.kernel.clocks import CalendarDayData, WorkCalendar, seed_calendar, seeded_until
from tests.kernel.clocks.oracle import CALENDAR


@pytest.mark.parametrize(
    ("day", "workday"),
    [
        (date(2025, 9, 28), True),  # Sunday, made up for National Day
        (date(2025, 9, 30), True),
        (date(2025, 10, 1), False),
        (date(2025, 10, 6), False),  # Mid-autumn inside the same break
        (date(2025, 10, 8), False),
        (date(2025, 10, 9), True),
        (date(2025, 10, 11), True),  # Saturday, made up
        (date(2025, 10, 12), False),
        (date(2026, 2, 14), True),  # Saturday, made up for Spring Festival
        (date(2026, 2, 16), False),  # Monday
        (date(2026, 2, 23), False),
        (date(2026, 2, 24), True),
        (date(2026, 2, 28), True),  # Saturday, made up
    ],
)
def test_the_notices_of_the_state_council(day: date, *, workday: bool) -> None:
    assert CALENDAR.is_workday(day) is workday


def test_every_known_day_agrees_with_the_package() -> None:
    calendar = WorkCalendar.from_days(seed_calendar(2004, 2026), known_until=seeded_until())
    days = [date(2004, 1, 1) + timedelta(days=n) for n in range((date(2026, 12, 31) - date(2004, 1, 1)).days + 1)]
    assert [day for day in days if calendar.is_workday(day) != chinese_calendar.is_workday(day)] == []


def test_years_without_a_notice_fall_back_to_monday_to_friday() -> None:
    assert seeded_until() >= date(2026, 12, 31)
    assert CALENDAR.known_until == seeded_until()
    beyond = date(seeded_until().year + 1, 1, 1)
    assert not CALENDAR.falls_back(beyond - timedelta(days=1))
    assert CALENDAR.falls_back(beyond)
    week = [CALENDAR.is_workday(beyond + timedelta(days=n)) for n in range(7)]
    assert sum(week) == 5
    assert seed_calendar(2090, 2095) == []


def test_an_explicit_day_wins_and_names_itself() -> None:
    saturday, monday = date(2027, 1, 9), date(2027, 1, 11)
    rows = [CalendarDayData(saturday, True, "Stocktaking"), CalendarDayData(monday, False, "")]
    calendar = WorkCalendar.from_days(rows, known_until=date(2026, 12, 31))
    assert calendar.is_workday(saturday)
    assert calendar.is_makeup_day(saturday)
    assert not calendar.is_workday(monday)
    assert calendar.is_holiday(monday)
    assert dict(calendar.holidays) == {saturday: "Stocktaking"}


def test_later_changes_of_the_mapping_do_not_reach_the_calendar() -> None:
    days = {date(2027, 1, 9): True}
    calendar = WorkCalendar(days, {}, date(2027, 12, 31))
    days.clear()
    assert calendar.is_workday(date(2027, 1, 9))


def test_the_seed_is_sorted_and_keeps_to_the_years_asked_for() -> None:
    rows = seed_calendar(2026, 2027)
    assert [row.day for row in rows] == sorted({row.day for row in rows})
    assert {row.day.year for row in rows} == {2026}
    assert CalendarDayData(date(2026, 2, 14), is_workday=True, name="Spring Festival") in rows
