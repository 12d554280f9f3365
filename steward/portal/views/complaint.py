"""Complain, and say at the end whether it is put right. Signed in, or behind a single-use link."""

from typing import Any, Final

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy
from django.views.decorators.http import require_http_methods

from steward.cases.models import Channel
from steward.casework.categories import of_kind
from steward.casework.intake.opening import open_case
from steward.kernel.errors import ConflictError, InvalidError
from steward.portal import forms
from steward.portal.shell import shell_of, show
from steward.portal.views.report import TITLE, form_page, home_of, must_be_mine
from steward.portal.views.seat import Seat
from steward.registers.org.tree import place
from steward.registers.workforce.people import name_of
from steward.web.forms import RATINGS, client_uuid
from steward.web.http import actor_of, residents_only

KNOWN: Final = frozenset({"home", "about", "what", "place", "remedy", "photos"})
#: What people usually ask for; tapping fills the field.
REMEDIES: Final = (
    gettext_lazy("Put it right"),
    gettext_lazy("An apology"),
    gettext_lazy("An explanation"),
    gettext_lazy("Compensation"),
    pgettext_lazy("resident", "Keep it from happening again"),
)


@residents_only
@require_http_methods(["GET", "POST"])
def complain(request: HttpRequest) -> HttpResponse:
    actor, now, sheet = actor_of(request), timezone.now(), forms.Sheet()
    if not actor.homes:
        return show(request, "unbound", shell_of(actor, tab="home"), {})
    home = home_of(request, actor)
    topics = [c for c in of_kind("complaint", home.project_id) if c.parent_id is None and c.code != "Z"]
    if request.method == "POST":
        try:
            sent = forms.read(forms.Complain, request, sheet, actor=actor, project_id=home.project_id, at=now)
            must_be_mine(actor, sent.home)
            opened = open_case(
                project_id=home.project_id,
                kind="complaint",
                actor=actor,
                at=now,
                client_uuid=client_uuid(request),
                data=_data(sent, home.unit_label),
            )
        except (InvalidError, ConflictError) as refusal:
            forms.refuse(sheet, refusal, KNOWN)
        else:
            who = name_of(opened.case.accountable_id)
            messages.success(request, _("We have it. %(who)s answers for it.") % {"who": who})
            return HttpResponseRedirect(
                f"{reverse('portal:case', args=[opened.case.number])}?sent=complaint", status=303
            )
    context = {
        "home": home,
        "homes": actor.homes,
        "where": place(home.project_id),
        "topics": [(c.code, c.title(actor.language)) for c in topics],
        "remedies": REMEDIES,
    }
    return form_page(request, "complain", actor, sheet, context)


def _data(sent: forms.Complain, unit: str) -> dict[str, Any]:
    """The first sentence is what staff see in a list."""
    first = sent.what.split("\n", 1)[0].strip()
    for mark in "。！？；!?;":
        first = first.split(mark, 1)[0]
    return {
        "title": first[:TITLE] or sent.what[:TITLE],
        "description": sent.what,
        "category": sent.about,
        "place": sent.place,
        "remedy": sent.remedy,
        "unit": unit,
        "channel": Channel.PORTAL,
        "photos": sent.photos,
    }


def rate(request: HttpRequest, seat: Seat) -> HttpResponse:
    """Four words; "not satisfied" begins a new round, with what is still wrong."""
    sheet = forms.Sheet()
    if request.method == "POST":
        try:
            data = seat.read(forms.Agrees, request, sheet)
            if data.rating is None:
                raise InvalidError({"rating": _("Choose one of the four words.")})
            seat.act(request, "evaluate", {"rating": str(data.rating), "comment": data.comment})
            again = data.rating == 1
            said = _("We are sorry. It is taken up again.") if again else _("Thank you for telling us.")
            if seat.link is None:
                messages.success(request, said)
            return HttpResponseRedirect(seat.url("case" if seat.link is None else "link"), status=303)
        except (InvalidError, ConflictError) as refusal:
            seat = seat.again(refusal, sheet, frozenset({"rating", "comment"}))
    if not seat.may("evaluate"):
        return seat.show(request, "moved_on", {}, sheet)
    return seat.show(request, "agree", {"ratings": RATINGS}, sheet)
