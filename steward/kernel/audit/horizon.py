"""How far the sealer has come. Rows committed late, with an id among sealed ones, are waited for on PostgreSQL.

Per ledger: ``settled`` (no row up to this id can still come), ``runs`` (ids above it that are sealed), ``marks`` (where
a run of the sealer ended, and which transactions might then still have been open).
"""

from bisect import bisect_right
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Final

from django.db import connection

#: A transaction may take its id from the sequence a moment before it is seen among the open ones.
PATIENCE: Final = timedelta(minutes=10)
LONG_RUN: Final = 500


def open_transactions() -> tuple[int, int]:
    """The oldest transaction still open, and the first that has not begun. SQLite has one writer: us."""
    if connection.vendor != "postgresql":
        return 0, 0
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT pg_snapshot_xmin(s)::text::bigint, pg_snapshot_xmax(s)::text::bigint FROM pg_current_snapshot() s"
        )
        oldest, following = cursor.fetchone()
    return int(oldest), int(following)


@dataclass
class Horizon:
    settled: int = 0
    runs: list[list[int]] = field(default_factory=list)
    marks: list[list[Any]] = field(default_factory=list)

    @classmethod
    def load(cls, raw: dict[str, Any]) -> "Horizon":
        return cls(raw.get("settled", 0), raw.get("runs", []), raw.get("marks", []))

    def dump(self) -> dict[str, Any]:
        return {"settled": self.settled, "runs": self.runs, "marks": self.marks}

    def has(self, pk: int) -> bool:
        at = bisect_right(self.runs, [pk, 2**63]) - 1
        return pk <= self.settled or (at >= 0 and self.runs[at][1] >= pk)

    def long_runs(self) -> list[list[int]]:
        return [run for run in self.runs if run[1] - run[0] >= LONG_RUN]

    def add(self, ids: Iterable[int]) -> None:
        """Rows that are sealed now."""
        merged: list[list[int]] = []
        for low, high in sorted([*self.runs, *([pk, pk] for pk in ids)]):
            if merged and low <= merged[-1][1] + 1:
                merged[-1][1] = max(merged[-1][1], high)
            else:
                merged.append([low, high])
        self.runs = merged

    def advance(self, *, complete_to: int, at: datetime, oldest: int, following: int) -> None:
        """Settle what no open transaction can add to. ``complete_to``: every visible row up to here is sealed."""
        waiting = connection.vendor == "postgresql"
        ready = [
            mark[0]
            for mark in self.marks
            if not waiting or (mark[1] <= oldest and abs(at - datetime.fromisoformat(mark[2])) >= PATIENCE)
        ]
        top = self.runs[-1][1] if self.runs else self.settled
        if not waiting:
            ready.append(top)
        self.settled = max([self.settled, *(min(mark, complete_to) for mark in ready)])
        self.marks = [mark for mark in self.marks if mark[0] > self.settled][-50:]
        if top > self.settled and (not self.marks or self.marks[-1][0] < top):
            self.marks.append([top, following, at.isoformat()])
        self.runs = [[max(low, self.settled + 1), high] for low, high in self.runs if high > self.settled]
