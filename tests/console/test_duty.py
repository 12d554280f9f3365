"""The duty log in the console."""

import re
import uuid
from typing import Any

from steward.assurance.duty_models import DutyEntry
from steward.kernel.actor import SYSTEM, Role
from steward.registers.org.operations import grant_role
from tests.console.conftest import SignIn
from tests.world import World


def test_a_shift_from_going_on_duty_to_the_signature(world: World, sign_in: SignIn) -> None:
    number = world.open("desk", urgency="P0").case.number
    desk, butler = sign_in("desk"), sign_in("butler")
    assert "我来当班" in desk.page("/duty/")
    assert desk.post("/duty/begin/", {}).status_code == 303
    entry: dict[str, Any] = {"client_uuid": str(uuid.uuid4()), "happened_at": "2026-11-21T10:20", "kind": "round"}
    assert desk.post("/duty/write/", entry).status_code == 422
    refused = desk.post("/duty/write/", {**entry, "text": "巡", "place": "地库入口"})
    assert refused.status_code == 422
    assert "地库入口" in refused.content.decode()
    assert desk.post("/duty/write/", {**entry, "text": "巡查地库", "case_kind": "repair"}).status_code == 303
    page = desk.page("/duty/")
    assert "巡查地库" in page
    assert number in page
    wrong = {"client_uuid": str(uuid.uuid4()), "receiver": world.company.staff["headbutler"].pk}
    assert desk.post("/duty/offer/", wrong).status_code == 303
    back = re.search(r"/duty/(\d+)/withdraw/", desk.page("/duty/"))
    assert back is not None
    assert "withdraw/" not in butler.page("/duty/")
    assert desk.post(back[0], {}).status_code == 303
    given = {"client_uuid": str(uuid.uuid4()), "receiver": world.company.staff["butler"].pk, "keys": "钥匙3把"}
    assert desk.post("/duty/offer/", given).status_code == 303
    page = butler.page("/duty/")
    assert page.index("钥匙3把") < page.index("签收接班") < page.index(number), (
        "what to sign stands above what is signed"
    )
    pk = re.search(r"/duty/(\d+)/answer/", butler.page("/duty/")).group(1)  # type: ignore[union-attr]
    declined = butler.post(f"/duty/{pk}/answer/", {"accept": "0", "reason": ""})
    assert declined.status_code == 422
    assert "原因：此项必填。" in declined.content.decode()
    assert butler.post(f"/duty/{pk}/answer/", {"accept": "1"}).status_code == 303
    assert sign_in("outsider").post(f"/duty/{pk}/force/", {"reason": "没有来"}).status_code in (403, 404)


def test_brief_and_check(world: World, sign_in: SignIn) -> None:
    world.open("desk", urgency="P0", unit="", place="地下车库B区")
    world.pass_time(hours=3)
    manager = sign_in("manager")
    brief = manager.page("/duty/brief/")
    assert "每日简报" in brief
    assert "地下车库B区" in brief, "what has no room has a place"
    page = manager.page("/duty/check/")
    codes = set(re.findall(r'name="point-(\w+)"', page))
    assert len(codes) == 8
    refused = manager.post("/duty/check/", {f"point-{c}": "0" for c in codes})
    assert refused.status_code == 422
    assert refused.content.decode().count("请写明不合格情况") == 8, "each point, not the first alone"
    assert manager.post("/duty/check/", {f"point-{c}": "1" for c in codes}).status_code == 303
    assert "已签字" in sign_in("desk").page("/duty/check/")
    assert sign_in("desk").post("/duty/check/", {}).status_code == 403
    assert sign_in("tech").get("/duty/").status_code == 404


def test_a_line_is_written_where_the_form_was_opened(world: World, sign_in: SignIn) -> None:
    """Whoever works in two projects chose the other one in a second tab since: the log cannot be mended."""
    user = world.company.users["desk"]
    grant_role(user=user, role=Role.DESK, node=world.company.nodes["RT"], actor=SYSTEM, at=world.now)
    desk = sign_in("desk")
    desk.get("/project/YX/")
    page = desk.page("/duty/")
    assert page.count('name="project" value="YX"') == page.count('name="client_uuid"') > 1
    desk.get("/project/RT/")
    entry = {"client_uuid": str(uuid.uuid4()), "project": "YX", "happened_at": "2026-11-21T10:20", "kind": "round"}
    assert desk.post("/duty/write/", {**entry, "text": "巡查地库"}).status_code == 303
    assert DutyEntry.objects.unscoped().get(text="巡查地库").project_id == world.project_id
    assert desk.post("/duty/begin/", {"project": "JZ"}).status_code == 404


def test_who_sees_several_projects_goes_from_log_to_log(world: World, sign_in: SignIn) -> None:
    hq = sign_in("hq")
    hq.get("/project/all/")
    page = hq.page("/duty/?project=RT")
    assert 'value="RT"' in page
    assert "/duty/check/?project=RT" in page
    entry = {"client_uuid": str(uuid.uuid4()), "project": "RT", "happened_at": "2026-11-21T10:20", "kind": "round"}
    back = hq.post("/duty/write/", {**entry, "text": "总部抽查大堂"})
    assert (back.status_code, back["Location"]) == (303, "/duty/?project=RT")
    assert "总部抽查大堂" in hq.page(back["Location"])
    assert "总部抽查大堂" not in hq.page("/duty/?project=JZ")
    assert sign_in("desk").get("/duty/?project=JZ").status_code == 404
    assert "grid-seg" not in sign_in("desk").page("/duty/")
