"""Why the late rows of the workbench are late: one statement for all of them together."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Final

from django.db.models import F

from steward.cases.declare import process_of
from steward.cases.models import Case, Deadline, Entry
from steward.casework.clocks.lateness import Account, Story, account
from steward.casework.clocks.latewords import short, slowest
from steward.console.shell import Desk
from steward.console.work import Row
from steward.kernel.clocks import row as clock

#: The most pressing stand on top; what is further down explains itself on its page.
EXPLAINED: Final = 30
CLOCK: Final = ("id", "key", *clock.COLUMNS)
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
    found: dict[int, Reason] = {}
    for case_id, entries in _read(desk, wanted).items():
        row = wanted[case_id]
        told = _account(_clock(entries[0]), row, entries, desk)
        if told is not None and told.is_late:
            found[case_id] = Reason(short(told, Case(project_id=row["project_id"])), slowest(told))
    return found


def _read(desk: Desk, wanted: Iterable[int]) -> dict[int, list[Any]]:
    """The timelines, each line with the columns of the clock that is next in its case: of each key one runs."""
    rows = Entry.objects.visible_to(desk.actor).filter(
        case_id__in=set(wanted),
        project_id__in=desk.projects,
        case__deadlines__ended_at__isnull=True,
        case__deadlines__key=F("case__next_due_key"),
    )
    lines: dict[int, list[Any]] = {}
    for line in rows.annotate(**{f"clock_{name}": F(f"case__deadlines__{name}") for name in CLOCK}):
        lines.setdefault(line.case_id, []).append(line)
    return lines


def _clock(line: Any) -> Deadline:
    columns = {name: getattr(line, f"clock_{name}") for name in CLOCK}
    return Deadline(project_id=line.project_id, case_id=line.case_id, **columns)


def _account(running: Deadline, row: dict[str, Any], entries: list[Entry], desk: Desk) -> Account | None:
    process = process_of(row["kind"])
    if process is None:
        return None
    case = Case(**{name: row[name] for name in COLUMNS})
    return account(running, Story(case, process, [running], sorted(entries, key=lambda e: e.seq), desk.at))
