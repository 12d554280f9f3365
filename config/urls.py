"""Where each face hangs. A face brings its own ``urls`` module; one that is not built yet is left out."""

from importlib.util import find_spec

from django.http import HttpRequest, HttpResponse
from django.urls import URLPattern, URLResolver, include, path
from django.utils.translation import gettext as _

FACES = (
    ("portal/", "steward.portal"),
    ("field/", "steward.field"),
    ("api/v1/", "steward.api"),
    ("design/", "steward.design"),
    ("", "steward.web"),
    ("", "steward.console"),
)


def healthy(_request: HttpRequest) -> HttpResponse:
    """For load balancers and for `make run`: the process answers; it says nothing about the data."""
    return HttpResponse("ok", content_type="text/plain")


def unfinished(_request: HttpRequest) -> HttpResponse:
    return HttpResponse(_("Steward is running."), content_type="text/plain; charset=utf-8")


handler400 = "config.errors.bad_request"
handler403 = "config.errors.forbidden"
handler404 = "config.errors.not_found"
handler500 = "config.errors.failed"


def _faces() -> list[URLPattern | URLResolver]:
    built = [(at, name) for at, name in FACES if find_spec(name) and find_spec(f"{name}.urls")]
    return [path(at, include(f"{name}.urls")) for at, name in built]


urlpatterns: list[URLPattern | URLResolver] = [path("health", healthy, name="health"), *_faces()]
if not any(isinstance(item, URLResolver) and str(item.pattern) == "" for item in urlpatterns):
    urlpatterns.append(path("", unfinished))
