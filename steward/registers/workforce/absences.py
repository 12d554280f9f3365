"""The register of absences 请假与离岗: entered for a colleague, called off, never deleted (MISSION ORG-3, DSK-2).

A butler's stand-in takes over for the days where the form says so, and gives back when it is called off.
"""

from collections.abc import Mapping
from datetime import UTC, date, datetime, time, timedelta
from typing import Annotated, Any, Final
from uuid import UUID
from zoneinfo import ZoneInfo

from django.utils.translation import gettext_lazy as _
from django.utils.translation import gettext_noop
from pydantic import BaseModel, ConfigDict, Field

from steward.kernel import policies
from steward.kernel.actor import Actor, Role
from steward.kernel.audit import record
from steward.kernel.db import retrying
from steward.kernel.errors import ConflictError, InvalidError, NotAllowedError, NotFoundError
from steward.kernel.policies import Policy
from steward.kernel.schema import Data, Id, Line, ask
from steward.registers.org.models import Level
from steward.registers.org.tree import Place, place, tree
from steward.registers.workforce.absence_models import Absence
from steward.registers.workforce.areas import COVERING, may_set, serves
from steward.registers.workforce.assignments import reaches
from steward.registers.workforce.away import away_between, span_words
from steward.registers.workforce.models import Area, Staff
from steward.registers.workforce.people import Colleague, colleagues, name_of
from steward.registers.workforce.standins import cover, cover_between

KEEPERS: Final = (Role.MANAGER, Role.HEAD_BUTLER, Role.REGION, Role.HQ)
#: Entered afterwards: somebody who called in sick yesterday. Farther back nobody is offered any more.
BACK: Final = timedelta(days=31)
AHEAD: Final = timedelta(days=366)


