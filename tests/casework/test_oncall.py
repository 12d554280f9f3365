"""The night at the desk: two ways to take a case, and who is rung until somebody comes."""

import uuid
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from steward.cases.models import Case, Entry, Urgency
from steward.casework.accountability import oncall
from steward.casework.accountability.oncall import Rung
from steward.casework.intake import night
from steward.casework.models import Ring, RingState
from steward.kernel.errors import ConflictError, NotAllowedError, NotFoundError
from steward.kernel.models import Outbox
from steward.registers.workforce.oncall import Entry as Line
from steward.registers.workforce.oncall import duty_date, set_on_call
from steward.worker.loop import run_until_idle
from tests.world import World

#: Sunday 02:00 in Hangzhou; the list is that of Saturday.
NIGHT = datetime(2026, 11, 21, 18, 0, tzinfo=UTC)
MORNING = datetime(2026, 11, 22, 1, 0, tzinfo=UTC)


@pytest.fixture
def at_night(world: World) -> World:
    """Two technicians on call, the plumber second on paper; the manager decides."""
    staff = world.company.staff
    set_on_call(
        project_id=world.project_id,
        day=duty_date(world.project_id, NIGHT),
        entries={
            "technician": Line(staff["tech2"].pk, stand_in_id=staff["headbutler"].pk),
            "second": Line(staff["tech"].pk),
            "manager": Line(staff["manager"].pk),
            "lift": Line(None, "东方电梯", "400-800-1234"),
        },
        actor=world.actor("manager"),
        at=world.now,
    )
    world.now = NIGHT
    return world


def urgent(world: World, who: str = "desk", **data: Any) -> Rung:
    data = {"title": "水管爆了", "channel": "phone", "unit": "3-2-1201", "category": "leak", **data}
    return night.receive_urgent(
        project_id=world.project_id,
        kind=data.pop("kind", "repair"),
        actor=world.actor(who),
        at=world.now,
        client_uuid=data.pop("client_uuid", None) or uuid.uuid4(),
        data=data,
    )


def on(world: World, verb: Any, number: str, who: str = "desk", *, same: uuid.UUID | None = None, **data: Any) -> Any:
    """Asked by somebody who sees what is; ``seen``: what he saw."""
    rows = Ring.objects.in_project(world.project_id).filter(case__number=number, state=RingState.RINGING)
    data.setdefault("seen", rows.values_list("serial", flat=True).first())
    return verb(
        project_id=world.project_id,
        number=number,
        actor=world.actor(who),
        at=world.now,
        client_uuid=same or uuid.uuid4(),
        data=data,
    )


def lines(case: Case) -> list[tuple[str, str]]:
    rows = Entry.objects.in_project(case.project_id).filter(case_id=case.pk, action__endswith="on_call")
    return [(e.action, e.data["rung"]) for e in rows.order_by("seq")]


def told(world: World, since: datetime) -> set[str]:
    """Who is alarmed about the ring, in the app."""
    rows = Outbox.objects.in_project(world.project_id).filter(channel="inapp", created_at__gte=since)
    return {r.recipient for r in rows if r.payload.get("wakes")}


def keys(world: World, *names: str) -> set[str]:
    return {f"staff:{world.company.staff[name].pk}" for name in names}


def test_urgent_at_night_rings_the_right_trade_and_gives_it_the_job(at_night: World) -> None:
    done = urgent(at_night)
    assert done.ring is not None
    assert (done.ring.name, done.ring.phone, done.refusal) == ("李建国", "13600010001", "")
    case = Case.objects.in_project(at_night.project_id).get(pk=done.case.pk)
    assert (case.state, case.handler_id) == ("dispatched", at_night.company.staff["tech"].pk)
    assert lines(case) == [("ring_on_call", "李建国")]
    assert told(at_night, NIGHT) == keys(at_night, "tech")


def test_an_ordinary_matter_becomes_urgent_danger_stays_danger(at_night: World) -> None:
    assert urgent(at_night, category="door", unit="2-1-0304").case.urgency == Urgency.P1
    lift = urgent(at_night, category="lift", unit="", place="3栋电梯")
    assert lift.case.urgency == Urgency.P0
    assert lift.ring is not None
    assert (lift.ring.name, lift.ring.staff_id) == ("东方电梯", None), "the lift company first"
    assert lift.case.state == "received", "a company outside gets no job of ours"


