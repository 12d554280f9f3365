"""When people report: morning and evening peaks, quieter weekends, bad nights, leaks after rain."""

from bisect import bisect
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import accumulate
from random import Random
from typing import Final

from steward.demo.stage import ZONE, Stage

#: Shares of the hours of a day, of the days of a week from Monday, and of a wet day for what comes with the rain.
HOURS: Final = (3, 2, 1, 1, 2, 4, 12, 45, 95, 100, 80, 60, 35, 30, 45, 45, 42, 60, 85, 90, 70, 40, 20, 8)
WEEK: Final = (1.25, 1.1, 1.0, 1.0, 1.05, 0.85, 0.75)
WET: Final = 9.0
RAINS: Final = 1.0  # millimetres from which a day counts as wet
OFFICE_HOURS: Final = (9, 18)


def rain_of(days: int, rng: Random) -> tuple[float, ...]:
    """Millimetres of the last days, yesterday first: dry spells and wet ones."""
    found: list[float] = []
    wet = False
    for _day in range(days):
        wet = rng.random() < (0.5 if wet else 0.16)
        found.append(round(min(64.0, rng.expovariate(1 / 9)) + 0.2, 1) if wet else 0.0)
    return tuple(found)


@dataclass
class Arrivals:
    """Draws moments of the past: from ``days`` ago to yesterday."""

    stage: Stage
    days: int
    rain: Sequence[float]

    def moment(self, *, wet: bool = False) -> datetime:
        """A day by its weekday (and what fell), an hour by habit."""
        ago = self._day(wet=wet)
        hour = self._pick(HOURS)
        return self.stage.day(ago, hour, self.stage.rng.randrange(60))

    def in_office_hours(self) -> datetime:
        rng = self.stage.rng
        return self.stage.day(self._day(), rng.randrange(*OFFICE_HOURS), rng.randrange(60))

    def _day(self, *, wet: bool = False) -> int:
        days = range(1, self.days + 1)
        weights = [WEEK[self._weekday(d)] * (WET if wet and self._was_wet(d) else 1) for d in days]
        return 1 + self._pick(weights)

    def _weekday(self, ago: int) -> int:
        return (self.stage.until.astimezone(ZONE) - timedelta(days=ago)).weekday()

    def _was_wet(self, ago: int) -> bool:
        """That day or the one before."""
        return any(mm >= RAINS for mm in self.rain[ago - 1 : ago + 1])

    def _pick(self, weights: Sequence[float]) -> int:
        steps = list(accumulate(weights))
        return bisect(steps, self.stage.rng.random() * steps[-1])
