"""What stands around every page of the residents' face."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import get_language, pgettext
from django.utils.translation import gettext as _

from steward.design.shell import MenuItem, Shell
from steward.kernel.actor import Actor
from steward.registers.org.tree import place


def tabs(current: str, waiting: int | None) -> tuple[MenuItem, ...]:
    """Home, my matters (with how many wait for me), me."""
    return (
        MenuItem(
            label=pgettext("resident", "Home"), url=reverse("portal:home"), icon="home", current=current == "home"
        ),
        MenuItem(
            label=pgettext("resident", "My matters"),
            url=reverse("portal:cases"),
            icon="clipboard-list",
            current=current == "cases",
            count=waiting or None,
        ),
        MenuItem(
            label=pgettext("resident", "Me"),
            url=reverse("portal:account"),
            icon="user-circle",
            current=current == "me",
        ),
    )


def shell_of(actor: Actor | None, *, tab: str = "", waiting: int | None = None) -> Shell:
    """``tab`` empty: no bar below (a task with one button, or a page behind a link)."""
    project = place(actor.homes[0].project_id).name if actor is not None and actor.homes else ""
    return Shell(
        product=project or _("Steward"),
        home_url="/portal/",
        project=project,
        menu=tabs(tab, waiting) if tab else (),
        language=get_language() or settings.LANGUAGE_CODE,
        language_url="/language/",
        demo=settings.DEMO,
        demo_url="/sign-in/" if actor is not None else "",
    )


def show(
    request: HttpRequest, template: str, shell: Shell, context: Mapping[str, Any], *, status: int = 200
) -> HttpResponse:
    response = render(request, f"portal/{template}.jinja", {"shell": shell, **context}, status=status)
    response["Cache-Control"] = "private, no-cache"  # a phone is lent to others; going back asks again
    return response


def greeting(name: str, at: datetime, project_id: int | None) -> str:
    """By the hour at the resident's home."""
    hour = at.astimezone(place(project_id).tz).hour if project_id is not None else 12
    if hour < 11:
        return _("Good morning, %(name)s") % {"name": name}
    if hour < 18:
        return _("Good day, %(name)s") % {"name": name}
    return _("Good evening, %(name)s") % {"name": name}
