"""Refusals as the phone's scripts read them."""

from typing import Any

from django.http import HttpRequest, JsonResponse

from steward.kernel.errors import InvalidError, RefusalError
from steward.web.http import status_of


def answer(refusal: RefusalError, *, kept: bool) -> JsonResponse:
    invalid = isinstance(refusal, InvalidError)
    body: dict[str, Any] = {
        "status": "invalid" if invalid else "conflict",
        "message": str(refusal),
        "rule": refusal.rule,
        "kept": kept,
    }
    if isinstance(refusal, InvalidError):
        body["fields"] = {name: str(text) for name, text in refusal.fields.items()}
    return JsonResponse(body, status=status_of(refusal))


def wants_json(request: HttpRequest) -> bool:
    return "application/json" in request.headers.get("Accept", "")
