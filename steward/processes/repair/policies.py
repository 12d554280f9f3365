"""Figures of a repair; presets with their sources (DOMAIN-RULES 2.1, 3; seeds 001, 003)."""

from decimal import Decimal
from typing import Annotated, Final

from django.utils.translation import gettext_lazy as _
from pydantic import Field

from steward.kernel.clocks.policy import Clock, ClockTable
from steward.kernel.policies import Policy
from steward.processes.repair.models import HoldReason

HOUR: Final = 60
DAY: Final = 24 * HOUR

RESPONSE: Final = Policy(
    key="repair.response",
    title=_("Repair: somebody accepts the job"),
    type=ClockTable,
    preset=ClockTable(
        default=Clock(minutes=30, mode="daily", hours="08:00-20:00"),
        by_urgency={"P0": Clock(minutes=3), "P1": Clock(minutes=15), "P3": Clock(minutes=DAY)},
    ),
    source="DOMAIN-RULES 2.1: P2 contact within 30 min; the hours, and the others, are our default: seven days a week",
)
ARRIVAL: Final = Policy(
    key="repair.arrival",
    title=_("Repair: on site"),
    type=ClockTable,
    preset=ClockTable(
        default=Clock(minutes=8 * HOUR, mode="daily", hours="08:00-20:00"),
        by_urgency={"P0": Clock(minutes=5), "P1": Clock(minutes=30), "P3": None},
    ),
    source="Property management association grade 1: urgent within 30 min; DOMAIN-RULES 2.1: P0 5 min, P2 the same day; nobody is visited at night for an ordinary repair",
)
COMPLETION: Final = Policy(
    key="repair.completion",
    title=_("Repair: done"),
    type=ClockTable,
    preset=ClockTable(
        default=Clock(minutes=2 * DAY),
        by_urgency={"P0": Clock(minutes=2 * HOUR), "P1": Clock(minutes=DAY), "P3": None},
    ),
    source="DOMAIN-RULES 2.1: P1 24 h, P2 48 h, P3 as agreed",
)
CONSENT: Final = Policy(
    key="repair.consent",
    title=_("Repair: the customer answers the quote"),
    type=ClockTable,
    preset=ClockTable(
        default=Clock(minutes=DAY),
        by_urgency={"P0": Clock(minutes=30), "P1": Clock(minutes=90)},
    ),
    source="our default: the desk asks again in good time",
)
LIMIT: Final = Policy(
    key="repair.approval_limit",
    title=_("Repair: a quote above this is approved by the manager first"),
    type=Annotated[Decimal, Field(ge=0, max_digits=12, decimal_places=2)],
    preset=Decimal(2000),
    source="MISSION DSK-3: above the company's limit the manager approves; the sum is our default",
    unit=_("yuan"),
)
APPROVAL: Final = Policy(
    key="repair.approval",
    title=_("Repair: the manager decides on a quote above the limit"),
    type=ClockTable,
    preset=ClockTable(
        default=Clock(minutes=4 * HOUR, mode="daily", hours="08:00-20:00"),
        by_urgency={"P0": Clock(minutes=15), "P1": Clock(minutes=30)},
    ),
    source="our default: the customer's own clocks run on meanwhile",
)
ACCEPTANCE: Final = Policy(
    key="repair.acceptance",
    title=_("Repair: work on common parts accepted"),
    type=ClockTable,
    preset=ClockTable(default=Clock(minutes=DAY)),
    source="MISSION DSK-3: common parts are accepted by butler or engineer; a day is our default",
)
PROMISE: Final = Policy(
    key="repair.promise",
    title=_("Repair: the newly promised time"),
    type=ClockTable,
    preset=ClockTable(default=Clock(minutes=DAY)),
    source="MISSION DSK-15: an honest new time before the old one passes; the minutes are those to the promise",
)
PAYMENT: Final = Policy(
    key="repair.payment",
    title=_("Repair: paid"),
    type=ClockTable,
    preset=ClockTable(default=Clock(minutes=7 * DAY)),
    source="our default: a week, then the desk reminds",
)
CALLBACK: Final = Policy(
    key="repair.callback",
    title=_("Repair: callback"),
    type=ClockTable,
    preset=ClockTable(
        default=Clock(minutes=7 * DAY),
        by_urgency={"P0": Clock(minutes=DAY), "P1": Clock(minutes=DAY)},
    ),
    source="seed 003: urgent repairs within 24 h, others within a week; from completion",
)
PAUSING: Final = Policy(
    key="repair.pausing_reasons",
    title=_("Repair: reasons that stop the clock"),
    type=list[HoldReason],
    preset=[HoldReason.CUSTOMER, HoldReason.ACCESS, HoldReason.PARTS, HoldReason.THIRD_PARTY, HoldReason.WEATHER],
    source="DOMAIN-RULES 1.2: only waiting for the customer or a third party; a lack of staff is no reason",
)
