"""Home, my account, and the manifest that puts the page on a phone's first screen."""

from django.conf import settings
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.templatetags.static import static
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from steward.assurance.incidents.known import incidents_of_homes
from steward.portal import reads
from steward.portal.shell import greeting, shell_of, show
from steward.registers.org.tree import place
from steward.web.http import actor_of, open_to_all, residents_only

ROWS = 5


@residents_only
@require_GET
def home(request: HttpRequest) -> HttpResponse:
    """First what waits for me, with the only button; then what I may ask for; then whom to call."""
    actor, now = actor_of(request), timezone.now()
    found = reads.open_matters(actor, now)
    waiting = [m for m in found if m.waiting is not None]
    first = actor.homes[0].project_id if actor.homes else None
    context = {
        "greeting": greeting(actor.name, now, first),
        "homes": actor.homes,
        "matters": found[:ROWS],
        "first": waiting[0] if waiting else None,
        "total": f"{len(found)}+" if len(found) == reads.SHOWN else len(found),
        "incidents": incidents_of_homes(actor, at=now),
        "butlers": reads.butlers(actor) if actor.homes else [],
    }
    return show(request, "home", shell_of(actor, tab="home", waiting=len(waiting)), context)


@residents_only
@require_GET
def account(request: HttpRequest) -> HttpResponse:
    actor = actor_of(request)
    homes = [(home, place(home.project_id)) for home in actor.homes]
    context = {"name": actor.name, "homes": homes, "language": get_language(), "languages": settings.LANGUAGES}
    return show(request, "account", shell_of(actor, tab="me"), context)


@open_to_all
@require_GET
def manifest(request: HttpRequest) -> JsonResponse:
    """No business data: the same for everybody."""
    name = str(_("Steward"))
    icon = {"src": static("design/steward.svg"), "sizes": "any", "type": "image/svg+xml", "purpose": "any"}
    body = {
        "name": name,
        "short_name": name,
        "lang": {"zh-hans": "zh-Hans"}.get(get_language() or "", "en"),
        "start_url": "/portal/",
        "scope": "/portal/",
        "display": "standalone",
        "background_color": "#f5f7f8",
        "theme_color": "#0f6b63",
        "icons": [icon],
    }
    return JsonResponse(body, content_type="application/manifest+json")
