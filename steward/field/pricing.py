"""The price list as chips and rows: by category, the fault's own first. Prices are read, never typed."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Final

from django.utils.translation import gettext as _

from steward.casework.categories import categories
from steward.registers.billing.models import ItemKind
from steward.registers.billing.prices import Price

# A leak is mended with what mends pipes: the price list names the trade, not the fault.
TRADE: Final[Mapping[str, str]] = {"leak": "water", "wall": "wall"}


@dataclass(frozen=True)
class Priced:
    code: str
    name: str
    kind: str
    unit: str
    price: Decimal
    quantity: Decimal | str
    amount: Decimal
    told: bool = False

    @property
    def kind_title(self) -> str:
        return str(ItemKind(self.kind).label)


@dataclass
class Group:
    """Items of one category. ``usual``: those of this fault, open from the start."""

    code: str
    title: str
    usual: bool
    items: list[Priced] = field(default_factory=list)


def group_items(items: Iterable[Price], fault: str, chosen: Mapping[str, str], language: str) -> list[Group]:
    """Every item once, in the order of the list; the usual group first, what belongs to no category with it."""
    trade = TRADE.get(fault, fault)
    titles = {c.code: c.title(language) for c in categories().values() if c.kind == "repair"}
    groups: dict[str, Group] = {"": Group("", _("Usual here"), usual=True)}
    for item in items:
        usual = item.category in ("", trade)
        key = "" if usual else item.category
        group = groups.setdefault(key, Group(key, titles.get(key, _("Other")), usual=usual))
        group.items.append(_priced(item, chosen.get(item.code, "")))
    return [g for g in groups.values() if g.items]


def _priced(item: Price, quantity: str) -> Priced:
    return Priced(item.code, item.name, item.kind, item.unit, item.price, quantity, Decimal(0))
