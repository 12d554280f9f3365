"""Rules of a complaint beyond role and state."""

from typing import Final

from django.utils.translation import gettext_lazy as _

from steward.cases.declare import OFFICE, Guard
from steward.cases.engine import Step
from steward.cases.models import Case
from steward.kernel import policies
from steward.processes.complaint import members, tickets
from steward.processes.complaint.models import Claim, Severity, Ticket, Validity
from steward.processes.complaint.policies import COLLECTIVE_FROM
from steward.registers.org.tree import place
from steward.registers.workforce.people import colleagues


def _handler_fits(step: Step) -> bool:
    """Of the office: a complaint is not shown to those in the field, who may be whom it is about."""
    found = colleagues().get(step.data.handler)
    return found is not None and found.is_active and any(found.has(r, step.case.project_id) for r in OFFICE.roles)


def _not_played_down(step: Step) -> bool:
    lineage = place(step.case.project_id).lineage
    many = policies.in_force(COLLECTIVE_FROM, lineage=lineage, at=step.at).value
    persons = step.data.persons or step.detail.persons
    return persons < many or bool(step.data.severity == Severity.COLLECTIVE)


def _explained(step: Step) -> bool:
    """Ours, and confirmed: then somebody knows why it happened and what keeps it from happening again."""
    detail, data = step.detail, step.data
    cause = data.root_cause or detail.root_cause
    return detail.validity != Validity.VALID or bool(cause and data.corrective_action)


def _new_here(step: Step) -> bool:
    customer = members.customer_of(step)
    if customer is None:
        return True
    known = {step.case.customer_id, *(m.customer_id for m in members.of_case(step.case))}
    return customer.pk not in known


def _claim_waits(step: Step) -> bool:
    row = tickets.newest(step.case)
    return row is not None and bool(row.claim) and not row.ruling


def _judged_bad(step: Step) -> bool:
    row = tickets.newest(step.case)
    return step.data.claim != Claim.DISPUTE or (row is not None and row.verdict == "unsatisfied")


def _returnable(step: Step) -> bool:
    row = tickets.newest(step.case)
    return step.data.claim != Claim.RETURN or (row is not None and row.settled_at is None)


def _own_complaint(step: Step) -> bool:
    rows = Case.objects.in_project(step.case.project_id).filter(kind=step.case.kind, number=step.data.own_number)
    return rows.exclude(pk=step.case.pk).exists()


def _unheard(step: Step) -> bool:
    row = members.member(step)
    return row is not None and row.heard_round != step.case.round


def _new_ticket(step: Step) -> bool:
    """One number of one source hangs on one complaint of the project."""
    project_id, data = step.case.project_id, step.data
    same = Case.objects.in_project(project_id).filter(external_source=data.source, external_number=data.ticket_number)
    known = Ticket.objects.in_project(project_id).filter(source=data.source, number=data.ticket_number)
    return not same.exclude(pk=step.case.pk).exists() and not known.exists()


def _by_another(step: Step) -> bool:
    mine = step.case.handler_id is not None and step.case.handler_id == step.actor.staff_id
    return not mine and step.detail.solved_by != step.actor.key


HANDLER_FITS: Final = Guard(
    "complaint.handler_in_office", _("This colleague is not in the project's office."), _handler_fits
)
NOT_PLAYED_DOWN: Final = Guard(
    "complaint.collective_by_number",
    _("So many complain together: this is a collective complaint."),
    _not_played_down,
)
PLAN_AHEAD: Final = Guard(
    "complaint.plan_ahead", _("The plan's date must lie ahead."), lambda s: s.data.until > s.happened_at
)
PLAN_STILL_AHEAD: Final = Guard(
    "complaint.plan_ahead", PLAN_AHEAD.message, lambda s: s.detail.plan_until > max(s.happened_at, s.at)
)
PLAN_BY_ANOTHER: Final = Guard(
    "complaint.plan_approved_by_another",
    _("Whoever asked for the plan does not approve it."),
    lambda s: s.detail.plan_asked_by != s.actor.key,
)
CAUSE_KNOWN: Final = Guard(
    "complaint.cause_and_correction",
    _("A valid complaint needs its root cause and a corrective action first."),
    _explained,
)
NOT_HANDLER: Final = Guard(
    "complaint.callback_by_another", _("Whoever handled the complaint does not make the callback."), _by_another
)
NEW_TICKET: Final = Guard("complaint.ticket_once", _("This ticket already hangs on another complaint."), _new_ticket)
TICKET_AHEAD: Final = Guard(
    "complaint.ticket_after_receipt",
    _("The official deadline must lie after the complaint was received."),
    lambda s: s.data.due_at > s.case.received_at,
)
NO_TICKET_YET: Final = Guard(
    "complaint.one_ticket",
    _("A ticket that waits for its reply already hangs on this complaint."),
    lambda s: s.detail.outside_due_at is None or s.detail.outside_replied_at is not None,
)
OUTSIDE: Final = Guard(
    "complaint.reply_to_ticket",
    _("There is no outside ticket that waits for a reply."),
    lambda s: s.detail.outside_due_at is not None and s.detail.outside_replied_at is None,
)
NOT_OUTSIDE: Final = Guard(
    "complaint.ticket_not_withdrawn",
    _("An outside ticket is replied to, not withdrawn here."),
    lambda s: s.detail.outside_due_at is None or s.detail.outside_replied_at is not None,
)
WITHDRAWN_BY_ANOTHER: Final = Guard(
    "complaint.withdrawn_by_another",
    _("Whoever handles the complaint does not call it off."),
    lambda s: s.actor.staff_id is None or s.case.handler_id != s.actor.staff_id,
)
REPLIED: Final = Guard(
    "complaint.verdict_after_reply",
    _("The authority asks the caller after the reply: there is none yet."),
    lambda s: s.detail.outside_due_at is not None and s.detail.outside_replied_at is not None,
)
RETURN_BEFORE_REPLY: Final = Guard(
    "complaint.return_before_reply", _("Only a ticket that waits for its reply can be returned."), _returnable
)
DISPUTE_AFTER_VERDICT: Final = Guard(
    "complaint.dispute_after_verdict", _("Only a verdict of not satisfied can be disputed."), _judged_bad
)
ONE_CLAIM: Final = Guard(
    "complaint.one_claim",
    _("A return or dispute of this ticket already waits for its outcome."),
    lambda s: not _claim_waits(s),
)
CLAIM_OPEN: Final = Guard(
    "complaint.claim_open", _("No return or dispute of a ticket waits for its outcome."), _claim_waits
)
JOINS_ONCE: Final = Guard("complaint.joins_once", _("They are in this complaint already."), _new_here)
IS_MEMBER: Final = Guard(
    "complaint.member_of_it",
    _("There is nobody like this in the complaint."),
    lambda s: members.member(s) is not None,
)
NOT_HEARD_YET: Final = Guard("complaint.heard_once", _("They were asked already in this round."), _unheard)
OWN_COMPLAINT: Final = Guard(
    "complaint.own_complaint", _("There is no complaint of their own with this number here."), _own_complaint
)
