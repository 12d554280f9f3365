"""Typed input. One declaration serves the API's JSON schema, the pages' forms and the import.

Errors come back as ``{field path: message}`` in the caller's language; nothing typed is lost.
"""

from collections.abc import Mapping
from decimal import Decimal
from typing import Annotated, Any, ClassVar, TypeVar

from django.utils.translation import gettext as _
from pydantic import AfterValidator, AwareDatetime, BaseModel, BeforeValidator, ConfigDict, Field, ValidationError
from pydantic_core import PydanticUseDefault

from steward.kernel.errors import InvalidError


def _no_nul(value: str) -> str:
    # PostgreSQL raises on NUL; refuse it where the field's name is still known.
    if "\x00" in value:
        raise ValueError("nul")
    return value


def _blank_is_absent(value: Any) -> Any:
    # A browser posts "" for what was left empty.
    if isinstance(value, str) and not value.strip():
        raise PydanticUseDefault
    return value


Text = Annotated[str, AfterValidator(_no_nul)]
Line = Annotated[str, Field(max_length=120), AfterValidator(_no_nul)]
Id = Annotated[int, Field(ge=1, le=2**53)]
OptionalId = Annotated[int | None, BeforeValidator(_blank_is_absent), Field(ge=1, le=2**53)]
Money = Annotated[Decimal, Field(max_digits=12, decimal_places=2, ge=0)]
Quantity = Annotated[Decimal, Field(max_digits=9, decimal_places=2, gt=0)]
Instant = AwareDatetime
OptionalInstant = Annotated[AwareDatetime | None, BeforeValidator(_blank_is_absent)]


class Data(BaseModel):
    """Base of every input: unknown fields are refused, text is stripped."""

    model_config = ConfigDict(extra="forbid", str_strip_whitespace=True, use_enum_values=False)

    # Fields only staff may write, whoever asks: a resident cannot set priority, deadline or amounts.
    staff_only: ClassVar[frozenset[str]] = frozenset()


D = TypeVar("D", bound=Data)


def parse(form: type[D], raw: Mapping[str, Any]) -> D:
    """Validate input against its declaration. Raises InvalidError naming each field."""
    try:
        return form.model_validate(dict(raw))
    except ValidationError as error:
        raise InvalidError(messages(error)) from error


def messages(error: ValidationError) -> dict[str, str]:
    """Field path → sentence in the active language."""
    found: dict[str, str] = {}
    for item in error.errors():
        path = ".".join(str(part) for part in item["loc"]) or "data"
        found.setdefault(path, _sentence(item))  # type: ignore[arg-type]
    return found


def _sentence(item: dict[str, Any]) -> str:  # noqa: PLR0911  one line per kind of error reads best
    kind, ctx = item["type"], item.get("ctx", {})
    if kind == "missing":
        return _("This field is required.")
    if kind == "extra_forbidden":
        return _("This field is not known here.")
    if kind == "string_too_long":
        return _("At most %(n)s characters.") % {"n": ctx["max_length"]}
    if kind == "string_too_short":
        return _("At least %(n)s characters.") % {"n": ctx["min_length"]}
    if kind in ("greater_than_equal", "greater_than"):
        return _("Must be at least %(n)s.") % {"n": ctx.get("ge", ctx.get("gt"))}
    if kind in ("less_than_equal", "less_than"):
        return _("Must be at most %(n)s.") % {"n": ctx.get("le", ctx.get("lt"))}
    if kind in ("enum", "literal_error"):
        return _("Choose one of: %(expected)s.") % {"expected": ctx["expected"]}
    if kind.startswith("decimal") or kind.startswith("int"):
        return _("Enter a number.")
    if kind.startswith(("datetime", "timezone", "date")):
        return _("Enter a date and time with time zone.")
    if kind.startswith("uuid"):
        return _("Enter a UUID.")
    if kind == "too_short":
        return _("Add at least %(n)s.") % {"n": ctx["min_length"]}
    if kind == "too_long":
        return _("At most %(n)s.") % {"n": ctx["max_length"]}
    if kind == "value_error" and "nul" in str(ctx.get("error", "")):
        return _("Contains a character that cannot be stored.")
    if kind == "value_error":
        return str(ctx["error"])
    return _("This value is not valid.")
