"""Masked values in clear, one at a time, each look written down: who, what, when, why."""

from datetime import datetime
from typing import Final

from django.utils.translation import gettext_lazy as _

from steward.kernel import audit
from steward.kernel.actor import Actor
from steward.kernel.db import write
from steward.kernel.errors import InvalidError, NotFoundError
from steward.kernel.models import AuditEvent
from steward.kernel.privacy import mask_name
from steward.registers.party.models import Contact, Customer, Piece
from steward.registers.party.verbs import SUBJECT, file_of

#: Shorter is no reason.
SHORTEST: Final = 4
SHOWN: Final = 100


def reveal(
    *,
    project_id: int,
    customer_id: int,
    piece: str,
    actor: Actor,
    at: datetime,
    reason: str,
    contact_id: int | None = None,
) -> str:
    """A number outside a case: a reason is asked. Raises NotFoundError, InvalidError without one.

    Safe to repeat: every look is a line of its own, because every look happened.
    """
    if not actor.is_staff:
        raise NotFoundError(_("There is no such customer."))
    customer = file_of(actor, project_id, customer_id)
    reason = reason.replace("\x00", "").strip()[:200]
    if len(reason) < SHORTEST:
        raise InvalidError({"reason": _("Say why, in a few words.")})
    name, value = _value(customer, piece, contact_id)
    if not value:
        raise NotFoundError(_("There is no such number."))
    note(project_id, customer=customer, piece=Piece(piece), whose=name, actor=actor, at=at, reason=reason)
    return value


def _value(customer: Customer, piece: str, contact_id: int | None) -> tuple[str, str]:
    if piece == Piece.ID_NUMBER:
        return customer.name, customer.id_number
    if piece != Piece.PHONE:
        return "", ""
    if contact_id is None:
        return customer.name, customer.phone
    rows = Contact.objects.in_project(customer.project_id).filter(customer=customer, pk=contact_id)
    found = rows.first()
    return (found.name, found.phone) if found is not None else ("", "")


def note(
    project_id: int,
    *,
    customer: Customer | None,
    piece: Piece,
    whose: str,
    actor: Actor,
    at: datetime,
    reason: str = "",
    source: str = "",
    kind: str = "view",
) -> None:
    """Write down a look; ``source`` is the case that is the reason. Everything taken at once is an export."""
    with write():
        audit.record(
            project_id=project_id,
            actor=actor,
            at=at,
            what="customer.reveal",
            subject_kind=SUBJECT,
            subject_id=customer.pk if customer is not None else "",
            after={"piece": str(piece), "case": source} if source else {"piece": str(piece)},
            personal={"whose": mask_name(whose)},
            reason=reason or source,
            kind=kind,
        )


def log_of(actor: Actor, project_id: int, customer_id: int) -> list[AuditEvent]:
    """Who looked at this file and who changed it, the latest first. Empty but for those who answer for the project."""
    rows = AuditEvent.objects.visible_to(actor).filter(
        project_id=project_id, subject_kind=SUBJECT, subject_id=str(customer_id)
    )
    return list(rows.select_related("personal").order_by("-at", "-pk")[:SHOWN])
