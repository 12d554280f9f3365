"""Taking a request: one box finds who it is, three keys save it (type, category, Enter)."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final
from uuid import uuid4

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, JsonResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import pgettext_lazy
from django.views.decorators.http import require_GET, require_http_methods

from steward.assurance.incidents.known import Known, known_incident
from steward.cases.declare import REGISTRY, Process, process_of
from steward.cases.models import Case, Channel
from steward.casework.categories import CategoryRow, keys, of_kind
from steward.casework.intake import lookup
from steward.casework.intake.receiving import Received, may_answer, receive
from steward.console import promises
from steward.console.case import case_url
from steward.console.incidents.views import proposals
from steward.console.reception import night
from steward.console.reception.asked import asked
from steward.console.reception.calls import LONGEST, plain_number
from steward.console.reception.scripts import script
from steward.console.shell import Desk, at_desk, page, part
from steward.console.work import Row, dressed
from steward.kernel.errors import InvalidError, NotFoundError
from steward.kernel.privacy import mask_phone
from steward.registers.org.tree import Place, place
from steward.registers.party.search import Hit
from steward.registers.workforce.people import name_of
from steward.web.forms import client_uuid, posted
from steward.web.http import office_only

HITS: Final = 10
TITLE: Final = 40
LONGEST_CALL: Final = timedelta(hours=2)
#: A number as it is typed or copied, and the digits of the shortest one somebody can be called back on from outside.
DIALLED: Final = re.compile(r"[+\d][\d \-()]*")
LOCAL: Final = 7
WRITTEN: Final = frozenset({Channel.WECHAT, Channel.EMAIL})
MATCHED: Final = {
    "room": pgettext_lazy("search", "room"),
    "name": pgettext_lazy("search", "name"),
    "pinyin": pgettext_lazy("search", "pinyin"),
    "phone": pgettext_lazy("search", "phone"),
    "tail": pgettext_lazy("search", "end of the number"),
    "number": pgettext_lazy("search", "case number"),
    "plate": pgettext_lazy("search", "plate"),
}
#: Letters that are the screen's own: settled at once, the channel, save only, the next technician.
KEPT: Final = frozenset("ALSR")
ALPHABET: Final = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"


@dataclass(frozen=True)
class Choice:
    """A category with its key; ``below``: what it is divided into, with keys of their own."""

    key: str
    row: CategoryRow
    words: str
    below: list["Choice"]


@dataclass(frozen=True)
class Kind:
    """A kind of case that may be received here, with the letter that chooses it."""

    process: Process
    letter: str
    at_once: bool  # may be answered on the phone
    categories: list[Choice]


@dataclass(frozen=True)
class Card:
    """The household in front of the desk."""

    where: Place
    home: lookup.Household
    open_cases: list[Row]
    last_cases: list[Row]
    unit: str
    customer: int | None


@office_only
@require_http_methods(["GET", "POST"])
@at_desk
def intake(request: HttpRequest, desk: Desk) -> HttpResponse:
    """GET: the call screen. POST: 303 to the new case, or the screen again with everything typed."""
    values: Mapping[str, Any] = request.POST if request.method == "POST" else request.GET
    errors: Mapping[str, Any] = {}
    at_night = night.is_on(request, desk, _project(desk, values.get("project", "")))
    if request.method == "POST":
        try:
            return _save(request, desk)
        except InvalidError as error:
            errors = error.fields
    context = screen(desk, values, errors, at_night=at_night)
    status = 422 if errors else 200
    return page(request, desk, "console/intake.jinja", context, here="intake", status=status)


def screen(
    desk: Desk, values: Mapping[str, Any], errors: Mapping[str, Any], *, at_night: bool = False
) -> dict[str, Any]:
    where = _project(desk, values.get("project", ""))
    shown = card(desk, values.get("unit", ""), values.get("customer", ""), where)
    chosen = values.get("kind", "") or next(iter(REGISTRY))
    caller = values.get("caller", "")[:15]
    values = {**{name: values[name] for name in values}, "reporter_phone": values.get("reporter_phone") or caller}
    promise = promises.of(desk, where, chosen, values) if where else None
    return {
        "kinds": kinds(desk, where),
        "kind": chosen,
        "card": shown,
        "where": where,
        "projects": [(str(p.id), p.name) for p in desk.places] if where is None else [],
        "values": values,
        "errors": errors,
        "stray": [text for name, text in errors.items() if name in ("client_uuid", "unit", "customer", "project")],
        **asked(desk, where, values, errors),
        "promise": promise,
        "known": known(desk, where, shown),
        "uuid": values.get("client_uuid") or str(uuid4()),
        "script": script(desk, where, chosen, {**values, "unit_label": shown.unit if shown else ""}, promise),
        "asked": values.get("q", "")[:40],
        "opened": desk.at.isoformat(),
        "at_night": at_night,
        "night": night.of(desk, where, chosen, values) if at_night and where else None,
    }


def _project(desk: Desk, wanted: str) -> Place | None:
    """The project of the case: as found with the household, else the one in sight."""
    if wanted.isdecimal() and len(wanted) < 16 and int(wanted) in desk.actor.project_ids:
        return place(int(wanted))
    return desk.chosen


def kinds(desk: Desk, where: Place | None) -> list[Kind]:
    """What may be received, each with the first free letter of its number's prefix, else any that is free."""
    found: list[Kind] = []
    taken = set(KEPT)
    for process in REGISTRY.values():
        if where is not None and not process.opened_by.allows(desk.actor, Case(project_id=where.id)):
            continue
        letter = next((c for c in process.prefix + ALPHABET if c not in taken), "")
        taken.add(letter)
        rows = of_kind(process.kind, where.id if where else 0)
        found.append(
            Kind(
                process,
                letter,
                may_answer(process, where.id if where else 0, desk.actor),
                _keyed(rows, desk.actor.language),
            )
        )
    return found


