"""Incidents: one cause, many cases; and the rain that leaks are called about again after."""

from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext as _
from ninja import Query, Router, Schema, Status
from pydantic import Field

from steward.api import present, schemas
from steward.api.reach import PROBLEMS, project_of_case, reached_project
from steward.api.service import Request
from steward.assurance.incidents import verbs
from steward.assurance.incidents.shared import check
from steward.assurance.models import Incident
from steward.kernel.actor import Actor
from steward.kernel.errors import InvalidError, NotAllowedError
from steward.kernel.schema import Instant, Line, Text
from steward.registers.estate import weather
from steward.registers.estate.models import Building, RainDay
from steward.registers.org.tree import place
from steward.web.http import actor_of

router = Router(tags=["incidents"])
MOST = 50


class IncidentOut(Schema):
    number: str
    project: str
    title: str
    place: str
    urgency: str
    words: str
    cause: str
    accountable: schemas.Named | None
    handler: schemas.Named | None
    started_at: datetime
    expected_at: datetime | None
    opened_at: datetime
    closed_at: datetime | None
    version: int


class ClosedOut(IncidentOut):
    """``done``: cases completed with it; ``waits``: of these, those one of ours has to accept first (common parts);
    ``left``: those that stay open, each with the reason."""

    done: list[str]
    waits: list[str]
    left: dict[str, str]


class CallerOut(Schema):
    case: str


class IncidentIn(Request):
    """``building``: its code; empty: the whole project. ``cases``: numbers of those who called already."""

    project: Line = Field(min_length=1, max_length=12)
    title: Line = Field(max_length=80)
    words: Text = Field(max_length=300)
    category: Line = Field("", max_length=40)
    urgency: Line = Field("P1", max_length=2)
    building: Line = Field("", max_length=20)
    entrance: Line = Field("", max_length=10)
    floor_from: int | None = Field(None, ge=-20, le=200)
    floor_to: int | None = Field(None, ge=-20, le=200)
    cause: Line = Field("", max_length=300)
    started_at: Instant | None = None
    expected_at: Instant | None = None
    handler: int | None = Field(None, ge=1, le=2**53)
    cases: list[Line] = Field([], max_length=100)


class LinkIn(Request):
    case: Line = Field(min_length=1, max_length=40)


class LeaveIn(LinkIn):
    reason: Line = Field(max_length=200)


class NewsIn(Request):
    words: Text = Field(max_length=300)
    expected_at: Instant | None = None


class CloseIn(Request):
    words: Text = Field(max_length=300)
    cause: Line = Field("", max_length=300)
    ended_at: Instant | None = None


class CallerIn(Request):
    unit: Line = Field("", max_length=60)
    reporter_name: Line = Field("", max_length=60)
    reporter_phone: Line = Field("", max_length=20)
    description: Text = Field("", max_length=2000)
    channel: Line = Field("phone", max_length=10)


class IncidentQuery(Schema):
    project: Line = Field("", max_length=12)


def _incident(row: Incident) -> dict[str, Any]:
    kept = ("number", "title", "place", "urgency", "words", "cause", "version")
    times = ("started_at", "expected_at", "opened_at", "closed_at")
    return {
        **{name: getattr(row, name) for name in (*kept, *times)},
        "project": place(row.project_id).code,
        "accountable": present.named(row.accountable_id),
        "handler": present.named(row.handler_id),
    }


def _sent(payload: Request, *leave_out: str) -> dict[str, Any]:
    """What was filled in; the verb has its own preset for the rest."""
    raw = payload.model_dump(mode="json", exclude={"client_uuid", *leave_out})
    return {name: value for name, value in raw.items() if value not in ("", None)}


def _of(request: HttpRequest, number: str, payload: Request) -> dict[str, Any]:
    actor = actor_of(request)
    found: dict[str, Any] = {"project_id": project_of_case(number, actor), "number": number, "actor": actor}
    return found | {"at": timezone.now(), "client_uuid": payload.client_uuid}


def _office(actor: Actor) -> None:
    """Causes and names are for the house; residents read the words of an incident in their portal."""
    if not actor.is_staff:
        raise NotAllowedError(_("This is not yours to do."), rule="incident.role")


def _building(code: str, project_id: int, actor: Actor) -> int:
    found = Building.objects.visible_to(actor).filter(project_id=project_id, code=code).first()
    if found is None:
        raise InvalidError({"building": _("There is no such building here.")})
    return found.pk


