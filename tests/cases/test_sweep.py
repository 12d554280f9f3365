"""Due clocks: the warning at 80 %, the ladder after it, each rung once, and nothing while a clock stands."""

import uuid
from collections.abc import Iterator
from datetime import datetime, timedelta

import pytest

from steward.cases import engine
from steward.cases.models import Case, Deadline, Entry
from steward.casework.clocks import sweep
from steward.kernel import reference
from steward.kernel.errors import ConflictError
from steward.kernel.models import Outbox
from tests.together import together
from tests.world import NOW, World, build_world

# An urgent repair (P1) must be accepted within 15 minutes: warned at 12, then 15, 22.5 and 30.
RUNGS = [(12.0, "desk"), (15.0, "desk"), (22.5, "manager"), (30.0, "region")]


def urgent(world: World) -> Case:
    return world.open("desk", urgency="P1", payer="owner").case


def sweep_all(at: datetime) -> int:
    """As often as anything is due: what a worker does at that instant."""
    fired = 0
    while ids := sweep.due(at):
        fired += sum(sweep.fire(project_id, pk, at) for project_id, pk in ids)
    return fired


def fired(case: Case, key: str = "response") -> list[tuple[str, int, list[str], datetime]]:
    """(action, stage, told, when) as the timeline shows it."""
    entries = Entry.objects.in_project(case.project_id).filter(case=case, action__in=["warn", "escalate"])
    rows = [(e.action, e.data["stage"], e.data["to"], e.happened_at) for e in entries.order_by("seq") if of(e, key)]
    assert all(e.actor_key == "system" for e in entries)
    return rows


def of(entry: Entry, key: str) -> bool:
    return bool(entry.data["deadline"] == key)


def staff(world: World, name: str) -> str:
    return f"staff:{world.company.staff[name].pk}"


def minutes(amount: float) -> datetime:
    return NOW + timedelta(minutes=amount)


def test_the_ladder_climbs_in_order_each_rung_once_at_its_instant(world: World) -> None:
    case = urgent(world)
    for after, _who in RUNGS:
        sweep_all(minutes(after) - timedelta(seconds=1))
        sweep_all(minutes(after))
        sweep_all(minutes(after))
    sweep_all(minutes(600))
    expected = [
        ("warn" if stage == 0 else "escalate", stage, [staff(world, who)], minutes(after))
        for stage, (after, who) in enumerate(RUNGS)
    ]
    assert fired(case) == expected


def test_after_an_outage_every_rung_is_made_up_for_in_order(world: World) -> None:
    case = urgent(world)
    sweep_all(minutes(60 * 24 * 30))
    assert [(action, stage) for action, stage, _to, _at in fired(case)] == [
        ("warn", 0),
        ("escalate", 1),
        ("escalate", 2),
        ("escalate", 3),
    ]
    seqs = Entry.objects.in_project(case.project_id).filter(case=case).order_by("seq").values_list("seq", flat=True)
    case.refresh_from_db(from_queryset=Case.objects.in_project(case.project_id))
    assert list(seqs) == list(range(1, case.version + 1))


def test_those_told_find_it_in_their_inbox(world: World) -> None:
    case = urgent(world)
    sweep_all(minutes(23))
    inbox = Outbox.objects.in_project(case.project_id).filter(channel="inapp", payload__case=case.number)
    manager = inbox.get(recipient=staff(world, "manager"))
    assert manager.payload["template"] == "deadline_late"
    assert case.number in manager.subject
    desk = inbox.filter(recipient=staff(world, "desk")).order_by("pk")
    assert [row.payload["template"] for row in desk] == ["deadline_warn", "deadline_late"]


