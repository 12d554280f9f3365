"""Who is not there: the register of absences."""

from datetime import datetime
from typing import Any

from django.db.models import Q
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext as _
from ninja import Router, Schema

from steward.api import present, schemas
from steward.api.reach import PROBLEMS
from steward.api.service import Request
from steward.kernel.actor import Actor
from steward.kernel.errors import NotFoundError
from steward.registers.workforce import absences
from steward.registers.workforce.absence_models import Absence
from steward.web.http import actor_of

router = Router(tags=["absences"])
MOST = 500


class AbsenceOut(Schema):
    """Half-open; ``until`` null: until further notice."""

    id: int
    staff: schemas.Named | None
    kind: str
    since: datetime
    until: datetime | None
    reason: str
    cancelled_at: datetime | None


class AbsenceIn(absences.AbsenceData, Request):
    pass


class CancelIn(absences.Cancelling, Request):
    pass


def _out(row: Absence) -> dict[str, Any]:
    kept = ("id", "kind", "since", "until", "reason", "cancelled_at")
    return {**{name: getattr(row, name) for name in kept}, "staff": present.named(row.staff_id)}


def _keeper(request: HttpRequest) -> Actor:
    """Raises NotFoundError for whoever keeps no register."""
    actor = actor_of(request)
    if not absences.keeps(actor):
        raise NotFoundError(_("There is no such page."))
    return actor


@router.get("/absences", response={200: list[AbsenceOut], **PROBLEMS})
def read(request: HttpRequest) -> Any:
    """Now and to come, of the colleagues whose register one keeps; at most 500."""
    actor = _keeper(request)
    people = [c.id for c in absences.of_reach(actor)]
    ahead = Q(until__isnull=True) | Q(until__gt=timezone.now())
    rows = Absence.objects.filter(ahead, staff_id__in=people, cancelled_at__isnull=True)
    return [_out(row) for row in rows.order_by("since", "pk")[:MOST]]


@router.post("/absences", response={200: AbsenceOut, **PROBLEMS})
def enter(request: HttpRequest, payload: AbsenceIn) -> Any:
    """Enter an absence by days of the colleague's place; the same request again is the same absence."""
    actor = _keeper(request)
    data = absences.AbsenceData.model_validate(payload.model_dump(include=set(absences.AbsenceData.model_fields)))
    return _out(absences.enter(data=data, actor=actor, at=timezone.now(), client_uuid=payload.client_uuid))


@router.post("/absences/{pk}/cancel", response={200: AbsenceOut, **PROBLEMS})
def cancel(request: HttpRequest, pk: int, payload: CancelIn) -> Any:
    """Call off, or end one that runs; again: the same answer."""
    actor = _keeper(request)
    data = absences.Cancelling(why=payload.why)
    return _out(absences.cancel(absence_id=pk, data=data, actor=actor, at=timezone.now()))
