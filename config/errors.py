"""What is shown when no view answers: 400, 403, 404, 500 and a refused form token, in the reader's language."""

from django.conf import settings
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from steward.design.shell import Shell


def _answer(request: HttpRequest, code: int, heading: str, text: str) -> HttpResponse:
    if request.path.startswith("/api/"):
        return JsonResponse({"detail": f"{heading} {text}"}, status=code)
    shell = Shell(language=get_language() or settings.LANGUAGE_CODE, demo=settings.DEMO)
    context = {
        "shell": shell,
        "code": code,
        "heading": heading,
        "text": text,
        "action_url": "/",
        "action": _("To the start page"),
    }
    return render(request, "design/error.jinja", context, status=code)


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    return _answer(request, 400, _("This request cannot be read."), _("Go back, reload the page and try again."))


def forbidden(request: HttpRequest, exception: Exception) -> HttpResponse:
    text = _("Ask your manager if your work needs it.")
    return _answer(request, 403, _("Your role does not allow this."), text)


def stale_form(request: HttpRequest, reason: str = "") -> HttpResponse:
    text = _("Nothing was saved. Go back, reload the page and send it again.")
    return _answer(request, 403, _("This page was open for too long."), text)


def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    text = _("It does not exist, or it belongs to a project that is not yours.")
    return _answer(request, 404, _("Nothing was found here."), text)


def failed(request: HttpRequest) -> HttpResponse:
    """The page itself may be what failed: then plain words must do."""
    heading, text = _("Something went wrong on our side."), _("Nothing was half saved. Please try again in a moment.")
    try:
        return _answer(request, 500, heading, text)
    except Exception:  # noqa: BLE001 - the first fault is logged already; this answer must come out
        return HttpResponse(f"{heading} {text}", status=500, content_type="text/plain; charset=utf-8")