class Kind(BaseModel):
    """What the company calls it; ``private``: only whoever keeps the register reads the word, others read “absent”."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    name: Annotated[str, Field(min_length=2, max_length=40)]
    private: bool = False


KINDS: Final = Policy(
    key="absence.kinds",
    title=_("Kinds of absence"),
    type=Annotated[tuple[Kind, ...], Field(min_length=1, max_length=20)],
    preset=(
        Kind(name=gettext_noop("Annual leave")),
        Kind(name=gettext_noop("Sick leave"), private=True),
        Kind(name=gettext_noop("Personal leave"), private=True),
        Kind(name=gettext_noop("Training")),
        Kind(name=gettext_noop("Business trip")),
        Kind(name=gettext_noop("Time off in lieu")),
        Kind(name=gettext_noop("Off shift")),
    ),
    source="MISSION DSK-2 names ill, left and off shift; that illness is said to nobody else: PIPL, article 28",
)


class AbsenceData(Data):
    staff: Id = ask(title=_("Colleague"), kind="choice")
    kind: Annotated[Line, Field(min_length=2, max_length=40)] = ask(title=_("Kind of absence"), kind="choice")
    since: date = ask(title=_("First day"), kind="date")
    until: date | None = ask(None, title=_("Last day"), kind="date", description=_("Empty: until further notice."))
    from_time: time | None = ask(None, title=_("From, o'clock"), kind="time", description=_("Empty: the whole day."))
    to_time: time | None = ask(None, title=_("To, o'clock"), kind="time", description=_("On the last day."))
    cover: bool | None = ask(None, title=_("Stand-ins take over the areas of responsibility"))
    reason: Annotated[Line, Field(max_length=200)] = ask("", title=_("Reason"))


class Cancelling(Data):
    why: Annotated[Line, Field(min_length=2, max_length=200)] = ask(title=_("Why"))


def kinds_at(node_id: int, at: datetime) -> dict[str, Kind]:
    found = policies.in_force(KINDS, lineage=place(node_id).lineage, at=at).value
    return {kind.name: kind for kind in found}


def may_keep(actor: Actor, node_id: int) -> bool:
    where = tree().places.get(node_id)
    if where is None or actor.is_system:
        return actor.is_system
    if where.level == Level.PROJECT:
        return any(actor.has(role, where.id) for role in KEEPERS)
    return reaches(actor, node_id)


def keeps(actor: Actor) -> bool:
    return actor.is_system or bool(actor.projects_with(*KEEPERS))


def of_reach(actor: Actor) -> list[Colleague]:
    """Whose absences the actor keeps. No query."""
    return [c for c in colleagues().values() if c.is_active and may_keep(actor, c.node_id)]


def enter(*, data: AbsenceData, actor: Actor, at: datetime, client_uuid: UUID) -> Absence:
    """Raises NotFoundError, NotAllowedError, InvalidError (an unknown kind, days that cannot be, entered already)."""
    who = _whom(data.staff, actor)
    kind = kinds_at(who.node_id, at).get(data.kind)
    if kind is None:
        raise InvalidError({"kind": _("There is no such kind.")})
    since, until = instants(data, place(who.node_id), at)

    def once() -> Absence:
        known = Absence.objects.filter(client_uuid=client_uuid).first()
        if known is not None:
            return known
        # One at a time for a colleague: two forms at once would both find the days free.
        Staff.objects.select_for_update().get(pk=who.id)
        _ensure_free(who.id, since, until)
        row = Absence(
            staff_id=who.id,
            kind=kind.name,
            is_private=kind.private,
            since=since,
            until=until,
            reason=data.reason,
            entered_at=at,
            entered_by=actor.key,
            entered_by_name=actor.name,
            client_uuid=client_uuid,
        )
        row.covering = _cover(row, actor, at) if data.cover is not False else []
        row.save(force_insert=True)
        _told("absence.enter", row, {**_days(row), "covering": len(row.covering)}, actor, at)
        return row

    return retrying(once)


def cancel(*, absence_id: int, data: Cancelling, actor: Actor, at: datetime) -> Absence:
    """Called off, or over earlier than entered: what lies behind stays. Again: nothing more.

    Raises NotFoundError, NotAllowedError, ConflictError (over by itself).
    """

    def once() -> Absence:
        row = Absence.objects.select_for_update().filter(pk=absence_id).first()
        if row is None:
            raise NotFoundError(_("There is no such absence."))
        _whom(row.staff_id, actor)
        # Ended by this verb it has a reason, without being called off.
        if row.cancelled_at is not None or row.cancelled_why:
            return row
        if row.until is not None and row.until <= at:
            raise ConflictError(_("This absence is over: it stays on record."), rule="absence.over")
        if row.since < at:
            before = _days(row)
            row.until, row.cancelled_why = at, data.why
            row.save(update_fields=["until", "cancelled_why"])
            _told("absence.end", row, _days(row), actor, at, before=before, reason=data.why)
        else:
            row.cancelled_at, row.cancelled_by_name, row.cancelled_why = at, actor.name, data.why
            row.save(update_fields=["cancelled_at", "cancelled_by_name", "cancelled_why"])
            _told("absence.cancel", row, _days(row), actor, at, reason=data.why)
        _give_back(row, actor, at)
        return row

    return retrying(once)


def instants(data: AbsenceData, where: Place, at: datetime) -> tuple[datetime, datetime | None]:
    """Days as typed into a half-open stretch of the place's time. Raises InvalidError."""
    today = at.astimezone(where.tz).date()
    if not today - BACK <= data.since <= today + AHEAD:
        raise InvalidError({"since": _("Within the last month, or the coming year.")})
    if data.until is not None and not data.since <= data.until <= data.since + AHEAD:
        raise InvalidError({"until": _("Not before the first day, and within a year.")})
    if data.to_time is not None and data.until is None:
        raise InvalidError({"until": _("Say the day as well.")})
    since = _local(data.since, data.from_time or time(0), where.tz)
    if data.until is None:
        return since, None
    day = data.until if data.to_time else data.until + timedelta(days=1)
    until = _local(day, data.to_time or time(0), where.tz)
    if until <= since:
        raise InvalidError({"to_time": _("Later than it begins.")})
    return since, until


def _local(day: date, hour: time, tz: ZoneInfo) -> datetime:
    return datetime.combine(day, hour, tz).astimezone(UTC)


