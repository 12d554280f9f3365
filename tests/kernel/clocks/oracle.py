"""A second, stupid clock: it steps through time and asks of every step whether it counts. It shares no code."""

from collections.abc import Sequence
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from hypothesis import strategies as st

from steward.kernel.clocks import ClockRule, Hours, Mode, Pause, WorkCalendar, seed_calendar, seeded_until

STEP = timedelta(minutes=5)
CALENDAR = WorkCalendar.from_days(seed_calendar(2024, 2026), known_until=seeded_until())
MODES: tuple[Mode, ...] = ("natural", "working")
ZONES = ("Asia/Shanghai", "America/New_York", "America/Havana", "Australia/Lord_Howe")

# Weeks in which something happens: National Day and Spring Festival with make-up workdays, the end of what is known,
# and changes of the clock (New York March and November, Havana at midnight, Lord Howe by half an hour).
WEEKS = (
    date(2025, 9, 26),
    date(2026, 2, 11),
    date(2026, 12, 28),
    date(2026, 3, 5),
    date(2026, 10, 29),
    date(2026, 4, 2),
)


def _on(day: date, *, calendar: WorkCalendar) -> bool:
    return calendar.days[day] if day in calendar.days else day.isoweekday() not in (6, 7)


def counts(rule: ClockRule, pauses: Sequence[Pause], at: datetime, calendar: WorkCalendar = CALENDAR) -> bool:
    """Does the step beginning at `at` count?"""
    if any(pause.start <= at and (pause.end is None or at < pause.end) for pause in pauses):
        return False
    if rule.mode == "natural":
        return True
    wall = at.astimezone(ZoneInfo(rule.tz)).replace(tzinfo=None)
    inside = any(start <= wall.time() and (end == time(0) or wall.time() < end) for start, end in rule.hours.spans)
    return inside and _on(wall.date(), calendar=calendar)


def elapsed(rule: ClockRule, start: datetime, pauses: Sequence[Pause], until: datetime) -> timedelta:
    at, total = start.astimezone(UTC), timedelta(0)
    while at < until:
        total += STEP if counts(rule, pauses, at) else timedelta(0)
        at += STEP
    return total


def due(rule: ClockRule, start: datetime, pauses: Sequence[Pause], limit: datetime) -> datetime | None:
    """The end of the step that uses up the allowance; None if that is not before `limit`."""
    at, left = start.astimezone(UTC), rule.allowance
    while left > timedelta(0):
        if at >= limit:
            return None
        left -= STEP if counts(rule, pauses, at) else timedelta(0)
        at += STEP
    return at


def steps(low: int, high: int) -> st.SearchStrategy[timedelta]:
    return st.integers(low, high).map(lambda n: n * STEP)


@st.composite
def hours(draw: st.DrawFn) -> Hours:
    bounds = sorted(draw(st.sets(st.integers(0, 288), min_size=2, max_size=6)))
    walls = [(datetime(2026, 1, 1, tzinfo=UTC) + n * STEP).time() for n in bounds]
    return Hours(tuple(zip(walls[::2], walls[1::2], strict=False)))


@st.composite
def rules(draw: st.DrawFn, max_steps: int = 500) -> ClockRule:
    minutes = draw(st.integers(0, max_steps)) * 5
    mode: Mode = draw(st.sampled_from(MODES))
    return ClockRule(minutes, mode, draw(hours()), tz=draw(st.sampled_from(ZONES)))


@st.composite
def starts(draw: st.DrawFn) -> datetime:
    return datetime.combine(draw(st.sampled_from(WEEKS)), time(0), UTC) + draw(steps(0, 5 * 288))


@st.composite
def pause_lists(draw: st.DrawFn, start: datetime, *, may_be_open: bool = True) -> list[Pause]:
    """Overlapping, empty, before the start, partly outside working hours: anything that may stand in the table."""
    pauses = []
    for _ in range(draw(st.integers(0, 4))):
        first = start + draw(steps(-288, 4 * 288))
        last = None if may_be_open and draw(st.booleans()) else first + draw(steps(0, 2 * 288))
        pauses.append(Pause(first, last, draw(st.sampled_from(("waiting for the customer", "waiting for parts", "")))))
    return pauses
