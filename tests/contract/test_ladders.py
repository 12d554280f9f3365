"""Every clock of every kind, left alone: it warns before, climbs after, tells the right people, and they hear it.

A clock that a process declares and nobody brings to run here fails the build.
"""

import uuid
from collections.abc import Callable
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from steward.assurance.models import RainClock
from steward.assurance.policies import RAIN_CLOCK
from steward.cases.declare import REGISTRY, DeadlineRule, Process
from steward.cases.models import Case, Deadline, Entry
from steward.casework import subtasks
from steward.casework.accountability import handovers
from steward.casework.accountability.handovers import ANSWER
from steward.casework.clocks import sweep
from steward.casework.clocks.nextword import SILENCE
from steward.casework.models import Ring, SubTask
from steward.casework.subtasks.policies import REPLY, UPWARD_REPLY
from steward.kernel import outbox, reference
from steward.kernel.actor import Role
from steward.kernel.clocks.policy import ClockTable
from steward.kernel.clocks.row import ClockRow
from steward.kernel.models import Outbox, OutboxState
from steward.registers.workforce.models import Staff
from steward.worker.loop import run_until_idle
from tests.assurance import test_callbacks as rained
from tests.casework import test_oncall as night
from tests.processes import test_complaint as complaint
from tests.rules import road
from tests.world import World

Begin = Callable[[World], str]
at_night = night.at_night  # its fixture: two technicians, the manager and the lift company on call
CLOCKS = [(process, rule) for process in REGISTRY.values() for rule in process.deadlines]
SECOND = timedelta(seconds=1)


def dispatched(world: World) -> str:
    number = road.received(world)
    world.act("desk", number, "dispatch", handler=staff(world, "tech"))
    return number


def put_off(world: World) -> str:
    number = road.on_site(world)
    promised = world.now + timedelta(hours=5)
    world.act("tech", number, "suspend", reason="access", promised_at=promised, customer_told=True)
    return number


def above_limit(world: World) -> str:
    number = road.scoped(world)
    world.act("tech", number, "quote", lines=[{"code": "L-PLUMB", "quantity": "12"}])
    return number


def planned(world: World) -> str:
    number = complaint.answered(world)
    until = (world.now + timedelta(days=5)).isoformat()
    world.act("headbutler", number, "ask_plan", plan="下周换水泵", until=until)
    world.act("manager", number, "approve_plan")
    return number


def ticketed(world: World) -> str:
    number = complaint.acknowledged(world)
    due = (world.now + timedelta(days=3)).isoformat()
    world.act("desk", number, "take_ticket", source="12345", ticket_number="HZ-1", due_at=due)
    return number


def ordered(world: World) -> str:
    asked = {"title": "开荒保洁", "item": "S-CLEAN", "quantity": "2", "told_amount": "100.00"}
    wanted = (world.now + timedelta(days=2)).isoformat()
    return world.open("desk", kind="service_order", wanted_from=wanted, **asked).case.number


def arranged(world: World) -> str:
    number = ordered(world)
    world.act("desk", number, "arrange", handler=staff(world, "tech"))
    return number


def served(world: World) -> str:
    number = arranged(world)
    world.act("tech", number, "finish", result="两间房已做完")
    return number


def opened(kind: str) -> Begin:
    return lambda world: world.open("desk", kind=kind, title="问一下").case.number


BEGINS: dict[tuple[str, str], Begin] = {
    ("repair", "response"): dispatched,
    ("repair", "arrival"): dispatched,
    ("repair", "consent"): road.quoted,
    ("repair", "approval"): above_limit,
    ("repair", "acceptance"): road.checking,
    ("repair", "promise"): put_off,
    ("repair", "completion"): road.working,
    ("repair", "callback"): road.settling,
    ("repair", "payment"): road.settling,
    ("repair", SILENCE): dispatched,
    ("complaint", "acknowledge"): complaint.received,
    ("complaint", "answer"): complaint.assigned,
    ("complaint", "solution"): complaint.answered,
    ("complaint", "plan"): planned,
    ("complaint", "official"): ticketed,
    ("complaint", "callback"): complaint.solved,
    ("complaint", SILENCE): complaint.assigned,
    ("inquiry", "answer"): opened("inquiry"),
    ("inquiry", SILENCE): opened("inquiry"),
    ("suggestion", "answer"): opened("suggestion"),
    ("suggestion", SILENCE): opened("suggestion"),
    ("praise", "pass_on"): opened("praise"),
    ("praise", SILENCE): opened("praise"),
    ("service_order", "arrange"): ordered,
    ("service_order", "fulfil"): arranged,
    ("service_order", "callback"): served,
    ("service_order", SILENCE): ordered,
}


def staff(world: World, name: str) -> int:
    return int(world.company.staff[name].pk)


