"""A file into a project, chunk by chunk; an import that was cut off is simply run again."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from itertools import islice
from pathlib import Path
from typing import Any

from steward.casework.history import CHUNK, Import
from steward.history.maps import Map
from steward.history.rejects import Rejects
from steward.history.rows import RowError, Translator
from steward.history.tables import Cell, Table, TableError, open_table
from steward.insight.sla import verdict

Row = tuple[int, list[Cell]]


@dataclass
class Summary:
    """Figures of one import. ``agrees`` of ``compared``: closed rows with a target whose own flag says the same."""

    rows: int = 0
    added: int = 0
    known: int = 0
    refused: int = 0
    compared: int = 0
    agrees: int = 0


def load_file(
    *,
    path: Path,
    plan: Map,
    project_id: int,
    rejects: Path,
    at: datetime,
    progress: Callable[[int, int], None] = lambda _done, _size: None,
) -> Summary:
    """Raises TableError where the file is not what the map says."""
    total = Summary()
    with open_table(path, plan.file) as table:
        missing = [name for name in plan.named() if name not in table.header]
        if missing:
            raise TableError(f"{path.name} has no column {', '.join(map(repr, missing))}")
        target = Import(project_id=project_id, source=plan.source, at=at)
        read = Translator(plan, table.header)
        with Rejects(rejects, table.header) as back:
            for chunk in _chunks(table):
                _load_chunk(chunk, read, target, back, total)
                progress(table.done(), table.size)
        if total.added:
            target.finish()
    return total


def _chunks(table: Table) -> Iterator[list[Row]]:
    while chunk := list(islice(table.rows, CHUNK)):
        yield chunk


def _load_chunk(chunk: list[Row], read: Translator, target: Import, back: Rejects, total: Summary) -> None:
    good: list[tuple[int, dict[str, Any]]] = []
    refused: dict[int, str] = {}
    for line, cells in chunk:
        try:
            good.append((line, read(cells)))
        except RowError as error:
            refused[line] = str(error)
    done = target.load(good)
    refused.update(done.refused)
    for line, cells in chunk:
        if line in refused:
            back.add(line, cells, refused[line])
    total.rows += len(chunk)
    total.added += done.added
    total.known += done.known
    total.refused += len(refused)
    _compare((raw for line, raw in good if line not in refused), read.plan, total)


def _compare(rows: Iterator[dict[str, Any]], plan: Map, total: Summary) -> None:
    """Our verdict beside the log's own, where it gives one."""
    flag = plan.flags.on_time
    if flag is None:
        return
    says = {**dict.fromkeys(flag.on_time, "on_time"), **dict.fromkeys(flag.overdue, "overdue")}
    for raw in rows:
        if raw["closed"] is not None and raw["target"] is not None:
            total.compared += 1
            total.agrees += says.get(raw["flags"]["on_time"]) == verdict(raw["target"], raw["closed"])
