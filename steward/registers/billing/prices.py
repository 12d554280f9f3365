"""Price lists as reference data: the items in force at a place and time."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from steward.kernel import reference
from steward.registers.billing.models import PriceItem, PriceList


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


@dataclass(frozen=True, slots=True)
class Prices:
    version: str
    items: dict[str, Price]


EMPTY = Prices("", {})


@reference.cached
def _lists() -> dict[int, list[tuple[datetime, Prices]]]:
    items: dict[int, dict[str, Price]] = {}
    for i in PriceItem.objects.order_by("kind", "code"):
        items.setdefault(i.price_list_id, {})[i.code] = Price(
            i.pk, i.code, i.name, i.kind, i.unit, i.price, i.category, i.warranty_months
        )
    kept: dict[int, list[tuple[datetime, Prices]]] = {}
    for row in PriceList.objects.order_by("effective_from", "pk"):
        kept.setdefault(row.node_id, []).append((row.effective_from, Prices(row.version, items.get(row.pk, {}))))
    return kept


def prices(*, lineage: Sequence[int], at: datetime) -> Prices:
    """The list in force; ``lineage`` runs from the project up: the nearest place with a list wins."""
    for node_id in lineage:
        past = [p for since, p in _lists().get(node_id, []) if since <= at]
        if past:
            return past[-1]
    return EMPTY
