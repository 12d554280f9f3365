"""Areas and contractors through the API: the same verbs, the same refusals, nothing of others."""

import uuid
from collections.abc import Callable
from typing import Any

import pytest

from steward.registers.workforce.models import Area, Contractor
from tests.api.conftest import Api
from tests.world import World

FIRM = {
    "project": "YX", "name": "恒安电梯有限公司", "trade": "lift",
    "contract_from": "2025-01-01", "contract_until": "2030-01-01",
}  # fmt: skip


def once(**body: Any) -> dict[str, Any]:
    return {"client_uuid": str(uuid.uuid4()), **body}


def test_an_area_is_previewed_assigned_covered_and_ended(world: World, api: Callable[[str], Api]) -> None:
    manager, head = api("manager"), world.company.staff["headbutler"].pk
    world.open("owner")
    where = {"project": "YX", "building": "3", "butler": head}
    effect = manager.post("/areas/preview", where).json()
    assert effect["homes"] > 0
    assert effect["cases"] == 1
    assert not Area.objects.in_project(world.project_id).exists()
    body = once(**where, stand_in=world.company.staff["butler"].pk)
    row = manager.post("/areas", body).json()
    assert manager.post("/areas", body).json()["id"] == row["id"]
    assert (row["building"], row["butler"]["id"], row["covered"]) == ("3", head, False)
    assert manager.post("/areas/preview", where).json()["homes"] == 0
    path = f"/areas/YX/{row['id']}"
    assert manager.post(f"{path}/stand-in", once(since="2020-01-01")).status_code == 422
    assert manager.post(f"{path}/back", once()).json()["covered"] is False
    listed = manager.get("/areas", project="YX").json()
    assert [a["id"] for a in listed["areas"]] == [row["id"]]
    ended = manager.post(f"{path}/end", once()).json()["until"]
    assert ended is not None
    assert {"building": "3", "unattended": effect["homes"]}.items() <= manager.get("/areas", project="YX").json()[
        "gaps"
    ][0].items()
    assert manager.post(f"{path}/end", once()).json()["until"] == ended, "again: nothing more happens"
    assert manager.post("/areas", once(**{**where, "building": "77"})).status_code == 422


def test_a_contractor_is_engaged_sends_people_and_leaves(world: World, api: Callable[[str], Api]) -> None:
    manager = api("manager")
    row = manager.post("/contractors", once(**FIRM, insured_until="2020-01-01")).json()
    assert manager.post("/contractors", once(**FIRM, insured_until="2020-01-01")).json()["id"] == row["id"]
    told = manager.get("/contractors/expiring", project="YX").json()
    assert [(e["contractor"], e["what"], e["urgent"]) for e in told] == [(row["id"], "insurance", True)]
    path = f"/contractors/YX/{row['id']}"
    sent = manager.post(f"{path}/staff", once(name="谢志强", duty="维保")).json()
    assert [p["id"] for p in manager.get(f"{path}/staff").json()] == [sent["id"]]
    assert [c["id"] for c in manager.get("/contractors", project="YX").json()["items"]] == [row["id"]]
    assert manager.post(f"{path}/end", once()).json()["ended_at"]
    assert manager.get("/contractors", project="YX").json()["items"] == []
    assert manager.post(f"{path}/staff", once(name="谢志强")).status_code == 409


@pytest.mark.parametrize(
    ("who", "reads", "writes"), [("desk", 200, 403), ("tech", 404, 404), ("outsider", 404, 404), ("owner", 404, 404)]
)
def test_who_reads_and_who_writes(world: World, api: Callable[[str], Api], who: str, reads: int, writes: int) -> None:
    manager, head = api("manager"), world.company.staff["headbutler"].pk
    firm = manager.post("/contractors", once(**FIRM)).json()["id"]
    where = {"project": "YX", "building": "3", "butler": head}
    area = manager.post("/areas", once(**where)).json()["id"]
    other = api(who)
    for path in ("/areas", "/contractors", "/contractors/expiring"):
        assert other.get(path, project="YX").status_code == reads, path
    assert other.get(f"/contractors/YX/{firm}/staff").status_code == reads
    for path, body in (
        ("/areas/preview", where),
        ("/areas", once(**where)),
        (f"/areas/YX/{area}/stand-in", once(since="2030-01-01")),
        (f"/areas/YX/{area}/back", once()),
        (f"/areas/YX/{area}/end", once()),
        ("/contractors", once(**FIRM, phone="1")),
        (f"/contractors/YX/{firm}/end", once()),
        (f"/contractors/YX/{firm}/staff", once(name="谢志强")),
    ):
        assert other.post(path, body).status_code == writes, path
    assert Area.objects.in_project(world.project_id).get().until is None
    assert Contractor.objects.in_project(world.project_id).get().ended_at is None
