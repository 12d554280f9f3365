"""What another price would have meant: for the quotes and orders of the last days, and for those still open.

Nothing is written, and nothing made changes: a quote, an order and a rate told at reporting keep their price.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Final

from django.db.models import F

from steward.kernel.actor import Actor
from steward.kernel.money import yuan
from steward.processes.repair.models import QuoteLine, Repair
from steward.processes.service_order.models import ServiceOrder

DAYS: Final = 30
#: More lines than these are not read for a preview; the newest are.
MOST: Final = 20_000


@dataclass
class PriceEffect:
    """``used``: quotes, orders and told rates of the last ``DAYS`` with the item; ``open``: those not closed yet."""

    used: int = 0
    cost: Decimal = Decimal(0)
    cost_then: Decimal = Decimal(0)
    open_quotes: int = 0
    open_orders: int = 0
    open_rates: int = 0


def price_effect(
    code: str, price: Decimal | None, *, actor: Actor, projects: frozenset[int], at: datetime
) -> PriceEffect:
    """The item at another price; None: withdrawn. Three queries."""
    effect, since = PriceEffect(), at - timedelta(days=DAYS)
    lines = QuoteLine.objects.visible_to(actor).filter(
        project_id__in=projects, code=code, quote__version=F("case__repair__quote_version")
    )
    orders = ServiceOrder.objects.visible_to(actor).filter(project_id__in=projects, item_code=code)
    rates = Repair.objects.visible_to(actor).filter(project_id__in=projects, flat_rate_code=code)
    for quantity, amount, made, closed in lines.order_by("-quote__made_at").values_list(
        "quantity", "amount", "quote__made_at", "case__closed_at"
    )[:MOST]:
        effect.open_quotes += closed is None
        _add(effect, quantity, amount, price, recent=made >= since)
    for quantity, amount, made, closed in orders.order_by("-case__received_at").values_list(
        "quantity", "amount", "case__received_at", "case__closed_at"
    )[:MOST]:
        effect.open_orders += closed is None
        _add(effect, quantity, amount, price, recent=made >= since)
    for told, made, closed in rates.order_by("-case__received_at").values_list(
        "flat_rate_amount", "case__received_at", "case__closed_at"
    )[:MOST]:
        effect.open_rates += closed is None
        _add(effect, Decimal(1), told or Decimal(0), price, recent=made >= since)
    return effect


def _add(effect: PriceEffect, quantity: Decimal, amount: Decimal, price: Decimal | None, *, recent: bool) -> None:
    if recent:
        effect.used += 1
        effect.cost += amount
        effect.cost_then += yuan(quantity * price) if price is not None else amount
