"""The delivery log, and a person's word on messages nobody is sure of."""

from collections.abc import Callable
from typing import Any, Final
from urllib.parse import urlencode

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from steward.console.case import case_url, place_of
from steward.console.shell import Desk, at_desk, page, part
from steward.console.words import Badge
from steward.kernel.errors import ConflictError
from steward.kernel.models import OutboxState
from steward.registers.messaging import log
from steward.registers.messaging.models import Via
from steward.registers.org.tree import place
from steward.web.http import office_only

TONES: Final[dict[str, tuple[Any, str]]] = {
    OutboxState.PENDING: ("wait", "clock"),
    OutboxState.LEASED: ("wait", "clock"),
    OutboxState.DONE: ("ok", "circle-check"),
    OutboxState.UNKNOWN: ("soon", "alert-triangle"),
    OutboxState.DEAD: ("late", "circle-x"),
}


@office_only
@require_GET
@at_desk
def show(request: HttpRequest, desk: Desk) -> HttpResponse:
    asked = {name: request.GET.get(name, "").strip() for name in ("state", "channel", "case")}
    before = request.GET.get("before", "")
    found = log.deliveries(
        actor=desk.actor,
        projects=desk.projects,
        before=int(before) if before.isascii() and before.isdigit() and len(before) < 19 else None,
        **asked,
    )
    query = {name: value for name, value in asked.items() if value}
    context = {
        "rows": [shown(d, desk) for d in found.items],
        "filters": _filters(asked),
        "narrowed": bool(query or before),
        "texts_url": reverse("console:message-texts"),
        "pager": {
            "newer_url": f"?{urlencode(query)}" if before else "",
            "older_url": f"?{urlencode({**query, 'before': found.older})}" if found.older else "",
        },
    }
    return page(request, desk, "console/messages/log.jinja", context, here="messages")


def _filters(asked: dict[str, str]) -> list[dict[str, Any]]:
    return [
        {"name": "state", "label": _("Every state"), "value": asked["state"], "choices": OutboxState.choices},
        {"name": "channel", "label": _("Every channel"), "value": asked["channel"], "choices": Via.choices},
        {"name": "case", "label": _("Case number"), "value": asked["case"]},
    ]


def shown(one: log.Delivery, desk: Desk) -> dict[str, Any]:
    tone, icon = TONES[one.state]
    row, args = one.row, [one.row.project_id, one.row.pk]
    return {
        "one": one,
        "row": row,
        "via": Via(row.channel).label if row.channel in Via.values else row.channel,
        "badge": Badge(str(OutboxState(one.state).label), tone, icon),
        "case_url": case_url(row.about) if row.about else "",
        "project": place(row.project_id).name if desk.sees_several else "",
        "again_url": reverse("console:message-again", args=args),
        "became_url": reverse("console:message-became", args=args),
        "is_unclear": row.state == OutboxState.UNKNOWN,
    }


@office_only
@require_GET
@at_desk
def of_case(request: HttpRequest, desk: Desk, number: str) -> HttpResponse:
    """The box on the case's page, loaded after it."""
    where = place_of(number)
    found = log.of_case(actor=desk.actor, project_id=where.id, number=number)
    context = {"rows": [shown(d, desk) for d in found], "number": number}
    return part(request, desk, "console/messages/of_case.jinja", "body", context, tz=where.tz)


@office_only
@require_POST
@at_desk
def again(request: HttpRequest, desk: Desk, project_id: int, pk: int) -> HttpResponse:
    def verb() -> None:
        log.send_again(project_id=project_id, pk=pk, actor=desk.actor, at=desk.at)

    return _settled(request, verb, _("Goes out again with the next round of the worker."))


@office_only
@require_POST
@at_desk
def became(request: HttpRequest, desk: Desk, project_id: int, pk: int) -> HttpResponse:
    arrived = request.POST.get("arrived") == "yes"

    def verb() -> None:
        log.say_what_became(project_id=project_id, pk=pk, arrived=arrived, actor=desk.actor, at=desk.at)

    return _settled(request, verb, _("Noted: it arrived.") if arrived else _("Noted: it never arrived."))


def _settled(request: HttpRequest, verb: Callable[[], None], words: str) -> HttpResponse:
    """A second click finds it settled already: said, and nothing is sent twice."""
    try:
        verb()
    except ConflictError as error:
        messages.warning(request, str(error))
    else:
        messages.success(request, words)
    response = HttpResponseRedirect(reverse("console:messages"))
    response.status_code = 303
    return response