def test_the_same_request_again_rings_nobody_again(at_night: World) -> None:
    same = uuid.uuid4()
    first, again = urgent(at_night, client_uuid=same), urgent(at_night, client_uuid=same)
    assert first.case.pk == again.case.pk
    assert Ring.objects.in_project(at_night.project_id).count() == 1


def test_nobody_answers_the_next_gets_the_job(at_night: World) -> None:
    number = urgent(at_night).case.number
    at_night.pass_time(minutes=4)
    same = uuid.uuid4()
    second = on(at_night, oncall.ring_on_call, number, same=same, seen=1)
    assert second.ring.name == "王强"
    assert on(at_night, oncall.ring_on_call, number, same=same, seen=1).ring.pk == second.ring.pk, "a double click"
    case = Case.objects.in_project(at_night.project_id).get(number=number)
    assert case.handler_id == at_night.company.staff["tech2"].pk
    third = on(at_night, oncall.ring_on_call, number, outcome="declined", note="在另一处抢修")
    assert third.ring.name == "林静", "the stand-in"
    assert third.case.handler_id == case.handler_id, "no technician: the job stays where it was"
    states = [(r.name, r.state) for r in oncall.of_case(case)]
    assert states == [("李建国", "no_answer"), ("王强", "declined"), ("林静", "ringing")]
    assert lines(case) == [
        ("ring_on_call", "李建国"),
        ("miss_on_call", "李建国"),
        ("ring_on_call", "王强"),
        ("miss_on_call", "王强"),
        ("ring_on_call", "林静"),
    ]


def test_an_old_request_again_takes_the_job_from_nobody(at_night: World) -> None:
    number, staff = urgent(at_night).case.number, at_night.company.staff
    same = uuid.uuid4()
    # He has the job already: this ring had nothing to give.
    asked: dict[str, Any] = {"to": f"staff:{staff['tech'].pk}", "same": same, "seen": 1}
    on(at_night, oncall.ring_on_call, number, **asked)
    on(at_night, oncall.ring_on_call, number)
    case = Case.objects.in_project(at_night.project_id).get(number=number)
    assert case.handler_id == staff["tech2"].pk
    on(at_night, oncall.ring_on_call, number, **asked)
    case.refresh_from_db()
    assert case.handler_id == staff["tech2"].pk


def test_whoever_presses_second_cuts_nobody_off(at_night: World) -> None:
    """Both saw the first ring; the second click must not count the next one as missed."""
    number = urgent(at_night).case.number
    at_night.pass_time(minutes=4)
    on(at_night, oncall.ring_on_call, number, "butler", seen=1)
    at_night.pass_time(seconds=5)
    for verb in (oncall.ring_on_call, oncall.confirm_on_call):
        with pytest.raises(ConflictError) as refusal:
            on(at_night, verb, number, seen=1)
        assert (refusal.value.rule, str(refusal.value)) == (
            "oncall.as_seen",
            "其他同事 02:04 起正在呼叫王强，请先等回应。",
        )
    case = Case.objects.in_project(at_night.project_id).get(number=number)
    assert [(r.name, r.state) for r in oncall.of_case(case)] == [("李建国", "no_answer"), ("王强", "ringing")]
    on(at_night, oncall.confirm_on_call, number, "butler", seen=2)
    with pytest.raises(ConflictError) as refusal:
        on(at_night, oncall.ring_on_call, number, seen=2)
    assert str(refusal.value) == "王强 02:04 已答应前往。"


def test_when_everybody_was_rung_somebody_is_chosen(at_night: World) -> None:
    number = urgent(at_night).case.number
    for _again in range(3):
        on(at_night, oncall.ring_on_call, number)
    with pytest.raises(ConflictError) as refusal:
        on(at_night, oncall.ring_on_call, number)
    assert refusal.value.rule == "oncall.nobody_left"
    tech = at_night.company.staff["tech"].pk
    assert on(at_night, oncall.ring_on_call, number, to=f"staff:{tech}").ring.name == "李建国"


