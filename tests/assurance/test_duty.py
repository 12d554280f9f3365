"""Duty: one person at a time, a shift handed over with what stands open, the brief, the daily check."""

import uuid
from datetime import timedelta
from typing import Any

import pytest

from steward.assurance.duty import brief, reads, verbs
from steward.assurance.duty_models import DutyEntry, ShiftHandover
from steward.assurance.incidents.verbs import add_caller
from steward.cases.models import Case
from steward.kernel.audit.models import AuditEvent
from steward.kernel.errors import ConflictError, InvalidError, NotAllowedError, NotFoundError
from steward.kernel.models import Outbox
from tests.assurance.test_incidents import also, begin
from tests.processes.test_repair_story import to_settling
from tests.world import World


def offer(world: World, giver: str = "desk", receiver: str = "butler", **more: Any) -> ShiftHandover:
    return verbs.offer_shift(
        project_id=world.project_id,
        actor=world.actor(giver),
        at=world.now,
        client_uuid=more.pop("client_uuid", None) or uuid.uuid4(),
        data={"receiver": world.company.staff[receiver].pk, "keys": "3号楼电井钥匙1把", **more},
    )


def answer(world: World, row: ShiftHandover, who: str, *, accept: bool = True, reason: str = "") -> ShiftHandover:
    return verbs.answer_shift(
        project_id=world.project_id, pk=row.pk, actor=world.actor(who), at=world.now,
        data={"accept": accept, "reason": reason},
    )  # fmt: skip


def force(world: World, row: ShiftHandover, who: str) -> ShiftHandover:
    return verbs.force_shift(
        project_id=world.project_id, pk=row.pk, actor=world.actor(who), at=world.now, data={"reason": "接班人未到"}
    )


def write(world: World, who: str = "desk", **more: Any) -> DutyEntry:
    return verbs.write_entry(
        project_id=world.project_id,
        actor=world.actor(who),
        at=world.now,
        client_uuid=more.pop("client_uuid", None) or uuid.uuid4(),
        data={"happened_at": world.now.isoformat(), "kind": "round", "text": "巡查2号楼，正常", **more},
    )


def on_duty(world: World) -> int | None:
    now = reads.on_duty(world.project_id)
    return now.staff_id if now else None


@pytest.fixture
def desk_on_duty(world: World) -> int:
    verbs.go_on_duty(project_id=world.project_id, actor=world.actor("desk"), at=world.now)
    return world.company.staff["desk"].pk


def test_the_giver_stays_on_duty_until_the_receiver_accepts(world: World, desk_on_duty: int) -> None:
    row = offer(world)
    assert on_duty(world) == desk_on_duty
    with pytest.raises(NotAllowedError):
        answer(world, row, "desk")
    with pytest.raises(InvalidError):
        answer(world, row, "butler", accept=False)
    assert on_duty(world) == desk_on_duty
    world.pass_time(minutes=10)
    answer(world, row, "butler")
    assert on_duty(world) == world.company.staff["butler"].pk
    assert answer(world, row, "butler").answered_at == world.now


def test_the_giver_alone_takes_an_offer_back(world: World, desk_on_duty: int) -> None:
    """To the wrong colleague, or to one who does not come: the next offer must not wait for a manager."""
    row = offer(world, receiver="headbutler")

    def withdraw(who: str) -> ShiftHandover:
        return verbs.withdraw_shift(project_id=world.project_id, pk=row.pk, actor=world.actor(who), at=world.now)

    for who in ("butler", "headbutler", "manager"):
        with pytest.raises(NotAllowedError):
            withdraw(who)
    assert withdraw("desk").state == withdraw("desk").state == "withdrawn"
    assert on_duty(world) == desk_on_duty
    with pytest.raises(ConflictError):
        answer(world, row, "headbutler")
    answer(world, offer(world), "butler")
    with pytest.raises(NotFoundError):
        verbs.withdraw_shift(project_id=world.project_id, pk=row.pk, actor=world.actor("outsider"), at=world.now)
    assert on_duty(world) == world.company.staff["butler"].pk


def test_a_declined_offer_leaves_the_giver_and_may_be_made_again(world: World, desk_on_duty: int) -> None:
    answer(world, offer(world), "butler", accept=False, reason="钥匙数目不对")
    assert on_duty(world) == desk_on_duty
    offer(world)


def test_one_on_duty_and_one_offer_at_a_time(world: World, desk_on_duty: int) -> None:
    with pytest.raises(ConflictError):
        verbs.go_on_duty(project_id=world.project_id, actor=world.actor("butler"), at=world.now)
    with pytest.raises(NotAllowedError):
        offer(world, "butler", "desk")
    offer(world)
    with pytest.raises(ConflictError):
        offer(world)


