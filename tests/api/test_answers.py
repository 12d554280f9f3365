"""Answers are not validated at every request (it cost a quarter of a list): here they are held against their schemas."""

from collections.abc import Callable
from typing import Any

import pytest
from ninja import Schema

from steward.api import schemas
from tests.api.conftest import Api
from tests.world import World

Speak = Callable[[str], Api]


def assert_fits(shape: type[Schema], answer: dict[str, Any]) -> None:
    """Exactly the fields, each of its type and written as the schema writes it."""
    assert set(answer) == set(shape.model_fields)
    assert shape.model_validate(answer, strict=False) is not None


@pytest.fixture
def number(api: Speak, world: World) -> str:
    made = api("desk").open(unit="3-2-1201", urgency="P1", payer="owner", category="leak")
    assert made.status_code == 201
    assert_fits(schemas.CaseOut, made.json())
    return str(made.json()["number"])


def test_a_case(api: Speak, world: World, number: str) -> None:
    for who in ("desk", "owner"):
        seen = api(who).get(f"/cases/{number}").json()
        assert_fits(schemas.CaseWhole, seen)
        for deadline in seen["deadlines"]:
            assert_fits(schemas.DeadlineOut, deadline)
        for action in seen["actions"]:
            assert_fits(schemas.AllowedAction, action)
    assert seen["received_at"].endswith("Z")
    done = api("desk").act(number, "dispatch", handler=world.company.staff["tech"].pk).json()
    assert_fits(schemas.CaseOut, done)
    assert_fits(schemas.Named, done["handler"])


def test_a_list(api: Speak, number: str) -> None:
    page = api("desk").get("/cases", open="true").json()
    assert_fits(schemas.CasePage, page)
    assert [row["number"] for row in page["items"]] == [number]
    assert_fits(schemas.CaseBrief, page["items"][0])
    assert api("desk").get("/cases", open="false").json()["items"] == []


def test_a_timeline(api: Speak, number: str) -> None:
    entries = api("owner").get(f"/cases/{number}/timeline").json()
    assert [entry["action"] for entry in entries] == ["open"]
    assert_fits(schemas.EntryOut, entries[0])
