"""The price list in the console: shown, changed from a day on, previewed, looked up, taken along."""

import uuid
from decimal import Decimal
from io import BytesIO
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from steward.kernel.excel import read
from steward.registers.billing.models import PriceList
from tests.console.conftest import Browser, SignIn, to_quoted, to_settling
from tests.world import World

ITEM = "/settings/prices/of/L-PLUMB/?place=YX"
LIST = "/settings/prices/?place=YX"


def form(**changes: str) -> dict[str, str]:
    data = {"name": "更换地暖分水器接头，人工", "kind": "labour", "unit": "次", "price": "200", "category": "water"}
    more = {"warranty_months": "3", "effective_on": "2026-11-21", "note": "", "do": "keep"}
    return {**data, **more, "client_uuid": str(uuid.uuid4()), **changes}


def refused(browser: Browser, path: str, data: dict[str, str]) -> str:
    answer = browser.post(path, data)
    assert answer.status_code == 422
    text: str = answer.content.decode()
    assert "field-error" in text
    return text


def test_the_list_in_force_by_kind_with_what_is_to_come(world: World, sign_in: SignIn) -> None:
    manager = sign_in("manager")
    page = manager.page(LIST)
    for words in ("上门费", "更换球阀，人工", "疏通地漏，一口价", "加时空调", "12 个月", "云栖花园全部执行公司价目表"):
        assert words in page
    assert manager.post(ITEM, form(price="220.00", effective_on="2026-12-01")).status_code == 303
    assert "2026-12-01 起 ¥220.00" in manager.page(LIST)
    assert "¥180.00" in manager.page(LIST)
    narrow = manager.page(f"{LIST}&kind=flat&q=锁芯")
    assert "更换锁芯" in narrow
    assert "疏通地漏" not in narrow
    assert "没有找到" in manager.page(f"{LIST}&q=不存在")


def test_a_change_is_kept_once_and_its_history_says_who(world: World, sign_in: SignIn) -> None:
    manager, data = sign_in("manager"), form(note="人工上调")
    assert manager.post(ITEM, data).status_code == 303
    assert manager.post(ITEM, data).status_code == 303
    assert PriceList.objects.count() == 2
    page = manager.page(ITEM)
    for words in ("赵伟", "人工上调", "¥180.00/次 → ¥200.00/次", "云栖花园"):
        assert words in page
    again = manager.page(f"{ITEM}&from=1")
    assert 'value="180.00"' in again


def test_wrong_answers_stand_beside_their_fields_and_stay(world: World, sign_in: SignIn) -> None:
    manager = sign_in("manager")
    for wrong in ({"price": "很贵"}, {"price": "-1"}, {"price": "1.005"}, {"name": "x"}, {"warranty_months": "999"}):
        text = refused(manager, ITEM, form(note="试试", **wrong))
        assert next(iter(wrong.values())) in text
        assert "试试" in text
    assert "不能早于今天" in refused(manager, ITEM, form(effective_on="2026-11-20"))
    fresh = form(code="L-PLUMB", price="1")
    assert "已被使用" in refused(manager, "/settings/prices/new/?place=YX", fresh)
    assert PriceList.objects.count() == 1
    assert manager.post("/settings/prices/new/?place=YX", {**fresh, "code": "L-NEW"}).status_code == 303
    assert "L-NEW" in manager.page(LIST)


def test_the_effect_names_what_the_last_days_would_have_cost(world: World, sign_in: SignIn) -> None:
    to_settling(world)
    to_quoted(world)
    answer = sign_in("manager").post(ITEM, form(do="preview"))
    text = answer.content.decode()
    assert answer.status_code == 200
    assert "共 2 次，合计 ¥360.00" in text
    assert "¥400.00（+¥40.00）" in text
    assert "2 份未结报价" in text
    assert "其余各项照常执行上级价目表" in text
    assert PriceList.objects.count() == 1
    hq = sign_in("hq").post("/settings/prices/of/CALL/?place=HQ", form(name="上门费", kind="call_out", do="preview"))
    assert "2 笔报修时告知的价格" in hq.content.decode()


