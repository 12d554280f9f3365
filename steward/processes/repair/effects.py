"""What each action of a repair changes."""

import hashlib
import json
from collections.abc import Iterable
from decimal import Decimal

from django.db.models import Max
from django.utils.translation import gettext_lazy as _

from steward.assurance import callbacks
from steward.assurance.models import CallbackState
from steward.cases.categories import category_by_code
from steward.cases.engine import Step
from steward.cases.links import issue_link
from steward.kernel import policies
from steward.kernel.actor import HomeRole
from steward.kernel.errors import ConflictError, InvalidError
from steward.processes.repair import words
from steward.processes.repair.guards import agreed_amount, customer_pays, open_charges
from steward.processes.repair.models import (
    CUSTOMER_PAYS,
    Consent,
    ConsentWay,
    Payer,
    Quote,
    QuoteLine,
    State,
    UsedPart,
)
from steward.processes.repair.policies import PAUSING
from steward.processes.repair.visits import ensure_free
from steward.registers.billing import operations as billing
from steward.registers.billing.models import Charge, ItemKind, Receipt
from steward.registers.billing.prices import Price, prices
from steward.registers.org.tree import place
from steward.registers.party.models import Occupancy

SATISFIED_FROM = 2  # of 1 not satisfied … 4 very satisfied


def opened(step: Step) -> None:
    """Payer as decided at intake; a published rate told and accepted at reporting is consent."""
    detail, data = step.detail, step.data
    detail.payer = data.payer or ""
    if step.case.origin_id is not None and not detail.payer:
        detail.payer = "common"
    if data.flat_rate:
        item = _price_list(step).get(data.flat_rate)
        if item is None or item.kind not in (ItemKind.FLAT, ItemKind.CALL_OUT):
            raise InvalidError({"flat_rate": _("There is no such published rate.")})
        detail.flat_rate_code, detail.flat_rate_name = item.code, item.name
        detail.flat_rate_kind, detail.flat_rate_amount = item.kind, item.price


def _price_list(step: Step) -> dict[str, Price]:
    return prices(lineage=place(step.case.project_id).lineage, at=step.at).items


def assess(step: Step) -> None:
    data, case = step.data, step.case
    case.urgency = data.urgency
    step.detail.payer, step.detail.payer_name = data.payer, data.payer_name
    if data.category:
        found = category_by_code(case.kind, data.category, case.project_id)
        if found is None:
            raise InvalidError({"category": _("There is no such category.")})
        case.category_id = found.id


def dispatch(step: Step) -> None:
    ensure_free(step)
    words.relieved(step)
    step.case.handler_id = step.data.handler
    step.detail.appointment_at = step.data.appointment_at
    words.assigned(step)


def redispatch(step: Step) -> None:
    """Somebody else in the middle of the job (sick, left): accepts, comes and looks; the customer's consent stands."""
    step.detail.hold_reason = step.detail.resume_state = ""
    step.case.promised_at = None
    dispatch(step)


def take(step: Step) -> None:
    step.case.handler_id = step.actor.staff_id
    words.coming(step)


def accept(step: Step) -> None:
    words.coming(step)


def give_back(step: Step) -> None:
    step.case.handler_id = None
    step.record["reason"] = step.data.reason
    words.given_back(step)


def arrive(step: Step) -> None:
    step.detail.arrived_at = step.happened_at


def contain(step: Step) -> None:
    """Recorded as such: containment, not work."""
    step.detail.containment, step.detail.contained_at = step.data.what, step.happened_at
    _photos(step, step.data.photos, "contain")


def confirm_scope(step: Step) -> None:
    detail, data = step.detail, step.data
    detail.cause, detail.scope_text, detail.scope_confirmed_by = data.cause, data.scope, data.confirmed_by
    if data.payer is not None:
        detail.payer = data.payer
    _photos(step, data.photos, "before")


def make_quote(step: Step) -> None:
    """A new version from the price list in force; consent to an earlier one is void."""
    case, detail = step.case, step.detail
    where = place(case.project_id)
    in_force = prices(lineage=where.lineage, at=step.happened_at)
    lines = [_line(n, line, in_force.items) for n, line in enumerate(step.data.lines, start=1)]
    total = sum((line.amount for line in lines), Decimal(0))
    made = Quote.objects.in_project(case.project_id).filter(case_id=case.pk)
    version = (made.aggregate(last=Max("version"))["last"] or 0) + 1
    quote = Quote.objects.create(
        project_id=case.project_id,
        case=case,
        version=version,
        price_list_version=in_force.version,
        total=total,
        digest=_digest(case.number, version, in_force.version, lines),
        made_by=step.actor.key,
        made_by_name=step.actor.name,
        made_at=step.happened_at,
    )
    for line in lines:
        line.project_id, line.case, line.quote = case.project_id, case, quote
    QuoteLine.objects.bulk_create(lines)
    detail.quote_version, detail.quote_hash, detail.quote_total = version, quote.digest, total
    detail.consent_hash = ""
    step.record["total"] = str(total)
    words.quoted(
        step, issue_link(case=case, purpose="consent", person_name=case.customer_name, actor=step.actor, at=step.at)
    )


