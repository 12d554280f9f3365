"""Report a fault, ask a question: everything by tapping, nothing typed is lost."""

import uuid
from datetime import date, datetime, timedelta
from typing import Any, Final

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy
from django.views.decorators.http import require_http_methods

from steward.cases.models import Channel
from steward.casework.categories import of_kind
from steward.casework.intake.opening import open_case
from steward.kernel.actor import Actor, Home
from steward.kernel.errors import ConflictError, InvalidError
from steward.portal import forms, knowledge, reads
from steward.portal.shell import shell_of, show
from steward.registers.org.tree import place
from steward.registers.workforce.people import name_of
from steward.web.forms import client_uuid
from steward.web.http import actor_of, residents_only

RECORD: Final = "zh-hans"
ROOMS: Final = (
    ("kitchen", gettext_lazy("Kitchen")),
    ("bathroom", gettext_lazy("Bathroom")),
    ("living", gettext_lazy("Living room")),
    ("bedroom", gettext_lazy("Bedroom")),
    ("balcony", gettext_lazy("Balcony")),
    ("outside", gettext_lazy("Stairs, grounds")),
)
# Common parts are repaired out of the service fee: no fee is told, none is owed.
OUTSIDE: Final = "outside"
KNOWN: Final = frozenset({"home", "room", "what", "time", "day", "photos"})
TITLE: Final = 40


@residents_only
@require_http_methods(["GET", "POST"])
def report(request: HttpRequest) -> HttpResponse:
    actor, now, sheet = actor_of(request), timezone.now(), forms.Sheet()
    if not actor.homes:
        return show(request, "unbound", shell_of(actor, tab="home"), {})
    home = home_of(request, actor)
    if request.method == "POST":
        try:
            return _sent(request, actor, home, now, sheet)
        except (InvalidError, ConflictError) as refusal:
            forms.refuse(sheet, refusal, KNOWN)
    context = {
        "home": home,
        "homes": actor.homes,
        "where": place(home.project_id),
        "rooms": ROOMS,
        "times": times(now.astimezone(place(home.project_id).tz)),
        "fee": reads.call_out_fee(home.project_id, now),
    }
    return form_page(request, "report", actor, sheet, context)


def form_page(
    request: HttpRequest, template: str, actor: Actor, sheet: forms.Sheet, context: dict[str, Any]
) -> HttpResponse:
    # A refused form gets a fresh identifier: its pictures are stored already, new ones must not count as those.
    known = {"sheet": sheet, "form_uuid": uuid.uuid4()}
    return show(request, template, shell_of(actor), {**context, **known}, status=sheet.status)


def home_of(request: HttpRequest, actor: Actor) -> Home:
    """The home that was tapped; somebody else's is refused."""
    wanted = request.POST.get("home") or request.GET.get("home") or ""
    chosen = reads.home_at(actor, int(wanted)) if wanted.isdecimal() and len(wanted) < 16 else None
    return chosen or actor.homes[0]


def _sent(request: HttpRequest, actor: Actor, home: Home, now: datetime, sheet: forms.Sheet) -> HttpResponse:
    sent = forms.read(forms.Report, request, sheet, actor=actor, project_id=home.project_id, at=now)
    must_be_mine(actor, sent.home)
    if sent.room is None:
        raise InvalidError({"room": _("Tap where it is.")})
    if not sent.what and not sent.photos:
        raise InvalidError({"what": _("Take a photo or say in a few words what is wrong.")})
    data = {
        "title": title(sent),
        "description": description(sent, forms.a_day(sent.day)),
        "place": room(sent.room),
        "unit": home.unit_label,
        "channel": Channel.PORTAL,
        "photos": sent.photos,
        **_consent_to_fee(sent, home, now),
    }
    return send_off(request, actor, home, now, "repair", data)


def must_be_mine(actor: Actor, unit_id: int) -> None:
    if reads.home_at(actor, unit_id) is None:
        raise InvalidError({"home": _("This is not one of your homes.")})


