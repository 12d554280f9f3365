"""The file: a zip of tables (JSON lines), uploads and a manifest that names and sums them all.

The manifest is written last. A file cut short has none, and one that was changed does not add up.
"""

import base64
import hashlib
import json
import zipfile
import zlib
from collections.abc import Callable, Iterable, Iterator
from dataclasses import asdict, dataclass, field
from datetime import UTC, date, datetime, time
from decimal import Decimal
from pathlib import Path
from typing import IO, Any, Final
from uuid import UUID

from django.db import models

FORMAT: Final = 1
MANIFEST: Final = "manifest.json"
TABLES: Final = "tables/"
FILES: Final = "files/"
PIECE: Final = 1 << 20
#: Made anew by every database for itself, or of no use elsewhere: who was signed in must sign in again.
LEFT_OUT: Final = frozenset({"contenttypes.contenttype", "auth.permission", "org.session"})

Convert = Callable[[Any], Any]


class ArchiveError(Exception):
    """The file cannot be trusted, or does not fit; said in one sentence."""


@dataclass
class Table:
    label: str
    columns: list[str]
    rows: int
    sha256: str


@dataclass
class Manifest:
    version: str
    made_at: str
    database: str
    migrations: list[list[str]]
    format: int = FORMAT
    tables: list[Table] = field(default_factory=list)
    files: dict[str, str] = field(default_factory=dict)

    @property
    def rows(self) -> int:
        return sum(table.rows for table in self.tables)

    def dump(self) -> str:
        return json.dumps(asdict(self), ensure_ascii=False, indent=1)

    @classmethod
    def load(cls, raw: dict[str, Any]) -> "Manifest":
        try:
            tables = [Table(**table) for table in raw.pop("tables")]
            found = cls(**raw, tables=tables)
        except (KeyError, TypeError) as error:
            raise ArchiveError("The manifest is not one of Steward's.") from error
        if found.format != FORMAT:
            raise ArchiveError(f"This file is of format {found.format}; this version reads {FORMAT}.")
        return found


def member_of(label: str) -> str:
    return f"{TABLES}{label}.jsonl"


# --- values ------------------------------------------------------------------------------------
# How a column's Python value is written down, the same from every database, and read again. The first kind that fits.
SPELLINGS: Final[tuple[tuple[type[Any], Convert, Convert], ...]] = (
    (models.DateTimeField, lambda value: value.astimezone(UTC).isoformat(), datetime.fromisoformat),
    (models.DateField, date.isoformat, date.fromisoformat),
    (models.UUIDField, lambda value: value.hex, UUID),
    (models.BinaryField, lambda value: base64.b64encode(bytes(value)).decode(), base64.b64decode),
    (models.DecimalField, str, Decimal),
    (models.TimeField, time.isoformat, time.fromisoformat),
)


def outward(item: Any) -> Convert:
    return next((there for kind, there, _back in SPELLINGS if issubclass(_kind(item), kind)), _same)


def inward(item: Any) -> Convert:
    return next((back for kind, _there, back in SPELLINGS if issubclass(_kind(item), kind)), _same)


def _kind(item: Any) -> type[Any]:
    """A link is kept as what it points to."""
    while isinstance(item, models.ForeignKey):
        item = item.target_field
    return type(item)


def _same(value: Any) -> Any:
    return value


# --- reading -----------------------------------------------------------------------------------
def opened(path: Path) -> zipfile.ZipFile:
    try:
        return zipfile.ZipFile(path)
    except (OSError, zipfile.BadZipFile) as error:
        raise ArchiveError(f"{path} cannot be read as a backup: it is cut short or something else.") from error


def manifest_of(archive: zipfile.ZipFile) -> Manifest:
    try:
        raw = json.loads(archive.read(MANIFEST))
    except (KeyError, ValueError, zipfile.BadZipFile) as error:
        raise ArchiveError("The file has no readable manifest.") from error
    if not isinstance(raw, dict):
        raise ArchiveError("The manifest is not one of Steward's.")
    return Manifest.load(raw)


def prove(archive: zipfile.ZipFile, manifest: Manifest) -> None:
    """Every member is there, is whole and is named; nothing else is in the file. Raises ArchiveError."""
    named = {member_of(table.label): table.sha256 for table in manifest.tables}
    named |= {FILES + name: digest for name, digest in manifest.files.items()}
    for name in manifest.files:
        if Path(name).is_absolute() or ".." in Path(name).parts or "\\" in name:
            raise ArchiveError(f"{name!r} would be put outside the folder of uploads.")
    there = set(archive.namelist()) - {MANIFEST}
    if there != set(named):
        odd = min(there ^ set(named))
        raise ArchiveError(f"{odd} is {'missing' if odd in named else 'not in the manifest'}.")
    for name, digest in named.items():
        if digest_of(_pieces(archive, name)) != digest:
            raise ArchiveError(f"{name} was changed after the backup was made.")


def _pieces(archive: zipfile.ZipFile, name: str) -> Iterator[bytes]:
    try:
        with archive.open(name) as member:
            yield from pieces(member)
    except (zipfile.BadZipFile, zlib.error, OSError, EOFError, ValueError) as error:
        raise ArchiveError(f"{name} cannot be read: the file is damaged.") from error


def pieces(source: IO[bytes]) -> Iterator[bytes]:
    while piece := source.read(PIECE):
        yield piece


def digest_of(parts: Iterable[bytes]) -> str:
    sha = hashlib.sha256()
    for part in parts:
        sha.update(part)
    return sha.hexdigest()
