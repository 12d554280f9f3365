"""Where each face hangs. A face brings its own ``urls`` module; one that is not built yet is left out."""

from importlib.util import find_spec

from django.http import HttpRequest, HttpResponse
from django.urls import URLPattern, URLResolver, include, path
from django.utils.translation import gettext as _

from steward.web.http import open_to_all

FACES = (
    ("portal/", "steward.portal"),
    ("l/", "steward.portal.links"),
    ("field/", "steward.field"),
    ("api/v1/", "steward.api"),
    ("design/", "steward.design"),
    ("", "steward.web"),
    ("", "steward.console"),
)


@open_to_all
def healthy(_request: HttpRequest) -> HttpResponse:
    """For load balancers and for `make run`: the process answers; it says nothing about the data."""
    return HttpResponse("ok", content_type="text/plain")


@open_to_all
def unfinished(_request: HttpRequest) -> HttpResponse:
    return HttpResponse(_("Steward is running."), content_type="text/plain; charset=utf-8")


handler400 = "config.errors.bad_request"
handler403 = "config.errors.forbidden"
handler404 = "config.errors.not_found"
handler500 = "config.errors.failed"


def _is_built(face: str) -> bool:
    return find_spec(face) is not None and find_spec(f"{face}.urls") is not None


def _faces() -> list[URLPattern | URLResolver]:
    return [path(at, include(f"{name}.urls")) for at, name in FACES if _is_built(name)]


urlpatterns: list[URLPattern | URLResolver] = [path("health", healthy, name="health"), *_faces()]
if not _is_built("steward.console"):
    urlpatterns.append(path("", unfinished))
