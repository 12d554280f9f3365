"""Verbs of money. Callers hold the write transaction; every verb is safe to repeat."""

import uuid
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Final

from django.db import IntegrityError
from django.db.models import F
from django.utils.translation import gettext_lazy as _

from steward.kernel import reference
from steward.kernel.actor import Actor, Role
from steward.kernel.errors import ConflictError, InvalidError, NotAllowedError
from steward.kernel.facts import announce
from steward.kernel.money import yuan
from steward.registers.billing.facts import ChargeSettled
from steward.registers.billing.models import (
    Account,
    Charge,
    ChargeLine,
    ChargeState,
    LedgerEntry,
    LedgerLine,
    Method,
    Payment,
    PriceItem,
    PriceList,
    Receipt,
    ReceiptCounter,
)

INTO: Final = {Method.CASH: Account.CASH}


@dataclass(frozen=True)
class LineInput:
    name: str
    quantity: Decimal
    unit_price: Decimal

    @property
    def amount(self) -> Decimal:
        return yuan(self.quantity * self.unit_price)


@dataclass(frozen=True)
class ItemInput:
    code: str
    name: str
    kind: str
    unit: str
    price: Decimal
    category: str = ""
    warranty_months: int = 0
    is_withdrawn: bool = False


def publish_prices(
    *,
    node_id: int,
    version: str,
    items: Iterable[ItemInput],
    effective_from: datetime,
    actor: Actor,
    at: datetime | None = None,
    note: str = "",
    **marks: bool,
) -> PriceList:
    """Publish the next version of a price list; earlier ones stay for the quotes made from them."""
    row = PriceList.objects.create(
        node_id=node_id,
        version=version,
        effective_from=effective_from,
        published_by=actor.key,
        published_at=at,
        note=note,
        **marks,
    )
    PriceItem.objects.bulk_create(PriceItem(price_list=row, **vars(item)) for item in items)
    reference.bump()
    return row


def raise_charge(
    *,
    project_id: int,
    source_kind: str,
    source: str,
    round: int,  # noqa: A002  the field's name
    unit_id: int | None,
    customer_id: int | None,
    payer_name: str,
    description: str,
    lines: Sequence[LineInput],
    actor: Actor,
    at: datetime,
) -> Charge:
    """Somebody owes the sum of the lines; the receivable is posted."""
    amount = sum((line.amount for line in lines), Decimal(0))
    charge = Charge.objects.create(
        project_id=project_id,
        source_kind=source_kind,
        source=source,
        round=round,
        unit_id=unit_id,
        customer_id=customer_id,
        payer_name=payer_name,
        description=description[:200],
        amount=amount,
        raised_at=at,
        raised_by=actor.key,
    )
    ChargeLine.objects.bulk_create(
        ChargeLine(
            project_id=project_id,
            charge=charge,
            position=n,
            name=line.name,
            quantity=line.quantity,
            unit_price=line.unit_price,
            amount=line.amount,
        )
        for n, line in enumerate(lines, start=1)
    )
    _post(charge, f"charge:{charge.pk}", {Account.RECEIVABLE: amount, Account.INCOME: -amount}, actor, at)
    return charge


