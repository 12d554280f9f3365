"""Deadlines of a case: started, paused, met as it moves; each row explains itself.

Pure functions of a row's own columns and the work calendar; the only writes are done by the engine.
"""

import math
from collections.abc import Sequence
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any, Final

from steward.cases.declare import DeadlineRule, Process
from steward.cases.models import Case, Deadline
from steward.cases.policies import Clock
from steward.kernel import policies
from steward.kernel.calendars import work_calendar
from steward.kernel.clocks import ClockRule, Hours, Line, Pause, due_at, escalation_at, explain, warn_at
from steward.registers.org.tree import place

MINUTE: Final = timedelta(minutes=1)
MET: Final = "met"
LATE: Final = "late"
VOID: Final = "void"


def of_case(case: Case) -> list[Deadline]:
    """Every clock the case ever had, the oldest first."""
    # A few rows, sorted here: naming the order costs the ORM more than the sorting.
    rows = Deadline.objects.in_project(case.project_id).filter(case_id=case.pk)
    return sorted(rows, key=lambda row: row.pk)


def rule_of(row: Deadline, tz: str) -> ClockRule:
    """The clock as it was when the row was started."""
    return ClockRule(
        minutes=row.minutes,
        mode="working" if row.mode == "working" else "natural",
        hours=Hours.of(*row.hours.split(",")) if row.hours else Hours(),
        warn_ratio=Decimal(row.warn_ratio),
        escalations=tuple(ratio for ratio, _ in ladder_of(row)),
        tz=tz,
    )


def ladder_of(row: Deadline) -> list[tuple[Decimal, str]]:
    """Escalation rungs: (share of the allowance, who is told)."""
    rungs = (rung.split(":") for rung in row.ladder.split(",") if rung)
    return [(Decimal(ratio), who) for ratio, who in rungs]


def pauses_of(row: Deadline) -> list[Pause]:
    return [
        Pause(
            datetime.fromisoformat(p["start"]),
            datetime.fromisoformat(p["end"]) if p["end"] else None,
            p["reason"],
        )
        for p in row.pauses
    ]


def is_paused(row: Deadline) -> bool:
    return bool(row.pauses) and row.pauses[-1]["end"] is None


def start(rule: DeadlineRule, case: Case, *, started_at: datetime, at: datetime) -> Deadline | None:
    """A new running clock by the policy in force at its start; None if this urgency has no clock."""
    where = place(case.project_id)
    found = policies.in_force(rule.policy, lineage=where.lineage, at=started_at)
    clock = found.value.clock(case.urgency)
    minutes = _minutes(rule, case, clock, started_at)
    if clock is None or minutes is None:
        return None
    promised = rule.until(case) if rule.until is not None else None
    if promised is not None and minutes:
        # Whole minutes, counted back from the promised instant: due then, and not a second later.
        started_at = promised - minutes * MINUTE
    row = Deadline(
        project_id=case.project_id,
        case_id=case.pk,
        key=rule.key,
        round=case.round,
        policy_version=found.version,
        minutes=minutes,
        mode=clock.mode,
        hours=clock.hours if clock.mode == "working" else "",
        warn_ratio=clock.warn_ratio,
        ladder=",".join(f"{ratio}:{who}" for ratio, who in clock.ladder),
        started_at=started_at,
        pauses=[],
    )
    recompute(row, at)
    return row


def _minutes(rule: DeadlineRule, case: Case, clock: Clock | None, started_at: datetime) -> int | None:
    """The policy's allowance, or the minutes to the promised instant; None where there is no clock."""
    if clock is None or rule.until is None:
        return clock.minutes if clock else None
    promised = rule.until(case)
    return max(0, math.ceil((promised - started_at) / MINUTE)) if promised else None


def recompute(row: Deadline, at: datetime) -> None:
    """Set due_at and next_at from the intervals; both None while the clock stands."""
    rule, calendar, pauses = rule_of(row, place(row.project_id).tz.key), work_calendar(), pauses_of(row)
    row.due_at = due_at(rule, calendar, row.started_at, pauses, as_of=at)
    if row.stage == 0:
        row.next_at = warn_at(rule, calendar, row.started_at, pauses, as_of=at)
    elif row.stage <= len(rule.escalations):
        row.next_at = escalation_at(rule, calendar, row.started_at, pauses, row.stage, as_of=at)
    else:
        row.next_at = None
    if is_paused(row):
        row.due_at = row.next_at = None


def pause(row: Deadline, *, since: datetime, reason: str) -> None:
    row.pauses = [*row.pauses, {"start": since.isoformat(), "end": None, "reason": reason}]
    recompute(row, since)


def resume(row: Deadline, *, until: datetime) -> None:
    last = dict(row.pauses[-1])
    begun = datetime.fromisoformat(last["start"])
    last["end"] = max(until, begun).isoformat()
    row.pauses = [*row.pauses[:-1], last]
    recompute(row, until)


