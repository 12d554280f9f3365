"""The night: the on-call list, whom to ring for a case, and the two ways to take one."""

import uuid
from datetime import date, datetime, timedelta
from typing import Annotated, Any, Literal

from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext as _
from ninja import Query, Router, Schema, Status
from pydantic import Field

from steward.api import present, schemas
from steward.api.reach import PROBLEMS, project_of_case, reached_project
from steward.api.service import Request, asked
from steward.cases import engine
from steward.casework.accountability import oncall
from steward.casework.accountability.oncall import Callee
from steward.casework.intake import night
from steward.casework.models import Ring
from steward.kernel.errors import InvalidError, NotAllowedError, NotFoundError
from steward.kernel.schema import Line
from steward.registers.workforce import oncall as lists
from steward.registers.workforce.oncall import Entry, OnDuty
from steward.web.http import actor_of

router = Router(tags=["on call"])
MOST_NIGHTS = 31
Seen = Annotated[
    int | None, Field(ge=1, le=2**53, description="Serial of the ring as read; none: nobody was being rung.")
]


class OnDutyOut(Schema):
    post: str
    staff: schemas.Named | None
    name: str
    phone: str
    stand_in: schemas.Named | None
    stand_in_phone: str
    away: bool
    stand_in_away: bool


class NightOut(Schema):
    """One night; ``gaps`` are posts and trades that nobody covers."""

    day: date
    on_call: list[OnDutyOut]
    gaps: list[str]


class EntryIn(Schema):
    staff: int | None = Field(None, ge=1, le=2**53)
    name: Line = Field("", max_length=60)
    phone: Line = Field("", max_length=30)
    stand_in: int | None = Field(None, ge=1, le=2**53)
    stand_in_phone: Line = Field("", max_length=30)


class NightIn(Schema):
    entries: dict[str, EntryIn]


class RingOut(Schema):
    serial: int
    post: str
    staff: schemas.Named | None
    name: str
    phone: str
    state: str
    rung_at: datetime
    due_at: datetime | None
    answered_at: datetime | None
    note: str


class CalleeOut(Schema):
    """Somebody left to ring; ``to`` names the person in a request."""

    to: str
    name: str
    phone: str
    post: str
    fits: bool


class RingsOut(Schema):
    rings: list[RingOut]
    left: list[CalleeOut]


class RungOut(Schema):
    case: str
    state: str
    ring: RingOut | None
    refusal: str


class RingIn(Request):
    seen: Seen = None
    outcome: Literal["no_answer", "declined"] = "no_answer"
    to: Line = Field("", max_length=60)
    note: Line = Field("", max_length=200)


class ComesIn(Request):
    seen: Seen = None
    note: Line = Field("", max_length=200)


class MorningOut(Schema):
    case: str
    calls_by: datetime | None


class NightsQuery(Schema):
    project: Line = Field(max_length=12)
    since: date | None = Field(None, description="The first night; tonight where it is left out.")
    days: int = Field(7, ge=1, le=MOST_NIGHTS)


def _duty(row: OnDuty) -> dict[str, Any]:
    return {
        "post": row.post,
        "staff": present.named(row.staff_id),
        "name": row.name,
        "phone": row.phone,
        "stand_in": present.named(row.stand_in_id),
        "stand_in_phone": row.stand_in_phone,
        "away": row.is_away,
        "stand_in_away": row.stand_in_away,
    }


def _ring(row: Ring) -> dict[str, Any]:
    kept = ("serial", "post", "name", "phone", "state", "rung_at", "due_at", "answered_at", "note")
    return {**{name: getattr(row, name) for name in kept}, "staff": present.named(row.staff_id)}


def _callee(row: Callee) -> dict[str, Any]:
    return {"to": row.key, "name": row.name, "phone": row.phone, "post": row.post, "fits": row.fits}


def _rung(done: oncall.Rung) -> dict[str, Any]:
    ring = _ring(done.ring) if done.ring is not None else None
    return {"case": done.case.number, "state": done.case.state, "ring": ring, "refusal": done.refusal}


def _night(project_id: int, day: date, rows: list[OnDuty], at: datetime) -> dict[str, Any]:
    missing = [gap.what for gap in lists.gaps(project_id, rows, at)]
    return {"day": day, "on_call": [_duty(row) for row in rows], "gaps": missing}


