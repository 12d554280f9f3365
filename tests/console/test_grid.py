"""The building grid and the status of a room: what it shows, where it leads, who may change it."""

import uuid
from datetime import date, timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from steward.kernel.errors import ConflictError, InvalidError, NotAllowedError, NotFoundError
from steward.kernel.models import AuditEvent
from steward.registers.estate.models import Building, Unit, UnitStatus, UnitStatusChange
from steward.registers.estate.status import StatusData, change_status
from tests.console.conftest import SignIn
from tests.world import World

TODAY = date(2026, 11, 21)


def change(world: World, status: UnitStatus, who: str = "manager", on: date = TODAY, **more: Any) -> UnitStatusChange:
    return change_status(
        project_id=more.pop("project_id", world.project_id),
        unit_id=world.company.units["YX:3-2-1201"].pk,
        data=StatusData(status=status, on=on, reason="业主报备装修"),
        actor=world.actor(who),
        at=world.now,
        client_uuid=more.pop("client_uuid", None) or uuid.uuid4(),
    )


def test_a_status_is_dated_and_audited_and_once(world: World) -> None:
    once = uuid.uuid4()
    first = change(world, UnitStatus.FITTING_OUT, client_uuid=once, on=TODAY - timedelta(days=3))
    assert change(world, UnitStatus.FITTING_OUT, client_uuid=once).pk == first.pk
    assert (first.before, first.after, first.note) == ("occupied", "fitting_out", "业主报备装修")
    assert Unit.objects.in_project(world.project_id).get(label="3-2-1201").status == "fitting_out"
    assert AuditEvent.objects.in_project(world.project_id).filter(what="unit.status").count() == 1
    with pytest.raises(ConflictError):
        change(world, UnitStatus.FITTING_OUT)


def test_its_days_run_forwards(world: World) -> None:
    change(world, UnitStatus.FITTING_OUT)
    for day in (TODAY - timedelta(days=1), TODAY + timedelta(days=1)):
        with pytest.raises(InvalidError) as refused:
            change(world, UnitStatus.VACANT, on=day)
        assert "on" in refused.value.fields


def test_not_everybody_changes_it(world: World) -> None:
    for who, refusal in (("tech", NotAllowedError), ("cashier", NotAllowedError), ("outsider", NotFoundError)):
        with pytest.raises(refusal):
            change(world, UnitStatus.VACANT, who=who)


def test_the_grid_says_what_it_colours_and_leads_to_the_room(world: World, sign_in: SignIn) -> None:
    world.open("desk")
    room = f"/customers/{world.project_id}/unit/{world.company.units['YX:3-2-1201'].pk}/"
    desk = sign_in("desk")
    page = desk.page("/estate/buildings/?building=3")
    assert room in page
    assert "未结 1" in page
    world.pass_time(hours=72)
    assert "超时 1 / 1" in desk.page("/estate/buildings/?building=3")
    path = f"/estate/units/{world.project_id}/{world.company.units['YX:3-2-1201'].pk}/status/"
    form = {"status": "vacant", "on": "2026-11-21", "reason": "搬走了", "client_uuid": str(uuid.uuid4())}
    assert desk.post(path, {**form, "on": "", "reason": ""}).status_code == 422
    assert desk.post(path, form).status_code == 303
    assert "空置" in desk.page("/estate/buildings/?building=3&by=status")
    assert f"{room}status/" in desk.page(room)
    assert "搬走了" in desk.page(f"{room}status/")
    assert sign_in("tech").get("/estate/buildings/").status_code == 404
    assert sign_in("outsider").get(path).status_code == 404


def test_thirty_floors_cost_what_three_do(world: World, sign_in: SignIn) -> None:
    desk = sign_in("desk")
    counts = []
    row = Building.objects.in_project(world.project_id).get(code="3")
    for top in (3, 30):
        for floor in range(1, top + 1):
            for room in (7, 8, 9):
                label = f"3-1-{floor:02d}{room:02d}"
                place: dict[str, Any] = {
                    "project_id": world.project_id,
                    "building": row,
                    "entrance": "1",
                    "floor": f"{floor:02d}",
                }
                Unit.objects.in_project(world.project_id).get_or_create(
                    **place, room=f"{floor:02d}{room:02d}", label=label
                )
        desk.page("/estate/buildings/?building=3")
        with CaptureQueriesContext(connection) as seen:
            desk.page("/estate/buildings/?building=3")
        counts.append(len(seen))
    assert counts[0] == counts[1] <= 10, counts


def panel_of(world: World, label: str = "3-2-1201") -> str:
    return f"/estate/units/{world.project_id}/{world.company.units[f'YX:{label}'].pk}/panel/"


def test_the_chosen_room_shows_beside_the_building(world: World, sign_in: SignIn) -> None:
    world.open("desk")
    world.open("desk", unit="3-2-1101", title="楼下也漏了")
    desk = sign_in("desk")
    panel = desk.page(panel_of(world))
    for words in ("王淑芬", "138****6621", "主卧卫生间吊顶滴水", "楼下", "1101", "未结 1"):
        assert words in panel
    assert "13800016621" not in panel
    assert f'data-panel="{panel_of(world)}"' in desk.page("/estate/buildings/?building=3")
    with CaptureQueriesContext(connection) as seen:
        desk.page(panel_of(world))
    assert len(seen) <= 8


@pytest.mark.parametrize("who", ["outsider", "tech", "owner"])
def test_the_chosen_room_is_not_for_others(world: World, sign_in: SignIn, who: str) -> None:
    assert sign_in(who).get(panel_of(world)).status_code == 404
