"""Standing in for a butler: at once, or from a day until the day the butler is back (MISSION ORG-4)."""

from datetime import date, datetime, timedelta
from typing import Final

from django.utils.translation import gettext_lazy as _

from steward.kernel.actor import SYSTEM, Actor, Role
from steward.kernel.cron import one_by_one, recurs
from steward.kernel.db import retrying
from steward.kernel.errors import ConflictError, InvalidError
from steward.registers.workforce.areas import COVERING, ensure_may_set, open_area, refresh, serves, succeed, told
from steward.registers.workforce.assignments import today_at
from steward.registers.workforce.away import there_first
from steward.registers.workforce.models import Area
from steward.registers.workforce.people import name_of, with_role

FURTHEST: Final = timedelta(days=366)


def cover(*, project_id: int, area_id: int, on: bool, actor: Actor, at: datetime) -> Area:
    """The stand-in takes over at once, or gives back; days that were set hold no longer. Again: the same.

    Raises NotFoundError, NotAllowedError, ConflictError (nobody stands in, or has left; the area has ended).
    """
    ensure_may_set(actor, project_id)

    def once() -> Area:
        row = _with_stand_in(project_id, area_id)
        return _set(row, on=on, since=None, until=None, actor=actor, at=at)

    return retrying(once)


def cover_between(
    *, project_id: int, area_id: int, since: date, until: date | None, actor: Actor, at: datetime
) -> Area:
    """The stand-in takes over on a day and the butler is back on another; without it, until somebody says so."""
    ensure_may_set(actor, project_id)
    today = today_at(project_id, at)
    if not today <= since <= today + FURTHEST:
        raise InvalidError({"since": _("From today on, within a year.")})
    if until is not None and not since < until <= since + FURTHEST:
        raise InvalidError({"until": _("Back on a later day, within a year.")})

    def once() -> Area:
        row = _with_stand_in(project_id, area_id)
        return _set(row, on=since <= today, since=since, until=until, actor=actor, at=at)

    return retrying(once)


def pass_on(*, project_id: int, area_id: int, receiver_id: int, actor: Actor, at: datetime) -> Area:
    """Whoever stands in goes: another does, on the same days; what was ends and stays on record.

    The receiver; where that is the butler who is stood in for, the first head butler or manager who is there. While
    nobody is stood in for, nobody need be named. Raises NotFoundError, NotAllowedError, ConflictError (nobody is there).
    """
    ensure_may_set(actor, project_id)

    def once() -> Area:
        old = _with_stand_in(project_id, area_id)
        needed = old.covered or old.cover_from is not None
        taker = receiver_id if receiver_id != old.butler_id else _somebody(old, at) if needed else None
        new = Area(
            project_id=project_id,
            building_id=old.building_id,
            entrance=old.entrance,
            floor=old.floor,
            butler_id=old.butler_id,
            stand_in_id=taker,
            covered=old.covered,
            cover_from=old.cover_from,
            cover_until=old.cover_until,
            since=at,
            set_by=actor.key,
        )
        return succeed(old, new, actor, at)

    return retrying(once)


def _somebody(row: Area, at: datetime) -> int:
    """Whoever is absent only where nobody else is left."""
    roles = (Role.HEAD_BUTLER, Role.MANAGER, Role.BUTLER)
    people = [c for role in roles for c in with_role(role, row.project_id)]
    there, _gone = there_first((c for c in people if c.id not in (row.butler_id, row.stand_in_id)), at)
    if there:
        return there[0].id
    raise ConflictError(_("Nobody is there to stand in."), rule="area.stand_in_serves")


@recurs("areas", every=timedelta(hours=1))
def take_turns(at: datetime) -> None:
    """Whose day has come takes over, and whose has gone gives back."""
    rows = Area.objects.unscoped().filter(until__isnull=True, cover_from__isnull=False).order_by("pk")
    one_by_one(rows, lambda row: _turn(row, at))


def _turn(row: Area, at: datetime) -> None:
    today = today_at(row.project_id, at)
    since, until = row.cover_from, row.cover_until
    if until is not None and until <= today:
        _set(row, on=False, since=None, until=None, actor=SYSTEM, at=at)
    elif since is not None and since <= today:
        _set(row, on=True, since=since, until=until, actor=SYSTEM, at=at)


def _with_stand_in(project_id: int, area_id: int) -> Area:
    row = open_area(project_id, area_id)
    if row.stand_in_id is None:
        raise ConflictError(_("Nobody stands in here."), rule="area.stand_in")
    return row


def _set(row: Area, *, on: bool, since: date | None, until: date | None, actor: Actor, at: datetime) -> Area:
    before = row.covered
    if (before, row.cover_from, row.cover_until) == (on, since, until):
        return row
    if (on or since is not None) and not serves(row.stand_in_id, row.project_id, COVERING):
        words = _("%(name)s does not serve here any more: let somebody else stand in.")
        raise ConflictError(words % {"name": name_of(row.stand_in_id)}, rule="area.stand_in_serves")
    row.covered, row.cover_from, row.cover_until = on, since, until
    row.save(update_fields=["covered", "cover_from", "cover_until"])
    told("area.cover" if on else "area.plan" if since else "area.uncover", row, None, actor, at)
    if before != on:
        cause = f"area:{row.pk}:{on}:{at.isoformat()}"
        refresh(project_id=row.project_id, building_ids=[row.building_id], actor=actor, at=at, cause=cause)
    return row
