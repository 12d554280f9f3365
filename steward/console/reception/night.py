"""The call screen at night: two big buttons, and who is on call."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Final

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from steward.cases.models import Urgency
from steward.casework.accountability import oncall
from steward.casework.accountability.oncall import ANSWER, Callee
from steward.casework.categories import category_by_code
from steward.casework.intake import night
from steward.console.case import case_url
from steward.console.shell import Desk, at_desk
from steward.design.clockface import when
from steward.kernel import policies
from steward.kernel.errors import ConflictError, InvalidError
from steward.registers.org.tree import Place
from steward.registers.workforce.oncall import OnDuty, gaps, is_night, on_call
from steward.web.http import office_only

COOKIE: Final = "steward_night"
HALF_A_DAY: Final = timedelta(hours=12)
MODES: Final = ("on", "off")
#: What the two buttons send.
NOW, MORNING = "urgent", "morning"


@dataclass(frozen=True)
class Night:
    """``first`` is who the urgent key rings; ``danger``: it cannot wait for the morning."""

    first: Callee | None
    then: Callee | None
    minutes: int
    duty: list[OnDuty]
    gaps: list[str]
    call_by: str
    danger: bool
    reachable: bool


@office_only
@require_GET
@at_desk
def mode(request: HttpRequest, desk: Desk, wanted: str) -> HttpResponse:
    """By hand, for this browser and half a day; anything else: by the policy's hours again."""
    response = HttpResponseRedirect(reverse("console:intake"))
    if wanted in MODES:
        response.set_cookie(COOKIE, wanted, max_age=int(HALF_A_DAY.total_seconds()), samesite="Lax", httponly=True)
    else:
        response.delete_cookie(COOKIE, samesite="Lax")
    return response


def is_on(request: HttpRequest, desk: Desk, where: Place | None) -> bool:
    by_hand = request.COOKIES.get(COOKIE, "")
    if by_hand in MODES:
        return by_hand == "on"
    return where is not None and is_night(where.id, desk.at)


def of(desk: Desk, where: Place, kind: str, values: Mapping[str, Any]) -> Night:
    """What the two buttons would do with what is typed so far. One query more than by day."""
    category = category_by_code(kind, str(values.get("category", "")), where.id)
    urgency = str(values.get("urgency") or (category.urgency if category else ""))
    people = oncall.to_ring(where.id, category_id=category.id if category else None, at=desk.at)
    duty = on_call(where.id, desk.at)
    danger = urgency == Urgency.P0
    table = policies.in_force(ANSWER, lineage=where.lineage, at=desk.at).value
    clock = table.clock(Urgency.P0 if danger else Urgency.P1) or table.default
    return Night(
        first=people[0] if people else None,
        then=people[1] if len(people) > 1 else None,
        minutes=clock.minutes,
        duty=duty,
        gaps=[g.title for g in gaps(where.id, duty, desk.at)],
        call_by=when(night.morning_call(where.id, desk.at), desk.at),
        danger=danger,
        reachable=bool(values.get("customer_id") or values.get("reporter_phone") or values.get("unit_label")),
    )


def save(request: HttpRequest, desk: Desk, then: str, asked: Mapping[str, Any]) -> HttpResponse:
    """Raises InvalidError; what the night refuses stands beside the buttons."""
    if then == NOW:
        done = night.receive_urgent(**asked)
        if done.refusal:
            messages.warning(
                request, _("%(number)s received, but: %(why)s") % {"number": done.case.number, "why": done.refusal}
            )
        return _see_other(reverse("console:rings", args=[done.case.number]))
    try:
        case, by = night.receive_for_morning(**asked)
    except ConflictError as refusal:
        raise InvalidError({"then": refusal}) from refusal
    if by is None:
        words = _("%(number)s received for the morning. Nobody can be called back: no number is known.")
        messages.warning(request, words % {"number": case.number})
        return _see_other(case_url(case.number))
    words = _("%(number)s received. The customer is told: somebody calls %(at)s at the latest.")
    messages.success(request, words % {"number": case.number, "at": when(by, desk.at)})
    return _see_other(reverse("console:intake"))


def _see_other(target: str) -> HttpResponse:
    response = HttpResponseRedirect(target)
    response.status_code = 303
    return response
