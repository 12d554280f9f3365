"""Where the phone sends what was tapped: at once with network, or later from its queue."""

from http import HTTPStatus
from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, JsonResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from steward.cases import engine
from steward.cases.models import Case
from steward.casework.customer import sharing
from steward.casework.replays import quarantine
from steward.field import asking, duty
from steward.field import words as texts
from steward.field.answers import answer, wants_json
from steward.field.pages import job_page
from steward.field.reading import Item, form_of, project_named, read_form, read_item
from steward.kernel.actor import Actor
from steward.kernel.errors import ConflictError, InvalidError, NotFoundError, RefusalError
from steward.processes.repair.models import State
from steward.web.forms import client_uuid
from steward.web.http import actor_of, field_only, open_to_all

REPAIR = "repair"
#: Where the phone goes after an action: the step that follows at once, with the customer still beside it.
AFTER = {State.QUOTED: "consent", State.DONE: "confirm_amount"}


@open_to_all
@require_POST
def replay(request: HttpRequest) -> JsonResponse:
    """One item of a phone's queue. Answers {status: done|again|conflict|invalid|sign_in, message, kept}.

    ``kept``: refused, and now stands in the office's list; the phone may let go of it. The same again is harmless.
    """
    actor = actor_of(request)
    if not actor.is_staff or request.POST.get("owner") != actor.key:
        text = _("Sign in to send what is stored.")
        return JsonResponse({"status": "sign_in", "message": text, "kept": False}, status=HTTPStatus.UNAUTHORIZED)
    at = timezone.now()
    if request.POST.get("action") == duty.ENTRY:
        return duty.from_queue(request, actor, at)
    try:
        item = read_item(request, actor, at)
    except RefusalError as refusal:
        return answer(refusal, kept=False)
    before = quarantine.refused_before(item.where.id, actor, item.client_uuid)
    if before is not None:
        return JsonResponse({"status": "conflict", "message": before.reason, "kept": True}, status=HTTPStatus.CONFLICT)
    return _replay(request, item, actor, at)


def _replay(request: HttpRequest, item: Item, actor: Actor, at: Any) -> JsonResponse:
    common: dict[str, Any] = {
        "project_id": item.where.id,
        "number": item.number,
        "action": item.action,
        "actor": actor,
        "at": at,
        "client_uuid": item.client_uuid,
        "happened_at": item.happened_at,
    }
    try:
        if item.fault is not None:
            quarantine.keep(**common, raw=item.raw, note="", refusal=item.fault)
            raise item.fault
        if item.action in asking.VERBS:
            _asked(request, item, common)
            return JsonResponse({"status": "done", "message": "", "kept": True})
        outcome = quarantine.act_or_keep(**common, data=item.raw)
    except RefusalError as refusal:
        gone = isinstance(refusal, NotFoundError)
        if gone and quarantine.was_done(item.where.id, actor, item.client_uuid):
            return JsonResponse({"status": "again", "message": "", "kept": True})
        kept = quarantine.refused_before(item.where.id, actor, item.client_uuid) is not None
        return answer(refusal, kept=kept)
    return JsonResponse({"status": "again" if outcome.replayed else "done", "message": "", "kept": True})


def _asked(request: HttpRequest, item: Item, common: dict[str, Any]) -> None:
    """Asked of me beside the process's own actions. Refused, it is kept like everything else; raises the refusal."""
    part = request.POST.get("subtask", "")
    base = {name: value for name, value in common.items() if name != "action"}
    try:
        asking.carry_out(item.action, **base, part=part, data=item.raw)
    except RefusalError as refusal:
        quarantine.keep(**common, raw={**item.raw, "subtask": part}, note="", refusal=refusal)
        raise


@field_only
@require_POST
def act(request: HttpRequest, number: str, action: str) -> HttpResponse:
    """An action with network: refusals come back to whoever tapped, beside the field or in words."""
    actor, at, where = actor_of(request), timezone.now(), project_named(number)
    raw: dict[str, Any] = {}
    try:
        engine.load(where.id, number, actor)
        raw = read_form(form_of(number, action), request, actor, where, at)
        outcome = engine.act(
            project_id=where.id,
            number=number,
            action=action,
            actor=actor,
            at=at,
            client_uuid=client_uuid(request),
            data=raw,
        )
        url = _next_url(outcome.case, action, share="share" in request.POST.get("then", ""))
    except (InvalidError, ConflictError) as refusal:
        if wants_json(request):
            return answer(refusal, kept=False)
        return job_page(request, actor, number, step=action, values=raw, refusal=refusal)
    except NotFoundError:  # tapped twice, it is out of sight already
        if not _was_done(request, where.id, actor):
            raise
        url = reverse("field-jobs")
    return (
        JsonResponse({"status": "done", "next": url}) if wants_json(request) else HttpResponseRedirect(url, status=303)
    )


def _was_done(request: HttpRequest, project_id: int, actor: Actor) -> bool:
    """Whoever never saw the case learns nothing of it, not even what is wrong with the request."""
    try:
        sent = client_uuid(request)
    except InvalidError:
        return False
    return quarantine.was_done(project_id, actor, sent)


def _next_url(case: Case, action: str, *, share: bool) -> str:
    if action in ("give_back", "accept_work", "refuse_work"):  # no longer theirs who work in the field alone
        return reverse("field-jobs")
    if action == "callback":
        return reverse("field-calls")
    url = reverse("field-job", args=(case.number,))
    goes_on = case.kind == REPAIR and action in ("quote", "finish")
    step = "share" if share and case.state in AFTER else AFTER.get(State(case.state), "") if goes_on else ""
    return f"{url}?step={step}" if step else url


@field_only
@require_POST
def share(request: HttpRequest, number: str) -> HttpResponse:
    """The text for WeChat with a fresh single-use link."""
    actor = actor_of(request)
    purpose = "amount" if request.POST.get("purpose") == "amount" else "consent"
    try:
        done = sharing.share(
            project_id=project_named(number).id, number=number, purpose=purpose, actor=actor, at=timezone.now()
        )
    except ConflictError as refusal:
        if wants_json(request):
            return answer(refusal, kept=False)
        raise
    text = texts.for_wechat(done.case, purpose, done.token)
    if wants_json(request):
        return JsonResponse({"status": "done", "text": text})
    return job_page(request, actor, number, step="share", share_text=text)
