"""What customers and colleagues are told, in the customer's language."""

from datetime import datetime
from typing import Any

from django.utils import timezone, translation
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from steward.cases.engine import Step
from steward.kernel.actor import Role
from steward.kernel.outbox import Message
from steward.processes.repair import texts
from steward.processes.repair.guards import PAPER
from steward.registers.estate.models import Unit
from steward.registers.messaging import telling
from steward.registers.messaging.templates import Template
from steward.registers.org.tree import place
from steward.registers.workforce.people import name_of, with_role

CUSTOMERS_LANGUAGE = "zh-hans"


def to_customer(step: Step, event: str, template: Template, *, path: str = "", **values: Any) -> None:
    """In the portal's inbox; the worker carries it on to phone or mailbox, as the customer wants it."""
    case = step.case
    if case.customer_id is None:
        return
    step.tell(
        telling.to_customer(
            template,
            event=f"{case.number}:{case.round}:{event}",
            project_id=case.project_id,
            customer_id=case.customer_id,
            case=case.number,
            values={"number": case.number, "title": case.title, **values},
            path=path,
        )
    )


def to_staff(step: Step, event: str, staff_id: int | None, subject: str, body: str = "") -> None:
    """In a colleague's inbox; nobody is told of their own doing."""
    if staff_id is not None and staff_id != step.actor.staff_id:
        _send(step, event, staff_id, subject, body)


def _send(step: Step, event: str, staff_id: int, subject: str, body: str = "") -> None:
    payload = {"case": step.case.number, "template": event}
    step.tell(
        Message(
            event=f"{step.case.number}:{step.case.version}:{event}",
            recipient=f"staff:{staff_id}",
            channel="inapp",
            subject=subject,
            body=body,
            payload=payload,
        )
    )


def _headed(step: Step, event: str, staff_id: int | None, message: str, body: str = "") -> None:
    case = step.case
    to_staff(step, event, staff_id, f"{case.number} {say(message)}{case.title}", body)


def relieved(step: Step) -> None:
    """Before the new handler is set: whoever had the job need not go."""
    if step.case.handler_id != step.data.handler:
        _headed(step, "relieved", step.case.handler_id, gettext_noop("Somebody else goes: "))


def given_back(step: Step) -> None:
    _headed(step, "given_back", step.case.accountable_id, gettext_noop("Given back: "), step.data.reason)


def answered(step: Step, *, agreed: bool) -> None:
    """The technician waits for this word before starting."""
    message = gettext_noop("Customer agrees: ") if agreed else gettext_noop("Customer declines: ")
    _headed(step, "answered", step.case.handler_id, message)


def not_fixed(step: Step) -> None:
    _headed(step, "not_fixed", step.case.accountable_id, gettext_noop("Not fixed, reopened: "))


def called_off(step: Step) -> None:
    """Whoever is on the way turns back; the customer knows if the office did it."""
    case = step.case
    _headed(step, "called_off", case.handler_id, gettext_noop("Cancelled: "), step.data.reason)
    if case.handler_id != case.accountable_id:
        _headed(step, "called_off", case.accountable_id, gettext_noop("Cancelled: "), step.data.reason)
    if step.actor.is_staff:
        to_customer(step, "cancelled", texts.CANCELLED, reason=step.data.reason)


def clock(at: datetime, project_id: int) -> str:
    """Local time as people say it: 11-21 14:30."""
    return timezone.localtime(at, place(project_id).tz).strftime("%m-%d %H:%M")


def said(label: Any) -> str:
    """A label in the customer's language, whatever the language of whoever acts."""
    with translation.override(CUSTOMERS_LANGUAGE):
        return str(label)


def say(message: str, **values: Any) -> str:
    with translation.override(CUSTOMERS_LANGUAGE):
        return _(message) % values


def received(step: Step) -> None:
    case = step.case
    if step.actor.is_resident:
        _headed(step, "reported", case.accountable_id, gettext_noop("New report: "), case.description)
    to_customer(step, "received", texts.RECEIVED, who=name_of(case.accountable_id))


def coming(step: Step) -> None:
    case = step.case
    if step.actor.purpose == PAPER:
        return  # entered when it is over
    booked = step.detail.appointment_at
    when = f" ({clock(booked, case.project_id)})" if booked else ""
    to_customer(step, f"coming:{case.version}", texts.COMING, who=name_of(case.handler_id), when=when)


