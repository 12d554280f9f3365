"""Repair 报修, from the first call to the callback (MISSION DSK-3)."""

from typing import Final

from django.utils.translation import gettext_lazy as _

from steward.cases.declare import CUSTOMER, Process, register
from steward.processes.repair import (
    effects,
    forms,
    words,
)
from steward.processes.repair.actions import ACTIONS
from steward.processes.repair.clocks import CLOCKS
from steward.processes.repair.models import Repair, State
from steward.processes.repair.stages import FINISHED, STAFF, S, at

repair: Final = register(
    Process(
        kind="repair",
        title=_("Repair"),
        prefix="BX",
        states=State,
        initial=S.RECEIVED,
        terminal=at(S.CLOSED, S.CANCELLED),
        detail=Repair,
        open_form=forms.OpenRepair,
        is_pooled=True,
        is_shared=True,
        opened_by=STAFF | CUSTOMER,
        on_open=effects.opened,
        confirms_open=words.received,
        completed_in=FINISHED,
        road=(
            S.RECEIVED,
            S.DISPATCHED,
            S.ACCEPTED,
            S.ON_SITE,
            S.QUOTED,
            S.AGREED,
            S.WORKING,
            S.DONE,
            S.SETTLING,
            S.CLOSED,
        ),
        milestones={
            S.RECEIVED: _("Received"),
            S.DISPATCHED: _("Dispatched"),
            S.ACCEPTED: _("Accepted"),
            S.ON_SITE: _("Arrived"),
            S.APPROVING: _("The quote"),
            S.QUOTED: _("Quoted"),
            S.AGREED: _("Consent given"),
            S.WORKING: _("Work"),
            S.CHECKING: _("Work accepted"),
            S.DONE: _("Finished"),
            S.SETTLING: _("Payment, callback"),
            S.CLOSED: _("Closed"),
        },
        todo={
            S.RECEIVED: _("Dispatch"),
            S.DISPATCHED: _("Waiting for the technician to accept"),
            S.ACCEPTED: _("Visit"),
            S.ON_SITE: _("Confirm the work together"),
            S.SCOPED: _("Quote"),
            S.APPROVING: _("Approve the price, or not"),
            S.QUOTED: _("Get the customer's answer"),
            S.AGREED: _("Start work"),
            S.WORKING: _("Finish the work"),
            S.WAITING: _("Resume at the promised time"),
            S.CHECKING: _("Accept the work on the common parts"),
            S.DONE: _("Have the amount confirmed"),
            S.SETTLING: _("Take the payment, call back"),
        },
        actions=ACTIONS,
        deadlines=CLOCKS,
    )
)
