"""Quote, consent, start: no work before the customer has agreed to exactly this price."""

import hashlib
import json
from collections.abc import Iterable, Mapping
from decimal import Decimal
from typing import Any

from django.db.models import Max
from django.utils.translation import gettext_lazy as _

from steward.cases.engine import Step
from steward.kernel.errors import InvalidError
from steward.kernel.money import yuan
from steward.processes.repair import approving, ceiling, settling, words
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
    """A new version from the price list in force; consent to an earlier one is void, unless its ceiling covers this."""
    in_force = prices(lineage=place(step.case.project_id).lineage, at=step.happened_at)
    lines = [_line(n, line, in_force.items, "lines") for n, line in enumerate(step.data.lines, start=1)]
    approving.put(step, _version(step, lines, in_force.version))


def add(step: Step) -> None:
    """More parts and labour, at the end of the work, within the ceiling agreed to. Raises InvalidError."""
    if not step.data.added:
        return
    in_force = prices(lineage=place(step.case.project_id).lineage, at=step.happened_at)
    kept = _kept_lines(step)
    more = [_line(n, line, in_force.items, "added") for n, line in enumerate(step.data.added, start=1)]
    for n, line in enumerate(more, start=len(kept) + 1):
        line.position = n
    quote = _version(step, [*kept, *more], in_force.version)
    detail = step.detail
    if not ceiling.covers(step):
        raise InvalidError({"added": _no_room(detail.ceiling)})
    if approving.is_needed(step):
        raise InvalidError({"added": _("Above the company's limit: quote again, the manager approves it first.")})
    ceiling.carry_over(step, quote)


def _no_room(agreed: Decimal | None) -> Any:
    return _("More than agreed: quote again.") if agreed is None else ceiling.above(agreed)


def _kept_lines(step: Step) -> list[QuoteLine]:
    """What was quoted stays at the prices of then."""
    rows = QuoteLine.objects.in_project(step.case.project_id).filter(
        case_id=step.case.pk, quote__version=step.detail.quote_version
    )
    kept = list(rows.order_by("position")) if step.detail.quote_hash else []
    for line in kept:
        line.pk = None
        line._state.adding = True  # noqa: SLF001  a copy
    return kept


def _version(step: Step, lines: list[QuoteLine], price_list: str) -> Quote:
    """The next version, in force from now on and agreed to by nobody."""
    case, detail = step.case, step.detail
    total = sum((line.amount for line in lines), Decimal(0))
    made = Quote.objects.in_project(case.project_id).filter(case_id=case.pk)
    version = (made.aggregate(last=Max("version"))["last"] or 0) + 1
    quote = Quote.objects.create(
        project_id=case.project_id,
        case=case,
        version=version,
        price_list_version=price_list,
        total=total,
        digest=_digest(case.number, version, price_list, lines),
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
    return quote


def _line(position: int, line: object, items: Mapping[str, Price], field: str) -> QuoteLine:
    item = items.get(line.code)  # type: ignore[attr-defined]
    if item is None:
        raise InvalidError({f"{field}.{position - 1}.code": _("Not on the price list in force.")})
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
    ceiling.ensure_above_quote(step)
    detail.consent_hash, detail.ceiling = data.quote_hash, data.ceiling
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
        ceiling=data.ceiling,
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
    earlier = approving.agreed_before(step)
    if earlier is not None:
        approving.back_to(step, earlier)
        words.answered(step, agreed=False)
        return
    owed = detail.flat_rate_amount if detail.flat_rate_kind == ItemKind.CALL_OUT and customer_pays(step) else None
    detail.amount = owed or Decimal(0)
    detail.quote_hash = detail.consent_hash = ""
    detail.work_done = ""
    words.answered(step, agreed=False)
    settling.complete(step)


def after_decline(step: Step) -> str:
    """Back to the agreed work, or to what is left to settle."""
    return State.AGREED if step.detail.finished_at is None else settling.after_work(step)


def start(step: Step) -> None:
    detail = step.detail
    detail.is_free = detail.payer not in CUSTOMER_PAYS
    step.record["free"] = detail.is_free
    if not detail.is_free and not detail.quote_hash and approving.agreed_before(step) is None:
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