def quoted(step: Step, token: str) -> None:
    if step.actor.purpose == PAPER:
        return
    event = f"quote:{step.detail.quote_version}"
    to_customer(step, event, texts.QUOTED, path=f"/l/{token}/", total=step.detail.quote_total)


def within_ceiling(step: Step) -> None:
    detail = step.detail
    event = f"within:{detail.quote_version}"
    to_customer(step, event, texts.WITHIN, total=detail.quote_total, ceiling=detail.ceiling)


def approval_asked(step: Step) -> None:
    """To the manager; to the region as well where the manager quoted."""
    roles = (Role.MANAGER, Role.REGION) if step.actor.has(Role.MANAGER, step.case.project_id) else (Role.MANAGER,)
    body = f"{step.actor.name} ¥{step.detail.quote_total:,.2f}"
    for staff_id in _holding(step, *roles):
        _headed(step, "approval_asked", staff_id, gettext_noop("Price to approve: "), body)


def approved(step: Step) -> None:
    """The technician waits for it; a manager whose name was read from a sheet hears of it."""
    if step.actor.purpose == PAPER and step.actor.staff_id is not None:
        words = say(gettext_noop("Your approval was entered from paper: "))
        _send(step, "approved_on_paper", step.actor.staff_id, f"{step.case.number} {words}{step.case.title}")
    _headed(step, "approved", step.case.handler_id, gettext_noop("Price approved: "))


def approval_refused(step: Step) -> None:
    message = gettext_noop("Price not approved: ")
    _headed(step, "approval_refused", step.case.handler_id, message, step.data.reason)


def work_to_accept(step: Step, besides: int | None = None) -> None:
    """To the butler of the home it was reported from, or who answers for it; else to whoever leads the butlers, and
    to the engineers."""
    for staff_id in dict.fromkeys([*_accepting(step), besides]):
        _headed(step, "to_accept", staff_id, gettext_noop("Work to accept: "), step.detail.work_done)


def work_refused(step: Step) -> None:
    _headed(step, "work_refused", step.case.handler_id, gettext_noop("Not accepted, do it again: "), step.data.reason)


def _holding(step: Step, *roles: Role) -> list[int]:
    return sorted({c.id for role in roles for c in with_role(role, step.case.project_id)})


def _accepting(step: Step) -> list[int]:
    case = step.case
    butlers = set(_holding(step, Role.BUTLER, Role.HEAD_BUTLER, Role.MANAGER)) - {case.handler_id}
    unit = (
        Unit.objects.in_project(case.project_id).filter(pk=case.unit_id or 0).values_list("butler_staff_id", flat=True)
    )
    near = [pk for pk in (unit.first(), case.accountable_id) if pk in butlers]
    leaders = _holding(step, Role.HEAD_BUTLER, Role.ENGINEER) or _holding(step, Role.MANAGER)
    return near[:1] or [pk for pk in leaders if pk != case.handler_id]


def on_hold(step: Step) -> None:
    when = clock(step.data.promised_at, step.case.project_id)
    to_customer(step, f"hold:{step.case.version}", texts.ON_HOLD, reason=said(step.data.reason.label), when=when)


def finished(step: Step, token: str) -> None:
    """Done with an amount to confirm; or the quote declined, with a fee to confirm or nothing to pay."""
    path, amount = (f"/l/{token}/" if token else ""), step.detail.amount
    if step.detail.work_done:
        to_customer(step, "finished", texts.FINISHED, path=path, amount=amount)
    elif token:
        to_customer(step, "declined", texts.DECLINED_FEE, path=path, amount=amount)
    else:
        to_customer(step, "declined", texts.DECLINED)


def how_was_it(step: Step, token: str) -> None:
    """Nothing to decide any more: the customer's own rating counts as the callback."""
    to_customer(step, "rate", texts.RATE, path=f"/l/{token}/")


def word(step: Step) -> None:
    to_customer(step, f"word:{step.case.version}", texts.WORD, text=step.data.text)


def assigned(step: Step) -> None:
    to_staff(step, "assigned", step.case.handler_id, f"{step.case.number} {step.case.title}")
