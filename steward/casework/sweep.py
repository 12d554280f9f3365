"""The sweeper: due clocks warn and escalate. Each row is won by compare-and-swap."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from steward.cases.declare import process_of
from steward.cases.models import Case, Deadline
from steward.casework.lines import write_line
from steward.casework.words import clock_title
from steward.kernel import outbox
from steward.kernel.actor import SYSTEM, Role
from steward.kernel.db import retrying, write
from steward.registers.workforce.people import with_role

REST: Final = timedelta(minutes=15)
Shared = Callable[[Case], str]
_shared: list[Shared] = []


def shares(test: Shared) -> Shared:
    """Register who names what several cases have in common: people are then warned once for all of them."""
    _shared.append(test)
    return test


CASES: Final = "case"


@dataclass(frozen=True)
class Watch:
    """A table of clocks that hang on cases, and who is told at each stage of one (row, case, stage).

    ``wakes``: its alarms leave the app at once, whatever their stage: nobody looks into it at night.
    """

    rows: Any
    told: Callable[[Any, Case, int], list[str]]
    wakes: bool = False


WATCHES: Final[dict[str, Watch]] = {}


def due(at: datetime, limit: int = 200, *, watch: str = CASES) -> list[tuple[int, int]]:
    rows = WATCHES[watch].rows.objects.unscoped().filter(ended_at__isnull=True, next_at__lte=at)
    return list(rows.order_by("next_at").values_list("project_id", "pk")[:limit])


def fire(project_id: int, pk: int, at: datetime, *, watch: str = CASES) -> bool:
    """Warn or escalate one clock; False if somebody else did."""
    return retrying(lambda: _fire(WATCHES[watch], project_id, pk, at))


def put_off(project_id: int, pk: int, at: datetime, *, watch: str = CASES) -> None:
    """A clock that cannot be fired is looked at again later; it stays due and keeps its stage."""
    with write():
        rows = WATCHES[watch].rows.objects.in_project(project_id)
        rows.filter(pk=pk, ended_at__isnull=True, next_at__lte=at).update(next_at=at + REST)


def _fire(watch: Watch, project_id: int, pk: int, at: datetime) -> bool:
    row = watch.rows.objects.in_project(project_id).filter(pk=pk).select_related("case").first()
    if row is None or row.ended_at is not None or row.next_at is None or row.next_at > at:
        return False
    stage, case = row.stage, row.case
    row.stage += 1
    row.recompute(at)
    won = (
        watch.rows.objects.in_project(project_id)
        .filter(pk=pk, stage=stage, ended_at__isnull=True)
        .update(stage=row.stage, next_at=row.next_at)
    )
    if not won:
        return False
    people = watch.told(row, case, stage)
    if not people:  # it settled itself
        return True
    _note(row, case, stage, people, at)
    outbox.post([_message(row, case, stage, key, wakes=watch.wakes) for key in people], project_id=project_id, at=at)
    return True


def _recipients(row: Deadline, case: Case, stage: int) -> list[str]:
    """Stage 0 warns the handler (the desk while there is none); later stages climb the ladder.

    Once the work is done, payment and callback are the first responder's to see to, not the technician's.
    """
    process = process_of(case.kind)
    done = process is not None and case.state in process.completed_in
    first = case.accountable_id if done else case.handler_id or case.accountable_id
    if stage == 0:
        found = [f"staff:{first}"] if first else _keys(Role.DESK, case)
        return found or _keys(Role.MANAGER, case)
    return climb(row, case, stage)


def _keys(role: Role, case: Case) -> list[str]:
    return [f"staff:{c.id}" for c in with_role(role, case.project_id)]


def climb(row: Any, case: Case, stage: int) -> list[str]:
    """Who stands on a rung of the ladder; the manager where nobody does."""
    who = row.rungs[stage - 1][1]
    found = [f"staff:{case.accountable_id}"] if who == "accountable" and case.accountable_id else []
    if who in Role.values:
        found = _keys(Role(who), case)
    return found or _keys(Role.MANAGER, case)


def _note(row: Any, case: Case, stage: int, people: list[str], at: datetime) -> None:
    """Warnings and escalations stand in the timeline like everything else."""
    action = "warn" if stage == 0 else "escalate"
    write_line(case, action=action, actor=SYSTEM, at=at, data={"deadline": row.key, "stage": stage, "to": people})


def _message(row: Any, case: Case, stage: int, recipient: str, *, wakes: bool = False) -> outbox.Message:
    kind = "deadline" if isinstance(row, Deadline) else row.key
    common = next((name for test in _shared if (name := test(case))), "")
    return outbox.Message(
        event=f"{kind}:{common}:{row.key}:{stage}" if common else f"{kind}:{row.pk}:{stage}",
        recipient=recipient,
        channel="inapp",
        subject=f"{case.number} {case.title}",
        payload={
            "template": "deadline_warn" if stage == 0 else "deadline_late",
            "case": case.number,
            "deadline": clock_title(process_of(case.kind), row.key),
            "due_at": row.due_at.isoformat() if row.due_at else None,
            "stage": stage,
            **({"wakes": True} if wakes else {}),
        },
    )


WATCHES[CASES] = Watch(Deadline, _recipients)
