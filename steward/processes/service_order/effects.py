"""What each action of a service order changes."""

from datetime import datetime

from django.utils.translation import gettext_lazy as _
from django.utils.translation import gettext_noop

from steward.assurance import callbacks
from steward.assurance.models import CallbackState
from steward.cases.engine import Step
from steward.cases.models import Case
from steward.casework.customer import paying
from steward.casework.customer.links import issue_link
from steward.casework.customer.telling import local, to_customer, to_staff
from steward.kernel.errors import ConflictError, InvalidError
from steward.kernel.money import yuan
from steward.processes.service_order import texts
from steward.processes.service_order.models import State
from steward.registers.billing import operations as billing
from steward.registers.billing.models import ItemKind
from steward.registers.billing.prices import prices
from steward.registers.org.tree import place
from steward.registers.workforce.people import must_work_in, name_of

SATISFIED_FROM = 2  # of 1 not satisfied … 4 very satisfied


def ordered(step: Step) -> None:
    """The published price at this moment; what was told must be what it comes to."""
    detail, data, case = step.detail, step.data, step.case
    if data.wanted_until is not None and (data.wanted_from is None or data.wanted_until <= data.wanted_from):
        raise InvalidError({"wanted_until": _("The end lies before the beginning.")})
    listed = prices(lineage=place(case.project_id).lineage, at=step.at)
    item = listed.items.get(data.item)
    if item is None or item.kind != ItemKind.SERVICE:
        raise InvalidError({"item": _("This service is not on the list.")})
    amount = yuan(item.price * data.quantity)
    if data.told_amount != amount:
        said = _("By the list in force it comes to %(amount)s yuan. Tell the customer and ask again.")
        raise ConflictError(said % {"amount": amount}, rule="service_order.told_price")
    detail.item_code, detail.item_name, detail.item_unit = item.code, item.name, item.unit
    detail.unit_price, detail.price_version = item.price, listed.version
    detail.quantity, detail.amount = data.quantity, amount
    detail.agreed_by = case.reporter_name or step.actor.name
    detail.wanted_from, detail.wanted_until = data.wanted_from, data.wanted_until
    case.promised_at = data.wanted_until or data.wanted_from


def wanted(case: Case) -> datetime | None:
    """Done when the customer wants it, or as arranged."""
    return case.promised_at


def confirmed(step: Step) -> None:
    case, detail, quantity = step.case, step.detail, f"{step.detail.quantity.normalize():f}"
    if step.actor.is_resident:
        to_staff(step, "ordered", [case.accountable_id], gettext_noop("New order: "), case.description)
    to_customer(step, "received", texts.RECEIVED, item=detail.item_name, quantity=quantity, amount=detail.amount)


def arrange(step: Step) -> None:
    case, detail = step.case, step.detail
    must_work_in(case.project_id, handler=step.data.handler)
    case.handler_id = step.data.handler
    detail.appointment_at = step.data.appointment_at or detail.wanted_from
    if detail.appointment_at is None:
        raise InvalidError({"appointment_at": _("No time was asked for: agree on one.")})
    case.promised_at = case.promised_at or detail.appointment_at
    detail.accepted_at = detail.arrived_at = None
    to_staff(step, "assigned", [case.handler_id], gettext_noop("Service to do: "), case.description)
    when = local(detail.appointment_at, case.project_id)
    to_customer(step, "arranged", texts.ARRANGED, who=name_of(case.handler_id), when=when)


def accept(step: Step) -> None:
    step.detail.accepted_at = step.happened_at


def arrive(step: Step) -> None:
    step.detail.accepted_at = step.detail.accepted_at or step.happened_at
    step.detail.arrived_at = step.happened_at


def give_back(step: Step) -> None:
    """Not mine after all: the desk arranges anew."""
    case = step.case
    case.handler_id = step.record["handler"] = step.detail.accepted_at = step.detail.arrived_at = None
    step.note = step.data.reason
    to_staff(step, "given_back", [case.accountable_id], gettext_noop("Given back: "), step.data.reason)


