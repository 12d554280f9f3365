"""Changing what cases may be about: categories are added, reworded, ordered and retired, never deleted.

Those of the company are the head office's to change, a project's own its manager's.
"""

import re
from collections.abc import Iterable
from datetime import datetime
from typing import Annotated, Any, Final

from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _
from pydantic import Field

from steward.cases.declare import REGISTRY
from steward.cases.models import Category, Urgency
from steward.casework.categories import OTHER
from steward.casework.models import RetiredCategory
from steward.kernel import reference
from steward.kernel.actor import Actor
from steward.kernel.audit import changed, record
from steward.kernel.db import retrying
from steward.kernel.errors import ConflictError, InvalidError, NotAllowedError, NotFoundError
from steward.kernel.schema import Data, Line, OptionalId, ask, storable
from steward.registers.org.figures import NOTE, decides
from steward.registers.org.models import Level
from steward.registers.org.tree import Place, place, tree
from steward.registers.workforce.models import Skill

CODE: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,19}\Z")
SUBJECT: Final = "cases.category"
#: What only work in the field is told by its category.
OF_WORK: Final = frozenset({"urgency", "skill", "is_leak"})


class CategoryData(Data):
    name: Annotated[Line, Field(min_length=2, max_length=80)] = ask(title=_("Word for it"))
    name_en: Annotated[Line, Field(max_length=80)] = ask("", title=_("English name"))
    urgency: Urgency | None = ask(None, title=_("Urgency preset at intake"))
    skill: Skill | None = ask(None, title=_("Skill it takes"))
    is_leak: bool = ask(
        default=False, title=_("Leak"), description=_("Water comes in: called back by the rules for leaks.")
    )


class NewCategoryData(CategoryData):
    code: Annotated[Line, Field(min_length=1, max_length=20)] = ask(
        title=_("Code"), description=_("Letters and digits, for import and rules. It cannot be changed later.")
    )
    parent: OptionalId = ask(None, title=_("Below"), kind="choice")


def implies(kind: str) -> frozenset[str]:
    """What a category of this kind says beyond its word."""
    process = REGISTRY.get(kind)
    return OF_WORK if process is not None and process.is_pooled else frozenset()


def whose(node_id: int | None) -> Place:
    """The place whose leader decides about a category: the company where it belongs to no project."""
    if node_id is not None:
        return place(node_id)
    return next(p for p in tree().places.values() if p.level == Level.HEAD_OFFICE)


def may_change(actor: Actor, node_id: int | None) -> bool:
    return decides(actor, whose(node_id))


def add_category(
    *, kind: str, node_id: int | None, data: NewCategoryData, actor: Actor, at: datetime, note: str = ""
) -> Category:
    """A new word, behind its like. The same again gives the same; InvalidError where the code is taken."""
    if kind not in REGISTRY:
        raise NotFoundError(_("There is no such kind of case."))
    _ensure_may(actor, node_id)
    if not CODE.match(data.code):
        raise InvalidError({"code": _("Letters, digits, hyphens; a letter or digit first.")})
    values, said = plain(data, kind), _noted(note)

    def once() -> Category:
        reference.hold()
        found = _of(kind, node_id).filter(code=data.code).first()
        if found is not None:
            if _plain(found) == values and found.parent_id == data.parent:
                return found
            raise InvalidError({"code": _("This code is taken: %(name)s.") % {"name": found.name}})
        parent = _parent(kind, node_id, data.parent)
        row = Category.objects.create(kind=kind, code=data.code, node_id=node_id, parent=parent, **values)
        last = _siblings(row)
        _order(row, len(last) - (bool(last) and last[-1].code == OTHER))
        _told("category.add", row, {}, {**values, "code": row.code, "kind": kind}, actor, at, said)
        return row

    return retrying(once)


def save_category(*, category_id: int, data: CategoryData, actor: Actor, at: datetime, note: str = "") -> Category:
    """Its words and what it implies from now on; cases opened keep the urgency and the callback they have."""
    said = _noted(note)

    def once() -> Category:
        row = _held(category_id, actor)
        values = plain(data, row.kind)
        told = changed(_plain(row), values)
        if told["after"]:
            Category.objects.filter(pk=row.pk).update(**values)
            row.refresh_from_db()
            _told("category.set", row, told["before"], told["after"], actor, at, said)
        return row

    return retrying(once)


def retire_category(*, category_id: int, actor: Actor, at: datetime, note: str = "") -> bool:
    """Offered no more from now on, nor what stands below it; cases keep their words. Again: nothing more."""
    said = _noted(note)

    def once() -> bool:
        row = _held(category_id, actor)
        below = list(Category.objects.filter(parent=row, retired__isnull=True))
        fresh = [c for c in (row, *below) if not RetiredCategory.objects.filter(category=c).exists()]
        RetiredCategory.objects.bulk_create(RetiredCategory(category=c, at=at) for c in fresh)
        for c in fresh:
            _told("category.retire", c, {}, {}, actor, at, said)
        return bool(fresh)

    return retrying(once)