def _line(position: int, line: object, items: dict[str, Price]) -> QuoteLine:
    item = items.get(line.code)  # type: ignore[attr-defined]
    if item is None:
        raise InvalidError({f"lines.{position - 1}.code": _("Not on the price list in force.")})
    quantity: Decimal = line.quantity  # type: ignore[attr-defined]
    return QuoteLine(
        position=position,
        code=item.code,
        name=item.name,
        kind=item.kind,
        unit=item.unit,
        quantity=quantity,
        unit_price=item.price,
        amount=(quantity * item.price).quantize(Decimal("0.01")),
    )


def _digest(number: str, version: int, price_list: str, lines: Iterable[QuoteLine]) -> str:
    text = json.dumps(
        [
            number,
            version,
            price_list,
            [[x.code, x.name, str(x.quantity), str(x.unit_price), str(x.amount)] for x in lines],
        ],
        ensure_ascii=False,
    )
    return hashlib.sha256(text.encode()).hexdigest()


def consent(step: Step) -> None:
    case, detail, data = step.case, step.detail, step.data
    quote = Quote.objects.in_project(case.project_id).get(case_id=case.pk, version=detail.quote_version)
    detail.consent_hash = data.quote_hash
    _record_consent(step, amount=detail.quote_total, quote=quote)
    words.answered(step, agreed=True)


def _record_consent(step: Step, *, amount: Decimal, quote: Quote | None) -> None:
    data, case = step.data, step.case
    Consent.objects.create(
        project_id=case.project_id,
        case=case,
        quote=quote,
        quote_hash=quote.digest if quote else "",
        amount=amount,
        way=data.way,
        person_name=data.person_name,
        relation=data.relation,
        call_reference=data.call_reference,
        signature_id=data.signature,
        given_at=step.happened_at,
        recorded_by=step.actor.key,
        round=case.round,
    )
    if data.signature:
        step.files.append((data.signature, "signature"))


def decline_quote(step: Step) -> None:
    """Work agreed to earlier goes on at its price. Else no work: the call-out fee is owed only if it was
    told and accepted at reporting."""
    detail = step.detail
    earlier = _agreed_before(step)
    if earlier is not None:
        _back_to(step, earlier)
        words.answered(step, agreed=False)
        return
    owed = detail.flat_rate_amount if detail.flat_rate_kind == ItemKind.CALL_OUT and customer_pays(step) else None
    detail.amount = owed or Decimal(0)
    detail.quote_hash = detail.consent_hash = ""
    detail.work_done = ""
    words.answered(step, agreed=False)
    _complete(step)


def _agreed_before(step: Step) -> Consent | None:
    """The consent that the declined quote was to replace."""
    given = Consent.objects.in_project(step.case.project_id).filter(case_id=step.case.pk, round=step.case.round)
    return given.select_related("quote").order_by("-pk").first()


def _back_to(step: Step, earlier: Consent) -> None:
    detail, quote = step.detail, earlier.quote
    detail.quote_hash = detail.consent_hash = quote.digest if quote else ""
    detail.quote_total = quote.total if quote else None
    detail.quote_version = quote.version if quote else 0


def after_decline(step: Step) -> str:
    """Back to the agreed work, or to what is left to settle."""
    return State.AGREED if step.detail.finished_at is None else after_work(step)


def start(step: Step) -> None:
    detail = step.detail
    detail.is_free = detail.payer not in CUSTOMER_PAYS
    step.record["free"] = detail.is_free
    if not detail.is_free and not detail.quote_hash and _agreed_before(step) is None:
        _flat_rate_consent(step)


def _flat_rate_consent(step: Step) -> None:
    """Work at a published flat rate: the consent was given when the fault was reported."""
    case = step.case
    Consent.objects.create(
        project_id=case.project_id,
        case=case,
        amount=step.detail.flat_rate_amount,
        way=ConsentWay.FLAT_RATE,
        person_name=case.reporter_name or case.customer_name,
        relation=case.reporter_relation,
        given_at=case.received_at,
        recorded_by=step.actor.key,
        round=case.round,
    )


def suspend(step: Step) -> None:
    """Not now: reason, new promised time, customer told. Only an allowed reason stops the clocks."""
    case, data = step.case, step.data
    allowed = policies.in_force(PAUSING, lineage=place(case.project_id).lineage, at=step.at).value
    step.detail.hold_reason, step.detail.resume_state = data.reason, case.state
    case.promised_at = data.promised_at
    if data.reason in allowed:
        step.pause_reason = data.reason
    words.on_hold(step)


def resume(step: Step) -> str:
    state: str = step.detail.resume_state or State.ACCEPTED
    step.detail.hold_reason = step.detail.resume_state = ""
    step.case.promised_at = None
    return state


def finish(step: Step) -> None:
    detail, data = step.detail, step.data
    detail.work_done, detail.labour_minutes = data.work_done, data.labour_minutes
    detail.site_cleaned = data.site_cleaned
    agreed = agreed_amount(step)
    detail.amount = agreed if data.amount is None else data.amount
    _photos(step, data.photos_before, "before")
    _photos(step, data.photos_after, "after")
    _use_parts(step)
    _complete(step)


