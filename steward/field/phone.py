"""What makes the pages an app on the phone: service worker, manifest, the page shown without anything stored."""

from pathlib import Path

from django.contrib.staticfiles import finders
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.templatetags.static import static
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from steward.field.shell import page, shell_of
from steward.web.http import actor_of, field_only, open_to_all


@open_to_all
@require_GET
def worker(request: HttpRequest) -> HttpResponse:
    """Served below /field/, so that its scope is the field face and nothing else."""
    found = finders.find("field/worker.js")
    if not isinstance(found, str):
        raise Http404
    response = HttpResponse(Path(found).read_bytes(), content_type="text/javascript; charset=utf-8")
    response["Service-Worker-Allowed"] = "/field/"
    response["Cache-Control"] = "no-cache"
    return response


@open_to_all
@require_GET
def manifest(request: HttpRequest) -> JsonResponse:
    icon = {"src": static("design/steward.svg"), "sizes": "any", "type": "image/svg+xml"}
    body = {
        "name": _("Steward in the field"),
        "short_name": _("Steward"),
        "start_url": "/field/",
        "scope": "/field/",
        "display": "standalone",
        "background_color": "#f5f7f8",
        "theme_color": "#0f6b63",
        "icons": [icon],
    }
    return JsonResponse(body, content_type="application/manifest+json")


@field_only
@require_GET
def offline(request: HttpRequest) -> HttpResponse:
    """Shown for a page that this phone has not stored."""
    actor = actor_of(request)
    return render(request, "field/offline.jinja", page(request, actor, shell=shell_of(actor, current="jobs")))
