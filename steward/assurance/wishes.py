"""When a customer does not want to be called."""

from datetime import datetime
from typing import Final

from django.utils.translation import gettext_lazy as _

from steward.assurance.models import CallWish
from steward.assurance.policies import QUIET
from steward.kernel import policies
from steward.kernel.actor import Actor, Role
from steward.kernel.clocks import QuietHours
from steward.kernel.db import write
from steward.kernel.errors import InvalidError, NotAllowedError, NotFoundError
from steward.registers.org.tree import place
from steward.registers.party.models import Customer

MAY: Final = (Role.DESK, Role.BUTLER, Role.HEAD_BUTLER, Role.MANAGER)
MOST: Final = 6


def set_wish(*, project_id: int, customer_id: int, not_at: str, actor: Actor, at: datetime) -> CallWish | None:
    """``12:00-15:00,18:00-19:00``; empty takes the wish back. Raises InvalidError, also if no time is left to call."""
    if not Customer.objects.visible_to(actor).filter(project_id=project_id, pk=customer_id).exists():
        raise NotFoundError(_("There is no such customer here."))
    if not any(actor.has(role, project_id) for role in MAY):
        raise NotAllowedError(_("This is not yours to do."), rule="callback.wish_role")
    spans = [span.strip() for span in not_at.replace("，", ",").split(",") if span.strip()]
    if spans:
        _check(spans, project_id, at)
    with write():
        rows = CallWish.objects.in_project(project_id).filter(customer_id=customer_id)
        if not spans:
            rows.delete()
            return None
        row, _created = rows.update_or_create(
            defaults={"not_at": ",".join(spans), "set_at": at, "set_by_name": actor.name},
            create_defaults={
                "project_id": project_id,
                "customer_id": customer_id,
                "not_at": ",".join(spans),
                "set_at": at,
                "set_by_name": actor.name,
            },
        )
        return row


def _check(spans: list[str], project_id: int, at: datetime) -> None:
    where = place(project_id)
    quiet = policies.in_force(QUIET, lineage=where.lineage, at=at).value
    try:
        if len(spans) > MOST:
            raise ValueError("too many")
        QuietHours.of(*quiet.spans, *spans, tz=where.tz.key)
    except ValueError as error:
        raise InvalidError({"not_at": _("Enter times as 12:00-15:00; some time must be left to call.")}) from error
