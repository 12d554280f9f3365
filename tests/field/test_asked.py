"""Parts asked of me on the phone: at once or out of the queue, with the time of the tap."""

import uuid
from datetime import timedelta
from http import HTTPStatus
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from steward.cases.models import Entry
from steward.casework import subtasks
from steward.casework.models import Conflict, SubTask
from tests.field.conftest import signed_in
from tests.world import World


@pytest.fixture
def row(world: World) -> SubTask:
    """Asked of tech2, three hours ago, about a case that tech2 does not see."""
    world.now = timezone.now() - timedelta(hours=3)
    number = world.open("desk", urgency="P1", payer="owner").case.number
    world.act("desk", number, "dispatch", handler=world.company.staff["tech"].pk)
    return subtasks.ask_subtask(
        project_id=world.project_id,
        number=number,
        data={"what": "请查一下地下室水泵", "colleague": world.company.staff["tech2"].pk},
        actor=world.actor("desk"),
        at=world.now,
        client_uuid=uuid.uuid4(),
    )


def send(client: Client, world: World, row: SubTask, action: str, *, minutes: float = 0, **data: Any) -> Any:
    now = timezone.now()
    about = {"owner": world.actor("tech2").key, "number": row.case.number, "action": action, "subtask": str(row.pk)}
    times = {"tapped_at": (now - timedelta(minutes=minutes)).isoformat(), "sent_at": now.isoformat()}
    return client.post("/field/replay/", {"client_uuid": str(uuid.uuid4()), **about, **times, **data})


def test_the_page_serves_all_of_it_without_network(world: World, row: SubTask) -> None:
    phone = signed_in(world, "tech2")
    here = f"/field/asked/{row.project_id}/{row.pk}/"
    assert f'data-url="{here}"' in phone.get("/field/").content.decode(), "the phone keeps its page"
    page = phone.get(here).content.decode()
    for verb in ("accept_subtask", "report_subtask", "decline_subtask"):
        assert f'data-action="{verb}"' in page
    assert "王淑芬" not in page
    assert signed_in(world, "tech").get(here).status_code == HTTPStatus.OK, "whose case it is sees it"
    assert 'data-action="report_subtask"' not in signed_in(world, "tech").get(here).content.decode()


def test_what_was_returned_is_not_reported_for_the_time_before(world: World, row: SubTask) -> None:
    """Else a queued report would stop the clock as if nothing had been returned."""
    phone, desk = signed_in(world, "tech2"), world.actor("desk")
    assert send(phone, world, row, "report_subtask", minutes=60, report="水泵正常").json()["status"] == "done"
    asked: dict[str, Any] = {"project_id": row.project_id, "pk": row.pk, "actor": desk, "data": {"reason": "没有照片"}}
    subtasks.return_subtask(**asked, at=timezone.now() - timedelta(minutes=20), client_uuid=uuid.uuid4())
    refused = send(phone, world, row, "report_subtask", minutes=50, report="水泵真的正常").json()
    assert (refused["status"], refused["kept"]) == ("invalid", True)
    assert send(phone, world, row, "report_subtask", minutes=10, report="附照片").json()["status"] == "done"
    row.refresh_from_db()
    assert row.ended_at is not None
    assert row.ended_at > timezone.now() - timedelta(minutes=15)


def test_a_part_of_a_project_that_does_not_exist_is_no_page(world: World) -> None:
    phone = signed_in(world, "tech2")
    assert phone.post("/field/asked/99999999/1/accept_subtask/", {}).status_code == HTTPStatus.NOT_FOUND


def test_out_of_the_queue_it_counts_from_the_tap(world: World, row: SubTask) -> None:
    phone = signed_in(world, "tech2")
    assert send(phone, world, row, "accept_subtask", minutes=90).json()["status"] == "done"
    item = {"report": "水泵正常", "client_uuid": str(uuid.uuid4())}
    for _again in range(2):
        assert send(phone, world, row, "report_subtask", minutes=60, **item).json()["status"] == "done"
    row.refresh_from_db()
    assert (row.state, row.report) == ("reported", "水泵正常")
    assert row.reported_at is not None
    assert timedelta(minutes=59) < timezone.now() - row.reported_at < timedelta(minutes=62)
    line = Entry.objects.unscoped().get(action="report_subtask")
    assert line.is_late_entry
    assert line.recorded_at > line.happened_at


def test_refused_it_is_kept_whole_for_the_office(world: World, row: SubTask) -> None:
    phone = signed_in(world, "tech2")
    subtasks.drop_subtask(
        project_id=row.project_id,
        pk=row.pk,
        data={"reason": "已解决"},
        actor=world.actor("desk"),
        at=world.now,
        client_uuid=uuid.uuid4(),
    )
    refused = send(phone, world, row, "report_subtask", report="水泵正常")
    assert (refused.status_code, refused.json()["kept"]) == (HTTPStatus.CONFLICT, True)
    assert Conflict.objects.unscoped().get().data["report"] == "水泵正常"
    office = signed_in(world, "desk").get("/conflicts/").content.decode()
    assert "水泵正常" in office
    assert "回报" in office


def test_somebody_elses_part_is_no_bodys_to_report(world: World, row: SubTask) -> None:
    phone = signed_in(world, "outsider_tech")
    answer = send(phone, world, row, "report_subtask", report="冒充", owner=world.actor("outsider_tech").key)
    assert answer.status_code == HTTPStatus.NOT_FOUND
    row.refresh_from_db()
    assert row.state == "asked"
