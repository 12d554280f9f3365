"""A link by which somebody chooses their own password: nobody hands out a password, nobody knows another's.

It ends with its first use, with the next link, with any sign-in since, and after three days; the password of before
works until then.
"""

from typing import Any, Final

from django.conf import settings
from django.contrib.auth.password_validation import validate_password
from django.contrib.auth.tokens import PasswordResetTokenGenerator
from django.core.exceptions import ValidationError
from django.db.models import F
from django.utils.translation import gettext as _

from steward.kernel.db import write
from steward.kernel.errors import InvalidError
from steward.registers.org.models import User


class _Tokens(PasswordResetTokenGenerator):
    def _make_hash_value(self, user: Any, timestamp: int) -> str:
        return f"{super()._make_hash_value(user, timestamp)}{user.links_made}"


_TOKENS: Final = _Tokens()


def link_for(user: User) -> str:
    """A new link; one made before, sent to the wrong chat perhaps, leads nowhere from now on."""
    with write():
        User.objects.filter(pk=user.pk).update(links_made=F("links_made") + 1)
        user.refresh_from_db(fields=["links_made"])
    return f"{settings.PUBLIC_URL}/sign-in/first/{user.pk}/{_TOKENS.make_token(user)}/"


def behind(user_id: int, token: str) -> User | None:
    """Whose link it is, as long as it holds."""
    user = User.objects.filter(pk=user_id, is_active=True).first()
    return user if user is not None and _TOKENS.check_token(user, token) else None


def choose(user: User, *, password: str, again: str) -> None:
    """Raises InvalidError. Whoever is signed in as this user elsewhere is signed out."""
    try:
        validate_password(password, user)
    except ValidationError as error:
        raise InvalidError({"password": _in_words(error)}) from error
    if password != again:
        raise InvalidError({"again": _("The two do not agree.")})
    user.set_password(password)
    with write():
        user.save(update_fields=["password"])


def _in_words(error: ValidationError) -> str:
    """Ours: what Django says of a length has no Chinese."""
    short = next((one for one in error.error_list if one.code == "password_too_short"), None)
    if short is not None:
        return _("At least %(n)s letters or digits.") % {"n": (short.params or {}).get("min_length", "")}
    return _("Too easy to guess: choose another one.")
