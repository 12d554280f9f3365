"""Quote, consent, start: no work before the customer has agreed to exactly this price."""

import hashlib
import json
from collections.abc import Iterable, Mapping
from decimal import Decimal

from django.db.models import Max
from django.utils.translation import gettext_lazy as _

from steward.cases.engine import Step
from steward.casework.customer.links import issue_link
from steward.kernel.errors import InvalidError
from steward.kernel.money import yuan
from steward.processes.repair import settling, words
from steward.processes.repair.guards import customer_pays
from steward.processes.repair.models import (
    CUSTOMER_PAYS,
    Consent,
    ConsentWay,
    Quote,
    QuoteLine,
    State,
)
from steward.registers.billing.models import ItemKind
from steward.registers.billing.prices import Price, prices
from steward.registers.org.tree import place


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


def _line(position: int, line: object, items: Mapping[str, Price]) -> QuoteLine:
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
        amount=yuan(quantity * item.price),
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
    settling.complete(step)


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
    return State.AGREED if step.detail.finished_at is None else settling.after_work(step)


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
