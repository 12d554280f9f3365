"""Reference data (organisation, policies, calendar, categories, staff names, prices): read once, kept by version.

Every change of reference data calls :func:`bump` in its transaction. A request learns the current
version in the query that loads its session, so no cache is ever older than the request.
"""

from collections.abc import Callable
from functools import wraps
from typing import TypeVar

from django.db.models import F

T = TypeVar("T")
_kept: dict[str, tuple[int, object]] = {}
_current = [0]


def cached(load: Callable[[], T]) -> Callable[[], T]:
    """Keep the loader's answer until the version moves."""
    key = f"{load.__module__}.{load.__qualname__}"

    @wraps(load)
    def wrapper() -> T:
        kept = _kept.get(key)
        if kept is None or kept[0] != _current[0]:
            kept = (_current[0], load())
            _kept[key] = kept
        return kept[1]  # type: ignore[return-value]

    return wrapper


def seen(version: int | None) -> None:
    """The database says reference data stands at ``version``."""
    if version is not None and version != _current[0]:
        _current[0] = version


def refresh() -> None:
    """Ask the database; for the worker and the command line."""
    from steward.kernel.models import ReferenceVersion  # noqa: PLC0415  models load after apps

    row, _ = ReferenceVersion.objects.get_or_create(pk=1)
    seen(row.version)


def hold() -> None:
    """Whoever changes reference data by what stands there waits for others doing so: call inside the transaction."""
    from steward.kernel.models import ReferenceVersion  # noqa: PLC0415  models load after apps

    list(ReferenceVersion.objects.select_for_update().filter(pk=1))


def bump() -> None:
    """Reference data changed: call inside the transaction that changed it."""
    from steward.kernel.models import ReferenceVersion  # noqa: PLC0415  models load after apps

    if not ReferenceVersion.objects.filter(pk=1).update(version=F("version") + 1):
        ReferenceVersion.objects.create(pk=1, version=2)
    _kept.clear()


def forget() -> None:
    """Drop everything kept; tests and long imports."""
    _kept.clear()