def finish(step: Step) -> None:
    case, detail, data = step.case, step.detail, step.data
    detail.result = data.result
    step.files.extend((pk, "after") for pk in data.photos)
    if data.quantity is not None:
        detail.quantity, detail.amount = data.quantity, yuan(detail.unit_price * data.quantity)
    if detail.amount:
        _raise(step)
    else:
        detail.settled_as = "free"
    link = issue_link(case=case, purpose="rate", person_name=case.customer_name, actor=step.actor, at=step.at)
    to_customer(step, "finished", texts.DONE, amount=detail.amount, path=f"/l/{link}/")


def _raise(step: Step) -> None:
    case, detail = step.case, step.detail
    billing.raise_charge(
        project_id=case.project_id,
        source_kind="case",
        source=case.number,
        round=case.round,
        unit_id=case.unit_id,
        customer_id=case.customer_id,
        payer_name=case.customer_name or case.reporter_name or detail.agreed_by,
        description=f"{detail.item_name} {case.title}"[:200],
        lines=[billing.LineInput(detail.item_name, detail.quantity, detail.unit_price)],
        actor=step.actor,
        at=step.at,
    )


def pay(step: Step) -> None:
    paying.take(step, payer_name=step.case.customer_name or step.detail.agreed_by)
    step.detail.settled_as = "paid"


def put_on_bill(step: Step) -> None:
    billing.put_on_bill(charge=paying.oldest_charge(step.case), actor=step.actor, at=step.at)
    step.detail.settled_as = "billed"


def waive(step: Step) -> None:
    billing.waive(charge=paying.oldest_charge(step.case), reason=step.data.reason, actor=step.actor, at=step.at)
    step.detail.settled_as = "waived"


def settled(step: Step) -> str:
    """Closed when it is paid and the callback ended, whichever comes last."""
    detail, state = step.detail, step.case.state
    over = state == State.DONE and detail.settled_as and detail.callback_ended_at is not None
    return State.CLOSED if over and not paying.open_charges(step.case).exists() else state


def call_back(step: Step) -> None:
    data = step.data
    made = callbacks.record_attempt(
        case=step.case,
        outcome=data.outcome,
        note=data.comment,
        rating=data.rating,
        actor=step.actor,
        at=step.happened_at,
    )
    if made.ended_at is not None:
        _ended(step, data.rating, unsatisfied=made.state == CallbackState.UNSATISFIED)


def rate(step: Step) -> None:
    """The customer's own rating counts as the callback."""
    rating, step.note = step.data.rating, step.data.comment
    if callbacks.self_rated(case=step.case, rating=rating, at=step.at) is not None:
        _ended(step, rating, unsatisfied=rating < SATISFIED_FROM)
    else:
        step.detail.rating = rating


def _ended(step: Step, rating: int | None, *, unsatisfied: bool) -> None:
    step.meets.add("callback")
    step.detail.rating, step.detail.callback_ended_at = rating, step.happened_at
    if unsatisfied and step.case.state == State.DONE:
        step.reopen()
        step.case.handler_id = step.record["handler"] = None
        step.case.promised_at = step.detail.wanted_from = step.detail.wanted_until = None
        step.detail.callback_ended_at = None
        # Done again without another charge: what was ordered was agreed to once.
        step.detail.unit_price = step.detail.amount = yuan(step.detail.amount * 0)
        people = [step.case.accountable_id]
        to_staff(step, "not_satisfied", people, gettext_noop("Not satisfied, reopened: "), step.data.comment)


def after_call(step: Step) -> str:
    return State.RECEIVED if step.reopens else settled(step)


def cancel(step: Step) -> None:
    case = step.case
    people = [case.handler_id, case.accountable_id]
    to_staff(step, "called_off", people, gettext_noop("Cancelled: "), step.data.reason)
    if step.actor.is_staff:
        to_customer(step, "cancelled", texts.CANCELLED, reason=step.data.reason)


def say(step: Step) -> None:
    step.note = step.data.text
    step.files.extend((pk, "note") for pk in step.data.photos)


def tell(step: Step) -> None:
    say(step)
    to_customer(step, "word", texts.WORD, text=step.data.text)
