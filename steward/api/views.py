"""``/api/v1``: each operation is one read or one verb."""

import uuid
from dataclasses import replace
from datetime import datetime
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.translation import gettext as _
from ninja import File, Form, NinjaAPI, Query, Schema, Status
from ninja.files import UploadedFile
from ninja.renderers import BaseRenderer
from pydantic import Field
from pydantic_core import to_json

from steward.api import present, schemas
from steward.api.auth import Bearer
from steward.cases import engine
from steward.cases.declare import REGISTRY, process_of
from steward.casework import queries
from steward.casework.clocks import beside
from steward.casework.clocks.lateness import is_late
from steward.casework.intake import opening
from steward.casework.intake.numbers import project_of
from steward.kernel.actor import Actor
from steward.kernel.errors import InvalidError, NotFoundError
from steward.kernel.files import store_picture
from steward.kernel.schema import Instant, Line, Text
from steward.registers.org.tree import Place, project_by_code
from steward.web.cases import CaseView, view_case
from steward.web.http import actor_of

PROBLEMS: dict[int, Any] = dict.fromkeys((400, 401, 403, 404, 409, 422), schemas.Problem)


class Renderer(BaseRenderer):
    """JSON as pydantic writes it: a fifth of the time of Python's own, which asks back for every instant."""

    media_type = "application/json"

    def render(self, request: HttpRequest, data: Any, *, response_status: int) -> bytes:
        return to_json(data, fallback=str)


api = NinjaAPI(
    title="Steward",
    version="1.0",
    description="Cases of property management: every client sees what its user may see and do, and no more.",
    auth=Bearer(),
    renderer=Renderer(),
    docs_url=None,
    urls_namespace="api",
)


def _answer(request: HttpRequest, data: Any, status: int = 200) -> HttpResponse:
    """What we made ourselves is not checked again at every request: the tests hold it against its schema."""
    return api.create_response(request, data, status=status)


def _project(code: str, actor: Actor) -> Place:
    found = project_by_code(code)
    if found is None or found.id not in actor.project_ids:
        raise NotFoundError(_("There is no such project."))
    return found


def _project_of_case(number: str, actor: Actor) -> int:
    found = project_of(number)
    if found is None or found.id not in actor.project_ids:
        raise NotFoundError(_("There is no such case."))
    return found.id


@api.get("/me", response={200: schemas.Me, **PROBLEMS}, by_alias=True, tags=["me"])
def me(request: HttpRequest) -> Any:
    """Who I am, and the projects I reach."""
    return present.me(actor_of(request), request.user.get_username())


@api.get("/processes", response={200: list[schemas.ProcessBrief], **PROBLEMS}, tags=["processes"])
def processes(request: HttpRequest) -> Any:
    """The kinds of case."""
    return [present.process_brief(p) for p in REGISTRY.values()]


class ProcessQuery(Schema):
    project: Line = Field("", max_length=12, description="Code of the project whose choices are wanted.")


@api.get("/processes/{kind}", response={200: schemas.ProcessOut, **PROBLEMS}, by_alias=True, tags=["processes"])
def process(request: HttpRequest, kind: str, query: Query[ProcessQuery]) -> Any:
    """States, actions with their input, deadlines: all a client needs to know.

    In the schemas of input, fields of kind `staff` take the `id` of one of `staff`; kinds `photos` and `signature`
    ids given out by `POST /files`; `code` and `flat_rate` the code of one of `prices`; `category` the code of one of
    `categories`. `quote_hash` and `amount` stand in the case's `detail`. With several projects, name one
    (`?project=`) to be told its colleagues, prices and own categories.
    """
    actor, found = actor_of(request), process_of(kind)
    if found is None:
        raise NotFoundError(_("There is no such kind of case."))
    only = next(iter(actor.project_ids)) if len(actor.project_ids) == 1 else None
    return present.process_whole(found, actor, _project(query.project, actor).id if query.project else only)


class CaseQuery(Schema):
    project: Line = ""
    kind: Line = Field("", max_length=20)
    state: Line = Field("", max_length=20)
    open: bool | None = Field(None, description="Still open, or closed.")
    overdue: bool | None = None
    assignee: Line = Field("", max_length=20, description="A staff id, or `me`.")
    cursor: Text = Field("", max_length=200)
    limit: int = Field(50, ge=1, le=queries.MAX_LIMIT)


@api.get("/cases", response={200: schemas.CasePage, **PROBLEMS}, tags=["cases"])
def list_cases(request: HttpRequest, query: Query[CaseQuery]) -> Any:
    """Cases I may see, the newest first."""
    actor = actor_of(request)
    wanted = queries.CaseFilter(
        projects=frozenset({_project(query.project, actor).id}) if query.project else frozenset(),
        kind=query.kind,
        states=(query.state,) if query.state else (),
        is_open=query.open,
        overdue_at=timezone.now() if query.overdue else None,
        handler_id=_assignee(query.assignee, actor),
    )
    page = queries.list_cases(actor, wanted, cursor=query.cursor or None, limit=query.limit)
    items = [present.brief(row) for row in page.items]
    return _answer(request, {"items": items, "next_cursor": page.next_cursor})