@router.get("/incidents", response={200: list[IncidentOut], **PROBLEMS})
def open_incidents(request: HttpRequest, query: Query[IncidentQuery]) -> Any:
    """Incidents that are not over, the newest first."""
    actor = actor_of(request)
    _office(actor)
    rows = Incident.objects.visible_to(actor).filter(closed_at__isnull=True)
    if query.project:
        rows = rows.filter(project_id=reached_project(query.project, actor))
    return [_incident(row) for row in rows.order_by("-opened_at", "-pk")[:MOST]]


@router.post("/incidents", response={201: IncidentOut, **PROBLEMS})
def open_incident(request: HttpRequest, payload: IncidentIn) -> Any:
    """Open one and tell everybody affected."""
    actor = actor_of(request)
    project_id = reached_project(payload.project, actor)
    check(actor, project_id)
    data = _sent(payload, "project", "building")
    if payload.building:
        data["building"] = _building(payload.building, project_id, actor)
    now = timezone.now()
    row = verbs.open_incident(project_id=project_id, actor=actor, at=now, client_uuid=payload.client_uuid, data=data)
    return Status(201, _incident(row))


@router.get("/incidents/{number}", response={200: IncidentOut, **PROBLEMS})
def one_incident(request: HttpRequest, number: str) -> Any:
    actor = actor_of(request)
    row = verbs.load(project_id=project_of_case(number, actor), number=number, actor=actor)
    _office(actor)
    return _incident(row)


@router.post("/incidents/{number}/callers", response={201: CallerOut, **PROBLEMS})
def add_caller(request: HttpRequest, number: str, payload: CallerIn) -> Any:
    """One more who calls about it: a case of their own, linked at once."""
    case = verbs.add_caller(**_of(request, number, payload), data=_sent(payload))
    return Status(201, {"case": case.number})


@router.post("/incidents/{number}/cases", response={200: IncidentOut, **PROBLEMS})
def link_case(request: HttpRequest, number: str, payload: LinkIn) -> Any:
    """A case that has this cause."""
    return _incident(verbs.link_case(**_of(request, number, payload), case_number=payload.case))


@router.post("/incidents/{number}/leave", response={200: IncidentOut, **PROBLEMS})
def unlink_case(request: HttpRequest, number: str, payload: LeaveIn) -> Any:
    """A case whose cause is another goes its own way."""
    sent = _of(request, number, payload)
    return _incident(verbs.unlink_case(**sent, case_number=payload.case, data={"reason": payload.reason}))


@router.post("/incidents/{number}/on-site", response={200: IncidentOut, **PROBLEMS})
def on_site(request: HttpRequest, number: str, payload: Request) -> Any:
    """One arrival for all its cases."""
    return _incident(verbs.on_site(**_of(request, number, payload)))


@router.post("/incidents/{number}/news", response={200: IncidentOut, **PROBLEMS})
def tell_news(request: HttpRequest, number: str, payload: NewsIn) -> Any:
    """News, or an honest new time: to everybody affected, once."""
    return _incident(verbs.tell_news(**_of(request, number, payload), data=_sent(payload)))


@router.post("/incidents/{number}/close", response={200: ClosedOut, **PROBLEMS})
def close_incident(request: HttpRequest, number: str, payload: CloseIn) -> Any:
    """Over: its cases are completed by their own process, each keeps its callback, everybody affected is told."""
    closing = verbs.close_incident(**_of(request, number, payload), data=_sent(payload))
    return _incident(closing.incident) | {"done": closing.done, "waits": closing.waits, "left": closing.left}


class RainOut(Schema):
    project: str
    day: date
    millimetres: Decimal


class RainIn(Request):
    """A day of the weather log; ``reason`` where a day on record is corrected."""

    day: date
    millimetres: Decimal = Field(ge=0, le=2000, max_digits=6, decimal_places=1)
    reason: Line = Field("", max_length=200)


def _rain(row: RainDay) -> dict[str, Any]:
    return {"project": place(row.project_id).code, "day": row.day, "millimetres": row.millimetres}


@router.post("/rain/{project}", response={200: RainOut, **PROBLEMS}, tags=["rain"])
def record_rain(request: HttpRequest, project: str, payload: RainIn) -> Any:
    """Type in a day; the same again changes nothing. After enough rain, leaks are called about again."""
    actor = actor_of(request)
    row = weather.record_rain(
        project_id=reached_project(project, actor),
        day=payload.day,
        millimetres=payload.millimetres,
        reason=payload.reason,
        actor=actor,
        at=timezone.now(),
    )
    return _rain(row)
