"""Areas of responsibility in the console: the list with its gaps, reassigning with a preview, standing in."""

import re
import uuid
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from steward.cases.models import Case
from steward.kernel.actor import Role
from steward.registers.estate.models import Building, Unit
from steward.registers.org.models import User
from steward.registers.org.operations import grant_role
from steward.registers.workforce.models import Area, Staff
from steward.registers.workforce.operations import hire
from tests.console.conftest import Browser, SignIn
from tests.world import World

LIST = "/settings/areas/"


@pytest.fixture
def second(world: World) -> Staff:
    node = world.company.nodes["YX"]
    staff = hire(node=node, name="郭晨", post="管家", username="butler2", at=world.now)
    user = User.objects.get(staff_id=staff.pk)
    grant_role(user=user, role=Role.BUTLER, node=node, actor=world.actor("hq"), at=world.now)
    return staff


def send(browser: Browser, path: str, **data: Any) -> Any:
    return browser.post(path, {"client_uuid": str(uuid.uuid4()), **data})


def seen(text: str) -> str:
    found = re.search(r'name="seen" value="(\w+)"', text)
    assert found is not None
    return found[1]


def third(world: World) -> int:
    return Building.objects.in_project(world.project_id).get(code="3").pk


def assigned(world: World, browser: Browser, **form: Any) -> None:
    path = f"{LIST}{world.project_id}/assign/"
    shown = send(browser, path, **form)
    assert shown.status_code == 200, shown.content.decode()
    assert send(browser, path, seen=seen(shown.content.decode()), **form).status_code == 303


def test_reassigning_says_first_what_moves_and_then_moves_it(world: World, sign_in: SignIn, second: Staff) -> None:
    manager, path = sign_in("manager"), f"{LIST}{world.project_id}/assign/"
    number = world.open("owner").case.number
    case = Case.objects.in_project(world.project_id).filter(number=number)
    form = {"building": third(world), "butler": second.pk}
    homes = Unit.objects.in_project(world.project_id).filter(building_id=third(world)).count()
    shown = send(manager, path, **form).content.decode()
    assert f"{homes} 户更换管家，随之移交 1 张未结工单和 0 个待回访" in shown
    assert not Area.objects.in_project(world.project_id).exists(), "a preview writes nothing"
    other = send(manager, path, seen=seen(shown), **{**form, "floor": "12"})
    assert other.status_code == 200, "what was changed after the preview is previewed anew"
    assert not Area.objects.in_project(world.project_id).exists()
    assert send(manager, path, seen=seen(shown), **form).status_code == 303
    assert case.get().accountable_id == second.pk
    assert "郭晨" in manager.page(LIST)


def test_a_gap_is_named_where_it_is(world: World, sign_in: SignIn, second: Staff) -> None:
    manager, units = sign_in("manager"), Unit.objects.in_project(world.project_id)
    units.update(butler_staff_id=second.pk)
    assert "无人负责" not in manager.page(LIST).partition("<main")[2].partition("<form")[0]
    Unit.objects.create(
        project_id=world.project_id,
        building_id=third(world),
        entrance="1",
        floor="01",
        room="0101",
        label="3-1-0101",
    )
    text = manager.page(LIST)
    assert "3栋1单元无人负责" in text
    assert f"building={third(world)}&amp;entrance=1" in text
    narrowed = manager.page(f"{LIST}?gaps=1")
    assert "3栋2单元" not in narrowed.partition("<tbody")[2]


def test_ending_an_area_says_who_is_left_alone(world: World, sign_in: SignIn, second: Staff) -> None:
    manager = sign_in("manager")
    assigned(world, manager, building=third(world), butler=second.pk)
    row = Area.objects.in_project(world.project_id).get()
    path = f"{LIST}{world.project_id}/{row.pk}/end/"
    shown = send(manager, path).content.decode()
    assert "户将无人负责" in shown
    assert send(manager, path, seen=seen(shown)).status_code == 303
    assert "3栋无人负责" in manager.page(LIST)
    assert send(manager, path, seen=seen(shown)).status_code == 303, "sent twice"
    assert Area.objects.in_project(world.project_id).count() == 1


