"""A case somebody offers me to answer for: taken over or declined on the phone."""

from collections.abc import Mapping
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, JsonResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from steward.casework.accountability import handovers
from steward.casework.models import Handover, HandoverState
from steward.casework.words import BASE_TITLES
from steward.field.answers import answer, wants_json
from steward.field.asked import fields_of
from steward.field.asking import OFFERS, VERBS, carry_out
from steward.field.reading import project_named, read_form
from steward.field.shell import page, shell_of
from steward.kernel.actor import Actor
from steward.kernel.errors import ConflictError, InvalidError, NotAllowedError, NotFoundError, RefusalError
from steward.registers.workforce.people import name_of
from steward.web.forms import client_uuid
from steward.web.http import actor_of, field_only, status_of


@field_only
@require_GET
def show(request: HttpRequest, number: str) -> HttpResponse:
    actor = actor_of(request)
    return _page(request, _offer(actor, number), actor, step=request.GET.get("step", ""))


def _offer(actor: Actor, number: str) -> Handover:
    """Raises NotFoundError: not offered to me, or answered already."""
    found = next((row for row in handovers.offered_to(actor) if row.case.number == number), None)
    if found is None:
        raise NotFoundError(_("Nothing is offered to you here any more."))
    return found


def _page(
    request: HttpRequest,
    row: Handover,
    actor: Actor,
    *,
    step: str,
    values: Mapping[str, Any] | None = None,
    refusal: RefusalError | None = None,
) -> HttpResponse:
    errors = refusal.fields if isinstance(refusal, InvalidError) else {}
    context = page(
        request,
        actor,
        shell=shell_of(actor),
        row=row,
        giver=name_of(row.giver_id),
        step=step if step == "decline_handover" else "",
        refusal=refusal if refusal and not errors else "",
        titles={verb: str(BASE_TITLES[verb]) for verb in OFFERS},
        fields=fields_of("decline_handover", actor, values or {}, errors),
        states={state.value: str(state.label) for state in HandoverState},
    )
    return render(request, "field/offer.jinja", context, status=status_of(refusal) if refusal else 200)


@field_only
@require_POST
def act(request: HttpRequest, number: str, verb: str) -> HttpResponse:
    actor, at, where = actor_of(request), timezone.now(), project_named(number)
    if verb not in OFFERS:
        raise NotFoundError(_("There is no such action."))
    row, raw = _offer(actor, number), dict[str, Any]()
    try:
        raw = read_form(VERBS[verb].form, request, actor, where, at)
        uuid = client_uuid(request)
        carry_out(verb, project_id=where.id, number=number, part="", actor=actor, at=at, client_uuid=uuid, data=raw)
    except (InvalidError, ConflictError, NotAllowedError) as refusal:
        if wants_json(request):
            return answer(refusal, kept=False)
        return _page(request, row, actor, step=verb, values=raw, refusal=refusal)
    if wants_json(request):
        return JsonResponse({"status": "done", "next": reverse("field-jobs")})
    messages.success(request, str(BASE_TITLES[verb]))
    return HttpResponseRedirect(reverse("field-jobs"), status=303)
