"""History in the console and through the API: it reads like any other case, and asks nothing of anybody."""

from datetime import timedelta
from http import HTTPStatus
from typing import Any

import pytest
from django.test import Client

from steward.cases.models import Case
from steward.casework.history import Import
from steward.registers.org.operations import create_token
from tests.world import World

Numbers = dict[str, str]


@pytest.fixture
def past(world: World) -> Numbers:
    """A closed and an open repair and an open inquiry of another system, in the project of the desk."""
    at = world.now
    rows: list[dict[str, Any]] = [
        {"number": "770001", "kind": "repair", "closed": at - timedelta(days=3)},
        {"number": "770002", "kind": "repair", "target": at - timedelta(days=2)},
        {"number": "770003", "kind": "inquiry"},
    ]
    common = {"title": "旧系统工单", "opened": at - timedelta(days=9), "category": ("旧类", "漏水")}
    done = Import(project_id=world.project_id, source="old", at=at).load(
        (line, {**common, **row}) for line, row in enumerate(rows)
    )
    assert (done.added, done.refused) == (3, [])
    found = Case.objects.in_project(world.project_id).filter(is_imported=True)
    return dict(found.values_list("external_number", "number"))


@pytest.fixture
def desk(world: World, client: Client) -> Client:
    client.force_login(world.company.users["desk"])
    return client


def test_pages_of_history_open_and_offer_nothing_to_do(desk: Client, past: Numbers) -> None:
    for outside, number in past.items():
        answer = desk.get(f"/cases/{number}/")
        page = answer.content.decode()
        assert answer.status_code == HTTPStatus.OK, number
        assert outside in page
        assert f"/cases/{number}/actions/" not in page


def test_it_is_found_by_its_old_number_and_is_in_no_queue(desk: Client, past: Numbers) -> None:
    assert past["770002"] in desk.get("/cases/?q=770002").content.decode()
    for queue in ("/", "/dispatch/"):
        page = desk.get(queue).content.decode()
        assert not [n for n in past.values() if n in page], queue


def test_the_api_reads_it_and_refuses_to_change_it(world: World, client: Client, past: Numbers) -> None:
    token = create_token(user=world.company.users["desk"], label="t", at=world.now)
    headers = {"Authorization": f"Bearer {token}"}
    for number in past.values():
        case = client.get(f"/api/v1/cases/{number}", headers=headers)
        assert case.status_code == HTTPStatus.OK, case.content
        assert (case.json()["actions"], case.json()["deadlines"]) == ([], [])
        assert len(client.get(f"/api/v1/cases/{number}/timeline", headers=headers).json()) == 1
    answer = client.post(
        f"/api/v1/cases/{past['770002']}/actions/cancel",
        {"client_uuid": "6f1b9c1e-4d0b-4f6e-8a51-0c2b7a3a0001", "data": {"reason": "alt"}},
        content_type="application/json",
        headers=headers,
    )
    assert (answer.status_code, answer.json()["rule"]) == (HTTPStatus.CONFLICT, "case.imported")
