"""Figures of a complaint; presets with their sources (DOMAIN-RULES 1.2, 1.3, 3; seeds 002, 003)."""

from collections.abc import Mapping
from typing import Annotated, Final

from django.utils.translation import gettext_lazy as _
from pydantic import Field

from steward.kernel.actor import Role
from steward.kernel.clocks.policy import Clock, ClockTable
from steward.kernel.policies import Policy
from steward.processes.complaint.models import Severity

HOUR: Final = 60
DAY: Final = 24 * HOUR

ACKNOWLEDGE: Final = Policy(
    key="complaint.acknowledge",
    title=_("Complaint: acknowledged and assessed"),
    type=ClockTable,
    preset=ClockTable(default=Clock(minutes=2 * HOUR)),
    source="ISO 10002: at once; DOMAIN-RULES 1.2: companies promise between 15 min and 2 h; our default the longer",
)
ANSWER: Final = Policy(
    key="complaint.answer",
    title=_("Complaint: answered"),
    type=ClockTable,
    preset=ClockTable(default=Clock(minutes=DAY)),
    source="seed 002 1.3: response within 24 h, from when it was received; a project may set its own for each severity",
)
SOLUTION: Final = Policy(
    key="complaint.solution",
    title=_("Complaint: solved, or a plan approved"),
    type=ClockTable,
    preset=ClockTable(default=Clock(minutes=2 * DAY)),
    source=(
        "seed 002 1.3: solved within 48 h, from when it was received; what takes longer needs an approved plan. "
        "A project may set its own for each severity (textbooks: minor 2 d, important 3 d, major 10 d)"
    ),
)
PLAN: Final = Policy(
    key="complaint.plan",
    title=_("Complaint: solved by the date of the approved plan"),
    type=ClockTable,
    preset=ClockTable(default=Clock(minutes=10 * DAY)),
    source="MISSION DSK-4: the plan's own date; only warnings and escalation are taken from here",
)
CALLBACK: Final = Policy(
    key="complaint.callback",
    title=_("Complaint: callback"),
    type=ClockTable,
    preset=ClockTable(default=Clock(minutes=7 * DAY)),
    source="seed 003: within a week after handling; from the solution",
)
OFFICIAL: Final = Policy(
    key="complaint.official",
    title=_("Complaint: reply to the outside ticket"),
    type=ClockTable,
    preset=ClockTable(default=Clock(minutes=5 * DAY)),
    source="MISSION DSK-4: the deadline on the ticket; only warnings and escalation are taken from here",
)
COLLECTIVE_FROM: Final = Policy(
    key="complaint.collective_from",
    title=_("Complaint: collective from how many persons"),
    type=Annotated[int, Field(ge=2, le=1000)],
    preset=10,
    source="DOMAIN-RULES 1.3: ten persons or households acting together",
)
TOLD: Final[Policy[Mapping[Severity, tuple[Role, ...]]]] = Policy(
    key="complaint.told",
    title=_("Complaint: who is told at once, by severity"),
    type=dict[Severity, tuple[Role, ...]],
    preset={
        Severity.IMPORTANT: (Role.MANAGER,),
        Severity.MAJOR: (Role.MANAGER, Role.REGION, Role.HQ),
        Severity.HOT: (Role.MANAGER, Role.REGION),
        Severity.COLLECTIVE: (Role.MANAGER, Role.REGION, Role.HQ),
    },
    source="DOMAIN-RULES 1.3: manager immediately; region the same day; head office for major and collective",
)
