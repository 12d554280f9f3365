"""A single-use link out of a message: one case, one purpose, no sign-in. Looking at it never uses it up."""

from collections.abc import Callable
from functools import wraps
from typing import Final

from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from steward.cases.models import Entry
from steward.casework.customer.links import actor_of, find_link
from steward.casework.customer.sharing import FOLLOW
from steward.casework.models import Link
from steward.casework.subtasks.rights import PURPOSE as SUBTASK
from steward.kernel.errors import NotFoundError, RefusalError
from steward.portal import reads, words
from steward.portal.links import contractor
from steward.portal.shell import shell_of, show
from steward.portal.views import decide, follow
from steward.portal.views.seat import Seat
from steward.registers.org.tree import Place, tree
from steward.web.cases import view_case
from steward.web.http import open_to_all, status_of

PURPOSES: Final = {"consent": decide.consent, "amount": decide.amount, "rate": decide.rate, FOLLOW: follow.progress}
View = Callable[[HttpRequest, str], HttpResponse]


def _secret(view: View) -> View:
    """The address is the key: it stays out of caches, search engines and other sites' logs.

    ``strict-origin`` and not ``no-referrer``: with the latter browsers send ``Origin: null``, which the form's
    own protection must refuse.
    """

    @wraps(view)
    def wrapper(request: HttpRequest, token: str) -> HttpResponse:
        try:
            response = view(request, token)
        except RefusalError as refusal:  # such as: withdrawn by the office a moment ago
            response = _closed(request, _place_of(token), None, status_of(refusal))
        response["Referrer-Policy"] = "strict-origin"
        response["X-Robots-Tag"] = "noindex, nofollow, noarchive"
        response["Cache-Control"] = "no-store, private"
        return response

    return wrapper


@open_to_all
@require_http_methods(["GET", "HEAD", "POST"])
@_secret
def link(request: HttpRequest, token: str) -> HttpResponse:
    return _page(request, token, "")


@open_to_all
@require_http_methods(["GET", "HEAD", "POST"])
@_secret
def decline(request: HttpRequest, token: str) -> HttpResponse:
    return _page(request, token, "decline")


def _page(request: HttpRequest, token: str, page: str) -> HttpResponse:
    now = timezone.now()
    try:
        found = find_link(token)
    except NotFoundError:
        return _closed(request, _place_of(token), None, 404)
    if found.used_at is not None:
        return _used(request, found)
    actor = actor_of(found, now)
    if actor is not None and found.purpose.startswith(f"{SUBTASK}:"):
        return contractor.report(request, found, actor, token, now)
    if actor is None or found.purpose not in PURPOSES:
        return _closed(request, tree().places[found.project_id], found, 410)
    view = view_case(actor, found.project_id, found.case.number)
    seat = Seat(actor, view, now, token, found)
    if page == "decline" and found.purpose == "consent":
        return decide.decline(request, seat)
    return PURPOSES[found.purpose](request, seat)


def _used(request: HttpRequest, found: Link) -> HttpResponse:
    """What was decided with it, and that it serves no more."""
    case = found.case
    rows = Entry.objects.in_project(found.project_id).filter(case_id=case.pk, actor_key=f"link:{found.pk}")
    entry = rows.order_by("-seq").first()
    context = {
        "where": tree().places[found.project_id],
        "case": case,
        "look": words.look(case.kind, case.state),
        "said": words.said(entry, case) if entry else "",
        "at": entry.happened_at if entry else found.used_at,
        "now": timezone.now(),
        "butler": reads.butler_of(case),
        "company": reads.company_of(tree().places[found.project_id]),
    }
    status = 200 if request.method in ("GET", "HEAD") else 409
    return show(request, "link_used", shell_of(None), context, status=status)


def _closed(request: HttpRequest, where: Place | None, found: Link | None, status: int) -> HttpResponse:
    """Expired or unknown: says so kindly, and whom to call."""
    context = {"where": where, "expired": found is not None, "company": reads.company_of(where) if where else ""}
    return show(request, "link_closed", shell_of(None), context, status=status)


def _place_of(token: str) -> Place | None:
    """The project in front of the secret: only its public phone number is shown."""
    project = token.partition(".")[0]
    found = tree().places.get(int(project)) if project.isdecimal() and len(project) < 12 else None
    return found if found is not None and found.phone else None
