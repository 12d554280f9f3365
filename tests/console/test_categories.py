"""Categories in the console: in the order of the keys, changed after a look at the effect, with their history."""

import uuid
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from steward.cases.models import Category
from steward.kernel import reference
from steward.kernel.audit.models import CompanyEvent
from tests.console.conftest import SignIn
from tests.world import World

LIST = "/settings/categories/"


def one(code: str, kind: str = "repair") -> str:
    return f"{LIST}{Category.objects.get(kind=kind, code=code, node=None).pk}/"


def form(**changes: str) -> dict[str, str]:
    data = {
        "name": "给排水",
        "name_en": "Water and drains",
        "urgency": "P2",
        "skill": "plumbing",
        "note": "",
        "do": "keep",
    }
    return {**data, "client_uuid": str(uuid.uuid4()), **changes}


def test_the_list_shows_what_a_category_implies_and_its_use(world: World, sign_in: SignIn) -> None:
    world.open("desk", category="leak")
    page = sign_in("hq").page(LIST)
    row = page[page.index("漏水</a>") :]
    row = row[: row.index("</tr>")]
    for words in ("P1", "水工", "按时回访", '<td class="num">1</td><td class="num">1</td>'):
        assert words in row, (words, row)
    roof = page[page.index("墙面屋面渗漏</a>") :]
    assert "雨后再回访" in roof[: roof.index("</tr>")]
    assert "收费咨询" in sign_in("hq").page(f"{LIST}?kind=inquiry")
    assert "还没有类别" in sign_in("hq").page(f"{LIST}?kind=praise")


def test_a_change_is_previewed_kept_and_told(world: World, sign_in: SignIn) -> None:
    world.open("desk", category="water")
    hq, path = sign_in("hq"), one("water")
    text = hq.post(path, form(name="给水排水", urgency="P1", skill="", is_leak="true", do="preview")).content.decode()
    for words in ("未结工单 1 个", "“给水排水”", "P1 紧急", "雨后再回访", "不按工种"):
        assert words in text, words
    assert Category.objects.filter(code="water", name="给排水").exists()
    assert hq.post(path, form(name="给水排水", note="统一叫法")).status_code == 303
    page = hq.page(path)
    for words in ("何琳", "给排水 → 给水排水", "统一叫法"):
        assert words in page
    assert "给水排水" in sign_in("desk").page("/intake/")


def test_wrong_answers_stand_beside_their_fields_and_stay(world: World, sign_in: SignIn) -> None:
    hq = sign_in("hq")
    for path, wrong in (
        (one("water"), {"name": "水", "note": "留着"}),
        (f"{LIST}new/?kind=repair", {"code": "water", "note": "留着"}),
        (f"{LIST}new/?kind=repair", {"code": "太 阳", "note": "留着"}),
    ):
        answer = hq.post(path, form(**{"name": "新类别", **wrong}))
        text = answer.content.decode()
        assert answer.status_code == 422
        assert "field-error" in text
        assert all(value in text for value in wrong.values())
    assert hq.post(f"{LIST}new/?kind=repair", form(code="solar", name="太阳能热水")).status_code == 303
    assert "太阳能热水" in hq.page(LIST)


def test_retiring_says_what_moves_and_can_be_taken_back(world: World, sign_in: SignIn) -> None:
    hq, path = sign_in("hq"), one("drain")
    pk = path.split("/")[-2]
    look = hq.post(path, form(do="preview-retire")).content.decode()
    assert "电梯 7 → 6" in look
    assert "价目表中有 1 项" in look
    assert hq.post(path, form(do="retire", note="合并")).status_code == 303
    assert "下水堵塞" not in sign_in("desk").page("/intake/")
    assert "已停用" in hq.page(path)
    assert hq.post(f"{LIST}{pk}/restore/", {}).status_code == 303
    assert "下水堵塞" in sign_in("desk").page("/intake/")


def test_arrows_move_a_category(world: World, sign_in: SignIn) -> None:
    hq, path = sign_in("hq"), one("power")
    assert hq.post(f"{path}place/", {"to": "1"}).status_code == 303
    page = hq.page(LIST)
    assert page.index("电气照明") < page.index("给排水")


