"""What customers and colleagues are told, in the customer's language."""

from typing import Any

from django.utils import translation
from django.utils.translation import gettext_noop

from steward.cases.engine import Step
from steward.casework.customer.telling import CUSTOMERS_LANGUAGE, holders, local, to_customer, to_staff
from steward.kernel.actor import Role
from steward.processes.repair import texts
from steward.processes.repair.guards import PAPER
from steward.registers.estate.models import Unit
from steward.registers.workforce.people import name_of


def relieved(step: Step) -> None:
    """Before the new handler is set: whoever had the job need not go."""
    if step.case.handler_id != step.data.handler:
        to_staff(step, "relieved", [step.case.handler_id], gettext_noop("Somebody else goes: "))


def given_back(step: Step) -> None:
    to_staff(step, "given_back", [step.case.accountable_id], gettext_noop("Given back: "), step.data.reason)


def answered(step: Step, *, agreed: bool) -> None:
    """The technician waits for this word before starting."""
    message = gettext_noop("Customer agrees: ") if agreed else gettext_noop("Customer declines: ")
    to_staff(step, "answered", [step.case.handler_id], message)


def not_fixed(step: Step) -> None:
    to_staff(step, "not_fixed", [step.case.accountable_id], gettext_noop("Not fixed, reopened: "))


def called_off(step: Step) -> None:
    """Whoever is on the way turns back; the customer knows if the office did it."""
    case = step.case
    people = [case.handler_id, case.accountable_id]
    to_staff(step, "called_off", people, gettext_noop("Cancelled: "), step.data.reason)
    if step.actor.is_staff:
        to_customer(step, "cancelled", texts.CANCELLED, reason=step.data.reason)


def said(label: Any) -> str:
    """A label in the customer's language, whatever the language of whoever acts."""
    with translation.override(CUSTOMERS_LANGUAGE):
        return str(label)


def received(step: Step) -> None:
    case = step.case
    if step.actor.is_resident:
        to_staff(step, "reported", [case.accountable_id], gettext_noop("New report: "), case.description)
    to_customer(step, "received", texts.RECEIVED, who=name_of(case.accountable_id))


def coming(step: Step) -> None:
    case = step.case
    if step.actor.purpose == PAPER:
        return  # entered when it is over
    booked = step.detail.appointment_at
    when = f" ({local(booked, case.project_id)})" if booked else ""
    to_customer(step, "coming", texts.COMING, who=name_of(case.handler_id), when=when)


def quoted(step: Step, token: str) -> None:
    if step.actor.purpose == PAPER:
        return
    to_customer(step, "quote", texts.QUOTED, path=f"/l/{token}/", total=step.detail.quote_total)


def within_ceiling(step: Step) -> None:
    detail = step.detail
    to_customer(step, "within", texts.WITHIN, total=detail.quote_total, ceiling=detail.ceiling)


def approval_asked(step: Step) -> None:
    """To the manager; to the region as well where the manager quoted."""
    roles = (Role.MANAGER, Role.REGION) if step.actor.has(Role.MANAGER, step.case.project_id) else (Role.MANAGER,)
    body = f"{step.actor.name} ¥{step.detail.quote_total:,.2f}"
    to_staff(step, "approval_asked", holders(step, *roles), gettext_noop("Price to approve: "), body)


def approved(step: Step) -> None:
    """The technician waits for it; a manager whose name was read from a sheet hears of it."""
    if step.actor.purpose == PAPER and step.actor.staff_id is not None:
        message = gettext_noop("Your approval was entered from paper: ")
        to_staff(step, "approved_on_paper", [step.actor.staff_id], message, own=True)
    to_staff(step, "approved", [step.case.handler_id], gettext_noop("Price approved: "))


def approval_refused(step: Step) -> None:
    message = gettext_noop("Price not approved: ")
    to_staff(step, "approval_refused", [step.case.handler_id], message, step.data.reason)


def work_to_accept(step: Step, besides: int | None = None) -> None:
    """To the butler of the home it was reported from, or who answers for it; else to whoever leads the butlers, and
    to the engineers."""
    people = [*_accepting(step), besides]
    to_staff(step, "to_accept", people, gettext_noop("Work to accept: "), step.detail.work_done)


def work_refused(step: Step) -> None:
    to_staff(
        step, "work_refused", [step.case.handler_id], gettext_noop("Not accepted, do it again: "), step.data.reason
    )


def _accepting(step: Step) -> list[int | None]:
    case = step.case
    butlers = set(holders(step, Role.BUTLER, Role.HEAD_BUTLER, Role.MANAGER)) - {case.handler_id}
    unit = (
        Unit.objects.in_project(case.project_id).filter(pk=case.unit_id or 0).values_list("butler_staff_id", flat=True)
    )
    near = [pk for pk in (unit.first(), case.accountable_id) if pk in butlers]
    leaders = holders(step, Role.HEAD_BUTLER, Role.ENGINEER) or holders(step, Role.MANAGER)
    return near[:1] or [pk for pk in leaders if pk != case.handler_id]


def on_hold(step: Step) -> None:
    when = local(step.data.promised_at, step.case.project_id)
    to_customer(step, "hold", texts.ON_HOLD, reason=said(step.data.reason.label), when=when)


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
    to_customer(step, "word", texts.WORD, text=step.data.text)


def assigned(step: Step) -> None:
    to_staff(step, "assigned", [step.case.handler_id])
