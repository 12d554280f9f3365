"""Putting a backup into an empty database: all of it, or nothing."""

import hashlib
import io
import json
import shutil
import uuid
import zipfile
from collections.abc import Iterator
from datetime import datetime
from itertools import islice
from pathlib import Path
from typing import Any, Final

from django.apps import apps as current_apps
from django.conf import settings
from django.core.management import call_command
from django.core.management.color import no_style
from django.db import DataError, IntegrityError, connection, models
from django.db.migrations.executor import MigrationExecutor

from steward.kernel import audit, bulk
from steward.kernel.actor import SYSTEM
from steward.kernel.audit.seal import moved
from steward.kernel.backup.archive import (
    FILES,
    LEFT_OUT,
    ArchiveError,
    Manifest,
    Table,
    inward,
    manifest_of,
    member_of,
    opened,
    pieces,
    prove,
)
from steward.kernel.backup.make import tables
from steward.kernel.db import write

#: What a start of the product leaves in a database that nobody has used yet.
OF_A_START: Final = frozenset({"kernel.referenceversion", "kernel.cronslot", "kernel.sealstate"})
CHUNK: Final = 2000


def check(path: Path) -> Manifest:
    """Read the whole file and prove its sums; no database is touched. Raises ArchiveError."""
    with opened(path) as archive:
        manifest = manifest_of(archive)
        prove(archive, manifest)
    return manifest


def restore(path: Path, *, at: datetime) -> Manifest:
    """Raises ArchiveError when the file is damaged, of a newer version, or the database is not empty."""
    manifest = check(path)
    _refuse_strange(manifest)
    staged = _stage(path, manifest)
    try:
        bare = _prepare(manifest)
        with opened(path) as archive, write():
            _load(archive, manifest, bare=bare)
            # Now rather than at the end: uploads are put in place only when the rows will stay.
            connection.check_constraints()
            _put_in_place(staged)
    except DataError as error:
        raise ArchiveError(f"The rows of the backup do not fit its version: {error}") from error
    except IntegrityError as error:
        raise ArchiveError(f"The rows of the backup do not fit together: {error}") from error
    finally:
        shutil.rmtree(staged, ignore_errors=True)
    call_command("migrate", interactive=False, verbosity=0)
    with write():
        moved()
        audit.record(
            project_id=None,
            actor=SYSTEM,
            at=at,
            what="backup.restored",
            subject_kind="kernel.backup",
            label=path.name,
            after={"made_at": manifest.made_at, "rows": manifest.rows, "files": len(manifest.files)},
        )
    bulk.refresh_statistics(*tables())
    return manifest


# --- does it fit -------------------------------------------------------------------------------
def _refuse_strange(manifest: Manifest) -> None:
    """A newer version's rows would lose what this one does not know."""
    known = set(MigrationExecutor(connection).loader.graph.nodes)
    unknown = sorted({(app, name) for app, name in manifest.migrations} - known)
    if unknown:
        raise ArchiveError(
            f"The backup was made by another version ({manifest.version}): this one does not know {'.'.join(unknown[0])}."
        )


def _prepare(manifest: Manifest) -> bool:
    """Bring an empty database to the version of the backup. True when it had no tables before."""
    names = set(connection.introspection.table_names())
    bare = not names & {model._meta.db_table for model in current_apps.get_models()}  # noqa: SLF001
    wanted = {(app, name) for app, name in manifest.migrations}
    executor = MigrationExecutor(connection)
    if bare:
        executor.migrate(_tips(executor, wanted))
        return True
    applied = set(executor.loader.applied_migrations)
    if applied != wanted:
        raise ArchiveError("The tables are of another version than the backup: name a database without tables.")
    for model in tables():
        full: Any = model._base_manager  # noqa: SLF001
        if model._meta.label_lower not in OF_A_START and full.exists():  # noqa: SLF001
            raise ArchiveError(f"The database is not empty ({model._meta.db_table}); nothing was restored.")  # noqa: SLF001
    return False


def _tips(executor: MigrationExecutor, wanted: set[tuple[str, str]]) -> list[tuple[str, str]]:
    """The last of the wanted migrations in every app."""
    graph = executor.loader.graph
    return [
        key
        for key in sorted(wanted)
        if not any(child.key in wanted and child.key[0] == key[0] for child in graph.node_map[key].children)
    ]


