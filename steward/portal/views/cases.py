"""My matters: the list, one case, and what can be done about it."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from steward.cases.models import Case
from steward.casework.intake.numbers import project_of
from steward.casework.queries import CaseFilter, list_cases
from steward.kernel.errors import ConflictError, InvalidError, NotFoundError
from steward.portal import forms, reads, words
from steward.portal.road import chased, late_lines, record, road
from steward.portal.shell import shell_of, show
from steward.portal.views import decide
from steward.portal.views.seat import Seat
from steward.web.cases import view_case
from steward.web.http import actor_of, residents_only

PAGE = 20
COMPLAINT = "TS-"
SENT = ("repair", "inquiry", "complaint", "suggestion", "praise", "service_order")


@residents_only
@require_GET
def cases(request: HttpRequest) -> HttpResponse:
    """Open or done, newest first, keyset paged."""
    actor, now = actor_of(request), timezone.now()
    is_open = request.GET.get("show") != "done"
    page = list_cases(actor, CaseFilter(is_open=is_open), cursor=request.GET.get("after"), limit=PAGE)
    rows = [
        {
            **row,
            "look": words.look(row["kind"], row["state"]),
            "late": words.late(row["next_due_at"], row["next_due_key"], now) if is_open else "",
        }
        for row in page.items
    ]
    shell = shell_of(actor, tab="cases")
    context = {"rows": rows, "is_open": is_open, "next_cursor": page.next_cursor, "now": now}
    return show(request, "cases", shell, context)


def sit(request: HttpRequest, number: str) -> Seat:
    """The case in this resident's scope. Raises NotFoundError for anybody else's."""
    where, actor = project_of(number), actor_of(request)
    if where is None:
        raise NotFoundError(_("There is no such case."))
    return Seat(actor, view_case(actor, where.id, number), timezone.now())


@residents_only
@require_GET
def case(request: HttpRequest, number: str) -> HttpResponse:
    seat = sit(request, number)
    view, now = seat.view, seat.at
    detail = view.detail
    context = {
        "look": words.look(view.case.kind, view.case.state),
        "road": road(view, now),
        "record": record(view),
        "late": late_lines(view, now),
        "next": view.next_word(),
        "chased": chased(view, now),
        "waiting": reads.waiting(view.case, detail),
        "photos": [(f, words.LABELS.get(f.label, "")) for f in view.files],
        "charge": reads.charge_of(view.case) if _is_charged(view.case, detail) else None,
        "may": {action.name for action in view.actions},
        "sent": request.GET.get("sent", "") if request.GET.get("sent") in SENT else "",
    }
    return seat.show(request, "case", context)


def _is_charged(case: Case, detail: Any) -> bool:
    """Known and agreed to: by the customer's word at the door, or with the order itself."""
    return bool(getattr(detail, "amount_confirmed_at", None)) or case.kind == "service_order"


@residents_only
@require_http_methods(["GET", "POST"])
def consent(request: HttpRequest, number: str) -> HttpResponse:
    return decide.consent(request, sit(request, number))


@residents_only
@require_http_methods(["GET", "POST"])
def decline(request: HttpRequest, number: str) -> HttpResponse:
    return decide.decline(request, sit(request, number))


@residents_only
@require_http_methods(["GET", "POST"])
def amount(request: HttpRequest, number: str) -> HttpResponse:
    return decide.amount(request, sit(request, number))


@residents_only
@require_http_methods(["GET", "POST"])
def rate(request: HttpRequest, number: str) -> HttpResponse:
    return decide.rate(request, sit(request, number))


@residents_only
@require_http_methods(["GET", "POST"])
def cancel(request: HttpRequest, number: str) -> HttpResponse:
    """Before the visit, with a reason; nothing is due then."""
    return _because(request, sit(request, number), "cancel", _("Withdrawn."))


@residents_only
@require_http_methods(["GET", "POST"])
def reopen(request: HttpRequest, number: str) -> HttpResponse:
    return _because(request, sit(request, number), "reopen", _again(number))


def _again(number: str) -> str:
    if number.startswith(COMPLAINT):
        return _("We are sorry. It is taken up again.")
    return _("It is being done again, free of charge.")


def _because(request: HttpRequest, seat: Seat, action: str, done: str) -> HttpResponse:
    """An action that asks only for a reason."""
    sheet = forms.Sheet()
    if request.method == "POST":
        try:
            data = seat.read(forms.Why, request, sheet)
            seat.act(request, action, {"reason": data.reason})
            messages.success(request, done)
            return HttpResponseRedirect(seat.url("case"), status=303)
        except (InvalidError, ConflictError) as refusal:
            seat = seat.again(refusal, sheet, frozenset({"reason"}))
    if not seat.may(action):
        return decide.moved_on(request, seat, sheet)
    return seat.show(request, "because", {"action": action}, sheet)


@residents_only
@require_http_methods(["GET", "POST"])
def again(request: HttpRequest, number: str) -> HttpResponse:
    """The answer did not help: ask once more on the same case."""
    seat, sheet = sit(request, number), forms.Sheet()
    if request.method == "POST":
        try:
            data = seat.read(forms.Question, request, sheet)
            seat.act(request, "ask_again", {"answer": data.answer})
            messages.success(request, _("We have your question."))
            return HttpResponseRedirect(reverse("portal:case", args=[number]), status=303)
        except (InvalidError, ConflictError) as refusal:
            seat = seat.again(refusal, sheet, frozenset({"answer"}))
    if not seat.may("ask_again"):
        return decide.moved_on(request, seat, sheet)
    return seat.show(request, "again", {}, sheet)
