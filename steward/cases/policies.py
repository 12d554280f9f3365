"""Policies of the engine: what a clock needs to know, by urgency."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Final, Literal

from django.utils.translation import gettext_lazy as _
from pydantic import BaseModel, ConfigDict

from steward.kernel.policies import Policy

Rung = tuple[Decimal, str]

# 80 % → handler; 100 % → accountable; 150 % → project manager; 200 % → region (DOMAIN-RULES 1.3).
LADDER: Final[tuple[Rung, ...]] = (
    (Decimal(1), "accountable"),
    (Decimal("1.5"), "manager"),
    (Decimal(2), "region"),
)


class Clock(BaseModel):
    """An allowance. ``mode`` natural counts every minute, working only office hours on work days."""

    model_config = ConfigDict(frozen=True)

    minutes: int
    mode: Literal["natural", "working"] = "natural"
    hours: str = "08:30-12:00,13:30-17:30"
    warn_ratio: Decimal = Decimal("0.8")
    ladder: tuple[Rung, ...] = LADDER


class ClockTable(BaseModel):
    """One clock per urgency, and one for cases without (``default``)."""

    model_config = ConfigDict(frozen=True)

    default: Clock
    by_urgency: Mapping[str, Clock | None] = {}

    def clock(self, urgency: str) -> Clock | None:
        """None: no clock for this urgency (P3 is done as agreed)."""
        return self.by_urgency.get(urgency, self.default)


class QuietHours(BaseModel):
    """Local times at which customers are not called, and the spacing of attempts."""

    model_config = ConfigDict(frozen=True)

    spans: tuple[str, ...] = ("12:00-14:00", "20:00-08:30")
    urgent_gap_minutes: int = 180
    attempts: int = 3


QUIET: Final = Policy(
    key="callback.quiet",
    title=_("Callbacks: quiet hours and attempts"),
    type=QuietHours,
    preset=QuietHours(),
    source="MISSION DSK-9; DOMAIN-RULES 3: three tries, urgent ones at least 3 h apart, else on different days",
)

LATE_ENTRY: Final = Policy(
    key="case.happened_at_bound",
    title=_("How far back an action may be dated (hours)"),
    type=int,
    preset=72,
    source="HOUSE: happened_at is claimed, bounded and flagged",
)
