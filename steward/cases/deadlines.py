"""Deadlines of a case: started, paused and met as it moves. The rows are changed here and written by the engine."""

import math
from collections.abc import Collection, Sequence
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Final, cast

from steward.cases.declare import DeadlineRule
from steward.cases.models import Case, Deadline
from steward.kernel import policies
from steward.kernel.clocks.policy import Clock
from steward.kernel.clocks.row import VOID
from steward.kernel.prepared import Prepared
from steward.registers.org.tree import place

if TYPE_CHECKING:
    from steward.cases.engine import Step

MINUTE: Final = timedelta(minutes=1)
_OF_CASE: Final = Prepared(
    lambda project, case: Deadline.objects.in_project(project).filter(case_id=case).order_by("pk")
)


def of_case(case: Case) -> list[Deadline]:
    """Every clock the case ever had, the oldest first."""
    return _OF_CASE(case.project_id, case.pk)


def start(
    rule: DeadlineRule, case: Case, *, started_at: datetime, at: datetime, promised: datetime | None = None
) -> Deadline | None:
    """A new running clock by the policy in force at its start; None if this urgency or case has no clock."""
    if rule.concerns is not None and not rule.concerns(case):
        return None
    found = policies.in_force(rule.policy, lineage=place(case.project_id).lineage, at=started_at)
    clock = found.value.clock(rule.grade(case) if rule.grade else case.urgency)
    promised = rule.until(case) if rule.until is not None else promised
    if clock is None or (rule.until is not None and promised is None):
        return None
    if promised is not None:
        clock, started_at = _until(clock, promised, started_at)
    ours = {"project_id": case.project_id, "case_id": case.pk, "key": rule.key, "round": case.round}
    return cast("Deadline", Deadline.begin(clock, version=found.version, started_at=started_at, at=at, **ours))


def _until(clock: Clock, promised: datetime, started_at: datetime) -> tuple[Clock, datetime]:
    """Whole minutes, counted back from the promised instant: due then, and not a second later."""
    minutes = max(0, math.ceil((promised - started_at) / MINUTE))
    return clock.model_copy(
        update={"minutes": minutes, "mode": "natural"}
    ), promised - minutes * MINUTE if minutes else started_at


def move(step: "Step") -> list[Deadline]:
    """Apply the state a case has come to to its clocks. The rows that changed or are new, these added to the step's."""
    changed: list[Deadline] = []
    for rule in step.process.deadlines:
        row = next((r for r in step.deadlines if r.key == rule.key and r.ended_at is None), None)
        if row is not None and _touch(rule, row, step):
            changed.append(row)
        begins = row is None and rule.key not in step.meets
        if begins or (row is not None and row.ended_at is not None and rule.renews):
            fresh = _maybe_start(rule, step)
            changed += [fresh] if fresh else []
    step.deadlines.extend(r for r in changed if r not in step.deadlines)
    return changed


def _touch(rule: DeadlineRule, row: Deadline, step: "Step") -> bool:
    state, at = step.case.state, step.happened_at
    if rule.key in step.meets or state in rule.met_in or (rule.renews and step.is_word):
        row.end(at=at)
    elif _is_void(rule, row, step):
        row.end(at=at, outcome=VOID)
    elif state in rule.pauses_in and step.pause_reason and not row.is_paused:
        row.pause(since=at, reason=step.pause_reason)
    elif state not in rule.pauses_in and row.is_paused:
        row.resume(until=at)
    else:
        return False
    return True


def _is_void(rule: DeadlineRule, row: Deadline, step: "Step") -> bool:
    old = row.round != step.case.round and not rule.every_round
    over = step.case.state in step.process.terminal and not rule.keeps_after_end
    return old or over or step.case.state in rule.void_in


def _maybe_start(rule: DeadlineRule, step: "Step") -> Deadline | None:
    case = step.case
    # A clock that was void (planned work made urgent again) has not run yet.
    ran = any(r.key == rule.key and r.round == case.round and r.outcome != VOID for r in step.deadlines)
    done_this_round = ran and not (rule.repeats or rule.renews)
    if case.state not in rule.runs_in or done_this_round or case.state in step.process.terminal:
        return None
    first = case.round == 1 and rule.from_received and not ran
    begun = case.received_at if first else step.happened_at
    return start(rule, case, started_at=begun, at=step.at, promised=step.promises.get(rule.key))


def rerate(step: "Step", *, keys: Collection[str] = ()) -> list[Deadline]:
    """Running clocks (those of ``keys``, or all) take the allowance now in force for them, from their old start."""
    running = [row for row in step.deadlines if row.ended_at is None and (not keys or row.key in keys)]
    for row in running:
        rule = step.process.deadline(row.key)
        fresh = start(rule, step.case, started_at=row.started_at, at=step.at) if rule else None
        if fresh is None:
            row.end(at=step.at, outcome=VOID)
        else:
            row.rerate(fresh, at=step.at)
    return running


def next_due(rows: Sequence[Deadline]) -> tuple[datetime | None, str]:
    """The earliest open due instant of a case, and which clock it is."""
    running = [(r.due_at, r.key) for r in rows if r.ended_at is None and r.due_at is not None]
    return min(running) if running else (None, "")
