"""Numbers of the trade as data: typed, with project scope and effective date, presets with their source.

A policy is declared in code (key, type, preset, source); its values are dated rows. The nearest node
wins (project before region before company), and of its values the latest that is already in force.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Generic, TypeVar

from django.db.models import JSONField, Value
from pydantic import TypeAdapter

from steward.kernel import audit, reference
from steward.kernel.actor import Actor
from steward.kernel.db import write

T = TypeVar("T")


@dataclass(frozen=True)
class Policy(Generic[T]):
    key: str
    title: Any
    type: Any
    preset: T
    source: str
    unit: Any = ""
    help: Any = ""
    _adapter: TypeAdapter[T] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "_adapter", TypeAdapter(self.type))
        REGISTRY[self.key] = self

    def parse(self, raw: Any) -> T:
        return self._adapter.validate_python(raw)

    def dump(self, value: T) -> Any:
        return self._adapter.dump_python(value, mode="json")


REGISTRY: dict[str, Policy[Any]] = {}


@dataclass(frozen=True)
class InForce(Generic[T]):
    """A value and the version it came from (``preset`` or the row's number)."""

    value: T
    version: str


@reference.cached
def _rows() -> dict[tuple[str, int | None], list[tuple[datetime, int, Any]]]:
    from steward.kernel.models import PolicyValue  # noqa: PLC0415  models load after apps

    kept: dict[tuple[str, int | None], list[tuple[datetime, int, Any]]] = {}
    rows = PolicyValue.objects.order_by("effective_from", "pk")
    for row in rows:
        policy = REGISTRY.get(row.key)
        if policy is not None:
            kept.setdefault((row.key, row.node_id), []).append((row.effective_from, row.pk, policy.parse(row.value)))
    return kept


def in_force(policy: Policy[T], *, lineage: Sequence[int], at: datetime) -> InForce[T]:
    """The value for a place: ``lineage`` runs from the project up to the company."""
    rows = _rows()
    for node_id in (*lineage, None):
        dated = rows.get((policy.key, node_id))
        if dated is None:
            continue
        past = [row for row in dated if row[0] <= at]
        if past:
            _, pk, value = past[-1]
            return InForce(value, str(pk))
    return InForce(policy.preset, "preset")


def set_policy(
    policy: Policy[T],
    *,
    value: T,
    node_id: int | None,
    actor: Actor,
    effective_from: datetime,
    at: datetime,
    note: str = "",
) -> None:
    """Add a dated value; earlier ones stay, so that any past day can be recomputed."""
    from steward.kernel.models import PolicyValue  # noqa: PLC0415  models load after apps

    dumped = policy.dump(policy.parse(value))
    with write():
        PolicyValue.objects.create(
            key=policy.key,
            node_id=node_id,
            # An empty value is JSON's null, not the database's.
            value=Value(None, JSONField()) if dumped is None else dumped,
            effective_from=effective_from,
            set_by=actor.key,
            set_at=at,
            note=note,
        )
        # What holds for a region or for all is the company's affair.
        nodes = PolicyValue._meta.get_field("node").related_model._default_manager  # noqa: SLF001
        is_project = nodes.filter(pk=node_id, level="project").exists()
        audit.record(
            project_id=node_id if is_project else None,
            actor=actor,
            at=at,
            what="policy.set",
            subject_kind="kernel.policy",
            subject_id=policy.key,
            after={"node": node_id, "from": effective_from.isoformat(), "value": dumped},
            reason=note,
        )
        reference.bump()
