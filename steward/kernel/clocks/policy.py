"""Allowances as policies: what a clock needs to know, by urgency."""

from collections.abc import Mapping
from decimal import Decimal
from itertools import pairwise
from typing import Annotated, Final, Literal

from django.utils.translation import gettext_lazy as _
from pydantic import BaseModel, ConfigDict, Field, field_validator

from steward.kernel.actor import Role
from steward.kernel.clocks.compute import MAX_MINUTES
from steward.kernel.clocks.working import Hours

Rung = tuple[Decimal, str]

# 80 % → handler; 100 % → accountable; 150 % → project manager; 200 % → region (DOMAIN-RULES 1.3).
LADDER: Final[tuple[Rung, ...]] = (
    (Decimal(1), "accountable"),
    (Decimal("1.5"), "manager"),
    (Decimal(2), "region"),
)


# Whom a rung may name: the first responder, or the holders of a role.
RUNGS: Final = frozenset({"accountable", *Role.values})
# What the columns of a running clock hold.
LONGEST: Final = 80


class Clock(BaseModel):
    """An allowance. ``mode`` natural counts every minute, working only office hours on work days, daily those of any."""

    model_config = ConfigDict(frozen=True)

    minutes: int = Field(ge=0, le=MAX_MINUTES)
    mode: Literal["natural", "working", "daily"] = "natural"
    hours: str = "08:30-12:00,13:30-17:30"
    warn_ratio: Annotated[Decimal, Field(gt=0, le=1, decimal_places=2)] = Decimal("0.8")
    ladder: tuple[Rung, ...] = LADDER

    @field_validator("hours")
    @classmethod
    def _hours(cls, text: str) -> str:
        try:
            spans = Hours.of(*text.split(",")).spans
        except ValueError:
            spans = ()
        if not spans or len(text) > LONGEST:
            raise ValueError(_("Write hours like 08:30-12:00,13:30-17:30, in order."))
        return text

    @field_validator("ladder")
    @classmethod
    def _ladder(cls, rungs: tuple[Rung, ...]) -> tuple[Rung, ...]:
        ratios = [ratio for ratio, _who in rungs]
        rising = all(a < b for a, b in pairwise([Decimal(0), *ratios]))
        if not rising or any(who not in RUNGS for _ratio, who in rungs):
            raise ValueError(_("Each stage of the escalation comes later than the one before."))
        if sum(len(f"{ratio}:{who},") for ratio, who in rungs) > LONGEST:
            raise ValueError(_("At most four stages."))
        return rungs


class ClockTable(BaseModel):
    """One clock per urgency, and one for what has none (``default``)."""

    model_config = ConfigDict(frozen=True)

    default: Clock
    by_urgency: Mapping[str, Clock | None] = {}

    def clock(self, urgency: str) -> Clock | None:
        """None: no clock for this urgency (P3 is done as agreed)."""
        return self.by_urgency.get(urgency, self.default)
