"""From the type of a figure to the questions of its form, and back from what was posted to the raw value."""

import types
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from enum import Enum
from typing import Annotated, Any, Final, Literal, Union, get_args, get_origin

from django.http import QueryDict
from django.utils.translation import gettext as _
from pydantic import BaseModel

from steward.console.settings.words import choice_of, code_of, label_of, word_of
from steward.design.forms import Choice, Field
from steward.kernel.marks import listed

Path = tuple[str, ...]
Typed = Mapping[str, Any]
ROOT: Final = "value"
MOST_LINES: Final = 100
YES_NO: Final = ("true", "false")


@dataclass(frozen=True)
class Leaf:
    """One question: where its answer stands in the value, and how it is asked."""

    path: Path
    key: str
    kind: Any
    widget: Any
    choices: tuple[Choice, ...] = ()
    columns: tuple["Leaf", ...] = ()
    optional: bool = False
    in_mapping: bool = False

    @property
    def name(self) -> str:
        return ".".join((ROOT, *self.path))

    def show(self, value: Any) -> Any:
        """A stored value as the form shows it."""
        if self.widget == "lines":
            return [{c.path[-1]: c.show(row.get(c.path[-1])) for c in self.columns} for row in value or ()]
        if self.widget == "multichoice":
            return [str(item) for item in value or ()]
        if self.widget == "words":
            return listed(word_of(self.key, item) for item in value or ())
        if self.widget == "textarea":
            return "\n".join(value or ())
        return self._said(value)

    def _said(self, value: Any) -> str:
        if isinstance(value, bool):
            return YES_NO[0] if value else YES_NO[1]
        if value is None or value == "":
            return ""
        # The shipped sentences are messages of the catalogue.
        return _(value) if self.key in TRANSLATED else str(value)

    def read(self, typed: Typed) -> Any:
        """What was typed as the raw value; a wrong one stays as typed, for the type to refuse."""
        given = typed.get(self.name)
        if self.widget == "lines":
            return [self._row(row) for row in given or ()]
        if self.widget == "multichoice":
            return list(given or ())
        if self.widget in ("words", "textarea"):
            text = str(given or "")
            parts = (text.translate(SEPARATORS) if self.widget == "words" else text).split("\n")
            return [code_of(self.key, part.strip()) for part in parts if part.strip()]
        text = str(given or "").strip()
        if text in YES_NO and self.kind is bool:
            return text == YES_NO[0]
        return None if not text and (self.optional or self.widget in ("int", "decimal")) else text

    def _row(self, row: Mapping[str, str]) -> dict[str, Any]:
        return {c.path[-1]: c.read({c.name: row.get(c.path[-1], "")}) for c in self.columns}


#: Shipped in English, as a msgid: what customers read, what absences are called.
TRANSLATED: Final = frozenset({"absence.kinds.name", "case.ready_words.text"})
#: Lists whose order means something are typed, the others ticked.
ORDERED: Final = frozenset({"messages.customer_channels"})
SEPARATORS: Final = str.maketrans(dict.fromkeys(",，、;；", "\n"))


def leaves(key: str, kind: Any) -> list[Leaf]:
    return list(_walk(key, kind, ()))


def plain(kind: Any) -> tuple[Any, bool]:
    """The type inside Annotated and ``X | None``."""
    if get_origin(kind) is Annotated:
        return plain(get_args(kind)[0])
    if get_origin(kind) in (Union, types.UnionType):
        inner = [a for a in get_args(kind) if a is not type(None)]
        return plain(inner[0])[0], len(inner) < len(get_args(kind))
    return kind, False


def is_model(kind: Any) -> bool:
    return isinstance(kind, type) and issubclass(kind, BaseModel)


def _walk(key: str, kind: Any, path: Path, *, nullable: bool = False) -> Iterator[Leaf]:
    base, optional = plain(kind)
    optional = optional or nullable
    if is_model(base):
        for name, info in base.model_fields.items():
            yield from _walk(key, info.annotation, (*path, name), nullable=optional)
    elif get_origin(base) is dict:
        keys, values = get_args(base)
        for value, _label in choice_of(key, keys):
            yield from (replace(leaf, in_mapping=True) for leaf in _walk(key, values, (*path, value)))
    elif get_origin(base) in (list, tuple):
        yield _many(key, get_args(base)[0], path)
    else:
        yield _one(key, base, path, optional=optional)


def _many(key: str, item: Any, path: Path) -> Leaf:
    base, _optional = plain(item)
    if is_model(base):
        columns = tuple(_walk(key, base, path))
        return Leaf(path, key, base, "lines", columns=tuple(_in_a_row(c) for c in columns))
    choices = choice_of(key, base)
    if key in ORDERED:
        return Leaf(path, key, base, "words")
    return Leaf(path, ".".join((key, *path)), base, "multichoice" if choices else "textarea", tuple(choices))


def _in_a_row(leaf: Leaf) -> Leaf:
    """A cell has one line only: several things stand beside each other."""
    return replace(leaf, widget="words") if leaf.widget in ("textarea", "multichoice") else leaf


