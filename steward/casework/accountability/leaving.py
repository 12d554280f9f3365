"""A colleague leaves: what they answer for goes to somebody first, case by case and area by area."""

from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Any, Final
from uuid import UUID, uuid5

from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from pydantic import Field

from steward.cases.models import Case
from steward.casework.accountability.handovers import force_all
from steward.casework.accountability.jobs import is_job
from steward.casework.models import HandoverCause, SubTask, SubTaskState
from steward.kernel.actor import SYSTEM, Actor
from steward.kernel.errors import ConflictError, InvalidError
from steward.kernel.facts import listens
from steward.kernel.models import ProjectRow, in_projects
from steward.kernel.schema import Data, OptionalId, Text, ask
from steward.kernel.scope import ScopedQuerySet
from steward.registers.estate.models import Unit
from steward.registers.org.models import Level
from steward.registers.org.tree import tree
from steward.registers.workforce import areas, standins
from steward.registers.workforce.assignments import staff_of
from steward.registers.workforce.models import Area, Staff
from steward.registers.workforce.nights import pass_nights
from steward.registers.workforce.staffing import ELSEWHERE, OPEN_WORK, StaffLeaves, ensure_may_release, release

OWED: Final = (SubTaskState.ASKED, SubTaskState.ACCEPTED)


class Leave(Data):
    receiver: OptionalId = ask(
        None,
        title=_("Who takes over"),
        kind="staff",
        description=_("Open cases and areas of responsibility go to this colleague."),
    )
    nights: OptionalId = ask(
        None,
        title=_("Who takes the nights on call"),
        kind="staff",
        description=_("Empty: the stand-in of each night, or a gap that the on-call list shows."),
    )
    reason: Annotated[Text, Field(min_length=2, max_length=300)] = ask(title=_("Reason"))


@dataclass(frozen=True, slots=True)
class Work:
    """What one colleague has open in a project. Cases answered for, areas and homes are handed over in one go; jobs
    in hand and sub-tasks are given to somebody who can do them, each by itself."""

    cases: int = 0
    areas: int = 0
    homes: int = 0
    jobs: int = 0
    subtasks: int = 0

    @property
    def passes_on(self) -> bool:
        return bool(self.cases or self.areas or self.homes)

    @property
    def in_hand(self) -> bool:
        return bool(self.jobs or self.subtasks)


def open_work(staff_id: int, actor: Actor = SYSTEM) -> dict[int, Work]:
    """Project → what is open of theirs, as far as the actor sees it; by default all of it. Four queries."""
    found: dict[int, Counter[str]] = defaultdict(Counter)
    for project_id, what in _each(staff_id, actor):
        found[project_id][what] += 1
    return {project_id: Work(**counted) for project_id, counted in found.items()}


def _each(staff_id: int, actor: Actor) -> Iterator[tuple[int, str]]:
    cases = _rows(Case, actor).filter(
        Q(accountable_id=staff_id) | Q(handler_id=staff_id), closed_at__isnull=True, is_imported=False
    )
    for project_id, kind, state, mine, hand in cases.values_list(
        "project_id", "kind", "state", "accountable_id", "handler_id"
    ):
        if mine == staff_id:
            yield project_id, "cases"
        if hand == staff_id and is_job(kind, state):
            yield project_id, "jobs"
    for what, rows in (
        ("areas", _areas(staff_id, actor)),
        ("homes", _rows(Unit, actor).filter(butler_staff_id=staff_id)),
        ("subtasks", _rows(SubTask, actor).filter(assignee_id=staff_id, state__in=OWED)),
    ):
        for project_id in rows.values_list("project_id", flat=True):
            yield project_id, what


def _rows(model: type[ProjectRow], actor: Actor) -> ScopedQuerySet[Any]:
    if not actor.is_system:
        return model.objects.visible_to(actor)
    every = frozenset(p.id for p in tree().places.values() if p.level == Level.PROJECT)
    return model.objects.unscoped().filter(in_projects(every))


def _areas(staff_id: int, actor: Actor = SYSTEM) -> ScopedQuerySet[Area]:
    mine = Q(butler_id=staff_id) | Q(stand_in_id=staff_id)
    return _rows(Area, actor).filter(mine, until__isnull=True)


@listens(StaffLeaves)
def refuse_with_open_work(fact: StaffLeaves) -> None:
    """Whatever way somebody is released, and whoever sees it or not."""
    if open_work(fact.staff_id):
        raise ConflictError(_("Work of theirs is still open: it is handed over first."), rule=OPEN_WORK)


def leave(*, staff_id: int, data: Leave, actor: Actor, at: datetime, client_uuid: UUID) -> Staff:
    """Hand everything open over, then release. Stopped half-way, the same request again does the rest.

    Raises InvalidError (open work and nobody named, or somebody who cannot take it), ConflictError (jobs in hand, or
    work out of the actor's sight), NotAllowedError, NotFoundError.
    """
    who = staff_of(staff_id, actor)
    ensure_may_release(who, actor)
    work = open_work(staff_id)
    if not actor.is_system and open_work(staff_id, actor) != work:
        raise ConflictError(
            _("Work is open out of your sight: the level above releases this colleague."), rule=ELSEWHERE
        )
    if any(w.in_hand for w in work.values()):
        raise ConflictError(_("Jobs and sub-tasks in hand are given to somebody else first."), rule=OPEN_WORK)
    if work and data.receiver is None:
        raise InvalidError({"receiver": _("Open cases or areas are left: say who takes them over.")})
    todo = sorted(work.items(), key=lambda item: item[0])
    for project_id, left in todo:
        if (left.areas or left.homes) and data.receiver is not None:
            areas.ensure_butler("receiver", data.receiver, project_id)
    for project_id, left in todo:
        _hand_over(project_id, left, staff_id, data, actor, at, uuid5(client_uuid, str(project_id)))
    if data.nights is not None:
        pass_nights(giver_id=staff_id, receiver_id=data.nights, actor=actor, at=at)
    return release(staff_id=staff_id, reason=data.reason, actor=actor, at=at)


def _hand_over(project_id: int, left: Work, giver: int, data: Leave, actor: Actor, at: datetime, once: UUID) -> None:
    assert data.receiver is not None
    if left.cases:
        force_all(
            project_id=project_id,
            giver_id=giver,
            data={"receiver": data.receiver, "reason": data.reason, "cause": HandoverCause.LEFT},
            actor=actor,
            at=at,
            client_uuid=once,
        )
    if left.areas:
        _pass_areas(project_id, giver, data.receiver, actor, at)
    if left.homes:
        areas.pass_homes(project_id=project_id, giver_id=giver, receiver_id=data.receiver, actor=actor, at=at)


def _pass_areas(project_id: int, giver: int, receiver: int, actor: Actor, at: datetime) -> None:
    for row in _areas(giver).filter(project_id=project_id):
        if row.butler_id != giver:
            standins.pass_on(project_id=project_id, area_id=row.pk, receiver_id=receiver, actor=actor, at=at)
            continue
        areas.assign(
            project_id=project_id,
            building_id=row.building_id,
            entrance=row.entrance,
            floor=row.floor,
            butler_id=receiver,
            stand_in_id=row.stand_in_id if row.stand_in_id != receiver else None,
            actor=actor,
            at=at,
        )
