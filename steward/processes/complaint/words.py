"""What whoever complained and our colleagues are told; customers in their own language."""

from collections.abc import Iterable
from typing import Any

from django.utils.translation import gettext_noop

from steward.cases.engine import Step
from steward.cases.models import Case
from steward.casework.customer.links import issue_link
from steward.casework.customer.telling import holders, local, to_customer, to_staff
from steward.kernel import policies
from steward.kernel.actor import Role
from steward.processes.complaint import texts
from steward.processes.complaint.models import Member
from steward.processes.complaint.policies import COLLECTIVE_FROM
from steward.registers.messaging import telling
from steward.registers.messaging.templates import Template
from steward.registers.org.tree import place
from steward.registers.workforce.people import name_of


def to_everybody(step: Step, event: str, template: Template, **values: Any) -> None:
    """Whoever complained and all who joined; with the outcome, each gets a link of their own to rate it."""
    case = step.case
    to_customer(step, event, template, path=_link(step, template, case.customer_id, case.customer_name), **values)
    for row in members_of(case):
        if row.customer_id is not None and row.customer_id != case.customer_id:
            _tell_one(step, event, template, row, values)


def _tell_one(step: Step, event: str, template: Template, row: Member, values: dict[str, Any]) -> None:
    case = step.case
    step.tell(
        telling.to_customer(
            template,
            event=f"{case.number}:{case.version}:{event}",
            project_id=case.project_id,
            customer_id=row.customer_id or 0,
            case=case.number,
            values={"number": case.number, "title": case.title, **values},
            path=_link(step, template, row.customer_id, row.name),
        )
    )


def _link(step: Step, template: Template, customer_id: int | None, name: str) -> str:
    if template is not texts.SOLVED or customer_id is None:
        return ""
    token = issue_link(
        case=step.case, purpose="rate", person_name=name, actor=step.actor, at=step.at, customer_id=customer_id
    )
    return f"/l/{token}/"


def members_of(case: Case) -> list[Member]:
    return list(Member.objects.in_project(case.project_id).filter(case_id=case.pk, left_at=None).order_by("pk"))


def joined(step: Step, row: Member) -> None:
    case = step.case
    if row.customer_id is not None:
        _tell_one(step, "joined", texts.RECEIVED, row, {"who": name_of(case.accountable_id)})
    if row.is_spokesperson or step.detail.persons == collective_from(step):
        to_staff(step, "joined", [case.handler_id, *holders(step, Role.MANAGER)], gettext_noop("More have joined: "))


def collective_from(step: Step) -> int:
    return policies.in_force(COLLECTIVE_FROM, lineage=place(step.case.project_id).lineage, at=step.at).value


def ticket_again(step: Step) -> None:
    case = step.case
    people = [case.handler_id, case.accountable_id, *holders(step, Role.MANAGER, Role.REGION)]
    to_staff(step, "ticket_again", people, gettext_noop("Another ticket on the same matter: "), step.data.ticket_number)


def received(step: Step) -> None:
    """ISO 10002, acknowledgement: at once, with its number and who answers for it."""
    case = step.case
    if step.actor.is_resident:
        to_staff(step, "reported", [case.accountable_id], gettext_noop("New complaint: "), case.description)
    to_everybody(step, "received", texts.RECEIVED, who=name_of(case.accountable_id))


def assigned(step: Step) -> None:
    to_staff(step, "assigned", [step.case.handler_id], gettext_noop("Complaint to handle: "))


def given_back(step: Step) -> None:
    to_staff(step, "given_back", [step.case.accountable_id], gettext_noop("Given back: "), step.data.reason)


def severe(step: Step, roles: Iterable[Role]) -> None:
    to_staff(step, "severe", holders(step, *roles), gettext_noop("Serious complaint: "), step.case.description)


def answered(step: Step) -> None:
    to_everybody(step, "answered", texts.ANSWERED, answer=step.data.answer)


def plan_asked(step: Step) -> None:
    roles = (Role.MANAGER, Role.REGION) if step.actor.has(Role.MANAGER, step.case.project_id) else (Role.MANAGER,)
    to_staff(step, "plan_asked", holders(step, *roles), gettext_noop("Plan to approve: "), step.data.plan)


def plan_refused(step: Step) -> None:
    case = step.case
    to_staff(step, "plan_refused", [case.handler_id], gettext_noop("Plan not approved: "), step.data.reason)


def planned(step: Step) -> None:
    case, detail = step.case, step.detail
    when = local(detail.plan_until, case.project_id)
    to_everybody(step, "planned", texts.PLANNED, plan=detail.plan, when=when)
    to_staff(step, "planned", [case.handler_id], gettext_noop("Plan approved: "))


def solved(step: Step) -> None:
    to_everybody(step, "solved", texts.SOLVED, solution=step.data.solution)


def not_satisfied(step: Step) -> None:
    case = step.case
    people = [case.accountable_id, case.handler_id, *holders(step, Role.MANAGER)]
    to_staff(step, "not_satisfied", people, gettext_noop("Not satisfied, reopened: "))


def withdrawn(step: Step) -> None:
    case = step.case
    people = [case.handler_id, case.accountable_id]
    to_staff(step, "withdrawn", people, gettext_noop("Complaint withdrawn: "), step.data.reason)


def told(step: Step) -> None:
    to_everybody(step, "word", texts.WORD, text=step.data.text)
