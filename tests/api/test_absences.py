"""Absences over the API: the same verbs and refusals as in the console."""

import uuid
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from tests.api.conftest import Api
from tests.world import World


def once(**body: Any) -> dict[str, Any]:
    return {"client_uuid": str(uuid.uuid4()), **body}


def asked(world: World, who: str = "tech") -> dict[str, Any]:
    today = (datetime.now(UTC) + timedelta(hours=8)).date()
    return once(staff=world.company.staff[who].pk, kind="Training", since=str(today), until=str(today))


def test_entered_read_and_called_off(world: World, api: Callable[[str], Api]) -> None:
    manager, body = api("manager"), asked(world)
    row = manager.post("/absences", body).json()
    assert (row["staff"]["name"], row["kind"], row["cancelled_at"]) == ("李建国", "Training", None)
    assert manager.post("/absences", body).json() == row, "the same again"
    assert manager.get("/absences").json() == [row]
    assert manager.post("/absences", asked(world)).status_code == 422
    done = manager.post(f"/absences/{row['id']}/cancel", once(why="改期")).json()
    assert done["cancelled_at"] is not None or done["until"] < row["until"]
    assert manager.get("/absences").json() == []


@pytest.mark.parametrize("who", ["desk", "tech", "owner", "outsider"])
def test_for_others_nothing_is_there(world: World, api: Callable[[str], Api], who: str) -> None:
    row = api("manager").post("/absences", asked(world)).json()
    other = api(who)
    assert other.get("/absences").status_code == 404
    assert other.post("/absences", asked(world, "tech2")).status_code == 404
    assert other.post(f"/absences/{row['id']}/cancel", once(why="试试")).status_code == 404
