"""A shared PC remembers who signed in on it by password: only they may come back by PIN alone."""

from datetime import datetime
from typing import Final

from django.conf import settings
from django.core import signing
from django.http import HttpRequest, HttpResponse

from steward.registers.org.models import User
from steward.registers.org.pins import DAYS, figure

COOKIE: Final = "steward_desk"
SALT: Final = "steward.desk"
MOST: Final = 12
DAY: Final = 24 * 3600


def remember(request: HttpRequest, response: HttpResponse, user: User, at: datetime) -> None:
    """After a sign-in by password. The newest first; residents are no colleagues."""
    if user.person_id is not None:
        return
    known = {str(user.pk): int(at.timestamp())}
    known |= {pk: since for pk, since in _read(request).items() if pk != str(user.pk)}
    value = signing.dumps(dict(list(known.items())[:MOST]), salt=SALT)
    response.set_cookie(
        COOKIE,
        value,
        max_age=figure(DAYS, at) * DAY,
        httponly=True,
        samesite="Lax",
        secure=settings.SESSION_COOKIE_SECURE,
    )


def known_here(request: HttpRequest, at: datetime) -> list[int]:
    """Users whose password was given on this PC not too long ago."""
    oldest = at.timestamp() - figure(DAYS, at) * DAY
    return [int(pk) for pk, since in _read(request).items() if since > oldest]


def _read(request: HttpRequest) -> dict[str, int]:
    try:
        found = signing.loads(request.COOKIES.get(COOKIE, ""), salt=SALT)
    except signing.BadSignature:
        return {}
    return {str(pk): int(since) for pk, since in found.items()} if isinstance(found, dict) else {}
