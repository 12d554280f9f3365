"""Personal values as they lie in the database: encrypted, and found again by a keyed fingerprint.

The keys come from ``STEWARD_DATA_KEYS`` (the first encrypts, all decrypt), else from the secret key. A fingerprint
finds an exact value only; it tells nothing without the key.
"""

import base64
import hashlib
import hmac
from functools import lru_cache
from typing import Any, Final

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from django.conf import settings
from django.db import models

#: Marks a sealed value, so that a column can be sealed later without touching older rows at once.
MARK: Final = "~1"
#: What is shown where no key opens the value: a restored copy without its keys stays usable.
UNREADABLE: Final = "?"


def _derived(secret: str, purpose: str) -> bytes:
    return hmac.new(secret.encode(), f"steward:{purpose}".encode(), hashlib.sha256).digest()


@lru_cache(maxsize=4)
def _box(secrets: tuple[str, ...]) -> MultiFernet:
    return MultiFernet([Fernet(base64.urlsafe_b64encode(_derived(s, "seal"))) for s in secrets])


def _secrets() -> tuple[str, ...]:
    return (*getattr(settings, "DATA_KEYS", ()), settings.SECRET_KEY)


def seal(text: str) -> str:
    """Nothing stays nothing."""
    return MARK + _box(_secrets()).encrypt(text.encode()).decode() if text else ""


def unseal(stored: str) -> str:
    if not stored.startswith(MARK):
        return stored
    try:
        return _box(_secrets()).decrypt(stored[len(MARK) :]).decode()
    except InvalidToken:
        return UNREADABLE


def fingerprint(text: str) -> str:
    """The same for the same value, under the first key; empty for nothing. 32 hexadecimal digits."""
    if not text:
        return ""
    return hmac.new(_derived(_secrets()[0], "find"), text.encode(), hashlib.sha256).hexdigest()[:32]


class SealedField(models.TextField):  # type: ignore[type-arg]
    """Text that is encrypted in the database. Not to be filtered on: keep a fingerprint beside it."""

    def get_prep_value(self, value: Any) -> Any:
        value = super().get_prep_value(value)
        return seal(value) if value and not value.startswith(MARK) else value

    def from_db_value(self, value: str | None, expression: object, connection: object) -> str | None:
        return unseal(value) if value else value
