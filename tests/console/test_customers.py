"""The page of a customer and of a room: everything on it, nothing in clear, few statements, nobody else's."""

import io
import json
import uuid
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from python_calamine import CalamineWorkbook

from steward.kernel.errors import InvalidError
from steward.kernel.models import AuditEvent
from steward.registers.party.models import Contact, Customer, DataRequest, Vehicle
from tests.console.conftest import Browser, SignIn, to_settling
from tests.party.test_files import do
from tests.world import World

PHONE, DAUGHTER = "13800016621", "13900010417"


def url(world: World, who: str = "owner", project: str = "YX") -> str:
    return f"/customers/{world.company.nodes[project].pk}/{world.company.customers[who].pk}/"


def unit_url(world: World, label: str = "3-2-1201") -> str:
    return f"/customers/{world.project_id}/unit/{world.company.units[f'YX:{label}'].pk}/"


def test_everything_about_a_customer_is_on_one_page(world: World, sign_in: SignIn) -> None:
    number = world.open("desk").case.number
    do(world, "add_vehicle", plate="浙A·12K62", note="白色")
    do(world, "add_flag", kind="elderly", note="按铃两次")
    do(world, "met", kind="visit", note="希望门口加扶手")
    page = sign_in("desk").page(url(world))
    for words in (
        "王淑芬",
        "3-2-1201",
        "138****6621",
        "周晓岚",
        "139****0417",
        "听力弱",
        "按铃两次",
        "浙A**K62",
        number,
        "希望门口加扶手",
    ):
        assert words in page, words
    assert f"/intake/?project={world.project_id}&amp;customer={world.company.customers['owner'].pk}" in page


def test_no_number_is_in_clear_anywhere_on_it(world: World, sign_in: SignIn) -> None:
    do(world, "correct", id_number="31010519520304123X")
    browser = sign_in("manager")
    for path in (
        url(world),
        f"{url(world)}privacy/",
        f"{url(world)}timeline/",
        unit_url(world),
        "/customers/",
        "/customers/?q=137",
    ):
        page = browser.page(path)
        for number in (PHONE, DAUGHTER, "19520304123X"):
            assert number not in page, path


@pytest.mark.parametrize("text", ["6621", "王淑芬", "wsf", "wangshufen", "浙A12K62", "A12K62", "淑芬"])
def test_found_by_phone_name_pinyin_and_plate(world: World, sign_in: SignIn, text: str) -> None:
    do(world, "add_vehicle", plate="浙A12K62")
    answer = sign_in("desk").client.get("/find/", {"q": text}, follow=True)
    assert answer.redirect_chain[-1][0] == url(world)


def test_a_room_leads_to_its_page_and_a_number_to_the_case(world: World, sign_in: SignIn) -> None:
    number = world.open("desk").case.number
    browser = sign_in("desk")
    assert browser.client.get("/find/", {"q": "3-2-1201"}, follow=True).redirect_chain[-1][0] == unit_url(world)
    assert browser.client.get("/find/", {"q": number}, follow=True).redirect_chain[-1][0] == f"/cases/{number}/"
    assert browser.client.get("/find/", {"q": "没有这个"}, follow=True).redirect_chain[-1][0].startswith("/cases/")


def test_the_history_of_a_room_outlives_its_people(world: World, sign_in: SignIn) -> None:
    occupancy = world.company.customers["tenant"].occupancies.get()
    do(world, "move_out", of="tenant", occupancy=occupancy.pk)
    world.pass_time(minutes=1)
    page = sign_in("desk").page(unit_url(world, "2-1-0304"))
    assert "刘洋" in page[page.index("历任住户") :]
    assert "高建民" in page