def _keyed(rows: Sequence[CategoryRow], language: str) -> list[Choice]:
    """The first level, each with the second behind it."""
    found = keys(rows)

    def level(parent: int | None) -> list[Choice]:
        mine = [row for row in rows if row.parent_id == parent]
        return [Choice(found.get(row.id, ""), row, row.title(language), level(row.id)) for row in mine]

    return level(None)


# --- finding ------------------------------------------------------------------------------------------
@office_only
@require_GET
@at_desk
def units(request: HttpRequest, desk: Desk) -> JsonResponse:
    """What the box offers while somebody types."""
    text = request.GET.get("q", "")[:80]
    chosen = desk.chosen.id if desk.chosen else None
    hits = lookup.find(desk.actor, chosen, text, HITS, at=desk.at) if text.strip() else []
    return JsonResponse({"items": [_offer(hit, desk) for hit in hits] or _stranger(text)})


def _stranger(text: str) -> list[dict[str, str]]:
    """A number nobody has on file is somebody new: one key and it stands on the card."""
    digits = plain_number(text)
    if not DIALLED.fullmatch(text.strip()) or not LOCAL <= len(digits) <= LONGEST:
        return []
    value = f"{reverse('console:intake')}?caller={digits}"
    return [{"value": value, "label": digits, "hint": _("new caller: this number is not on file"), "by": ""}]


def _offer(hit: Hit, desk: Desk) -> dict[str, str]:
    if hit.kind == "case":
        words = [hit.title, *hit.units, *hit.people]
        value = case_url(hit.label)
    else:
        words = [*hit.people, *hit.units, mask_phone(hit.phone)]
        value = f"{reverse('console:intake')}?project={hit.project_id}&{hit.kind}={hit.id}"
    if desk.sees_several:
        words.append(place(hit.project_id).name)
    by = str(MATCHED.get(hit.by, ""))
    return {"value": value, "label": hit.label, "hint": " · ".join(filter(None, words)), "by": by}


@office_only
@require_GET
@at_desk
def household(request: HttpRequest, desk: Desk) -> HttpResponse:
    """The card of whoever was chosen, beside the form that stays as it was typed."""
    where = _project(desk, request.GET.get("project", ""))
    shown = card(desk, request.GET.get("unit", ""), request.GET.get("customer", ""), where)
    context = {"card": shown, "values": request.GET, "uuid": str(uuid4()), "known": known(desk, where, shown)}
    return part(request, desk, "console/household.jinja", "card", context)


def known(desk: Desk, where: Place | None, shown: Card | None) -> Known | None:
    """The incident that explains the call, before anything else."""
    if where is None:
        return None
    unit_id = shown.home.rooms[0].id if shown and shown.home.rooms else None
    return known_incident(actor=desk.actor, project_id=where.id, unit_id=unit_id, at=desk.at)


def card(desk: Desk, unit: str, customer: str, where: Place | None) -> Card | None:
    """By the identifiers that the box handed out. Raises NotFoundError out of scope."""
    ids = [int(v) if v.isdecimal() and len(v) < 16 else None for v in (unit, customer)]
    if where is None or ids == [None, None]:
        return None
    try:
        home = lookup.household(desk.actor, where.id, unit_id=ids[0], customer_id=ids[1], at=desk.at)
    except NotFoundError:
        return None
    return Card(
        where=where,
        home=home,
        open_cases=[dressed(row, desk) for row in home.open_cases],
        last_cases=[dressed(row, desk) for row in home.last_cases],
        unit=home.rooms[0].label if home.rooms else "",
        customer=home.occupants[0].customer_id if home.occupants else None,
    )


