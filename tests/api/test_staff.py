"""Colleagues who leave, over the API: the same verbs and refusals as in the console."""

import uuid
from collections.abc import Callable
from typing import Any

import pytest

from steward.cases.models import Case
from tests.api.conftest import Api
from tests.world import World


def once(**body: Any) -> dict[str, Any]:
    return {"client_uuid": str(uuid.uuid4()), **body}


@pytest.fixture
def number(world: World) -> str:
    number = world.open("desk", urgency="P2", payer="owner").case.number
    world.act("desk", number, "dispatch", handler=world.company.staff["tech"].pk)
    return number


def test_jobs_are_passed_on_then_the_colleague_leaves(world: World, api: Callable[[str], Api], number: str) -> None:
    staff, manager = world.company.staff, api("manager")
    path = f"/staff/{staff['tech'].pk}"
    work = manager.get(f"{path}/open-work").json()
    assert [(w["project"], w["jobs"], w["nights"]) for w in work] == [("YX", 1, [])]
    assert manager.post(f"{path}/leave", once(reason="合同到期")).status_code == 409
    asked = {"receiver": staff["tech2"].pk, "reason": "李建国离职"}
    told = manager.post(f"{path}/jobs/preview", asked).json()
    assert [(j["case"], j["action"]) for j in told] == [(number, "dispatch")]
    assert Case.objects.in_project(world.project_id).get(number=number).handler_id == staff["tech"].pk
    assert manager.post(f"{path}/jobs", once(**asked)).json() == [{"case": number, "refusal": ""}]
    assert manager.get(f"{path}/open-work").json() == []
    body = once(reason="合同到期")
    gone = manager.post(f"{path}/leave", body).json()
    assert (gone["is_active"], gone["left_at"] is not None) == (False, True)
    assert manager.post(f"{path}/leave", body).json() == gone, "the same again"


@pytest.mark.parametrize("who", ["desk", "headbutler", "tech2", "owner", "outsider", "foreign_owner"])
def test_for_others_nobody_is_there(world: World, api: Callable[[str], Api], number: str, who: str) -> None:
    path, other = f"/staff/{world.company.staff['tech'].pk}", api(who)
    assert other.get(f"{path}/open-work").status_code == 404
    for verb in ("jobs", "jobs/preview", "leave"):
        body = {"reason": "合同到期"} if verb == "jobs/preview" else once(reason="合同到期")
        assert other.post(f"{path}/{verb}", body).status_code == 404, verb
