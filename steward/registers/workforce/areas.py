"""Areas of responsibility 责任区域: who looks after which homes, and who stands in (MISSION ORG-4).

The narrowest area counts: a floor before its entrance, an entrance before its building. The unit carries the answer
(``butler_staff_id``), so that nobody has to look it up.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from django.utils.translation import gettext_lazy as _

from steward.kernel.actor import Actor, Role
from steward.kernel.audit import record
from steward.kernel.db import retrying
from steward.kernel.errors import ConflictError, InvalidError, NotAllowedError, NotFoundError
from steward.kernel.facts import Fact, announce
from steward.registers.estate.models import Building, Unit
from steward.registers.workforce.models import Area
from steward.registers.workforce.people import colleagues

SETTING: Final = (Role.MANAGER, Role.REGION, Role.HQ)
SERVING: Final = (Role.BUTLER, Role.HEAD_BUTLER)
#: Who may do a butler's work for some days, in the order in which it falls to them.
COVERING: Final = (*SERVING, Role.MANAGER)
CHUNK: Final = 2000
#: A home, whose it was, whose it is.
Move = tuple[int, int | None, int | None]
#: Who looks after (building, entrance, floor) just now.
Acting = dict[tuple[int, str, str], int]


@dataclass(frozen=True, kw_only=True)
class AreaMoved(Fact):
    """Homes went from one butler to another; ``moved``: (unit, from, to). Open work follows, history stays."""

    moved: tuple[Move, ...]


def may_set(actor: Actor, project_id: int) -> bool:
    return actor.is_system or any(actor.has(role, project_id) for role in SETTING)


def assign(
    *,
    project_id: int,
    building_id: int,
    butler_id: int,
    actor: Actor,
    at: datetime,
    entrance: str = "",
    floor: str = "",
    stand_in_id: int | None = None,
) -> Area:
    """From now on this butler looks after it; what was before ends and stays on record. Again: the same answer.

    Raises NotFoundError for a project out of reach, NotAllowedError for other posts, InvalidError for a place without
    homes or a colleague who is no butler there.
    """
    ensure_may_set(actor, project_id)
    _ensure_place(project_id, building_id, entrance, floor)
    ensure_butler("butler", butler_id, project_id)
    if stand_in_id is not None:
        ensure_butler("stand_in", stand_in_id, project_id)
        if stand_in_id == butler_id:
            raise InvalidError({"stand_in": _("Somebody else stands in.")})

    def once() -> Area:
        where = {"building_id": building_id, "entrance": entrance, "floor": floor}
        old = Area.objects.in_project(project_id).filter(until__isnull=True, **where).first()
        if old is not None and (old.butler_id, old.stand_in_id) == (butler_id, stand_in_id):
            return old
        row = Area(
            project_id=project_id, **where, butler_id=butler_id, stand_in_id=stand_in_id, since=at, set_by=actor.key
        )
        return succeed(old, row, actor, at)

    return retrying(once)


def succeed(old: Area | None, row: Area, actor: Actor, at: datetime) -> Area:
    """One area in place of another; the caller holds the transaction."""
    if old is not None:
        old.until = at
        old.save(update_fields=["until"])
    row.save(force_insert=True)
    told("area.assign", row, old, actor, at)
    here, cause = [row.building_id], f"area:{row.pk}"
    refresh(project_id=row.project_id, building_ids=here, actor=actor, at=at, cause=cause)
    return row


def end(*, project_id: int, area_id: int, actor: Actor, at: datetime) -> Area:
    """No area any more: the wider one around it counts again, or nobody. Again: nothing more happens.

    Raises NotFoundError, NotAllowedError, ConflictError (it was given to somebody else since: that one is meant).
    """
    ensure_may_set(actor, project_id)

    def once() -> Area:
        row = area_of(project_id, area_id)
        if row.until is not None and not _was_replaced(row, row.until):
            return row
        row = open_area(project_id, area_id)
        row.until = at
        row.save(update_fields=["until"])
        told("area.end", row, None, actor, at)
        cause, here = f"area:{row.pk}:end", [row.building_id]
        refresh(project_id=project_id, building_ids=here, actor=actor, at=at, cause=cause, ended=row)
        return row

    return retrying(once)


def pass_homes(*, project_id: int, giver_id: int, receiver_id: int, actor: Actor, at: datetime) -> int:
    """The homes of one butler outside every area go to another. Returns how many; raises InvalidError."""
    ensure_may_set(actor, project_id)
    ensure_butler("butler", receiver_id, project_id)

    def once() -> int:
        homes = Unit.objects.in_project(project_id).filter(butler_staff_id=giver_id).values_list("pk", flat=True)
        moved: list[Move] = [(pk, giver_id, receiver_id) for pk in homes]
        _write(project_id, moved)
        if moved:
            cause = f"homes:{giver_id}:{receiver_id}:{at.isoformat()}"
            announce(AreaMoved(id=cause, project_id=project_id, at=at, actor=actor, moved=tuple(moved)))
        return len(moved)

    return retrying(once)


def refresh(
    *,
    project_id: int,
    building_ids: Iterable[int],
    actor: Actor,
    at: datetime,
    cause: str,
    ended: Area | None = None,
) -> int:
    """Write each home's butler anew where areas are set; says which homes moved. Returns how many.

    A home outside every area keeps the butler it has, unless it lay in the one that just ``ended``.
    """
    moved = _moves(project_id, _in_force(project_id, building_ids), building_ids, ended)
    _write(project_id, moved)
    if moved:
        announce(AreaMoved(id=cause, project_id=project_id, at=at, actor=actor, moved=tuple(moved)))
    return len(moved)


def would_move(
    *, project_id: int, building_id: int, butler_id: int, actor: Actor, entrance: str = "", floor: str = ""
) -> list[Move]:
    """The homes that ``assign`` would move; nothing is written. Raises what ``assign`` raises."""
    ensure_may_set(actor, project_id)
    _ensure_place(project_id, building_id, entrance, floor)
    ensure_butler("butler", butler_id, project_id)
    then = _in_force(project_id, [building_id]) | {(building_id, entrance, floor): butler_id}
    return _moves(project_id, then, [building_id])


def would_end(*, project_id: int, area_id: int, actor: Actor) -> list[Move]:
    """The homes that ``end`` would move."""
    ensure_may_set(actor, project_id)
    row = open_area(project_id, area_id)
    then = _in_force(project_id, [row.building_id])
    then.pop((row.building_id, row.entrance, row.floor), None)
    return _moves(project_id, then, [row.building_id], row)


def _in_force(project_id: int, building_ids: Iterable[int]) -> Acting:
    rows = Area.objects.in_project(project_id).filter(building_id__in=set(building_ids), until__isnull=True)
    return {(a.building_id, a.entrance, a.floor): a.acting_id for a in rows}


def _moves(project_id: int, areas: Acting, building_ids: Iterable[int], ended: Area | None = None) -> list[Move]:
    units = Unit.objects.in_project(project_id).filter(building_id__in=set(building_ids))
    moved: list[Move] = []
    for pk, building, entrance, floor, old in units.values_list(
        "pk", "building_id", "entrance", "floor", "butler_staff_id"
    ):
        new = narrowest(areas, building, entrance, floor)
        if new is None and not _lay_in(ended, building, entrance, floor):
            continue
        if new != old:
            moved.append((pk, old, new))
    return moved


def _lay_in(area: Area | None, building: int, entrance: str, floor: str) -> bool:
    if area is None or area.building_id != building:
        return False
    return area.entrance in ("", entrance) and area.floor in ("", floor)


def narrowest(areas: Acting, building: int, entrance: str, floor: str) -> int | None:
    """Floor of an entrance, floor of the building, entrance, building."""
    for key in ((entrance, floor), ("", floor), (entrance, ""), ("", "")):
        if (building, *key) in areas:
            return areas[(building, *key)]
    return None


def _write(project_id: int, moved: list[Move]) -> None:
    by_butler: dict[int | None, list[int]] = {}
    for pk, _old, new in moved:
        by_butler.setdefault(new, []).append(pk)
    for butler, ids in by_butler.items():
        for start in range(0, len(ids), CHUNK):
            part = Unit.objects.in_project(project_id).filter(pk__in=ids[start : start + CHUNK])
            part.update(butler_staff_id=butler)


def ensure_may_set(actor: Actor, project_id: int) -> None:
    if not actor.is_system and project_id not in actor.project_ids:
        raise NotFoundError(_("There is no such project."))
    if not may_set(actor, project_id):
        raise NotAllowedError(_("The project manager shares out the areas."), rule="area.by_manager")


def _ensure_place(project_id: int, building_id: int, entrance: str, floor: str) -> None:
    homes = Unit.objects.in_project(project_id).filter(building_id=building_id)
    if not Building.objects.in_project(project_id).filter(pk=building_id).exists():
        raise InvalidError({"building": _("There is no such building here.")})
    if entrance and not homes.filter(entrance=entrance).exists():
        raise InvalidError({"entrance": _("The building has no such entrance.")})
    if floor and not homes.filter(floor=floor, **({"entrance": entrance} if entrance else {})).exists():
        raise InvalidError({"floor": _("The building has no such floor.")})


def ensure_butler(field: str, staff_id: int, project_id: int) -> None:
    """Raises InvalidError for that field."""
    if not serves(staff_id, project_id):
        raise InvalidError({field: _("This colleague is no butler here.")})


def serves(staff_id: int | None, project_id: int, roles: Sequence[Role] = SERVING) -> bool:
    found = colleagues().get(staff_id or 0)
    return found is not None and found.is_active and any(found.has(role, project_id) for role in roles)


def area_of(project_id: int, area_id: int) -> Area:
    row = Area.objects.in_project(project_id).filter(pk=area_id).first()
    if row is None:
        raise NotFoundError(_("There is no such area."))
    return row


def open_area(project_id: int, area_id: int) -> Area:
    row = area_of(project_id, area_id)
    if row.until is not None:
        raise ConflictError(_("This area has ended."), rule="area.open")
    return row


def _was_replaced(row: Area, until: datetime) -> bool:
    where = {"building_id": row.building_id, "entrance": row.entrance, "floor": row.floor}
    return Area.objects.in_project(row.project_id).filter(since=until, **where).exclude(pk=row.pk).exists()


def told(what: str, row: Area, old: Area | None, actor: Actor, at: datetime) -> None:
    record(
        project_id=row.project_id,
        actor=actor,
        at=at,
        what=what,
        subject_kind="workforce.area",
        subject_id=row.pk,
        before={"butler": old.butler_id, "stand_in": old.stand_in_id} if old else {},
        after={"butler": row.butler_id, "stand_in": row.stand_in_id, "covered": row.covered, **_days(row)},
    )


def _days(row: Area) -> dict[str, str]:
    days = {"cover_from": row.cover_from, "cover_until": row.cover_until}
    return {name: day.isoformat() for name, day in days.items() if day is not None}
