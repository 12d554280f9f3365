from dataclasses import dataclass
from decimal import Decimal

from steward.kernel.facts import Fact


@dataclass(frozen=True, kw_only=True)
class ChargeSettled(Fact):
    """A charge was paid, waived or put on a bill."""

    source_kind: str
    source: str
    round: int
    how: str
    amount: Decimal
