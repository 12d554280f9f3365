"""One key, a colleague, four to six digits: the next person sits at the desk. Idle, the PC asks for the PIN again."""

from dataclasses import dataclass
from typing import Any, Final

from django.contrib import messages
from django.contrib.auth import login, logout
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.http import url_has_allowed_host_and_scheme, urlencode
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_POST
from django_htmx.http import HttpResponseClientRedirect

from steward.console.actions import is_htmx
from steward.console.shell import Desk, at_desk, now, page
from steward.design.blocks import render_block
from steward.design.forms import Field
from steward.kernel.db import write
from steward.kernel.errors import InvalidError
from steward.registers.org.pins import Tried, set_pin, try_pin, with_pin
from steward.registers.workforce.people import colleagues
from steward.web.http import actor_of, open_to_all, plain_shell, staff_only
from steward.web.shared_desk import known_here
from steward.web.views import MODEL_BACKEND

KEYS: Final = 9


@dataclass(frozen=True)
class Seat:
    """A colleague who may take over here."""

    user_id: int
    name: str
    post: str
    key: str


@open_to_all
@require_http_methods(["GET", "POST"])
def switch(request: HttpRequest) -> HttpResponse:
    """GET: who may sit down here. POST: 303 (or HX-Redirect) back to the page, as that person; 422 with what was wrong."""
    seats = _seats(request)
    if not seats and not actor_of(request).key:
        return HttpResponseRedirect(reverse("sign-in"))
    if request.method == "GET":
        return _show(request, seats)
    wanted = request.POST.get("user", "")
    seat = next((s for s in seats if str(s.user_id) == wanted), None)
    if seat is None:
        return _show(request, seats, error=_("Choose who you are."))
    tried = try_pin(user_id=seat.user_id, pin=request.POST.get("pin", ""), before=actor_of(request), at=now())
    if tried.user is None:
        return _show(request, seats, wanted=wanted, error=_refusal(tried))
    with write():
        login(request, tried.user, backend=MODEL_BACKEND)
    target = _next(request)
    if is_htmx(request):
        return HttpResponseClientRedirect(target)
    return _see_other(target)


def _refusal(tried: Tried) -> str:
    if tried.locked_until is not None:
        local = timezone.localtime(tried.locked_until)
        return _("Too often wrong: locked until %(at)s. The password still opens.") % {"at": f"{local:%H:%M}"}
    return ngettext("Wrong PIN, %(n)s try left.", "Wrong PIN, %(n)s tries left.", tried.left) % {"n": tried.left}


def _seats(request: HttpRequest) -> list[Seat]:
    """Those who gave their password here and have a PIN, the latest first; not whoever sits here already."""
    me = actor_of(request).user_id
    known = [pk for pk in known_here(request, now()) if pk != me]
    ready = with_pin(known) if known else set()
    staff = {c.user_id: c for c in colleagues().values() if c.is_active and c.user_id in ready}
    found = [staff[pk] for pk in known if pk in staff]
    # Only one: chosen already, and the cursor is in the PIN, where a 1 would be its first digit.
    keyed = KEYS if len(found) > 1 else 0
    return [
        Seat(c.user_id or 0, c.name, str(c.post), str(n) if n <= keyed else "") for n, c in enumerate(found, start=1)
    ]


def _show(request: HttpRequest, seats: list[Seat], *, wanted: str = "", error: str = "") -> HttpResponse:
    only = str(seats[0].user_id) if len(seats) == 1 else ""
    context: dict[str, Any] = {"seats": seats, "wanted": wanted or only, "error": error, "next": _next(request)}
    context["locked"] = not actor_of(request).key
    status = 422 if error else 200
    if is_htmx(request):
        return render_block(request, "console/pin/choose.jinja", "body", context, status=status)
    return render(request, "console/pin/page.jinja", {**context, "shell": plain_shell(request)}, status=status)


def _next(request: HttpRequest) -> str:
    wanted = request.POST.get("next") or request.GET.get("next") or ""
    safe = url_has_allowed_host_and_scheme(wanted, allowed_hosts={request.get_host()}) and wanted.startswith("/")
    return wanted if safe and not wanted.startswith("/pin/") else reverse("console:workbench")


@staff_only
@require_POST
def lock(request: HttpRequest) -> HttpResponse:
    """Idle, or on leaving the desk: nobody is signed in, and only a PIN or a password opens. Without a PIN nothing happens."""
    target, me = _next(request), actor_of(request).user_id or 0
    if me not in known_here(request, now()) or not with_pin([me]):
        return _see_other(target)
    with write():
        logout(request)
    return _see_other(f"{reverse('console:pin')}?{urlencode({'next': target})}")


@staff_only
@require_http_methods(["GET", "POST"])
@at_desk
def own(request: HttpRequest, desk: Desk) -> HttpResponse:
    """One's own PIN, after the password."""
    errors: dict[str, Any] = {}
    if request.method == "POST":
        given = {name: request.POST.get(name, "") for name in ("password", "pin", "again")}
        try:
            set_pin(actor=desk.actor, at=desk.at, **given)
        except InvalidError as error:
            errors = dict(error.fields)
        else:
            messages.success(request, _("Your PIN is set. It works on every PC where you gave your password."))
            return _see_other(reverse("console:workbench"))
    fields = [
        Field(name="password", label=_("Password"), kind="password", required=True, error=errors.get("password", "")),
        Field(name="pin", label=_("New PIN"), kind="password", required=True, error=errors.get("pin", "")),
        Field(name="again", label=_("PIN again"), kind="password", required=True, error=errors.get("again", "")),
    ]
    has = bool(desk.actor.user_id and with_pin([desk.actor.user_id]))
    context = {"fields": fields, "has": has}
    return page(request, desk, "console/pin/own.jinja", context, here="", status=422 if errors else 200)


def _see_other(target: str) -> HttpResponse:
    response = HttpResponseRedirect(target)
    response.status_code = 303
    return response
