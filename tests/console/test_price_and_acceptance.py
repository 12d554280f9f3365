"""Ceiling, approval and acceptance as the office sees them: workbench, case page, forms."""

import uuid

from pytest_django.fixtures import DjangoAssertNumQueries

from steward.processes.repair.models import Repair
from tests.console.conftest import SignIn
from tests.rules import road
from tests.rules.test_price_and_acceptance import DEAR, asked, capped
from tests.world import World


def test_the_manager_sees_what_waits_for_approval_and_decides(world: World, sign_in: SignIn) -> None:
    number, _outcome = asked(world)
    assert f"/cases/{number}/?do=approve_quote" in sign_in("manager").page("/")
    assert f"{number}/?do=approve_quote" not in sign_in("desk").page("/")
    page = sign_in("manager").page(f"/cases/{number}/")
    assert "轮到我：审批报价 ¥2,160.00" in page
    assert "超过公司限额，须经理先批准" in page
    assert "等待" in sign_in("desk").page(f"/cases/{number}/")
    sent = {"client_uuid": str(uuid.uuid4()), "reason": "工时算多了"}
    assert sign_in("manager").post(f"/cases/{number}/actions/refuse_quote/", sent).status_code == 303
    assert "工时算多了" in sign_in("desk").page(f"/cases/{number}/")


def test_a_ceiling_told_by_phone_stands_on_the_case_page(world: World, sign_in: SignIn) -> None:
    number = road.quoted(world)
    digest = road.look(world, number).detail.quote_hash
    sent = {
        "client_uuid": str(uuid.uuid4()),
        "quote_hash": digest,
        "way": "call",
        "person_name": "周晓岚",
        "relation": "女儿",
        "call_reference": "R-1",
        "ceiling": "200",
    }
    url = f"/cases/{number}/actions/consent/"
    refused = sign_in("desk").post(url, sent)
    assert refused.status_code == 422
    assert "约定上限不能低于报价 ¥286.00" in refused.content.decode()
    assert sign_in("desk").post(url, {**sent, "ceiling": ""}).status_code == 303, "it may be left empty"
    other = road.quoted(world)
    sent |= {
        "quote_hash": road.look(world, other).detail.quote_hash,
        "client_uuid": str(uuid.uuid4()),
        "ceiling": "500",
    }
    assert sign_in("desk").post(f"/cases/{other}/actions/consent/", sent).status_code == 303
    assert "最高不超过 ¥500.00" in sign_in("desk").page(f"/cases/{other}/")


def test_the_form_of_the_finished_work_asks_for_more_only_under_a_ceiling(world: World, sign_in: SignIn) -> None:
    with_ceiling, without = capped(world), road.working(world)
    tech = sign_in("tech")
    world.company.users["tech"].refresh_from_db()
    for number, there in ((with_ceiling, True), (without, False)):
        row = Repair.objects.in_project(world.project_id).get(case__number=number)
        assert (row.ceiling is not None) is there
        assert ("上限内加项" in tech.client.get(f"/cases/{number}/actions/finish/").content.decode()) is there


def test_butlers_find_work_to_accept(world: World, sign_in: SignIn) -> None:
    number = road.checking(world)
    assert f"/cases/{number}/?do=accept_work" in sign_in("butler").page("/")
    assert f"{number}/?do=accept_work" not in sign_in("desk2").page("/")
    assert "待验收" in sign_in("butler").page(f"/cases/{number}/")
    sent = {"client_uuid": str(uuid.uuid4()), "remark": "灯都亮了"}
    assert sign_in("butler").post(f"/cases/{number}/actions/accept_work/", sent).status_code == 303
    page = sign_in("desk").page(f"/cases/{number}/")
    assert "灯都亮了" in page
    assert "陈悦" in page
    assert f"{number}/?do=accept_work" not in sign_in("butler").page("/")


def test_the_list_costs_the_same_for_one_and_for_many(
    world: World, sign_in: SignIn, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    road.checking(world)
    manager = sign_in("manager")
    manager.page("/")
    for _n in range(3):
        number = road.scoped(world)
        world.act("tech", number, "quote", lines=DEAR)
    with django_assert_max_num_queries(10):
        manager.page("/")