@pytest.mark.parametrize("path", ["page", "privacy/", "timeline/", "unit", "list"])
def test_at_most_ten_statements_and_no_more_for_a_busy_household(world: World, sign_in: SignIn, path: str) -> None:
    target = {"page": url(world), "unit": unit_url(world), "list": "/customers/"}.get(path) or f"{url(world)}{path}"
    browser = sign_in("manager")
    counts = []
    for rows in (1, 12):
        for n in range(rows):
            world.open("desk", title=f"第{n}件")
            do(world, "add_contact", name=f"家人{rows}{n}", relation="亲戚", phone=f"1390000{rows:02d}{n:02d}")
            do(world, "met", kind="call", note=f"第{n}次")
            do(world, "share", recipient="燃气公司", what="电话", purpose="维修", basis="contract")
        browser.page(target)
        with CaptureQueriesContext(connection) as seen:
            browser.page(target)
        counts.append(len(seen))
    assert counts[0] == counts[1] <= 10, counts


@pytest.mark.parametrize("who", ["tech", "tech2", "owner", "tenant", "outsider", "foreign_owner", "tower_desk"])
def test_nobody_else_sees_the_file(world: World, sign_in: SignIn, who: str) -> None:
    browser = sign_in(who)
    for path in (
        url(world),
        unit_url(world),
        f"{url(world)}privacy/",
        f"{url(world)}timeline/",
        f"{url(world)}do/correct/",
        f"{url(world)}show/phone/0/",
    ):
        assert browser.get(path).status_code == 404, path
        assert browser.post(path, {"reason": "我要看"}).status_code in (404, 405), path
    listed = browser.get("/customers/?q=6621")
    assert listed.status_code == 404 or "王淑芬" not in listed.content.decode()


def test_a_file_of_another_project_is_not_there_under_ours(world: World, sign_in: SignIn) -> None:
    foreign = world.company.customers["foreign_owner"].pk
    assert sign_in("hq").get(f"/customers/{world.project_id}/{foreign}/").status_code == 404
    assert sign_in("desk").get(url(world, "foreign_owner", "JZ")).status_code == 404


# --- masked values ---------------------------------------------------------------------------------------
def test_outside_a_case_a_reason_is_asked_and_kept(world: World, sign_in: SignIn) -> None:
    desk = sign_in("desk")
    path = f"{url(world)}show/phone/0/"
    for reason in ("", "  ", "看"):
        refused = desk.post(path, {"reason": reason})
        assert refused.status_code == 422
        assert PHONE not in refused.content.decode()
    assert not AuditEvent.objects.unscoped().filter(kind="view").exists()
    assert PHONE in desk.post(path, {"reason": "核对收房日期"}).content.decode()
    row = AuditEvent.objects.in_project(world.project_id).get(kind="view")
    assert (row.actor_name, row.reason, row.after["piece"]) == ("周敏", "核对收房日期", "phone")


def test_only_managers_read_who_looked(world: World, sign_in: SignIn) -> None:
    sign_in("desk").post(f"{url(world)}show/phone/0/", {"reason": "核对收房日期"})
    assert "核对收房日期" in sign_in("manager").page(f"{url(world)}privacy/")
    seen = sign_in("desk").page(f"{url(world)}privacy/")
    assert "核对收房日期" not in seen
    assert "file-log" not in seen, "not even that there is a log"


def test_a_contact_of_somebody_else_is_not_shown(world: World, sign_in: SignIn) -> None:
    contact = Contact.objects.in_project(world.project_id).get(name="周晓岚")
    desk = sign_in("desk")
    assert DAUGHTER in desk.post(f"{url(world)}show/phone/{contact.pk}/", {"reason": "急事找女儿"}).content.decode()
    assert desk.post(f"{url(world, 'tenant')}show/phone/{contact.pk}/", {"reason": "急事找女儿"}).status_code == 404


