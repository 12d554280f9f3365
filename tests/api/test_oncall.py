"""The night over the API: the list, two ways to take a case, whom to ring."""

import uuid
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from steward.registers.workforce.oncall import duty_date
from tests.api.conftest import Api
from tests.world import World

Speak = Callable[..., Api]


def sent(**data: object) -> dict[str, object]:
    return {"client_uuid": str(uuid.uuid4()), **data}


def report(**more: Any) -> dict[str, object]:
    told = {"project": "YX", "kind": "repair", "title": "水管爆了", "description": "主卧", "channel": "phone"}
    return sent(**told, category="leak", unit="3-2-1201", **more)


def test_the_list_is_read_and_kept(api: Speak, world: World) -> None:
    tonight = duty_date(world.project_id, timezone.now()).isoformat()
    listed = api("desk").get("/on-call", project="YX").json()
    assert [night["on_call"] for night in listed] == [[]] * 7
    assert listed[0]["gaps"] == ["technician", "manager", "plumbing", "electrical"]
    staff = world.company.staff
    entries = {"technician": {"staff": staff["tech2"].pk, "stand_in": staff["tech"].pk}}
    assert api("desk").post(f"/on-call/YX/{tonight}", {"entries": entries}).status_code == 403
    night = api("manager").post(f"/on-call/YX/{tonight}", {"entries": entries}).json()
    assert night["gaps"] == ["manager"]
    assert night["on_call"][0]["stand_in"]["name"] == "李建国"
    assert api("desk").get("/on-call", project="YX", since="9999-12-30").status_code == 422
    over = (timezone.now() - timedelta(days=9)).date().isoformat()
    assert api("manager").post(f"/on-call/YX/{over}", {"entries": entries}).status_code == 422


def test_urgent_rings_and_goes_on_to_the_next(api: Speak) -> None:
    desk, body = api("desk"), report()
    done = desk.post("/night/urgent", body).json()
    assert (done["state"], done["ring"]["name"]) == ("dispatched", "李建国")
    assert desk.post("/night/urgent", body).json()["case"] == done["case"]
    number = done["case"]
    assert desk.get(f"/cases/{number}/on-call").json()["left"][0]["name"] == "王强"
    second = desk.post(f"/cases/{number}/on-call/ring", sent(seen=1, outcome="declined", note="在外地")).json()
    assert second["ring"]["name"] == "王强"
    assert desk.post(f"/cases/{number}/on-call/comes", sent(seen=2, note="十分钟")).json()["state"] == "coming"
    rings = desk.get(f"/cases/{number}/on-call").json()["rings"]
    assert [(r["name"], r["state"]) for r in rings] == [("李建国", "declined"), ("王强", "coming")]


def test_morning_promises_a_call_and_refuses_danger(api: Speak) -> None:
    desk = api("desk")
    done = desk.post("/night/morning", report()).json()
    assert done["calls_by"]
    assert desk.get(f"/cases/{done['case']}/next-word").json()["by"] == done["calls_by"]
    refused = desk.post("/night/morning", {**report(), "category": "lift"})
    assert (refused.status_code, refused.json()["rule"]) == (409, "night.danger")


@pytest.mark.parametrize("who", ["outsider", "foreign_owner", "owner"])
def test_out_of_scope_nothing_of_it_is_there(api: Speak, who: str) -> None:
    number = api("desk").post("/night/urgent", report()).json()["case"]
    other = api(who)
    assert other.get("/on-call", project="YX").status_code == 404
    assert other.post(f"/cases/{number}/on-call/ring", sent()).status_code in (403, 404)
    assert other.post("/night/urgent", report()).status_code in (403, 404)
