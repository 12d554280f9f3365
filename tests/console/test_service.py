"""Hand-overs on the pages."""

import re
import uuid
from typing import Any

import time_machine
from django.test import Client

from steward.cases.models import Case
from steward.casework.models import SubTask
from tests.console.conftest import Browser, SignIn
from tests.world import World


def send(browser: Browser, number: str, name: str, **data: Any) -> Any:
    data.setdefault("client_uuid", str(uuid.uuid4()))
    return browser.post(f"/cases/{number}/asks/{name}/", data)


def accountable(world: World, number: str) -> int | None:
    return Case.objects.in_project(world.project_id).get(number=number).accountable_id


def test_an_offer_is_made_on_the_case_and_answered_on_the_workbench(world: World, sign_in: SignIn) -> None:
    number = world.open("desk", urgency="P2", payer="owner").case.number
    butler = world.company.staff["butler"].pk
    desk = sign_in("desk")
    assert f"/cases/{number}/asks/hand-over/" in desk.page(f"/cases/{number}/")
    assert "陈悦" in desk.page(f"/cases/{number}/asks/hand-over/")
    answer = send(desk, number, "hand-over", receiver=butler, reason="我下午调休")
    assert (answer.status_code, answer["Location"]) == (303, f"/cases/{number}/")
    bench = sign_in("butler").page("/")
    assert "我下午调休" in bench
    assert f"/cases/{number}/asks/take-over/" in bench
    answer = send(sign_in("butler"), number, "take-over", back="workbench")
    assert (answer.status_code, answer["Location"]) == (303, "/")
    assert accountable(world, number) == butler


def test_a_refused_form_keeps_what_was_typed(world: World, sign_in: SignIn) -> None:
    number = world.open("desk", urgency="P2", payer="owner").case.number
    desk = sign_in("desk")
    answer = send(desk, number, "hand-over", receiver="", reason="我下午调休")
    assert answer.status_code == 422
    assert "我下午调休" in answer.content.decode()
    send(desk, number, "hand-over", receiver=world.company.staff["butler"].pk, reason="第一次")
    again = send(desk, number, "hand-over", receiver=world.company.staff["manager"].pk, reason="第二次")
    assert again.status_code == 409
    assert "第二次" in again.content.decode()


def test_only_a_manager_sees_the_order(world: World, sign_in: SignIn) -> None:
    number = world.open("desk", urgency="P2", payer="owner").case.number
    assert "/asks/order/" not in sign_in("desk").page(f"/cases/{number}/")
    assert "/asks/order/" in sign_in("manager").page(f"/cases/{number}/")
    refused = send(
        sign_in("desk"), number, "order", receiver=world.company.staff["butler"].pk, reason="替他", cause="sick"
    )
    assert refused.status_code == 403


def test_one_tap_says_what_comes_next_and_the_customer_reads_it(world: World, sign_in: SignIn) -> None:
    number = world.open("desk", urgency="P1", payer="owner").case.number
    desk = sign_in("desk")
    page = desk.page(f"/cases/{number}/")
    word = re.search(r'name="word" value="([^"]+)"><input type="hidden" name="next_at" value="([^"]+)"', page)
    assert word is not None
    answer = desk.post(
        f"/cases/{number}/actions/update/",
        {"client_uuid": str(uuid.uuid4()), "word": word[1], "next_at": word[2]},
    )
    assert answer.status_code == 303
    assert "师傅一小时内上门" in sign_in("owner").page(f"/portal/cases/{number}/")


def test_a_part_is_asked_of_others_and_reported_back(world: World, sign_in: SignIn) -> None:
    number = world.open("desk", urgency="P1", payer="owner").case.number
    world.act("desk", number, "dispatch", handler=world.company.staff["tech"].pk)
    desk, other = sign_in("desk"), sign_in("tech2")
    tech2 = world.company.staff["tech2"].pk
    assert send(desk, number, "sub-task", what="请查地下室水泵", colleague=tech2).status_code == 303
    row = SubTask.objects.in_project(world.project_id).get()
    assert "请查地下室水泵" in desk.page(f"/cases/{number}/")
    assert other.get(f"/cases/{number}/").status_code == 404
    assert "请查地下室水泵" in other.page("/field/")
    here = f"/field/asked/{row.project_id}/{row.pk}/"
    assert "请查地下室水泵" in other.page(here)
    assert other.post(f"{here}accept_subtask/", {"client_uuid": str(uuid.uuid4())}).status_code == 303
    wrong = other.post(f"{here}report_subtask/", {"client_uuid": str(uuid.uuid4()), "report": ""})
    assert wrong.status_code == 422
    report = {"client_uuid": str(uuid.uuid4()), "report": "止回阀已换"}
    assert other.post(f"{here}report_subtask/", report).status_code == 303
    assert "止回阀已换" in desk.page(f"/cases/{number}/")
    done = desk.post(f"/sub-tasks/{row.project_id}/{row.pk}/confirm/", {"client_uuid": str(uuid.uuid4())})
    assert done.status_code == 303


def test_a_contractor_reports_behind_a_link(world: World, sign_in: SignIn) -> None:
    number = world.open("desk", urgency="P1", payer="owner").case.number
    desk = sign_in("desk")
    send(desk, number, "sub-task", what="查困人电梯", contractor="迅达 刘工")
    row = SubTask.objects.in_project(world.project_id).get()
    words = desk.post(f"/sub-tasks/{row.project_id}/{row.pk}/link/", {}).content.decode()
    found = re.search(r"(/l/[\w.-]+/)", words)
    assert found is not None
    phone = Browser(Client())
    with time_machine.travel(world.now):
        assert "查困人电梯" in phone.page(found[1])
        assert number not in phone.page(found[1])
        answer = phone.post(found[1], {"client_uuid": str(uuid.uuid4()), "report": "已换门机皮带"})
        assert "谢谢" in answer.content.decode()
    row.refresh_from_db(from_queryset=SubTask.objects.in_project(world.project_id))
    assert (row.state, row.reported_by) == ("reported", "迅达 刘工")
    with time_machine.travel(world.now):
        assert phone.post(found[1], {"client_uuid": str(uuid.uuid4()), "report": "又来"}).status_code == 409
