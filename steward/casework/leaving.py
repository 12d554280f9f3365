"""A colleague leaves: what they answer for goes to somebody first, case by case and area by area."""

from datetime import datetime
from typing import Annotated
from uuid import UUID, uuid5

from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from pydantic import Field

from steward.cases.models import Case
from steward.casework.handovers import force_all
from steward.casework.models import HandoverCause
from steward.kernel.actor import Actor
from steward.kernel.errors import InvalidError, NotAllowedError
from steward.kernel.models import in_projects
from steward.kernel.schema import Data, OptionalId, Text, ask
from steward.kernel.scope import ScopedQuerySet
from steward.registers.org.models import Level
from steward.registers.org.tree import tree
from steward.registers.workforce import areas
from steward.registers.workforce.assignments import staff_of
from steward.registers.workforce.authority import ensure_place
from steward.registers.workforce.models import Area, Staff
from steward.registers.workforce.staffing import release


class Leave(Data):
    receiver: OptionalId = ask(
        None,
        title=_("Who takes over"),
        kind="staff",
        description=_("Open cases and areas of responsibility go to this colleague."),
    )
    reason: Annotated[Text, Field(min_length=2, max_length=300)] = ask(title=_("Reason"))


def open_work(staff_id: int) -> dict[int, tuple[int, int]]:
    """Project → (open cases answered for, areas looked after or covered). Two queries."""
    every = in_projects(frozenset(p.id for p in tree().places.values() if p.level == Level.PROJECT))
    found: dict[int, tuple[int, int]] = {}
    cases = Case.objects.unscoped().filter(every, closed_at__isnull=True, is_imported=False, accountable_id=staff_id)
    for project_id in cases.values_list("project_id", flat=True):
        n, m = found.get(project_id, (0, 0))
        found[project_id] = (n + 1, m)
    for project_id in _areas(staff_id).values_list("project_id", flat=True):
        n, m = found.get(project_id, (0, 0))
        found[project_id] = (n, m + 1)
    return found


def _areas(staff_id: int) -> ScopedQuerySet[Area]:
    mine = Q(butler_id=staff_id) | Q(stand_in_id=staff_id)
    return Area.objects.unscoped().filter(mine, until__isnull=True)


def leave(*, staff_id: int, data: Leave, actor: Actor, at: datetime, client_uuid: UUID) -> Staff:
    """Hand everything open over, then release. Stopped half-way, the same request again does the rest.

    Raises InvalidError (open work and nobody named, or somebody who cannot take it), NotAllowedError, NotFoundError.
    """
    who = staff_of(staff_id, actor)
    ensure_place(actor, who.node_id)
    if actor.staff_id is not None and actor.staff_id == who.pk:
        raise NotAllowedError(_("Nobody releases oneself."), rule="staff.not_oneself")
    work = open_work(staff_id)
    if work and data.receiver is None:
        raise InvalidError({"receiver": _("Open cases or areas are left: say who takes them over.")})
    for project_id, (cases, held) in sorted(work.items()):
        assert data.receiver is not None
        if cases:
            force_all(
                project_id=project_id,
                giver_id=staff_id,
                data={"receiver": data.receiver, "reason": data.reason, "cause": HandoverCause.LEFT},
                actor=actor,
                at=at,
                client_uuid=uuid5(client_uuid, str(project_id)),
            )
        if held:
            _pass_areas(project_id, staff_id, data.receiver, actor, at)
    return release(staff_id=staff_id, reason=data.reason, actor=actor, at=at)


def _pass_areas(project_id: int, giver: int, receiver: int, actor: Actor, at: datetime) -> None:
    for row in _areas(giver).filter(project_id=project_id):
        butler = receiver if row.butler_id == giver else row.butler_id
        stand_in = row.stand_in_id if row.stand_in_id not in (giver, butler) else None
        try:
            areas.assign(
                project_id=project_id,
                building_id=row.building_id,
                entrance=row.entrance,
                floor=row.floor,
                butler_id=butler,
                stand_in_id=stand_in,
                actor=actor,
                at=at,
            )
        except InvalidError as refused:
            raise InvalidError({"receiver": next(iter(refused.fields.values()))}) from refused