@pytest.mark.parametrize("who", ["desk", "tech", "butler", "cashier", "owner"])
def test_for_others_the_pages_do_not_exist(world: World, sign_in: SignIn, who: str) -> None:
    browser, path = sign_in(who), one("water")
    for where in (LIST, path, f"{LIST}new/"):
        assert browser.get(where).status_code == 404, where
    assert browser.post(path, form(name="不该")).status_code == 404
    assert browser.post(f"{path}place/", {"to": "3"}).status_code in (403, 404)
    assert browser.post(f"{path}restore/", {}).status_code in (303, 403, 404)
    assert not Category.objects.filter(name="不该").exists()


def test_a_manager_words_only_those_of_the_project(world: World, sign_in: SignIn) -> None:
    manager = sign_in("manager")
    assert one("water") not in manager.page(LIST)
    assert manager.get(one("water")).status_code == 404
    assert manager.post(f"{LIST}new/?kind=repair", form(code="solar", name="太阳能热水")).status_code == 303
    row = Category.objects.get(code="solar")
    assert row.node_id == world.project_id
    assert "太阳能热水" in manager.page(f"{LIST}{row.pk}/")


def test_a_new_one_is_offered_where_it_was_meant_to_be(world: World, sign_in: SignIn) -> None:
    """Another project chosen in a second tab since; and nobody adds one elsewhere."""
    hq, where, nodes = sign_in("hq"), f"{LIST}new/?kind=repair", world.company.nodes
    hq.get("/project/YX/")
    data = form(code="solar", name="太阳能热水", owner=str(nodes["JZ"].pk))
    assert hq.post(where, data).status_code == 303
    assert Category.objects.get(code="solar").node_id == nodes["JZ"].pk
    refused = sign_in("manager").post(where, form(code="wind", name="风力", owner=str(nodes["JZ"].pk)))
    assert refused.status_code == 422
    assert not Category.objects.filter(code="wind").exists()
    assert f'name="owner" value="{world.project_id}"' in sign_in("manager").page(where)


def test_categories_of_other_projects_are_not_offered_as_parents(world: World, sign_in: SignIn) -> None:
    foreign = Category.objects.create(
        kind="repair", code="boiler", name="锅炉房", node=world.company.nodes["JZ"], position=900
    )
    own = Category.objects.create(
        kind="repair", code="solar", name="太阳能热水", node=world.company.nodes["YX"], position=900
    )
    reference.bump()
    page = sign_in("manager").page(f"{LIST}new/?kind=repair")
    assert own.name in page
    assert foreign.name not in page


def test_pages_ask_few_questions(world: World, sign_in: SignIn) -> None:
    hq, counts = sign_in("hq"), []
    for n in range(2):
        for k in range(5 * n):
            hq.post(f"{LIST}new/?kind=repair", form(code=f"x{k}", name=f"新类别{k}"))
        paths: list[Any] = [LIST, one("water")]
        for path in paths:
            hq.page(path)
            with CaptureQueriesContext(connection) as seen:
                hq.page(path)
            counts.append(len(seen))
    assert counts[:2] == counts[2:]
    assert max(counts) <= 10, counts


def test_the_shipped_complaints_are_loaded_once_with_their_keys(world: World, sign_in: SignIn) -> None:
    """What a company changed stays; a project's manager loads nothing for all."""
    complaints = f"{LIST}?kind=complaint"
    Category.objects.filter(kind="complaint", code="B").update(name="设备")
    reference.bump()
    hq, load = sign_in("hq"), f"{LIST}complaint/preset/"
    assert load in hq.page(complaints)
    assert load not in sign_in("manager").page(complaints)
    sign_in("manager").post(load, {})
    assert not Category.objects.filter(code="B1").exists()
    for _time in range(2):
        assert hq.post(load, {}).status_code == 303
    assert CompanyEvent.objects.filter(what="category.preset").count() == 1
    page = hq.page(complaints)
    assert load not in page
    assert "设备</a>" in page
    lift = page[: page.index("电梯</a>")].rpartition("<tr")[2]
    assert "<kbd>2</kbd> <kbd>1</kbd>" in lift