@router.get("/on-call", response={200: list[NightOut], **PROBLEMS})
def nights(request: HttpRequest, query: Query[NightsQuery]) -> Any:
    """Who is on call, by night; what nobody covers."""
    actor, now = actor_of(request), timezone.now()
    if not actor.is_staff:
        raise NotFoundError(_("There is no such page."))
    project_id = reached_project(query.project, actor)
    first = query.since or lists.duty_date(project_id, now)
    if first > date.max - timedelta(days=MOST_NIGHTS):
        raise InvalidError({"since": _("This date is too far away.")})
    known = lists.on_call_of(project_id, [first + timedelta(days=n) for n in range(query.days)])
    return [_night(project_id, day, rows, now) for day, rows in known.items()]


@router.post("/on-call/{project}/{day}", response={200: NightOut, **PROBLEMS})
def set_night(request: HttpRequest, project: str, day: date, payload: NightIn) -> Any:
    """The list of a night, whole: posts left out are empty. The same again changes nothing."""
    actor, now = actor_of(request), timezone.now()
    project_id = reached_project(project, actor)
    entries = {
        post: Entry(e.staff, e.name, e.phone, e.stand_in, e.stand_in_phone) for post, e in payload.entries.items()
    }
    rows = lists.set_on_call(project_id=project_id, day=day, entries=entries, actor=actor, at=now)
    return _night(project_id, day, rows, now)


@router.get("/cases/{number}/on-call", response={200: RingsOut, **PROBLEMS})
def rings(request: HttpRequest, number: str) -> Any:
    """Who was rung for this case, and who is left."""
    actor = actor_of(request)
    case, _detail, _process = engine.load(project_of_case(number, actor), number, actor)
    if not actor.is_staff:
        raise NotAllowedError(_("This is not yours to do."), rule="case.role")
    rung = oncall.of_case(case)
    left = oncall.left_to_ring(case, rung, timezone.now())
    return {"rings": [_ring(r) for r in rung], "left": [_callee(c) for c in left]}


@router.post("/cases/{number}/on-call/ring", response={200: RungOut, **PROBLEMS})
def ring_next(request: HttpRequest, number: str, payload: RingIn) -> Any:
    """Ring the next on the list, or ``to``; whoever was rung before (`seen`) did not come (`outcome`).

    409 `oncall.as_seen`: somebody else is being rung, or comes, since that was read.
    """
    return _rung(oncall.ring_on_call(**asked(request, number, payload)))


@router.post("/cases/{number}/on-call/comes", response={200: RingOut, **PROBLEMS})
def comes(request: HttpRequest, number: str, payload: ComesIn) -> Any:
    """Whoever is being rung (`seen`) comes: no alarm any more."""
    return _ring(oncall.confirm_on_call(**asked(request, number, payload)))


def _taken(request: HttpRequest, payload: schemas.CaseIn) -> dict[str, Any]:
    actor = actor_of(request)
    sent = payload.model_dump(mode="json", exclude_unset=True)
    key: uuid.UUID = payload.client_uuid
    data = {name: value for name, value in sent.items() if name not in ("client_uuid", "project", "kind")}
    project_id = reached_project(payload.project, actor)
    if not actor.is_staff:
        raise NotAllowedError(_("This is not yours to do."), rule="case.role")
    named = {"project_id": project_id, "kind": payload.kind, "actor": actor, "client_uuid": key}
    return {**named, "at": timezone.now(), "data": data}


@router.post("/night/urgent", response={201: RungOut, **PROBLEMS})
def urgent(request: HttpRequest, payload: schemas.CaseIn) -> Any:
    """Take a case at night as urgent: the first on call is rung and given the job."""
    return Status(201, _rung(night.receive_urgent(**_taken(request, payload))))


@router.post("/night/morning", response={201: MorningOut, **PROBLEMS})
def morning(request: HttpRequest, payload: schemas.CaseIn) -> Any:
    """Take a case at night for the morning: the customer is told by when somebody calls."""
    case, by = night.receive_for_morning(**_taken(request, payload))
    return Status(201, {"case": case.number, "calls_by": by})
