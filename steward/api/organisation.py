"""Areas of responsibility, and the contractors of a project."""

from datetime import date, datetime
from typing import Any, Final

from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext as _
from ninja import Query, Router, Schema
from pydantic import Field

from steward.api import present, schemas
from steward.api.reach import PROBLEMS, reached_project
from steward.api.service import Request
from steward.insight import areas as told
from steward.kernel.actor import Actor
from steward.kernel.errors import InvalidError, NotFoundError
from steward.kernel.schema import Data, Line
from steward.registers.estate.models import Building
from steward.registers.org.tree import place
from steward.registers.party.models import office_projects
from steward.registers.workforce import areas, contractors, standins
from steward.registers.workforce.contractors import ContractorData, StaffData
from steward.registers.workforce.models import Area, Contractor, ContractorStaff
from steward.web.http import actor_of

router = Router(tags=["organisation"])
PAGE: Final = 50


class AreaOut(Schema):
    id: int
    project: str
    building: str
    entrance: str
    floor: str
    butler: schemas.Named | None
    stand_in: schemas.Named | None
    covered: bool
    cover_from: date | None
    cover_until: date | None
    since: datetime
    until: datetime | None


class GapOut(Schema):
    building: str
    entrance: str
    homes: int
    unattended: int


class AreasOut(Schema):
    areas: list[AreaOut]
    gaps: list[GapOut]


class EffectOut(Schema):
    homes: int
    cases: int
    callbacks: int
    unattended: int


class WhereIn(Data):
    project: Line = Field(min_length=1, max_length=12)
    building: Line = Field(min_length=1, max_length=20)
    entrance: Line = Field("", max_length=10)
    floor: Line = Field("", max_length=10)
    butler: int = Field(ge=1, le=2**53)


class AssignIn(WhereIn, Request):
    stand_in: int | None = Field(None, ge=1, le=2**53)


class DaysIn(Request):
    since: date
    until: date | None = None


class ContractorOut(Schema):
    id: int
    project: str
    name: str
    trade: str
    scope_of_work: str
    contract_no: str
    contract_from: date
    contract_until: date
    insurer: str
    policy_no: str
    insured_until: date | None
    contact: str
    phone: str
    ended_at: datetime | None


class ContractorsOut(Schema):
    items: list[ContractorOut]
    next_cursor: int | None


class ExpiryOut(Schema):
    contractor: int
    what: str
    subject: str
    on: date
    days_left: int
    urgent: bool


class SentOut(Schema):
    id: int
    name: str
    duty: str
    certificate: str
    certified_until: date | None
    left_at: datetime | None


class EngageIn(ContractorData, Request):
    project: Line = Field(min_length=1, max_length=12)


class SentIn(StaffData, Request):
    pass


class Listed(Schema):
    project: str = Field(max_length=12)
    ended: bool = False
    cursor: int = Field(0, ge=0, le=2**53)


def office_of(code: str, actor: Actor) -> int:
    """A project whose office the actor belongs to. Raises NotFoundError."""
    project_id = reached_project(code, actor)
    if not actor.is_staff or project_id not in office_projects(actor):
        raise NotFoundError(_("There is no such project."))
    return project_id


def _by_whom(request: HttpRequest) -> dict[str, Any]:
    return {"actor": actor_of(request), "at": timezone.now()}


def _area(row: Area) -> dict[str, Any]:
    of = ("id", "entrance", "floor", "covered", "cover_from", "cover_until", "since", "until")
    return {
        **{name: getattr(row, name) for name in of},
        "project": place(row.project_id).code,
        "building": row.building.code,
        "butler": present.named(row.butler_id),
        "stand_in": present.named(row.stand_in_id),
    }


def _where(payload: WhereIn, actor: Actor) -> dict[str, Any]:
    project_id = office_of(payload.project, actor)
    areas.ensure_may_set(actor, project_id)
    found = Building.objects.in_project(project_id).filter(code=payload.building).first()
    if found is None:
        raise InvalidError({"building": _("There is no such building here.")})
    place_ = {"entrance": payload.entrance, "floor": payload.floor, "butler_id": payload.butler}
    return {"project_id": project_id, "building_id": found.pk, **place_}


@router.get("/areas", response={200: AreasOut, **PROBLEMS})
def list_areas(request: HttpRequest, project: str) -> Any:
    """Who looks after which homes, and where nobody does."""
    actor = actor_of(request)
    project_id = office_of(project[:12], actor)
    rows = Area.objects.visible_to(actor).filter(project_id=project_id, until__isnull=True).select_related("building")
    gaps = told.board(project_id, actor).gaps
    return {
        "areas": [_area(row) for row in rows.order_by("building__code", "entrance", "floor")],
        "gaps": [
            {"building": g.building.code, "entrance": g.entrance, "homes": g.homes, "unattended": g.unattended}
            for g in gaps
        ],
    }


@router.post("/areas/preview", response={200: EffectOut, **PROBLEMS})
def preview_area(request: HttpRequest, payload: WhereIn) -> Any:
    """What would go to another butler; nothing is written."""
    actor = actor_of(request)
    where = _where(payload, actor)
    return told.effect_of(where["project_id"], areas.would_move(actor=actor, **where), actor)


