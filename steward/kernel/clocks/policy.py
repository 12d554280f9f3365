"""Allowances as policies: what a clock needs to know, by urgency."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Final, Literal

from pydantic import BaseModel, ConfigDict

Rung = tuple[Decimal, str]

# 80 % → handler; 100 % → accountable; 150 % → project manager; 200 % → region (DOMAIN-RULES 1.3).
LADDER: Final[tuple[Rung, ...]] = (
    (Decimal(1), "accountable"),
    (Decimal("1.5"), "manager"),
    (Decimal(2), "region"),
)


class Clock(BaseModel):
    """An allowance. ``mode`` natural counts every minute, working only office hours on work days, daily those of any."""

    model_config = ConfigDict(frozen=True)

    minutes: int
    mode: Literal["natural", "working", "daily"] = "natural"
    hours: str = "08:30-12:00,13:30-17:30"
    warn_ratio: Decimal = Decimal("0.8")
    ladder: tuple[Rung, ...] = LADDER


class ClockTable(BaseModel):
    """One clock per urgency, and one for what has none (``default``)."""

    model_config = ConfigDict(frozen=True)

    default: Clock
    by_urgency: Mapping[str, Clock | None] = {}

    def clock(self, urgency: str) -> Clock | None:
        """None: no clock for this urgency (P3 is done as agreed)."""
        return self.by_urgency.get(urgency, self.default)