def test_the_callbacks_page_masks_and_the_case_is_the_reason(world: World, sign_in: SignIn) -> None:
    number = to_settling(world)
    world.pass_time(hours=22)
    butler = sign_in("butler")
    page = butler.page("/callbacks/")
    assert "138****6621" in page
    assert PHONE not in page
    assert DAUGHTER not in page
    assert PHONE in butler.post(f"/cases/{number}/phone/customer/", {}).content.decode()
    row = AuditEvent.objects.in_project(world.project_id).get(kind="view")
    assert (row.reason, row.after["case"], row.subject_id) == (number, number, str(world.company.customers["owner"].pk))
    assert number in sign_in("manager").page(f"{url(world)}privacy/")


# --- writing -----------------------------------------------------------------------------------------------
def post(browser: Browser, world: World, verb: str, **data: Any) -> Any:
    return browser.post(f"{url(world)}do/{verb}/", {"client_uuid": str(uuid.uuid4()), **data})


def test_a_dialog_asks_does_and_keeps_what_was_typed(world: World, sign_in: SignIn) -> None:
    desk = sign_in("desk")
    assert 'name="relation"' in desk.page(f"{url(world)}do/add_contact/")
    wrong = post(desk, world, "add_contact", name="顾建平", relation="女婿", phone="打不通")
    assert wrong.status_code == 422
    assert "顾建平" in wrong.content.decode()
    assert post(desk, world, "add_contact", name="顾建平", relation="女婿", phone="13700005580").status_code == 303
    page = desk.page(url(world))
    assert "顾建平" in page
    assert "137****5580" in page


def test_what_a_role_may_not_do_is_neither_offered_nor_done(world: World, sign_in: SignIn) -> None:
    for who in ("cashier", "region"):
        browser = sign_in(who)
        assert "do/correct/" not in browser.page(url(world))
        assert post(browser, world, "correct", name="王芬").status_code == 403
    assert post(sign_in("desk"), world, "make_key", plan="每季走访", responsible="1").status_code == 403


def test_a_new_customer_once_for_two_clicks(world: World, sign_in: SignIn) -> None:
    desk, same = sign_in("desk"), str(uuid.uuid4())
    data = {
        "client_uuid": same,
        "project": world.project_id,
        "kind": "person",
        "name": "顾晓峰",
        "phone": "13955550000",
        "unit": "3-2-1101",
        "role": "owner",
    }
    for _ in range(2):
        answer = desk.post("/customers/new/", data)
        assert answer.status_code == 303
    made = Customer.objects.in_project(world.project_id).get(name="顾晓峰")
    assert answer["Location"] == f"/customers/{world.project_id}/{made.pk}/"
    assert desk.client.get("/find/", {"q": "gxf"}, follow=True).redirect_chain[-1][0] == answer["Location"]
    refused = desk.post("/customers/new/", {**data, "client_uuid": str(uuid.uuid4()), "unit": "9-9-9999"})
    assert refused.status_code == 422
    assert "顾晓峰" in refused.content.decode()


def test_the_list_narrows_to_key_customers_with_plan_and_person(world: World, sign_in: SignIn) -> None:
    butler = world.company.staff["butler"].pk
    do(world, "make_key", who="headbutler", plan="每季走访一次", responsible=butler)
    page = sign_in("manager").page("/customers/?key=1")
    for words in ("王淑芬", "每季走访一次", "陈悦"):
        assert words in page
    assert "刘洋" not in page
    do(world, "add_flag", of="tenant", kind="animal")
    page = sign_in("manager").page("/customers/?care=animal")
    assert "刘洋" in page
    assert "王淑芬" not in page


