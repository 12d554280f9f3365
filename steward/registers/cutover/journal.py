"""The way back: what an import wrote, packed a few thousand rows at a time.

New rows: ``{"columns": [...], "rows": [[id, value, …], …]}``. Changed rows: ``{"rows": [[id, before, after], …]}``.
"""

import json
import zlib
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any, Final
from uuid import UUID

from django.db import models

from steward.registers.cutover.models import ImportChange, ImportRun
from steward.registers.cutover.plan import Change

CHUNK: Final = 5000


def plain(value: Any) -> Any:
    """A column's value as it is compared and kept: the same whatever database gave it back."""
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat()
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, Decimal):
        return format(value.normalize(), "f")
    if isinstance(value, UUID):
        return str(value)
    return value


class Journal:
    def __init__(self, run: ImportRun) -> None:
        self.run = run
        self.seq = 0

    def made(self, model: type[models.Model], columns: Sequence[str], rows: Sequence[Mapping[str, Any]]) -> None:
        for start in range(0, len(rows), CHUNK):
            lines = [[row["id"], *(row[c] for c in columns)] for row in rows[start : start + CHUNK]]
            self._keep(model, {"columns": list(columns), "rows": lines}, made=True)

    def changed(self, model: type[models.Model], changes: Sequence[Change]) -> None:
        for start in range(0, len(changes), CHUNK):
            lines = [[c.pk, c.before, c.after] for c in changes[start : start + CHUNK]]
            self._keep(model, {"rows": lines}, made=False)

    def _keep(self, model: type[models.Model], content: Mapping[str, Any], *, made: bool) -> None:
        self.seq += 1
        packed = zlib.compress(json.dumps(content, default=plain, ensure_ascii=False).encode(), 1)
        ImportChange.objects.create(
            project_id=self.run.project_id,
            run=self.run,
            seq=self.seq,
            table=model._meta.label,  # noqa: SLF001  Django's public way to describe a model
            made=made,
            content=packed,
        )


def kept(run: ImportRun, *, made: bool) -> Iterator[tuple[str, dict[str, Any]]]:
    """(table, content), the last written first."""
    rows = ImportChange.objects.in_project(run.project_id).filter(run=run, made=made).order_by("-seq")
    for table, content in rows.values_list("table", "content"):
        yield table, json.loads(zlib.decompress(bytes(content)))
