"""A complaint on the residents' page: sent, followed, rated, taken up again, withdrawn; and rated behind a link."""

import uuid
from collections.abc import Iterator
from http import HTTPStatus
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from steward.cases.models import Case
from steward.kernel import reference
from steward.kernel.models import Outbox
from tests.processes.test_complaint import answered, solved
from tests.world import World


@pytest.fixture
def world(world: World) -> Iterator[World]:
    world.now = timezone.now().replace(microsecond=0)
    yield world
    reference.forget()


@pytest.fixture
def owner(client: Client, world: World) -> Client:
    client.force_login(world.company.users["owner"], backend="django.contrib.auth.backends.ModelBackend")
    return client


def case_of(number: str) -> Case:
    return Case.objects.unscoped().select_related("complaint").get(number=number)


def text(answer: Any) -> str:
    return str(answer.content.decode())


def post(client: Client, path: str, **data: Any) -> Any:
    return client.post(path, {"client_uuid": str(uuid.uuid4()), **data})


def home_id(world: World) -> str:
    return str(world.actor("owner").homes[0].unit_id)


def mine(world: World, make: Any) -> str:
    """A complaint of the owner's own, as far as ``make`` takes it."""
    number: str = make(world)
    owner = world.actor("owner").homes[0]
    Case.objects.unscoped().filter(number=number).update(customer_id=owner.customer_id, unit_id=owner.unit_id)
    return number


def test_sent_with_what_is_asked_for_and_followed(owner: Client, world: World) -> None:
    assert "赔礼道歉" in text(owner.get("/portal/complain/"))
    sent = {"home": home_id(world), "about": "D", "what": "楼道三天没扫。\n味道很大", "remedy": "每天清扫"}
    answer = post(owner, "/portal/complain/", **sent)
    assert answer.status_code == HTTPStatus.SEE_OTHER
    case = Case.objects.unscoped().select_related("complaint").get(kind="complaint")
    assert (case.title, case.complaint.remedy, case.channel) == ("楼道三天没扫", "每天清扫", "portal")
    page = text(owner.get(answer["Location"]))
    for words in ("已收到您的投诉，马上受理", "调查核实并答复您", "撤回"):
        assert words in page, words


def test_nothing_typed_is_lost(owner: Client, world: World) -> None:
    answer = post(owner, "/portal/complain/", home=home_id(world), about="D", what="", remedy="每天清扫")
    assert (answer.status_code, "每天清扫" in text(answer)) == (HTTPStatus.UNPROCESSABLE_ENTITY, True)


def test_the_answer_is_read_and_our_findings_are_not(owner: Client, world: World) -> None:
    page = text(owner.get(f"/portal/cases/{mine(world, answered)}/"))
    assert "经查属实，今天下午完成清扫" in page
    assert "查监控属实" not in page


def test_rated_on_the_page(owner: Client, world: World) -> None:
    number = mine(world, solved)
    assert "确认是否满意" in text(owner.get("/portal/"))
    answer = post(owner, f"/portal/cases/{number}/rate/", rating="4", comment="谢谢")
    assert answer.status_code == HTTPStatus.SEE_OTHER
    case = case_of(number)
    assert (case.state, case.complaint.rating) == ("closed", 4)


def test_not_satisfied_it_is_taken_up_again(owner: Client, world: World) -> None:
    number = mine(world, solved)
    post(owner, f"/portal/cases/{number}/reopen/", reason="又脏了")
    assert (case_of(number).state, case_of(number).round) == ("received", 2)
    page = text(owner.get(f"/portal/cases/{number}/"))
    assert "不满意：又脏了" in page


def test_withdrawn(owner: Client, world: World) -> None:
    number = mine(world, answered)
    assert "要撤回这件投诉吗" in text(owner.get(f"/portal/cases/{number}/cancel/"))
    post(owner, f"/portal/cases/{number}/cancel/", reason="已经解决了")
    assert case_of(number).state == "cancelled"


def test_rated_behind_a_link_once(client: Client, world: World) -> None:
    number = world.open("desk", kind="complaint", title="楼道脏", channel="phone", unit="3-2-1201").case.number
    world.act("desk", number, "acknowledge", severity="minor")
    handler = world.company.staff["headbutler"].pk
    world.act("desk", number, "assign", responsible_unit="环境部", handler=handler)
    world.act("headbutler", number, "investigate", findings="属实", validity="valid", validity_reason="漏扫")
    world.act("headbutler", number, "answer", answer="今天清扫")
    world.act("headbutler", number, "solve", solution="已清扫", root_cause="排班", corrective_action="复核")
    row = Outbox.objects.unscoped().get(channel="inapp", payload__template="complaint.solved")
    path = row.payload["path"]
    page = text(client.get(path))
    assert "问题解决了吗" in page
    assert "已清扫" in page
    assert post(client, path, rating="3").status_code == HTTPStatus.SEE_OTHER
    assert (case_of(number).state, case_of(number).complaint.rating) == ("closed", 3)
    assert post(client, path, rating="1").status_code == HTTPStatus.CONFLICT
    assert case_of(number).state == "closed"
