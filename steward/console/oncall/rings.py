"""Whom to ring now: one name, one number, and two keys for what came of it."""

from dataclasses import dataclass
from typing import Any
from uuid import uuid4

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from steward.cases import engine
from steward.cases.models import Case
from steward.casework.accountability import oncall
from steward.casework.accountability.oncall import Callee
from steward.casework.categories import categories
from steward.casework.models import Ring, RingState
from steward.console.case import case_url, place_of
from steward.console.shell import Desk, at_desk, page
from steward.design.clockface import when
from steward.kernel.errors import ConflictError
from steward.kernel.marks import mark
from steward.registers.workforce.oncall_models import OnCallPost
from steward.web.forms import client_uuid
from steward.web.http import office_only, status_of

TONES = {RingState.RINGING: "soon", RingState.COMING: "ok", RingState.NO_ANSWER: "late", RingState.DECLINED: "late"}


@dataclass(frozen=True)
class Tried:
    """Somebody rung, as a line: why, what came of it."""

    row: Ring
    title: str
    state: str
    tone: str


@office_only
@require_GET
@at_desk
def show(request: HttpRequest, desk: Desk, number: str) -> HttpResponse:
    return _page(request, desk, number)


def _page(request: HttpRequest, desk: Desk, number: str, refusal: ConflictError | None = None) -> HttpResponse:
    where = place_of(number)
    case, _detail, process = engine.load(where.id, number, desk.actor)
    rings = oncall.of_case(case)
    left = oncall.left_to_ring(case, rings, desk.at)
    now = next((r for r in rings if r.state == RingState.RINGING), None)
    rung = {r.staff_id or r.phone for r in rings}
    everybody = oncall.to_ring(where.id, category_id=case.category_id, at=desk.at)
    context: dict[str, Any] = {
        "case": case,
        "case_url": case_url(number),
        "state": process.state_title(case.state),
        "now_rung": now,
        "title": _title(now) if now else "",
        "due": when(now.due_at, desk.at) if now and now.due_at else "",
        "is_due": bool(now and now.due_at and now.due_at <= desk.at),
        "coming": next((r for r in reversed(rings) if r.state == RingState.COMING), None),
        "tried": [_tried(r) for r in rings],
        "next": left[0] if left else None,
        "others": [c for c in everybody if c not in left[:1] and not _is(c, now)],
        "rung": rung,
        "may": oncall.may_ring(case, desk.actor) and case.closed_at is None,
        "uuid": uuid4,
        "say": _say(case, desk),
        "refusal": str(refusal) if refusal else "",
    }
    status = status_of(refusal) if refusal else 200
    return page(
        request, desk, "console/oncall/ring.jinja", context, here="cases", child=case.kind, status=status, tz=where.tz
    )


def _is(callee: Callee, ring: Ring | None) -> bool:
    return ring is not None and (callee.staff_id or callee.phone) == (ring.staff_id or ring.phone)


def _title(row: Ring) -> str:
    return str(OnCallPost(row.post).label) if row.post in OnCallPost.values else _("not on call")


def _tried(row: Ring) -> Tried:
    state = RingState(row.state)
    return Tried(row, _title(row), str(state.label), TONES.get(state, ""))


def _say(case: Case, desk: Desk) -> str:
    """What the technician hears, in one breath: where, what, who waits."""
    category = categories().get(case.category_id or 0)
    words = [case.unit_label or case.place, category.title(desk.actor.language) if category else "", case.title]
    who = case.reporter_name or case.customer_name
    said = mark("，").join(dict.fromkeys(filter(None, words)))
    return _("%(what)s; %(who)s is waiting. Can you come at once?") % {"what": said, "who": who or _("the caller")}


@office_only
@require_POST
@at_desk
def ring(request: HttpRequest, desk: Desk, number: str) -> HttpResponse:
    """The next one, or whoever was chosen; 303 back to the page with the new number on it."""
    data = _said(request, "seen", "outcome", "to", "note")
    try:
        done = oncall.ring_on_call(**_asked(request, desk, number), data=data)
    except ConflictError as refusal:
        return _page(request, desk, number, refusal)
    if done.refusal:
        words = _("%(name)s is to be rung, but could not be given the job: %(why)s")
        name = done.ring.name if done.ring else ""
        messages.warning(request, words % {"name": name, "why": done.refusal})
    return _see_other(reverse("console:rings", args=[number]))


@office_only
@require_POST
@at_desk
def comes(request: HttpRequest, desk: Desk, number: str) -> HttpResponse:
    try:
        row = oncall.confirm_on_call(**_asked(request, desk, number), data=_said(request, "seen", "note"))
    except ConflictError as refusal:
        return _page(request, desk, number, refusal)
    messages.success(request, _("Noted: %(name)s comes.") % {"name": row.name})
    return _see_other(reverse("console:rings", args=[number]))


def _said(request: HttpRequest, *names: str) -> dict[str, Any]:
    return {name: request.POST[name] for name in names if request.POST.get(name)}


def _asked(request: HttpRequest, desk: Desk, number: str) -> dict[str, Any]:
    where = place_of(number)
    engine.load(where.id, number, desk.actor)
    return {
        "project_id": where.id,
        "number": number,
        "actor": desk.actor,
        "at": desk.at,
        "client_uuid": client_uuid(request),
    }


def _see_other(target: str) -> HttpResponse:
    response = HttpResponseRedirect(target)
    response.status_code = 303
    return response
