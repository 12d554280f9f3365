"""Lists by workbook: upload, what it would do, yes or no, what came of it, back again."""

from collections.abc import Callable
from typing import Any, Final
from uuid import uuid4

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.http import content_disposition_header
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from steward.console.shell import Desk, at_desk, page, part
from steward.kernel.errors import ConflictError, InvalidError, NotAllowedError, NotFoundError
from steward.kernel.excel import XLSX
from steward.registers.cutover import operations, workbooks
from steward.registers.cutover.models import IMPORTERS, FileKind, ImportRun, ImportState
from steward.registers.org.tree import Place, place
from steward.web.forms import client_uuid
from steward.web.http import office_only, status_of

HERE: Final = "imports"
SHOWN: Final = 30
#: Work goes on in the worker: the page asks again by itself.
MOVING: Final = frozenset({ImportState.CHECKING, ImportState.LOADING, ImportState.LOADED, ImportState.UNDOING})
TONES: Final = {
    ImportState.FAULTY: ("late", "alert-circle"),
    ImportState.READY: ("soon", "hourglass"),
    ImportState.DONE: ("ok", "circle-check"),
    ImportState.UNDONE: ("wait", "arrow-back-up"),
    ImportState.DROPPED: ("wait", "x"),
}
STEPS: Final[dict[str, tuple[Callable[..., ImportRun], Any]]] = {
    "confirm": (operations.confirm, gettext_lazy("Being loaded; you may leave this page.")),
    "undo": (operations.ask_undo, gettext_lazy("Being taken back; you may leave this page.")),
}


def _places(desk: Desk) -> list[Place]:
    allowed = desk.actor.projects_with(*IMPORTERS)
    if not allowed:
        raise NotFoundError(_("There is no such page."))
    return [p for p in desk.places if p.id in allowed and (desk.chosen is None or p == desk.chosen)]


@office_only
@require_http_methods(["GET", "POST"])
@at_desk
def index(request: HttpRequest, desk: Desk) -> HttpResponse:
    places = _places(desk)
    error, status, uuid = "", 200, str(uuid4())
    if request.method == "POST":
        uuid = request.POST.get("client_uuid", "")
        try:
            return HttpResponseRedirect(_url(_give(request, desk, places)))
        except (InvalidError, NotAllowedError, NotFoundError) as refusal:
            error, status = str(refusal), status_of(refusal)
    runs = ImportRun.objects.visible_to(desk.actor).filter(project_id__in=[p.id for p in places]).order_by("-pk")
    context = {
        "runs": [_row(run) for run in runs[:SHOWN]],
        "places": places,
        "several": len(places) > 1,
        "error": error,
        "uuid": uuid,
        "wanted": request.POST.get("project", ""),
    }
    return page(request, desk, "console/estate/imports.jinja", context, here=HERE, status=status)


def _give(request: HttpRequest, desk: Desk, places: list[Place]) -> ImportRun:
    wanted = request.POST.get("project", str(places[0].id) if len(places) == 1 else "")
    where = next((p for p in places if str(p.id) == wanted), None)
    if where is None:
        raise InvalidError({"project": _("Choose the project.")})
    upload = request.FILES.get("file")
    if upload is None:
        raise InvalidError({"file": _("Choose a workbook.")})
    if (upload.size or 0) > operations.MAX_BYTES:
        raise InvalidError({"file": _("The file is larger than %(n)s MB.") % {"n": operations.MAX_BYTES >> 20}})
    return operations.give(
        project_id=where.id,
        actor=desk.actor,
        name=upload.name or "",
        content=upload.read(),
        client_uuid=client_uuid(request),
        at=desk.at,
    )


def _url(run: ImportRun) -> str:
    return reverse("console:import", args=[run.project_id, run.pk])


def _row(run: ImportRun) -> dict[str, Any]:
    state = ImportState(run.state)
    tone, icon = TONES.get(state, ("wait", "progress"))
    lists = run.found.get("lists", ())
    return {
        "run": run,
        "place": place(run.project_id).name,
        "link": _url(run),
        "state": state.label,
        "tone": tone,
        "icon": icon,
        "sums": {key: sum(row[key] for row in lists) for key in ("rows", "new", "changed", "same", "faulty")},
    }


@office_only
@require_GET
@at_desk
def show(request: HttpRequest, desk: Desk, project_id: int, pk: int) -> HttpResponse:
    run = operations.get(project_id=project_id, run_id=pk, actor=desk.actor)
    state = ImportState(run.state)
    context = {
        **_row(run),
        "moving": state in MOVING,
        "ready": state == ImportState.READY,
        "faulty": state == ImportState.FAULTY,
        "done": state == ImportState.DONE,
        "uuid": str(uuid4()),
        "steps": {name: _step_url(run, name) for name in ("confirm", "undo", "drop")},
        "errors_url": reverse("console:import-errors", args=[run.project_id, run.pk]),
    }
    tz = place(run.project_id).tz
    if request.headers.get("HX-Request") == "true" and "state" in request.GET:
        if request.GET["state"] == run.state:
            return HttpResponse(status=204)
        return part(request, desk, "console/estate/import.jinja", "result", context, tz=tz)
    return page(request, desk, "console/estate/import.jinja", context, here=HERE, tz=tz)


def _step_url(run: ImportRun, name: str) -> str:
    return reverse("console:import-step", args=[run.project_id, run.pk, name])


@office_only
@require_POST
@at_desk
def step(request: HttpRequest, desk: Desk, project_id: int, pk: int, step: str) -> HttpResponse:
    """Yes, no, or back again. Asked twice it is done once."""
    if step == "drop":
        operations.drop(project_id=project_id, run_id=pk, actor=desk.actor)
        messages.success(request, _("Dropped; nothing was changed."))
        return HttpResponseRedirect(reverse("console:imports"))
    if step not in STEPS:
        raise NotFoundError(_("There is no such page."))
    verb, words = STEPS[step]
    try:
        run = verb(project_id=project_id, run_id=pk, actor=desk.actor, at=desk.at)
    except ConflictError as refusal:
        messages.error(request, str(refusal))
        run = operations.get(project_id=project_id, run_id=pk, actor=desk.actor)
    else:
        messages.success(request, str(words))
    return HttpResponseRedirect(_url(run))


@office_only
@require_GET
def template(request: HttpRequest) -> HttpResponse:
    return _download(workbooks.template(), _("Estate lists, template") + ".xlsx")


@office_only
@require_GET
@at_desk
def errors(request: HttpRequest, desk: Desk, project_id: int, pk: int) -> HttpResponse:
    run = operations.get(project_id=project_id, run_id=pk, actor=desk.actor)
    content = operations.content_of(run, FileKind.ANNOTATED)
    stem = run.name.rpartition(".")[0] or run.name
    return _download(content, f"{stem}-{_('with errors')}.xlsx")


def _download(content: bytes, name: str) -> HttpResponse:
    headers = {"Content-Disposition": content_disposition_header(as_attachment=True, filename=name) or ""}
    return HttpResponse(content, content_type=XLSX, headers=headers)
