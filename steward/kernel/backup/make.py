"""Making a backup, while the product runs."""

import hashlib
import json
import os
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from importlib.metadata import version
from pathlib import Path
from typing import Any, Final

from django.apps import apps
from django.conf import settings
from django.db import connection, models, transaction
from django.db.migrations.executor import MigrationExecutor
from django.db.migrations.recorder import MigrationRecorder

from steward.kernel import audit
from steward.kernel.actor import SYSTEM
from steward.kernel.backup.archive import (
    FILES,
    LEFT_OUT,
    MANIFEST,
    ArchiveError,
    Manifest,
    Table,
    member_of,
    outward,
    pieces,
)
from steward.kernel.db import write

CHUNK: Final = 2000


def make(path: Path, *, at: datetime) -> Manifest:
    """Everything as it stood at one moment, in one new file. Raises ArchiveError; the file appears only when whole."""
    if path.exists():
        raise ArchiveError(f"{path} is there already; a backup never replaces another.")
    executor = MigrationExecutor(connection)
    if executor.migration_plan(executor.loader.graph.leaf_nodes()):
        raise ArchiveError("The database is of another version than the program: run `steward run` or migrate first.")
    with write():
        # An export of everything; before the moment, so that it is part of what it tells of.
        audit.record(
            project_id=None, actor=SYSTEM, at=at, what="backup.made", subject_kind="kernel.backup", kind="export"
        )
    partial = path.with_name(f".{path.name}.part")
    descriptor = os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    try:
        with os.fdopen(descriptor, "wb") as out, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as to:
            manifest = _fill(to, at)
            to.writestr(MANIFEST, manifest.dump())
        _kept(partial)
        partial.rename(path)
    finally:
        partial.unlink(missing_ok=True)
    return manifest


def _kept(path: Path) -> None:
    """On the disk before anybody is told."""
    with path.open("rb") as handle:
        os.fsync(handle.fileno())


def _fill(to: zipfile.ZipFile, at: datetime) -> Manifest:
    with one_moment():
        applied = sorted(MigrationRecorder(connection).applied_migrations())
        manifest = Manifest(version("steward"), at.isoformat(), connection.vendor, [list(m) for m in applied])
        for model in tables():
            manifest.tables.append(_table(to, model))
    # Uploads are written before their row, and never changed: what the rows name is there.
    folder = Path(settings.MEDIA_ROOT)
    for file in sorted(p for p in folder.rglob("*") if p.is_file() and p.suffix != ".part"):
        manifest.files[file.relative_to(folder).as_posix()] = _file(to, file, folder)
    return manifest


def tables() -> list[type[models.Model]]:
    return [
        model
        for model in apps.get_models(include_auto_created=True)
        if model._meta.managed and not model._meta.proxy and model._meta.label_lower not in LEFT_OUT  # noqa: SLF001
    ]


@contextmanager
def one_moment() -> Iterator[None]:
    """Reads that all see the same moment, and hold up no writer."""
    if connection.vendor == "postgresql":
        with transaction.atomic():
            with connection.cursor() as cursor:
                cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY")
            yield
        return
    # Django's transactions on SQLite begin as writers.
    with connection.cursor() as cursor:
        cursor.execute("BEGIN DEFERRED")
    try:
        yield
    finally:
        with connection.cursor() as cursor:
            cursor.execute("COMMIT")


def _table(to: zipfile.ZipFile, model: type[models.Model]) -> Table:
    meta = model._meta  # noqa: SLF001
    fields = list(meta.concrete_fields)
    converts = [outward(f) for f in fields]
    sha, rows = hashlib.sha256(), 0
    with to.open(member_of(meta.label_lower), "w", force_zip64=True) as member:
        for lines in _chunks(model, [f.attname for f in fields]):
            text = "".join(f"{_line(line, converts)}\n" for line in lines).encode()
            sha.update(text)
            member.write(text)
            rows += len(lines)
    return Table(meta.label_lower, [str(f.column) for f in fields], rows, sha.hexdigest())


def _chunks(model: type[models.Model], names: list[str]) -> Iterator[list[Any]]:
    manager: Any = model._base_manager  # noqa: SLF001  every row, whoever may see it
    kept: list[Any] = []
    for line in manager.order_by("pk").values_list(*names).iterator(chunk_size=CHUNK):
        kept.append(line)
        if len(kept) == CHUNK:
            yield kept
            kept = []
    if kept:
        yield kept


def _line(line: tuple[Any, ...], converts: list[Any]) -> str:
    values = [None if value is None else convert(value) for value, convert in zip(line, converts, strict=True)]
    return json.dumps(values, ensure_ascii=False, separators=(",", ":"))


def _file(to: zipfile.ZipFile, file: Path, folder: Path) -> str:
    sha = hashlib.sha256()
    info = zipfile.ZipInfo(FILES + file.relative_to(folder).as_posix())
    with file.open("rb") as source, to.open(info, "w", force_zip64=True) as member:
        for piece in pieces(source):
            sha.update(piece)
            member.write(piece)
    return sha.hexdigest()
