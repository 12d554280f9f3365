"""Why a case is late, over the API: with the case for staff, at any past moment, never for residents."""

import uuid
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone
from pytest_django.fixtures import DjangoAssertNumQueries

from steward.api import schemas
from steward.casework import subtasks
from steward.casework.accountability import handovers
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


def test_what_runs_beside_is_told_too(api: Speak, world: World) -> None:
    """An offer nobody answered, and a part asked of others: the case itself is in time."""
    world.now = timezone.now() - timedelta(minutes=40)
    number = world.open("desk", kind="suggestion", title="加装路灯", urgency="P1").case.number
    asked: dict[str, Any] = {"project_id": world.project_id, "number": number, "at": world.now}
    offer = {"receiver": world.company.staff["butler"].pk, "reason": "我去培训"}
    handovers.offer_handover(actor=world.actor("desk"), client_uuid=uuid.uuid4(), data=offer, **asked)
    part = {"what": "请查线路", "contractor": "东升电气", "due_at": (world.now + timedelta(minutes=20)).isoformat()}
    subtasks.ask_subtask(actor=world.actor("desk"), client_uuid=uuid.uuid4(), data=part, **asked)
    late = api("desk").get(f"/cases/{number}").json()["late"]
    assert [(row["key"], row["waits_for"]) for row in late] == [("handover", "陈悦"), ("subtask", "东升电气")]
    assert [row["late_minutes"] for row in late] == [10, 20]
    for row in late:
        assert_fits(schemas.LateOut, row)
    before = (world.now + timedelta(minutes=25)).isoformat()
    assert [row["key"] for row in api("desk").get(f"/cases/{number}/late", as_of=before).json()] == ["subtask"]
    assert api("owner").get(f"/cases/{number}/late").json() == []


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
        (fresh, 4),
        (number, 4),
    ):  # token, case, clocks; and whether any runs beside them, or the timeline where there is something to explain
        desk.get(f"/cases/{which}")
        with django_assert_num_queries(n):
            desk.get(f"/cases/{which}")
