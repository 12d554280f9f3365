"""Seven days of 1,360 homes through the API; every clock, call, message and yuan is where the rules put it."""

from datetime import timedelta
from random import Random

import pytest

from tests.week import calculation_repair  # noqa: F401  registers its steps
from tests.week.calculation import Calculation
from tests.week.compare import differences
from tests.week.compound import build
from tests.week.play import Play
from tests.week.roads_repair import repair
from tests.week.times import MONDAY


@pytest.mark.django_db
def test_a_day_of_repairs() -> None:
    rng = Random(20261123)  # noqa: S311  a story, not a secret
    compound = build(at=MONDAY - timedelta(days=1), rng=rng)
    until = MONDAY + timedelta(days=2)
    play = Play(compound, rng, until)
    for _n in range(40):
        at = MONDAY + timedelta(minutes=rng.randrange(24 * 60), seconds=0.5)
        play.add("repair", repair(play, at))
    play.run()
    found = Calculation(compound)
    found.run(play.log, until)
    wrong = found.faults + differences(compound, found)
    assert not wrong, "\n".join(wrong[:40])
