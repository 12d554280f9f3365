"""The call screen in its details: any wording finds, the card advises, a number is shown in one click."""

import re
import uuid
from decimal import Decimal

import pytest

from steward.kernel.models import AuditEvent
from steward.registers.billing import operations as billing
from steward.registers.estate.models import Unit
from steward.registers.party import search
from steward.registers.party.models import Vehicle
from tests.console.conftest import SignIn
from tests.world import World


@pytest.mark.parametrize(
    ("typed", "by"),
    [
        ("3#1201", "房号"),
        ("3栋2单元1201", "房号"),
        ("三号楼二单元1201室", "房号"),
        ("321201", "房号"),
        ("桂花小屋", "房号"),
        ("王淑芬", "姓名"),
        ("wangshufen", "拼音"),
        ("wsf", "拼音"),
        ("6621", "手机尾号"),
        ("13800016621", "电话"),
        ("浙A12345", "车牌"),
    ],
)
def test_any_wording_finds_and_the_chip_names_what_matched(world: World, sign_in: SignIn, typed: str, by: str) -> None:
    unit = world.company.units["YX:3-2-1201"]
    Unit.objects.in_project(world.project_id).filter(pk=unit.pk).update(nicknames="桂花小屋")
    Vehicle.objects.create(
        project_id=world.project_id, customer=world.company.customers["owner"], plate="浙A12345", since=world.now
    )
    search.reindex(world.project_id)
    items = sign_in("desk").get("/intake/units/", query_params={"q": typed}).json()["items"]
    assert items, typed
    assert items[0]["by"] == by
    assert "3-2-1201" in items[0]["label"] + items[0]["hint"]


def test_a_case_is_found_by_the_tail_of_its_number(world: World, sign_in: SignIn) -> None:
    number = world.open("desk").case.number
    items = sign_in("desk").get("/intake/units/", query_params={"q": number[-4:]}).json()["items"]
    assert (items[0]["value"], items[0]["by"]) == (f"/cases/{number}/", "单号")


def owing(world: World, unit: str) -> str:
    row = world.company.units[f"YX:{unit}"]
    billing.raise_charge(
        project_id=world.project_id,
        source_kind="case",
        source=f"X-{unit}",
        round=1,
        unit_id=row.pk,
        customer_id=None,
        payer_name="x",
        description="上门费",
        lines=[billing.LineInput("上门费", Decimal(1), Decimal(30))],
        actor=world.actor("cashier"),
        at=world.now,
    )
    return f"/intake/?project={world.project_id}&unit={row.pk}"


def test_arrears_carry_the_advice(world: World, sign_in: SignIn) -> None:
    desk, here = sign_in("desk"), owing(world, "5-1-0902")
    assert "可在结束前提醒一次" in desk.page(here)
    world.open("desk", unit="5-1-0902")
    assert "还有未办结的事，此次不催缴" in desk.page(here)
    world.open("desk", kind="complaint", title="保洁不到位", unit="5-1-0902")
    assert "有未结投诉" in desk.page(here)
    assert "关照户，电话中不催缴" in desk.page(owing(world, "3-2-1201")), "the daughter is to be called"


def test_care_stands_before_the_rooms(world: World, sign_in: SignIn) -> None:
    unit = world.company.units["YX:3-2-1201"].pk
    page = sign_in("desk").page(f"/intake/?project={world.project_id}&unit={unit}")
    assert page.index("听力弱") < page.index('aria-label="3-2-1201"')


def test_a_number_is_shown_in_one_click_and_the_call_is_the_reason(world: World, sign_in: SignIn) -> None:
    desk, owner = sign_in("desk"), world.company.customers["owner"].pk
    unit = world.company.units["YX:3-2-1201"].pk
    page = desk.page(f"/intake/?project={world.project_id}&unit={unit}")
    here = re.search(r'hx-post="(/intake/number/[^"]+)"', page)
    assert here
    shown = desk.post(here[1], {"begun": "2026-11-21T02:20:00Z"}).content.decode()
    assert 'href="tel:13800016621"' in shown
    look = AuditEvent.objects.in_project(world.project_id).get(what="customer.reveal")
    assert look.subject_id == str(owner)
    assert "2026-11-21 02:20" in look.reason
    assert sign_in("outsider").post(here[1], {}).status_code == 404


def test_an_unknown_caller_is_asked_for_name_room_and_relation_only(world: World, sign_in: SignIn) -> None:
    page = sign_in("desk").page("/intake/?caller=13311112222&q=13311112222")
    card = page[page.index('id="who"') : page.index('id="more"')]
    assert "新来电人" in card
    assert re.findall(r'data-mirror="(\w+)"', card) == ["reporter_name", "place", "reporter_relation"]


def test_a_refused_save_says_so_beside_the_button(world: World, sign_in: SignIn) -> None:
    form = {"client_uuid": str(uuid.uuid4()), "kind": "repair", "channel": "phone", "reporter_name": "周晓岚"}
    answer = sign_in("desk").post("/intake/", form)
    page = answer.content.decode()
    assert answer.status_code == 422
    assert page.index("没有保存") < page.index('data-key="Enter"')
    assert 'value="周晓岚"' in page


def test_a_number_nobody_has_on_file_is_a_new_caller(world: World, sign_in: SignIn) -> None:
    desk = sign_in("desk")
    for typed in ("13911112222", "139 1111 2222", "+86 139-1111-2222"):
        found = desk.get("/intake/units/", data={"q": typed}).json()["items"]
        assert [item["label"] for item in found] == ["13911112222"]
    card = desk.page("/intake/household/?" + found[0]["value"].partition("?")[2])
    assert "新来电人" in card
    for typed in ("9-1-9901", "查无此人", "999"):
        assert desk.get("/intake/units/", data={"q": typed}).json()["items"] == []
