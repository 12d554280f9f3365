"""Suggest, praise, order a service, read what others asked; calling off what is not begun."""

from datetime import datetime
from decimal import Decimal
from typing import Any, Final

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from steward.cases.models import Channel
from steward.casework.categories import of_kind
from steward.kernel.actor import Actor, Home
from steward.kernel.errors import ConflictError, InvalidError
from steward.kernel.money import yuan
from steward.portal import forms, knowledge, reads
from steward.portal.shell import shell_of, show
from steward.portal.views import decide
from steward.portal.views.cases import sit
from steward.portal.views.report import TITLE, form_page, home_of, must_be_mine, send_off
from steward.registers.billing.prices import Price
from steward.registers.org.tree import place
from steward.web.http import actor_of, residents_only

SHOWN: Final = 30


def _unbound(request: HttpRequest, actor: Actor) -> HttpResponse:
    return show(request, "unbound", shell_of(actor, tab="home"), {})


@residents_only
@require_GET
def answers(request: HttpRequest) -> HttpResponse:
    """What people often ask, with the answers; searched in one's own words."""
    actor = actor_of(request)
    if not actor.homes:
        return _unbound(request, actor)
    asked = request.GET.get("q", "")[:60].strip()
    found = knowledge.every(asked, home_of(request, actor))
    context = {"found": found[:SHOWN], "more": len(found) > SHOWN, "asked": asked, "thanked": "thanks" in request.GET}
    return show(request, "answers", shell_of(actor, tab="home"), context)


@residents_only
@require_GET
def near(request: HttpRequest) -> HttpResponse:
    """Beside a question that is being typed."""
    actor = actor_of(request)
    text = request.GET.get("what", "")[:400]
    found = knowledge.near(text, home_of(request, actor)) if actor.homes else []
    return show(request, "near", shell_of(actor), {"near": found, "asking": True})


@residents_only
@require_http_methods(["GET", "POST"])
def suggest(request: HttpRequest) -> HttpResponse:
    return _say(request, "suggestion", forms.Suggest)


@residents_only
@require_http_methods(["GET", "POST"])
def praise(request: HttpRequest) -> HttpResponse:
    return _say(request, "praise", forms.GivePraise)


def _say(request: HttpRequest, kind: str, form: type[forms.Suggest] | type[forms.GivePraise]) -> HttpResponse:
    """A few words and pictures: the two kinds that ask nothing else."""
    actor, now, sheet = actor_of(request), timezone.now(), forms.Sheet()
    if not actor.homes:
        return _unbound(request, actor)
    home = home_of(request, actor)
    if request.method == "POST":
        try:
            sent = forms.read(form, request, sheet, actor=actor, project_id=home.project_id, at=now)
            must_be_mine(actor, sent.home)
            data = {"title": sent.what[:TITLE], "description": sent.what, "photos": sent.photos}
            data |= {"unit": home.unit_label, "channel": Channel.PORTAL}
            data["about" if kind == "praise" else "category"] = sent.about
            return send_off(request, actor, home, now, kind, data)
        except (InvalidError, ConflictError) as refusal:
            forms.refuse(sheet, refusal, frozenset({"home", "about", "what", "photos"}))
    topics = [(c.code, c.title(actor.language)) for c in of_kind(kind, home.project_id)]
    context = {"kind": kind, "home": home, "homes": actor.homes, "topics": topics}
    return form_page(request, "say", actor, sheet, context)


@residents_only
@require_http_methods(["GET", "POST"])
def order(request: HttpRequest) -> HttpResponse:
    """At the published price: the amount stands on the button that agrees to it."""
    actor, now, sheet = actor_of(request), timezone.now(), forms.Sheet()
    if not actor.homes:
        return _unbound(request, actor)
    home = home_of(request, actor)
    offered = reads.services(home.project_id, now)
    if request.method == "POST":
        try:
            return _order(request, actor, home, now, sheet, offered)
        except (InvalidError, ConflictError) as refusal:
            forms.refuse(sheet, refusal, frozenset({"home", "item", "quantity", "wanted_from", "wanted_until", "what"}))
    context = {
        "home": home,
        "homes": actor.homes,
        "where": place(home.project_id),
        "services": offered,
        "prices": {p.code: str(p.price) for p in offered},
        "sum": _sum(sheet.values, offered),
    }
    return form_page(request, "order", actor, sheet, context)


def _order(
    request: HttpRequest, actor: Actor, home: Home, now: datetime, sheet: forms.Sheet, offered: list[Price]
) -> HttpResponse:
    sent = forms.read(forms.OrderService, request, sheet, actor=actor, project_id=home.project_id, at=now)
    must_be_mine(actor, sent.home)
    item = next((p for p in offered if p.code == sent.item), None)
    if item is None:
        raise InvalidError({"item": _("Choose a service.")})
    if sent.told_amount is None:
        # Without script the amount is told by the page that comes back.
        raise ConflictError(_("Please look at the amount below, then order."), rule="portal.amount_told")
    data: dict[str, Any] = {
        "title": item.name,
        "description": sent.what or item.name,
        "unit": home.unit_label,
        "channel": Channel.PORTAL,
        "item": item.code,
        "quantity": str(sent.quantity),
        "told_amount": str(sent.told_amount),
        "wanted_from": sent.wanted_from,
        "wanted_until": sent.wanted_until,
    }
    return send_off(request, actor, home, now, "service_order", data)


def _sum(values: dict[str, Any], offered: list[Price]) -> Decimal | None:
    """What was chosen comes to this by the list in force."""
    item = next((p for p in offered if p.code == values.get("item")), None)
    try:
        quantity = Decimal(str(values.get("quantity", "")))
    except ArithmeticError:
        return None
    return yuan(item.price * quantity) if item is not None and 0 < quantity < Decimal(10**7) else None


@residents_only
@require_http_methods(["GET", "POST"])
def call_off(request: HttpRequest, number: str) -> HttpResponse:
    """Before it has begun: a suggestion as it is, an order with a reason."""
    seat, sheet = sit(request, number), forms.Sheet()
    asks_reason = seat.view.case.kind == "service_order"
    if request.method == "POST":
        try:
            data = {"reason": seat.read(forms.Why, request, sheet).reason} if asks_reason else {}
            seat.act(request, "cancel", data)
            messages.success(request, _("Withdrawn."))
            return HttpResponseRedirect(seat.url("case"), status=303)
        except (InvalidError, ConflictError) as refusal:
            seat = seat.again(refusal, sheet, frozenset({"reason"}))
    if not seat.may("cancel") or seat.view.case.kind not in ("service_order", "suggestion"):
        return decide.moved_on(request, seat, sheet)
    return seat.show(request, "call_off", {"asks_reason": asks_reason}, sheet)