# --- access -------------------------------------------------------------------------------------------------
def test_everything_about_the_person_for_a_request_only(world: World, sign_in: SignIn) -> None:
    number = world.open("desk").case.number
    do(world, "request", kind="access", how="desk")
    asked = DataRequest.objects.in_project(world.project_id).get()
    path = f"{url(world)}everything/{asked.pk}/"
    assert sign_in("desk").get(path).status_code == 403
    assert sign_in("manager").get(f"{url(world)}everything/{asked.pk + 1}/").status_code == 404
    assert sign_in("outsider").get(path).status_code == 404
    manager = sign_in("manager")
    page = manager.page(path)
    for words in ("王淑芬", PHONE, DAUGHTER, number, "3-2-1201"):
        assert words in page
    body = json.loads(manager.get(f"{path}?as=json").content)
    assert {"person", "rooms", "cases", "consents", "looks"} <= set(body)
    book = CalamineWorkbook.from_filelike(io.BytesIO(manager.get(f"{path}?as=xlsx").content))
    assert number in str([book.get_sheet_by_name(n).to_python() for n in book.sheet_names])
    assert AuditEvent.objects.in_project(world.project_id).filter(kind="export").count() == 3


def test_a_plate_belongs_to_one_customer_here(world: World) -> None:
    do(world, "add_vehicle", plate="沪A 12362K")
    with pytest.raises(InvalidError) as caught:
        do(world, "add_vehicle", of="tenant", plate="沪A·12362K")
    assert set(caught.value.fields) == {"plate"}
    assert Vehicle.objects.in_project(world.project_id).get().plate == "沪A12362K"


# --- requests about personal data ---------------------------------------------------------------------------
def test_the_manager_finds_what_waits_for_an_answer_and_answers_from_there(world: World, sign_in: SignIn) -> None:
    """The law gives fifteen days: a request that only stands in a file is a request nobody answers."""
    do(world, "request", kind="erasure", how="phone", text="旧电话请删掉")
    do(world, "request", kind="access", how="desk")
    desk, manager = sign_in("desk"), sign_in("manager")
    page = manager.page("/")
    asked = DataRequest.objects.in_project(world.project_id).get(kind="erasure")
    answer = f"{url(world)}do/answer/?request={asked.pk}"
    assert answer in page
    assert "旧电话请删掉" in page
    assert "旧电话请删掉" not in desk.page("/")
    assert answer in manager.page(f"{url(world)}privacy/")
    assert "do/answer/" not in desk.page(f"{url(world)}privacy/")
    form = manager.page(answer)
    assert "删除我的信息 · 11-21 · 旧电话请删掉" in form, "which of the two it is"
    assert f'name="request" value="{asked.pk}" checked' in form
    refused = post(manager, world, "answer", request=str(asked.pk), outcome="done", answer="已删除")
    assert refused.status_code == 409
    assert "请选“不予办理”" in refused.content.decode()
    given = post(manager, world, "answer", request=str(asked.pk), outcome="refused", answer="仍是业主")
    assert given.status_code == 303
    assert answer not in manager.page("/")


def test_the_only_one_to_choose_is_chosen(world: World, sign_in: SignIn) -> None:
    do(world, "request", kind="access", how="desk")
    asked = DataRequest.objects.in_project(world.project_id).get()
    assert f'name="request" value="{asked.pk}" checked' in sign_in("manager").page(f"{url(world)}do/answer/")


def test_what_was_entered_new_is_not_said_to_replace_nothing(world: World, sign_in: SignIn) -> None:
    do(world, "add_vehicle", plate="浙A8F21D")
    page = sign_in("manager").page(f"{url(world)}privacy/")
    assert "→" not in page[page.index("file-log") :]


@pytest.mark.parametrize("count", [1, 12])
def test_the_managers_workbench_keeps_its_statements(world: World, sign_in: SignIn, count: int) -> None:
    customers = list(Customer.objects.in_project(world.project_id).order_by("pk")[:count])
    for who in customers:
        DataRequest.objects.create(
            project_id=world.project_id,
            customer=who,
            kind="access",
            asked_at=world.now,
            asked_by="desk",
            due_at=world.now,
            policy_version=1,
        )
    manager = sign_in("manager")
    manager.page("/")
    with CaptureQueriesContext(connection) as found:
        manager.page("/")
    assert len(found) <= 10, [q["sql"] for q in found.captured_queries]
