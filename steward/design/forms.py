"""A form as data. The renderer in forms.jinja shows any of these in both skins."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from .shell import Text

Kind = Literal[
    "text",
    "textarea",
    "int",
    "decimal",
    "money",
    "bool",
    "choice",
    "suggested",
    "multichoice",
    "date",
    "datetime",
    "time",
    "unit",
    "staff",
    "article",
    "service",
    "lines",
    "photos",
    "files",
    "signature",
    "phone",
    "password",
    "hidden",
]
Choice = tuple[str, Text]


@dataclass(frozen=True, kw_only=True)
class Field:
    """One question of a form. `value` is what the person typed before, `error` what was wrong with it."""

    name: str
    label: Text
    kind: Kind = "text"
    help: Text = ""
    required: bool = False
    choices: Sequence[Choice] = ()
    value: Any = None
    error: Text = ""
    unit: Text = ""  # what is counted: 次, ㎡, 元
    placeholder: Text = ""
    rows: int = 3
    minimum: str = ""
    maximum: str = ""
    step: str = ""
    max_files: int = 6
    search_url: str = ""  # unit, staff, article: answers ?q= with [{"value", "label", "hint"}]
    value_label: Text = ""  # unit, staff, article: the words for `value`
    beside_url: str = ""  # article: a list to take an answer from
    columns: Sequence[Field] = ()  # lines: the questions of one row
    prices: Mapping[str, str] | None = (
        None  # lines with columns item, quantity; service beside a quantity: unit price by item, for the sum while typing
    )
    readonly: bool = False


@dataclass(frozen=True, kw_only=True)
class Form:
    """A whole form: `errors` belong to no single field."""

    action: str
    fields: Sequence[Field]
    submit: Text
    submit_icon: str = ""
    preview: Text = ""  # the words of a second button, sent as do=preview
    cancel_url: str = ""
    errors: Sequence[Text] = ()
    method: Literal["get", "post"] = "post"
    target: str = ""  # htmx target; empty: an ordinary submit
    note: Text = ""  # what will happen on submit, in words

    @property
    def has_files(self) -> bool:
        return any(item.kind in ("photos", "files") for item in self.fields)


def as_field(question: Field | Mapping[str, Any]) -> Field:
    """Lets a face describe a question with a plain dict; an unknown key is a TypeError, not silence."""
    return question if isinstance(question, Field) else Field(**question)


def as_form(form: Form | Mapping[str, Any]) -> Form:
    if isinstance(form, Form):
        return form
    return Form(**{**form, "fields": [as_field(item) for item in form["fields"]]})
