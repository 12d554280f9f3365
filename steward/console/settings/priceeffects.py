"""What another price would mean, in sentences."""

from decimal import Decimal

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from steward.console.shell import Desk
from steward.insight.pricing import DAYS, PriceEffect, price_effect
from steward.kernel.marks import listed
from steward.registers.billing.prices import EMPTY, Price, own, priced_by, prices
from steward.registers.org.tree import Place, place, tree


def said(
    item: Price | None, price: Decimal | None, *, desk: Desk, here: Place, code: str = "", follows: bool = False
) -> list[str]:
    """``item`` None: a new one; ``price`` None: withdrawn; ``follows``: what holds above holds here again."""
    code = item.code if item else code
    lines = [_("From that day on it is what the place above makes it.")] if follows else _where(desk, here, code)
    lines += _below(desk, here, code)
    if item is None:
        return [_("Offered from that day on wherever the price list is used; nothing made so far changes."), *lines]
    projects = priced_by(here, code, desk.at) & desk.actor.project_ids
    effect = price_effect(item.code, price, actor=desk.actor, projects=projects, at=desk.at)
    return [_used(effect, price), _open(effect), *lines]


def _used(effect: PriceEffect, price: Decimal | None) -> str:
    if not effect.used:
        return _("In the last %(days)s days nobody was quoted this item.") % {"days": DAYS}
    told = {"days": DAYS, "n": effect.used, "cost": f"{effect.cost:,.2f}", "then": f"{effect.cost_then:,.2f}"}
    if price is None:
        return _("In the last %(days)s days it was quoted or ordered %(n)s times, for ¥%(cost)s.") % told
    more = effect.cost_then - effect.cost
    told["more"] = f"{'+' if more > 0 else '−' if more < 0 else ''}¥{abs(more):,.2f}"
    return (
        _(
            "In the last %(days)s days it was quoted or ordered %(n)s times, for ¥%(cost)s;"
            " at the new price it would have been ¥%(then)s (%(more)s)."
        )
        % told
    )


def _open(effect: PriceEffect) -> str:
    n = effect.open_quotes + effect.open_orders + effect.open_rates
    if not n:
        return _("No open quote or order holds it.")
    told = {"quotes": effect.open_quotes, "orders": effect.open_orders, "rates": effect.open_rates}
    return (
        _(
            "%(quotes)s open quotes, %(orders)s open orders and %(rates)s rates told at reporting"
            " keep the price they were made with."
        )
        % told
    )


def _where(desk: Desk, here: Place, code: str) -> list[str]:
    """What a place below the company decides for itself cuts the tie of this item alone."""
    above = prices(lineage=here.lineage[1:], at=desk.at)
    if above is EMPTY or code in own(here, desk.at):
        return []
    there = above.items.get(code)
    if there is None:
        return [_("The item is added at %(here)s only.") % {"here": here.name}]
    said = _(
        "For this item %(here)s no longer follows %(above)s, whose later changes of it do not come here;"
        " all other items follow as before."
    )
    return [said % {"here": here.name, "above": place(there.node_id).name}]


def _below(desk: Desk, here: Place, code: str) -> list[str]:
    """Places below that decide this item themselves do not learn of it."""
    under = tree().projects_under[here.path] & desk.actor.project_ids
    below = [place(p).name for p in sorted(under - priced_by(here, code, desk.at)) if p != here.id]
    if not below:
        return []
    said = ngettext(
        "%(names)s decides this item itself and does not learn of it.",
        "%(names)s decide this item themselves and do not learn of it.",
        len(below),
    )
    return [said % {"names": listed(below)}]
