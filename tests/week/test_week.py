"""Seven days of 1,360 homes through the API; every clock, call, message and yuan is where the rules put it."""

import os
from datetime import timedelta
from random import Random

import pytest

from steward.worker.channels import sms
from tests.week import calculation_more, calculation_orders, calculation_staff  # noqa: F401  they register their steps
from tests.week.calculation import Calculation
from tests.week.carried import URL, Provider, carried
from tests.week.carried_staff import staff_carried
from tests.week.compare import differences
from tests.week.compare_more import more_differences
from tests.week.compare_staff import staff_differences
from tests.week.compound import build
from tests.week.play import Play
from tests.week.roads_more import arrivals
from tests.week.summary import mixture, summary
from tests.week.times import MONDAY

LEAST_CALLERS = 9


@pytest.fixture
def provider(monkeypatch: pytest.MonkeyPatch) -> Provider:
    made = Provider()
    monkeypatch.setattr("django.conf.settings.SMS_URL", URL)
    monkeypatch.setattr(sms, "port", lambda: made)
    return made


def simulate(cases: int, days: int, provider: Provider) -> tuple[list[str], dict[str, int], str]:
    rng = Random(20261123)  # noqa: S311  a story, not a secret
    compound = build(at=MONDAY - timedelta(days=1), rng=rng)
    until = MONDAY + timedelta(days=days)
    play = Play(compound, rng, until)
    arrivals(play, cases, days)
    play.run()
    found = Calculation(compound)
    found.run(play.log, until)
    wrong = found.faults + differences(compound, found) + more_differences(compound, found, until)
    wrong += staff_differences(compound, found, until)
    wrong += staff_carried(compound, found, until, provider)
    wrong += carried(compound, found.accounts.values(), found.affairs.values(), until, provider)
    return wrong, mixture(found), summary(compound, found, play)


@pytest.mark.django_db
def test_days_of_all_kinds(provider: Provider) -> None:
    """Fewer cases in fewer days, on both databases."""
    cases, days = int(os.environ.get("WEEK_CASES", "75")), int(os.environ.get("WEEK_DAYS", "2"))
    wrong, mixed, told = simulate(cases, days, provider)
    print(told)  # noqa: T201  shown with -s, or when it fails
    assert not wrong, "\n".join(wrong[:40])
    beyond = {"escalations to the region", "calls after rain, waiting"}
    assert not [name for name, n in mixed.items() if not n and name not in beyond]
    assert mixed["callers of the largest incident"] >= LEAST_CALLERS


@pytest.mark.week
@pytest.mark.django_db
def test_a_whole_week(provider: Provider) -> None:
    """At least two thousand cases; the table goes into docs/week.md."""
    wrong, mixed, told = simulate(2050, 7, provider)
    print(told)  # noqa: T201  the figures are the point
    assert not wrong, "\n".join(wrong[:40])
    assert sum(n for name, n in mixed.items() if name.startswith("cases")) >= 2000
    assert all(mixed.values())
    assert mixed["callers of the largest incident"] >= LEAST_CALLERS
