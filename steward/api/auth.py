"""Bearer tokens: one query brings token, user, grants and reference version."""

from django.http import HttpRequest
from django.utils import translation
from ninja.security import HttpBearer

from steward.kernel.actor import Actor
from steward.registers.org.actors import by_token


class Bearer(HttpBearer):
    def authenticate(self, request: HttpRequest, token: str) -> Actor | None:
        found = by_token(token)
        if found is None or found.user is None:
            return None
        # The caller's language: what the request asks for, else what the user has chosen.
        if "Accept-Language" not in request.headers:
            translation.activate(found.actor.language)
        request.user = found.user
        request.actor = found.actor  # type: ignore[attr-defined]
        return found.actor
