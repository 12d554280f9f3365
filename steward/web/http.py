"""Requests with an actor, and refusals as pages."""

from collections.abc import Callable
from functools import update_wrapper
from typing import Any, Concatenate, ParamSpec, TypeVar, cast
from urllib.parse import quote

from csp.constants import HEADER
from csp.utils import build_policy
from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase, HttpResponseRedirect
from django.shortcuts import render
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from steward.design.shell import Shell
from steward.kernel.actor import ANONYMOUS, FIELD_ONLY, Actor
from steward.kernel.errors import ConflictError, InvalidError, NotAllowedError, NotFoundError, RefusalError

P = ParamSpec("P")
V = TypeVar("V", bound=Callable[..., HttpResponseBase])
View = Callable[Concatenate[HttpRequest, P], HttpResponseBase]
STATUS = {NotFoundError: 404, NotAllowedError: 403, ConflictError: 409, InvalidError: 422}


def actor_of(request: HttpRequest) -> Actor:
    return cast("Actor", getattr(request, "actor", ANONYMOUS))


def status_of(refusal: RefusalError) -> int:
    return next((code for kind, code in STATUS.items() if isinstance(refusal, kind)), 400)


def _guarded(view: V) -> V:
    """Marked, so that the test over all URLs finds a page that nobody guards."""
    vars(view)["steward_guarded"] = True
    return view


def _signed_in(test: Callable[[Actor], bool]) -> Callable[[View[P]], View[P]]:
    def decorate(view: View[P]) -> View[P]:
        def wrapper(request: HttpRequest, /, *args: P.args, **kwargs: P.kwargs) -> HttpResponseBase:
            actor = actor_of(request)
            if not actor.key:
                return HttpResponseRedirect(f"{settings.LOGIN_URL}?next={quote(request.get_full_path())}")
            if not test(actor):
                raise NotFoundError(_("There is no such page."))
            return view(request, *args, **kwargs)

        update_wrapper(wrapper, view)
        return _guarded(wrapper)

    return decorate


def staff_only(view: View[P]) -> View[P]:
    """Console pages: members of staff; for others the page does not exist."""
    return _signed_in(lambda actor: actor.is_staff)(view)


def office_only(view: View[P]) -> View[P]:
    """Pages of the office: not for those whose only role is in the field."""
    return _signed_in(lambda a: a.is_staff and any(g.role not in FIELD_ONLY for g in a.grants))(view)


def field_only(view: View[P]) -> View[P]:
    """Pages of the field face: any member of staff."""
    return _signed_in(lambda actor: actor.is_staff)(view)


def residents_only(view: View[P]) -> View[P]:
    return _signed_in(lambda actor: actor.is_resident)(view)


def open_to_all(view: View[P]) -> View[P]:
    """Sign-in, single-use links, health: says so, so that a forgotten guard cannot hide."""
    return _guarded(view)


def home_of(actor: Actor) -> str:
    """Where somebody lands after signing in."""
    if actor.is_resident:
        return "/portal/"
    if actor.grants and all(g.role in FIELD_ONLY for g in actor.grants):
        return "/field/"
    return "/"


def plain_shell(request: HttpRequest) -> Shell:
    return Shell(
        product=_("Steward"),
        language=get_language() or settings.LANGUAGE_CODE,
        language_url="/language/",
        demo=settings.DEMO,
    )


class PlainQueryMiddleware:
    """What a page is asked for holds no NUL: PostgreSQL would raise on it. The API refuses it by its schemas.

    Nothing is named by an address with one.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if "\x00" in request.path:
            raise Http404
        query = request.META.get("QUERY_STRING", "")
        if "%00" in query and not request.path.startswith("/api/"):
            request.META["QUERY_STRING"] = query.replace("%00", "")
        return self.get_response(request)


class PolicyMiddleware:
    """One Content-Security-Policy for every answer, written once: no page of ours asks for another."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response
        self.policy = build_policy()

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        if not (settings.DEBUG and response.status_code in (404, 500)):  # Django's own pages bring their styles
            response.headers.setdefault(HEADER, self.policy)
        return response


class RefusalMiddleware:
    """A refusal that a view did not answer itself becomes a page with its words and status."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponse | None:
        if not isinstance(exception, RefusalError):
            return None
        code = status_of(exception)
        context: dict[str, Any] = {
            "shell": plain_shell(request),
            "code": code,
            "heading": _("Not possible") if code != 404 else _("Not found"),
            "text": str(exception),
            "action_url": home_of(actor_of(request)),
            "action": _("Back to the start"),
        }
        return render(request, "design/error.jinja", context, status=code)