def _assignee(text: str, actor: Actor) -> int | None:
    if not text:
        return None
    if text == "me":
        return actor.staff_id or -1
    if not (text.isascii() and text.isdecimal() and len(text) < 16):
        raise InvalidError({"assignee": _("Enter a number.")})
    return int(text)


@api.post("/cases", response={201: schemas.CaseOut, **PROBLEMS}, tags=["cases"])
def create_case(request: HttpRequest, payload: schemas.CaseIn) -> Any:
    """Receive a case. The same client_uuid again answers with the first one."""
    actor = actor_of(request)
    sent = payload.model_dump(mode="json", exclude_unset=True)
    for own in ("client_uuid", "project", "kind"):
        sent.pop(own, None)
    outcome = opening.open_case(
        project_id=_project(payload.project, actor).id,
        kind=payload.kind,
        actor=actor,
        at=timezone.now(),
        client_uuid=payload.client_uuid,
        data=sent,
    )
    return _answer(request, present.case_after(outcome, actor), 201)


@api.get("/cases/{number}", response={200: schemas.CaseWhole, **PROBLEMS}, tags=["cases"])
def get_case(request: HttpRequest, number: str) -> Any:
    """State, people, deadlines, what I may do now, and to staff: why it is late."""
    actor, now = actor_of(request), timezone.now()
    view = view_case(actor, _project_of_case(number, actor), number, whole=False)
    return _answer(request, {**present.case_from(view, actor), "late": _late(view, actor, now)})


@api.get("/cases/{number}/late", response={200: list[schemas.LateOut], **PROBLEMS}, tags=["cases"])
def late_clocks(request: HttpRequest, number: str, as_of: Instant | None = None) -> Any:
    """Why clocks of this case are late, or were at an earlier instant. Staff alone."""
    actor, now = actor_of(request), timezone.now()
    view = view_case(actor, _project_of_case(number, actor), number, whole=False)
    return _answer(request, _late(view, actor, min(as_of or now, now)))


def _late(view: CaseView, actor: Actor, at: datetime) -> list[dict[str, Any]]:
    """The timeline is read only where there is something to explain."""
    if not actor.is_staff or not (any(is_late(row, at) for row in view.deadlines) or beside.may_have(view.case)):
        return []
    return present.late_of(replace(view, entries=queries.timeline(actor, view.case)), actor, at)


@api.get("/cases/{number}/timeline", response={200: list[schemas.EntryOut], **PROBLEMS}, tags=["cases"])
def timeline(request: HttpRequest, number: str) -> Any:
    """What happened, in order; residents see what concerns them."""
    actor = actor_of(request)
    case, _detail, process = engine.load(_project_of_case(number, actor), number, actor)
    return _answer(request, [present.entry(row, process, actor) for row in queries.timeline(actor, case)])


@api.post("/cases/{number}/actions/{action}", response={200: schemas.CaseOut, **PROBLEMS}, tags=["cases"])
def act(request: HttpRequest, number: str, action: str, payload: schemas.ActionIn) -> Any:
    """Do one action. The same client_uuid again answers like the first time."""
    actor = actor_of(request)
    outcome = engine.act(
        project_id=_project_of_case(number, actor),
        number=number,
        action=action,
        actor=actor,
        at=timezone.now(),
        client_uuid=payload.client_uuid,
        data=payload.data,
        note=payload.note,
        happened_at=payload.happened_at,
    )
    return _answer(request, present.case_after(outcome, actor))


@api.post("/files", response={201: schemas.FileOut, **PROBLEMS}, tags=["files"])
def upload(request: HttpRequest, project: Form[Line], client_uuid: Form[uuid.UUID], file: File[UploadedFile]) -> Any:
    """Store a picture (JPEG, PNG, WebP up to 15 MB); its id goes into an action's photos."""
    actor, now = actor_of(request), timezone.now()
    stored = _store(actor, _project(project, actor).id, file, client_uuid, now)
    return Status(201, {"id": stored.pk, "name": stored.name, "size": stored.size})


def _store(actor: Actor, project_id: int, file: UploadedFile, client_uuid: uuid.UUID, at: datetime) -> Any:
    content = file.read(15 * 1024 * 1024 + 1)
    return store_picture(
        project_id=project_id,
        actor=actor,
        name=file.name or "photo.jpg",
        content=content,
        client_uuid=client_uuid,
        at=at,
    )
