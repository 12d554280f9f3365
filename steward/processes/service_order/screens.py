"""A service order on its page: what was ordered at which price, and what was paid for it."""

from datetime import datetime
from typing import Any

from django.utils.translation import pgettext

from steward.cases.models import Case
from steward.casework.screens import SCREENS, Chain, Link, Screen
from steward.design.environment import money
from steward.processes.service_order.models import ServiceOrder, State


def chain(case: Case, detail: ServiceOrder, at: datetime) -> Chain | None:
    """The order as told, and the work. No query."""
    if case.state == State.CANCELLED or case.is_imported:
        return None
    many = f"{detail.item_name} × {detail.quantity.normalize():f} {detail.item_unit}"
    done = case.state in (State.DONE, State.CLOSED)
    ordered: dict[str, Any] = {"title": pgettext("service order", "Ordered"), "icon": "file-invoice", "status": "done"}
    work: dict[str, Any] = {"title": pgettext("service order", "Work"), "icon": "tool"}
    return Chain(
        title=pgettext("service order", "Order"),
        note=detail.price_version,
        links=(
            Link(**ordered, headline=money(detail.amount), lines=[(many, detail.amount)]),
            Link(
                **work,
                status="done" if done else "now" if case.state == State.ARRANGED else "",
                headline=detail.result or pgettext("service order", "Not done yet"),
            ),
        ),
    )


SCREENS["service_order"] = Screen(chain=chain)