@router.post("/areas", response={200: AreaOut, **PROBLEMS})
def assign_area(request: HttpRequest, payload: AssignIn) -> Any:
    """From now on this butler looks after it. The same again is the same area."""
    where = _where(payload, actor_of(request))
    return _area(areas.assign(stand_in_id=payload.stand_in, **where, **_by_whom(request)))


@router.post("/areas/{project}/{pk}/stand-in", response={200: AreaOut, **PROBLEMS})
def stand_in(request: HttpRequest, project: str, pk: int, payload: DaysIn) -> Any:
    """The stand-in takes over on a day; the butler is back on another."""
    project_id = office_of(project, actor_of(request))
    row = standins.cover_between(
        project_id=project_id, area_id=pk, since=payload.since, until=payload.until, **_by_whom(request)
    )
    return _area(row)


@router.post("/areas/{project}/{pk}/back", response={200: AreaOut, **PROBLEMS})
def butler_is_back(request: HttpRequest, project: str, pk: int, payload: Request) -> Any:
    """Also calls off days to come."""
    project_id = office_of(project, actor_of(request))
    return _area(standins.cover(project_id=project_id, area_id=pk, on=False, **_by_whom(request)))


@router.post("/areas/{project}/{pk}/end", response={200: AreaOut, **PROBLEMS})
def end_area(request: HttpRequest, project: str, pk: int, payload: Request) -> Any:
    """The wider area around it counts again, or nobody."""
    return _area(areas.end(project_id=office_of(project, actor_of(request)), area_id=pk, **_by_whom(request)))


def _contractor(row: Contractor) -> dict[str, Any]:
    kept = (*ContractorData.model_fields, "id", "ended_at")
    return {**{name: getattr(row, name) for name in kept}, "project": place(row.project_id).code}


def _sent(row: ContractorStaff) -> dict[str, Any]:
    return {name: getattr(row, name) for name in SentOut.model_fields}


@router.get("/contractors", response={200: ContractorsOut, **PROBLEMS})
def list_contractors(request: HttpRequest, query: Query[Listed]) -> Any:
    """The firms of a project by order of entry; ``ended``: those whose contract is over."""
    actor = actor_of(request)
    project_id = office_of(query.project, actor)
    rows = Contractor.objects.visible_to(actor).filter(
        project_id=project_id, ended_at__isnull=not query.ended, pk__gt=query.cursor
    )
    found = list(rows.order_by("pk")[: PAGE + 1])
    cursor = found[PAGE - 1].pk if len(found) > PAGE else None
    return {"items": [_contractor(row) for row in found[:PAGE]], "next_cursor": cursor}


@router.get("/contractors/expiring", response={200: list[ExpiryOut], **PROBLEMS})
def expiring(request: HttpRequest, project: str) -> Any:
    """Contracts, insurances and certificates that run out soon, or have; the nearest first."""
    found = contractors.expiring(project_id=office_of(project[:12], actor_of(request)), **_by_whom(request))
    return [
        {"contractor": e.contractor_id, "what": e.what, "subject": e.subject, "on": e.on, "urgent": e.urgent}
        | {"days_left": e.left}
        for e in found
    ]


@router.post("/contractors", response={200: ContractorOut, **PROBLEMS})
def engage(request: HttpRequest, payload: EngageIn) -> Any:
    """A contract; the same firm, trade and first day again brings it up to date."""
    project_id = office_of(payload.project, actor_of(request))
    data = ContractorData.model_validate(payload.model_dump(include=set(ContractorData.model_fields)))
    return _contractor(contractors.engage(project_id=project_id, data=data, **_by_whom(request)))


@router.post("/contractors/{project}/{pk}/end", response={200: ContractorOut, **PROBLEMS})
def end_contract(request: HttpRequest, project: str, pk: int, payload: Request) -> Any:
    project_id = office_of(project, actor_of(request))
    return _contractor(contractors.end_contract(project_id=project_id, contractor_id=pk, **_by_whom(request)))


@router.get("/contractors/{project}/{pk}/staff", response={200: list[SentOut], **PROBLEMS})
def whom_they_send(request: HttpRequest, project: str, pk: int) -> Any:
    actor = actor_of(request)
    row = contractors.get(project_id=office_of(project, actor), contractor_id=pk, actor=actor)
    people = ContractorStaff.objects.in_project(row.project_id).filter(contractor_id=pk)
    return [_sent(p) for p in people.order_by("pk")[:500]]


@router.post("/contractors/{project}/{pk}/staff", response={200: SentOut, **PROBLEMS})
def send_staff(request: HttpRequest, project: str, pk: int, payload: SentIn) -> Any:
    """Somebody the firm sends; the same name and phone again is brought up to date."""
    project_id = office_of(project, actor_of(request))
    data = StaffData.model_validate(payload.model_dump(include=set(StaffData.model_fields)))
    return _sent(contractors.send_staff(project_id=project_id, contractor_id=pk, data=data, **_by_whom(request)))
