"""What a customer decides: agree or decline, confirm the amount, rate. The same pages serve a single-use link."""

from collections.abc import Callable
from typing import Any, Final

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils import translation
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext, pgettext_lazy

from steward.cases.models import Case
from steward.kernel.actor import Actor, HomeRole
from steward.kernel.errors import ConflictError, InvalidError
from steward.portal import forms, reads
from steward.portal.views import complaint
from steward.portal.views.seat import Seat
from steward.processes.repair.models import ConsentWay
from steward.registers.billing.models import ItemKind
from steward.web.forms import RATINGS

Page = Callable[[HttpRequest, Seat], HttpResponse]
WHO: Final = frozenset({"who", "person_name", "relation", "signature"})
# Kept in the language of the record, whatever the reader's.
RECORD: Final = "zh-hans"
FAULTS: Final = (
    ("not_fixed", pgettext_lazy("resident", "Not repaired")),
    ("late", gettext_lazy("Came late")),
    ("price", gettext_lazy("Price not made clear")),
    ("manner", gettext_lazy("Unfriendly")),
    ("dirty", gettext_lazy("Left dirty")),
)


def consent(request: HttpRequest, seat: Seat) -> HttpResponse:
    sheet = forms.Sheet()
    if request.method == "POST":
        try:
            data = seat.read(forms.Agree, request, sheet)
            name, relation = named(seat, data)
            sent: dict[str, Any] = {
                "quote_hash": data.quote_hash,
                "way": way(seat),
                "person_name": name,
                "relation": relation,
            }
            more = {"signature": data.signature, "ceiling": str(data.ceiling) if data.ceiling is not None else None}
            seat.act(request, "consent", sent | {name: value for name, value in more.items() if value})
            return _done(request, seat, _("Agreed. The technician starts now."))
        except (InvalidError, ConflictError) as refusal:
            seat = seat.again(refusal, sheet, WHO | {"ceiling"})
    quote = reads.quote_in_force(seat.view.case, seat.view.detail) if seat.may("consent") else None
    if quote is None:
        return moved_on(request, seat, sheet)
    return seat.show(request, "consent", {"quote": quote, **_people(seat), "due": owed(seat.view.case)}, sheet)


def decline(request: HttpRequest, seat: Seat) -> HttpResponse:
    sheet = forms.Sheet()
    if request.method == "POST":
        try:
            data = seat.read(forms.NotNow, request, sheet)
            seat.act(request, "decline_quote", {"person_name": seat.actor.name or _self(), "reason": data.reason})
            return _done(request, seat, _("Noted: no repair this time."))
        except (InvalidError, ConflictError) as refusal:
            seat = seat.again(refusal, sheet, frozenset({"reason"}))
    if not seat.may("decline_quote"):
        return moved_on(request, seat, sheet)
    return seat.show(request, "decline", {"due": owed(seat.view.case)}, sheet)


def amount(request: HttpRequest, seat: Seat) -> HttpResponse:
    sheet = forms.Sheet()
    if request.method == "POST":
        try:
            data = seat.read(forms.AmountAgreed, request, sheet)
            name, relation = named(seat, data)
            sent = {"amount": str(data.amount), "way": way(seat), "person_name": name, "relation": relation}
            seat.act(request, "confirm_amount", {**sent, "signature": data.signature} if data.signature else sent)
            return _done(request, seat, _("Confirmed. Please pay at the desk."))
        except (InvalidError, ConflictError) as refusal:
            seat = seat.again(refusal, sheet, WHO)
    if not seat.may("confirm_amount"):
        return moved_on(request, seat, sheet)
    detail = seat.view.detail
    quote = reads.quote_in_force(seat.view.case, detail) if detail.quote_hash else None
    if quote is not None and quote.quote.total != detail.amount:
        quote = None
    return seat.show(request, "amount", {"quote": quote, **_people(seat)}, sheet)


