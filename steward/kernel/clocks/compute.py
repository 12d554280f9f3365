"""The arithmetic of a deadline: pure functions of the rule, the calendar and the recorded intervals.

Everything returned is in UTC; faces show it in the project's zone. All intervals are half-open.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal
from itertools import pairwise
from typing import Literal
from zoneinfo import ZoneInfo

from .calendar import EVERY_DAY, WorkCalendar
from .working import CHINA, MICROSECOND, Hours, Ledger, NaturalLedger, from_us, to_us, utc, work_ledger

Mode = Literal["natural", "working", "daily"]
NO_HOURS = Hours()
MAX_MINUTES = 10 * 366 * 24 * 60  # ten years: more is a typing error, and would only walk empty years


@dataclass(frozen=True, slots=True)
class ClockRule:
    """One version of a policy: how long, in which time, when to warn and to escalate.

    `minutes` are natural or working minutes, or those of the hours of every day; `warn_ratio` and `escalations` are shares of that allowance
    (1.5 = half as much again), rounded to whole seconds. Raises ValueError when they make no sense.
    """

    minutes: int
    mode: Mode = "natural"
    hours: Hours = NO_HOURS
    warn_ratio: Decimal = Decimal("0.8")
    escalations: tuple[Decimal, ...] = ()
    tz: str = CHINA

    def __post_init__(self) -> None:
        if not 0 <= self.minutes <= MAX_MINUTES:
            raise ValueError("an allowance lies between 0 minutes and ten years")
        if self.mode not in ("natural", "working", "daily"):
            raise ValueError(f"unknown mode {self.mode!r}")
        if self.mode != "natural" and not self.hours.spans:
            raise ValueError("working time needs hours")
        if not 0 < self.warn_ratio <= 1:
            raise ValueError("the warning comes after the start and not after the due time")
        if any(ratio <= 0 for ratio in self.escalations) or any(a >= b for a, b in pairwise(self.escalations)):
            raise ValueError("escalations must be positive and rising")
        ZoneInfo(self.tz)

    @property
    def allowance(self) -> timedelta:
        return timedelta(minutes=self.minutes)

    def share(self, ratio: Decimal) -> timedelta:
        return timedelta(seconds=int((self.minutes * 60 * ratio).to_integral_value(ROUND_HALF_UP)))


@dataclass(frozen=True, slots=True)
class Pause:
    """Time that does not count, [start, end); no end yet = still paused. Raises ValueError if it ends before it starts.

    Kept in UTC, because two aware times of one zone compare by their wall clocks.
    """

    start: datetime
    end: datetime | None
    reason: str = ""

    def __post_init__(self) -> None:
        object.__setattr__(self, "start", utc(self.start))
        if self.end is not None:
            object.__setattr__(self, "end", utc(self.end))
            if self.end < self.start:
                raise ValueError("a pause ends before it starts")


@dataclass(frozen=True, slots=True)
class FactWait:
    """A deadline that waits for a fact (the first rain) and not for time; `fallback` says when to stop waiting."""

    fallback: timedelta

    def fallback_at(self, started_at: datetime) -> datetime:
        return from_us(to_us(started_at) + self.fallback // MICROSECOND)


def wait_for_fact(fallback_days: int) -> FactWait:
    return FactWait(timedelta(days=fallback_days))


def known_pauses(pauses: Iterable[Pause], as_of: datetime) -> list[Pause]:
    """The pauses as they stood at `as_of`: later ones unknown, and one that ended later still open."""
    seen = utc(as_of)
    return [
        pause if pause.end is None or pause.end <= seen else replace(pause, end=None)
        for pause in pauses
        if pause.start <= seen
    ]


def merge_pauses(pauses: Iterable[Pause]) -> list[Pause]:
    """Disjoint and sorted; where pauses overlap, one pause with all their reasons. Empty ones vanish."""
    merged: list[Pause] = []
    for pause in sorted((p for p in pauses if p.end != p.start), key=lambda p: p.start):
        last = merged[-1] if merged else None
        if last is None or (last.end is not None and last.end <= pause.start):
            merged.append(pause)
        else:
            merged[-1] = _join(last, pause)
    return merged


def _join(former: Pause, latter: Pause) -> Pause:
    end = None if former.end is None or latter.end is None else max(former.end, latter.end)
    reasons = dict.fromkeys(reason for reason in (*former.reason.split(", "), latter.reason) if reason)
    return Pause(former.start, end, ", ".join(reasons))


def ledger_of(rule: ClockRule, calendar: WorkCalendar) -> Ledger:
    return NaturalLedger() if rule.mode == "natural" else work_ledger(days_of(rule, calendar), rule.hours, rule.tz)


def days_of(rule: ClockRule, calendar: WorkCalendar) -> WorkCalendar:
    """A daily clock knows no weekends and no holidays."""
    return EVERY_DAY if rule.mode == "daily" else calendar


def elapsed(
    rule: ClockRule, calendar: WorkCalendar, started_at: datetime, pauses: Sequence[Pause], until: datetime
) -> timedelta:
    """Counted time in [started_at, until): natural or working time without pauses; zero when `until` comes first."""
    ledger, start, end = ledger_of(rule, calendar), to_us(started_at), to_us(until)
    if end <= start:
        return timedelta(0)
    total = ledger.counted(start, end)
    for pause in merge_pauses(pauses):
        first = max(start, to_us(pause.start))
        last = end if pause.end is None else min(end, to_us(pause.end))
        if first < last:
            total -= ledger.counted(first, last)
    return timedelta(microseconds=total)


def remaining(
    rule: ClockRule, calendar: WorkCalendar, started_at: datetime, pauses: Sequence[Pause], until: datetime
) -> timedelta:
    """Counted time left at `until`; negative once more than the allowance has counted."""
    return rule.allowance - elapsed(rule, calendar, started_at, pauses, until)


def due_at(
    rule: ClockRule, calendar: WorkCalendar, started_at: datetime, pauses: Sequence[Pause], *, as_of: datetime
) -> datetime | None:
    """Earliest instant at which the whole allowance has counted, as far as was known at `as_of`.

    None while an open pause begins before that instant: the clock stands and there is no due time to promise. Show
    `remaining(…)` and the pause's reason instead. An allowance used up at closing time is due at closing time,
    not at the next opening; zero minutes are due at once, even at night.
    """
    return reached_at(rule, calendar, started_at, pauses, rule.allowance, as_of=as_of)


def warn_at(
    rule: ClockRule, calendar: WorkCalendar, started_at: datetime, pauses: Sequence[Pause], *, as_of: datetime
) -> datetime | None:
    """When `warn_ratio` of the allowance has counted; None while the clock stands before that."""
    return reached_at(rule, calendar, started_at, pauses, rule.share(rule.warn_ratio), as_of=as_of)


def escalation_at(
    rule: ClockRule, calendar: WorkCalendar, started_at: datetime, pauses: Sequence[Pause], n: int, *, as_of: datetime
) -> datetime | None:
    """When step `n` of the escalation ladder is reached; the first is 1. ValueError for a step that is not there."""
    if not 1 <= n <= len(rule.escalations):
        raise ValueError(f"no escalation step {n}")
    return reached_at(rule, calendar, started_at, pauses, rule.share(rule.escalations[n - 1]), as_of=as_of)


def reached_at(
    rule: ClockRule,
    calendar: WorkCalendar,
    started_at: datetime,
    pauses: Sequence[Pause],
    amount: timedelta,
    *,
    as_of: datetime,
) -> datetime | None:
    """Earliest instant at which `amount` has counted, with the pauses known at `as_of`; None while the clock stands."""
    ledger, position, need = ledger_of(rule, calendar), to_us(started_at), amount // MICROSECOND
    if need <= 0:
        return from_us(position)
    for pause in merge_pauses(known_pauses(pauses, as_of)):
        start = max(position, to_us(pause.start))
        counted = ledger.counted(position, start)
        if counted >= need:
            break
        if pause.end is None:
            return None
        need -= counted
        position = max(start, to_us(pause.end))
    return from_us(ledger.after(position, need))
