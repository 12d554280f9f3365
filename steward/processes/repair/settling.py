"""From the finished work to the closing: amount, payment, callback, reopening."""

from decimal import Decimal

from steward.assurance import callbacks
from steward.assurance.models import CallbackState, Purpose
from steward.cases.engine import Step
from steward.cases.models import Case
from steward.casework.customer import paying
from steward.casework.customer.links import issue_link
from steward.kernel.actor import HomeRole
from steward.processes.repair import acceptance, approving, words
from steward.processes.repair.guards import is_technician
from steward.processes.repair.models import (
    Consent,
    Payer,
    QuoteLine,
    State,
)
from steward.processes.repair.stages import BEFORE_VISIT
from steward.registers.billing import operations as billing
from steward.registers.party.models import Occupancy, living

SATISFIED_FROM = 2  # of 1 not satisfied … 4 very satisfied


def complete(step: Step) -> None:
    detail = step.detail
    detail.finished_at = step.happened_at
    if detail.amount == 0:
        _settled(step, "free")
        if _to_accept(step):
            acceptance.asked(step)
        elif detail.work_done:
            words.how_was_it(step, _link(step, "rate"))
        else:
            words.finished(step, "")
        return
    words.finished(step, _link(step, "amount"))


def with_incident(step: Step) -> None:
    """Done with the incident it belongs to: nothing to pay, the callback begins. All are told by one notice.

    Common parts are accepted as ever: whoever answers for the case hears that it is not over, and where nobody had
    come for the case, whoever saw to the incident did the work.
    """
    case, detail = step.case, step.detail
    detail.work_done, detail.finished_at, detail.amount = step.data.words, step.happened_at, Decimal(0)
    resumes, detail.hold_reason, detail.resume_state = detail.resume_state, "", ""
    _settled(step, "free")
    if _to_accept(step):
        if step.data.handler and {case.state, resumes} & BEFORE_VISIT:
            case.handler_id = step.record["handler"] = step.data.handler
        acceptance.asked(step, besides=case.accountable_id)


def _link(step: Step, purpose: str) -> str:
    case = step.case
    return issue_link(case=case, purpose=purpose, person_name=case.customer_name, actor=step.actor, at=step.at)


def _to_accept(step: Step) -> bool:
    return bool(step.detail.work_done) and acceptance.is_needed(step.detail)


def after_work(step: Step) -> str:
    """An amount waits for the customer's confirmation, common parts for one of ours; else on to the callback."""
    if step.detail.amount:
        return State.DONE
    return State.CHECKING if _to_accept(step) else State.SETTLING


def accept_work(step: Step) -> None:
    acceptance.accept(step)
    words.how_was_it(step, _link(step, "rate"))


def accepted(step: Step) -> str:
    step.case.state = State.SETTLING
    return settled(step)


def refuse_work(step: Step) -> None:
    """Not good enough: a new round for the same technician, on whom the clock of the work runs again.

    What no technician did (an incident was seen to by others, or by a firm) is dispatched.
    """
    handler = step.case.handler_id
    step.note = step.data.reason
    step.files.extend((pk, "check") for pk in step.data.photos)
    _reopen(step)
    if is_technician(handler, step.case.project_id):
        step.case.handler_id = step.record["handler"] = handler
        words.work_refused(step)


def refused(step: Step) -> str:
    return State.WORKING if step.case.handler_id is not None else State.RECEIVED


def confirm_amount(step: Step) -> None:
    """The customer confirms; the receivable is raised on the payer, who may be somebody else."""
    case, detail, data = step.case, step.detail, step.data
    detail.amount_confirmed_at, detail.amount_confirmed_by = step.happened_at, data.person_name
    customer_id, name = _debtor(step)
    billing.raise_charge(
        project_id=case.project_id,
        source_kind="case",
        source=case.number,
        round=case.round,
        unit_id=case.unit_id,
        customer_id=customer_id,
        payer_name=detail.payer_name or name or data.person_name,
        description=case.title,
        lines=_charge_lines(step),
        actor=step.actor,
        at=step.at,
    )
    if data.signature:
        step.files.append((data.signature, "signature"))
    words.how_was_it(step, _link(step, "rate"))


def _debtor(step: Step) -> tuple[int | None, str]:
    """Whose account is charged. What the owner pays is not the tenant's debt, whoever reported it."""
    case = step.case
    if step.detail.payer == Payer.OWNER and case.unit_id is not None:
        rows = Occupancy.objects.in_project(case.project_id).filter(
            living(step.at), unit_id=case.unit_id, role=HomeRole.OWNER
        )
        owners = dict(rows.order_by("pk").values_list("customer_id", "customer__name"))
        if owners and case.customer_id not in owners:
            return next(iter(owners.items()))
    return case.customer_id, case.customer_name


