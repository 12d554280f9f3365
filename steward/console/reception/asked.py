"""What the call screen asks beyond type, category and words: each question once, with the kinds it belongs to."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any, Final

from steward.cases.declare import REGISTRY
from steward.cases.models import Channel
from steward.console.shell import Desk
from steward.design.environment import money
from steward.design.forms import Choice, Field
from steward.registers.billing.models import ItemKind
from steward.registers.billing.prices import Price, prices
from steward.registers.org.tree import Place
from steward.web.forms import questions

#: Asked by the page in its own way, or not asked at the desk.
OWN: Final = frozenset({"title", "description", "unit", "customer", "category", "origin", "received_by", "flat_rate"})
#: Without these there is no order, and no praise for anybody: asked before the words, not after them.
FRONT: Final = frozenset({"item", "quantity", "told_amount", "about"})
Asked = list[tuple[str, Field]]


def asked(desk: Desk, where: Place | None, values: Mapping[str, Any], errors: Mapping[str, Any]) -> dict[str, Any]:
    """``front`` and ``fields``: (kinds it belongs to, question); ``of_category``: of each service."""
    found: dict[str, tuple[list[str], Field]] = {}
    begun = {"channel": Channel.PHONE.value, **{k: v for k, v in values.items() if v}}
    rates, services = _listed(desk, where, ItemKind.FLAT, ItemKind.CALL_OUT), _listed(desk, where, ItemKind.SERVICE)
    options: dict[str, Sequence[Choice]] = {
        "flat_rate": [(p.code, f"{p.name} {money(p.price)}") for p in rates],
        "item": [(p.code, f"{p.name}　{money(p.price)}/{p.unit}") for p in services],
    }
    leave_out = OWN - ({"flat_rate"} if rates else set())
    for process in REGISTRY.values():
        form = process.open_form
        for item in questions(
            form, actor=desk.actor, options=options, values=begun, errors=errors, leave_out=leave_out
        ):
            found.setdefault(item.name, ([], _priced(item, services)))[0].append(process.kind)
    every = [(" ".join(of), item) for of, item in found.values()]
    front = [(of, item) for of, item in every if item.name in FRONT]
    rest = [one for one in every if one not in front]
    return {"front": front, "fields": rest, "of_category": {p.code: p.category for p in services}}


def _priced(item: Field, services: Sequence[Price]) -> Field:
    """Price times quantity is told while both are being chosen."""
    return replace(item, prices={p.code: str(p.price) for p in services}) if item.kind == "service" else item


def _listed(desk: Desk, where: Place | None, *kinds: ItemKind) -> list[Price]:
    """What can be told and accepted on the phone."""
    if where is None:
        return []
    return [p for p in prices(lineage=where.lineage, at=desk.at).items.values() if p.kind in kinds]