def rate(request: HttpRequest, seat: Seat) -> HttpResponse:
    if seat.view.case.kind == "complaint":
        return complaint.rate(request, seat)
    sheet = forms.Sheet()
    if request.method == "POST":
        try:
            data = _rated(seat, request, sheet)
            seat.act(request, "rate", data)
            again = data["rating"] == "1"
            said = (
                _("We are sorry. It is being done again, free of charge.") if again else _("Thank you for telling us.")
            )
            return _done(request, seat, said)
        except (InvalidError, ConflictError) as refusal:
            seat = seat.again(refusal, sheet, frozenset({"rating", "comment"}))
    if not seat.may("rate"):
        return moved_on(request, seat, sheet)
    return seat.show(request, "rate", {"faults": FAULTS, "ratings": RATINGS}, sheet)


def _rated(seat: Seat, request: HttpRequest, sheet: forms.Sheet) -> dict[str, str]:
    data = seat.read(forms.Rating, request, sheet)
    if data.rating is None:
        raise InvalidError({"rating": _("Choose one of the four words.")})
    comment = data.comment
    if data.rating == 1:
        with translation.override(RECORD):
            bad = [str(title) for key, title in FAULTS if getattr(data, f"bad_{key}")]
        comment = "；".join([*bad, *([data.comment] if data.comment else [])])
    if seat.view.case.kind != "repair":
        return {"rating": str(data.rating), "comment": comment}
    flags = {key: getattr(data, key) for key in ("on_time", "price_first", "cleaned")}
    sent = {"rating": str(data.rating), "comment": comment}
    return {**sent, **{key: "true" if value else "false" for key, value in flags.items() if value is not None}}


def way(seat: Seat) -> str:
    return ConsentWay.LINK if seat.link is not None else ConsentWay.PORTAL


def named(seat: Seat, data: forms.Who) -> tuple[str, str]:
    """Name and relation of whoever decides. Raises InvalidError."""
    if data.who == "self":
        return seat.actor.name or seat.view.case.customer_name, relation_of(seat.actor, seat.view.case)
    if data.who.startswith("contact-"):
        known = {f"contact-{c.pk}": c for c in reads.contacts(seat.view.case, seat.actor)}
        if data.who in known:
            return known[data.who].name, known[data.who].relation
        raise InvalidError({"who": _("Choose who decides.")})
    wanted = {"person_name": _("Please give your name."), "relation": _("Please say how you are related.")}
    missing = {key: text for key, text in wanted.items() if not getattr(data, key)}
    if missing:
        raise InvalidError(missing)
    return data.person_name, data.relation


def relation_of(actor: Actor, case: Case) -> str:
    """How the signed-in person stands to the customer, in the language of the record."""
    if actor.case_id or case.customer_id in actor.customers_in(case.project_id):
        return _self()
    role = next((h.role for h in actor.homes if h.unit_id == case.unit_id), HomeRole.MEMBER)
    with translation.override(RECORD):
        return str(HomeRole(role).label)


def _self() -> str:
    with translation.override(RECORD):
        return pgettext("relation", "Myself")


def _people(seat: Seat) -> dict[str, object]:
    return {"contacts": reads.contacts(seat.view.case, seat.actor)}


def owed(case: Case) -> object:
    """The call-out fee told and accepted at reporting; None if nothing is due without a repair."""
    detail = case.repair
    return detail.flat_rate_amount if detail.flat_rate_kind == ItemKind.CALL_OUT else None


def _done(request: HttpRequest, seat: Seat, text: str) -> HttpResponse:
    if seat.link is None:
        messages.success(request, text)
        return HttpResponseRedirect(seat.url("case"), status=303)
    return HttpResponseRedirect(seat.url("link"), status=303)


def moved_on(request: HttpRequest, seat: Seat, sheet: forms.Sheet) -> HttpResponse:
    """The case is past this decision, or not there yet: says where it stands."""
    return seat.show(request, "moved_on", {}, sheet)
