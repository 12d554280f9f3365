"""Refusals as answers: one shape, in the caller's language."""

from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from ninja import NinjaAPI
from ninja.errors import AuthenticationError, HttpError, ValidationError

from steward.kernel.errors import ConflictError, InvalidError, NotAllowedError, NotFoundError, RefusalError
from steward.kernel.schema import sentences
from steward.web.http import status_of

CODES = {NotFoundError: "not_found", NotAllowedError: "not_allowed", ConflictError: "conflict", InvalidError: "invalid"}


def install(api: NinjaAPI) -> None:
    def answer(request: HttpRequest, status: int, code: str, message: str, **more: Any) -> HttpResponse:
        return api.create_response(request, {"code": code, "message": message, **more}, status=status)

    @api.exception_handler(RefusalError)
    def refused(request: HttpRequest, error: RefusalError) -> HttpResponse:
        code = next((name for kind, name in CODES.items() if isinstance(error, kind)), "refused")
        fields = {k: str(v) for k, v in error.fields.items()} if isinstance(error, InvalidError) else {}
        return answer(request, status_of(error), code, str(error), rule=error.rule, fields=fields)

    @api.exception_handler(ValidationError)
    def invalid(request: HttpRequest, error: ValidationError) -> HttpResponse:
        fields = sentences(error.errors, skip={"body", "query", "path", "form", "file", "payload"})
        return answer(request, 422, "invalid", next(iter(fields.values()), ""), rule="", fields=fields)

    @api.exception_handler(AuthenticationError)
    def unknown(request: HttpRequest, error: AuthenticationError) -> HttpResponse:
        return answer(request, 401, "unauthenticated", _("A valid token is needed."), rule="", fields={})

    @api.exception_handler(Http404)
    def missing(request: HttpRequest, error: Http404) -> HttpResponse:
        return answer(request, 404, "not_found", _("There is nothing here."), rule="", fields={})

    @api.exception_handler(HttpError)
    def broken(request: HttpRequest, error: HttpError) -> HttpResponse:
        return answer(request, error.status_code, "bad_request", _("The request cannot be read."), rule="", fields={})