def _use_parts(step: Step) -> None:
    """Parts by the price list's name, or by their own where the list has none."""
    known, case = _price_list(step), step.case
    rows = []
    for n, part in enumerate(step.data.parts, start=1):
        item = known.get(part.code)
        if not (item or part.name):
            raise InvalidError({f"parts.{n - 1}.code": _("Not on the price list in force.")})
        name = item.name if item else part.name
        row = UsedPart(project_id=case.project_id, case=case, round=case.round, position=n, code=part.code, name=name)
        row.quantity = part.quantity
        rows.append(row)
    UsedPart.objects.bulk_create(rows)


def _complete(step: Step) -> None:
    detail = step.detail
    detail.finished_at = step.happened_at
    if detail.amount == 0:
        _settled(step, "free")
        if detail.work_done:
            words.how_was_it(step, _link(step, "rate"))
        else:
            words.finished(step, "")
        return
    words.finished(step, _link(step, "amount"))


def _link(step: Step, purpose: str) -> str:
    case = step.case
    return issue_link(case=case, purpose=purpose, person_name=case.customer_name, actor=step.actor, at=step.at)


def after_work(step: Step) -> str:
    """An amount waits for the customer's confirmation; nothing to pay goes on to the callback."""
    return State.DONE if step.detail.amount else State.SETTLING


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
            unit_id=case.unit_id, role=HomeRole.OWNER, until__isnull=True
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


def _charge(step: Step) -> Charge:
    """The oldest amount still open on this case: an unpaid first round stays owed through rework."""
    found = open_charges(step).order_by("round").first()
    if found is None:
        raise ConflictError(_already_paid(step), rule="billing.no_second_payment")
    return found


def _already_paid(step: Step) -> str:
    """Whoever tries to pay twice is told which receipt the first payment has."""
    receipts = Receipt.objects.in_project(step.case.project_id).filter(
        payment__charge__source_kind="case", payment__charge__source=step.case.number
    )
    last = receipts.order_by("-serial").values_list("serial", flat=True).first()
    if last is None:
        return str(_("There is nothing to pay on this case."))
    return str(_("Already paid: receipt %(serial)s.") % {"serial": f"{last:06d}"})


def pay(step: Step) -> None:
    """By a cashier's role only, once; the receipt's serial stands in the timeline."""
    data = step.data
    receipt = billing.take_payment(
        charge=_charge(step),
        method=data.method,
        amount=data.amount,
        tendered=data.tendered,
        payer_name=data.payer_name or step.detail.payer_name or step.case.customer_name,
        reference_no=data.reference,
        actor=step.actor,
        client_uuid=step.client_uuid,
        at=step.at,
    )
    step.record["receipt"] = f"{receipt.serial:06d}"
    _settled(step, "paid")


def waive(step: Step) -> None:
    """Given up, also before the customer confirmed: whoever cannot be reached does not keep a case open for ever."""
    if step.case.state == State.DONE:
        step.record["amount"] = str(step.detail.amount)
        _settled(step, "waived")
        return
    billing.waive(charge=_charge(step), reason=step.data.reason, actor=step.actor, at=step.at)
    _settled(step, "waived")


def put_on_bill(step: Step) -> None:
    billing.put_on_bill(charge=_charge(step), actor=step.actor, at=step.at)
    _settled(step, "billed")


def _settled(step: Step, how: str) -> None:
    if not open_charges(step).exists():
        step.detail.settled_as = how
        step.meets.add("payment")


def settled(step: Step) -> str:
    """Closed when the callback ended and the amount is paid, waived or on a bill; whichever comes last."""
    detail, state = step.detail, step.case.state
    if detail.settled_as and detail.callback_ended_at is not None and state == State.SETTLING:
        return State.CLOSED
    return state


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
    )
    if callback.ended_at is not None:
        _callback_ended(step, data.rating, unsatisfied=callback.state == CallbackState.UNSATISFIED)


def rate(step: Step) -> None:
    """The resident's own rating counts as the callback."""
    data = step.data
    step.detail.rating_comment = data.comment
    if callbacks.self_rated(case=step.case, rating=data.rating, at=step.at) is not None:
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
    step.case.handler_id = None
    detail.callback_ended_at = None
    asked_for = detail.amount_confirmed_at is not None or detail.settled_as or not detail.amount
    if detail.work_done and asked_for:
        detail.quote_hash = detail.consent_hash = detail.flat_rate_kind = ""
        detail.quote_total = None
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
    return State.SETTLING if open_charges(step).exists() else State.CANCELLED


def say(step: Step) -> None:
    step.note = step.data.text
    _photos(step, step.data.photos, "note")


def tell(step: Step) -> None:
    say(step)
    case = step.case
    words.to_customer(step, f"word:{case.version}", words.say("News on %(number)s", number=case.number), step.data.text)


def _photos(step: Step, ids: list[int], label: str) -> None:
    step.files.extend((pk, label) for pk in ids)
