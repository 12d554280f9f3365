"""Typed input. One declaration serves the API's JSON schema, the pages' forms and the import.

Errors come back as ``{field path: message}`` in the caller's language; nothing typed is lost.
"""

import re
from collections.abc import Container, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Annotated, Any, ClassVar, Final, TypeVar

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from pydantic import AfterValidator, AwareDatetime, BaseModel, BeforeValidator, ConfigDict, Field, ValidationError
from pydantic_core import PydanticCustomError, PydanticUseDefault

from steward.kernel.actor import Actor
from steward.kernel.errors import InvalidError
from steward.kernel.marks import listed


def storable(text: str) -> bool:
    """No NUL (PostgreSQL raises on it), no lone half of a surrogate pair (nothing can encode it)."""
    return "\x00" not in text and not any("\ud800" <= c <= "\udfff" for c in text)


def _no_nul(value: str) -> str:
    if not storable(value):
        raise ValueError("nul")
    return value


def blank_is_absent(value: Any) -> Any:
    # A browser posts "" for what was left empty.
    if isinstance(value, str) and not value.strip():
        raise PydanticUseDefault
    return value


def _of_our_time(value: datetime) -> datetime:
    # The ends of the calendar overflow when they are turned into another zone.
    if not 1900 <= value.year <= 2200:
        raise PydanticCustomError("date_out_of_range", "not a time of ours")
    return value


Text = Annotated[str, AfterValidator(_no_nul)]
Line = Annotated[str, Field(max_length=120), AfterValidator(_no_nul)]
Id = Annotated[int, Field(ge=1, le=2**53)]
OptionalId = Annotated[Id | None, BeforeValidator(blank_is_absent)]
Money = Annotated[Decimal, Field(max_digits=12, decimal_places=2, ge=0)]
Quantity = Annotated[Decimal, Field(max_digits=9, decimal_places=2, gt=0)]
Instant = Annotated[AwareDatetime, AfterValidator(_of_our_time)]
OptionalInstant = Annotated[Instant | None, BeforeValidator(blank_is_absent)]


@dataclass(frozen=True)
class Label:
    """What people read beside a field; worded in the active language when the schema is asked for."""

    title: Any
    kind: str = ""
    help: Any = ""

    def __call__(self, schema: dict[str, Any]) -> None:
        schema["title"] = str(self.title)
        if self.kind:
            schema["kind"] = self.kind
        if self.help:
            schema["description"] = str(self.help)


def ask(default: Any = ..., *, title: Any, kind: str = "", description: Any = "", **bounds: Any) -> Any:
    """A field of an input: its words for people and how a face shows it; the rules are its type's."""
    label: Any = Label(title, kind, description)
    return Field(default, json_schema_extra=label, **bounds)


class Data(BaseModel):
    """Base of every input: unknown fields are refused, text is stripped."""

    model_config = ConfigDict(extra="forbid", str_strip_whitespace=True, use_enum_values=False)

    # Fields only staff may write, whoever asks: a resident cannot set priority, deadline or amounts.
    staff_only: ClassVar[frozenset[str]] = frozenset()


D = TypeVar("D", bound=Data)


def parse_from(actor: Actor, form: type[D], raw: Mapping[str, Any]) -> D:
    """Typed input; fields that only staff may write are refused from anybody else, by name."""
    if not (actor.is_staff or actor.is_system):
        forbidden = sorted(form.staff_only & raw.keys())
        if forbidden:
            raise InvalidError({name: _("This field is set by the service centre.") for name in forbidden})
    return parse(form, raw)


def parse(form: type[D], raw: Mapping[str, Any]) -> D:
    """Validate input against its declaration. Raises InvalidError naming each field."""
    try:
        return form.model_validate(dict(raw))
    except ValidationError as error:
        raise InvalidError(messages(error)) from error


def messages(error: ValidationError) -> dict[str, str]:
    """Field path → sentence in the active language."""
    return sentences(error.errors())


def sentences(items: Iterable[Any], *, skip: Container[str] = ()) -> dict[str, str]:
    """pydantic's error items as ``{field path: sentence}``; parts of a path in ``skip`` are wrappers."""
    found: dict[str, str] = {}
    for item in items:
        path = ".".join(str(part) for part in item["loc"] if part not in skip) or "data"
        found.setdefault(path, _sentence(item))
    return found


def _bound(ctx: Mapping[str, Any], *names: str) -> dict[str, Any]:
    bound = next((ctx[name] for name in names if name in ctx), "")
    # The choices come as an English sentence: 'a', 'b' or 'c'.
    return {"n": listed(re.findall("'([^']*)'", str(bound))) if names == ("expected",) else bound}


# Kind of error (or how it begins) → the sentence, and where its number stands.
SENTENCES: Final[tuple[tuple[str, Any, tuple[str, ...]], ...]] = (
    ("missing", gettext_lazy("This field is required."), ()),
    ("extra_forbidden", gettext_lazy("This field is not known here."), ()),
    ("string_too_long", gettext_lazy("At most %(n)s characters."), ("max_length",)),
    ("string_too_short", gettext_lazy("At least %(n)s characters."), ("min_length",)),
    ("greater_than_equal", gettext_lazy("Must be at least %(n)s."), ("ge",)),
    ("greater_than", gettext_lazy("Must be more than %(n)s."), ("gt",)),
    ("less_than_equal", gettext_lazy("Must be at most %(n)s."), ("le",)),
    ("less_than", gettext_lazy("Must be less than %(n)s."), ("lt",)),
    ("enum", gettext_lazy("Choose one of: %(n)s."), ("expected",)),
    ("literal", gettext_lazy("Choose one of: %(n)s."), ("expected",)),
    ("decimal", gettext_lazy("Enter a number."), ()),
    ("int", gettext_lazy("Enter a number."), ()),
    ("date_out_of_range", gettext_lazy("This date is too far away."), ()),
    ("date", gettext_lazy("Enter a date and time with time zone."), ()),
    ("timezone", gettext_lazy("Enter a date and time with time zone."), ()),
    ("uuid", gettext_lazy("Enter a UUID."), ()),
    ("too_short", gettext_lazy("Add at least %(n)s."), ("min_length",)),
    ("too_long", gettext_lazy("At most %(n)s."), ("max_length",)),
)


def _sentence(item: Mapping[str, Any]) -> str:
    kind, ctx = item["type"], item.get("ctx", {})
    if kind == "value_error":
        nul = "nul" in str(ctx.get("error", ""))
        return _("Contains a character that cannot be stored.") if nul else str(ctx["error"])
    if kind == "string_too_short" and not str(item.get("input", "")).strip():
        return _("This field is required.")
    for start, sentence, bounds in SENTENCES:
        if kind.startswith(start):
            return str(sentence) % _bound(ctx, *bounds)
    return _("This value is not valid.")
