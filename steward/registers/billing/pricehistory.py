"""What an item of the price list was before: read from the published versions, which are never edited."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from steward.registers.billing.models import PriceItem, PriceList
from steward.registers.billing.prices import Price, price_of
from steward.registers.org.tree import Place

SHOWN: Final = 50


@dataclass(frozen=True, slots=True)
class Change:
    """``was`` None: the item was added; ``becomes`` None: withdrawn."""

    node_id: int
    since: datetime
    was: Price | None
    becomes: Price | None
    by: str
    at: datetime | None
    note: str


def history(where: Place, code: str) -> list[Change]:
    """The changes of an item at the place and above it, the newest decision first. Two queries."""
    lists = list(PriceList.objects.filter(node_id__in=where.lineage).order_by("pk"))
    rows = PriceItem.objects.filter(price_list__in=[row.pk for row in lists], code=code)
    nodes = {row.pk: row.node_id for row in lists}
    items = {row.price_list_id: price_of(row, nodes[row.price_list_id]) for row in rows}
    found = list(_changes(lists, items, where))
    return found[::-1][:SHOWN]


def _changes(lists: list[PriceList], items: dict[int, Price], where: Place) -> Iterator[Change]:
    before: list[PriceList] = []
    for row in lists:
        was = _standing(before, items, where.lineage[where.lineage.index(row.node_id) :], row.effective_from)
        before.append(row)
        becomes = _standing(before, items, where.lineage[where.lineage.index(row.node_id) :], row.effective_from)
        same = was is None if becomes is None else becomes.says(was)
        if not row.is_carried and not same:
            yield Change(row.node_id, row.effective_from, was, becomes, row.published_by, row.published_at, row.note)


def _standing(lists: list[PriceList], items: dict[int, Price], lineage: tuple[int, ...], at: datetime) -> Price | None:
    """The item by the lists published so far, as :func:`prices` finds it."""
    found = None
    for node_id in reversed(lineage):
        past = sorted(
            (row for row in lists if row.node_id == node_id and row.effective_from <= at),
            key=lambda row: (row.effective_from, row.pk),
        )
        if past and (past[-1].pk in items or not past[-1].follows_above):
            found = items.get(past[-1].pk)
    return None if found is None or found.is_withdrawn else found