def _whom(staff_id: int, actor: Actor) -> Colleague:
    who = colleagues().get(staff_id)
    if who is None or not reaches(actor, who.node_id):
        raise NotFoundError(_("There is no such colleague."))
    if not may_keep(actor, who.node_id):
        raise NotAllowedError(_("This is not yours to do."), rule="absence.keeper")
    return who


def _ensure_free(staff_id: int, since: datetime, until: datetime | None) -> None:
    found = away_between([staff_id], since, until or since + AHEAD)
    if found:
        said = _("Entered already: %(words)s.") % {"words": span_words(staff_id, found[0].since, found[0].until)}
        raise InvalidError({"since": said})


# --- the butler's areas -------------------------------------------------------------------------------
def coverable(staff_id: int, since: datetime, until: datetime | None, actor: Actor) -> list[Area]:
    """The colleague's areas with a stand-in who is there. Two queries."""
    rows = Area.objects.unscoped().filter(until__isnull=True, butler_id=staff_id, stand_in__isnull=False)
    mine = [r for r in rows.filter(covered=False, cover_from__isnull=True).order_by("pk") if may_set_for(actor, r)]
    people = {r.stand_in_id for r in mine if r.stand_in_id}
    gone = {a.staff_id for a in away_between(people, since, until or since + AHEAD)} if people else set()
    return [r for r in mine if r.stand_in_id not in gone and serves(r.stand_in_id, r.project_id, COVERING)]


def may_set_for(actor: Actor, row: Area) -> bool:
    return may_set(actor, row.project_id)


def _cover(row: Absence, actor: Actor, at: datetime) -> list[list[int]]:
    """Whole days only: for some hours nobody changes hands."""
    if row.until is not None and row.until - row.since < timedelta(days=1):
        return []
    done = []
    for area in coverable(row.staff_id, row.since, row.until, actor):
        since, until = _cover_days(row, place(area.project_id), at)
        if until is None or until > since:
            cover_between(project_id=area.project_id, area_id=area.pk, since=since, until=until, actor=actor, at=at)
            done.append([area.project_id, area.pk])
    return done


def _cover_days(row: Absence, where: Place, at: datetime) -> tuple[date, date | None]:
    """The first day, not before today, and the day the butler is back."""
    first = max(row.since.astimezone(where.tz).date(), at.astimezone(where.tz).date())
    if row.until is None:
        return first, None
    back = row.until.astimezone(where.tz)
    return first, back.date() if back.time() == time(0) else back.date() + timedelta(days=1)


def _give_back(row: Absence, actor: Actor, at: datetime) -> None:
    """What somebody changed since is left as it is; where the stand-in has left, another row has the same days."""
    mine = Area.objects.unscoped().filter(butler_id=row.staff_id)
    taken = {_cover_of(area) for area in mine.filter(pk__in=[area for _project, area in row.covering])}
    for area in mine.filter(until__isnull=True).order_by("pk"):
        covered = area.covered or area.cover_from is not None
        if covered and _cover_of(area) in taken and may_set_for(actor, area):
            cover(project_id=area.project_id, area_id=area.pk, on=False, actor=actor, at=at)


def _cover_of(area: Area) -> tuple[int, int, str, str, date | None, date | None]:
    """Which place on which days, whoever stands in."""
    place_of = (area.project_id, area.building_id, area.entrance, area.floor)
    return *place_of, area.cover_from, area.cover_until


def _days(row: Absence) -> dict[str, Any]:
    """Days, not why: illness is nobody's business in the log."""
    return {"since": row.since.isoformat(), "until": row.until.isoformat() if row.until else None}


def _told(
    what: str,
    row: Absence,
    after: Mapping[str, Any],
    actor: Actor,
    at: datetime,
    *,
    before: Mapping[str, Any] | None = None,
    reason: str = "",
) -> None:
    node = colleagues()[row.staff_id].node_id
    record(
        project_id=node if place(node).level == Level.PROJECT else None,
        actor=actor,
        at=at,
        what=what,
        subject_kind="workforce.staff",
        subject_id=row.staff_id,
        before=before,
        after=after,
        personal={"name": name_of(row.staff_id), "kind": row.kind, "reason": row.reason},
        reason=reason,
    )
