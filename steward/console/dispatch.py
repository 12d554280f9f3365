"""The dispatch board: who goes where, when, and why somebody does not fit."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import Any, Final
from uuid import uuid4

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST
from django_htmx.http import HttpResponseClientRedirect

from steward.cases import engine
from steward.cases.declare import Action, process_of
from steward.casework.categories import of_kind
from steward.casework.screens import screen_of
from steward.console import board
from steward.console.actions import Tried, is_htmx
from steward.console.case import place_of
from steward.console.menu import DISPATCHERS
from steward.console.shell import Desk, at_desk, page, part
from steward.design.forms import Choice, Field
from steward.kernel.errors import ConflictError, InvalidError, NotFoundError
from steward.registers.org.tree import Place
from steward.web.forms import client_uuid, posted, questions
from steward.web.http import office_only, status_of

STEPS: Final = ("assess", "dispatch")
#: The payer's name is asked on the case page; here only what dispatching needs.
LEFT_OUT: Final = frozenset({"payer_name"})
DAYS: Final = 3


@dataclass(frozen=True)
class Asked:
    """A card with the step that comes next and its questions."""

    card: board.Card
    step: str
    title: Any
    fields: list[Field]
    refusal: str
    note: str
    uuid: str
    may: bool
    is_open: bool


@dataclass(frozen=True)
class Wanted:
    """What stands in the address, and what was refused just now."""

    number: str = ""
    day: str = ""
    step: str = ""
    tried: Tried = field(default_factory=Tried)


def place_in_sight(request: HttpRequest, desk: Desk) -> tuple[Place, list[Place]]:
    """The project whose board is shown, and those to choose from. Raises NotFoundError for whoever has none."""
    reached = desk.actor.projects_with(*DISPATCHERS)
    open_to_me = [p for p in desk.places if p.id in reached]
    if not open_to_me:
        raise NotFoundError(_("There is no such page."))
    code = request.GET.get("project", "")
    wanted = desk.chosen or next((p for p in open_to_me if p.code == code), None)
    return (wanted if wanted in open_to_me else open_to_me[0]), open_to_me


@office_only
@require_GET
@at_desk
def show(request: HttpRequest, desk: Desk) -> HttpResponse:
    where, choices = place_in_sight(request, desk)
    wanted = Wanted(request.GET.get("case", ""), request.GET.get("day", ""))
    return _answer(request, desk, where, choices, wanted)


def _answer(
    request: HttpRequest, desk: Desk, where: Place, choices: list[Place], wanted: Wanted, *, status: int = 200
) -> HttpResponse:
    with timezone.override(where.tz):
        context = _context(desk, where, choices, wanted)
    if is_htmx(request) and request.method == "GET":
        return part(request, desk, "console/dispatch.jinja", "board", context, tz=where.tz)
    return page(request, desk, "console/dispatch.jinja", context, here="dispatch", status=status, tz=where.tz)


def _context(desk: Desk, where: Place, choices: list[Place], wanted: Wanted) -> dict[str, Any]:
    today = timezone.localtime(desk.at, where.tz).date()
    day = board.day_of(wanted.day, today)
    shown = board.read(desk, where, day)
    cards = (*shown.waiting, *shown.handed)
    chosen = shown.card(wanted.number) or (cards[0] if cards else None)

    def asked(card: board.Card) -> Asked:
        mine = card is chosen
        return ask(card, shown, desk, where, wanted if mine else Wanted(), is_open=mine)

    base = reverse("console:dispatch")
    project = f"&project={where.code}" if len(choices) > 1 else ""
    return {
        "board": shown,
        "waiting": [asked(c) for c in shown.waiting],
        "handed": [asked(c) for c in shown.handed],
        "chosen": chosen,
        "fits": {
            lane.who.id: board.fits(lane.who, chosen.skill if chosen else "") and not lane.away for lane in shown.lanes
        },
        "hours": range(board.FIRST_HOUR, board.LAST_HOUR),
        "span": board.LAST_HOUR - board.FIRST_HOUR,
        "full": board.FULL,
        "days": [_day_tab(today + timedelta(days=n), day, n, f"{base}?day=", project) for n in range(DAYS)],
        "projects": [{"label": p.name, "url": f"{base}?project={p.code}", "current": p == where} for p in choices]
        if desk.chosen is None and len(choices) > 1
        else [],
        "self_url": f"{base}?day={day.isoformat()}{project}",
        "at": desk.at,
    }


def _day_tab(day: Any, current: Any, n: int, base: str, project: str) -> dict[str, Any]:
    words = {0: _("Today"), 1: _("Tomorrow")}
    label = f"{words.get(n, '')} {date_format(day, 'm-d D')}".strip()
    return {"label": label, "url": f"{base}{day.isoformat()}{project}", "current": day == current}


def ask(card: board.Card, shown: board.Board, desk: Desk, where: Place, wanted: Wanted, *, is_open: bool) -> Asked:
    """The card's next step: urgency and payer first while they are missing."""
    step = wanted.step or ("dispatch" if card.is_decided else "assess")
    action = _action(step)
    tried = wanted.tried
    refused = tried.status != 200
    values = tried.values if refused else screen_of(board.KIND).begin(step, card.case, card.detail, desk.actor)
    if step == "dispatch" and not refused:
        best = card.best.who.id if card.best else None
        values = {"handler": card.case.handler_id or best, "appointment_at": card.detail.appointment_at, **_set(values)}
    options: dict[str, Sequence[Choice]] = {
        "handler": board.people(card, shown.lanes),
        "category": [(c.code, c.title(desk.actor.language)) for c in of_kind(board.KIND, where.id)],
    }
    fields = questions(
        action.form, actor=desk.actor, options=options, values=values, errors=tried.errors, leave_out=LEFT_OUT
    )
    return Asked(
        card=card,
        step=step,
        title=action.title,
        fields=[replace(f, kind="staff") if f.name == "handler" else f for f in fields],
        refusal=tried.refusal,
        note=str(tried.values.get("note", "")) if refused else "",
        uuid=tried.uuid or str(uuid4()),
        may=engine.may(action, card.case, desk.actor),
        is_open=is_open,
    )


