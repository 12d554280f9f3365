"""What a service order does not allow."""

from typing import Final

from django.utils.translation import gettext_lazy as _

from steward.cases.declare import Guard
from steward.cases.engine import Step
from steward.casework.customer.paying import open_charges


def _within_told(step: Step) -> bool:
    return step.data.quantity is None or step.data.quantity <= step.detail.quantity


WITHIN_TOLD: Final = Guard(
    "service_order.within_told",
    _("More than was ordered needs the customer's word first: take a new order."),
    _within_told,
)
NOTHING_OWED: Final = Guard(
    "service_order.not_cancelled_while_owed",
    _("An amount is still owed on this case."),
    lambda s: not open_charges(s.case).exists(),
)
SOMEBODY_TO_BILL: Final = Guard(
    "service_order.somebody_to_bill",
    _("There is no customer on this case whose bill it could stand on."),
    lambda s: s.case.customer_id is not None,
)
NOT_HANDLER: Final = Guard(
    "service_order.callback_by_another",
    _("Whoever did the work does not make the callback."),
    lambda s: s.case.handler_id is None or s.case.handler_id != s.actor.staff_id,
)
NOT_ACCEPTED_YET: Final = Guard(
    "service_order.accepted_once", _("This order is accepted already."), lambda s: s.detail.accepted_at is None
)
NOT_THERE_YET: Final = Guard(
    "service_order.arrived_once", _("You are there already."), lambda s: s.detail.arrived_at is None
)
