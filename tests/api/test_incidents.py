"""Incidents and rain through the API: one cause told once, callers joined, one closing."""

import uuid
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from steward.assurance.models import Callback
from steward.cases.models import Deadline
from tests.api.conftest import Api
from tests.world import World

Speak = Callable[..., Api]


def sent(**data: object) -> dict[str, object]:
    return {"client_uuid": str(uuid.uuid4()), **data}


def begin(desk: Api, world: World, **more: Any) -> Any:
    expected = (timezone.now() + timedelta(hours=3)).isoformat()
    data = {"project": "YX", "title": "3栋停水", "words": "水管爆裂，正在抢修", "category": "leak", "building": "3"}
    return desk.post("/incidents", sent(**{**data, "expected_at": expected, **more}))


def test_from_the_first_call_to_the_closing(api: Speak, world: World) -> None:
    desk = api("desk")
    first = desk.open(unit="3-2-1201", category="leak", payer="common").json()["number"]
    opened = begin(desk, world, cases=[first])
    assert opened.status_code == 201, opened.content
    number = opened.json()["number"]
    body = sent(unit="3-2-1101", channel="phone")
    second = desk.post(f"/incidents/{number}/callers", body)
    assert second.status_code == 201, second.json()
    assert desk.post(f"/incidents/{number}/callers", body).json() == second.json(), "sent twice it is one caller"
    assert [i["number"] for i in desk.get("/incidents", project="YX").json()] == [number]
    assert desk.post(f"/incidents/{number}/on-site", sent()).status_code == 200
    assert Deadline.objects.in_project(world.project_id).filter(key="arrival", outcome="met").count() == 2
    news = desk.post(f"/incidents/{number}/news", sent(words="还要一小时"))
    assert news.json()["words"] == "还要一小时"
    assert news.json()["expected_at"] is None, "no new time was promised"
    closing = desk.post(f"/incidents/{number}/close", sent(words="修好了，已通水")).json()
    assert set(closing["done"]) == {first, second.json()["case"]}
    assert closing["left"] == {}
    assert Callback.objects.in_project(world.project_id).filter(ended_at__isnull=True).count() == 2
    assert desk.get("/incidents").json() == []
    assert desk.get(f"/incidents/{number}").json()["closed_at"]


def test_linked_and_taken_out(api: Speak, world: World) -> None:
    desk = api("desk")
    number = begin(desk, world).json()["number"]
    case = desk.open(unit="3-2-1201", category="leak", payer="common").json()["number"]
    assert desk.post(f"/incidents/{number}/cases", sent(case=case)).status_code == 200
    again = desk.post(f"/incidents/{number}/cases", sent(case=case))
    assert (again.status_code, again.json()["rule"]) == (409, "incident.one_cause")
    assert desk.post(f"/incidents/{number}/leave", sent(case=case, reason="另有原因")).status_code == 200
    assert desk.post(f"/incidents/{number}/close", sent(words="修好了")).json()["done"] == []


def test_a_building_that_is_not_there(api: Speak, world: World) -> None:
    answer = begin(api("desk"), world, building="99")
    assert answer.status_code == 422
    assert "building" in answer.json()["fields"]


@pytest.mark.parametrize(("who", "status"), [("outsider", 404), ("foreign_owner", 404), ("tech", 403), ("owner", 403)])
def test_for_the_office_of_the_project_only(api: Speak, world: World, who: str, status: int) -> None:
    desk, other = api("desk"), api(who)
    number = begin(desk, world).json()["number"]
    answers = [
        begin(other, world),
        other.post(f"/incidents/{number}/callers", sent(unit="3-2-1101")),
        other.post(f"/incidents/{number}/cases", sent(case="BX-YX-261121-0001")),
        other.post(f"/incidents/{number}/leave", sent(case="BX-YX-261121-0001", reason="另有原因")),
        other.post(f"/incidents/{number}/on-site", sent()),
        other.post(f"/incidents/{number}/news", sent(words="还要一小时")),
        other.post(f"/incidents/{number}/close", sent(words="修好了")),
        other.post("/rain/YX", sent(day=f"{timezone.localdate() - timedelta(days=1)}", millimetres="12")),
    ]
    assert [a.status_code for a in answers] == [status] * len(answers)
    assert desk.get(f"/incidents/{number}").json()["version"] == 1


def test_what_is_elsewhere_is_not_there(api: Speak, world: World) -> None:
    number = begin(api("desk"), world).json()["number"]
    assert api("outsider").get(f"/incidents/{number}").status_code == 404
    assert api("outsider").get("/incidents").json() == []
    assert api("owner").get("/incidents").status_code == 403
    assert api("owner").get(f"/incidents/{number}").status_code == 403


def test_rain_is_typed_in_and_corrected_with_a_reason(api: Speak, world: World) -> None:
    desk, day = api("desk"), f"{timezone.localdate() - timedelta(days=1)}"
    assert desk.post("/rain/YX", sent(day=day, millimetres="12.5")).json()["millimetres"] == "12.5"
    assert desk.post("/rain/YX", sent(day=day, millimetres="12.5")).status_code == 200
    assert desk.post("/rain/YX", sent(day=day, millimetres="0")).status_code == 422
    assert desk.post("/rain/YX", sent(day=day, millimetres="0", reason="读错了")).json()["millimetres"] == "0.0"
