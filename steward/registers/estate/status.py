"""A unit comes to be something else on a day: dated, with a reason, never overwritten (MISSION EST-1)."""

from datetime import date, datetime
from typing import Annotated, Final
from uuid import UUID

from django.utils.translation import gettext_lazy as _
from pydantic import Field

from steward.kernel.actor import Actor, Role
from steward.kernel.audit import record
from steward.kernel.db import retrying
from steward.kernel.errors import ConflictError, InvalidError, NotAllowedError, NotFoundError
from steward.kernel.schema import Data, Text, ask
from steward.registers.estate.models import Unit, UnitStatus, UnitStatusChange
from steward.registers.org.tree import place

CHANGING: Final = (Role.DESK, Role.HEAD_BUTLER, Role.MANAGER, Role.REGION, Role.HQ)


class StatusData(Data):
    status: UnitStatus = ask(title=_("New status"))
    on: date = ask(title=_("Since"), kind="date")
    reason: Annotated[Text, Field(min_length=2, max_length=120)] = ask(title=_("Reason"))


def may_change(actor: Actor, project_id: int) -> bool:
    return actor.is_system or any(actor.has(role, project_id) for role in CHANGING)


def change_status(
    *, project_id: int, unit_id: int, data: StatusData, actor: Actor, at: datetime, client_uuid: UUID
) -> UnitStatusChange:
    """From that day on the unit is what ``data`` says. The same request again is the same change.

    Raises NotFoundError, NotAllowedError, InvalidError (a day ahead, or before the last change),
    ConflictError (it is that already).
    """
    if not actor.is_system and project_id not in actor.project_ids:
        raise NotFoundError(_("There is no such unit."))
    if not may_change(actor, project_id):
        raise NotAllowedError(_("This is not yours to do."), rule="unit.status_by")
    if data.on > at.astimezone(place(project_id).tz).date():
        raise InvalidError({"on": _("Not a day to come.")})

    def once() -> UnitStatusChange:
        unit = Unit.objects.in_project(project_id).select_for_update().filter(pk=unit_id).first()
        if unit is None:
            raise NotFoundError(_("There is no such unit."))
        rows = UnitStatusChange.objects.in_project(project_id).filter(unit=unit)
        known = rows.filter(client_uuid=client_uuid).first()
        if known is not None:
            return known
        last = rows.order_by("-on", "-pk").first()
        if last is not None and data.on < last.on:
            raise InvalidError({"on": _("Not before the last change, on %(day)s.") % {"day": last.on.isoformat()}})
        if unit.status == data.status:
            raise ConflictError(_("The unit has this status already."), rule="unit.status_differs")
        return _changed(unit, data, actor, at, client_uuid)

    return retrying(once)


def _changed(unit: Unit, data: StatusData, actor: Actor, at: datetime, client_uuid: UUID) -> UnitStatusChange:
    before = unit.status
    unit.status = data.status
    if data.status == UnitStatus.HANDED_OVER and unit.handed_over_on is None:
        unit.handed_over_on = data.on
    unit.save(update_fields=["status", "handed_over_on"])
    record(
        project_id=unit.project_id,
        actor=actor,
        at=at,
        what="unit.status",
        subject_kind="estate.unit",
        subject_id=unit.pk,
        label=unit.label,
        before={"status": str(before)},
        after={"status": str(data.status), "on": data.on.isoformat()},
        reason=data.reason,
    )
    return UnitStatusChange.objects.create(
        project_id=unit.project_id,
        unit=unit,
        before=before,
        after=data.status,
        on=data.on,
        note=data.reason,
        recorded_by=actor.key,
        recorded_by_name=actor.name[:60],
        recorded_at=at,
        client_uuid=client_uuid,
    )


def history_of(project_id: int, unit_id: int) -> list[UnitStatusChange]:
    """What the unit was since when, the latest first. One query."""
    rows = UnitStatusChange.objects.in_project(project_id).filter(unit_id=unit_id)
    return list(rows.order_by("-on", "-pk")[:50])
