"""Beside repairs: whatever a colleague handles is served on the phone, by the process's own declaration."""

import uuid
from datetime import timedelta
from decimal import Decimal
from http import HTTPStatus
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from steward.cases.models import Case, Entry
from tests.field.conftest import signed_in, to_state
from tests.world import World


def order(world: World, who: str = "butler", **data: Any) -> str:
    """Three hours of cleaning, arranged for tomorrow with ``who``."""
    told = {"item": "S-CLEAN", "quantity": "3", "told_amount": "150.00", "category": "home", **data}
    number: str = world.open("desk", kind="service_order", title="擦玻璃和厨房", **told).case.number
    later = (world.now.replace(hour=7)).isoformat()
    world.act("desk", number, "arrange", handler=world.company.staff[who].pk, appointment_at=later)
    return number


def tap(client: Client, number: str, action: str, **data: Any) -> Any:
    asked = {"client_uuid": str(uuid.uuid4()), **data}
    return client.post(f"/field/jobs/{number}/{action}/", asked, headers={"Accept": "application/json"})


def replay(client: Client, world: World, number: str, action: str, who: str = "butler", **data: Any) -> Any:
    stamp = world.now.isoformat()
    about = {"owner": f"staff:{world.company.staff[who].pk}", "number": number, "action": action}
    asked = {**about, "client_uuid": str(uuid.uuid4()), "tapped_at": stamp, "sent_at": stamp, **data}
    return client.post("/field/replay/", asked)


def case_of(number: str) -> Case:
    return Case.objects.unscoped().select_related("service_order").get(number=number)


def next_on(page: str) -> str:
    """The action of the one button shown."""
    shown = [part.split('"')[0] for part in page.split('data-next="')[1:] if " hidden" not in part.split(">")[0]]
    assert len(shown) == 1, shown
    return shown[0]


def test_an_order_is_accepted_gone_to_and_done_at_the_published_price(world: World) -> None:
    phone, number = signed_in(world, "butler"), order(world)
    assert number in phone.get("/field/").content.decode()
    page = phone.get(f"/field/jobs/{number}/").content.decode()
    assert next_on(page) == "accept"
    assert "¥150.00" in page
    assert "¥50.00/小时 × 3 小时" in page
    assert tap(phone, number, "accept").json()["status"] == "done"
    assert tap(phone, number, "accept").status_code == HTTPStatus.CONFLICT
    assert next_on(phone.get(f"/field/jobs/{number}/").content.decode()) == "arrive"
    tap(phone, number, "arrive")
    assert next_on(phone.get(f"/field/jobs/{number}/").content.decode()) == "finish"
    more = tap(phone, number, "finish", result="做了四小时", quantity="4")
    assert (more.status_code, more.json()["rule"]) == (HTTPStatus.CONFLICT, "service_order.within_told")
    done = tap(phone, number, "finish", result="厨房和客厅都擦了", quantity="2", photos=str(world.photo("butler")))
    assert done.json()["next"] == f"/field/jobs/{number}/"
    case = case_of(number)
    assert (case.state, case.service_order.amount) == ("done", Decimal("100.00"))
    home = phone.get("/field/").content.decode()
    assert home.index(number) > home.index('data-tab-panel="done"')
    portal = signed_in(world, "owner").get(f"/portal/cases/{number}/").content.decode()
    assert "陈悦" in portal


def test_given_back_it_is_arranged_anew(world: World) -> None:
    phone, number = signed_in(world, "butler"), order(world)
    tap(phone, number, "accept")
    tap(phone, number, "give_back", reason="我明天休息")
    case = case_of(number)
    assert (case.state, case.handler_id, case.service_order.accepted_at) == ("received", None, None)
    assert number not in phone.get("/field/").content.decode()
    assert case.deadlines.filter(key="arrange", ended_at__isnull=True).exists(), "the clock runs again"
    told = Entry.objects.unscoped().get(case__number=number, action="give_back")
    assert told.data["handler"] is None, "from then on nobody has it, also in the account of a delay"


