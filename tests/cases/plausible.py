"""Input as people would type it, for any declared form: mostly right, sometimes not."""

import types
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from enum import Enum
from random import Random
from typing import Annotated, Any, Union, get_args, get_origin

from pydantic import AwareDatetime, BaseModel

from steward.cases.models import Case
from steward.kernel.actor import Actor, ActorKind

CODES = ("L-PLUMB", "P-DN20", "P-VALVE", "CALL", "F-UNCLOG", "CALL", "P-TAPE", "NO-SUCH")
AMOUNTS = (Decimal("0.00"), Decimal("30.00"), Decimal("80.00"), Decimal("218.00"))
#: How often an optional field is filled in.
CHANCES = {"urgency": 0.8, "payer": 0.8, "staff": 0.8, "appointment_at": 0.8}
RATINGS = (1, 2, 3, 4)


@dataclass
class Situation:
    """What somebody sees when filling in a form."""

    dice: Random
    actor: Actor
    now: datetime
    case: Case | None
    detail: Any
    photo: int
    staff: list[int]


def fill(form: type[BaseModel], here: Situation) -> dict[str, Any]:
    data: dict[str, Any] = {}
    for name, field in form.model_fields.items():
        if field.is_required() or here.dice.random() < CHANCES.get(name, 0.4):
            data[name] = _known(name, here) or _value(name, field.annotation, here)
    if "told_amount" in form.model_fields and here.dice.random() < CHANCES["payer"]:
        data |= {"item": "S-CLEAN", "quantity": "2", "told_amount": "100.00", "wanted_until": None}
    return {name: value for name, value in data.items() if value is not None}


def _known(name: str, here: Situation) -> Any:
    """What the page shows already: the quote, the amount, how this person can answer."""
    detail = here.detail
    if name == "quote_hash":
        shown = getattr(detail, "quote_hash", "") or "0" * 64
        return here.dice.choice([shown] * 7 + ["f" * 64])
    if name in ("amount", "tendered"):
        shown = getattr(detail, "amount", None)
        return here.dice.choice([shown] * 16 + list(AMOUNTS)) if shown is not None else None
    if name == "way":
        return here.dice.choice([_own_way(here)] * 6 + ["call", "signature"])
    if name in ("signature", "photos_before"):
        return here.photo if name == "signature" else [here.photo]
    if name == "ceiling":
        return here.dice.choice(["100.00", "400.00", "400.00", "900.00"])
    return "R-1" if name in ("call_reference", "person_name", "relation") else None


def _own_way(here: Situation) -> str:
    if here.actor.kind is ActorKind.LINK:
        return "link"
    if here.actor.is_resident:
        return "portal"
    handles = here.case is not None and here.case.handler_id == here.actor.staff_id
    return "signature" if handles else "call"


def _value(name: str, annotation: Any, here: Situation) -> Any:  # noqa: PLR0911  one answer for each type
    inner = _bare(annotation)
    if get_origin(inner) is list:
        return _items(name, get_args(inner)[0], here)
    if isinstance(inner, type) and issubclass(inner, BaseModel):
        return fill(inner, here)
    if isinstance(inner, type) and issubclass(inner, Enum):
        return here.dice.choice([member.value for member in inner])
    if inner is bool:
        return here.dice.choice([True] * 7 + [False])
    if inner is int:
        return here.dice.choice(RATINGS if name == "rating" else here.staff if name == "handler" else [30])
    if inner is Decimal:
        return here.dice.choice(["1", "2", "0.5"] if name == "quantity" else list(AMOUNTS))
    if inner in (datetime, AwareDatetime):
        return here.now + timedelta(hours=here.dice.choice([-1, 2, 30]))
    return here.dice.choice(CODES) if name == "code" else "照办"


def _items(name: str, item: Any, here: Situation) -> list[Any]:
    if name.startswith("photos"):
        return [here.photo]
    return [_value(name, item, here) for _ in range(here.dice.randint(1, 2))]


def _bare(annotation: Any) -> Any:
    """Without Annotated and without the alternative of nothing."""
    if get_origin(annotation) is Annotated:
        return _bare(get_args(annotation)[0])
    if get_origin(annotation) in (Union, types.UnionType):
        return next(_bare(part) for part in get_args(annotation) if part is not type(None))
    return annotation