def end(row: Deadline, *, at: datetime, outcome: str | None = None) -> None:
    """Stop the clock: met or late by the instant it happened, or void."""
    at = max(at, row.started_at)  # a late entry may be dated before this clock began
    if is_paused(row):
        resume(row, until=at)
    late = row.due_at is not None and at > row.due_at
    row.ended_at = at
    row.outcome = outcome or (LATE if late else MET)
    row.next_at = None


def move(
    process: Process,
    case: Case,
    rows: list[Deadline],
    *,
    happened_at: datetime,
    at: datetime,
    pause_reason: str = "",
    met: frozenset[str] = frozenset(),
) -> list[Deadline]:
    """Apply the case's new state to its clocks; returns the rows that changed or are new."""
    changed: list[Deadline] = []
    for rule in process.deadlines:
        row = next((r for r in rows if r.key == rule.key and r.ended_at is None), None)
        if row is None and rule.key in met:
            continue
        if row is None:
            started = _maybe_start(process, rule, case, rows, happened_at, at)
            if started is not None:
                changed.append(started)
        elif _touch(process, rule, case, row, happened_at, pause_reason, met):
            changed.append(row)
    rows.extend(r for r in changed if r not in rows)
    return changed


def _touch(
    process: Process,
    rule: DeadlineRule,
    case: Case,
    row: Deadline,
    happened_at: datetime,
    pause_reason: str,
    met: frozenset[str],
) -> bool:
    if rule.key in met or case.state in rule.met_in:
        end(row, at=happened_at)
    elif _is_void(process, rule, case, row):
        end(row, at=happened_at, outcome=VOID)
    elif case.state in rule.pauses_in and pause_reason and not is_paused(row):
        pause(row, since=happened_at, reason=pause_reason)
    elif case.state not in rule.pauses_in and is_paused(row):
        resume(row, until=happened_at)
    else:
        return False
    return True


def _is_void(process: Process, rule: DeadlineRule, case: Case, row: Deadline) -> bool:
    old = row.round != case.round and not rule.every_round
    return old or case.state in rule.void_in or _is_over(process, rule, case)


def _is_over(process: Process, rule: DeadlineRule, case: Case) -> bool:
    return case.state in process.terminal and not rule.keeps_after_end


def _maybe_start(
    process: Process, rule: DeadlineRule, case: Case, rows: Sequence[Deadline], happened_at: datetime, at: datetime
) -> Deadline | None:
    # A clock that was void (planned work made urgent again) has not run yet.
    ran = any(r.key == rule.key and r.round == case.round and r.outcome != VOID for r in rows)
    done_this_round = ran and not rule.repeats
    if case.state not in rule.runs_in or done_this_round or case.state in process.terminal:
        return None
    first = case.round == 1 and rule.from_received
    return start(rule, case, started_at=case.received_at if first else happened_at, at=at)


def rerate(process: Process, case: Case, rows: list[Deadline], *, at: datetime) -> list[Deadline]:
    """The urgency changed: running clocks take the allowance of the new one, from their old start."""
    changed = []
    for row in [r for r in rows if r.ended_at is None]:
        rule = process.deadline(row.key)
        fresh = start(rule, case, started_at=row.started_at, at=at) if rule else None
        if fresh is None:
            end(row, at=at, outcome=VOID)
        else:
            for name in ("policy_version", "minutes", "mode", "hours", "warn_ratio", "ladder"):
                setattr(row, name, getattr(fresh, name))
            recompute(row, at)
        changed.append(row)
    return changed


def next_due(rows: Sequence[Deadline]) -> tuple[datetime | None, str]:
    """The earliest open due instant of a case, and which clock it is."""
    running = [(r.due_at, r.key) for r in rows if r.ended_at is None and r.due_at is not None]
    return min(running) if running else (None, "")


def explanation(row: Deadline, *, as_of: datetime) -> list[Line]:
    """The clock line by line, as it was valid at an instant."""
    tz = place(row.project_id).tz.key
    return explain(
        rule_of(row, tz), work_calendar(), row.started_at, pauses_of(row), as_of=as_of, ended_at=row.ended_at
    )


def summary(row: Deadline, process: Process) -> dict[str, Any]:
    """Plain data for the API and the pages."""
    rule = process.deadline(row.key)
    return {
        "key": row.key,
        "title": str(rule.title) if rule else row.key,
        "started_at": row.started_at,
        "due_at": row.due_at,
        "ended_at": row.ended_at,
        "outcome": row.outcome,
        "paused": is_paused(row),
        "pause_reason": row.pauses[-1]["reason"] if is_paused(row) else "",
        "minutes": row.minutes,
        "mode": row.mode,
        "policy_version": row.policy_version,
    }
