"""Build the actor of a request: session (or token), user, grants and reference version in one query."""

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from django.db.models import QuerySet, Subquery

from steward.kernel import reference
from steward.kernel.actor import Actor, ActorKind, Grant, Home, Role
from steward.kernel.models import ReferenceVersion
from steward.registers.org.models import ApiToken, Session, User
from steward.registers.org.tree import tree

_COLUMNS: Final = (
    "user_id",
    "user__username",
    "user__name",
    "user__language",
    "user__is_active",
    "user__staff_id",
    "user__person_id",
    "user__password",
    "user__grants__role",
    "user__grants__node__path",
    "user__grants__ended_at",
    "version",
)
_version = Subquery(ReferenceVersion.objects.filter(pk=1).values("version")[:1])


@dataclass(frozen=True, slots=True)
class SignedIn:
    """What the one query brought back."""

    user: User | None
    actor: Actor
    extra: Any


def by_session(key: str, at: datetime) -> SignedIn | None:
    rows = Session.objects.filter(session_key=key, expire_date__gt=at)
    return _signed_in(rows, "session_data")


def by_token(token: str) -> SignedIn | None:
    digest = hashlib.sha256(token.encode()).hexdigest()
    return _signed_in(ApiToken.objects.filter(digest=digest, revoked_at__isnull=True), "label")


def of_user(user: User) -> Actor:
    """The actor of a user outside a request: command line, tests, demo."""
    reference.refresh()
    rows = user.grants.filter(ended_at__isnull=True).values_list("role", "node__path")
    return _actor(user, rows)


def _signed_in(rows: QuerySet[Any], extra: str) -> SignedIn | None:
    found = list(rows.annotate(version=_version).values_list(*_COLUMNS, extra))
    if not found:
        return None
    first = dict(zip((*_COLUMNS, "extra"), found[0], strict=True))
    reference.seen(first["version"])
    if first["user_id"] is None or not first["user__is_active"]:
        return SignedIn(None, Actor(kind=ActorKind.ANONYMOUS, key="", name=""), first["extra"])
    user = User(
        pk=first["user_id"],
        username=first["user__username"],
        name=first["user__name"],
        language=first["user__language"],
        is_active=True,
        staff_id=first["user__staff_id"],
        person_id=first["user__person_id"],
        password=first["user__password"],
    )
    user._state.adding = False  # noqa: SLF001  loaded by hand from a joined row
    grants = ((row[8], row[9]) for row in found if row[8] and row[10] is None)
    return SignedIn(user, _actor(user, grants), first["extra"])


def _actor(user: User, grants: Iterable[tuple[str, str]]) -> Actor:
    under = tree().projects_under
    if user.staff_id is not None:
        kind, key = ActorKind.STAFF, f"staff:{user.staff_id}"
    elif user.person_id is not None:
        kind, key = ActorKind.RESIDENT, f"person:{user.person_id}"
    else:
        kind, key = ActorKind.STAFF, f"user:{user.pk}"
    return Actor(
        kind=kind,
        key=key,
        name=user.name,
        language=user.language,
        user_id=user.pk,
        staff_id=user.staff_id,
        person_id=user.person_id,
        grants=tuple(Grant(Role(role), under.get(path, frozenset())) for role, path in grants),
        homes=_homes(user.person_id) if user.person_id is not None else (),
    )


# `party` brings the provider of homes: org stands below it and cannot import it.
_homes_provider: list[Any] = []


def provide_homes(provider: Any) -> Any:
    _homes_provider.append(provider)
    return provider


def _homes(person_id: int) -> tuple[Home, ...]:
    return tuple(_homes_provider[0](person_id)) if _homes_provider else ()
