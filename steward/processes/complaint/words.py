"""What whoever complained and our colleagues are told; customers in their own language."""

from collections.abc import Iterable

from django.utils.translation import gettext_noop

from steward.cases.engine import Step
from steward.casework.telling import holders, local, to_customer, to_staff
from steward.kernel.actor import Role
from steward.processes.complaint import texts
from steward.registers.workforce.people import name_of


def received(step: Step) -> None:
    """ISO 10002, acknowledgement: at once, with its number and who answers for it."""
    case = step.case
    if step.actor.is_resident:
        to_staff(step, "reported", [case.accountable_id], gettext_noop("New complaint: "), case.description)
    to_customer(step, "received", texts.RECEIVED, who=name_of(case.accountable_id))


def assigned(step: Step) -> None:
    to_staff(step, "assigned", [step.case.handler_id], gettext_noop("Complaint to handle: "))


def given_back(step: Step) -> None:
    to_staff(step, "given_back", [step.case.accountable_id], gettext_noop("Given back: "), step.data.reason)


def severe(step: Step, roles: Iterable[Role]) -> None:
    to_staff(step, "severe", holders(step, *roles), gettext_noop("Serious complaint: "), step.case.description)


def answered(step: Step) -> None:
    to_customer(step, "answered", texts.ANSWERED, answer=step.data.answer)


def plan_asked(step: Step) -> None:
    roles = (Role.MANAGER, Role.REGION) if step.actor.has(Role.MANAGER, step.case.project_id) else (Role.MANAGER,)
    to_staff(step, "plan_asked", holders(step, *roles), gettext_noop("Plan to approve: "), step.data.plan)


def plan_refused(step: Step) -> None:
    case = step.case
    to_staff(step, "plan_refused", [case.handler_id], gettext_noop("Plan not approved: "), step.data.reason)


def planned(step: Step) -> None:
    case, detail = step.case, step.detail
    when = local(detail.plan_until, case.project_id)
    to_customer(step, "planned", texts.PLANNED, plan=detail.plan, when=when)
    to_staff(step, "planned", [case.handler_id], gettext_noop("Plan approved: "))


def solved(step: Step) -> None:
    to_customer(step, "solved", texts.SOLVED, solution=step.data.solution)


def not_satisfied(step: Step) -> None:
    case = step.case
    people = [case.accountable_id, case.handler_id, *holders(step, Role.MANAGER)]
    to_staff(step, "not_satisfied", people, gettext_noop("Not satisfied, reopened: "))


def withdrawn(step: Step) -> None:
    case = step.case
    people = [case.handler_id, case.accountable_id]
    to_staff(step, "withdrawn", people, gettext_noop("Complaint withdrawn: "), step.data.reason)


def told(step: Step) -> None:
    to_customer(step, "word", texts.WORD, text=step.data.text)
