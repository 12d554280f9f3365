"""Why the late rows of the workbench are late: two statements for all of them together."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

from steward.cases.declare import process_of
from steward.cases.models import Case, Deadline, Entry
from steward.casework.lateness import Account, Story, account
from steward.casework.latewords import short, slowest
from steward.console.shell import Desk
from steward.console.work import Row

#: The most pressing stand on top; what is further down explains itself on its page.
EXPLAINED: Final = 30
COLUMNS: Final = ("id", "project_id", "kind", "state", "handler_id", "accountable_id", "customer_name", "received_at")


@dataclass(frozen=True)
class Reason:
    whole: str
    slowest: str


def reasons(desk: Desk, rows: Sequence[Row]) -> dict[int, Reason]:
    """By case; nothing is read where nothing is late."""
    late = {row.case["id"]: row.case for row in rows if row.face.tone == "late" and not row.case["is_imported"]}
    wanted = dict(list(late.items())[:EXPLAINED])
    if not wanted:
        return {}
    entries: dict[int, list[Entry]] = {}
    for entry in Entry.objects.visible_to(desk.actor).filter(case_id__in=wanted, project_id__in=desk.projects):
        entries.setdefault(entry.case_id, []).append(entry)
    clocks = Deadline.objects.visible_to(desk.actor).filter(
        case_id__in=wanted, project_id__in=desk.projects, ended_at__isnull=True
    )
    found: dict[int, Reason] = {}
    for clock in clocks:
        row = wanted[clock.case_id]
        told = _account(clock, row, entries.get(clock.case_id, []), desk) if clock.key == row["next_due_key"] else None
        if told is not None and told.is_late:
            found[clock.case_id] = Reason(short(told, Case(project_id=row["project_id"])), slowest(told))
    return found


def _account(clock: Deadline, row: dict[str, Any], entries: list[Entry], desk: Desk) -> Account | None:
    process = process_of(row["kind"])
    if process is None:
        return None
    case = Case(**{name: row[name] for name in COLUMNS})
    return account(clock, Story(case, process, [clock], sorted(entries, key=lambda e: e.seq), desk.at))
