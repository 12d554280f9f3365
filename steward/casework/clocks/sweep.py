"""The sweeper: due clocks warn and escalate. Each row is won by compare-and-swap."""

import logging
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from django.conf import settings
from django.db import InterfaceError, OperationalError
from django.utils import translation

from steward.cases.deadlines import of_case
from steward.cases.declare import process_of
from steward.cases.models import Case, Deadline, Entry
from steward.casework.clocks.lateness import Story, account
from steward.casework.clocks.latewords import paragraph
from steward.casework.lines import write_line
from steward.casework.words import clock_title
from steward.kernel import outbox
from steward.kernel.actor import SYSTEM, Role
from steward.kernel.db import retrying, write
from steward.registers.workforce.away import away_now
from steward.registers.workforce.people import colleagues, with_role

REST: Final = timedelta(minutes=15)
#: Where nobody holds the post that should be told.
UPWARD: Final = (Role.MANAGER, Role.REGION, Role.HQ)
log = logging.getLogger(__name__)
Shared = Callable[[Case], str]
_shared: list[Shared] = []


def shares(test: Shared) -> Shared:
    """Register who names what several cases have in common: people are then warned once for all of them."""
    _shared.append(test)
    return test


CASES: Final = "case"
#: Clocks on which somebody else than the handler works: who is warned, by kind and key.
DECIDERS: Final[dict[tuple[str, str], Role]] = {}


@dataclass(frozen=True)
class Watch:
    """A table of clocks that hang on cases, and who is told at each stage of one (row, case, stage).

    ``wakes``: its alarms leave the app at once, whatever their stage: nobody looks into it at night.
    ``begins``: the line of the timeline with which such a clock begins. ``catches_up``: what became of it meanwhile,
    where another step says so; ``needs``: what else is read with it to say whom it waits for.
    """

    rows: Any
    told: Callable[[Any, Case, int], list[str]]
    wakes: bool = False
    begins: str = ""
    catches_up: Callable[[Any, Case], object] | None = None
    needs: tuple[str, ...] = ()


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
    people = _who_is_there(people, case, at)
    _note(row, case, stage, people, at)
    why = _why(row, case, at) if stage else ""
    told = [_message(row, case, stage, key, why, wakes=watch.wakes) for key in people]
    outbox.post(told, project_id=project_id, at=at)
    return True


def _why(row: Any, case: Case, at: datetime) -> str:
    """Whoever is told that time is up reads at once why; in the language of the house. The alarm never waits for it."""
    try:
        return _explained(row, case, at)
    except (OperationalError, InterfaceError):
        raise  # the database, not these words
    except Exception:
        log.exception("why clock %s of case %s is late cannot be said", row.pk, case.number)
        return ""


def _explained(row: Any, case: Case, at: datetime) -> str:
    process = process_of(case.kind)
    if process is None:
        return ""
    entries = sorted(Entry.objects.in_project(case.project_id).filter(case_id=case.pk), key=lambda e: e.seq)
    with translation.override(settings.LANGUAGE_CODE):
        found = account(row, Story(case, process, of_case(case), entries, at))
        return paragraph(found, case) if found is not None else ""


def _recipients(row: Deadline, case: Case, stage: int) -> list[str]:
    """Stage 0 warns the handler (the desk while there is none); later stages climb the ladder.

    Once the work is done, payment and callback are the first responder's to see to, not the technician's.
    """
    process = process_of(case.kind)
    done = process is not None and case.state in process.completed_in
    if stage:
        return climb(row, case, stage)
    decides = DECIDERS.get((case.kind, row.key))
    if decides is not None:
        return _up(decides, case)
    first = [case.accountable_id] if done else [case.handler_id, case.accountable_id]
    return here(*first) or _up(Role.DESK, case)


def here(*staff: int | None) -> list[str]:
    """The first of them who still works here: who has left reads no warning."""
    known = colleagues()
    return [f"staff:{pk}" for pk in staff if pk is not None and pk in known and known[pk].is_active][:1]


def _who_is_there(people: list[str], case: Case, at: datetime) -> list[str]:
    """Whoever is absent reads no alarm in time: whoever answers for the case does, then its leaders; or nobody is
    there, and those hear it who should have."""
    for some in (people, here(case.accountable_id), leaders(case)):
        staff = {int(key.removeprefix("staff:")): key for key in some if key.startswith("staff:")}
        gone = away_now(staff, at)
        there = [key for key in some if not any(staff[pk] == key for pk in gone)]
        if there:
            return there
    return people


def _up(role: Role, case: Case) -> list[str]:
    """Whoever holds the role; where nobody does, the next one up. Somebody always hears."""
    for one in dict.fromkeys((role, *UPWARD)):
        found = [f"staff:{c.id}" for c in with_role(one, case.project_id)]
        if found:
            return found
    return []


def leaders(case: Case) -> list[str]:
    return _up(Role.MANAGER, case)


def climb(row: Any, case: Case, stage: int) -> list[str]:
    """Who stands on a rung of the ladder; the manager where nobody does, or further up."""
    who = row.rungs[stage - 1][1]
    if who in Role.values:
        return _up(Role(who), case)
    return here(case.accountable_id) or leaders(case)


def _note(row: Any, case: Case, stage: int, people: list[str], at: datetime) -> None:
    """Warnings and escalations stand in the timeline like everything else."""
    action = "warn" if stage == 0 else "escalate"
    data = {"deadline": row.key, "stage": stage, "to": people, "clock": row.pk}
    write_line(case, action=action, actor=SYSTEM, at=at, data=data)


def _message(row: Any, case: Case, stage: int, recipient: str, why: str, *, wakes: bool = False) -> outbox.Message:
    kind = "deadline" if isinstance(row, Deadline) else row.key
    common = next((name for test in _shared if (name := test(case))), "")
    return outbox.Message(
        event=f"{kind}:{common}:{row.key}:{stage}" if common else f"{kind}:{row.pk}:{stage}",
        recipient=recipient,
        channel="inapp",
        subject=f"{case.number} {case.title}",
        body=why,
        payload={
            "template": "deadline_warn" if stage == 0 else "deadline_late",
            "case": case.number,
            "deadline": clock_title(process_of(case.kind), row.key),
            "clock": [case.kind, row.key],
            "due_at": row.due_at.isoformat() if row.due_at else None,
            "stage": stage,
            **({"wakes": True} if wakes else {}),
        },
    )


WATCHES[CASES] = Watch(Deadline, _recipients)
