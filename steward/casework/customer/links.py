"""Single-use links for customers: expiring, bound to a case, a purpose and a person."""

import hashlib
import secrets
from datetime import datetime, timedelta
from typing import Final

from django.utils.translation import gettext_lazy as _

from steward.cases.facts import CaseMoved
from steward.cases.models import Case
from steward.casework.models import Link
from steward.kernel.actor import Actor, ActorKind, Grant
from steward.kernel.errors import ConflictError, NotFoundError
from steward.kernel.facts import listens
from steward.registers.org.tree import tree

VALID: Final = timedelta(hours=72)


def issue_link(
    *,
    case: Case,
    purpose: str,
    person_name: str,
    actor: Actor,
    at: datetime,
    customer_id: int | None = None,
    valid: timedelta = VALID,
) -> str:
    """A token for one action of one case; the caller holds the write transaction.

    ``customer_id``: of whoever it is for, where that is not the case's own customer.
    """
    secret = secrets.token_urlsafe(18)
    Link.objects.create(
        project_id=case.project_id,
        case=case,
        digest=_digest(secret),
        purpose=purpose,
        customer_id=customer_id or case.customer_id,
        person_name=person_name,
        issued_by=actor.key,
        issued_at=at,
        expires_at=at + valid,
    )
    return f"{case.project_id}.{secret}"


def find_link(token: str) -> Link:
    """The link of a token, used or not. Raises NotFoundError for anything unknown."""
    project, _dot, secret = token.partition(".")
    known = project.isdecimal() and len(project) < 12 and int(project) in tree().places
    found = (
        Link.objects.in_project(int(project)).filter(digest=_digest(secret)).select_related("case").first()
        if known
        else None
    )
    if found is None:
        raise NotFoundError(_("This link is not valid."))
    return found


def actor_of(link: Link, at: datetime) -> Actor | None:
    """The holder of a link as an actor; None once it is used or has expired."""
    if link.used_at is not None or link.expires_at <= at:
        return None
    return Actor(
        kind=ActorKind.LINK,
        key=f"link:{link.pk}",
        name=link.person_name,
        case_id=link.case_id,
        purpose=link.purpose,
        grants=(_only(link.project_id),),
    )


@listens(CaseMoved)
def use_up(fact: CaseMoved) -> None:
    """A link serves once: its first action uses it up."""
    if fact.actor.kind is not ActorKind.LINK:
        return
    link_id = int(fact.actor.key.removeprefix("link:"))
    links = Link.objects.in_project(fact.project_id).filter(pk=link_id, used_at__isnull=True)
    if not links.update(used_at=fact.step.at):
        raise ConflictError(_("This link was already used."), rule="link.single_use")


def _only(project_id: int) -> Grant:
    # Not a role anybody holds: it only says which project the link's case lies in.
    return Grant("link", frozenset({project_id}))  # type: ignore[arg-type]


def _digest(secret: str) -> str:
    return hashlib.sha256(secret.encode()).hexdigest()
