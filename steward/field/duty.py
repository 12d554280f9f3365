"""A line of the duty log from where it happened, with a photo."""

from dataclasses import replace
from datetime import datetime
from typing import Any, Final

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, JsonResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from steward.assurance.duty import reads, verbs
from steward.assurance.duty_models import DutyKind
from steward.cases.declare import REGISTRY
from steward.design.forms import Choice, Field
from steward.field.answers import answer, wants_json
from steward.field.shell import page, shell_of
from steward.kernel.actor import Actor
from steward.kernel.errors import ConflictError, InvalidError, NotAllowedError, NotFoundError, RefusalError
from steward.registers.org.tree import Place, place
from steward.registers.workforce.people import name_of
from steward.web.forms import client_uuid, posted, questions
from steward.web.http import actor_of, field_only, status_of

LAST: Final = 10
#: What the queue calls a line of the log.
ENTRY: Final = "duty_entry"


def _projects(actor: Actor) -> list[Place]:
    found = {p for grant in actor.grants if grant.role in verbs.OFFICE for p in grant.projects}
    return [place(p) for p in sorted(found)]


def may_write(actor: Actor) -> bool:
    return bool(_projects(actor))


@field_only
@require_http_methods(["GET", "POST"])
def write(request: HttpRequest) -> HttpResponse:
    """GET: the form and the last lines; POST: one line more. Refused, everything typed stays."""
    actor, at = actor_of(request), timezone.now()
    places = _projects(actor)
    if not places:
        raise NotFoundError(_("There is no such page."))
    where = next((p for p in places if str(p.id) == request.POST.get("project", "")), places[0])
    raw: dict[str, Any] = {}
    if request.method == "GET":
        return _page(request, actor, places, where, {"happened_at": at, "kind": DutyKind.ROUND.value}, None)
    try:
        raw = posted(verbs.NewEntry, request, actor=actor, project_id=where.id, tz=where.tz, at=at)
        verbs.write_entry(project_id=where.id, actor=actor, at=at, client_uuid=client_uuid(request), data=raw)
    except (InvalidError, ConflictError, NotAllowedError) as refusal:
        if wants_json(request):
            return answer(refusal, kept=False)
        return _page(request, actor, places, where, raw or request.POST.dict(), refusal)
    if wants_json(request):
        return JsonResponse({"status": "done", "next": reverse("field-duty")})
    messages.success(request, _("Written down."))
    return HttpResponseRedirect(reverse("field-duty"), status=303)


def from_queue(request: HttpRequest, actor: Actor, at: datetime) -> JsonResponse:
    """A line out of the phone's queue. Refused, it stays on the phone with the reason: it belongs to no case."""
    where = next((p for p in _projects(actor) if str(p.id) == request.POST.get("project", "")), None)
    try:
        if where is None:
            raise NotFoundError(_("There is no such project."))
        raw = posted(verbs.NewEntry, request, actor=actor, project_id=where.id, tz=where.tz, at=at)
        verbs.write_entry(project_id=where.id, actor=actor, at=at, client_uuid=client_uuid(request), data=raw)
    except RefusalError as refusal:
        return answer(refusal, kept=False)
    return JsonResponse({"status": "done", "message": "", "kept": True})


def _page(
    request: HttpRequest,
    actor: Actor,
    places: list[Place],
    where: Place,
    values: dict[str, Any],
    refusal: InvalidError | ConflictError | NotAllowedError | None,
) -> HttpResponse:
    errors = refusal.fields if isinstance(refusal, InvalidError) else {}
    with timezone.override(where.tz):
        context = page(
            request,
            actor,
            shell=shell_of(actor, current="jobs"),
            where=where,
            places=places,
            fields=_fields(actor, values, errors),
            refusal="" if refusal is None or errors else refusal,
            entries=[(row, DutyKind(row.kind).label, name_of(row.staff_id)) for row in reads.entries(where.id)[:LAST]],
        )
        status = status_of(refusal) if refusal else 200
        return render(request, "field/duty.jinja", context, status=status)


def _fields(actor: Actor, values: dict[str, Any], errors: Any) -> list[Field]:
    kinds: list[Choice] = [("", _("None")), *((p.kind, p.title) for p in REGISTRY.values())]
    asked = questions(verbs.NewEntry, actor=actor, options={"case_kind": kinds}, values=values, errors=errors)
    asked.sort(key=lambda f: f.kind != "photos")  # the photo first
    return [replace(f, max_files=1) if f.kind == "photos" else f for f in asked]
