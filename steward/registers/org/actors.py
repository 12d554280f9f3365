"""Build the actor of a request: session (or token), user, grants and reference version in one query."""

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from django.db import connection

from steward.kernel import reference
from steward.kernel.actor import Actor, ActorKind, Grant, Home, Role
from steward.registers.org.models import User
from steward.registers.org.tree import tree

# Read at every request. Written out, because the ORM takes longer to build it than the database to answer it.
_READ: Final = """
    SELECT u.id, u.username, u.name, u.language, u.is_active, u.staff_id, u.person_id, u.password,
           g.role, n.path, v.version, k.{extra}
      FROM {key_table} k
      LEFT JOIN org_user u ON u.id = k.user_id
      LEFT JOIN org_rolegrant g ON g.user_id = u.id AND g.ended_at IS NULL
      LEFT JOIN org_node n ON n.id = g.node_id
      LEFT JOIN kernel_referenceversion v ON v.id = 1
     WHERE {where}
"""
_BY_SESSION: Final = _READ.format(
    extra="session_data", key_table="org_session", where="k.session_key = %s AND k.expire_date > %s"
)
_BY_TOKEN: Final = _READ.format(extra="label", key_table="org_apitoken", where="k.digest = %s AND k.revoked_at IS NULL")


@dataclass(frozen=True, slots=True)
class SignedIn:
    """What the one query brought back."""

    user: User | None
    actor: Actor
    extra: Any


def by_session(key: str, at: datetime) -> SignedIn | None:
    return _signed_in(_BY_SESSION, key, connection.ops.adapt_datetimefield_value(at))


def by_token(token: str) -> SignedIn | None:
    return _signed_in(_BY_TOKEN, hashlib.sha256(token.encode()).hexdigest())


def of_user(user: User) -> Actor:
    """The actor of a user outside a request: command line, tests, demo."""
    reference.refresh()
    rows = user.grants.filter(ended_at__isnull=True).values_list("role", "node__path")
    return _actor(user, rows)


def _signed_in(statement: str, *values: Any) -> SignedIn | None:
    with connection.cursor() as cursor:
        cursor.execute(statement, values)
        found = cursor.fetchall()
    if not found:
        return None
    pk, username, name, language, is_active, staff_id, person_id, password, _role, _path, version, extra = found[0]
    reference.seen(version)
    if pk is None or not is_active:
        return SignedIn(None, Actor(kind=ActorKind.ANONYMOUS, key="", name=""), extra)
    user = User(
        pk=pk,
        username=username,
        name=name,
        language=language,
        is_active=True,
        staff_id=staff_id,
        person_id=person_id,
        password=password,
    )
    user._state.adding = False  # noqa: SLF001  loaded by hand from a joined row
    grants = ((row[8], row[9]) for row in found if row[8])
    return SignedIn(user, _actor(user, grants), extra)


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
