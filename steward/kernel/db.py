"""Write transactions: short, one at a time on SQLite, tried again when two collide."""

import fcntl
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TypeVar

from django.db import IntegrityError, OperationalError, connection, transaction

T = TypeVar("T")
_held = threading.local()
TRIES = 10
#: Rows of an index that are looked at: enough to tell a good index from a bad one, in milliseconds.
LOOKED_AT = 400


class CollisionError(Exception):
    """Somebody else was faster (compare-and-swap lost): run the verb again from its reads."""


@contextmanager
def write() -> Iterator[None]:
    """One write transaction. On SQLite writers queue on a lock file beside the database.

    Eight writers then see a p95 of tens of milliseconds instead of seconds of busy waiting.
    """
    depth = getattr(_held, "depth", 0)
    if depth or connection.vendor != "sqlite" or connection.in_atomic_block:
        with transaction.atomic(savepoint=False):
            yield
        return
    with _sqlite_lock():
        _held.depth = 1
        try:
            with transaction.atomic():
                yield
        finally:
            _held.depth = 0


@contextmanager
def _sqlite_lock() -> Iterator[None]:
    name = str(connection.settings_dict["NAME"])
    if ":memory:" in name or "mode=memory" in name:
        yield
        return
    with Path(f"{name}.lock").open("w") as handle:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield


def attempt() -> int:
    """How often the running verb has collided so far: 0 on its first try."""
    return int(getattr(_held, "attempt", 0))


def retrying(verb: Callable[[], T]) -> T:
    """Run ``verb`` in a write transaction; on a collision run it again, a few times.

    Inside an outer transaction a savepoint keeps the outer one usable.
    """
    for attempt in range(TRIES):
        _held.attempt = attempt
        try:
            if connection.in_atomic_block:
                with transaction.atomic():
                    return verb()
            with write():
                return verb()
        except (CollisionError, IntegrityError, OperationalError):
            if attempt == TRIES - 1:
                raise
    raise AssertionError("unreachable")


def count_anew() -> None:
    """SQLite counts its tables only when told to; unless it does, it may read all rows of a project to find a case's.

    PostgreSQL does so by itself. The old figures are dropped: connections opened long ago then read the new ones.
    """
    if connection.vendor != "sqlite":
        return
    with connection.cursor() as cursor:
        cursor.execute(f"PRAGMA analysis_limit={LOOKED_AT}")
        cursor.execute("DROP TABLE IF EXISTS sqlite_stat1")
        cursor.execute("ANALYZE")
