"""The cast once more in an emptied database: built by the verbs once a run, laid out as rows from then on."""

import copy
from dataclasses import dataclass
from functools import cache
from typing import Any

from django.apps import apps
from django.db import connection, models

from tests.world import World, build_world


@dataclass(frozen=True)
class Snapshot:
    world: World
    rows: list[tuple[type[models.Model], list[models.Model]]]


_TAKEN: list[Snapshot] = []


def world_again() -> World:
    """Inside a transaction that is rolled back: whoever commits builds a world of their own."""
    if not _TAKEN:
        _TAKEN.append(_snapshot())
        return copy.deepcopy(_TAKEN[0].world)
    for model, rows in _TAKEN[0].rows:
        _all(model).bulk_create(rows)
    return copy.deepcopy(_TAKEN[0].world)


def _snapshot() -> Snapshot:
    before = {model: count for model in _models() if (count := _all(model).count())}
    world = build_world()
    assert before == {model: _all(model).count() for model in before}, "what migrations filled is left as it is"
    rows = [(model, list(_all(model))) for model in _models() if model not in before]
    return Snapshot(world, [(model, found) for model, found in rows if found])


@cache
def _models() -> tuple[type[models.Model], ...]:
    tables = set(connection.introspection.table_names())
    found = apps.get_models(include_auto_created=True)
    return tuple(m for m in found if m._meta.managed and not m._meta.proxy and m._meta.db_table in tables)


def _all(model: type[models.Model]) -> "models.QuerySet[Any]":
    manager = model._base_manager
    return manager.unscoped() if hasattr(manager, "unscoped") else manager.all()
