"""What the estate announces."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from steward.kernel.facts import Fact


@dataclass(frozen=True, kw_only=True)
class RainRecorded(Fact):
    """Enough rain fell on a local day to show whether a leak is cured; announced once for a day."""

    day: date
    millimetres: Decimal


@dataclass(frozen=True, kw_only=True)
class RainTakenBack(Fact):
    """The day was corrected: it was dry after all."""

    day: date