# --- rows --------------------------------------------------------------------------------------
def _load(archive: zipfile.ZipFile, manifest: Manifest, *, bare: bool) -> None:
    """In one transaction; links between rows are checked when it ends, so the order does not matter."""
    executor = MigrationExecutor(connection)
    known = executor.loader.project_state(_tips(executor, {(a, n) for a, n in manifest.migrations})).apps
    by_label = {model._meta.label_lower: model for model in known.get_models(include_auto_created=True)}  # noqa: SLF001
    # A migration may bring rows of its own: those of the backup stand for them.
    for label, model in by_label.items():
        if label not in LEFT_OUT and (bare or label in OF_A_START):
            _empty(model)
    for table in manifest.tables:
        if table.label not in by_label:
            raise ArchiveError(f"{table.label} is not a table of the version that the backup says it is of.")
        _rows(archive, table, by_label[table.label])
    _set_sequences(list(by_label.values()))


def _empty(model: type[models.Model]) -> None:
    with connection.cursor() as cursor:
        cursor.execute(f"DELETE FROM {connection.ops.quote_name(model._meta.db_table)}")  # noqa: S608, SLF001  our own


def _rows(archive: zipfile.ZipFile, table: Table, model: type[models.Model]) -> None:
    fields = {str(f.column): f for f in model._meta.concrete_fields}  # noqa: SLF001
    if set(fields) != set(table.columns):
        odd = min(set(fields) ^ set(table.columns))
        raise ArchiveError(f"{table.label}.{odd} is not alike in the backup and in its version.")
    converts = [(fields[column].attname, inward(fields[column])) for column in table.columns]
    count = 0
    with archive.open(member_of(table.label)) as member:
        rows = _read(io.TextIOWrapper(member, encoding="utf-8", newline="\n"), converts)
        while chunk := list(islice(rows, CHUNK)):
            bulk.insert(model, {}, chunk)
            count += len(chunk)
    if count != table.rows:
        raise ArchiveError(f"{table.label} has {count} rows, the manifest says {table.rows}.")


def _read(lines: io.TextIOWrapper, converts: list[tuple[str, Any]]) -> Iterator[dict[str, Any]]:
    for line in lines:
        values = json.loads(line)
        yield {
            name: None if value is None else convert(value)
            for (name, convert), value in zip(converts, values, strict=True)
        }


def _set_sequences(found: list[type[models.Model]]) -> None:
    """The next id follows the last one; SQLite counts by itself."""
    with connection.cursor() as cursor:
        for statement in connection.ops.sequence_reset_sql(no_style(), found):
            cursor.execute(statement)


# --- uploads -----------------------------------------------------------------------------------
def _stage(path: Path, manifest: Manifest) -> Path:
    """Uploads beside their place, each proved once more as it is written. A different file there is refused."""
    folder = Path(settings.MEDIA_ROOT)
    staged = folder.parent / f".restore-{uuid.uuid4().hex}"
    staged.mkdir(parents=True)
    try:
        with opened(path) as archive:
            for name, digest in manifest.files.items():
                _write(archive, name, digest, staged / name)
                there = folder / name
                if there.exists() and hashlib.sha256(there.read_bytes()).hexdigest() != digest:
                    raise ArchiveError(f"{there} is another file than the one in the backup; nothing was restored.")
    except BaseException:
        shutil.rmtree(staged, ignore_errors=True)
        raise
    return staged


def _write(archive: zipfile.ZipFile, name: str, digest: str, to: Path) -> None:
    to.parent.mkdir(parents=True, exist_ok=True)
    sha = hashlib.sha256()
    with archive.open(FILES + name) as source, to.open("wb") as out:
        for piece in pieces(source):
            sha.update(piece)
            out.write(piece)
    if sha.hexdigest() != digest:
        raise ArchiveError(f"{FILES}{name} was changed after the backup was made.")


def _put_in_place(staged: Path) -> None:
    folder = Path(settings.MEDIA_ROOT)
    for file in sorted(p for p in staged.rglob("*") if p.is_file()):
        there = folder / file.relative_to(staged)
        there.parent.mkdir(parents=True, exist_ok=True)
        file.replace(there)