def test_only_a_manager_forces_and_it_is_written_down(world: World, desk_on_duty: int) -> None:
    row = offer(world)
    with pytest.raises(NotAllowedError):
        force(world, row, "butler")
    force(world, row, "manager")
    assert on_duty(world) == world.company.staff["butler"].pk
    assert AuditEvent.objects.in_project(world.project_id).get(what="duty.force").reason == "接班人未到"
    with pytest.raises(ConflictError):
        answer(world, row, "butler")


def test_a_handover_carries_what_stands_open(world: World, desk_on_duty: int) -> None:
    urgent = world.open("desk", urgency="P0").case.number
    late = world.open("desk", urgency="P2").case.number
    done = to_settling(world)
    world.pass_time(hours=20)  # the callback of the urgent one is due within a day of its end
    calm = world.open("desk", urgency="P3").case.number
    row = offer(world, items="等电梯维保回电")
    kinds = {(item["kind"], item["number"]) for item in row.open_items}
    assert ("case", urgent) in kinds
    assert ("case", late) in kinds
    assert ("case", calm) not in kinds, "nothing about it is due today"
    assert ("callback", done) in kinds
    assert len([k for k, _n in kinds if k == "case"]) == 3


def test_an_incident_is_handed_over_as_one_line(world: World, desk_on_duty: int) -> None:
    incident = begin(world)
    for _caller in range(3):
        also(world, add_caller, incident, data={"unit": "3-2-1201"})
    found = reads.open_items(world.project_id, world.now)
    assert [(item.kind, item.number, item.title) for item in found] == [
        ("incident", incident.number, "3栋停水（3 件）")
    ]


def test_an_outside_ticket_is_handed_over_until_it_is_closed(world: World, desk_on_duty: int) -> None:
    number = world.open("desk", kind="complaint", title="电话打不通", channel="phone").case.number
    due = (world.now + timedelta(days=4)).isoformat()
    world.act("desk", number, "take_ticket", source="12345", ticket_number="HZ-1", due_at=due)
    Case.objects.in_project(world.project_id).update(next_due_at=world.now + timedelta(days=4))
    assert [item.number for item in reads.open_items(world.project_id, world.now)] == [number]


def test_an_entry_is_written_once_and_may_become_a_case(world: World) -> None:
    key, photo = uuid.uuid4(), world.photo("desk")
    first = write(world, client_uuid=key, case_kind="repair", text="B1车位灯不亮\n三盏", photos=[photo], place="B1")
    again = write(world, client_uuid=key, case_kind="repair", text="B1车位灯不亮\n三盏", photos=[photo], place="B1")
    assert again.pk == first.pk
    assert first.case is not None
    assert (first.case.title, first.case.channel, first.case.received_at) == ("B1车位灯不亮", "patrol", world.now)
    with pytest.raises(InvalidError):
        write(world, happened_at=(world.now + timedelta(minutes=1)).isoformat())
    with pytest.raises(InvalidError):
        write(world, photos=[world.photo("butler")])
    with pytest.raises((NotFoundError, NotAllowedError)):
        write(world, "outsider")
    with pytest.raises(NotAllowedError):
        write(world, "tech")


def sign(world: World, who: str = "manager", **answers: Any) -> Any:
    points = verbs._points(world.project_id, world.now)
    data = {p.code: {"ok": True} for p in points} | answers
    return verbs.sign_check(project_id=world.project_id, actor=world.actor(who), at=world.now, data=data)


def test_the_daily_check_is_whole_and_signed_once(world: World) -> None:
    with pytest.raises(NotAllowedError):
        sign(world, "desk")
    with pytest.raises(InvalidError) as refused:
        sign(world, late={"ok": False})
    assert "late" in refused.value.fields
    sign(world, late={"ok": False, "note": "2单超时"})
    with pytest.raises(ConflictError):
        sign(world)


def test_missing_days_show(world: World) -> None:
    assert reads.missing_checks(world.project_id, world.now.date()) == []
    sign(world)
    day = world.now.date()
    world.pass_time(days=3)
    sign(world)
    today = world.now.date()
    assert reads.missing_checks(world.project_id, today) == [day + timedelta(days=1), day + timedelta(days=2)]


def test_the_brief_goes_to_the_managers_once_a_day(world: World) -> None:
    number = world.open("desk", urgency="P1").case.number
    world.pass_time(days=1)
    world.now = world.now.replace(hour=23, minute=5)  # 07:05 in Hangzhou, the day after next
    found = reads.brief(world.project_id, world.now)
    assert [row["number"] for row in found.late] == [number]
    brief.send_briefs(world.now - timedelta(hours=1))
    rows = Outbox.objects.in_project(world.project_id).filter(event__startswith="brief:")
    assert not rows.exists()
    for _again in range(2):
        brief.send_briefs(world.now)
    assert [r.recipient for r in rows] == [f"staff:{world.company.staff['manager'].pk}"]
    assert "昨日" in rows[0].body