def test_an_item_is_withdrawn_after_a_look_and_taken_up_again(world: World, sign_in: SignIn) -> None:
    manager = sign_in("manager")
    look = manager.post(ITEM, form(do="preview-withdraw")).content.decode()
    assert 'value="withdraw"' in look
    assert PriceList.objects.count() == 1
    assert manager.post(ITEM, form(do="withdraw", note="不再提供")).status_code == 303
    assert "不提供" in manager.page(LIST)
    assert "更换地暖分水器接头" in sign_in("hq").page(LIST.replace("YX", "JZ"))
    page = manager.page(ITEM)
    assert "已下架" in page
    assert "不再提供" in page
    assert manager.post(ITEM, form()).status_code == 303
    assert "¥200.00" in manager.page(LIST)


def test_each_line_says_whose_it_is(world: World, sign_in: SignIn) -> None:
    manager, hq = sign_in("manager"), sign_in("hq")
    assert "本项目" not in manager.page(LIST).split("<tbody>")[1]
    manager.post(ITEM, form())
    manager.post("/settings/prices/of/CALL/?place=YX", form(do="withdraw"))
    page = manager.page(LIST)
    assert page.count('<span class="state brand">本项目</span>') == 2
    assert "¥180.00" in page.split("上级 ")[1][:60]
    assert "不提供" in page
    ours = manager.page(f"{LIST}&source=own")
    assert "更换地暖分水器接头" in ours
    assert "更换球阀" not in ours
    assert "更换地暖分水器接头" not in manager.page(f"{LIST}&source=above")
    look = hq.post("/settings/prices/of/L-PLUMB/?place=HQ", form(do="preview", price="190")).content.decode()
    assert "云栖花园已自定此项" in look


def test_an_item_follows_the_company_again_after_a_look(world: World, sign_in: SignIn) -> None:
    manager = sign_in("manager")
    assert "preview-follow" not in manager.page(ITEM)
    manager.post(ITEM, form())
    assert "preview-follow" in manager.page(ITEM)
    look = manager.post(ITEM, form(do="preview-follow")).content.decode()
    assert 'value="follow"' in look
    assert "以上级价目表为准" in look
    assert manager.post(ITEM, form(do="follow")).status_code == 303
    page = manager.page(LIST)
    assert "¥180.00" in page
    assert "本项目" not in page.split("<tbody>")[1]


def test_the_own_items_are_given_up(world: World, sign_in: SignIn) -> None:
    manager = sign_in("manager")
    assert "/settings/prices/follow/" not in manager.page(LIST)
    manager.post(ITEM, form())
    assert "/settings/prices/follow/" in manager.page(LIST)
    assert manager.post("/settings/prices/follow/?place=YX", {}).status_code == 303
    assert "¥180.00" in manager.page(LIST)


def test_the_list_as_a_workbook(world: World, sign_in: SignIn) -> None:
    answer = sign_in("manager").get("/settings/prices/excel/?place=YX")
    rows = next(iter(read(BytesIO(answer.content).read()).values()))
    assert rows[0][:2] == ["编码", "项目名称"]
    found: dict[Any, Any] = {row[0]: row for row in rows[1:]}
    assert found["P-DN20"][4] == 38
    assert found["P-DN20"][6] == 12
    assert len(found) == 28


@pytest.mark.parametrize("who", ["desk", "tech", "butler", "cashier", "owner"])
def test_for_others_the_pages_do_not_exist(world: World, sign_in: SignIn, who: str) -> None:
    browser = sign_in(who)
    for path in (LIST, ITEM, "/settings/prices/new/", "/settings/prices/excel/"):
        assert browser.get(path).status_code == 404
    assert browser.post(ITEM, form()).status_code == 404
    assert PriceList.objects.count() == 1


def test_a_manager_decides_nowhere_else(world: World, sign_in: SignIn) -> None:
    """Another's place in the address shows one's own; a price meant for there does not land here."""
    manager, there = sign_in("manager"), ITEM.replace("YX", "JZ")
    assert "锦州新苑" not in manager.page(there)
    for path in (there, "/settings/prices/follow/?place=JZ", "/settings/figures/repair.completion/?place=JZ"):
        assert manager.post(path, form()).status_code == 404, path
    assert [row.node.code for row in PriceList.objects.order_by("pk")] == ["HQ"]


def test_pages_ask_few_questions(world: World, sign_in: SignIn) -> None:
    manager = sign_in("manager")
    counts = []
    for n in range(2):
        for k in range(1 + 4 * n):
            manager.post(ITEM, form(price=str(Decimal(200 + k))))
        for path in (LIST, ITEM):
            with CaptureQueriesContext(connection) as seen:
                manager.page(path)
            counts.append(len(seen))
    assert max(counts) <= 10, counts
