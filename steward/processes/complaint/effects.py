"""What each action of a complaint changes."""

from datetime import datetime

from steward.assurance import callbacks
from steward.assurance.models import CallbackState
from steward.cases import deadlines
from steward.cases.engine import Step
from steward.cases.models import Case
from steward.kernel import policies
from steward.processes.complaint import members, words
from steward.processes.complaint.models import Complaint, State
from steward.processes.complaint.policies import TOLD
from steward.registers.org.tree import place

SELF_RATED = "self_rated"
SATISFIED_FROM = 2  # of 1 not satisfied … 4 very satisfied


def opened(step: Step) -> None:
    step.detail.remedy, step.detail.persons = step.data.remedy, step.data.persons


def assess(step: Step) -> None:
    """How bad it is; the worse, the further up it is told, at once."""
    detail, data, case = step.detail, step.data, step.case
    before = detail.severity
    detail.severity = data.severity
    detail.persons = max(data.persons or detail.persons, len(members.of_case(case)) + 1)
    step.rerates = ("answer", "solution") if data.severity != before else ()
    told = policies.in_force(TOLD, lineage=place(case.project_id).lineage, at=step.at).value
    if data.severity != before and data.severity in told:
        words.severe(step, told[data.severity])


def assign(step: Step) -> None:
    step.case.handler_id = step.data.handler
    step.detail.responsible_unit = step.data.responsible_unit
    words.assigned(step)


def give_back(step: Step) -> None:
    step.case.handler_id = step.record["handler"] = None
    words.given_back(step)


def investigate(step: Step) -> None:
    detail, data = step.detail, step.data
    detail.findings, detail.validity, detail.validity_reason = data.findings, data.validity, data.validity_reason
    detail.cause, detail.root_cause = data.cause or "", data.root_cause
    step.files.extend((pk, "finding") for pk in data.photos)


def answer(step: Step) -> None:
    step.detail.answer = step.note = step.data.answer
    words.answered(step)


def ask_plan(step: Step) -> None:
    detail = step.detail
    detail.plan, detail.plan_until = step.data.plan, step.data.until
    # As we know it, not as it is claimed: an approval cannot be older.
    detail.plan_asked_by, detail.plan_asked_at = step.actor.key, step.at
    words.plan_asked(step)


def approve_plan(step: Step) -> None:
    """Instead of the solution, and counted apart: its clock is neither met nor forgotten if it is late already."""
    step.detail.plan_approved_by = step.actor.key
    step.case.promised_at = step.detail.plan_until
    running = (r for r in deadlines.of_case(step.case) if r.key == "solution" and r.ended_at is None)
    if any(r.due_at is not None and r.due_at < step.happened_at for r in running):
        step.meets.add("solution")
    words.planned(step)


def refuse_plan(step: Step) -> None:
    words.plan_refused(step)


def solve(step: Step) -> None:
    detail, data = step.detail, step.data
    detail.solution = step.note = data.solution
    detail.cause = data.cause or detail.cause
    detail.root_cause = data.root_cause or detail.root_cause
    detail.corrective_action = data.corrective_action
    detail.solved_by, detail.finished_at = step.actor.key, step.happened_at
    step.case.promised_at = None
    step.files.extend((pk, "after") for pk in data.photos)
    words.solved(step)


def call_back(step: Step) -> None:
    data = step.data
    callback = callbacks.record_attempt(
        case=step.case, outcome=data.outcome, note=data.comment, rating=data.rating, actor=step.actor, at=step.at
    )
    if callback.ended_at is not None:
        _callback_ended(step, data.rating, unsatisfied=callback.state == CallbackState.UNSATISFIED)


def evaluate(step: Step) -> None:
    """The customer's own rating counts as the callback; that of one who joined counts as theirs."""
    rating = step.data.rating
    step.note = step.data.comment
    unsatisfied = rating < SATISFIED_FROM
    member = members.behind_link(step)
    if member is not None:
        members.heard(step, member, SELF_RATED, rating)
        if unsatisfied:
            reopen(step)
        return
    if callbacks.self_rated(case=step.case, rating=rating, at=step.at, actor=step.actor) is not None:
        _callback_ended(step, rating, unsatisfied=unsatisfied)
        return
    step.detail.rating = rating
    if unsatisfied:
        reopen(step)


def _callback_ended(step: Step, rating: int | None, *, unsatisfied: bool) -> None:
    step.meets.add("callback")
    step.detail.rating, step.detail.callback_ended_at = rating, step.at
    if unsatisfied:
        reopen(step)


def after_call(step: Step) -> str:
    return State.RECEIVED if step.reopens else settled(step)


def settled(step: Step) -> str:
    """Closed when everybody was called, or rated, and a ticket has its reply, whichever comes last."""
    detail, state = step.detail, step.case.state
    replied = detail.outside_due_at is None or detail.outside_replied_at is not None
    done = state == State.SOLVED and detail.callback_ended_at is not None and replied and members.all_heard(step)
    return State.CLOSED if done else state


def reopen(step: Step) -> None:
    """A new round with new clocks: heard, looked into and answered again. What was said before is in the timeline."""
    words.not_satisfied(step)
    step.reopen()
    case, detail = step.case, step.detail
    case.handler_id = case.promised_at = step.record["handler"] = None
    for name in ("findings", "validity", "validity_reason", "cause", "root_cause", "corrective_action", "answer"):
        setattr(detail, name, "")
    for name in ("plan", "plan_asked_by", "plan_approved_by", "solution", "solved_by"):
        setattr(detail, name, "")
    detail.plan_until = detail.plan_asked_at = detail.finished_at = detail.callback_ended_at = None


def withdraw(step: Step) -> None:
    words.withdrawn(step)


def say(step: Step) -> None:
    step.note = step.data.text
    step.files.extend((pk, "note") for pk in step.data.photos)


def tell(step: Step) -> None:
    say(step)
    words.told(step)


def severity_of(case: Case) -> str:
    """What the tables of the clocks are read by; nothing until it is assessed."""
    detail: Complaint | None = getattr(case, "complaint", None)
    return detail.severity if detail is not None else ""


def planned_until(case: Case) -> datetime | None:
    found: datetime | None = getattr(getattr(case, "complaint", None), "plan_until", None)
    return found


def official_until(case: Case) -> datetime | None:
    """None without a ticket, and once it has its reply."""
    detail = getattr(case, "complaint", None)
    if detail is None or detail.outside_replied_at is not None:
        return None
    found: datetime | None = detail.outside_due_at
    return found
