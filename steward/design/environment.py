"""What `config.jinja` adds to the Jinja environment for the macros: a handful of pure filters."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django.utils import timezone
from jinja2 import Environment

from steward.kernel.marks import listed, mark
from steward.kernel.money import yuan
from steward.kernel.privacy import mask_phone

from .clockface import clock_face, duration
from .forms import as_field, as_form


def install(env: Environment) -> None:
    env.globals.update(clock_face=clock_face, as_field=as_field, as_form=as_form, mark=mark)
    env.filters.update(
        money=money,
        mask_phone=phone,
        input_value=input_value,
        duration=duration,
        hm=hm,
        minute=minute,
        initial=initial,
        listed=listed,
    )


def money(amount: Decimal | int | None, *, sign: bool = True) -> str:
    """¥1,234.50; an unknown amount is a dash, never zero."""
    if amount is None:
        return "—"
    value = yuan(Decimal(amount))
    text = f"{abs(value):,.2f}"
    return ("-" if value < 0 else "") + ("¥" if sign else "") + text


def phone(number: str | None) -> str:
    """The filter: masked as everywhere; nothing stays nothing."""
    return mask_phone(number or "")


def input_value(value: Any) -> str:
    """A Python value in the form HTML inputs want it."""
    if value is None:
        return ""
    if isinstance(value, datetime):
        local = timezone.localtime(value) if timezone.is_aware(value) else value
        return f"{local:%Y-%m-%dT%H:%M}"
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, Decimal):
        return f"{value:f}"
    return str(value)


def hm(value: datetime) -> str:
    return f"{timezone.localtime(value):%H:%M}"


def minute(value: datetime) -> str:
    return f"{timezone.localtime(value):%Y-%m-%d %H:%M}"


def initial(name: str | None) -> str:
    return (name or "?").strip()[:1] or "?"
