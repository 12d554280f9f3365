"""Sessions and actors: one query brings session, user, grants and the reference version."""

import hashlib
from collections.abc import Callable

from django.conf import settings
from django.contrib.auth import HASH_SESSION_KEY
from django.contrib.auth.models import AnonymousUser
from django.contrib.sessions.middleware import SessionMiddleware
from django.http import HttpRequest, HttpResponse
from django.utils import timezone, translation
from django.utils.crypto import constant_time_compare

from steward.kernel import audit, reference
from steward.kernel.actor import ANONYMOUS
from steward.registers.org.actors import by_session
from steward.registers.org.models import User
from steward.registers.org.sessions import SessionStore


class ActorMiddleware(SessionMiddleware):
    """Replaces Django's session and authentication middleware."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        super().__init__(get_response)
        self.SessionStore = SessionStore

    def process_request(self, request: HttpRequest) -> None:
        key = request.COOKIES.get(settings.SESSION_COOKIE_NAME)
        audit.origin.set(audit.Origin(ip=request.META.get("REMOTE_ADDR", ""), session=_digest(key)))
        store = SessionStore(key)
        found = by_session(key, timezone.now()) if key else None
        if found is not None:
            store.adopt(found.extra)
        request.session = store
        request.user = AnonymousUser()
        request.actor = ANONYMOUS  # type: ignore[attr-defined]
        if found is not None and found.user is not None and _still_valid(store, found.user):
            request.user = found.user
            request.actor = found.actor  # type: ignore[attr-defined]
            translation.activate(found.actor.language)
        elif found is None and not key and "Authorization" not in request.headers:
            reference.refresh()


def _digest(key: str | None) -> str:
    """Tells two sessions apart without giving either away."""
    return hashlib.sha256(key.encode()).hexdigest()[:16] if key else ""


def _still_valid(store: SessionStore, user: User) -> bool:
    """A changed password ends every other session."""
    return constant_time_compare(store.get(HASH_SESSION_KEY, ""), user.get_session_auth_hash())
