"""What phones sent and the rules refused: done now in the office's name, or settled otherwise with a word."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final
from uuid import uuid4

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST
from django_htmx.http import HttpResponseClientRedirect

from steward.cases import engine
from steward.cases.declare import Action, Nothing, process_of
from steward.casework import subtasks
from steward.casework.models import Conflict
from steward.casework.replays import conflicts
from steward.casework.words import BASE_TITLES
from steward.console.actions import Tried, form_of, is_htmx
from steward.console.case import case_url
from steward.console.menu import DISPATCHERS
from steward.console.shell import Desk, at_desk, page, part
from steward.design.forms import Field, Form
from steward.kernel.errors import ConflictError, InvalidError, NotAllowedError, NotFoundError
from steward.kernel.schema import Data
from steward.registers.org.tree import place
from steward.registers.workforce.people import name_of
from steward.web.forms import client_uuid, posted, questions
from steward.web.http import office_only, status_of

SHOWN: Final = 50
SETTLED: Final = 20
QUIETLY: Final = ("photos", "signature", "hidden")

#: What the phone may have sent beside a process's own actions.
PARTS: Final[Mapping[str, type[Data]]] = {"report_subtask": subtasks.Report, "decline_subtask": subtasks.Reason}


@dataclass(frozen=True)
class Shown:
    """A refused entry as the office reads it."""

    row: Conflict
    title: str
    url: str
    typed: Sequence[tuple[Any, str]]
    photos: Sequence[dict[str, str]]
    may_do: bool
    may_settle: bool
    do_url: str
    settle_url: str
    now_with: str = ""
    words: str = ""
    error: str = ""


@office_only
@require_GET
@at_desk
def show(request: HttpRequest, desk: Desk) -> HttpResponse:
    return _answer(request, desk)


def _answer(
    request: HttpRequest, desk: Desk, *, pk: int = 0, words: str = "", error: str = "", status: int = 200
) -> HttpResponse:
    if not any(grant.role in DISPATCHERS for grant in desk.actor.grants):
        raise NotFoundError(_("There is no such page."))
    rows = Conflict.objects.visible_to(desk.actor).filter(project_id__in=desk.projects).select_related("case")
    waiting = rows.filter(resolved_at__isnull=True).order_by("received_at", "pk")[:SHOWN]
    settled = rows.filter(resolved_at__isnull=False).order_by("-resolved_at", "-pk")[:SETTLED]
    context = {
        "waiting": [_shown(row, desk, words, error) if row.pk == pk else _shown(row, desk) for row in waiting],
        "settled": [(row, _title(row), case_url(row.case.number), _who(row)) for row in settled],
    }
    return page(request, desk, "console/conflicts.jinja", context, here="conflicts", status=status)


def _who(row: Conflict) -> str:
    staff = row.resolved_by.removeprefix("staff:")
    return name_of(int(staff)) if staff.isdecimal() else row.resolved_by


def _shown(row: Conflict, desk: Desk, words: str = "", error: str = "") -> Shown:
    action = _action_of(row)
    args = [row.project_id, row.pk]
    return Shown(
        row=row,
        title=_title(row),
        url=case_url(row.case.number),
        typed=_typed(row, action, desk),
        photos=[_photo(row, pk) for pk in conflicts.pictures(row)],
        may_do=bool(action and engine.may(action, row.case, desk.actor)) and conflicts.may_settle(row, desk.actor),
        may_settle=conflicts.may_settle(row, desk.actor),
        do_url=reverse("console:conflict-do", args=args),
        settle_url=reverse("console:conflict-settle", args=args),
        now_with=_now_with(row),
        words=words,
        error=error,
    )


def _now_with(row: Conflict) -> str:
    """Who has the job by now, when it is not whoever typed this."""
    same = row.case.handler_id is not None and row.actor_key == f"staff:{row.case.handler_id}"
    return "" if same else name_of(row.case.handler_id)


def _photo(row: Conflict, pk: int) -> dict[str, str]:
    return {"url": reverse("attachment", args=[row.project_id, pk]), "caption": row.actor_name}


def _action_of(row: Conflict) -> Action | None:
    process = process_of(row.case.kind)
    return process.action(row.action) if process else None


def _title(row: Conflict) -> str:
    action = _action_of(row)
    return str(action.title if action else BASE_TITLES.get(row.action, row.action))


def _typed(row: Conflict, action: Action | None, desk: Desk) -> list[tuple[Any, str]]:
    """Question and answer, nothing left out: what the form does not know is shown by its name."""
    form = action.form if action else PARTS.get(row.action)
    known = questions(form, actor=desk.actor, values=row.data) if form else []
    found = [(f.label, _said(f, row.data.get(f.name))) for f in known if f.kind not in QUIETLY]
    names = {f.name for f in known}
    found += [(name, str(value)) for name, value in row.data.items() if name not in names]
    return [(label, text) for label, text in found if text]


def _said(question: Field, value: Any) -> str:
    if value is None or value == "":
        return ""
    if isinstance(value, bool) or question.kind == "bool":
        return str(_("yes") if value in (True, "true", "on") else _("no"))
    words = {str(key): str(label) for key, label in question.choices}
    if isinstance(value, list):
        rows = [
            " × ".join(str(v) for v in item.values() if v) if isinstance(item, dict) else str(item) for item in value
        ]
        return _(", ").join(rows)
    return words.get(str(value), str(value))


@office_only
@require_POST
@at_desk
def settle(request: HttpRequest, desk: Desk, project_id: int, pk: int) -> HttpResponse:
    """Settled otherwise: the word stands in the timeline."""
    words = request.POST.get("resolution", "")
    try:
        row = conflicts.resolve_conflict(project_id=project_id, pk=pk, resolution=words, actor=desk.actor, at=desk.at)
    except (InvalidError, ConflictError) as error:
        return _answer(request, desk, pk=pk, words=words, error=str(error), status=status_of(error))
    messages.success(request, _("%(number)s: settled") % {"number": row.case.number})
    return _back(request)


@office_only
@require_http_methods(["GET", "POST"])
@at_desk
def redo(request: HttpRequest, desk: Desk, project_id: int, pk: int) -> HttpResponse:
    """The kept entry as a form, begun with what was typed; sent, it is done by me, now."""
    row = conflicts.get(project_id=project_id, pk=pk, actor=desk.actor)
    action = _action_of(row)
    if action is None:
        raise NotFoundError(_("There is no such action."))
    if not conflicts.may_settle(row, desk.actor):
        raise NotAllowedError(_("This is not yours to do."), rule="case.role")
    if row.resolved_at is not None:
        raise ConflictError(_("Somebody has settled this already."), rule="conflict.settled_once")
    if request.method == "POST":
        tried = _try(request, desk, row, action)
        if tried is None:
            messages.success(request, _("%(number)s: done in your name") % {"number": row.case.number})
            return _back(request)
    else:
        tried = Tried({**row.data, "note": row.note}, {}, "", 200, str(uuid4()))
    return _dialog(request, desk, row, action, tried)


def _dialog(request: HttpRequest, desk: Desk, row: Conflict, action: Action, tried: Tried) -> HttpResponse:
    where = place(row.project_id)
    case, detail, _process = engine.load(where.id, row.case.number, desk.actor)
    begun = replace(tried, status=tried.status if tried.status != 200 else 409)  # begin with what was typed
    with timezone.override(where.tz):
        form: Form = form_of(action, case, detail, desk, where, begun)
    url = reverse("console:conflict-do", args=[row.project_id, row.pk])
    mine = _("Done now, in your name. What was typed stays in the timeline.")
    context = {
        "form": replace(form, action=url, note=f"{mine} {form.note}".strip()),
        "action": action,
        "case": case,
        "wide": True,
    }
    if not is_htmx(request):
        return page(request, desk, "console/action.jinja", context, here="conflicts", status=tried.status, tz=where.tz)
    block = "body" if request.method == "GET" else "form"
    return part(request, desk, "console/act.jinja", block, context, status=tried.status, tz=where.tz)


def _try(request: HttpRequest, desk: Desk, row: Conflict, action: Action) -> Tried | None:
    """The action first, then the entry is put away: both may be repeated."""
    where = place(row.project_id)
    uuid, raw = request.POST.get("client_uuid", ""), {}
    try:
        raw = posted(action.form, request, actor=desk.actor, project_id=where.id, tz=where.tz, at=desk.at)
        engine.act(
            project_id=where.id,
            number=row.case.number,
            action=action.name,
            actor=desk.actor,
            at=desk.at,
            client_uuid=client_uuid(request),
            data=_mine(raw, row, desk),
            note=_note(request, row, action),
        )
        done = _("Done in the office's name")
        conflicts.resolve_conflict(project_id=where.id, pk=row.pk, resolution=done, actor=desk.actor, at=desk.at)
    except InvalidError as error:
        stray = "" if set(error.fields) & set(action.form.model_fields) else str(error)
        return Tried(raw or request.POST.dict(), error.fields, stray, 422, uuid)
    except (ConflictError, NotAllowedError) as error:
        return Tried(raw, {}, str(error), status_of(error), uuid)
    return None


def _mine(raw: Mapping[str, Any], row: Conflict, desk: Desk) -> dict[str, Any]:
    """The phone's pictures are taken over in my name."""
    known = conflicts.adopt_pictures(row, actor=desk.actor, at=desk.at)
    found = dict(raw)
    for name in conflicts.picture_fields(row):
        value = found.get(name)
        if isinstance(value, list):
            found[name] = [known.get(pk, pk) for pk in value]
        elif value is not None:
            found[name] = known.get(value, value)
    return found


def _note(request: HttpRequest, row: Conflict, action: Action) -> str:
    local = timezone.localtime(row.happened_at, place(row.project_id).tz)
    said = request.POST.get("note", "").strip() if action.form is Nothing else row.note
    whence = _("typed by %(name)s on %(at)s, refused then: %(reason)s") % {
        "name": row.actor_name,
        "at": f"{local:%m-%d %H:%M}",
        "reason": row.reason,
    }
    return f"{said}\n{whence}".strip()


def _back(request: HttpRequest) -> HttpResponse:
    url = reverse("console:conflicts")
    if is_htmx(request):
        return HttpResponseClientRedirect(url)
    response = HttpResponseRedirect(url)
    response.status_code = 303
    return response
