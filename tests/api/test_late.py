"""Why a case is late, over the API: with the case for staff, at any past moment, never for residents."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone
from pytest_django.fixtures import DjangoAssertNumQueries

from steward.api import schemas
from tests.api.conftest import Api
from tests.api.test_answers import assert_fits
from tests.world import World

Speak = Callable[[str], Api]


@pytest.fixture
def number(world: World) -> str:
    """Urgent, received two hours ago, and nobody was sent."""
    world.now = timezone.now() - timedelta(hours=2)
    return world.open("desk", urgency="P1", payer="owner").case.number


def test_staff_read_why_with_the_case(api: Speak, number: str) -> None:
    late: list[dict[str, Any]] = api("desk").get(f"/cases/{number}").json()["late"]
    assert [row["key"] for row in late] == ["response", "arrival", "silence"]
    for row in late:
        assert_fits(schemas.LateOut, row)
        assert sum(part["minutes"] for part in row["parts"]) == row["minutes"]
        assert row["parts"][0]["who"] == "周敏"
    assert late[0]["late_minutes"] == 105
    assert (late[0]["waits_for"], late[0]["done"]) == ("周敏", False)
    assert "“接单”时限 " in late[0]["text"]


def test_an_earlier_moment_is_judged_as_it_was(api: Speak, world: World, number: str) -> None:
    at = world.now + timedelta(minutes=20)
    (row,) = api("desk").get(f"/cases/{number}/late", as_of=at.isoformat()).json()
    assert (row["key"], row["late_minutes"], row["minutes"]) == ("response", 5, 20)
    assert api("desk").get(f"/cases/{number}/late", as_of="yesterday").status_code == 422
    assert len(api("desk").get(f"/cases/{number}/late").json()) == 3


def test_residents_read_nothing_of_it(api: Speak, number: str) -> None:
    assert api("owner").get(f"/cases/{number}").json()["late"] == []
    assert api("owner").get(f"/cases/{number}/late").json() == []


def test_whoever_took_a_job_is_not_read_out_to_residents(api: Speak, world: World, number: str) -> None:
    world.act("tech", number, "take")
    entries = api("owner").get(f"/cases/{number}/timeline").json()
    assert [entry["data"] for entry in entries if entry["action"] == "take"] == [{}]


def test_a_case_in_time_costs_no_timeline(
    api: Speak, world: World, django_assert_num_queries: DjangoAssertNumQueries, number: str
) -> None:
    world.now = timezone.now()
    fresh = world.open("desk", urgency="P1", payer="owner").case.number
    desk = api("desk")
    for which, n in (
        (fresh, 3),
        (number, 4),
    ):  # token, case, clocks; and the timeline where there is something to explain
        desk.get(f"/cases/{which}")
        with django_assert_num_queries(n):
            desk.get(f"/cases/{which}")
