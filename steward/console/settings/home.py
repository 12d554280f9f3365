"""The first page of the settings: what can be set, and where it stands."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from steward.console.menu import SETTERS, page_url
from steward.console.shell import Desk, at_desk, page
from steward.kernel.errors import NotFoundError
from steward.registers.org.figures import deciding
from steward.registers.org.tree import Place
from steward.web.http import office_only

HERE = "settings"


def places_of(desk: Desk) -> list[Place]:
    """Where this colleague decides. Nowhere: the page does not exist."""
    places = deciding(desk.actor)
    if not places:
        raise NotFoundError(_("There is no such page."))
    return places


def place_asked(request: HttpRequest, desk: Desk, places: list[Place]) -> Place:
    """The place named in the address, else the project in sight, else the widest.

    Somebody else's shows one's own; what is to be set there is set nowhere: NotFoundError.
    """
    asked = request.GET.get("place", "")
    start = desk.chosen if desk.chosen in places else places[0]
    found = next((p for p in places if p.code == asked), None if asked and request.method == "POST" else start)
    if found is None:
        raise NotFoundError(_("There is no such place."))
    return found


def place_filter(here: Place, places: list[Place]) -> dict[str, Any]:
    return {"name": "place", "label": _("Place"), "value": here.code, "choices": [(p.code, p.name) for p in places]}


def may_set(desk: Desk) -> bool:
    return bool({grant.role for grant in desk.actor.grants} & SETTERS)


@office_only
@require_GET
@at_desk
def home(request: HttpRequest, desk: Desk) -> HttpResponse:
    places_of(desk)
    cards = [card for card in _cards() if card["url"]]
    return page(request, desk, "console/settings/home.jinja", {"cards": cards}, here=HERE)


def _cards() -> list[dict[str, Any]]:
    def card(name: str, icon: str, title: str, text: str) -> dict[str, Any]:
        return {"url": page_url(name), "icon": icon, "title": title, "text": text}

    return [
        card("figures", "clock", _("Figures and deadlines"), _("Clocks by urgency, warnings, stages, limits.")),
        card("calling", "phone-outgoing", _("Callbacks"), _("Whom we call back, when, and when we leave in peace.")),
        card("prices", "receipt-yuan", _("Price list"), _("Labour, parts and flat rates, version by version.")),
        card("categories", "tag", _("Categories"), _("What cases are about: names, urgency, skill, leaks.")),
        card("message-texts", "message-2", _("Texts of messages"), _("What customers and colleagues read.")),
        card("rights", "key", _("Roles and rights"), _("Who may do what, where, since when.")),
        card("posts", "id-badge-2", _("Posts"), _("Duties, reporting lines and the roles that come with them.")),
        card("imports", "upload", _("Import lists"), _("Buildings, units and customers from Excel.")),
        card("audit", "shield-check", _("Audit log"), _("Who changed what, and when.")),
    ]