@office_only
@require_GET
@at_desk
def then(request: HttpRequest, desk: Desk) -> HttpResponse:
    """What saving will set in motion, in words, while the form is being filled in."""
    where = _project(desk, request.GET.get("project", ""))
    kind = request.GET.get("kind", "")
    found = promises.of(desk, where, kind, request.GET) if where else None
    context = {
        "promise": found,
        "script": script(desk, where, kind, request.GET, found),
        "again": True,
        "night": night.of(desk, where, kind, request.GET) if where and request.GET.get("night") else None,
    }
    return part(request, desk, "console/then.jinja", "then", context)


# --- saving -------------------------------------------------------------------------------------------
def _save(request: HttpRequest, desk: Desk) -> HttpResponse:
    """Raises InvalidError naming the field."""
    where = _project(desk, request.POST.get("project", ""))
    process = process_of(request.POST.get("kind", ""))
    if where is None:
        raise InvalidError({"project": _("Choose the project.")})
    if process is None:
        raise InvalidError({"kind": _("There is no such kind of case.")})
    form = process.open_form
    raw = posted(form, request, actor=desk.actor, project_id=where.id, tz=where.tz, at=desk.at)
    raw = {name: value for name, value in raw.items() if value not in ("", None)}
    raw.setdefault("received_at", _begun(request.POST.get("begun", ""), desk))
    raw["unit"], raw["customer"] = request.POST.get("unit_label", ""), request.POST.get("customer_id") or None
    raw["title"] = _title(raw.get("description", ""), process, raw.get("category", ""), where, desk)
    then = request.POST.get("then", "")
    asked: dict[str, Any] = {
        "project_id": where.id,
        "kind": process.kind,
        "actor": desk.actor,
        "at": desk.at,
        "client_uuid": client_uuid(request),
        "data": raw,
    }
    if then in (night.NOW, night.MORNING):
        return night.save(request, desk, then, asked)
    done = receive(
        **asked,
        send_to=_sent(request.POST.get("send_to", "")) if then != "case" else None,
        answer=request.POST.get("answer", "") if then == "answer" else None,
        article=_sent(request.POST.get("article", "")),
    )
    _say(request, done, then)
    _say_cause(request, desk, done.case)
    return _onward("" if done.is_done else then, process, done.case, raw)


def _sent(text: str) -> int | None:
    return int(text) if text.isdecimal() and len(text) < 16 else None


def _say(request: HttpRequest, done: Received, then: str) -> None:
    number, name = done.case.number, name_of(done.case.handler_id)
    if done.refusal:
        messages.warning(request, _("%(number)s received, but: %(why)s") % {"number": number, "why": done.refusal})
    elif done.is_done and then == "answer":
        messages.success(request, _("%(number)s received and answered") % {"number": number})
    elif done.is_done and name:
        messages.success(request, _("%(number)s received, %(name)s sent and told") % {"number": number, "name": name})
    else:
        messages.success(request, _("%(number)s received") % {"number": number})


def _say_cause(request: HttpRequest, desk: Desk, case: Case) -> None:
    """One query: whoever took the third call about it should not have to find out by herself."""
    found = next((p for p in proposals(desk) if case.number in p.numbers), None)
    if found is not None:
        text = _("One cause? %(reason)s. Key I on the workbench makes it an incident.")
        messages.warning(request, text % {"reason": found.reason})


def _begun(text: str, desk: Desk) -> datetime | None:
    """When the call was picked up, as the screen noted it; a screen left open since the morning says nothing."""
    try:
        begun = datetime.fromisoformat(text)
    except ValueError:
        return None
    known = begun.tzinfo is not None and desk.at - LONGEST_CALL < begun < desk.at
    return begun if known else None


def _title(text: str, process: Process, code: str, where: Place, desk: Desk) -> str:
    """The first words that were said; without any, the category."""
    first = text.strip().splitlines()[0][:TITLE] if text.strip() else ""
    named = next((c.title(desk.actor.language) for c in of_kind(process.kind, where.id) if c.code == code), "")
    if not first and not named:
        raise InvalidError({"description": _("Say in a few words what it is about, or choose a category.")})
    return first or named


def _onward(then: str, process: Process, case: Case, raw: Mapping[str, Any]) -> HttpResponse:
    """On to the next step's form, where one was asked for; a repair first needs to know who pays."""
    target = case_url(case.number)
    if case.channel in WRITTEN:
        # Back into the same chat goes a reply, ready to be copied.
        target += "?do=share"
    elif then == "step":
        asks_payer = "payer" in process.open_form.model_fields and not (raw.get("payer") and case.urgency)
        first = next((a.name for a in process.actions if a.primary and case.state in a.source), "")
        target += f"?do={'assess' if asks_payer else first}"
    response = HttpResponseRedirect(target)
    response.status_code = 303
    return response
