"""Sub-tasks: asked of others, reported back, confirmed; a case is not over while one is open."""

import uuid
from datetime import timedelta
from typing import Any

import pytest

from steward.cases.models import Case, Entry
from steward.casework import subtasks
from steward.casework.customer.links import actor_of, find_link
from steward.casework.models import CaseFile, SubTask, SubTaskState
from steward.kernel.errors import ConflictError, InvalidError, NotAllowedError, NotFoundError
from steward.kernel.models import Outbox
from steward.worker.loop import run_until_idle
from tests.world import NOW, World


def staff(world: World, name: str) -> int:
    return int(world.company.staff[name].pk)


def ask(world: World, number: str, who: str = "desk", **data: Any) -> SubTask:
    key = data.pop("client_uuid", None) or uuid.uuid4()
    asked = {"what": "请查一下地下室水泵", **data}
    return subtasks.ask_subtask(
        project_id=world.project_id, number=number, data=asked, actor=world.actor(who), at=world.now, client_uuid=key
    )


def do(world: World, who: str, verb: str, row: SubTask, **data: Any) -> SubTask:
    asked: dict[str, Any] = {"client_uuid": data.pop("client_uuid", None) or uuid.uuid4()}
    if data:
        asked["data"] = data
    found: SubTask = getattr(subtasks, f"{verb}_subtask")(
        project_id=world.project_id, pk=row.pk, actor=world.actor(who), at=world.now, **asked
    )
    return found


@pytest.fixture
def number(world: World) -> str:
    """A case of another technician: tech2 does not see it."""
    found = world.open("desk", urgency="P1", payer="owner").case.number
    world.act("desk", found, "dispatch", handler=staff(world, "tech"))
    return found


def test_asked_accepted_reported_confirmed_each_with_its_line(world: World, number: str) -> None:
    row = ask(world, number, colleague=staff(world, "tech2"))
    do(world, "tech2", "accept", row)
    photo = world.photo("tech2")
    row = do(world, "tech2", "report", row, report="水泵正常，止回阀已换", photos=[photo])
    assert (row.state, row.outcome) == (SubTaskState.REPORTED, "met")
    row = do(world, "desk", "confirm", row)
    assert row.state == SubTaskState.CONFIRMED
    lines = Entry.objects.in_project(world.project_id).filter(case__number=number).order_by("seq")
    assert [line.action for line in lines][-4:] == [f"{v}_subtask" for v in ("ask", "accept", "report", "confirm")]
    assert [line.seq for line in lines] == list(range(1, len(lines) + 1))
    hung = CaseFile.objects.in_project(world.project_id).get(attachment_id=photo)
    assert (hung.label, hung.is_public) == ("subtask", False)


def test_the_asked_colleague_sees_it_even_where_the_case_is_out_of_sight(world: World, number: str) -> None:
    row = ask(world, number, colleague=staff(world, "tech2"))
    assert not Case.objects.visible_to(world.actor("tech2")).filter(number=number).exists()
    assert [r.pk for r in subtasks.asked_of(world.actor("tech2"))] == [row.pk]
    for who in ("outsider", "outsider_tech", "owner"):
        assert subtasks.asked_of(world.actor(who)) == []
        with pytest.raises(NotFoundError):
            subtasks.get(project_id=world.project_id, pk=row.pk, actor=world.actor(who))


def test_a_department_is_asked_by_its_post_and_whoever_accepts_has_it(world: World, number: str) -> None:
    row = ask(world, number, role="technician")
    for who in ("tech", "tech2"):
        assert [r.pk for r in subtasks.asked_of(world.actor(who))] == [row.pk]
    do(world, "tech2", "accept", row)
    assert subtasks.asked_of(world.actor("tech")) == []
    with pytest.raises((NotAllowedError, ConflictError)):
        do(world, "tech", "accept", row)


def test_upward_has_a_reply_clock_of_its_own_in_working_time(world: World, number: str) -> None:
    slow = world.open("desk", urgency="P2", payer="owner").case.number
    row = ask(world, slow, role="region")
    assert (row.mode, row.minutes) == ("working", 16 * 60)
    assert [r.pk for r in subtasks.asked_of(world.actor("region"))] == [row.pk]
    assert (ask(world, number, role="region").mode, ask(world, number, role="technician").minutes) == ("natural", 240)


def test_asked_back_by_a_time_it_is_due_then_to_the_second(world: World, number: str) -> None:
    by = NOW + timedelta(hours=3, seconds=-20)
    row = ask(world, number, role="technician", due_at=by.isoformat())
    assert (row.due_at, row.mode) == (by, "natural")


def test_one_is_asked_at_a_time(world: World, number: str) -> None:
    for wrong in ({}, {"role": "technician", "contractor": "迅达电梯"}, {"colleague": staff(world, "outsider_tech")}):
        with pytest.raises(InvalidError):
            ask(world, number, **wrong)


def test_a_case_is_not_closed_while_a_sub_task_is_open_unless_dropped(world: World) -> None:
    """Whatever the process: it need not know of sub-tasks."""
    inquiry = world.open("desk", kind="inquiry", title="车位还有吗").case.number
    row = ask(world, inquiry, colleague=staff(world, "cashier"))
    with pytest.raises(ConflictError) as refused:
        world.act("desk", inquiry, "answer", answer="还有三个")
    assert refused.value.rule == "subtask.none_open"
    with pytest.raises(InvalidError):
        do(world, "desk", "drop", row, reason="")
    do(world, "desk", "drop", row, reason="业主自己问到了")
    assert world.act("desk", inquiry, "answer", answer="还有三个").case.closed_at is not None


