"""Service on request 专项 / 特约服务: ordered at a published price, arranged, done, paid, called back (MISSION DSK-7).

Cleaning, helping hands, the business centre, and for offices air-conditioning, light and access out of hours.
"""

from typing import Final

from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from steward.assurance.forms import CallBack
from steward.cases.declare import CUSTOMER, DESK, HANDLER, OFFICE, Action, DeadlineRule, Process, by, register
from steward.casework.clocks.nextword import never_silent, update_action
from steward.casework.forms import Pay, Rate, Reason, Say
from steward.kernel.actor import Role
from steward.kernel.clocks.policy import Clock, ClockTable
from steward.kernel.policies import Policy
from steward.processes.service_order import effects, guards
from steward.processes.service_order.forms import Arrange, Finish, Order
from steward.processes.service_order.models import ServiceOrder, State

ARRANGE: Final = Policy(
    key="service_order.arrange",
    title=_("Service on request: arranged"),
    type=ClockTable,
    preset=ClockTable(default=Clock(minutes=4 * 60, mode="daily", hours="08:00-20:00")),
    source="seed 001: orders are confirmed the same day; four hours is ours",
)
FULFIL: Final = Policy(
    key="service_order.fulfil",
    title=_("Service on request: done when wanted"),
    type=ClockTable,
    preset=ClockTable(default=Clock(minutes=3 * 24 * 60)),
    source="the customer's own time; three days where none was named is ours",
)
CALLBACK: Final = Policy(
    key="service_order.callback",
    title=_("Service on request: callback"),
    type=ClockTable,
    preset=ClockTable(default=Clock(minutes=7 * 24 * 60)),
    source="seed 003: every service event is called back, ordinary ones within a week",
)

S = State
TO_DO: Final = frozenset({S.RECEIVED, S.ARRANGED})
FINISHED: Final = frozenset({S.DONE, S.CLOSED})
OPEN: Final = TO_DO | {S.DONE}

service_order: Final = register(
    Process(
        kind="service_order",
        title=_("Service on request"),
        prefix="FW",
        states=S,
        initial=S.RECEIVED,
        terminal=frozenset({S.CLOSED, S.CANCELLED}),
        detail=ServiceOrder,
        open_form=Order,
        opened_by=OFFICE | CUSTOMER,
        on_open=effects.ordered,
        confirms_open=effects.confirmed,
        completed_in=FINISHED,
        road=(S.RECEIVED, S.ARRANGED, S.DONE, S.CLOSED),
        milestones={
            S.RECEIVED: pgettext_lazy("service order", "Ordered"),
            S.ARRANGED: pgettext_lazy("milestone", "Arranged"),
            S.DONE: pgettext_lazy("service order", "Done"),
        },
        todo={S.RECEIVED: _("Arrange who does it and when"), S.ARRANGED: _("Do it as ordered"), S.DONE: _("Call back")},
        actions=(
            Action(
                "arrange",
                pgettext_lazy("service order", "Arrange"),
                TO_DO,
                S.ARRANGED,
                DESK,
                form=Arrange,
                effect=effects.arrange,
                public=True,
                primary=True,
                key="D",
            ),
            Action(
                "accept",
                pgettext_lazy("service order", "Accept"),
                frozenset({S.ARRANGED}),
                None,
                HANDLER,
                guards=(guards.NOT_ACCEPTED_YET,),
                effect=effects.accept,
                public=True,
            ),
            Action(
                "arrive",
                pgettext_lazy("service order", "I am there"),
                frozenset({S.ARRANGED}),
                None,
                HANDLER,
                guards=(guards.NOT_THERE_YET,),
                effect=effects.arrive,
                public=True,
            ),
            Action(
                "give_back",
                pgettext_lazy("service order", "Give back"),
                frozenset({S.ARRANGED}),
                S.RECEIVED,
                HANDLER | DESK,
                form=Reason,
                effect=effects.give_back,
            ),
            Action(
                "finish",
                pgettext_lazy("service order", "Done"),
                frozenset({S.ARRANGED}),
                S.DONE,
                HANDLER | DESK,
                form=Finish,
                guards=(guards.WITHIN_TOLD,),
                effect=effects.finish,
                public=True,
                primary=True,
            ),
            Action(
                "pay",
                _("Take payment"),
                frozenset({S.DONE}),
                effects.settled,
                by(Role.CASHIER),
                form=Pay,
                targets=FINISHED,
                effect=effects.pay,
                public=True,
            ),
            Action(
                "put_on_bill",
                _("Put on the next bill"),
                frozenset({S.DONE}),
                effects.settled,
                by(Role.CASHIER),
                targets=FINISHED,
                guards=(guards.SOMEBODY_TO_BILL,),
                effect=effects.put_on_bill,
                public=True,
            ),
            Action(
                "waive",
                _("Waive the amount"),
                frozenset({S.DONE}),
                effects.settled,
                by(Role.MANAGER),
                form=Reason,
                targets=FINISHED,
                effect=effects.waive,
            ),
            Action(
                "callback",
                _("Record the callback"),
                frozenset({S.DONE}),
                effects.after_call,
                DESK,
                form=CallBack,
                targets=FINISHED | {S.RECEIVED},
                guards=(guards.NOT_HANDLER,),
                effect=effects.call_back,
                key="B",
            ),
            Action(
                "rate",
                _("Rate"),
                FINISHED,
                effects.after_call,
                CUSTOMER,
                form=Rate,
                targets=FINISHED | {S.RECEIVED},
                effect=effects.rate,
                public=True,
                link="rate",
            ),
            Action(
                "cancel",
                _("Cancel"),
                TO_DO,
                S.CANCELLED,
                CUSTOMER | DESK,
                form=Reason,
                guards=(guards.NOTHING_OWED,),
                effect=effects.cancel,
                public=True,
            ),
            update_action(OPEN),
            Action("say", _("Note for colleagues"), OPEN, None, OFFICE | HANDLER, form=Say, effect=effects.say),
            Action(
                "tell", _("Tell the customer"), OPEN, None, DESK | HANDLER, form=Say, effect=effects.tell, public=True
            ),
        ),
        deadlines=(
            DeadlineRule(
                "arrange",
                pgettext_lazy("service order", "Arranged"),
                ARRANGE,
                runs_in=frozenset({S.RECEIVED}),
                met_in=frozenset({S.ARRANGED}),
                from_received=True,
                repeats=True,
            ),
            DeadlineRule(
                "fulfil",
                pgettext_lazy("service order", "Done"),
                FULFIL,
                runs_in=TO_DO,
                met_in=FINISHED,
                from_received=True,
                until=effects.wanted,
            ),
            DeadlineRule("callback", _("Callback"), CALLBACK, runs_in=frozenset({S.DONE}), met_in=frozenset()),
            never_silent(OPEN, done_in=FINISHED),
        ),
    )
)
