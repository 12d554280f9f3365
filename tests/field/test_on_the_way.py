"""What a butler does on the way: answers offers, calls back, writes the duty log."""

import uuid
from datetime import timedelta
from http import HTTPStatus
from typing import Any

import pytest
import time_machine
from django.test import Client
from django.utils import timezone

from steward.assurance.duty_models import DutyEntry
from steward.assurance.models import Callback
from steward.assurance.policies import QUIET, QuietHours
from steward.casework.accountability import handovers
from steward.casework.models import Handover
from steward.kernel.actor import SYSTEM
from steward.kernel.policies import set_policy
from tests.field.conftest import signed_in, to_state
from tests.world import World


@pytest.fixture
def offered(world: World) -> str:
    number: str = world.open("desk", urgency="P2", payer="owner").case.number
    handovers.offer_handover(
        project_id=world.project_id,
        number=number,
        data={"receiver": world.company.staff["butler"].pk, "reason": "我下班了"},
        actor=world.actor("desk"),
        at=world.now,
        client_uuid=uuid.uuid4(),
    )
    return number


def tap(client: Client, path: str, **data: Any) -> Any:
    return client.post(path, {"client_uuid": str(uuid.uuid4()), **data}, headers={"Accept": "application/json"})


def test_an_offer_is_taken_over(world: World, offered: str) -> None:
    phone = signed_in(world, "butler")
    assert "我下班了" in phone.get("/field/").content.decode()
    assert "接手" in phone.get(f"/field/offers/{offered}/").content.decode()
    assert tap(phone, f"/field/offers/{offered}/accept_handover/").json()["status"] == "done"
    assert Handover.objects.unscoped().get().state == "accepted"
    assert phone.get(f"/field/offers/{offered}/").status_code == HTTPStatus.NOT_FOUND
    assert signed_in(world, "tech").get(f"/field/offers/{offered}/").status_code == HTTPStatus.NOT_FOUND


def test_an_offer_is_declined_out_of_the_queue(world: World, offered: str) -> None:
    phone, stamp = signed_in(world, "butler"), timezone.now().isoformat()
    refused = tap(phone, f"/field/offers/{offered}/decline_handover/", reason="")
    assert list(refused.json()["fields"]) == ["reason"]
    about = {"owner": world.actor("butler").key, "number": offered, "action": "decline_handover"}
    sent = {**about, "client_uuid": str(uuid.uuid4()), "tapped_at": stamp, "sent_at": stamp, "reason": "我在休假"}
    assert phone.post("/field/replay/", sent).json()["status"] == "done"
    assert Handover.objects.unscoped().get().state == "declined"


def test_a_butler_calls_back_on_the_way(world: World) -> None:
    at_any_hour = QuietHours(spans=())
    now = world.now
    set_policy(QUIET, value=at_any_hour, node_id=world.project_id, actor=SYSTEM, effective_from=now, at=now)
    number = to_state(world, "settling")
    world.pass_time(hours=4)
    phone = signed_in(world, "butler")
    with time_machine.travel(world.now):
        page = phone.get("/field/calls/").content.decode()
        assert number in page
        assert 'href="tel:13800016621"' in page
        assert "听力弱" in page
        done = tap(phone, f"/field/jobs/{number}/callback/", outcome="satisfied", rating="4", comment="很好")
        assert done.json() == {"status": "done", "next": "/field/calls/"}
        assert number not in phone.get("/field/calls/").content.decode()
    assert Callback.objects.unscoped().get().ended_at is not None
    assert signed_in(world, "tech").get("/field/calls/").status_code == HTTPStatus.NOT_FOUND


def test_the_duty_log_is_written_where_it_happened(world: World) -> None:
    phone = signed_in(world, "butler")
    page = phone.get("/field/duty/").content.decode()
    assert "值班日志" in page
    local = (timezone.now() + timedelta(hours=8) - timedelta(minutes=5)).strftime("%Y-%m-%dT%H:%M")
    wrong = phone.post("/field/duty/", {"client_uuid": str(uuid.uuid4()), "happened_at": local, "text": ""})
    assert wrong.status_code == HTTPStatus.UNPROCESSABLE_ENTITY
    told = {"happened_at": local, "kind": "round", "place": "地下二层", "text": "水泵房积水已清"}
    same = {"client_uuid": str(uuid.uuid4()), **told}
    for _again in range(2):
        assert phone.post("/field/duty/", same).status_code == HTTPStatus.SEE_OTHER
    assert DutyEntry.objects.unscoped().get().place == "地下二层"
    assert "水泵房积水已清" in phone.get("/field/duty/").content.decode()
    assert signed_in(world, "tech").get("/field/duty/").status_code == HTTPStatus.NOT_FOUND


def test_a_line_of_the_log_comes_out_of_the_queue_once(world: World) -> None:
    phone, now = signed_in(world, "butler"), timezone.now()
    local = (now + timedelta(hours=8) - timedelta(minutes=40)).strftime("%Y-%m-%dT%H:%M")
    about = {"owner": world.actor("butler").key, "number": "云栖花园", "action": "duty_entry"}
    times = {"tapped_at": (now - timedelta(minutes=30)).isoformat(), "sent_at": now.isoformat()}
    item = {"client_uuid": str(uuid.uuid4()), "project": str(world.project_id), "happened_at": local, "kind": "round"}
    for _again in range(2):
        answer = phone.post("/field/replay/", {**about, **times, **item, "text": "配电房正常"})
        assert answer.json() == {"status": "done", "message": "", "kept": True}
    assert DutyEntry.objects.unscoped().get().text == "配电房正常"
    refused = phone.post("/field/replay/", {**about, **times, **item, "client_uuid": str(uuid.uuid4()), "text": ""})
    assert (refused.status_code, refused.json()["kept"]) == (HTTPStatus.UNPROCESSABLE_ENTITY, False)
    foreign = {**item, "project": str(world.company.nodes["JZ"].pk), "client_uuid": str(uuid.uuid4()), "text": "冒充"}
    assert phone.post("/field/replay/", {**about, **times, **foreign}).status_code == HTTPStatus.NOT_FOUND
