"""When people may be called: do-not-disturb hours, and the gaps between tries of a callback."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cached_property
from typing import Self
from zoneinfo import ZoneInfo

from .working import CHINA, DAY, MICROSECOND, Interval, Span, day_intervals, from_us, parse_span, time_us, to_us


@dataclass(frozen=True)
class QuietHours:
    """Local do-not-disturb times, half-open, in any order; one may pass midnight (20:00-08:00) and they may overlap.

    Raises ValueError when nothing of the day is left.
    """

    spans: tuple[Span, ...] = ()
    tz: str = CHINA

    def __post_init__(self) -> None:
        ZoneInfo(self.tz)
        if not self.allowed:
            raise ValueError("quiet hours leave no time to call")

    @classmethod
    def of(cls, *spans: str, tz: str = CHINA) -> Self:
        """`QuietHours.of("12:00-14:00", "20:00-08:00")`."""
        return cls(tuple(parse_span(span) for span in spans), tz)

    @cached_property
    def allowed(self) -> tuple[Interval, ...]:
        """The rest of the day, in microseconds from local midnight."""
        free, position = [], 0
        for start, end in sorted(self._quiet()):
            if position < start:
                free.append((position, start))
            position = max(position, end)
        return (*free, (position, DAY)) if position < DAY else tuple(free)

    def _quiet(self) -> Iterable[Interval]:
        for opening, closing in self.spans:
            start, end = time_us(opening), time_us(closing, closing=True)
            if start < end:
                yield start, end
            else:
                yield start, DAY
                yield 0, end


def quiet_hours(hours: QuietHours, at: datetime) -> datetime:
    """The first allowed instant from `at` on: `at` itself (in UTC) when nobody is disturbed."""
    us, zone = to_us(at), ZoneInfo(hours.tz)
    day = at.astimezone(zone).date()
    while True:
        for start, end in day_intervals(day, hours.allowed, zone):
            if us < end:
                return from_us(max(us, start))
        day += timedelta(days=1)


def spread_attempts(
    at: datetime,
    attempts: Sequence[datetime],
    *,
    min_gap: timedelta | None = None,
    different_days: bool = False,
    quiet: QuietHours | None = None,
) -> datetime:
    """Earliest instant from `at` on at which the next try may be made, in UTC.

    `attempts` are the tries made so far. The next keeps `min_gap` from the last one (urgent: 3 h), or falls on another
    local day, or both; and outside the quiet hours, which also name the zone. ValueError when neither is asked for.
    """
    if min_gap is None and not different_days:
        raise ValueError("tries are spread by a gap or over days")
    quiet = quiet or QuietHours()
    if not attempts:
        return quiet_hours(quiet, at)
    last = max(attempts, key=to_us)
    us = max(to_us(at), to_us(last) + (min_gap or timedelta(0)) // MICROSECOND)
    if different_days:
        us = max(us, _next_day(last, ZoneInfo(quiet.tz)))
    return quiet_hours(quiet, from_us(us))


def _next_day(at: datetime, zone: ZoneInfo) -> int:
    day = at.astimezone(zone).date() + timedelta(days=1)
    return day_intervals(day, [(0, DAY)], zone)[0][0]
