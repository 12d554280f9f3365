"""Categories as reference data."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from django.db.models import F

from steward.cases.models import Category
from steward.kernel import reference

#: The keys of a level, as they lie on the keyboard.
DIGITS: Final = "1234567890-="
#: The last of a kind by custom, under the key 0.
OTHER: Final = "other"


@dataclass(frozen=True, slots=True)
class CategoryRow:
    id: int
    kind: str
    code: str
    name: str
    name_en: str
    urgency: str
    skill: str
    is_leak: bool
    node_id: int | None
    parent_id: int | None = None
    retired_at: datetime | None = None

    def title(self, language: str) -> str:
        return self.name_en if language.startswith("en") and self.name_en else self.name


COLUMNS: Final = ("id", "kind", "code", "name", "name_en", "urgency", "skill", "is_leak", "node_id", "parent_id")


@reference.cached
def categories() -> dict[int, CategoryRow]:
    """Every category, retired ones too: cases keep their words. A project's own stand behind the company's."""
    order = ("kind", F("node_id").asc(nulls_first=True), "position", "code")
    rows = Category.objects.order_by(*order).values_list(*COLUMNS, "retired__at")
    return {row[0]: CategoryRow(*row) for row in rows}


@reference.cached
def _by_code() -> dict[tuple[str, str, int | None], CategoryRow]:
    return {(c.kind, c.code, c.node_id): c for c in categories().values() if c.retired_at is None}


def category_by_code(kind: str, code: str, project_id: int) -> CategoryRow | None:
    """The category that may be chosen by this code; a retired one may not."""
    return _by_code().get((kind, code, project_id)) or _by_code().get((kind, code, None))


def of_kind(kind: str, project_id: int) -> list[CategoryRow]:
    """Categories offered for a kind in a project: the company's, and its own."""
    return [
        c for c in categories().values() if c.kind == kind and c.node_id in (None, project_id) and c.retired_at is None
    ]


def keys(rows: Sequence[CategoryRow]) -> dict[int, str]:
    """Category → its key at intake, on each level from 1 in order; 0 is 其他, by custom the last one."""
    found: dict[int, str] = {}
    for parent in dict.fromkeys(row.parent_id for row in rows):
        level = [row for row in rows if row.parent_id == parent]
        last = level[-1] if level[-1].code == OTHER else None
        free = DIGITS.replace("0", "") if last else DIGITS
        found |= {row.id: key for row, key in zip(level, free, strict=False)}
        if last:
            found[last.id] = "0"
    return found
