"""The categories shipped with Steward, by kind of case: a beginning that a company may load, then words as it likes."""

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from django.utils.translation import gettext_lazy as _

from steward.cases.models import Category
from steward.casework.categories import categories
from steward.casework.categorizing import SUBJECT, may_change
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
        before = len(known)
        for place, row in enumerate(SHIPPED.get(kind, ())):
            parent = known.setdefault(row.code, known.get(row.code) or _add(kind, row, 100 * place, None))
            for n, child in enumerate(row.children(), 1):
                if child.code not in known:
                    known[child.code] = _add(kind, child, 100 * place + n, parent)
        fresh = list(known)[before:]
        if fresh:
            _told(kind, fresh, actor, at)
    return len(fresh)


def missing(kind: str) -> bool:
    """Whether something of what is shipped is not there; what was retired was there."""
    have = {c.code for c in categories().values() if c.kind == kind and c.node_id is None}
    return any(one.code not in have for row in SHIPPED.get(kind, ()) for one in (row, *row.children()))


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


def _add(kind: str, row: Shipped, position: int, parent: Category | None) -> Category:
    return Category.objects.create(
        kind=kind,
        code=row.code,
        name=row.name,
        name_en=row.english,
        urgency=row.urgency,
        skill=row.skill,
        is_leak=row.is_leak,
        position=position,
        parent=parent,
    )
