"""How long a sub-task may take; upward requests have a reply clock of their own."""

from decimal import Decimal
from typing import Final

from django.utils.translation import gettext_lazy as _

from steward.kernel.clocks.policy import Clock, ClockTable
from steward.kernel.policies import Policy

HOUR: Final = 60
LADDER: Final = ((Decimal(1), "accountable"), (Decimal("1.5"), "manager"), (Decimal(2), "region"))
REPLY: Final = Policy(
    key="case.subtask",
    title=_("Sub-task: reported back"),
    type=ClockTable,
    preset=ClockTable(
        default=Clock(minutes=24 * HOUR, ladder=LADDER),
        by_urgency={
            "P0": Clock(minutes=30, ladder=LADDER),
            "P1": Clock(minutes=4 * HOUR, ladder=LADDER),
            "P3": Clock(minutes=72 * HOUR, ladder=LADDER),
        },
    ),
    source="MISSION DSK-11: sub-tasks with their own clocks; the minutes are our default",
)


UPWARD_REPLY: Final = Policy(
    key="case.subtask_upward",
    title=_("Request to region or head office: answered"),
    type=ClockTable,
    preset=ClockTable(
        default=Clock(minutes=16 * HOUR, mode="working", ladder=LADDER),
        by_urgency={"P0": Clock(minutes=2 * HOUR, ladder=LADDER), "P1": Clock(minutes=8 * HOUR, ladder=LADDER)},
    ),
    source="MISSION DSK-11: upward requests with a reply clock; our default: two working days, urgent ones at once",
)