def restore_category(*, category_id: int, actor: Actor, at: datetime, note: str = "") -> bool:
    """Offered again. Raises ConflictError below a retired one."""
    said = _noted(note)

    def once() -> bool:
        row = _held(category_id, actor)
        if row.parent_id and RetiredCategory.objects.filter(category_id=row.parent_id).exists():
            raise ConflictError(_("What it stands below is retired itself."), rule="category.below_retired")
        done, _rows = RetiredCategory.objects.filter(category=row).delete()
        if done:
            _told("category.restore", row, {}, {}, actor, at, said)
        return bool(done)

    return retrying(once)


def place_category(*, category_id: int, position: int, actor: Actor, at: datetime) -> bool:
    """The n-th among its like, counted from 1; this decides the digit at intake."""

    def once() -> bool:
        row = _held(category_id, actor)
        level = sorted((*_siblings(row), row), key=lambda c: (c.position, c.code))
        old, new = level.index(row) + 1, max(1, min(position, len(level)))
        if old == new:
            return False
        _order(row, new - 1)
        _told("category.place", row, {"position": old}, {"position": new}, actor, at, "")
        return True

    return retrying(once)


def _held(category_id: int, actor: Actor) -> Category:
    reference.hold()
    row = Category.objects.filter(pk=category_id).first()
    if row is None or (row.node_id is not None and row.node_id not in actor.project_ids):
        raise NotFoundError(_("There is no such category."))
    _ensure_may(actor, row.node_id)
    return row


def _ensure_may(actor: Actor, node_id: int | None) -> None:
    if not may_change(actor, node_id):
        raise NotAllowedError(_("This is decided by whoever leads the place."), rule="settings.decider")


def _parent(kind: str, node_id: int | None, parent_id: int | None) -> Category | None:
    if parent_id is None:
        return None
    row = _of(kind, node_id).filter(pk=parent_id, retired__isnull=True).first()
    if row is None or row.parent_id is not None:
        raise InvalidError({"parent": _("Two levels at most: choose one of the first level.")})
    return row


def _of(kind: str, node_id: int | None) -> QuerySet[Category]:
    rows = Category.objects.filter(kind=kind)
    return rows.filter(node__isnull=True) if node_id is None else rows.filter(node_id=node_id)


def _siblings(row: Category) -> list[Category]:
    """The others offered on its level, in order."""
    rows = _of(row.kind, row.node_id).filter(parent_id=row.parent_id, retired__isnull=True)
    return list(rows.exclude(pk=row.pk).order_by("position", "code"))


def _order(row: Category, index: int) -> None:
    """Put it there and number all of the kind anew: the first level by hundreds, the second within."""
    mine = _siblings(row)
    mine.insert(index, row)
    every = list(_of(row.kind, row.node_id).order_by("position", "code"))
    gone = [c for c in every if c.parent_id == row.parent_id and c not in mine]
    level = {row.parent_id: [*mine, *gone]}
    tops = level.get(None) or [c for c in every if c.parent_id is None]
    for n, top in enumerate(tops):
        below = level.get(top.pk) or [c for c in every if c.parent_id == top.pk]
        _number([(top, n * 100), *((c, n * 100 + k) for k, c in enumerate(below, 1))])


def _number(rows: Iterable[tuple[Category, int]]) -> None:
    for c, position in rows:
        if c.position != position:
            Category.objects.filter(pk=c.pk).update(position=position)
            c.position = position


def plain(data: CategoryData, kind: str) -> dict[str, Any]:
    """What this kind has no use for stays empty."""
    given = implies(kind)
    return {
        "name": data.name,
        "name_en": data.name_en,
        "urgency": str(data.urgency or "") if "urgency" in given else "",
        "skill": str(data.skill or "") if "skill" in given else "",
        "is_leak": data.is_leak if "is_leak" in given else False,
    }


def _plain(row: Category) -> dict[str, Any]:
    return {name: getattr(row, name) for name in ("name", "name_en", "urgency", "skill", "is_leak")}


def _noted(note: str) -> str:
    if len(note) > NOTE or not storable(note):
        raise InvalidError({"note": _("At most %(n)s characters.") % {"n": NOTE}})
    return note.strip()


def _told(
    what: str, row: Category, before: dict[str, Any], after: dict[str, Any], actor: Actor, at: datetime, note: str
) -> None:
    record(
        project_id=row.node_id,
        actor=actor,
        at=at,
        what=what,
        subject_kind=SUBJECT,
        subject_id=row.pk,
        label=row.name,
        before=before,
        after=after,
        reason=note,
    )
    reference.bump()