def test_no_word_within_the_minutes_alarms_the_next_and_the_duty_manager(at_night: World) -> None:
    number = urgent(at_night).case.number
    ring = Ring.objects.in_project(at_night.project_id).get()
    assert ring.due_at == NIGHT + timedelta(minutes=10)
    run_until_idle(at_night.pass_time(minutes=9))
    assert told(at_night, NIGHT + timedelta(seconds=1)) == set()
    run_until_idle(at_night.pass_time(minutes=2))
    assert told(at_night, NIGHT + timedelta(seconds=1)) == keys(at_night, "tech2", "manager", "desk")
    warned = Entry.objects.in_project(at_night.project_id).filter(action="warn", data__deadline="on_call")
    assert warned.get().case.number == number


def test_who_confirms_stops_the_alarm(at_night: World) -> None:
    by_voice, by_phone = urgent(at_night).case.number, urgent(at_night, unit="2-1-0304").case.number
    at_night.pass_time(minutes=3)
    assert on(at_night, oncall.confirm_on_call, by_voice, note="20 分钟到").state == RingState.COMING
    at_night.act("tech", by_phone, "accept")
    rings = [r for n in (by_voice, by_phone) for r in oncall.of_case(Case.objects.unscoped().get(number=n))]
    assert [(r.state, r.outcome) for r in rings] == [("coming", "met")] * 2
    run_until_idle(at_night.pass_time(minutes=30))
    kept = Ring.objects.in_project(at_night.project_id).values_list("state", "outcome")
    assert list(kept) == [("coming", "met")] * 2
    assert told(at_night, NIGHT + timedelta(seconds=1)) == set()
    with pytest.raises(ConflictError):
        on(at_night, oncall.confirm_on_call, by_voice)


def test_a_case_called_off_needs_nobody(at_night: World) -> None:
    number = urgent(at_night).case.number
    at_night.act("desk", number, "cancel", reason="业户自己关了总阀")
    assert Ring.objects.in_project(at_night.project_id).get().state == RingState.VOID
    with pytest.raises(ConflictError):
        on(at_night, oncall.ring_on_call, number)


def test_an_empty_list_wakes_whoever_could_come(world: World) -> None:
    world.now = NIGHT
    done = urgent(world)
    assert done.ring is not None
    assert done.ring.name == "李建国", "the plumber, though nobody is on call"
    names = [c.name for c in oncall.left_to_ring(done.case, [done.ring], NIGHT)]
    assert names == ["王强", "赵伟"], "then the other trade, then the manager"


def test_ringing_is_the_desks(at_night: World) -> None:
    number = urgent(at_night).case.number
    with pytest.raises(NotAllowedError):
        on(at_night, oncall.ring_on_call, number, "tech")
    with pytest.raises(NotFoundError):
        on(at_night, oncall.ring_on_call, number, "outsider")


def morning(world: World, **data: Any) -> tuple[Case, datetime | None]:
    data = {"title": "龙头滴水", "channel": "phone", "unit": "3-2-1201", "category": "leak", **data}
    same = data.pop("client_uuid", None) or uuid.uuid4()
    return night.receive_for_morning(
        project_id=world.project_id,
        kind="repair",
        actor=world.actor("desk"),
        at=world.now,
        client_uuid=same,
        data=data,
    )


def test_put_off_to_the_morning_the_customer_is_told_when_somebody_calls(at_night: World) -> None:
    same = uuid.uuid4()
    case, by = morning(at_night, client_uuid=same)
    assert by == MORNING
    assert morning(at_night, client_uuid=same)[0].pk == case.pk
    case = Case.objects.in_project(at_night.project_id).get()
    assert (case.urgency, case.state) == ("P2", "received")
    silence = case.deadlines.get(key="silence", ended_at__isnull=True)
    assert silence.due_at == MORNING
    said = Outbox.objects.in_project(at_night.project_id).filter(
        recipient__startswith="customer:", payload__template="case.next_word", channel="inapp"
    )
    assert "11-22 09:00" in said.get().body
    assert "早上" in said.get().body
    assert not Ring.objects.in_project(at_night.project_id).exists()


def test_danger_cannot_wait_for_the_morning(at_night: World) -> None:
    with pytest.raises(ConflictError) as refusal:
        morning(at_night, category="lift", unit="", place="3栋电梯")
    assert refusal.value.rule == "night.danger"
    assert not Case.objects.in_project(at_night.project_id).exists()


def test_by_day_the_morning_is_the_next_one(world: World) -> None:
    assert night.morning_call(world.project_id, world.now) == MORNING
    late = datetime(2026, 11, 21, 15, 10, tzinfo=UTC)
    assert night.morning_call(world.project_id, late) == MORNING
