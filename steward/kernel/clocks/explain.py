"""A clock explains itself: the computation line by line, for the people who are judged by it."""

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from decimal import Decimal
from enum import StrEnum
from functools import cached_property
from itertools import pairwise
from zoneinfo import ZoneInfo

from django.utils.functional import Promise
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from .calendar import SATURDAY, WorkCalendar
from .compute import ClockRule, Pause, days_of, due_at, escalation_at, known_pauses, merge_pauses, remaining, warn_at
from .working import DAY, day_intervals, from_us, to_us, utc, work_ledger

MINUTE = timedelta(minutes=1)


class LineKind(StrEnum):
    START = "start"
    WORK = "work"
    REST = "rest"
    HOLIDAY = "holiday"
    MAKEUP_DAY = "makeup_day"
    PAUSE = "pause"
    WARN = "warn"
    DUE = "due"
    ESCALATION = "escalation"
    MET = "met"
    LATE = "late"
    FALLBACK = "fallback"

    @property
    def takes_time(self) -> bool:
        """False for a mark: an instant, not a stretch."""
        return self in _STRETCHES


_STRETCHES = {LineKind.WORK, LineKind.REST, LineKind.HOLIDAY, LineKind.MAKEUP_DAY, LineKind.PAUSE}


TEXTS: Mapping[str, str | Promise] = {
    "start": _("The clock starts"),
    "natural": _("Time runs day and night"),
    "work": _("Working time"),
    "outside": _("Outside working hours"),
    "weekend": _("Weekend"),
    "holiday": _("Public holiday: %(name)s"),
    "day_off": _("Day off by the work calendar"),
    "makeup_day": _("Make-up workday: %(name)s"),
    "makeup_day_unnamed": _("Make-up workday"),
    "pause": _("Paused: %(reason)s"),
    "pause_unnamed": _("Paused"),
    "pause_open": _("Paused, the clock stands: %(reason)s"),
    "pause_open_unnamed": _("Paused, the clock stands"),
    "warn": _("Warning: %(percent)s%% of the allowance (%(amount)s) is used"),
    "due": _("Due: the allowance of %(amount)s is used up"),
    "escalation": _("Escalation step %(step)s: %(percent)s%% of the allowance (%(amount)s) is used"),
    "met": _("Done in time, %(spare)s left"),
    "late": _("Done %(over)s after the due time"),
    "overdue": _("Not done yet, %(over)s past the due time"),
    "fallback": _("No holiday notice known after %(date)s: Monday to Friday assumed"),
}

HOLIDAY_NAMES = (
    _("New Year's Day"),
    _("Spring Festival"),
    _("Tomb-sweeping Day"),
    _("Labour Day"),
    _("Dragon Boat Festival"),
    _("National Day"),
    _("Mid-autumn Festival"),
    _("Anti-Fascist 70th Day"),
)


@dataclass(frozen=True, slots=True)
class Line:
    """One step. `start` and `end` are in the rule's zone; a mark (start, warn, due …) has `end` equal to `start`, an
    open pause has no end. `counted` is what this step adds, `total` the sum so far.

    `ahead` marks what lies after the instant of judgement: the counted time of the other lines sums to `elapsed`.
    """

    kind: LineKind
    start: datetime
    end: datetime | None
    counted: timedelta
    total: timedelta
    label: str
    params: Mapping[str, object] = field(default_factory=dict)
    ahead: bool = False

    @property
    def minutes(self) -> int:
        """Counted minutes, rounded so that a column of them still adds up to the whole minutes of its total."""
        return self.total_minutes - (self.total - self.counted) // MINUTE

    @property
    def total_minutes(self) -> int:
        return self.total // MINUTE

    @property
    def text(self) -> str:
        """The label in the language active now."""
        return str(TEXTS[self.label]) % {key: _say(value) for key, value in self.params.items()}


