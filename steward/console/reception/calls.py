"""A call: who it is by the number alone, and the calls of which no case comes."""

import re
from typing import Final
from urllib.parse import urlencode

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from steward.assurance.incidents.verbs import add_caller
from steward.cases.engine import load
from steward.cases.models import Channel
from steward.casework.intake.contacts import ask_again, counted, note_contact
from steward.casework.models import ContactOutcome
from steward.console.case import case_url, place_of
from steward.console.shell import Desk, at_desk
from steward.kernel.errors import InvalidError
from steward.kernel.marks import listed
from steward.registers.org.tree import Place
from steward.registers.party import search
from steward.registers.party.models import Piece
from steward.registers.party.reveals import reveal
from steward.registers.party.search import By, Hit
from steward.registers.workforce.people import name_of
from steward.web.forms import client_uuid
from steward.web.http import office_only

#: Fewer digits are no number that somebody can be called back on.
SHORTEST: Final = 5
LONGEST: Final = 15


@office_only
@require_GET
@at_desk
def incoming(request: HttpRequest, desk: Desk) -> HttpResponse:
    """Opened by a phone system: the call screen with the household of that number, or with the number in its box."""
    digits = plain_number(request.GET.get("number", ""))
    if not SHORTEST <= len(digits) <= LONGEST:
        return HttpResponseRedirect(reverse("console:intake"))
    found = households(desk, digits)
    asked = {"caller": digits, "q": digits}
    if len(found) == 1:
        asked = {"project": str(found[0].project_id), "customer": str(found[0].id), "caller": digits}
    return HttpResponseRedirect(f"{reverse('console:intake')}?{urlencode(asked)}")


def plain_number(text: str) -> str:
    """Digits only, without the country's code."""
    digits = re.sub(r"\D", "", text[:40])
    if len(digits) >= LONGEST - 2 and digits.startswith("0086"):
        return digits[4:]
    return digits[2:] if len(digits) == 13 and digits.startswith("86") else digits


def households(desk: Desk, digits: str) -> list[Hit]:
    """Customers whose own or contact's number this is, whole."""
    chosen = desk.chosen.id if desk.chosen else None
    hits = search.find(desk.actor, chosen, digits, 10)
    return [h for h in hits if h.kind == "customer" and h.exact and h.by in (By.PHONE, By.TAIL)]


@office_only
@require_POST
@at_desk
def number(request: HttpRequest, desk: Desk, project_id: int, customer: int, contact: int) -> HttpResponse:
    """One click inside the call: the call is the reason, and stands in the log with its beginning."""
    begun = request.POST.get("begun", "")[:16].replace("T", " ")
    found = reveal(
        project_id=project_id,
        customer_id=customer,
        piece=Piece.PHONE,
        actor=desk.actor,
        at=desk.at,
        reason=_("On a call, begun %(at)s (UTC)") % {"at": begun} if begun else _("On the call screen"),
        contact_id=contact or None,
    )
    return HttpResponse(format_html('<a class="nb" href="tel:{}">{}</a>', found, found))


@office_only
@require_POST
@at_desk
def wrong_number(request: HttpRequest, desk: Desk) -> HttpResponse:
    """Counted as a contact; no case. Back to an empty call screen."""
    where = _where(request, desk)
    note_contact(
        project_id=where.id,
        outcome=ContactOutcome.WRONG_NUMBER,
        actor=desk.actor,
        at=desk.at,
        client_uuid=client_uuid(request),
        channel=_channel(request),
        note=request.POST.get("note", ""),
    )
    midnight = desk.at.astimezone(where.tz).replace(hour=0, minute=0, second=0, microsecond=0)
    today = counted(desk.actor, frozenset({where.id}), since=midnight, until=desk.at.replace(microsecond=999999))
    n = max(1, today.get(ContactOutcome.WRONG_NUMBER, 0))
    messages.success(request, _("Wrong number counted, no case made. Today: %(n)s") % {"n": n})
    return _see_other(reverse("console:intake"))


@office_only
@require_POST
@at_desk
def asked_again(request: HttpRequest, desk: Desk, number: str) -> HttpResponse:
    """On to the case: what stands there is what the caller wants to hear."""
    where = place_of(number)
    load(where.id, number, desk.actor)
    case = ask_again(
        project_id=where.id,
        number=number,
        actor=desk.actor,
        at=desk.at,
        client_uuid=client_uuid(request),
        channel=_channel(request),
        note=request.POST.get("note", ""),
    )
    names = listed(dict.fromkeys(filter(None, (name_of(case.handler_id), name_of(case.accountable_id)))))
    messages.success(
        request, _("Noted that the customer asked again. Told: %(names)s") % {"names": names or _("nobody")}
    )
    return _see_other(case_url(case.number))


@office_only
@require_POST
@at_desk
def join(request: HttpRequest, desk: Desk) -> HttpResponse:
    """The caller's case joins the known incident, without a form; the next call may come."""
    where = _where(request, desk)
    given = {name: request.POST.get(name, "") for name in ("reporter_name", "reporter_phone", "description")}
    case = add_caller(
        project_id=where.id,
        number=request.POST.get("incident", ""),
        actor=desk.actor,
        at=desk.at,
        client_uuid=client_uuid(request),
        data={**given, "unit": request.POST.get("unit_label", ""), "channel": _channel(request)},
    )
    words = _("%(number)s joined to %(incident)s. The customer hears what the others hear, and is called back.")
    messages.success(request, words % {"number": case.number, "incident": request.POST.get("incident", "")})
    return _see_other(reverse("console:intake"))


def _where(request: HttpRequest, desk: Desk) -> Place:
    """The project in sight, or the one of the household on the screen."""
    wanted = request.POST.get("project", "")
    named = next((p for p in desk.places if str(p.id) == wanted), None)
    found = named or desk.chosen or next(iter(desk.places), None)
    if found is None:
        raise InvalidError({"project": _("Choose the project.")})
    return found


def _channel(request: HttpRequest) -> Channel:
    wanted = request.POST.get("channel", "")
    return Channel(wanted) if wanted in Channel.values else Channel.PHONE


def _see_other(target: str) -> HttpResponse:
    response = HttpResponseRedirect(target)
    response.status_code = 303
    return response
