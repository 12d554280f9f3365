"""Price lists as reference data: the items in force at a place and time, and what is planned.

The company's list is whole; that of a place below names only what is otherwise there, all else follows from above.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from decimal import Decimal

from steward.kernel import reference
from steward.registers.billing.models import PriceItem, PriceList
from steward.registers.org.tree import Place, place, tree


@dataclass(frozen=True, slots=True)
class Price:
    """``node_id``: the place that says so. ``is_withdrawn``: it takes off what the place above has."""

    id: int
    code: str
    name: str
    kind: str
    unit: str
    price: Decimal
    category: str
    warranty_months: int
    node_id: int
    is_withdrawn: bool

    def says(self, other: "Price | None") -> bool:
        """Whether the other item is the same but for its row."""
        return other is not None and _words(self) == _words(other)


def _words(p: Price) -> tuple[object, ...]:
    return (p.code, p.name, p.kind, p.unit, p.price, p.category, p.warranty_months)


@dataclass(frozen=True, slots=True)
class Prices:
    """What holds at a place. ``version`` and ``since`` are of the newest list that has a word in it."""

    version: str
    items: Mapping[str, Price] = field(default_factory=dict)
    since: datetime | None = None


@dataclass(frozen=True, slots=True)
class Published:
    id: int
    node_id: int
    version: str
    since: datetime
    follows_above: bool

    @property
    def items(self) -> Mapping[str, Price]:
        """What it names itself, what it takes off among it."""
        shelf = _shelf()
        if self.id not in shelf:
            rows = PriceItem.objects.filter(price_list_id=self.id).order_by("kind", "code")
            shelf[self.id] = {i.code: price_of(i, self.node_id) for i in rows}
        return shelf[self.id]

    def decides(self, code: str) -> bool:
        return not self.follows_above or code in self.items


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
def _shelf() -> dict[int, Mapping[str, Price]]:
    """List → what it names, read when first asked for: of many past versions few are looked at."""
    return {}


@reference.cached
def _laid() -> dict[tuple[int, ...], Prices]:
    """Lists from the top down → what they come to together."""
    return {}


def price_of(i: PriceItem, node_id: int) -> Price:
    words = (i.pk, i.code, i.name, i.kind, i.unit, i.price, i.category, i.warranty_months)
    return Price(*words, node_id=node_id, is_withdrawn=i.is_withdrawn)


def standing(node_id: int, at: datetime) -> Published | None:
    """The place's own list at a time."""
    past = [row for row in published().get(node_id, []) if row.since <= at]
    return past[-1] if past else None


def prices(*, lineage: Sequence[int], at: datetime) -> Prices:
    """What is in force; ``lineage`` runs from the project up: each place changes single items of the list above."""
    found = [row for node_id in reversed(lineage) if (row := standing(node_id, at))]
    laid, key = _laid(), tuple(row.id for row in found)
    if key not in laid:
        laid[key] = _lay(found)
    return laid[key]


def _lay(lists: Sequence[Published]) -> Prices:
    items: dict[str, Price] = {}
    heard: list[Published] = []
    for row in lists:
        if not row.follows_above:
            items, heard = {}, []
        if row.items:
            items, heard = {**items, **row.items}, [*heard, row]
    if not heard:
        return EMPTY
    newest = max(heard, key=lambda row: row.since)
    listed = sorted((p for p in items.values() if not p.is_withdrawn), key=lambda p: (p.kind, p.code))
    return Prices(newest.version, {p.code: p for p in listed}, newest.since)


def own(where: Place, at: datetime) -> Mapping[str, Price]:
    """Code → the item as the place itself has it; all others follow the place above."""
    row = standing(where.id, at)
    if row is None or row.follows_above:
        return row.items if row else {}
    # A whole list, as places below the company had them once: what differs from above is the place's own.
    above = prices(lineage=where.lineage[1:], at=at).items
    off = {code: replace(p, node_id=where.id, is_withdrawn=True) for code, p in above.items() if code not in row.items}
    return {**{code: p for code, p in row.items.items() if not p.says(above.get(code))}, **off}


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


def priced_by(where: Place, code: str, at: datetime) -> frozenset[int]:
    """The projects whose price of the item comes from this place, or would if it had one."""
    under = tree().projects_under.get(where.path, frozenset())
    return frozenset(p for p in under if not any(_decides(n, code, at) for n in _below(place(p), where)))


def _decides(node_id: int, code: str, at: datetime) -> bool:
    row = standing(node_id, at)
    return row is not None and row.decides(code)


def _below(project: Place, where: Place) -> Sequence[int]:
    """From the project up to the place, without it."""
    return project.lineage[: project.lineage.index(where.id)]
