"""What another price would mean, in sentences."""

from decimal import Decimal

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from steward.console.shell import Desk
from steward.insight.pricing import DAYS, PriceEffect, price_effect
from steward.kernel.marks import listed
from steward.registers.billing.prices import Price, in_force, priced_by, prices
from steward.registers.org.tree import Place, place, tree


def said(item: Price | None, price: Decimal | None, *, desk: Desk, here: Place) -> list[str]:
    """``item`` None: a new one; ``price`` None: withdrawn."""
    lines = list(_where(desk, here))
    if item is None:
        return [_("Offered from that day on wherever the price list is used; nothing made so far changes."), *lines]
    projects = priced_by(here, desk.at) & desk.actor.project_ids
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


def _where(desk: Desk, here: Place) -> list[str]:
    """Whom it reaches: a first list of one's own cuts the tie to the list above; own lists below do not learn of it."""
    lines = []
    if in_force(here.id, desk.at) is None:
        above = prices(lineage=here.lineage[1:], at=desk.at).node_id
        if above is not None:
            said = _(
                "%(here)s gets a list of its own with this, beginning as that of %(above)s;"
                " later changes there do not come here any more."
            )
            lines.append(said % {"here": here.name, "above": place(above).name})
    below = _own_below(desk, here)
    if below:
        lines.append(
            ngettext(
                "%(names)s has a list of its own and does not learn of it.",
                "%(names)s have lists of their own and do not learn of it.",
                len(below),
            )
            % {"names": listed(below)}
        )
    return lines


def _own_below(desk: Desk, here: Place) -> list[str]:
    under = tree().projects_under[here.path] & desk.actor.project_ids
    return [place(p).name for p in sorted(under - priced_by(here, desk.at)) if p != here.id]