def _set(values: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in values.items() if value}


def _action(name: str) -> Action:
    process = process_of(board.KIND)
    found = process.action(name) if process and name in STEPS else None
    if found is None:
        raise NotFoundError(_("There is no such action."))
    return found


@office_only
@require_POST
@at_desk
def assign(request: HttpRequest, desk: Desk) -> HttpResponse:
    """Decide urgency and payer, or send somebody. A refusal stands at the card, with everything typed."""
    number, step = request.POST.get("number", ""), request.POST.get("step", "")
    where, action = place_of(number), _action(step)
    engine.load(where.id, number, desk.actor)
    tried = _try(request, desk, where, number, action)
    if tried is None:
        return _done(request, number, step)
    wanted = Wanted(number, request.POST.get("day", ""), step, tried)
    choices = [p for p in desk.places if p.id in desk.actor.projects_with(*DISPATCHERS)]
    if where not in choices:
        raise NotFoundError(_("There is no such page."))
    if is_htmx(request):
        return _card(request, desk, where, wanted)
    return _answer(request, desk, where, choices, wanted, status=tried.status)


def _card(request: HttpRequest, desk: Desk, where: Place, wanted: Wanted) -> HttpResponse:
    """The one card again; if the case has left the board meanwhile, the whole board says so."""
    with timezone.override(where.tz):
        shown = board.read(desk, where, timezone.localtime(desk.at, where.tz).date())
        card = shown.card(wanted.number)
        if card is None:
            messages.error(request, wanted.tried.refusal or _("The case has moved on."))
            return HttpResponseClientRedirect(reverse("console:dispatch"))
        context = {"a": ask(card, shown, desk, where, wanted, is_open=True), "day": wanted.day}
    return part(request, desk, "console/dispatch_card.jinja", "card", context, status=wanted.tried.status, tz=where.tz)


def _try(request: HttpRequest, desk: Desk, where: Place, number: str, action: Action) -> Tried | None:
    uuid, note = request.POST.get("client_uuid", ""), request.POST.get("note", "")
    raw: dict[str, Any] = {}
    try:
        raw = posted(action.form, request, actor=desk.actor, project_id=where.id, tz=where.tz, at=desk.at)
        raw = {name: value for name, value in raw.items() if name not in LEFT_OUT}
        engine.act(
            project_id=where.id,
            number=number,
            action=action.name,
            actor=desk.actor,
            at=desk.at,
            client_uuid=client_uuid(request),
            data=raw,
            note=note,
        )
    except InvalidError as error:
        stray = "" if set(error.fields) & set(action.form.model_fields) else str(error)
        return Tried({**raw, "note": note}, error.fields, stray, 422, uuid)
    except ConflictError as error:
        # A new try after a refusal is a new request: what was refused left nothing behind.
        return Tried({**raw, "note": note}, {}, str(error), status_of(error), uuid)
    return None


def _done(request: HttpRequest, number: str, step: str) -> HttpResponse:
    day = request.POST.get("day", "")
    target = f"{reverse('console:dispatch')}?day={day}" if day else f"{reverse('console:dispatch')}?"
    if step == "assess":
        target += f"&case={number}"
        messages.success(request, _("%(number)s: urgency and payer decided") % {"number": number})
    else:
        messages.success(request, _("%(number)s: sent, the technician has been told") % {"number": number})
    if is_htmx(request):
        return HttpResponseClientRedirect(target)
    response = HttpResponseRedirect(target)
    response.status_code = 303
    return response
