"""Deadlines as pure functions: hours, work calendar, pauses, due times, and their explanation line by line."""

from .calendar import CalendarDayData, WorkCalendar, seed_calendar, seeded_until
from .compute import (
    ClockRule,
    FactWait,
    Mode,
    Pause,
    due_at,
    elapsed,
    escalation_at,
    reached_at,
    remaining,
    wait_for_fact,
    warn_at,
)
from .explain import Line, LineKind, explain, spell_duration
from .quiet import QuietHours, quiet_hours, spread_attempts
from .working import Hours, Span

__all__ = [
    "CalendarDayData",
    "ClockRule",
    "FactWait",
    "Hours",
    "Line",
    "LineKind",
    "Mode",
    "Pause",
    "QuietHours",
    "Span",
    "WorkCalendar",
    "due_at",
    "elapsed",
    "escalation_at",
    "explain",
    "quiet_hours",
    "reached_at",
    "remaining",
    "seed_calendar",
    "seeded_until",
    "spell_duration",
    "spread_attempts",
    "wait_for_fact",
    "warn_at",
]