def _consent_to_fee(sent: forms.Report, home: Home, now: datetime) -> dict[str, str]:
    """The fee that stood on the page when it was sent is what was accepted; another one is told anew."""
    fee = reads.call_out_fee(home.project_id, now)
    if fee is None or sent.room == OUTSIDE:
        return {}
    if sent.told_fee != str(fee.price):
        raise ConflictError(_("The call-out fee has changed. Please look again."), rule="portal.fee_told")
    return {"flat_rate": fee.code}


def send_off(
    request: HttpRequest, actor: Actor, home: Home, now: datetime, kind: str, data: dict[str, Any]
) -> HttpResponse:
    sent = open_case(
        project_id=home.project_id, kind=kind, actor=actor, at=now, client_uuid=client_uuid(request), data=data
    )
    who = name_of(sent.case.accountable_id)
    messages.success(request, _("We have it. %(who)s answers for it.") % {"who": who})
    url = reverse("portal:case", args=[sent.case.number])
    return HttpResponseRedirect(f"{url}?sent={kind}", status=303)


def title(sent: forms.Report) -> str:
    """Place and the first words: what staff see in a list."""
    where = room(sent.room or "")
    first = sent.what.split("\n", 1)[0].strip()
    for mark in "。！？；!?;":
        first = first.split(mark, 1)[0]
    with translation.override(RECORD):
        words = first[:TITLE] or _("see the photos")
    return words if where in words else f"{where}：{words}"


def room(key: str) -> str:
    with translation.override(RECORD):
        return str(dict(ROOMS).get(key, ""))


def description(sent: forms.Report, day: date | None) -> str:
    """What was said, and when somebody is at home, for whoever goes there."""
    with translation.override(RECORD):
        at = f"{day:%m-%d}" if sent.time == "day" and day else _spoken(sent.time)
        home = _("At home: %(when)s") % {"when": at} if at else ""
    return "\n".join(part for part in (sent.what, home) if part)


HALVES: Final = {
    "am": pgettext_lazy("half of a day", "morning"),
    "pm": pgettext_lazy("half of a day", "afternoon"),
}


def _spoken(time: str) -> str:
    """A tapped time (``2026-11-21 am``) for the record."""
    day, _gap, half = time.partition(" ")
    if half not in HALVES or forms.a_day(day) is None:
        return ""
    return f"{date.fromisoformat(day):%m-%d} {HALVES[half]}"


def times(now: datetime) -> list[tuple[str, str]]:
    """The next two half days, and a day of one's own choice."""
    today, tomorrow = now.date(), now.date() + timedelta(days=1)
    near = [(today, "am", _("This morning")), (today, "pm", _("This afternoon"))]
    near += [(tomorrow, "am", _("Tomorrow morning")), (tomorrow, "pm", _("Tomorrow afternoon"))]
    gone = 0 if now.hour < 11 else 1 if now.hour < 17 else 2
    return [(f"{day} {half}", label) for day, half, label in near[gone : gone + 2]]


@residents_only
@require_http_methods(["GET", "POST"])
def ask(request: HttpRequest) -> HttpResponse:
    actor, now, sheet = actor_of(request), timezone.now(), forms.Sheet()
    if not actor.homes:
        return show(request, "unbound", shell_of(actor, tab="home"), {})
    home = home_of(request, actor)
    offered = of_kind("inquiry", home.project_id)
    if request.method == "POST":
        try:
            sent = forms.read(forms.Ask, request, sheet, actor=actor, project_id=home.project_id, at=now)
            must_be_mine(actor, sent.home)
            data = {"title": sent.what[:TITLE], "description": sent.what, "category": sent.about}
            data |= {"unit": home.unit_label, "channel": Channel.PORTAL}
            return send_off(request, actor, home, now, "inquiry", data)
        except (InvalidError, ConflictError) as refusal:
            forms.refuse(sheet, refusal, frozenset({"home", "about", "what"}))
    topics = [(c.code, c.title(actor.language)) for c in offered]
    near = knowledge.near(str(sheet.values.get("what", "")), home)
    context = {"home": home, "homes": actor.homes, "topics": topics, "near": near}
    return form_page(request, "ask", actor, sheet, context)