def test_what_cannot_be_explained_is_escalated_all_the_same(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    def confused(*_args: object) -> None:
        raise ValueError("no such step")

    monkeypatch.setattr(sweep, "account", confused)
    world.open("desk", urgency="P0")
    for _rung in range(6):
        for project_id, pk in sweep.due(world.pass_time(hours=1)):
            sweep.fire(project_id, pk, world.now)
    assert Entry.objects.in_project(world.project_id).filter(action="escalate").exists()
    late = Outbox.objects.in_project(world.project_id).filter(payload__template="deadline_late")
    assert {row.body for row in late} == {""}


def test_the_warning_goes_to_whoever_has_the_job(world: World) -> None:
    case = urgent(world)
    world.act("desk", case.number, "dispatch", handler=world.company.staff["tech"].pk)
    sweep_all(minutes(12))
    assert fired(case) == [("warn", 0, [staff(world, "tech")], minutes(12))]


def test_a_clock_that_was_met_says_nothing(world: World) -> None:
    case = urgent(world)
    world.act("desk", case.number, "dispatch", handler=world.company.staff["tech"].pk)
    world.act("tech", case.number, "accept")
    sweep_all(minutes(60 * 24 * 30))
    assert fired(case) == []
    assert fired(case, "arrival")


def test_a_cancelled_case_says_nothing(world: World) -> None:
    case = urgent(world)
    world.act("desk", case.number, "cancel", reason="误报")
    assert sweep_all(minutes(60 * 24 * 30)) == 0


@pytest.fixture
def on_hold(world: World) -> Case:
    """Accepted at once, put off after ten minutes until tomorrow because nobody is at home."""
    case = urgent(world)
    world.act("desk", case.number, "dispatch", handler=world.company.staff["tech"].pk)
    world.act("tech", case.number, "accept")
    world.pass_time(minutes=10)
    suspend(world, case, "access")
    return case


def suspend(world: World, case: Case, reason: str) -> None:
    promised = world.now + timedelta(days=1)
    world.act("tech", case.number, "suspend", reason=reason, promised_at=promised, customer_told=True)


def test_a_paused_clock_never_fires(world: World, on_hold: Case) -> None:
    """While on hold only the promised new time speaks: one warning, then its ladder."""
    sweep_all(minutes(60 * 24 * 365))
    assert fired(on_hold, "arrival") == fired(on_hold, "completion") == []
    assert [stage for _action, stage, _to, _at in fired(on_hold, "promise")] == [0, 1, 2, 3]


def test_a_resumed_clock_counts_what_was_left(world: World, on_hold: Case) -> None:
    """30 minutes to arrive, ten of them gone: the warning is due 14 minutes after the work goes on."""
    world.pass_time(hours=20)
    world.act("tech", on_hold.number, "resume")
    sweep_all(world.now + timedelta(minutes=14) - timedelta(seconds=1))
    assert fired(on_hold, "arrival") == []
    sweep_all(world.now + timedelta(minutes=14))
    assert [stage for _action, stage, _to, _at in fired(on_hold, "arrival")] == [0]


def test_a_pause_after_the_warning_does_not_warn_again(world: World) -> None:
    case = urgent(world)
    world.act("desk", case.number, "dispatch", handler=world.company.staff["tech"].pk)
    world.act("tech", case.number, "accept")
    world.pass_time(minutes=25)
    sweep_all(world.now)
    suspend(world, case, "access")
    sweep_all(world.pass_time(hours=3))
    world.act("tech", case.number, "resume")
    sweep_all(world.pass_time(minutes=4))
    assert [stage for _action, stage, _to, _at in fired(case, "arrival")] == [0]
    sweep_all(world.pass_time(minutes=1))
    assert [stage for _action, stage, _to, _at in fired(case, "arrival")] == [0, 1]


def test_want_of_staff_does_not_stop_the_clock(world: World) -> None:
    case = urgent(world)
    world.act("desk", case.number, "dispatch", handler=world.company.staff["tech"].pk)
    world.act("tech", case.number, "accept")
    suspend(world, case, "capacity")
    sweep_all(minutes(60))
    assert [stage for _action, stage, _to, _at in fired(case, "arrival")] == [0, 1, 2, 3]


def test_a_clock_put_off_keeps_its_rung(world: World) -> None:
    case = urgent(world)
    row = Deadline.objects.in_project(case.project_id).get(case=case, key="response")
    sweep.put_off(row.project_id, row.pk, minutes(12))
    assert sweep_all(minutes(12)) == 0
    sweep_all(minutes(12) + sweep.REST)
    assert [stage for _action, stage, _to, _at in fired(case)] == [0, 1, 2]


@pytest.fixture
def shared_world(transactional_db: None) -> Iterator[World]:
    reference.forget()
    yield build_world()
    reference.forget()


def test_sweepers_at_once_fire_each_rung_once(shared_world: World) -> None:
    cases = [urgent(shared_world) for _ in range(3)]
    answers = together(4, lambda _n: sweep_all(minutes(60)))
    assert all(isinstance(n, int) for n in answers), answers
    for case in cases:
        assert [stage for _action, stage, _to, _at in fired(case)] == [0, 1, 2, 3]
        messages = Outbox.objects.in_project(case.project_id).filter(
            payload__case=case.number, payload__stage__gte=0, recipient=staff(shared_world, "region")
        )
        assert len({m.event for m in messages}) == messages.count()


def test_a_sweeper_and_a_person_at_once_both_count(shared_world: World) -> None:
    """Whoever comes second looks again: nothing is overwritten, the timeline has no gap."""
    case = urgent(shared_world)
    desk = shared_world.actor("desk")

    def work(number: int) -> object:
        if number == 0:
            return sweep_all(minutes(13))
        return engine.act(
            project_id=case.project_id,
            number=case.number,
            action="say",
            actor=desk,
            at=minutes(13),
            client_uuid=uuid.uuid4(),
            data={"text": "在催"},
        )

    answers = together(4, work)
    refused = [a for a in answers if isinstance(a, BaseException)]
    assert not [a for a in refused if not isinstance(a, ConflictError)], refused
    entries = list(Entry.objects.in_project(case.project_id).filter(case=case).order_by("seq"))
    assert [e.seq for e in entries] == list(range(1, len(entries) + 1))
    assert [e.action for e in entries].count("warn") == 1
    assert [e.action for e in entries].count("say") == 3 - len(refused)
