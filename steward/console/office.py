"""Pages about one project: which of the viewer's it is."""

from typing import Any
from urllib.parse import urlencode

from django.http import HttpRequest
from django.utils.translation import gettext as _

from steward.console.shell import Desk
from steward.kernel.errors import NotFoundError
from steward.registers.org.tree import Place
from steward.registers.party.models import office_projects


def office_places(desk: Desk) -> list[Place]:
    return [p for p in desk.places if p.id in office_projects(desk.actor) & desk.projects]


def office_place(request: HttpRequest, desk: Desk) -> Place:
    """The project asked for, the first one without a wish. Raises NotFoundError."""
    mine = office_places(desk)
    if not mine:
        raise NotFoundError(_("There is no such page."))
    code = request.GET.get("project", "")
    if code and all(p.code != code for p in mine):
        raise NotFoundError(_("There is no such project."))
    return next((p for p in mine if p.code == code), mine[0])


def place_of_form(request: HttpRequest, desk: Desk) -> Place:
    """The project a form was filled in for, whatever another tab chose since; without one, that in sight.

    Raises NotFoundError.
    """
    named = request.POST.get("project", "")
    found = next((p for p in desk.places if p.code == named), None) if named else desk.chosen or desk.places[0]
    if found is None:
        raise NotFoundError(_("There is no such project."))
    return found


def project_links(desk: Desk, here: Place) -> list[tuple[str, str, Any]]:
    """(name, link, whether it is this one)."""
    return [(p.name, f"?{urlencode({'project': p.code})}", p == here) for p in office_places(desk)]
