import uuid
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from steward.cases.models import Entry
from steward.casework.models import CaseFile, Conflict
from steward.casework.replays.conflicts import resolve_conflict
from steward.kernel.errors import ConflictError, InvalidError, NotAllowedError, NotFoundError, RefusalError
from tests.console.conftest import SignIn
from tests.world import World


def refused(world: World, action: str = "say", **data: Any) -> Conflict:
    """The technician wrote offline while the desk sent somebody else."""
    number = world.open("desk", category="water", urgency="P2", payer="owner").case.number
    world.act("desk", number, "dispatch", handler=world.company.staff["tech"].pk)
    world.act("desk", number, "dispatch", handler=world.company.staff["tech2"].pk)
    filled = data or {"text": "到门口，家里没人", "photos": [world.photo("tech")]}
    with pytest.raises(RefusalError):
        world.act("tech", number, action, replay=True, **filled)
    return Conflict.objects.in_project(world.project_id).select_related("case").latest("pk")


def last_entry(row: Conflict) -> Entry:
    found = Entry.objects.in_project(row.project_id).filter(case_id=row.case_id).order_by("-seq").first()
    assert found is not None
    return found


def url(row: Conflict, what: str) -> str:
    return f"/conflicts/{row.project_id}/{row.pk}/{what}/"


def test_everything_typed_is_shown(world: World, sign_in: SignIn) -> None:
    row = refused(world)
    desk = sign_in("desk")
    page = desk.page("/conflicts/")
    for words in ("到门口，家里没人", "李建国", row.case.number, "此单现由王强处理", "以我的名义补办"):
        assert words in page
    picture = f"/files/{row.project_id}/{row.data['photos'][0]}/"
    assert picture in page
    shown = desk.get(picture)
    assert shown.status_code == 200
    assert b"".join(shown.streaming_content)[:3] == b"\xff\xd8\xff"
    assert sign_in("outsider").get(picture).status_code == 404
    assert sign_in("owner").get(picture).status_code == 404


def test_what_only_the_handler_may_do_can_only_be_settled(world: World, sign_in: SignIn) -> None:
    row = refused(world, "accept", note="在路上")
    page = sign_in("desk").page("/conflicts/")
    assert "不能由前台代办" in page
    assert url(row, "do") not in page


def test_done_now_in_the_offices_name_with_the_pictures(world: World, sign_in: SignIn) -> None:
    row = refused(world)
    desk = sign_in("desk")
    form = desk.page(url(row, "do"))
    assert "到门口，家里没人" in form
    assert f'value="{row.data["photos"][0]}"' in form
    data = {"client_uuid": str(uuid.uuid4()), "text": "到门口，家里没人。已改期", "photos": row.data["photos"]}
    for _ in range(2):  # a double click
        assert desk.post(url(row, "do"), data).status_code in (303, 409)
    row.refresh_from_db()
    assert row.resolved_by == world.actor("desk").key
    assert CaseFile.objects.in_project(row.project_id).filter(case_id=row.case_id).count() == 1
    said = Entry.objects.in_project(row.project_id).get(case_id=row.case_id, action="say")
    assert said.actor_key == world.actor("desk").key
    assert last_entry(row).data["by"] == "李建国"
    assert "到门口" not in desk.page("/conflicts/").partition("已处置")[0]


def test_a_refused_form_keeps_what_was_typed(world: World, sign_in: SignIn) -> None:
    row = refused(world)
    desk = sign_in("desk")
    data = {"client_uuid": str(uuid.uuid4()), "text": "", "photos": row.data["photos"]}
    answer = desk.post(url(row, "do"), data)
    assert answer.status_code == 422
    assert f'value="{row.data["photos"][0]}"' in answer.content.decode()
    row.refresh_from_db()
    assert row.resolved_at is None


def test_settled_otherwise_needs_a_word(world: World, sign_in: SignIn) -> None:
    row = refused(world)
    desk = sign_in("desk")
    empty = desk.post(url(row, "settle"), {"resolution": " "})
    assert empty.status_code == 422
    assert "请简单写明如何处置" in empty.content.decode()
    long = desk.post(url(row, "settle"), {"resolution": "长" * 201})
    assert long.status_code == 422
    assert "长" * 201 in long.content.decode()
    assert desk.post(url(row, "settle"), {"resolution": "王强已到场"}).status_code == 303
    note = last_entry(row)
    assert (note.action, note.note, note.is_public) == ("settle", "王强已到场", False)
    assert "离线补录已处置" in desk.page(f"/cases/{row.case.number}/")


def test_settling_is_repeatable_and_happens_once(world: World) -> None:
    row = refused(world)
    desk, other = world.actor("desk"), world.actor("manager")
    same: dict[str, Any] = {"project_id": row.project_id, "pk": row.pk, "at": world.now}
    for _ in range(2):
        resolve_conflict(resolution="王强已到场", actor=desk, **same)
    assert Entry.objects.in_project(row.project_id).filter(case_id=row.case_id, action="settle").count() == 1
    with pytest.raises(ConflictError):
        resolve_conflict(resolution="别的", actor=desk, **same)
    with pytest.raises(ConflictError):
        resolve_conflict(resolution="王强已到场", actor=other, **same)
    case = last_entry(row)
    world.act("desk", row.case.number, "say", text="可以继续")
    assert last_entry(row).seq == case.seq + 1


def test_only_the_office_of_the_project_settles(world: World, sign_in: SignIn) -> None:
    row = refused(world)
    same: dict[str, Any] = {"project_id": row.project_id, "pk": row.pk, "at": world.now, "resolution": "好了"}
    for username, error in (
        ("outsider", NotFoundError),
        ("owner", NotFoundError),
        ("tech", NotAllowedError),  # sees what became of it, settles nothing
        ("cashier", NotAllowedError),
        ("region", NotAllowedError),
    ):
        with pytest.raises(error):
            resolve_conflict(actor=world.actor(username), **same)
    with pytest.raises(InvalidError):
        resolve_conflict(actor=world.actor("desk"), **{**same, "resolution": "a\x00b"})
    for username in ("tech", "cashier", "owner"):
        assert sign_in(username).get("/conflicts/").status_code == 404
    assert row.case.number not in sign_in("outsider").page("/conflicts/")
    for what in ("do", "settle"):
        assert sign_in("outsider").post(url(row, what), {"resolution": "好了"}).status_code == 404
    assert 'name="resolution"' not in sign_in("region").page("/conflicts/")


def test_as_many_statements_for_thirty_as_for_one(world: World, sign_in: SignIn) -> None:
    row = refused(world)
    desk = sign_in("desk")
    counts = []
    for rows in (0, 30):
        Conflict.objects.bulk_create(
            Conflict(
                project_id=row.project_id,
                case_id=row.case_id,
                action="say",
                actor_key=row.actor_key,
                actor_name=row.actor_name,
                client_uuid=uuid.uuid4(),
                happened_at=world.now,
                received_at=world.now,
                data=row.data,
                reason="x",
            )
            for _ in range(rows)
        )
        desk.page("/conflicts/")
        with CaptureQueriesContext(connection) as seen:
            desk.page("/conflicts/")
        counts.append(len(seen))
    assert counts[0] == counts[1] <= 10
