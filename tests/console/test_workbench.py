from collections import Counter
from collections.abc import Iterator
from datetime import timedelta
from importlib import import_module
from typing import Any

import pytest
from django.urls import URLResolver
from pytest_django.fixtures import DjangoAssertNumQueries

from steward.casework.clocks import sweep
from tests.console.conftest import SignIn, to_settling
from tests.world import World


def test_the_desk_sees_what_waits_by_time_left(world: World, sign_in: SignIn) -> None:
    world.open("tenant", title="厨房下水反味")
    world.open("desk", title="门锁打不开", urgency="P1", unit="7-1-0603")
    page = sign_in("desk").page("/")
    assert page.index("门锁打不开") < page.index("厨房下水反味")
    assert "待派单" in page


def test_late_is_said_in_words(world: World, sign_in: SignIn) -> None:
    world.open("desk", title="门锁打不开", urgency="P1")
    world.pass_time(hours=3)
    assert "已超时" in sign_in("desk").page("/")


def test_others_see_nothing_of_it(world: World, sign_in: SignIn) -> None:
    world.open("desk", title="门锁打不开")
    for stranger in ("outsider", "tower_desk"):
        assert "门锁打不开" not in sign_in(stranger).page("/")
        assert sign_in(stranger).get("/workbench/count/").json() == {"count": 0}


def test_residents_have_no_console(world: World, sign_in: SignIn) -> None:
    assert sign_in("owner").get("/").status_code == 404


def test_the_next_step_is_mine_only_when_i_may_do_it(world: World, sign_in: SignIn) -> None:
    number = world.open("desk", payer="owner", category="water").case.number
    assert f"/cases/{number}/?do=dispatch" in sign_in("desk").page("/")
    world.act("desk", number, "dispatch", handler=world.company.staff["tech"].pk)
    assert f"/cases/{number}/?do=accept" not in sign_in("desk").page("/")


def test_a_callback_can_be_made_now_but_not_at_noon(world: World, sign_in: SignIn) -> None:
    number = to_settling(world)
    world.pass_time(hours=22)  # the next morning
    assert f"/cases/{number}/?do=callback" in sign_in("butler").page("/")
    world.now = world.now.replace(hour=4, minute=30)  # 12:30 there
    page = sign_in("butler").page("/")
    assert f"/cases/{number}/?do=callback" not in page
    assert "免打扰" in page


def test_the_cashier_has_what_is_to_be_paid_until_it_is(world: World, sign_in: SignIn) -> None:
    number = to_settling(world)
    assert number in sign_in("cashier").page("/")
    world.act("cashier", number, "pay", method="cash", amount="286.00")
    assert sign_in("cashier").get("/workbench/count/").json() == {"count": 0}


def test_an_escalation_is_an_alarm_until_it_is_put_away(world: World, sign_in: SignIn) -> None:
    world.open("desk", title="门锁打不开", urgency="P1")
    world.pass_time(hours=1)
    for _ in range(3):
        for project_id, pk in sweep.due(world.now):
            sweep.fire(project_id, pk, world.now)
    desk = sign_in("desk")
    page = desk.page("/")
    assert "升级到您" in page
    link = page.split('action="/alarms/')[1].split('"')[0]
    assert sign_in("cashier").post(f"/alarms/{link}", {}).status_code == 302
    assert link in desk.page("/"), "only its recipient puts it away"
    desk.post(f"/alarms/{link}", {})
    assert link not in desk.page("/")


@pytest.mark.parametrize("count", [1, 30])
def test_statements_do_not_grow_with_rows(
    world: World, sign_in: SignIn, django_assert_num_queries: DjangoAssertNumQueries, count: int
) -> None:
    for _ in range(count):
        world.open("desk")
    desk = sign_in("desk")
    desk.page("/")
    # session, queue, callbacks, offers to me, asked of me, answered for, alarms, common causes
    with django_assert_num_queries(8):
        desk.page("/")
    with django_assert_num_queries(2):
        desk.get("/workbench/count/")


@pytest.mark.parametrize("count", [1, 12])
def test_late_rows_say_what_took_longest(
    world: World, sign_in: SignIn, django_assert_num_queries: DjangoAssertNumQueries, count: int
) -> None:
    for _ in range(count):
        world.open("desk", urgency="P1", payer="owner")
    world.pass_time(hours=1)
    desk = sign_in("desk")
    page = desk.page("/")
    assert page.count("最久：派单1小时（周敏）") == count
    assert page.count("至今未完成，已超45分。用时最长的是：派单1小时（周敏）。现在轮到周敏：派单。") == count
    # as above, and the timelines of all late rows with their clocks
    with django_assert_num_queries(9):
        desk.page("/")


def test_closed_ones_stand_under_done(world: World, sign_in: SignIn) -> None:
    number = world.open("desk", title="误报").case.number
    world.act("desk", number, "cancel", reason="重复报修")
    assert "误报" not in sign_in("desk").page("/")
    assert "误报" in sign_in("desk").page("/?done=1")


def test_a_long_silence_is_called_by_name(world: World, sign_in: SignIn) -> None:
    number = world.open("desk", title="露台渗水", payer="common", category="water").case.number
    world.act("desk", number, "dispatch", handler=world.company.staff["tech"].pk)
    world.now += timedelta(hours=30)
    assert "未告知业户" in sign_in("desk").page("/")


def test_no_two_pages_share_a_name() -> None:
    """Of two pages with one name, links would lead to the later one, silently."""
    known = Counter(
        found.name for found in flat(import_module("steward.console.urls").urlpatterns) if found.name is not None
    )
    assert [name for name, times in known.items() if times > 1] == []


def flat(patterns: list[Any]) -> Iterator[Any]:
    for found in patterns:
        if isinstance(found, URLResolver) and found.app_name:
            continue  # a namespace of its own
        if isinstance(found, URLResolver):
            yield from flat(found.url_patterns)
        else:
            yield found
