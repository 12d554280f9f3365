"""My data on the residents' page: mine alone, masked, taken back as easily as given."""

import uuid
from typing import Any

import pytest
from django.test import Client

from steward.registers.party.models import ConsentRecord, DataRequest
from tests.portal.test_pages import enter
from tests.world import World

PAGE = "/portal/me/data/"


def send(client: Client, world: World, of: str = "owner", **data: Any) -> Any:
    customer = world.company.customers[of].pk
    return client.post(PAGE, {"client_uuid": str(uuid.uuid4()), "customer": customer, **data})


def test_my_data_are_mine_and_masked(world: World) -> None:
    page = enter(world, "owner").get(PAGE).content.decode()
    for words in ("王淑芬", "138****6621", "营销短信", "服务所需信息"):
        assert words in page
    for words in ("13800016621", "刘洋", "高建民"):
        assert words not in page


def test_a_consent_is_given_and_taken_back_with_one_button(world: World) -> None:
    client = enter(world, "owner")
    for verb, given in (("consent", True), ("withdraw", False)):
        assert send(client, world, verb=verb, purpose="marketing").status_code == 303
        row = ConsentRecord.objects.in_project(world.project_id).order_by("pk").last()
        assert row is not None
        assert (row.is_given, row.how, row.purpose) == (given, "portal", "marketing")
    assert 'value="withdraw"' not in client.get(PAGE).content.decode()


def test_a_double_tap_is_one_line(world: World) -> None:
    client, same = enter(world, "owner"), str(uuid.uuid4())
    for _ in range(2):
        assert send(client, world, verb="consent", purpose="survey", client_uuid=same).status_code == 303
    assert ConsentRecord.objects.in_project(world.project_id).count() == 1


def test_what_rests_on_the_contract_says_so(world: World) -> None:
    refused = send(enter(world, "owner"), world, verb="withdraw", purpose="service")
    assert refused.status_code == 409
    assert "服务合同" in refused.content.decode()


def test_a_request_gets_a_day_for_its_answer(world: World) -> None:
    client = enter(world, "owner")
    assert send(client, world, verb="request", kind="access", text="我想看看").status_code == 303
    row = DataRequest.objects.in_project(world.project_id).get()
    assert (row.kind, row.how, row.state) == ("access", "portal", "open")
    assert "前答复" in client.get(PAGE).content.decode()
    assert send(client, world, verb="request", kind="access").status_code == 409


@pytest.mark.parametrize("verb", ["consent", "withdraw", "request", "correct", "answer", "end_contact"])
def test_nobody_speaks_for_a_neighbour_or_does_office_work(world: World, verb: str) -> None:
    data = {"verb": verb, "purpose": "marketing", "kind": "access"}
    for who in ("tenant", "foreign_owner"):
        assert send(enter(world, who), world, **data).status_code == 404, who
    if verb in ("correct", "answer", "end_contact"):
        assert send(enter(world, "owner"), world, **data).status_code == 404
    assert enter(world, "desk").get(PAGE).status_code == 404
    assert not ConsentRecord.objects.unscoped().exists()
    assert not DataRequest.objects.unscoped().exists()


def test_the_page_costs_the_same_for_a_long_history(world: World, django_assert_max_num_queries: Any) -> None:
    client = enter(world, "owner")
    for _ in range(6):
        for verb in ("consent", "withdraw"):
            send(client, world, verb=verb, purpose="marketing")
    with django_assert_max_num_queries(8):
        client.get(PAGE)


def test_nothing_is_asked_by_a_slip_and_nothing_typed_is_lost(world: World) -> None:
    """With two of three asked already, the last one, erasure, must not stand chosen."""
    client = enter(world, "owner")
    for kind in ("access", "correction"):
        send(client, world, verb="request", kind=kind)
    page = client.get(PAGE).content.decode()
    assert 'value="erasure"' in page
    assert "checked" not in page
    refused = send(client, world, verb="request", text="旧电话请删掉")
    assert refused.status_code == 422
    assert "请求事项：此项必填。" in refused.content.decode()
    assert "旧电话请删掉</textarea>" in refused.content.decode()
