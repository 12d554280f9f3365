from urllib.parse import quote

import pytest
from django.test import Client
from pytest_django.fixtures import DjangoAssertNumQueries

from steward.cases.models import Case
from steward.console.shell import COOKIE
from tests.console.conftest import SignIn
from tests.world import World


@pytest.mark.parametrize(("count", "statements"), [(1, 2), (30, 2), (31, 3)])
def test_a_list_takes_three_statements_and_counts_only_what_it_does_not_show(
    world: World, sign_in: SignIn, django_assert_num_queries: DjangoAssertNumQueries, count: int, statements: int
) -> None:
    for _ in range(count):
        world.open("desk")
    desk = sign_in("desk")
    desk.page("/cases/")
    with django_assert_num_queries(statements):  # session, rows, capped count
        found = desk.page("/cases/")
    assert f"共 {count} 条" in found


def test_the_query_bar_narrows(world: World, sign_in: SignIn) -> None:
    world.open("desk", title="漏水了", category="leak")
    world.open("desk", kind="inquiry", title="问装修押金")
    desk = sign_in("desk")
    assert "问装修押金" not in desk.page("/cases/?kind=repair")
    assert "漏水了" not in desk.page(f"/cases/?q={quote('问装修')}")
    assert "漏水了" not in desk.page("/cases/?state=overdue")
    world.pass_time(days=3)
    assert "漏水了" in desk.page("/cases/?state=overdue")
    assert "漏水了" not in desk.page("/cases/?since=2026-11-24")
    assert "漏水了" in desk.page("/cases/?since=2026-11-21&until=2026-11-21")


def test_each_question_of_the_query_bar_stands_once(world: World, sign_in: SignIn) -> None:
    """Asked twice, the second answer silently undoes the first."""
    desk, staff = sign_in("desk"), world.company.staff["desk"].pk
    assert desk.page(f"/cases/?accountable={staff}").count('name="accountable"') == 1
    assert 'name="accountable"' not in desk.page("/cases/")


def test_pages_follow_each_other(world: World, sign_in: SignIn) -> None:
    for n in range(31):
        world.open("desk", title=f"第{n}件")
        world.pass_time(minutes=1)
    desk = sign_in("desk")
    first = desk.page("/cases/")
    assert "第30件" in first
    assert "第0件" not in first
    older = first.split('href="?cursor=')[1].split('"')[0]
    assert "第0件" in desk.page(f"/cases/?cursor={older}")


@pytest.mark.parametrize(
    "query", ["cursor=xx", "handler=99999999999999999999", "since=0000", "until=9999-12-31", "q=%00"]
)
def test_nonsense_in_the_address_is_no_error(world: World, sign_in: SignIn, query: str) -> None:
    assert sign_in("desk").get(f"/cases/?{query}").status_code in (200, 422)


def test_history_browses_by_the_other_systems_target(world: World, sign_in: SignIn) -> None:
    number = world.open("desk", title="Old request").case.number
    Case.objects.in_project(world.project_id).filter(number=number).update(
        is_imported=True, imported_target_at=world.now, next_due_at=None, next_due_key=""
    )
    world.pass_time(hours=5)
    desk = sign_in("desk")
    assert "已超时" in desk.page("/cases/")
    assert "Old request" not in desk.page("/"), "history is nobody's work"
    page = desk.page(f"/cases/{number}/")
    assert "原系统时限" in page
    assert "只供查阅" in page
    assert "轮到我" not in page


def test_the_search_of_the_top_bar_opens_a_number(world: World, sign_in: SignIn) -> None:
    number = world.open("desk").case.number
    desk = sign_in("desk")
    assert desk.get(f"/find/?q={number.lower()}")["Location"] == f"/cases/{number}/"
    assert sign_in("outsider").get(f"/find/?q={number}")["Location"].startswith("/cases/?q=")


def test_one_project_is_chosen_out_of_several(world: World, sign_in: SignIn) -> None:
    world.open("desk", title="云栖的事")
    world.open("tower_desk", project="RT", title="瑞泰的事", unit="1-1-1502")
    region = sign_in("region")
    every = region.page("/cases/")
    assert "云栖的事" in every
    assert "瑞泰的事" in every
    region.get("/project/RT/?next=/cases/")
    assert "云栖的事" not in region.page("/cases/")
    region.get("/project/all/")
    assert "云栖的事" in region.page("/cases/")


def test_a_project_out_of_reach_cannot_be_chosen(world: World, sign_in: SignIn) -> None:
    region = sign_in("region")
    assert COOKIE not in region.get("/project/JZ/").cookies
    region.client.cookies[COOKIE] = "JZ"
    world.open("outsider", project="JZ", title="锦州的事", unit="1-1-0101")
    assert "锦州的事" not in region.page("/cases/")


def test_choosing_a_project_sends_nobody_elsewhere(world: World, sign_in: SignIn) -> None:
    assert sign_in("region").get("/project/RT/?next=https://elsewhere.example/")["Location"] == "/"


def test_signed_out_means_sign_in(client: Client, world: World) -> None:
    assert client.get("/cases/")["Location"].startswith("/sign-in/")
