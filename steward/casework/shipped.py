"""The categories shipped with Steward, by kind of case: a beginning that a company may load, then words as it likes."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from django.utils.translation import gettext_lazy as _

from steward.cases.models import Category
from steward.casework.categories import categories
from steward.casework.categorizing import SUBJECT, may_change
from steward.casework.models import RetiredCategory
from steward.kernel import reference
from steward.kernel.actor import Actor
from steward.kernel.audit import record
from steward.kernel.db import write
from steward.kernel.errors import NotAllowedError


@dataclass(frozen=True)
class Shipped:
    """``below``: its second level, coded by the first (A1, A2, …). ``skill``: who is sent; ``is_leak``: called back twice."""

    code: str
    name: str
    english: str
    urgency: str = ""
    skill: str = ""
    is_leak: bool = False
    below: tuple[tuple[str, str], ...] = ()

    def children(self) -> list["Shipped"]:
        return [Shipped(f"{self.code}{n}", name, english) for n, (name, english) in enumerate(self.below, 1)]

    def category(self, kind: str, position: int, parent: Category | None = None) -> Category:
        """The row, not written yet."""
        return Category(
            kind=kind,
            code=self.code,
            name=self.name,
            name_en=self.english,
            urgency=self.urgency,
            skill=self.skill,
            is_leak=self.is_leak,
            position=position,
            parent=parent,
        )


#: Kind → its first level, in the order of the keys at intake.
SHIPPED: Final[dict[str, tuple[Shipped, ...]]] = {}


def ship(kind: str, *rows: Shipped) -> None:
    """Declare the categories of a kind, beside its process."""
    SHIPPED[kind] = rows


def load_categories(kind: str, *, actor: Actor, at: datetime) -> int:
    """Write those that are not there yet, and hang the second level under the first; returns how many are new."""
    if not may_change(actor, None):
        raise NotAllowedError(_("This is decided by whoever leads the place."), rule="settings.decider")
    with write():
        reference.hold()
        known = {c.code: c for c in Category.objects.filter(kind=kind, node=None)}
        gone = set(RetiredCategory.objects.filter(category__kind=kind).values_list("pk", flat=True))
        have = {c.code: c.parent_id is None and c.pk not in gone for c in known.values()}
        fresh = []
        for row, above, position in _lacking(kind, have):
            known[row.code] = row.category(kind, position, known[above.code] if above else None)
            known[row.code].save()
            fresh.append(row.code)
        if fresh:
            _told(kind, fresh, actor, at)
    return len(fresh)


def missing(kind: str) -> bool:
    """Whether loading would add something; what was retired was there."""
    company = [c for c in categories().values() if c.kind == kind and c.node_id is None]
    return bool(_lacking(kind, {c.code: c.parent_id is None and c.retired_at is None for c in company}))


def _lacking(kind: str, have: Mapping[str, bool]) -> list[tuple[Shipped, Shipped | None, int]]:
    """What is not there, what it stands below, its position. ``have``: code → whether anything may stand below it.

    Below a retired word it could not be chosen, and below one of the second level it would be a third.
    """
    found: list[tuple[Shipped, Shipped | None, int]] = []
    for place, row in enumerate(SHIPPED.get(kind, ())):
        if row.code not in have:
            found.append((row, None, 100 * place))
        if have.get(row.code, True):
            below = enumerate(row.children(), 1)
            found += [(child, row, 100 * place + n) for n, child in below if child.code not in have]
    return found


def _told(kind: str, fresh: list[str], actor: Actor, at: datetime) -> None:
    record(
        project_id=None,
        actor=actor,
        at=at,
        what="category.preset",
        subject_kind=SUBJECT,
        subject_id=kind,
        after={"added": fresh},
    )
    reference.bump()