def _charge_lines(step: Step) -> list[billing.LineInput]:
    """The quote's lines where the amount is the quote's; else one line with what was agreed."""
    case, detail = step.case, step.detail
    lines = list(
        QuoteLine.objects.in_project(case.project_id)
        .filter(case_id=case.pk, quote__version=detail.quote_version)
        .order_by("position")
    )
    if detail.quote_hash and sum(x.amount for x in lines) == detail.amount:
        return [billing.LineInput(x.name, x.quantity, x.unit_price) for x in lines]
    return [billing.LineInput(detail.flat_rate_name or case.title[:80], Decimal(1), detail.amount)]


def pay(step: Step) -> None:
    paying.take(step, payer_name=step.detail.payer_name)
    _settled(step, "paid")


def waive(step: Step) -> None:
    """Given up, also before the customer confirmed: whoever cannot be reached does not keep a case open for ever."""
    if step.case.state == State.DONE:
        step.record["amount"] = str(step.detail.amount)
        _settled(step, "waived")
        return
    billing.waive(charge=paying.oldest_charge(step.case), reason=step.data.reason, actor=step.actor, at=step.at)
    _settled(step, "waived")


def put_on_bill(step: Step) -> None:
    billing.put_on_bill(charge=paying.oldest_charge(step.case), actor=step.actor, at=step.at)
    _settled(step, "billed")


def _settled(step: Step, how: str) -> None:
    if not paying.open_charges(step.case).exists():
        step.detail.settled_as = how
        step.meets.add("payment")


def settled(step: Step) -> str:
    """Closed when the callback ended and the amount is paid, waived or on a bill; whichever comes last."""
    detail, state = step.detail, step.case.state
    if detail.settled_as and detail.callback_ended_at is not None and state == State.SETTLING:
        return State.CLOSED
    return state


def is_owed(case: Case) -> bool:
    """Where nothing is left to pay, no clock waits for it."""
    return not getattr(case, "repair").settled_as  # noqa: B009  the reverse accessor is unknown to the type checker


def given_up(step: Step) -> str:
    if step.case.state == State.DONE:
        step.case.state = State.SETTLING
    return settled(step)


def call_back(step: Step) -> None:
    data = step.data
    callback = callbacks.record_attempt(
        case=step.case,
        outcome=data.outcome,
        note=data.comment,
        rating=data.rating,
        actor=step.actor,
        at=step.happened_at,
        purpose=data.purpose or "",
    )
    unsatisfied = callback.state == CallbackState.UNSATISFIED
    if callback.ended_at is not None and callback.purpose == Purpose.COURTESY:
        _callback_ended(step, data.rating, unsatisfied=unsatisfied)
    elif callback.ended_at is not None and unsatisfied:
        _reopen(step)


def rate(step: Step) -> None:
    """The resident's own rating counts as the callback."""
    data = step.data
    step.detail.rating_comment = data.comment
    if callbacks.self_rated(case=step.case, rating=data.rating, at=step.at, actor=step.actor) is not None:
        _callback_ended(step, data.rating, unsatisfied=data.rating < SATISFIED_FROM)
    else:
        step.detail.rating = data.rating
        if data.rating < SATISFIED_FROM:
            _reopen(step)


def _callback_ended(step: Step, rating: int | None, *, unsatisfied: bool) -> None:
    step.meets.add("callback")
    step.detail.rating = rating
    step.detail.callback_ended_at = step.happened_at
    if unsatisfied:
        _reopen(step)


def called_back(step: Step) -> str:
    return State.RECEIVED if step.reopens else settled(step)


def reopen(step: Step) -> None:
    _reopen(step)


def _reopen(step: Step) -> None:
    """A new round with new clocks: rework is free, an unpaid amount stays owed.

    What was agreed to but never charged, and work that was never done, stay the payer's: to say "not fixed"
    before the amount is confirmed, or after declining the quote, is no way to a free repair.
    """
    detail = step.detail
    words.not_fixed(step)
    step.reopen()
    step.case.handler_id = step.record["handler"] = None
    detail.callback_ended_at = None
    acceptance.forget(detail)
    asked_for = detail.amount_confirmed_at is not None or detail.settled_as or not detail.amount
    if detail.work_done and asked_for:
        detail.quote_hash = detail.consent_hash = detail.flat_rate_kind = ""
        detail.quote_total = detail.ceiling = None
        approving.withdraw(step)
        detail.first_payer = detail.first_payer or detail.payer
        detail.payer = Payer.COMMON
    elif detail.consent_hash:
        _carry_consent(step)
    detail.amount = detail.finished_at = detail.amount_confirmed_at = None
    detail.settled_as = ""


def _carry_consent(step: Step) -> None:
    """What was agreed to stands in the new round, by the same person's word."""
    rows = Consent.objects.in_project(step.case.project_id).filter(case_id=step.case.pk)
    given = rows.filter(quote_hash=step.detail.consent_hash).order_by("-pk").first()
    if given is not None:
        given.pk, given.round = None, step.case.round
        given._state.adding = True  # noqa: SLF001  a copy
        given.save(force_insert=True)


def cancel(step: Step) -> None:
    words.called_off(step)


def called_off(step: Step) -> str:
    """Rework called off leaves an unpaid first amount where it can be paid."""
    return State.SETTLING if paying.open_charges(step.case).exists() else State.CANCELLED
