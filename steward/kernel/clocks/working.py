"""Hours of a day, and the ledger that turns instants into counted time and back.

Inside, an instant is an integer: microseconds since 1970 UTC. Wall-clock arithmetic on aware datetimes of one zone
ignores daylight saving; integers cannot.
"""

from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from itertools import pairwise
from typing import Protocol, Self
from zoneinfo import ZoneInfo

from .calendar import WorkCalendar

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
MICROSECOND = timedelta(microseconds=1)
SECOND = 1_000_000
DAY = 86_400 * SECOND
CHINA = "Asia/Shanghai"

Span = tuple[time, time]
Interval = tuple[int, int]


def utc(at: datetime) -> datetime:
    if at.utcoffset() is None:
        raise ValueError("a clock needs an aware datetime")
    return at.astimezone(UTC)


def to_us(at: datetime) -> int:
    return (utc(at) - EPOCH) // MICROSECOND


def from_us(us: int) -> datetime:
    return EPOCH + timedelta(microseconds=us)


def time_us(t: time, *, closing: bool = False) -> int:
    us = (t.hour * 3600 + t.minute * 60 + t.second) * SECOND + t.microsecond
    return DAY if closing and us == 0 else us


def parse_time(text: str) -> time:
    return time(0) if text == "24:00" else time.fromisoformat(text)


def parse_span(text: str) -> Span:
    start, _, end = text.partition("-")
    return parse_time(start.strip()), parse_time(end.strip())


@dataclass(frozen=True, slots=True)
class Hours:
    """Half-open intervals of a local day. An end of `time(0)` means 24:00, so (00:00, 00:00) is the whole day.

    Raises ValueError for empty, unsorted or overlapping spans; touching spans are fine.
    """

    spans: tuple[Span, ...] = ()

    def __post_init__(self) -> None:
        if any(t.tzinfo is not None for span in self.spans for t in span):
            raise ValueError("hours are local times without a zone")
        bounds = self.bounds()
        if any(start >= end for start, end in bounds):
            raise ValueError("a span must end after it starts")
        if any(former[1] > latter[0] for former, latter in pairwise(bounds)):
            raise ValueError("spans must be sorted and must not overlap")

    @classmethod
    def of(cls, *spans: str) -> Self:
        """`Hours.of("08:30-12:00", "13:30-24:00")`."""
        return cls(tuple(parse_span(span) for span in spans))

    def bounds(self) -> list[Interval]:
        """The spans in microseconds from local midnight."""
        return [(time_us(start), time_us(end, closing=True)) for start, end in self.spans]


def day_intervals(day: date, spans: Sequence[Interval], zone: ZoneInfo) -> list[Interval]:
    """The instants of `day` whose wall time lies in `spans`, in order.

    On a day with a clock change an hour that happens twice counts twice, one that does not happen does not count.
    """
    midnight = (day - EPOCH.date()).days * DAY
    before = _offset(datetime.combine(day, time(0), zone))
    after = _offset(datetime.combine(day + timedelta(days=1), time(0), zone))
    if before == after:
        return [(midnight + start - before, midnight + end - before) for start, end in spans]
    change = _clock_change(midnight - before, midnight + DAY - after, zone)
    early = [(midnight + start - before, min(midnight + end - before, change)) for start, end in spans]
    late = [(max(midnight + start - after, change), midnight + end - after) for start, end in spans]
    return sorted((start, end) for start, end in early + late if start < end)


def _offset(at: datetime) -> int:
    return (at.utcoffset() or timedelta(0)) // MICROSECOND


def _clock_change(low: int, high: int, zone: ZoneInfo) -> int:
    """First instant in (low, high] with the offset that holds at `high`; clock changes fall on whole seconds."""
    target = _offset(from_us(high).astimezone(zone))

    def changed(second: int) -> bool:
        return _offset(from_us(second * SECOND).astimezone(zone)) == target

    seconds = range(low // SECOND, high // SECOND + 1)
    return seconds[bisect_left(seconds, 1, key=changed)] * SECOND


class Ledger(Protocol):
    """What the clock's arithmetic needs to know about time: how much counts, and when so much has counted."""

    def counted(self, start: int, end: int) -> int: ...

    def after(self, start: int, need: int) -> int:
        """Earliest instant at which `need` (> 0) has counted since `start`."""


class NaturalLedger:
    def counted(self, start: int, end: int) -> int:
        return end - start

    def after(self, start: int, need: int) -> int:
        return start + need


@dataclass(frozen=True, slots=True)
class _Year:
    starts: list[int]
    ends: list[int]
    before: list[int]  # counted in this year before interval i
    total: int

    def at(self, us: int) -> int:
        i = bisect_right(self.starts, us) - 1
        return 0 if i < 0 else self.before[i] + min(us, self.ends[i]) - self.starts[i]

    def inverse(self, value: int) -> int:
        """Earliest instant with at() == value, for 0 < value <= total."""
        i = bisect_left(self.before, value) - 1
        return self.starts[i] + value - self.before[i]


class WorkLedger:
    """Working time of one calendar, hours and zone. Each year is laid out once; then every question is a bisection."""

    def __init__(self, calendar: WorkCalendar, hours: Hours, tz: str) -> None:
        if not hours.spans:
            raise ValueError("working time needs hours")
        self.calendar = calendar
        self.zone = ZoneInfo(tz)
        self.spans = hours.bounds()
        self._years: dict[int, _Year] = {}

    def counted(self, start: int, end: int) -> int:
        first, last = self._year_of(start), self._year_of(end)
        whole = sum(self._year(year).total for year in range(first, last))
        return whole + self._year(last).at(end) - self._year(first).at(start)

    def after(self, start: int, need: int) -> int:
        year = self._year_of(start)
        value = self._year(year).at(start) + need
        while value > self._year(year).total:
            value -= self._year(year).total
            year += 1
        return self._year(year).inverse(value)

    def on(self, day: date) -> list[Interval]:
        return day_intervals(day, self.spans, self.zone) if self.calendar.is_workday(day) else []

    def _year_of(self, us: int) -> int:
        return from_us(us).astimezone(self.zone).year

    def _year(self, year: int) -> _Year:
        if year not in self._years:
            self._years[year] = self._lay_out(year)
        return self._years[year]

    def _lay_out(self, year: int) -> _Year:
        first = date(year, 1, 1)
        days = (first + timedelta(days=n) for n in range((date(year + 1, 1, 1) - first).days))
        intervals = [interval for day in days for interval in self.on(day)]
        before, total = [], 0
        for start, end in intervals:
            before.append(total)
            total += end - start
        return _Year([start for start, _ in intervals], [end for _, end in intervals], before, total)


@lru_cache(maxsize=128)
def work_ledger(calendar: WorkCalendar, hours: Hours, tz: str) -> WorkLedger:
    return WorkLedger(calendar, hours, tz)
