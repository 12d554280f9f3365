"""Areas of responsibility 责任区域: who looks after which homes, and who stands in (MISSION ORG-4).

The narrowest area counts: a floor before its entrance, an entrance before its building. The unit carries the answer
(``butler_staff_id``), so that nobody has to look it up.
"""

from collections.abc import Iterable
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
CHUNK: Final = 2000


@dataclass(frozen=True, kw_only=True)
class AreaMoved(Fact):
    """Homes went from one butler to another; ``moved``: (unit, from, to). Open work follows, history stays."""

    moved: tuple[tuple[int, int | None, int | None], ...]


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
    _ensure(actor, project_id)
    _ensure_place(project_id, building_id, entrance, floor)
    _ensure_butler("butler", butler_id, project_id)
    if stand_in_id is not None:
        _ensure_butler("stand_in", stand_in_id, project_id)
        if stand_in_id == butler_id:
            raise InvalidError({"stand_in": _("Somebody else stands in.")})

    def once() -> Area:
        where = {"building_id": building_id, "entrance": entrance, "floor": floor}
        old = Area.objects.in_project(project_id).filter(until__isnull=True, **where).first()
        if old is not None and (old.butler_id, old.stand_in_id) == (butler_id, stand_in_id):
            return old
        if old is not None:
            old.until = at
            old.save(update_fields=["until"])
        row = Area.objects.create(
            project_id=project_id, **where, butler_id=butler_id, stand_in_id=stand_in_id, since=at, set_by=actor.key
        )
        _told("area.assign", row, old, actor, at)
        refresh(project_id=project_id, building_ids=[building_id], actor=actor, at=at, cause=f"area:{row.pk}")
        return row

    return retrying(once)


def cover(*, project_id: int, area_id: int, on: bool, actor: Actor, at: datetime) -> Area:
    """The stand-in takes over, or gives back. Raises ConflictError where there is none, or the area has ended."""
    _ensure(actor, project_id)

    def once() -> Area:
        row = _open(project_id, area_id)
        if row.stand_in_id is None:
            raise ConflictError(_("Nobody stands in here."), rule="area.stand_in")
        if row.covered == on:
            return row
        row.covered = on
        row.save(update_fields=["covered"])
        _told("area.cover" if on else "area.uncover", row, None, actor, at)
        cause = f"area:{row.pk}:{on}:{at.isoformat()}"
        refresh(project_id=project_id, building_ids=[row.building_id], actor=actor, at=at, cause=cause)
        return row

    return retrying(once)


def end(*, project_id: int, area_id: int, actor: Actor, at: datetime) -> Area:
    """No area any more: the wider one around it counts again, or nobody."""
    _ensure(actor, project_id)

    def once() -> Area:
        row = _open(project_id, area_id)
        row.until = at
        row.save(update_fields=["until"])
        _told("area.end", row, None, actor, at)
        cause, here = f"area:{row.pk}:end", [row.building_id]
        refresh(project_id=project_id, building_ids=here, actor=actor, at=at, cause=cause, ended=row)
        return row

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
    wanted = set(building_ids)
    areas = {
        (a.building_id, a.entrance, a.floor): a.acting_id
        for a in Area.objects.in_project(project_id).filter(building_id__in=wanted, until__isnull=True)
    }
    units = Unit.objects.in_project(project_id).filter(building_id__in=wanted)
    moved = []
    for pk, building, entrance, floor, old in units.values_list(
        "pk", "building_id", "entrance", "floor", "butler_staff_id"
    ):
        new = narrowest(areas, building, entrance, floor)
        if new is None and not _lay_in(ended, building, entrance, floor):
            continue
        if new != old:
            moved.append((pk, old, new))
    _write(project_id, moved)
    if moved:
        announce(AreaMoved(id=cause, project_id=project_id, at=at, actor=actor, moved=tuple(moved)))
    return len(moved)


def _lay_in(area: Area | None, building: int, entrance: str, floor: str) -> bool:
    if area is None or area.building_id != building:
        return False
    return area.entrance in ("", entrance) and area.floor in ("", floor)


def narrowest(areas: dict[tuple[int, str, str], int], building: int, entrance: str, floor: str) -> int | None:
    """Floor of an entrance, floor of the building, entrance, building."""
    for key in ((entrance, floor), ("", floor), (entrance, ""), ("", "")):
        if (building, *key) in areas:
            return areas[(building, *key)]
    return None


def _write(project_id: int, moved: list[tuple[int, int | None, int | None]]) -> None:
    by_butler: dict[int | None, list[int]] = {}
    for pk, _old, new in moved:
        by_butler.setdefault(new, []).append(pk)
    for butler, ids in by_butler.items():
        for start in range(0, len(ids), CHUNK):
            part = Unit.objects.in_project(project_id).filter(pk__in=ids[start : start + CHUNK])
            part.update(butler_staff_id=butler)


def _ensure(actor: Actor, project_id: int) -> None:
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


def _ensure_butler(field: str, staff_id: int, project_id: int) -> None:
    found = colleagues().get(staff_id)
    if found is None or not found.is_active or not any(found.has(role, project_id) for role in SERVING):
        raise InvalidError({field: _("This colleague is no butler here.")})


def _open(project_id: int, area_id: int) -> Area:
    row = Area.objects.in_project(project_id).filter(pk=area_id).first()
    if row is None:
        raise NotFoundError(_("There is no such area."))
    if row.until is not None:
        raise ConflictError(_("This area has ended."), rule="area.open")
    return row


def _told(what: str, row: Area, old: Area | None, actor: Actor, at: datetime) -> None:
    record(
        project_id=row.project_id,
        actor=actor,
        at=at,
        what=what,
        subject_kind="workforce.area",
        subject_id=row.pk,
        before={"butler": old.butler_id, "stand_in": old.stand_in_id} if old else {},
        after={"butler": row.butler_id, "stand_in": row.stand_in_id, "covered": row.covered},
    )
