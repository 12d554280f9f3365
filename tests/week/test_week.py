"""Seven days of 1,360 homes through the API; every clock, call, message and yuan is where the rules put it."""

import os
from datetime import timedelta
from random import Random

import pytest

from steward.worker.channels import sms
from tests.week import calculation_more, calculation_repair  # noqa: F401  they register their steps
from tests.week.calculation import Calculation
from tests.week.carried import URL, Provider, carried
from tests.week.compare import differences
from tests.week.compound import build
from tests.week.play import Play
from tests.week.roads_more import arrivals
from tests.week.summary import summary
from tests.week.times import MONDAY


@pytest.fixture
def provider(monkeypatch: pytest.MonkeyPatch) -> Provider:
    made = Provider()
    monkeypatch.setattr("django.conf.settings.SMS_URL", URL)
    monkeypatch.setattr(sms, "port", lambda: made)
    return made


def simulate(cases: int, days: int, provider: Provider) -> tuple[list[str], str]:
    rng = Random(20261123)  # noqa: S311  a story, not a secret
    compound = build(at=MONDAY - timedelta(days=1), rng=rng)
    until = MONDAY + timedelta(days=days)
    play = Play(compound, rng, until)
    arrivals(play, cases, days)
    play.run()
    found = Calculation(compound)
    found.run(play.log, until)
    wrong = found.faults + differences(compound, found)
    wrong += carried(compound, found.accounts.values(), until, provider)
    return wrong, summary(compound, found, play)


@pytest.mark.week
@pytest.mark.django_db
def test_days_of_all_kinds(provider: Provider) -> None:
    wrong, told = simulate(int(os.environ.get("WEEK_CASES", "120")), int(os.environ.get("WEEK_DAYS", "3")), provider)
    assert not wrong, "\n".join(wrong[:40])
    assert told


@pytest.mark.week
@pytest.mark.django_db
def test_a_whole_week(provider: Provider) -> None:
    """At least two thousand cases; the table goes into docs/week.md."""
    wrong, told = simulate(2050, 7, provider)
    print(told)  # noqa: T201  the figures are the point
    assert not wrong, "\n".join(wrong[:40])
