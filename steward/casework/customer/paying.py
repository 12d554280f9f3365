"""The money of a case: what is owed on it, and taking it once."""

from django.utils.translation import gettext_lazy as _

from steward.cases.engine import Step
from steward.cases.models import Case
from steward.kernel.errors import ConflictError
from steward.kernel.scope import ScopedQuerySet
from steward.registers.billing import operations as billing
from steward.registers.billing.models import Charge, ChargeState, Receipt


def open_charges(case: Case) -> ScopedQuerySet[Charge]:
    """Amounts of this case that nobody has paid, waived or billed yet."""
    rows: ScopedQuerySet[Charge] = Charge.objects.in_project(case.project_id)
    return rows.filter(source_kind="case", source=case.number, state=ChargeState.OPEN)


def oldest_charge(case: Case) -> Charge:
    """An unpaid first round stays owed through rework. Raises ConflictError when nothing is owed."""
    found = open_charges(case).order_by("round").first()
    if found is None:
        raise ConflictError(_already_paid(case), rule="billing.no_second_payment")
    return found


def _already_paid(case: Case) -> str:
    """Whoever tries to pay twice is told which receipt the first payment has."""
    receipts = Receipt.objects.in_project(case.project_id).filter(
        payment__charge__source_kind="case", payment__charge__source=case.number
    )
    last = receipts.order_by("-serial").values_list("serial", flat=True).first()
    if last is None:
        return str(_("There is nothing to pay on this case."))
    return str(_("Already paid: receipt %(serial)s.") % {"serial": f"{last:06d}"})


def take(step: Step, *, payer_name: str) -> None:
    """By a cashier's role only, once (the data is ``forms.Pay``); the receipt's serial stands in the timeline."""
    data = step.data
    receipt = billing.take_payment(
        charge=oldest_charge(step.case),
        method=data.method,
        amount=data.amount,
        tendered=data.tendered,
        payer_name=data.payer_name or payer_name or step.case.customer_name,
        reference_no=data.reference,
        actor=step.actor,
        client_uuid=step.client_uuid,
        at=step.at,
    )
    step.record["receipt"] = f"{receipt.serial:06d}"
