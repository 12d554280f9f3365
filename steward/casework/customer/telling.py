"""Telling people: the customer in the customer's language, colleagues once each, nobody of their own doing."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any, Final

from django.utils import timezone, translation
from django.utils.translation import gettext as _

from steward.cases.engine import Step
from steward.kernel.actor import Role
from steward.kernel.outbox import Message
from steward.registers.messaging import telling
from steward.registers.messaging.templates import Template
from steward.registers.org.tree import place
from steward.registers.workforce.people import with_role

CUSTOMERS_LANGUAGE: Final = "zh-hans"


def say(message: str, **values: Any) -> str:
    with translation.override(CUSTOMERS_LANGUAGE):
        return _(message) % values


def local(at: datetime, project_id: int) -> str:
    """Local time as people say it: 11-21 14:30."""
    return timezone.localtime(at, place(project_id).tz).strftime("%m-%d %H:%M")


def to_customer(step: Step, event: str, template: Template, *, path: str = "", **values: Any) -> None:
    """In the portal's inbox; the worker carries it on to phone or mailbox. ``event`` is unique within the version."""
    case = step.case
    if case.customer_id is None:
        return
    step.tell(
        telling.to_customer(
            template,
            event=f"{case.number}:{case.version}:{event}",
            project_id=case.project_id,
            customer_id=case.customer_id,
            case=case.number,
            values={"number": case.number, "title": case.title, **values},
            path=path,
        )
    )


def to_staff(
    step: Step, event: str, staff: Iterable[int | None], message: str = "", body: str = "", *, own: bool = False
) -> None:
    """In their inboxes. ``own``: also of what is entered as their doing by somebody else."""
    case = step.case
    words = say(message) if message else ""
    for staff_id in sorted({s for s in staff if s is not None and (own or s != step.actor.staff_id)}):
        step.tell(
            Message(
                event=f"{case.number}:{case.version}:{event}",
                recipient=f"staff:{staff_id}",
                channel="inapp",
                subject=f"{case.number} {words}{case.title}",
                body=body,
                payload={"case": case.number, "template": event},
            )
        )


def holders(step: Step, *roles: Role) -> list[int | None]:
    return [c.id for role in roles for c in with_role(role, step.case.project_id)]