def test_the_queue_replays_an_order_in_order_and_keeps_what_is_refused(world: World) -> None:
    phone, number = signed_in(world, "butler"), order(world)
    for action in ("accept", "arrive"):
        assert replay(phone, world, number, action).json()["status"] == "done"
    world.act("desk", number, "cancel", reason="业户取消")
    refused = replay(phone, world, number, "finish", result="做完了").json()
    assert (refused["status"], refused["kept"]) == ("conflict", True)


def complaint(world: World, who: str) -> str:
    number: str = world.open("desk", kind="complaint", title="楼道灯不亮没人管", category="B").case.number
    world.act("desk", number, "acknowledge", severity="minor")
    world.act("headbutler", number, "assign", handler=world.company.staff[who].pk, responsible_unit="工程部")
    return number


def test_a_complaint_is_investigated_and_answered_on_the_phone(world: World) -> None:
    phone, number = signed_in(world, "butler"), complaint(world, "butler")
    page = phone.get(f"/field/jobs/{number}/").content.decode()
    assert next_on(page) == "investigate"
    found = {"findings": "灯具老化", "validity": "valid", "validity_reason": "应巡查发现"}
    assert tap(phone, number, "investigate", **found).json()["status"] == "done"
    assert next_on(phone.get(f"/field/jobs/{number}/").content.decode()) == "answer"
    assert tap(phone, number, "answer", answer="今天换好").json()["status"] == "done"
    actions = Entry.objects.unscoped().filter(case__number=number).values_list("action", flat=True)
    assert {"investigate", "answer"} <= set(actions)


@pytest.mark.parametrize(
    ("kind", "pass_on", "answer"),
    [
        ("inquiry", {"action": "pass_on"}, {"answer": "周二上午可以办理"}),
        ("suggestion", {"action": "route", "responsible_unit": "环境部"}, {"answer": "已安排", "decision": "adopted"}),
    ],
)
def test_what_was_passed_on_to_me_is_answered(
    world: World, kind: str, pass_on: dict[str, Any], answer: dict[str, Any]
) -> None:
    number = world.open("desk", kind=kind, title="门禁卡怎么补办").case.number
    data = {"handler": world.company.staff["tech"].pk, **pass_on}
    world.act("desk", number, data.pop("action"), **data)
    phone = signed_in(world, "tech")
    assert next_on(phone.get(f"/field/jobs/{number}/").content.decode()) == "answer"
    assert tap(phone, number, "answer", **answer).json()["status"] == "done"
    assert case_of(number).state == "answered"


def test_one_tap_says_what_comes_next_whatever_the_kind(world: World) -> None:
    phone, number = signed_in(world, "butler"), order(world)
    page = phone.get(f"/field/jobs/{number}/").content.decode()
    assert f"/field/jobs/{number}/update/" in page
    later = (timezone.now() + timedelta(hours=3)).isoformat()
    assert tap(phone, number, "update", word="两点到您家", next_at=later).json()["status"] == "done"


def test_tasks_cost_no_more_statements_than_jobs(world: World) -> None:
    phone, number = signed_in(world, "butler"), order(world)

    def cost(path: str) -> int:
        with CaptureQueriesContext(connection) as seen:
            assert phone.get(path).status_code == HTTPStatus.OK
        return len(seen)

    paths = ("/field/", f"/field/jobs/{number}/")
    phone.get("/field/")
    few = [cost(path) for path in paths]
    for _n in range(4):
        order(world)
        complaint(world, "butler")
    assert [cost(path) for path in paths] == few
    assert max(few) <= 10


def test_another_ones_order_is_not_there(world: World) -> None:
    number = order(world)
    assert signed_in(world, "tech").get(f"/field/jobs/{number}/").status_code == HTTPStatus.NOT_FOUND
    assert to_state(world, "accepted") in signed_in(world, "tech").get("/field/").content.decode()