def test_a_stand_in_has_days_and_the_butler_comes_back(world: World, sign_in: SignIn, second: Staff) -> None:
    manager, first = sign_in("manager"), world.company.staff["butler"]
    assigned(world, manager, building=third(world), butler=first.pk, stand_in=second.pk)
    row = Area.objects.in_project(world.project_id).get()
    path = f"{LIST}{world.project_id}/{row.pk}/stand-in/"
    answer = send(manager, path, since="2026-11-20", until="2026-11-19")
    assert answer.status_code == 422
    assert 'data-field="since"' in answer.content.decode()
    assert send(manager, path, since="2026-11-21", until="2026-11-28").status_code == 303
    text = manager.page(LIST)
    assert "替 陈悦" in text
    assert "11-21 起，11-28 回岗" in text
    assert send(manager, f"{LIST}{world.project_id}/{row.pk}/back/").status_code == 303
    assert "替 陈悦" not in manager.page(LIST)


def test_who_reads_and_who_shares_out(world: World, sign_in: SignIn, second: Staff) -> None:
    manager = sign_in("manager")
    assigned(world, manager, building=third(world), butler=second.pk)
    row = Area.objects.in_project(world.project_id).get()
    for who in ("desk", "butler", "headbutler"):
        browser = sign_in(who)
        assert "郭晨" in browser.page(LIST)
        assert "/assign/" not in browser.page(LIST)
    acts = (f"{world.project_id}/assign/", f"{world.project_id}/{row.pk}/end/", f"{world.project_id}/{row.pk}/back/")
    for who, status in (("desk", 403), ("butler", 403), ("outsider", 404), ("tech", 404), ("owner", 404)):
        browser = sign_in(who)
        for path in acts:
            assert send(browser, f"{LIST}{path}", seen="x").status_code == status, (who, path)
    assert sign_in("tech").get(LIST).status_code == 404
    assert "郭晨" not in sign_in("outsider").page(LIST)
    assert sign_in("outsider").get(f"{LIST}?project=YX").status_code == 404
    row.refresh_from_db()
    assert row.until is None


def test_ten_statements_however_many_homes(world: World, sign_in: SignIn, second: Staff) -> None:
    manager, counts = sign_in("manager"), []
    for n in range(2):
        assigned(world, manager, building=third(world), butler=second.pk, entrance="2", floor=("11", "12")[n])
        manager.page(LIST)
        with CaptureQueriesContext(connection) as captured:
            manager.page(LIST)
        counts.append(len(captured))
        Unit.objects.bulk_create(
            Unit(
                project_id=world.project_id,
                building_id=third(world),
                entrance=str(3 + n),
                floor=f"{k:02}",
                room=f"{k:02}01",
                label=f"3-{3 + n}-{k:02}01",
            )
            for k in range(30)
        )
    assert counts[0] == counts[1] <= 10, counts


def test_a_person_shows_only_work_of_the_viewers_places(world: World, sign_in: SignIn) -> None:
    """Counts and links of what lies elsewhere are not there, not even as a number."""
    desk, manager = world.company.staff["desk"], sign_in("manager")
    world.open("desk")
    foreign = world.open("outsider", project="JZ", unit="1-1-0101").case
    Case.objects.in_project(foreign.project_id).filter(pk=foreign.pk).update(accountable_id=desk.pk)
    page = f"/settings/people/{desk.pk}/"
    text = manager.page(page)
    assert "首问未结工单 1 张" in text
    assert "锦州" not in text
    link = f"/cases/?state=open&amp;accountable={desk.pk}"
    assert link in text
    assert foreign.number not in manager.page(link.replace("&amp;", "&"))
    assert "锦州新苑：<a" in sign_in("hq").page(page)
    leaving = manager.page(f"{page}leave/")
    assert "首问未结工单 1 张" in leaving
    assert "2" not in re.findall(r"工单 (\d+) 张", leaving)
    receiver = world.company.staff["headbutler"].pk
    refused = send(manager, f"{page}leave/", reason="合同到期", receiver=receiver)
    assert refused.status_code == 409
    assert foreign.number not in refused.content.decode()
    assert Staff.objects.get(pk=desk.pk).is_active
