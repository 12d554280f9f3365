"""What every page of the console begins with: who asks, for which projects, at which instant."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import update_wrapper
from typing import Any, Concatenate, Final, ParamSpec, TypeVar, cast
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from steward.console.menu import menu_of, page_url
from steward.design.blocks import render_block
from steward.design.shell import Person, ProjectChoice, Shell
from steward.kernel.actor import Actor
from steward.registers.org.pins import IDLE, figure
from steward.registers.org.tree import Place, tree
from steward.registers.workforce.people import colleagues
from steward.web.http import actor_of, staff_only
from steward.web.shared_desk import COOKIE as COOKIE_OF_DESK

P = ParamSpec("P")
R = TypeVar("R")
COOKIE: Final = "steward_project"
ALL: Final = "all"
YEAR: Final = 365 * 24 * 3600


def now() -> datetime:
    """The instant of the request; tests move it."""
    return timezone.now()


@dataclass(frozen=True)
class Desk:
    """The acting colleague, the projects within reach, and the one chosen (None: all of them)."""

    actor: Actor
    places: tuple[Place, ...]
    chosen: Place | None
    at: datetime

    @property
    def projects(self) -> frozenset[int]:
        return frozenset({self.chosen.id}) if self.chosen else self.actor.project_ids

    @property
    def tz(self) -> ZoneInfo:
        if self.chosen is not None:
            return self.chosen.tz
        return self.places[0].tz if self.places else ZoneInfo(settings.TIME_ZONE)

    @property
    def sees_several(self) -> bool:
        return self.chosen is None and len(self.places) > 1


def desk_of(request: HttpRequest) -> Desk:
    """No query: organisation and grants are known already."""
    actor = actor_of(request)
    known = tree().places
    places = tuple(sorted((known[p] for p in actor.project_ids if p in known), key=lambda p: p.path))
    return Desk(actor, places, _chosen(request.COOKIES.get(COOKIE, ""), places), now())


def at_desk(view: Callable[Concatenate[HttpRequest, Desk, P], R]) -> Callable[Concatenate[HttpRequest, P], R]:
    """Hands the view its desk; inside it the times are those of the project in sight."""

    def wrapper(request: HttpRequest, *args: P.args, **kwargs: P.kwargs) -> R:
        desk = desk_of(request)
        with timezone.override(desk.tz):
            return view(request, desk, *args, **kwargs)

    return cast("Callable[Concatenate[HttpRequest, P], R]", update_wrapper(wrapper, view))


def _chosen(code: str, places: tuple[Place, ...]) -> Place | None:
    """What the cookie names, if the actor reaches it; a colleague of one project needs no choice."""
    if len(places) == 1:
        return places[0]
    return next((p for p in places if p.code == code), None)


def shell_of(request: HttpRequest, desk: Desk, here: str, *, child: str = "", **more: Any) -> Shell:
    """Everything around the page."""
    actor = desk.actor
    me = colleagues().get(actor.staff_id or 0)
    return Shell(
        product=_("Steward"),
        home_url=page_url("workbench"),
        project=desk.chosen.name if desk.chosen else "",
        projects=_choices(request, desk),
        search_url=page_url("find"),
        menu=menu_of(actor, here, child),
        user=Person(name=actor.name, post=me.post if me else "", profile_url=page_url("pin-own")),
        pin_url=f"{page_url('pin')}?{urlencode({'next': request.get_full_path() if request.method == 'GET' else '/'})}",
        todo_url=page_url("workbench"),
        language=get_language() or settings.LANGUAGE_CODE,
        language_url=reverse("language"),
        sign_out_url=reverse("sign-out"),
        demo=settings.DEMO,
        demo_url=reverse("sign-in") if settings.DEMO else "",
        **more,
    )


def _choices(request: HttpRequest, desk: Desk) -> tuple[ProjectChoice, ...]:
    if len(desk.places) == 1:
        return ()
    back = urlencode({"next": request.get_full_path() if request.method == "GET" else "/"})

    def choice(code: str, name: str, *, current: bool) -> ProjectChoice:
        url = f"{reverse('console:project', args=[code])}?{back}"
        return ProjectChoice(code=code, name=name, url=url, current=current)

    every = choice(ALL, _("All projects"), current=desk.chosen is None)
    return (every, *(choice(p.code, p.name, current=p == desk.chosen) for p in desk.places))


@staff_only
@require_GET
def choose_project(request: HttpRequest, code: str) -> HttpResponse:
    """Remember the project of this browser; every page checks it against the scope again."""
    wanted = request.GET.get("next", "")
    safe = url_has_allowed_host_and_scheme(wanted, allowed_hosts={request.get_host()})
    response = HttpResponseRedirect(wanted if safe else reverse("console:workbench"))
    if code == ALL or any(p.code == code for p in desk_of(request).places):
        response.set_cookie(COOKIE, code, max_age=YEAR, samesite="Lax", httponly=True)
    return response


def page(
    request: HttpRequest,
    desk: Desk,
    template: str,
    context: Mapping[str, Any],
    *,
    here: str,
    child: str = "",
    status: int = 200,
    tz: ZoneInfo | None = None,
    todo_count: int | None = None,
    search_query: str = "",
) -> HttpResponse:
    """A whole page; ``tz`` where its subject lies in another zone than the desk."""
    with timezone.override(tz or desk.tz):
        names = {
            "shell": shell_of(request, desk, here, child=child, todo_count=todo_count, search_query=search_query),
            "now": desk.at,
            "desk": desk,
            "idle": figure(IDLE, desk.at) if COOKIE_OF_DESK in request.COOKIES else 0,
            **context,
        }
        return render(request, template, names, status=status)


def part(
    request: HttpRequest,
    desk: Desk,
    template: str,
    block: str,
    context: Mapping[str, Any],
    *,
    status: int = 200,
    tz: ZoneInfo | None = None,
) -> HttpResponse:
    """One block of a page, for htmx."""
    with timezone.override(tz or desk.tz):
        return render_block(request, template, block, {"now": desk.at, "desk": desk, **context}, status=status)
