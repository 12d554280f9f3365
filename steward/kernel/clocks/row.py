"""A clock as columns: its rule as it was, its intervals, and when it must be looked at next.

Whatever is shown is computed from these columns alone. The methods change the row in memory; its owner writes it.
"""

from datetime import datetime
from decimal import Decimal
from functools import lru_cache
from typing import Any, Final, cast

from django.db import models

from steward.kernel.calendars import work_calendar
from steward.kernel.clocks import ClockRule, Hours, Line, Mode, Pause, due_at, escalation_at, explain, warn_at
from steward.kernel.clocks.policy import Clock

MET: Final = "met"
LATE: Final = "late"
VOID: Final = "void"
# The rule as it was when the clock began.
RULE: Final = ("policy_version", "minutes", "mode", "hours", "warn_ratio", "ladder")
# What of a clock may change after its start.
COLUMNS: Final = (*RULE, "started_at", "pauses", "due_at", "next_at", "stage", "ended_at", "outcome")


class ClockRow(models.Model):
    """``due_at`` is None while paused; ``stage`` 0 waits for the warning, n for the n-th rung of the ladder."""

    policy_version = models.CharField(max_length=20)
    minutes = models.PositiveIntegerField()
    mode = models.CharField(max_length=10)
    hours = models.CharField(max_length=80)
    warn_ratio = models.DecimalField(max_digits=4, decimal_places=2)
    ladder = models.CharField(max_length=80, blank=True)
    started_at = models.DateTimeField()
    pauses = models.JSONField(default=list)
    due_at = models.DateTimeField(null=True, blank=True)
    next_at = models.DateTimeField(null=True, blank=True)
    stage = models.PositiveSmallIntegerField(default=0)
    ended_at = models.DateTimeField(null=True, blank=True)
    outcome = models.CharField(max_length=10, blank=True)

    class Meta:
        abstract = True

    @property
    def tz(self) -> str:
        """The zone of the working hours; the owner knows it."""
        raise NotImplementedError

    @classmethod
    def begin(cls, clock: Clock, *, version: str, started_at: datetime, at: datetime, **columns: Any) -> "ClockRow":
        """A running clock of this policy, not yet written."""
        row = cls(
            policy_version=version,
            minutes=clock.minutes,
            mode=clock.mode,
            hours=clock.hours if clock.mode != "natural" else "",
            warn_ratio=clock.warn_ratio,
            ladder=",".join(f"{ratio}:{who}" for ratio, who in clock.ladder),
            started_at=started_at,
            pauses=[],
            **columns,
        )
        row.recompute(at)
        return row

    @property
    def rule(self) -> ClockRule:
        """The clock as it was when the row was started."""
        return _rule(self.minutes, self.mode, self.hours, Decimal(self.warn_ratio), self.ladder, self.tz)

    @property
    def rungs(self) -> tuple[tuple[Decimal, str], ...]:
        """The escalation ladder: (share of the allowance, who is told)."""
        return _rungs(self.ladder)

    @property
    def intervals(self) -> list[Pause]:
        instant = datetime.fromisoformat
        return [Pause(instant(p["start"]), instant(p["end"]) if p["end"] else None, p["reason"]) for p in self.pauses]

    @property
    def is_paused(self) -> bool:
        return bool(self.pauses) and self.pauses[-1]["end"] is None

    def recompute(self, at: datetime) -> None:
        """Set due_at and next_at from the intervals; both None while the clock stands."""
        rule, calendar, pauses = self.rule, work_calendar(), self.intervals
        self.due_at = due_at(rule, calendar, self.started_at, pauses, as_of=at)
        if self.stage == 0:
            self.next_at = warn_at(rule, calendar, self.started_at, pauses, as_of=at)
        elif self.stage <= len(rule.escalations):
            self.next_at = escalation_at(rule, calendar, self.started_at, pauses, self.stage, as_of=at)
        else:
            self.next_at = None
        if self.is_paused:
            self.due_at = self.next_at = None

    def rerate(self, fresh: "ClockRow", *, at: datetime) -> None:
        """Take the rule of another clock, begun at the same start (seconds apart where it is due at a given instant)."""
        for name in (*RULE, "started_at"):
            setattr(self, name, getattr(fresh, name))
        self.recompute(at)

    def pause(self, *, since: datetime, reason: str) -> None:
        self.pauses = [*self.pauses, {"start": since.isoformat(), "end": None, "reason": reason}]
        self.recompute(since)

    def resume(self, *, until: datetime) -> None:
        last = dict(self.pauses[-1])
        last["end"] = max(until, datetime.fromisoformat(last["start"])).isoformat()
        self.pauses = [*self.pauses[:-1], last]
        self.recompute(until)

    def end(self, *, at: datetime, outcome: str | None = None) -> None:
        """Stop the clock: met or late by the instant it happened, or void."""
        at = max(at, self.started_at)  # a late entry may be dated before this clock began
        if self.is_paused:
            self.resume(until=at)
        late = self.due_at is not None and at > self.due_at
        self.ended_at = at
        self.outcome = outcome or (LATE if late else MET)
        self.next_at = None

    def explanation(self, *, as_of: datetime) -> list[Line]:
        """The clock line by line, as it was valid at an instant."""
        calendar = work_calendar()
        return explain(self.rule, calendar, self.started_at, self.intervals, as_of=as_of, ended_at=self.ended_at)


@lru_cache(maxsize=1024)
def _rule(minutes: int, mode: str, hours: str, warn_ratio: Decimal, ladder: str, tz: str) -> ClockRule:
    """Few rules stand in many rows, and each is asked for several times a request."""
    return ClockRule(
        minutes=minutes,
        mode=cast("Mode", mode),
        hours=Hours.of(*hours.split(",")) if hours else Hours(),
        warn_ratio=warn_ratio,
        escalations=tuple(ratio for ratio, _who in _rungs(ladder)),
        tz=tz,
    )


@lru_cache(maxsize=256)
def _rungs(ladder: str) -> tuple[tuple[Decimal, str], ...]:
    rungs = (rung.split(":") for rung in ladder.split(",") if rung)
    return tuple((Decimal(ratio), who) for ratio, who in rungs)
