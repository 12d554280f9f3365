"""What others ask of me: accepted, reported back or declined on the phone, even where the case is out of sight."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, JsonResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from steward.cases.declare import Nothing
from steward.casework import subtasks
from steward.casework.models import SubTask, SubTaskState
from steward.casework.words import BASE_TITLES
from steward.design.forms import Field
from steward.field.answers import answer, wants_json
from steward.field.asking import PARTS, VERBS, carry_out
from steward.field.reading import read_form
from steward.field.shell import page, shell_of
from steward.kernel.actor import Actor
from steward.kernel.errors import ConflictError, InvalidError, NotAllowedError, NotFoundError, RefusalError
from steward.registers.org.tree import place
from steward.registers.workforce.people import colleagues
from steward.web.forms import client_uuid, questions
from steward.web.http import actor_of, field_only, status_of


@field_only
@require_GET
def show(request: HttpRequest, project_id: int, pk: int) -> HttpResponse:
    actor = actor_of(request)
    row = subtasks.get(project_id=project_id, pk=pk, actor=actor)
    return _page(request, row, actor, step=request.GET.get("step", ""))


def _page(
    request: HttpRequest,
    row: SubTask,
    actor: Actor,
    *,
    step: str,
    values: Mapping[str, Any] | None = None,
    refusal: RefusalError | None = None,
) -> HttpResponse:
    """The request with its clock and all that may be answered, in one document."""
    errors = refusal.fields if isinstance(refusal, InvalidError) else {}
    mine = subtasks.is_asked(row, actor)
    typed = {verb: (values or {}, errors) if verb == step else ({}, {}) for verb in PARTS}
    context = page(
        request,
        actor,
        shell=shell_of(actor),
        row=row,
        step=step if step in PARTS else "",
        refusal=refusal if refusal and not errors else "",
        asker=colleagues().get(row.asked_by_id or 0),
        verbs=[
            (verb, str(BASE_TITLES[verb]), VERBS[verb].sources, VERBS[verb].to, fields_of(verb, actor, *typed[verb]))
            for verb in PARTS
            if mine
        ],
        states={state.value: str(state.label) for state in SubTaskState},
    )
    return render(request, "field/asked.jinja", context, status=status_of(refusal) if refusal else 200)


def fields_of(verb: str, actor: Actor, values: Mapping[str, Any], errors: Mapping[str, Any]) -> list[Field]:
    form = VERBS[verb].form
    if form is Nothing:
        return []
    asked = questions(form, actor=actor, values=values, errors=errors)
    asked.sort(key=lambda f: f.kind != "photos")
    return [replace(f, max_files=12) if f.kind == "photos" else f for f in asked]


@field_only
@require_POST
def act(request: HttpRequest, project_id: int, pk: int, verb: str) -> HttpResponse:
    """With network: refusals come back to whoever tapped, beside the field or in words."""
    actor, at = actor_of(request), timezone.now()
    row = subtasks.get(project_id=project_id, pk=pk, actor=actor)
    where = place(row.project_id)
    if verb not in PARTS:
        raise NotFoundError(_("There is no such action."))
    raw: dict[str, Any] = {}
    try:
        raw = read_form(VERBS[verb].form, request, actor, where, at)
        carry_out(
            verb,
            project_id=project_id,
            number=row.case.number,
            part=str(pk),
            actor=actor,
            at=at,
            client_uuid=client_uuid(request),
            data=raw,
        )
    except (InvalidError, ConflictError, NotAllowedError) as refusal:
        if wants_json(request):
            return answer(refusal, kept=False)
        return _page(request, row, actor, step=verb, values=raw, refusal=refusal)
    stays = verb == "accept_subtask"
    url = reverse("field-asked", args=[project_id, pk]) if stays else reverse("field-jobs")
    if wants_json(request):
        return JsonResponse({"status": "done", "next": url})
    messages.success(request, str(BASE_TITLES[verb]))
    return HttpResponseRedirect(url, status=303)