def case_of(world: World, number: str) -> Case:
    return Case.objects.in_project(world.project_id).get(number=number)


def running(world: World, number: str, key: str) -> Deadline:
    return Deadline.objects.in_project(world.project_id).get(case__number=number, key=key, ended_at=None)


def fired(world: World, row: ClockRow) -> list[tuple[int, datetime, list[str]]]:
    """(stage, when, who) of this clock, as the timeline says."""
    entries = Entry.objects.in_project(world.project_id).filter(action__in=["warn", "escalate"]).order_by("seq")
    mine = [e for e in entries if (e.data["deadline"], e.data["clock"]) == (getattr(row, "key", ""), row.pk)]
    assert all((e.action == "warn") is (e.data["stage"] == 0) for e in mine)
    return [(e.data["stage"], e.happened_at, e.data["to"]) for e in mine]


def left_alone(world: World, row: ClockRow) -> list[tuple[int, datetime, list[str]]]:
    """The worker at every instant at which this clock has something to say, and a second before."""
    for stage in range(len(row.rungs) + 1):
        row.refresh_from_db(from_queryset=type(row).objects.in_project(world.project_id))  # type: ignore[attr-defined]
        assert row.next_at is not None, f"stage {stage} never comes"
        run_until_idle(row.next_at - SECOND)
        assert len(fired(world, row)) == stage, "too early"
        run_until_idle(row.next_at)
        assert len(fired(world, row)) == stage + 1, f"stage {stage} is silent"
    row.refresh_from_db(from_queryset=type(row).objects.in_project(world.project_id))  # type: ignore[attr-defined]
    assert row.next_at is None
    return fired(world, row)


#: Decided by whoever holds a role, whoever works on the case.
DECIDED = {("repair", "approval"): "manager"}


def first_to_hear(world: World, case: Case, process: Process, key: str) -> str:
    """Whoever decides or works on it; once it is done, or while nobody does, whoever answers for it."""
    if (decides := DECIDED.get((process.kind, key))) is not None:
        return f"staff:{staff(world, decides)}"
    works = None if case.state in process.completed_in else case.handler_id
    return f"staff:{works or case.accountable_id}"


def assert_heard(world: World, row: ClockRow, to: str, stage: int) -> Outbox:
    """It stands in the inbox, delivered, and tells of this clock."""
    table = "deadline" if isinstance(row, Deadline) else getattr(row, "key", "")
    rows = Outbox.objects.in_project(world.project_id).filter(event=f"{table}:{row.pk}:{stage}", recipient=to)
    told = rows.filter(channel="inapp").first()
    assert told is not None, f"{to} was told nothing"
    assert told.state == OutboxState.DONE
    assert told.pk in {m.pk for m in outbox.inbox(to, limit=200)}
    assert told.payload["template"] == ("deadline_late" if stage else "deadline_warn")
    assert told.subject.startswith(told.payload["case"])
    return told


def test_every_declared_clock_is_tried_here() -> None:
    assert set(BEGINS) == {(process.kind, rule.key) for process, rule in CLOCKS}


@pytest.mark.parametrize(("process", "rule"), CLOCKS, ids=lambda x: getattr(x, "kind", getattr(x, "key", "")))
def test_left_alone_it_warns_and_climbs(process: Process, rule: DeadlineRule, world: World) -> None:
    number = BEGINS[process.kind, rule.key](world)
    row, case = running(world, number, rule.key), case_of(world, number)
    rungs = [f"staff:{staff(world, 'desk')}", f"staff:{staff(world, 'manager')}", f"staff:{staff(world, 'region')}"]
    stages = left_alone(world, row)
    assert [stage for stage, _at, _to in stages] == [0, 1, 2, 3]
    assert [to for _stage, _at, to in stages] == [
        [first_to_hear(world, case, process, rule.key)],
        *([who] for who in rungs),
    ]
    (_w, warned, _to), (_l, climbed, _too) = stages[:2]
    assert warned < climbed == row.due_at, "warned before, escalated when it is due"
    assert_heard(world, row, first_to_hear(world, case, process, rule.key), 0)
    for stage, who in enumerate(rungs, start=1):
        told = assert_heard(world, row, who, stage)
        assert told.body.startswith(f"“{rule.title}”时限 "), "and why it is late is said at once"


TABLES = {rule.policy.key: rule.policy.preset for _process, rule in CLOCKS} | {
    policy.key: policy.preset for policy in (ANSWER, REPLY, UPWARD_REPLY, RAIN_CLOCK)
}


@pytest.mark.parametrize("key", sorted(TABLES))
def test_every_preset_warns_first_and_reaches_further_up(key: str) -> None:
    table: ClockTable = TABLES[key]
    for clock in filter(None, [table.default, *table.by_urgency.values()]):
        assert Decimal(0) < clock.warn_ratio < 1 <= clock.ladder[0][0]
        assert clock.ladder[-1][1] == Role.REGION