def _one(key: str, base: Any, path: Path, *, optional: bool) -> Leaf:
    key = ".".join((key, *path))
    if base is bool:
        return Leaf(path, key, bool, "choice", tuple(choice_of(key, bool)), optional=optional)
    if get_origin(base) is Literal or (isinstance(base, type) and issubclass(base, Enum)):
        return Leaf(path, key, base, "choice", tuple(choice_of(key, base)), optional=optional)
    widget = "int" if base is int else "decimal" if base in (Decimal, float) else "text"
    return Leaf(path, key, base, widget, optional=optional)


def shown(found: Sequence[Leaf], dumped: Any) -> dict[str, Any]:
    """The stored value spread over the questions."""
    return {leaf.name: leaf.show(_inside(dumped, leaf.path)) for leaf in found}


def _inside(value: Any, path: Path) -> Any:
    for part in path:
        value = value.get(part) if isinstance(value, Mapping) else None
    return value


def posted(found: Sequence[Leaf], post: QueryDict) -> dict[str, Any]:
    """What the browser sent, kept as typed."""
    typed: dict[str, Any] = {}
    for leaf in found:
        if leaf.widget == "multichoice":
            typed[leaf.name] = post.getlist(leaf.name)
        elif leaf.widget == "lines":
            typed[leaf.name] = line_rows(leaf.name, [c.path[-1] for c in leaf.columns], post)
        else:
            typed[leaf.name] = post.get(leaf.name, "")
    return typed


def line_rows(name: str, columns: Sequence[str], post: QueryDict) -> list[dict[str, str]]:
    """Rows named NAME-n-COLUMN, in the order of n; rows left blank are dropped."""
    prefix = f"{name}-"
    numbers = {k[len(prefix) :].split("-", 1)[0] for k in post if k.startswith(prefix)}
    order = sorted(int(n) for n in numbers if n.isascii() and n.isdigit() and len(n) < 6)
    rows = [{c: post.get(f"{prefix}{n}-{c}", "").strip() for c in columns} for n in order[:MOST_LINES]]
    return [row for row in rows if any(row.values())]


def gathered(found: Sequence[Leaf], typed: Typed, *, nullable: bool) -> Any:
    """The raw value of all answers; nothing at all where every question may stay empty and does."""
    if len(found) == 1 and not found[0].path:
        return found[0].read(typed)
    raw: dict[str, Any] = {}
    for leaf in found:
        here = raw
        for part in leaf.path[:-1]:
            here = here.setdefault(part, {})
        answer = leaf.read(typed)
        if answer != [] or not leaf.in_mapping:
            here[leaf.path[-1]] = answer
    return None if nullable and all(value is None for value in raw.values()) else raw


def fields(found: Sequence[Leaf], typed: Typed, errors: Mapping[str, Any], *, unit: Any, title: Any) -> list[Field]:
    return [_field(leaf, typed, errors, unit=unit, title=title) for leaf in found]


def _field(leaf: Leaf, typed: Typed, errors: Mapping[str, Any], *, unit: Any, title: Any) -> Field:
    label, own_unit, hint = label_of(leaf.key, leaf.path, title)
    value, error = typed.get(leaf.name), _error(leaf, errors)
    columns = tuple(_column(c) for c in leaf.columns)
    if leaf.widget == "lines":
        value = [{**row, "errors": _of_row(leaf, n, errors)} for n, row in enumerate(value or ())]
        error = error if not any(row["errors"] for row in value) else ""
    return Field(
        name=leaf.name,
        label=label,
        kind="text" if leaf.widget == "words" else leaf.widget,
        required=not leaf.optional and leaf.widget not in ("multichoice", "textarea", "lines"),
        choices=leaf.choices,
        value=value,
        error=error,
        unit=own_unit or unit,
        help=hint,
        columns=columns,
    )


def _column(leaf: Leaf) -> Field:
    label, _unit, hint = label_of(leaf.key, leaf.path, "")
    kind: Any = "text" if leaf.widget in ("words", "multichoice") else leaf.widget
    return Field(name=leaf.path[-1], label=label, kind=kind, choices=leaf.choices, help=hint)


def _error(leaf: Leaf, errors: Mapping[str, Any]) -> Any:
    """The field's own message, or the first of its parts; a value without parts is called ``data``."""
    path = ".".join(leaf.path) or "data"
    inside = (text for at, text in errors.items() if at == path or at.startswith(f"{path}.") or not leaf.path)
    known = ("effective_on", "note")
    return next((text for text in inside if text not in [errors.get(k) for k in known]), "")


def _of_row(leaf: Leaf, n: int, errors: Mapping[str, Any]) -> dict[str, Any]:
    prefix = ".".join((*leaf.path, str(n)))
    return {c.path[-1]: t for c in leaf.columns if (t := _starting(f"{prefix}.{c.path[-1]}", errors))}


def _starting(path: str, errors: Mapping[str, Any]) -> Any:
    return next((text for at, text in errors.items() if at == path or at.startswith(f"{path}.")), "")
