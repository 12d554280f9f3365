"""Callbacks: whom to call today, what was done there, and what the customer said."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Final
from uuid import UUID, uuid4, uuid5

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from steward.assurance.models import AttemptOutcome, Purpose
from steward.cases import engine
from steward.cases.declare import process_of
from steward.console import calls
from steward.console.actions import Tried
from steward.console.case import place_of
from steward.console.menu import CALLERS
from steward.console.shell import Desk, at_desk, page
from steward.design.forms import Field
from steward.kernel.errors import ConflictError, InvalidError, NotAllowedError, NotFoundError
from steward.kernel.schema import Data
from steward.web.forms import client_uuid, questions
from steward.web.http import office_only, status_of

MOST: Final = 20
#: Known from the question that is answered.
OWN: Final = frozenset({"purpose"})


@dataclass(frozen=True)
class Asked:
    """A case of the chosen call with its questions."""

    ask: calls.Ask
    fields: list[Field]
    refusal: str


Tries = Mapping[str, Tried]


@office_only
@require_GET
@at_desk
def show(request: HttpRequest, desk: Desk) -> HttpResponse:
    return _answer(request, desk, request.GET.get("call", ""), {}, str(uuid4()))


def _answer(
    request: HttpRequest, desk: Desk, number: str, tries: Tries, uuid: str, *, status: int = 200
) -> HttpResponse:
    if not any(grant.role in CALLERS for grant in desk.actor.grants):
        raise NotFoundError(_("There is no such page."))
    mine = request.GET.get("mine") == "1"
    found = calls.waiting(desk, mine=mine)
    chosen = next((c for c in found if number in c.numbers), None) or next((c for c in found if c.ready), None)
    chosen = chosen or next(iter(found), None)
    here = reverse("console:callbacks")
    context = {
        "calls": found,
        "full": sum(len(c.asks) for c in found) == calls.SHOWN,
        "sections": [
            ("late", _("Late")),
            ("today", _("Due today")),
            ("later", _("Due later")),
        ],
        "chosen": chosen,
        "asked": [_asked(ask, desk, tries) for ask in chosen.asks] if chosen else [],
        "people": calls.people(chosen) if chosen else None,
        "made": [(a, calls.tone_of(a.outcome), AttemptOutcome(a.outcome).label) for a in calls.made_today(desk)],
        "coverage": calls.coverage(desk),
        "waits": calls.waiting_for_rain(desk),
        "script": calls.script(chosen, desk.actor.name),
        "uuid": uuid,
        "mine": mine,
        "suffix": "&mine=1" if mine else "",
        "tabs": [
            {"label": _("Everybody's"), "url": here, "current": not mine},
            {"label": _("My households"), "url": f"{here}?mine=1", "current": mine},
        ],
    }
    return page(request, desk, "console/callbacks.jinja", context, here="callbacks", status=status)


def _form(kind: str) -> type[Data]:
    process = process_of(kind)
    action = process.action("callback") if process else None
    if action is None:
        raise NotFoundError(_("There is no such action."))
    return action.form


def _asked(ask: calls.Ask, desk: Desk, tries: Tries) -> Asked:
    if not (ask.may and ask.ready):
        return Asked(ask, [], "")
    tried = tries.get(ask.key, Tried())
    form = _form(ask.case.kind)
    fields = questions(form, actor=desk.actor, values=tried.values, errors=tried.errors, leave_out=OWN)
    return Asked(ask, [replace(f, name=_name(ask.key, f.name)) for f in fields], tried.refusal)


def _name(number: str, field: str) -> str:
    """The questions of several cases stand in one form."""
    return f"{number}.{field}"


@office_only
@require_POST
@at_desk
def record(request: HttpRequest, desk: Desk) -> HttpResponse:
    """Write down one call: each case has its own answer; those without one are not touched."""
    numbers = list(dict.fromkeys(request.POST.getlist("number")))[:MOST]
    typed = {number: _typed(request, number) for number in numbers}
    given = [number for number in numbers if typed[number].get("outcome")]
    uuid = client_uuid(request)
    tries = {n: Tried(typed[n]) for n in numbers}
    if not given:
        missing = {"outcome": _("Choose what came of the call.")}
        tries = {n: Tried(typed[n], missing, "", 422) for n in numbers}
        return _answer(request, desk, numbers[0] if numbers else "", tries, str(uuid), status=422)
    refused = {n: t for n in given if (t := _try(request, desk, n, uuid, typed[n])) is not None}
    if not refused:
        return _done(request)
    status = max(t.status for t in refused.values())
    return _answer(request, desk, next(iter(refused)), {**tries, **refused}, str(uuid), status=status)


def _typed(request: HttpRequest, number: str) -> dict[str, str]:
    start = _name(number, "")
    found = {k.removeprefix(start): request.POST.get(k, "").strip() for k in request.POST if k.startswith(start)}
    return {k: v for k, v in found.items() if v}


def _try(request: HttpRequest, desk: Desk, number: str, uuid: UUID, raw: Mapping[str, str]) -> Tried | None:
    """None when it is written down. ``number``: a case, or a case and that it rained."""
    case_number, after_rain, _end = number.partition(calls.RAIN)
    data = {**raw, "purpose": Purpose.AFTER_RAIN.value} if after_rain else raw
    try:
        outcome = engine.act(
            project_id=place_of(case_number).id,
            number=case_number,
            action="callback",
            actor=desk.actor,
            at=desk.at,
            client_uuid=uuid5(uuid, number),
            data=data,
        )
    except InvalidError as error:
        known = set(error.fields) & set(raw) | {"outcome", "rating", "comment"} & set(error.fields)
        return Tried(raw, error.fields, "" if known else str(error), 422)
    except (ConflictError, NotAllowedError) as error:
        return Tried(raw, {}, str(error), status_of(error))
    _say(request, case_number, raw["outcome"], reopened=outcome.case.state == outcome.process.initial)
    return None


def _say(request: HttpRequest, number: str, outcome: str, *, reopened: bool) -> None:
    if reopened:
        text = _("%(number)s: not satisfied. The case is open again, with new deadlines.") % {"number": number}
        messages.warning(request, text)
        return
    label = AttemptOutcome(outcome).label
    messages.success(request, _("%(number)s: written down, %(outcome)s") % {"number": number, "outcome": label})


def _done(request: HttpRequest) -> HttpResponse:
    mine = "?mine=1" if request.GET.get("mine") == "1" else ""
    response = HttpResponseRedirect(f"{reverse('console:callbacks')}{mine}")
    response.status_code = 303
    return response