def ask(world: World, number: str, **asked_of: Any) -> SubTask:
    data = {"what": "请查一下地下室水泵", **asked_of}
    return subtasks.ask_subtask(
        project_id=world.project_id,
        number=number,
        data=data,
        actor=world.actor("desk"),
        at=world.now,
        client_uuid=uuid.uuid4(),
    )


@pytest.mark.parametrize(
    ("asked_of", "warned"),
    [({"colleague": "tech2"}, "tech2"), ({"role": "region"}, "region"), ({"contractor": "东升电梯"}, "desk")],
    ids=["colleague", "upward", "contractor"],
)
def test_a_subtask_left_alone(asked_of: dict[str, Any], warned: str, world: World) -> None:
    number = dispatched(world)
    known = {k: staff(world, v) if k == "colleague" else v for k, v in asked_of.items()}
    row = ask(world, number, **known)
    stages = left_alone(world, row)
    people = [warned, "desk", "manager", "region"]
    assert [to for _stage, _at, to in stages] == [[f"staff:{staff(world, who)}"] for who in people]
    assert_heard(world, row, f"staff:{staff(world, warned)}", 0)
    assert "协办回报" in assert_heard(world, row, f"staff:{staff(world, 'manager')}", 2).body


def test_a_handover_left_alone(world: World) -> None:
    number = dispatched(world)
    row = handovers.offer_handover(
        project_id=world.project_id,
        number=number,
        data={"receiver": staff(world, "butler"), "reason": "我去培训"},
        actor=world.actor("desk"),
        at=world.now,
        client_uuid=uuid.uuid4(),
    )
    stages = left_alone(world, row)
    assert [to for _stage, _at, to in stages] == [
        [f"staff:{staff(world, who)}"] for who in ("butler", "manager", "region")
    ]
    assert_heard(world, row, f"staff:{staff(world, 'butler')}", 0)
    told = assert_heard(world, row, f"staff:{staff(world, 'manager')}", 1)
    assert "等答复" in told.body
    assert "陈悦" in told.body


def test_a_ring_at_night_left_alone(at_night: World) -> None:
    """Rung and no word: who is next, the duty manager and the desk at once, then upward."""
    night.urgent(at_night)
    row = Ring.objects.in_project(at_night.project_id).get()
    stages = left_alone(at_night, row)
    first = {f"staff:{staff(at_night, who)}" for who in ("tech2", "manager", "desk")}
    assert set(stages[0][2]) == first
    assert [to for _stage, _at, to in stages[1:]] == [
        [f"staff:{staff(at_night, who)}"] for who in ("manager", "region")
    ][: len(stages) - 1]
    for to in first:
        assert_heard(at_night, row, to, 0)


def test_a_call_after_rain_left_alone(world: World) -> None:
    """Its case is closed long since, and still whoever should call is warned, and it climbs."""
    number = rained.leak(world)
    world.pass_time(days=1)
    rained.ring(world, number, rating=4)
    assert case_of(world, number).closed_at is not None
    rained.it_rains(world, rained.today(world))
    row = RainClock.objects.in_project(world.project_id).get()
    stages = left_alone(world, row)
    people = ["butler", "desk", "manager", "region"]
    assert [to for _stage, _at, to in stages] == [[f"staff:{staff(world, who)}"] for who in people]
    assert stages[1][1] == row.due_at == row.callback.due_at
    body = assert_heard(world, row, f"staff:{staff(world, 'manager')}", 2).body
    assert "打雨后回访电话" in body


def test_no_other_table_of_clocks_is_swept() -> None:
    """Whoever adds one tries it here."""
    assert set(sweep.WATCHES) == {"case", "handover", "subtask", "on_call", "after_rain"}


def gone(world: World, *names: str) -> None:
    Staff.objects.filter(pk__in=[staff(world, name) for name in names]).update(is_active=False)
    reference.bump()


def test_whoever_has_left_is_not_the_one_to_hear(world: World) -> None:
    """A released technician reads no warning: whoever answers for the case does."""
    number = dispatched(world)
    gone(world, "tech")
    (_stage, _at, warned), *_rest = left_alone(world, running(world, number, "arrival"))
    assert warned == [f"staff:{staff(world, 'desk')}"]


def test_where_nobody_stands_on_a_rung_the_next_one_up_hears(world: World) -> None:
    number = dispatched(world)
    gone(world, "desk", "manager")
    heard = [to for _stage, _at, to in left_alone(world, running(world, number, "arrival"))]
    assert heard == [[f"staff:{staff(world, who)}"] for who in ("tech", "region", "region", "region")]
