"""Which tables are sealed, and the digest of a row: the same on every database."""

import hashlib
import json
import struct
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final
from uuid import UUID

from django.db.models import Model

#: Table's mark, row's id, digest of what never changes, salted digest of what is personal.
LEAF: Final = struct.Struct(">BQ32s32s")
SALT: Final = 16


@dataclass(frozen=True)
class Ledger:
    """A table whose rows are never changed. ``personal`` columns may be rewritten, on record.

    ``mark`` stands in the seals for ever. ``side`` names the one-to-one row with personal ``values``. ``whole`` tells
    what is missing in a project that no digest shows (a timeline with a gap).
    """

    mark: int
    name: str
    model: type[Model]
    recorded: str
    fixed: tuple[str, ...]
    personal: tuple[str, ...] = ()
    side: str = ""
    company: bool = False
    whole: Callable[[int], Iterable[str]] | None = None

    def rows(self, project_id: int | None) -> Any:
        manager: Any = self.model._default_manager  # noqa: SLF001  Django's public way
        return manager.all() if self.company else manager.in_project(project_id)

    def everything(self) -> Any:
        manager: Any = self.model._default_manager  # noqa: SLF001
        return manager.all() if self.company else manager.unscoped()

    def read(self, project_id: int | None, ids: Sequence[int]) -> dict[int, "Row"]:
        """Rows by id; what is gone is absent."""
        personal = (f"{self.side}__values",) if self.side else self.personal
        found = self.rows(project_id).filter(pk__in=ids).values_list("pk", self.recorded, *self.fixed, *personal)
        cut = 2 + len(self.fixed)
        return {line[0]: Row(line[0], line[1], line[2:cut], line[cut:]) for line in found}


@dataclass(frozen=True, slots=True)
class Row:
    id: int
    recorded: datetime
    fixed: tuple[Any, ...]
    personal: tuple[Any, ...]

    def fixed_digest(self) -> bytes:
        return hashlib.sha256(canonical(self.fixed)).digest()

    def personal_digest(self, salt: bytes) -> bytes:
        return hashlib.sha256(salt + canonical(self.personal)).digest()


LEDGERS: Final[dict[int, Ledger]] = {}


def sealed(ledger: Ledger) -> None:
    """Have a table's rows sealed from now on."""
    known = LEDGERS.setdefault(ledger.mark, ledger)
    if known.name != ledger.name:
        raise ValueError(f"mark {ledger.mark} is {known.name}")


def of_model(model: type[Model]) -> Ledger:
    return next(ledger for ledger in LEDGERS.values() if ledger.model is model)


def canonical(values: object) -> bytes:
    """One spelling on all databases: PostgreSQL keeps JSON with other key order and numbers than SQLite."""
    return json.dumps(_plain(values), sort_keys=True, ensure_ascii=False, separators=(",", ":")).encode()


def _plain(value: Any) -> Any:
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat(timespec="microseconds")
    if isinstance(value, UUID):
        return value.hex
    if isinstance(value, float) and value.is_integer():
        return int(value)
    if isinstance(value, Mapping):
        return {str(key): _plain(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [_plain(item) for item in value]
    return value


def leaves_of(blob: bytes) -> Iterator[tuple[int, int, bytes, bytes]]:
    return LEAF.iter_unpack(bytes(blob))


def chained(place: str, number: int, at: datetime, leaves: bytes, claims: Mapping[str, Any], previous: str) -> str:
    """The digest of a link: whatever it says, and the digest of the link before."""
    said = (place, number, at, hashlib.sha256(bytes(leaves)).hexdigest(), claims, previous)
    return hashlib.sha256(canonical(said)).hexdigest()
