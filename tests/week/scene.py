"""One case of the play and who is in it, with the pace of people: not the rules'."""

from dataclasses import dataclass, field
from datetime import datetime, time
from random import Random

from tests.week import figures
from tests.week.compound import DESKS, PREFIX, TECHNICIANS, Home
from tests.week.play import Answer, Play, minutes
from tests.week.times import out_of

#: Some answer at once, some late, some much too late.
PACES = ((0.4, 0.25), (0.35, 0.8), (0.17, 1.7), (0.08, 4.0))
EVENING = (time(18), time(8, 30))


@dataclass
class Scene:
    """One case and who is in it. ``now`` moves from step to step."""

    play: Play
    home: Home
    now: datetime
    desk: str
    tech: str
    urgency: str = "P2"
    payer: str = "owner"
    category: str = ""
    last: Answer = field(default_factory=lambda: Answer(0, {}))
    #: What happens in any case here, whatever the dice say.
    sure: frozenset[str] = frozenset()

    @property
    def rng(self) -> Random:
        return self.play.rng

    def later(self, usual: float, *, steady: bool = False) -> datetime:
        """So many minutes later, give or take."""
        factor = 1.0 if steady else self.rng.choices([f for _w, f in PACES], [w for w, _f in PACES])[0]
        self.now += minutes(usual * factor * self.rng.uniform(0.5, 1.5))
        return self.now

    def by_day(self, usual: float) -> datetime:
        """Ordinary visits are made between half past eight and six."""
        self.later(usual)
        begin = out_of(self.now, (EVENING,))
        self.now = begin + minutes(self.rng.uniform(0, 90)) if begin > self.now else self.now
        return self.now

    def calling_time(self, hours: float) -> datetime:
        self.later(hours * 60)
        free = out_of(self.now, figures.NO_CALLS)
        self.now = free + minutes(self.rng.uniform(1, 60)) if free > self.now else self.now
        return self.now

    def chance(self, of: float, name: str = "") -> bool:
        return self.rng.random() < of or name in self.sure


def scene(play: Play, at: datetime) -> Scene:
    rng = play.rng
    home = rng.choice(play.compound.homes)
    return Scene(play, home, at, PREFIX + rng.choice(DESKS), PREFIX + rng.choice(TECHNICIANS))