def take_payment(
    *,
    charge: Charge,
    method: Method,
    amount: Decimal,
    payer_name: str,
    actor: Actor,
    client_uuid: uuid.UUID,
    at: datetime,
    tendered: Decimal | None = None,
    reference_no: str = "",
) -> Receipt:
    """Take money for a charge and issue the receipt. Cashiers only; never twice.

    Raises NotAllowedError for any other role, ConflictError if the charge is settled (naming the
    receipt), InvalidError if the amount is not the charge's.
    """
    if not actor.has(Role.CASHIER, charge.project_id):
        raise NotAllowedError(_("Only a cashier takes money."), rule="billing.cashier_only")
    if charge.state not in (ChargeState.OPEN, ChargeState.BILLED):
        raise ConflictError(_settled(charge), rule="billing.no_second_payment")
    if amount != charge.amount:
        raise InvalidError({"amount": _("The amount due is %(n)s.") % {"n": charge.amount}})
    if tendered is not None and tendered < amount:
        raise InvalidError({"tendered": _("Less than the amount due.")})
    try:
        payment = Payment.objects.create(
            project_id=charge.project_id,
            charge=charge,
            method=method,
            amount=amount,
            tendered=tendered,
            payer_name=payer_name,
            reference=reference_no,
            taken_by=actor.key,
            taken_by_name=actor.name,
            taken_at=at,
            client_uuid=client_uuid,
        )
    except IntegrityError as error:
        raise ConflictError(_("This is already paid."), rule="billing.no_second_payment") from error
    into = INTO.get(method, Account.BANK)
    _post(charge, f"payment:{payment.pk}", {into: amount, Account.RECEIVABLE: -amount}, actor, at)
    _settle(charge, ChargeState.PAID, "", actor, at)
    return _issue_receipt(payment, at)


def waive(*, charge: Charge, reason: str, actor: Actor, at: datetime) -> None:
    """Give up a charge. The manager's decision, with a reason."""
    if not actor.has(Role.MANAGER, charge.project_id):
        raise NotAllowedError(_("Only the project manager waives a charge."), rule="billing.waiver_by_manager")
    if charge.state != ChargeState.OPEN:
        raise ConflictError(_settled(charge), rule="billing.no_second_payment")
    amounts = {Account.WAIVED: charge.amount, Account.RECEIVABLE: -charge.amount}
    _post(charge, f"waive:{charge.pk}", amounts, actor, at)
    _settle(charge, ChargeState.WAIVED, reason, actor, at)


def put_on_bill(*, charge: Charge, actor: Actor, at: datetime) -> None:
    """The amount goes on the customer's next bill; the receivable stays open in the ledger."""
    if charge.state != ChargeState.OPEN:
        raise ConflictError(_settled(charge), rule="billing.no_second_payment")
    _settle(charge, ChargeState.BILLED, "", actor, at)


def _settle(charge: Charge, state: ChargeState, reason: str, actor: Actor, at: datetime) -> None:
    won = (
        Charge.objects.in_project(charge.project_id)
        .filter(pk=charge.pk, state=charge.state)
        .update(state=state, settled_at=at, settled_reason=reason)
    )
    if not won:
        raise ConflictError(_("This is already paid."), rule="billing.no_second_payment")
    charge.state, charge.settled_at = state, at
    announce(
        ChargeSettled(
            id=f"charge:{charge.pk}:{state}",
            project_id=charge.project_id,
            at=at,
            actor=actor,
            source_kind=charge.source_kind,
            source=charge.source,
            round=charge.round,
            how=state,
            amount=charge.amount,
        )
    )


def _settled(charge: Charge) -> str:
    receipt = Receipt.objects.in_project(charge.project_id).filter(payment__charge=charge).first()
    if receipt is not None:
        return str(_("Already paid: receipt %(serial)s.") % {"serial": f"{receipt.serial:06d}"})
    return str(_("This is already settled."))


def _issue_receipt(payment: Payment, at: datetime) -> Receipt:
    ReceiptCounter.objects.get_or_create(project_id=payment.project_id)
    counter = ReceiptCounter.objects.filter(project_id=payment.project_id)
    counter.update(last=F("last") + 1)
    serial = counter.values_list("last", flat=True).get()
    return Receipt.objects.create(project_id=payment.project_id, serial=serial, payment=payment, issued_at=at)


def _post(charge: Charge, event: str, amounts: dict[Account, Decimal], actor: Actor, at: datetime) -> None:
    if sum(amounts.values()) != 0:
        raise AssertionError("a ledger entry must balance")
    entry = LedgerEntry.objects.create(
        project_id=charge.project_id, event=event, posted_at=at, posted_by=actor.key, memo=charge.description
    )
    LedgerLine.objects.bulk_create(
        LedgerLine(project_id=charge.project_id, entry=entry, account=account, charge=charge, amount=amount)
        for account, amount in amounts.items()
    )