def spell_duration(amount: timedelta) -> str:
    """Whole minutes in hours and minutes, in the language active now; days would be ambiguous in working time."""
    hours, minutes = divmod(amount // MINUTE, 60)
    if hours and minutes:
        return gettext("%(hours)s h %(minutes)s min") % {"hours": hours, "minutes": minutes}
    if hours:
        return gettext("%(hours)s h") % {"hours": hours}
    return gettext("%(minutes)s min") % {"minutes": minutes}


def _say(value: object) -> str:
    if isinstance(value, timedelta):
        return spell_duration(value)
    return gettext(value) if isinstance(value, str) and value else str(value)


@dataclass(frozen=True, slots=True)
class _Step:
    """A line before it is counted: a stretch of the time line, or a mark with `end == start`. In microseconds."""

    kind: LineKind
    start: int
    end: int
    label: str
    params: Mapping[str, object] = field(default_factory=dict)
    counts: bool = False
    is_open: bool = False

    def continues(self, former: "_Step") -> bool:
        return not self.counts and (former.end, former.label, former.params) == (self.start, self.label, self.params)


@dataclass(frozen=True)
class _Clock:
    """The question: one clock, judged at `until`, either because it ended then or because that is the day asked for."""

    rule: ClockRule
    calendar: WorkCalendar
    started_at: datetime
    pauses: Sequence[Pause]
    until: datetime
    ended: bool

    @cached_property
    def due(self) -> datetime | None:
        return due_at(self.rule, self.calendar, self.started_at, self.pauses, as_of=self.until)

    @cached_property
    def horizon(self) -> datetime:
        return self.until if self.ended or self.due is None else max(self.until, self.due)

    @property
    def is_late(self) -> bool:
        return self.due is not None and self.until > self.due


def explain(
    rule: ClockRule,
    calendar: WorkCalendar,
    started_at: datetime,
    pauses: Sequence[Pause],
    *,
    as_of: datetime,
    ended_at: datetime | None = None,
) -> list[Line]:
    """The clock as it was valid at `as_of`, in order of time.

    It runs to `as_of` or, if that is earlier, to `ended_at` (one later than `as_of` was not known then). A clock still
    running goes on to its due time, in lines marked `ahead`; one that stands ends with its open pause.
    """
    start, seen = utc(started_at), utc(as_of)
    end = None if ended_at is None or utc(ended_at) > seen else utc(ended_at)
    clock = _Clock(rule, calendar, start, pauses, until=max(start, end or seen), ended=end is not None)
    marks = list(_marks(clock))
    stretches = _cut(list(_with_pauses(clock)), {mark.start for mark in marks} | {to_us(clock.until)})
    steps = sorted((*marks, *stretches), key=lambda step: (step.start, step.end > step.start))
    return list(_count(clock, steps))


def _count(clock: _Clock, steps: Iterable[_Step]) -> Iterator[Line]:
    zone, until, total = ZoneInfo(clock.rule.tz), to_us(clock.until), timedelta(0)
    for step in steps:
        counted = timedelta(microseconds=step.end - step.start if step.counts else 0)
        total += counted
        yield Line(
            kind=step.kind,
            start=from_us(step.start).astimezone(zone),
            end=None if step.is_open else from_us(step.end).astimezone(zone),
            counted=counted,
            total=total,
            label=step.label,
            params=step.params,
            ahead=step.start > until or (step.start == until and step.end > until),
        )


def _cut(stretches: Iterable[_Step], instants: set[int]) -> Iterator[_Step]:
    """Stretches parted where a mark stands inside one."""
    ordered = sorted(instants)
    for stretch in stretches:
        inside = ordered[bisect_right(ordered, stretch.start) : bisect_left(ordered, stretch.end)]
        bounds = [stretch.start, *inside, stretch.end]
        for start, end in pairwise(bounds):
            yield replace(stretch, start=start, end=end, is_open=stretch.is_open and end == stretch.end)


def _marks(clock: _Clock) -> Iterator[_Step]:
    """Marks of the same instant keep this order."""
    yield _mark(LineKind.START, clock.started_at, "start")
    yield from _fallback(clock)
    args = (clock.rule, clock.calendar, clock.started_at, clock.pauses)
    yield from _share(clock, LineKind.WARN, warn_at(*args, as_of=clock.until), clock.rule.warn_ratio)
    if clock.due is not None:
        yield _mark(LineKind.DUE, clock.due, "due", amount=clock.rule.allowance)
    for step, ratio in enumerate(clock.rule.escalations, start=1):
        at = escalation_at(*args, step, as_of=clock.until)
        yield from _share(clock, LineKind.ESCALATION, at, ratio, step=step)
    yield from _verdict(clock)


def _mark(kind: LineKind, at: datetime, label: str, **params: object) -> _Step:
    return _Step(kind, to_us(at), to_us(at), label, params)


def _share(clock: _Clock, kind: LineKind, at: datetime | None, ratio: Decimal, **params: object) -> Iterator[_Step]:
    if at is not None and at <= clock.horizon:
        percent = f"{(ratio * 100).normalize():f}"
        yield _mark(kind, at, kind.value, percent=percent, amount=clock.rule.share(ratio), **params)


def _verdict(clock: _Clock) -> Iterator[_Step]:
    if clock.due is not None and clock.is_late:
        label = "late" if clock.ended else "overdue"
        yield _mark(LineKind.LATE, clock.until, label, over=clock.until - clock.due)
    elif clock.ended:
        spare = remaining(clock.rule, clock.calendar, clock.started_at, clock.pauses, clock.until)
        yield _mark(LineKind.MET, clock.until, "met", spare=spare)


def _fallback(clock: _Clock) -> Iterator[_Step]:
    """Where a working clock enters days for which the holiday notice is not out."""
    zone, known_until = ZoneInfo(clock.rule.tz), clock.calendar.known_until
    if clock.rule.mode == "working" and clock.calendar.falls_back(clock.horizon.astimezone(zone).date()):
        first = day_intervals(known_until + timedelta(days=1), [(0, DAY)], zone)[0][0]
        at = max(clock.started_at, from_us(first))
        yield _mark(LineKind.FALLBACK, at, "fallback", date=known_until)


def _with_pauses(clock: _Clock) -> Iterator[_Step]:
    """The time line from start to horizon, pauses laid over it."""
    position, until = to_us(clock.started_at), to_us(clock.until)
    stretches = list(_stretches(clock))
    for pause in merge_pauses(known_pauses(clock.pauses, clock.until)):
        start = max(position, to_us(pause.start))
        end = until if pause.end is None else to_us(pause.end)
        if start >= end:
            continue
        yield from _clip(stretches, position, start)
        is_open = pause.end is None and not clock.ended
        yield _Step(LineKind.PAUSE, start, end, *_pause_label(pause, is_open=is_open), is_open=is_open)
        position = end
    yield from _clip(stretches, position, to_us(clock.horizon))


def _pause_label(pause: Pause, *, is_open: bool) -> tuple[str, Mapping[str, object]]:
    label = "pause_open" if is_open else "pause"
    return (label, {"reason": pause.reason}) if pause.reason else (f"{label}_unnamed", {})


def _clip(stretches: Iterable[_Step], start: int, end: int) -> Iterator[_Step]:
    for stretch in stretches:
        first, last = max(stretch.start, start), min(stretch.end, end)
        if first < last:
            yield replace(stretch, start=first, end=last)


def _stretches(clock: _Clock) -> Iterator[_Step]:
    """Counted and uncounted time from start to horizon without regard to pauses; neighbours of one label are one."""
    start, end = to_us(clock.started_at), to_us(clock.horizon)
    if clock.rule.mode == "natural":
        yield _Step(LineKind.WORK, start, end, "natural", counts=True)
        return
    last: _Step | None = None
    for step in _clip(_days(clock), start, end):
        if last is not None and step.continues(last):
            last = replace(last, end=step.end)
            continue
        if last is not None:
            yield last
        last = step
    if last is not None:
        yield last


def _days(clock: _Clock) -> Iterator[_Step]:
    calendar = days_of(clock.rule, clock.calendar)
    ledger = work_ledger(calendar, clock.rule.hours, clock.rule.tz)
    day, last = (at.astimezone(ledger.zone).date() for at in (clock.started_at, clock.horizon))
    while day <= last:
        whole = day_intervals(day, [(0, DAY)], ledger.zone)
        position, rest, work = whole[0][0], _rest_label(calendar, day), _work_label(calendar, day)
        for start, end in ledger.on(day):
            yield _Step(rest[0], position, start, *rest[1:])
            yield _Step(work[0], start, end, *work[1:], counts=True)
            position = end
        yield _Step(rest[0], position, whole[-1][1], *rest[1:])
        day += timedelta(days=1)


_Label = tuple[LineKind, str, Mapping[str, object]]


def _rest_label(calendar: WorkCalendar, day: date) -> _Label:
    if calendar.is_workday(day):
        return LineKind.REST, "outside", {}
    if name := calendar.holidays.get(day):
        return LineKind.HOLIDAY, "holiday", {"name": name}
    if day.weekday() >= SATURDAY:
        return LineKind.REST, "weekend", {}
    return LineKind.HOLIDAY, "day_off", {}


def _work_label(calendar: WorkCalendar, day: date) -> _Label:
    if not calendar.is_makeup_day(day):
        return LineKind.WORK, "work", {}
    if name := calendar.holidays.get(day):
        return LineKind.MAKEUP_DAY, "makeup_day", {"name": name}
    return LineKind.MAKEUP_DAY, "makeup_day_unnamed", {}