def test_reported_but_not_confirmed_is_still_open(world: World) -> None:
    inquiry = world.open("desk", kind="inquiry", title="车位还有吗").case.number
    row = ask(world, inquiry, colleague=staff(world, "cashier"))
    do(world, "cashier", "report", row, report="还有三个")
    with pytest.raises(ConflictError):
        world.act("desk", inquiry, "answer", answer="还有三个")
    do(world, "desk", "confirm", row)
    world.act("desk", inquiry, "answer", answer="还有三个")


def test_a_report_sent_back_lets_the_clock_go_on_from_its_start(world: World, number: str) -> None:
    row = ask(world, number, colleague=staff(world, "tech2"))
    world.pass_time(hours=1)
    do(world, "tech2", "report", row, report="好了")
    world.pass_time(hours=5)
    row = do(world, "desk", "return", row, reason="还在响")
    assert (row.state, row.ended_at, row.due_at) == (SubTaskState.ACCEPTED, None, NOW + timedelta(hours=4))
    assert do(world, "tech2", "report", row, report="这回真好了").outcome == "late"


def test_unanswered_it_is_warned_and_climbs(world: World, number: str) -> None:
    ask(world, number, colleague=staff(world, "tech2"))
    run_until_idle(NOW + timedelta(hours=6))
    rows = Entry.objects.in_project(world.project_id).filter(case__number=number, data__deadline="subtask")
    told = [(row.action, row.data["to"]) for row in rows.order_by("seq")]
    assert told == [
        ("warn", [f"staff:{staff(world, 'tech2')}"]),
        ("escalate", [f"staff:{staff(world, 'desk')}"]),
        ("escalate", [f"staff:{staff(world, 'manager')}"]),
    ]


def test_only_the_asked_report_and_only_the_askers_judge(world: World, number: str) -> None:
    row = ask(world, number, colleague=staff(world, "tech2"))
    with pytest.raises(NotAllowedError):
        do(world, "desk", "report", row, report="替他写")
    do(world, "tech2", "report", row, report="好了")
    with pytest.raises(NotAllowedError):
        do(world, "tech2", "confirm", row)


def test_a_contractor_reports_back_by_a_link_that_serves_once(world: World, number: str) -> None:
    row = ask(world, number, contractor="迅达电梯 刘工")
    token = subtasks.subtask_link(project_id=world.project_id, pk=row.pk, actor=world.actor("desk"), at=world.now)
    link = find_link(token)
    holder = actor_of(link, world.now)
    assert holder is not None
    assert subtasks.of_link(link, holder).pk == row.pk
    asked: dict[str, Any] = {"project_id": world.project_id, "pk": row.pk, "actor": holder, "at": world.now}
    done = subtasks.report_subtask(**asked, data={"report": "已换门机皮带"}, client_uuid=uuid.uuid4())
    assert (done.state, done.reported_by) == (SubTaskState.REPORTED, "迅达电梯 刘工")
    assert actor_of(find_link(token), world.now) is None
    told = Outbox.objects.in_project(world.project_id).get(payload__template="subtask_reported")
    assert told.recipient == f"staff:{staff(world, 'desk')}"


def test_nobody_hears_of_a_sub_task_of_their_own_doing(world: World, number: str) -> None:
    """Asked of one's own department, and accepted by whoever answers for the case."""
    pooled = ask(world, number, "desk", role="desk")
    do(world, "desk2", "accept", pooled)
    row = ask(world, number, "tech", colleague=staff(world, "desk"))
    do(world, "desk", "accept", row)
    do(world, "desk", "report", row, report="已约好周三上门")
    rows = Outbox.objects.in_project(world.project_id).filter(payload__subtask__in=(pooled.pk, row.pk))
    told = [(r.payload["template"].removeprefix("subtask_"), r.recipient) for r in rows.order_by("pk")]
    desk, desk2, tech = (f"staff:{staff(world, name)}" for name in ("desk", "desk2", "tech"))
    first = [("asked", desk2), ("accepted", desk)]
    assert told == [*first, ("asked", desk), ("accepted", tech), ("reported", tech)]


def test_a_fresh_link_ends_the_ones_before_and_opens_only_its_own(world: World, number: str) -> None:
    first, second = ask(world, number, contractor="甲公司"), ask(world, number, contractor="乙公司")
    common: dict[str, Any] = {"project_id": world.project_id, "actor": world.actor("desk"), "at": world.now}
    old = subtasks.subtask_link(pk=first.pk, **common)
    fresh = subtasks.subtask_link(pk=first.pk, **common)
    assert actor_of(find_link(old), world.now) is None
    holder = actor_of(find_link(fresh), world.now)
    assert holder is not None
    with pytest.raises(NotFoundError):
        subtasks.get(project_id=world.project_id, pk=second.pk, actor=holder)


def test_the_same_request_again_asks_once(world: World, number: str) -> None:
    key = uuid.uuid4()
    first = ask(world, number, role="technician", client_uuid=key)
    assert ask(world, number, role="technician", client_uuid=key).pk == first.pk
    assert SubTask.objects.in_project(world.project_id).count() == 1
