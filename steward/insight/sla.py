"""Were promises kept? Cases received in a period, closed and open, against their targets.

A case of another system is judged by the target it came with; one of our own by the clock that stands for
its resolution, in its current round. One query, read as a stream; memory grows by one number per closed case.
"""

from array import array
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from statistics import median
from typing import Any, Final, NamedTuple

from django.db.models import F, FilteredRelation, Q, QuerySet

from steward.cases.models import Case, Deadline
from steward.casework.categories import categories
from steward.kernel.calendars import work_calendar
from steward.kernel.clocks import due_at
from steward.kernel.clocks.row import LATE, MET

#: The clock that stands for "done" in a process; the first that it has.
RESOLUTION: Final = ("completion", "answer", "pass_on", "fulfil")
ON_TIME: Final = "on_time"
OVERDUE: Final = "overdue"
SECONDS: Final = 3600
JOINT: Final = " / "


class Judged(NamedTuple):
    """One case as the report reads it; ``verdict`` is empty where nothing was promised."""

    number: str
    kind: str
    category_id: int | None
    received_at: datetime
    closed_at: datetime | None
    verdict: str


@dataclass
class Figures:
    total: int = 0
    closed: int = 0
    verdicts: dict[tuple[bool, str], int] = field(default_factory=dict)
    hours: "array[float]" = field(default_factory=lambda: array("d"))

    def add(self, case: Judged) -> None:
        self.total += 1
        done = case.closed_at is not None
        if case.closed_at is not None:
            self.closed += 1
            self.hours.append((case.closed_at - case.received_at).total_seconds() / SECONDS)
        self.verdicts[done, case.verdict] = self.verdicts.get((done, case.verdict), 0) + 1

    def as_dict(self) -> dict[str, Any]:
        return {
            "total": self.total,
            "closed": self.closed,
            "open": self.total - self.closed,
            "closed_with_target": self._split(done=True),
            "open_with_target": self._split(done=False),
            "median_hours_to_close": round(median(self.hours), 2) if self.hours else None,
        }

    def _split(self, *, done: bool) -> dict[str, int]:
        return {name: self.verdicts.get((done, name), 0) for name in (ON_TIME, OVERDUE)}


@dataclass
class Report:
    all: Figures = field(default_factory=Figures)
    by_kind: dict[str, Figures] = field(default_factory=dict)
    by_category: dict[str, Figures] = field(default_factory=dict)

    def as_dict(self) -> dict[str, Any]:
        """Kinds and categories in the order of their size."""
        return {
            **self.all.as_dict(),
            "by_kind": _ordered(self.by_kind),
            "by_category": _ordered(self.by_category),
        }


def _ordered(groups: dict[str, Figures]) -> dict[str, Any]:
    found = sorted(groups.items(), key=lambda item: (-item[1].total, item[0]))
    return {name: figures.as_dict() for name, figures in found}


def verdict(target: datetime | None, closed: datetime | None, as_of: datetime | None = None) -> str:
    """Closed by its target, or past it; an open one is judged at ``as_of``. The very instant is on time."""
    end = closed or as_of
    if target is None or end is None:
        return ""
    return ON_TIME if end <= target else OVERDUE


def report(
    *,
    project_id: int,
    as_of: datetime,
    since: datetime | None = None,
    until: datetime | None = None,
    each: Callable[[Judged], None] = lambda _case: None,
) -> Report:
    """Cases received in [since, until); ``each`` sees every one of them."""
    found, names = Report(), _names()
    for case in judged(project_id=project_id, as_of=as_of, since=since, until=until):
        found.all.add(case)
        found.by_kind.setdefault(case.kind, Figures()).add(case)
        found.by_category.setdefault(names.get(case.category_id, ""), Figures()).add(case)
        each(case)
    return found


def _names() -> dict[int | None, str]:
    """Categories by their whole path: "Housing / Heat"."""
    rows = categories()
    return {pk: JOINT.join(_path(pk, rows)) for pk in rows}


def _path(pk: int, rows: dict[int, Any]) -> list[str]:
    row = rows[pk]
    return [*(_path(row.parent_id, rows) if row.parent_id in rows else []), row.name_en or row.name]


def judged(
    *, project_id: int, as_of: datetime, since: datetime | None = None, until: datetime | None = None
) -> Iterator[Judged]:
    on_hold = _on_hold(project_id, as_of)
    rows = _rows(project_id, since, until).values_list(
        "pk",
        "number",
        "external_number",
        "kind",
        "category_id",
        "received_at",
        "closed_at",
        "is_imported",
        "imported_target_at",
        "clock__due_at",
        "clock__outcome",
    )
    for pk, number, outside, kind, category, received, closed, imported, target, due, outcome in rows.iterator(5000):
        if imported:
            found = verdict(target, closed, as_of)
        elif outcome:
            # The clock has stopped: it says itself whether in time. A void one promises nothing any more.
            found = {MET: ON_TIME, LATE: OVERDUE}.get(outcome, "")
        else:
            found = on_hold.get(pk) or verdict(due, closed, as_of)
        yield Judged(outside or number, kind, category, received, closed, found)


def _rows(project_id: int, since: datetime | None, until: datetime | None) -> QuerySet[Any]:
    rows = Case.objects.in_project(project_id).order_by("received_at", "id")
    if since is not None:
        rows = rows.filter(received_at__gte=since)
    if until is not None:
        rows = rows.filter(received_at__lt=until)
    clock = Q(deadlines__project_id=project_id, deadlines__key__in=RESOLUTION, deadlines__round=F("round"))
    return rows.annotate(clock=FilteredRelation("deadlines", condition=clock))


def _on_hold(project_id: int, as_of: datetime) -> dict[int, str]:
    """Clocks that stand still have no due instant: late if they had run out before they were stopped."""
    rows = Deadline.objects.in_project(project_id).filter(
        key__in=RESOLUTION, ended_at__isnull=True, due_at__isnull=True, round=F("case__round")
    )
    calendar = work_calendar()
    found = {}
    for row in rows.iterator(1000):
        if row.is_paused:
            due = due_at(row.rule, calendar, row.started_at, row.intervals, as_of=as_of)
            found[row.case_id] = verdict(due, None, as_of) or ON_TIME
    return found
