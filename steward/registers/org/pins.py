"""PINs of shared desk PCs: set after the password, tried a few times, locked, written down (MISSION ORG-3)."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from django.contrib.auth.hashers import check_password, make_password
from django.utils.translation import gettext_lazy as _

from steward.kernel import audit, policies
from steward.kernel.actor import Actor
from steward.kernel.db import write
from steward.kernel.errors import InvalidError, NotAllowedError
from steward.kernel.policies import Policy
from steward.registers.org.actors import of_user
from steward.registers.org.models import User
from steward.registers.org.pin_models import Pin

SHAPE: Final = re.compile(r"\d{4,6}\Z", re.ASCII)
RUNS: Final = ("01234567890", "09876543210")
TRIES: Final = Policy(
    key="pin.tries",
    title=_("PIN: wrong tries before it is locked"),
    type=int,
    preset=5,
    source="our default: as many as for passwords",
)
LOCK: Final = Policy(
    key="pin.lock_minutes",
    title=_("PIN: locked for (minutes)"),
    type=int,
    preset=15,
    source="our default, as for passwords",
)
IDLE: Final = Policy(
    key="pin.idle_minutes",
    title=_("Shared PC: idle minutes until the PIN is asked again"),
    type=int,
    preset=10,
    source="our default: shorter than a break, longer than a call",
)
DAYS: Final = Policy(
    key="pin.days",
    title=_("Shared PC: days until the password is asked again"),
    type=int,
    preset=30,
    source="our default",
)


def figure(policy: Policy[int], at: datetime) -> int:
    """These hold for the company as a whole."""
    return policies.in_force(policy, lineage=(), at=at).value


@dataclass(frozen=True)
class Tried:
    """``user`` when it was right; else how many tries are left, and until when it is locked."""

    user: User | None = None
    left: int = 0
    locked_until: datetime | None = None


def set_pin(*, actor: Actor, password: str, pin: str, again: str, at: datetime) -> None:
    """One's own PIN, after the password. Raises NotAllowedError (no colleague), InvalidError (naming the field)."""
    user = User.objects.filter(pk=actor.user_id or 0, is_active=True).first()
    if user is None or not actor.is_staff:
        raise NotAllowedError(_("This is not yours to do."), rule="pin.own")
    if not user.check_password(password):
        raise InvalidError({"password": _("The password is wrong.")})
    if not SHAPE.match(pin):
        raise InvalidError({"pin": _("Four to six digits.")})
    if len(set(pin)) == 1 or any(pin in run for run in RUNS):
        raise InvalidError({"pin": _("Too easy to guess: no row of digits, no single one repeated.")})
    if pin != again:
        raise InvalidError({"again": _("The two do not agree.")})
    given = {"digest": make_password(pin, hasher="argon2"), "set_at": at, "failures": 0, "locked_until": None}
    with write():
        Pin.objects.update_or_create(user=user, defaults=given)
        audit.record(project_id=None, actor=actor, at=at, what="pin.set", subject_kind="org.user", subject_id=user.pk)


def with_pin(user_ids: Iterable[int]) -> set[int]:
    """Whose PIN can be asked. One query."""
    return set(Pin.objects.filter(user_id__in=list(user_ids), user__is_active=True).values_list("user_id", flat=True))


def try_pin(*, user_id: int, pin: str, before: Actor, at: datetime) -> Tried:
    """Right or wrong, it is written down; wrong too often, the PIN rests for a while. ``before``: who sat there."""
    with write():
        row = Pin.objects.select_for_update().select_related("user").filter(user_id=user_id).first()
        if row is None or not row.user.is_active:
            return Tried()
        if row.locked_until is not None and row.locked_until > at:
            return Tried(locked_until=row.locked_until)
        if SHAPE.match(pin) and check_password(pin, row.digest):
            return _right(row, before, at)
        return _wrong(row, before, at)


def _right(row: Pin, before: Actor, at: datetime) -> Tried:
    row.failures, row.locked_until = 0, None
    row.save(update_fields=["failures", "locked_until"])
    _note(row, "pin.switch", of_user(row.user), at, before)
    return Tried(user=row.user)


def _wrong(row: Pin, before: Actor, at: datetime) -> Tried:
    most = figure(TRIES, at)
    row.failures = (0 if row.locked_until is not None else row.failures) + 1
    row.locked_until = at + timedelta(minutes=figure(LOCK, at)) if row.failures >= most else None
    row.save(update_fields=["failures", "locked_until"])
    _note(row, "pin.lock" if row.locked_until else "pin.wrong", before, at, before)
    return Tried(left=max(0, most - row.failures), locked_until=row.locked_until)


def _note(row: Pin, what: str, actor: Actor, at: datetime, before: Actor) -> None:
    audit.record(
        project_id=None,
        actor=actor,
        at=at,
        what=what,
        subject_kind="org.user",
        subject_id=row.user_id,
        after={"before": before.key, "failures": row.failures},
    )
