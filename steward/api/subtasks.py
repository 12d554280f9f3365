"""Sub-tasks: a part of a case asked of others."""

from datetime import datetime
from typing import Any

from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext as _
from ninja import Router, Schema, Status
from pydantic import Field

from steward.api import present, schemas
from steward.api.reach import PROBLEMS, project_of_case, reached_project
from steward.api.service import Request, asked
from steward.cases import engine
from steward.casework import subtasks
from steward.casework.models import SubTask
from steward.kernel.errors import NotAllowedError
from steward.kernel.schema import Instant, Line, Text
from steward.registers.org.tree import place
from steward.web.http import actor_of

router = Router(tags=["sub-tasks"])


class SubTaskOut(Schema):
    id: int
    project: str
    case: str
    serial: int
    state: str
    what: str
    role: str
    assignee: schemas.Named | None
    contractor: str
    asked_at: datetime
    due_at: datetime | None
    report: str
    reported_by: str
    reported_at: datetime | None
    settled_at: datetime | None
    reason: str
    outcome: str


class AskIn(Request):
    what: Text = Field(max_length=300)
    colleague: int | None = Field(None, ge=1, le=2**53)
    role: str | None = Field(None, max_length=20)
    contractor: Line = Field("", max_length=80)
    due_at: Instant | None = None


class ReasonIn(Request):
    reason: Text = Field(max_length=300)


class ReportIn(Request):
    report: Text = Field(max_length=2000)
    photos: list[int] = Field([], max_length=12)


def _sub_task(row: SubTask) -> dict[str, Any]:
    of = ("id", "serial", "state", "what", "role", "contractor", "asked_at", "due_at")
    back = ("report", "reported_by", "reported_at", "settled_at", "reason", "outcome")
    return {
        **{name: getattr(row, name) for name in (*of, *back)},
        "project": place(row.project_id).code,
        "case": row.case.number,
        "assignee": present.named(row.assignee_id),
    }


def _of(request: HttpRequest, project: str, pk: int, payload: Request, *, data: bool = True) -> dict[str, Any]:
    actor = actor_of(request)
    found: dict[str, Any] = {"project_id": reached_project(project, actor), "pk": pk, "actor": actor}
    found |= {"at": timezone.now(), "client_uuid": payload.client_uuid}
    return found | ({"data": payload.model_dump(mode="json", exclude={"client_uuid"})} if data else {})


@router.get("/sub-tasks", response={200: list[SubTaskOut], **PROBLEMS})
def asked_of_me(request: HttpRequest) -> Any:
    """What others ask of me."""
    return [_sub_task(row) for row in subtasks.asked_of(actor_of(request))]


@router.get("/cases/{number}/sub-tasks", response={200: list[SubTaskOut], **PROBLEMS})
def of_case(request: HttpRequest, number: str) -> Any:
    actor = actor_of(request)
    case, _detail, _process = engine.load(project_of_case(number, actor), number, actor)
    if not actor.is_staff:
        raise NotAllowedError(_("This is not yours to do."), rule="case.role")
    rows = subtasks.of_case(case)
    for row in rows:
        row.case = case
    return [_sub_task(row) for row in rows]


@router.post("/cases/{number}/sub-tasks", response={201: SubTaskOut, **PROBLEMS})
def ask_others(request: HttpRequest, number: str, payload: AskIn) -> Any:
    """Ask a colleague, a department (a post), a contractor, or upward (posts `region`, `hq`) for a part of the case."""
    sent = asked(request, number, payload)
    return Status(201, _sub_task(subtasks.ask_subtask(**sent)))


@router.post("/sub-tasks/{project}/{pk}/accept", response={200: SubTaskOut, **PROBLEMS})
def accept_sub_task(request: HttpRequest, project: str, pk: int, payload: Request) -> Any:
    return _sub_task(subtasks.accept_subtask(**_of(request, project, pk, payload, data=False)))


@router.post("/sub-tasks/{project}/{pk}/report", response={200: SubTaskOut, **PROBLEMS})
def report_sub_task(request: HttpRequest, project: str, pk: int, payload: ReportIn) -> Any:
    return _sub_task(subtasks.report_subtask(**_of(request, project, pk, payload)))


@router.post("/sub-tasks/{project}/{pk}/decline", response={200: SubTaskOut, **PROBLEMS})
def decline_sub_task(request: HttpRequest, project: str, pk: int, payload: ReasonIn) -> Any:
    return _sub_task(subtasks.decline_subtask(**_of(request, project, pk, payload)))


@router.post("/sub-tasks/{project}/{pk}/confirm", response={200: SubTaskOut, **PROBLEMS})
def confirm_sub_task(request: HttpRequest, project: str, pk: int, payload: Request) -> Any:
    return _sub_task(subtasks.confirm_subtask(**_of(request, project, pk, payload, data=False)))


@router.post("/sub-tasks/{project}/{pk}/return", response={200: SubTaskOut, **PROBLEMS})
def return_sub_task(request: HttpRequest, project: str, pk: int, payload: ReasonIn) -> Any:
    return _sub_task(subtasks.return_subtask(**_of(request, project, pk, payload)))


@router.post("/sub-tasks/{project}/{pk}/drop", response={200: SubTaskOut, **PROBLEMS})
def drop_sub_task(request: HttpRequest, project: str, pk: int, payload: ReasonIn) -> Any:
    return _sub_task(subtasks.drop_subtask(**_of(request, project, pk, payload)))
