"""Suggestions, praise, services on request and the answers residents find for themselves."""

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client

from steward.cases.models import Case
from steward.registers.workforce.models import Commendation
from tests.knowledge.test_articles import DEPOSIT, write
from tests.portal.test_pages import (
    MISSING,
    OK,
    OTHER,
    TAKEN,
    WRONG,
    case_of,
    enter,
    home_of,
    number_in,
    owner,
    send,
    text,
    world,
)
from tests.world import World

__all__ = ["owner", "world"]


def order(client: Client, world: World, **data: Any) -> Any:
    sent = {"home": home_of(world), "item": "S-CLEAN", "quantity": "3", "told_amount": "150.00", **data}
    return send(client, "/portal/order/", **sent)


def test_every_kind_is_one_tap_from_home(owner: Client) -> None:
    page = text(owner.get("/portal/"))
    for path in ("report", "ask", "order", "suggest", "praise", "answers"):
        assert f'href="/portal/{path}/"' in page
        assert owner.get(f"/portal/{path}/").status_code == OK


def test_a_service_at_the_price_that_was_told(owner: Client, world: World) -> None:
    page = text(owner.get("/portal/order/"))
    assert "家政保洁" in page
    answer = order(owner, world)
    assert answer.status_code == OTHER
    number = number_in(answer)
    case = Case.objects.unscoped().select_related("service_order").get(number=number)
    assert (case.kind, str(case.service_order.amount)) == ("service_order", "150.00")
    shown = text(owner.get(f"/portal/cases/{number}/"))
    assert "家政保洁" in shown
    assert "150.00" in shown
    assert "家政保洁" in text(owner.get("/portal/cases/"))


@pytest.mark.parametrize(
    ("changes", "status"),
    [
        ({"told_amount": "100.00"}, TAKEN),
        ({"told_amount": ""}, TAKEN),
        ({"quantity": "0"}, WRONG),
        ({"item": ""}, WRONG),
        ({"item": "CALL"}, WRONG),
        ({"wanted_from": "2026-12-02T10:00", "wanted_until": "2026-12-02T09:00"}, WRONG),
        ({"urgency": "P0"}, WRONG),
    ],
)
def test_nothing_is_ordered_at_another_price_or_half(
    owner: Client, world: World, changes: dict[str, str], status: int
) -> None:
    answer = order(owner, world, what="家里有猫", **changes)
    assert answer.status_code == status
    assert "家里有猫" in text(answer)
    assert not Case.objects.unscoped().exists()


def test_the_page_that_comes_back_tells_the_amount(owner: Client, world: World) -> None:
    assert "150.00" in text(order(owner, world, told_amount=""))


def test_an_order_is_followed_rated_and_never_somebody_elses(owner: Client, world: World) -> None:
    number = number_in(order(owner, world))
    tech = world.company.staff["tech"].pk
    world.act("desk", number, "arrange", handler=tech, appointment_at=world.now + timedelta(hours=3))
    assert "李建国" in text(owner.get(f"/portal/cases/{number}/"))
    world.act("tech", number, "finish", result="三小时保洁，厨卫已消毒")
    assert "厨卫已消毒" in text(owner.get(f"/portal/cases/{number}/"))
    assert "说说这次怎么样" in text(owner.get("/portal/")) or f"/portal/cases/{number}/rate/" in text(
        owner.get("/portal/")
    )
    assert send(owner, f"/portal/cases/{number}/rate/", rating="4", comment="很干净").status_code == OTHER
    assert enter(world, "tenant").get(f"/portal/cases/{number}/").status_code == MISSING


def test_called_off_before_it_is_done_with_a_reason(owner: Client, world: World) -> None:
    number = number_in(order(owner, world))
    assert send(owner, f"/portal/cases/{number}/call-off/", reason="").status_code == WRONG
    assert send(owner, f"/portal/cases/{number}/call-off/", reason="改天再约").status_code == OTHER
    assert case_of(number).state == "cancelled"


def test_a_suggestion_gets_its_answer(owner: Client, world: World) -> None:
    data = {"home": home_of(world), "what": "自行车棚加一盏灯"}
    assert send(owner, "/portal/suggest/", **{**data, "what": ""}).status_code == WRONG
    number = number_in(send(owner, "/portal/suggest/", **data))
    world.act("desk", number, "answer", decision="adopted", answer="下周装好")
    page = text(owner.get(f"/portal/cases/{number}/"))
    assert "下周装好" in page
    assert "采纳" in page


def test_praise_reaches_the_person(owner: Client, world: World) -> None:
    data = {"home": home_of(world), "what": "半夜来修水管，收拾得很干净", "about": "李师傅"}
    number = number_in(send(owner, "/portal/praise/", **data))
    world.act("desk", number, "pass_on", staff=world.company.staff["tech"].pk)
    assert Commendation.objects.in_project(world.project_id).get().source == number
    assert "已转达" in text(owner.get(f"/portal/cases/{number}/"))


def test_answers_before_asking_only_what_residents_may_read(owner: Client, world: World) -> None:
    write(world)
    write(world, question="装修巡查怎么安排？", answer="内部口径", keywords="装修押金", for_residents=False)
    assert DEPOSIT["question"] in text(owner.get("/portal/answers/"))
    found = text(owner.get(f"/portal/answers/near/?what=装修押金怎么退&home={home_of(world)}"))
    assert DEPOSIT["answer"] in found
    for page in (found, text(owner.get("/portal/answers/?q=装修")), text(owner.get("/portal/answers/"))):
        assert "内部口径" not in page
    assert DEPOSIT["question"] not in text(enter(world, "foreign_owner").get("/portal/answers/"))


def test_what_is_called_off_is_named(owner: Client, world: World) -> None:
    number = number_in(order(owner, world))
    page = text(owner.get(f"/portal/cases/{number}/"))
    assert "取消预约" in page
    assert "报修" not in page[page.index("单号") - 200 :]
