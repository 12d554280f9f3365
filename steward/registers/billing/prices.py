"""Price lists as reference data: the items in force at a place and time, and what is planned."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal

from steward.kernel import reference
from steward.registers.billing.models import PriceItem, PriceList
from steward.registers.org.tree import Place, place, tree


@dataclass(frozen=True, slots=True)
class Price:
    id: int
    code: str
    name: str
    kind: str
    unit: str
    price: Decimal
    category: str
    warranty_months: int

    def says(self, other: "Price | None") -> bool:
        """Whether the other item is the same but for its row."""
        return other is not None and _words(self) == _words(other)


def _words(p: Price) -> tuple[object, ...]:
    return (p.code, p.name, p.kind, p.unit, p.price, p.category, p.warranty_months)


@dataclass(frozen=True, slots=True)
class Prices:
    """``node_id``: whose list it is; ``since``: from when on it holds."""

    version: str
    items: Mapping[str, Price] = field(default_factory=dict)
    node_id: int | None = None
    since: datetime | None = None


@dataclass(frozen=True, slots=True)
class Published:
    id: int
    node_id: int
    version: str
    since: datetime
    follows_above: bool

    def prices(self) -> Prices:
        return Prices(self.version, items_of(self.id), self.node_id, self.since)


EMPTY = Prices("")


@reference.cached
def published() -> dict[int, list[Published]]:
    """Place → its lists by the day they begin; the later of two from the same instant counts."""
    kept: dict[int, list[Published]] = {}
    for row in PriceList.objects.order_by("effective_from", "pk"):
        one = Published(row.pk, row.node_id, row.version, row.effective_from, row.follows_above)
        kept.setdefault(row.node_id, []).append(one)
    return kept


@reference.cached
def _shelf() -> dict[int, dict[str, Price]]:
    """List → items, read when first asked for: of many past versions few are looked at."""
    return {}


def items_of(list_id: int) -> dict[str, Price]:
    shelf = _shelf()
    if list_id not in shelf:
        rows = PriceItem.objects.filter(price_list_id=list_id).order_by("kind", "code")
        shelf[list_id] = {i.code: price_of(i) for i in rows}
    return shelf[list_id]


def price_of(i: PriceItem) -> Price:
    return Price(i.pk, i.code, i.name, i.kind, i.unit, i.price, i.category, i.warranty_months)


def in_force(node_id: int, at: datetime) -> Published | None:
    """The place's own list; None where it has none or follows the place above."""
    past = [row for row in published().get(node_id, []) if row.since <= at]
    return past[-1] if past and not past[-1].follows_above else None


def prices(*, lineage: Sequence[int], at: datetime) -> Prices:
    """The list in force; ``lineage`` runs from the project up: the nearest place with a list wins."""
    for node_id in lineage:
        found = in_force(node_id, at)
        if found is not None:
            return found.prices()
    return EMPTY


def coming(node_id: int, after: datetime) -> list[Published]:
    """The place's planned lists, one for each instant."""
    later = {row.since: row for row in published().get(node_id, []) if row.since > after}
    return [later[since] for since in sorted(later)]


def planned(where: Place, at: datetime) -> dict[str, tuple[datetime, Price | None]]:
    """Code → (from when, what the item becomes): the next change of each item here."""
    now = prices(lineage=where.lineage, at=at).items
    days = sorted({row.since for node in where.lineage for row in coming(node, at)})
    found: dict[str, tuple[datetime, Price | None]] = {}
    for day in days:
        then = prices(lineage=where.lineage, at=day).items
        for code in [*now, *(c for c in then if c not in now)]:
            was, becomes = now.get(code), then.get(code)
            if code not in found and not (was.says(becomes) if was else becomes is None):
                found[code] = (day, becomes)
    return found


def priced_by(where: Place, at: datetime) -> frozenset[int]:
    """The projects whose prices come from this place's list, or would if it had one."""
    under = tree().projects_under.get(where.path, frozenset())
    return frozenset(p for p in under if not any(in_force(n, at) for n in _below(place(p), where)))


def _below(project: Place, where: Place) -> Sequence[int]:
    """From the project up to the place, without it."""
    return project.lineage[: project.lineage.index(where.id)]
