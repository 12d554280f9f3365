"""Never silent: the clock from one word to the next, the one-tap update, what the customer reads, the measure."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from steward.cases.declare import REGISTRY
from steward.cases.models import Case, Deadline, Entry
from steward.casework.clocks.nextword import SILENCE, UPDATE, ready_words
from steward.insight.silence import silence
from steward.kernel.errors import InvalidError, NotAllowedError, RefusalError
from steward.kernel.models import Outbox
from steward.web.cases import view_case
from steward.worker.loop import run_until_idle
from tests.rules import road
from tests.world import NOW, World


def running(world: World, number: str) -> Deadline | None:
    rows = Deadline.objects.in_project(world.project_id)
    return rows.filter(case__number=number, key=SILENCE, ended_at__isnull=True).first()


def past(world: World, number: str) -> list[str]:
    rows = Deadline.objects.in_project(world.project_id).filter(case__number=number, key=SILENCE)
    return [row.outcome for row in rows.order_by("pk") if row.ended_at]


def due(world: World, number: str) -> datetime | None:
    row = running(world, number)
    return row.due_at if row else None


def repair(world: World, **data: Any) -> str:
    return world.open("desk", **{"urgency": "P1", "payer": "owner", **data}).case.number


def update(world: World, who: str, number: str, hours: float, word: str = "配件明天到") -> Any:
    return world.act(who, number, UPDATE, word=word, next_at=(world.now + timedelta(hours=hours)).isoformat())


@pytest.mark.parametrize("kind", sorted(REGISTRY))
def test_every_kind_of_case_is_never_silent(kind: str) -> None:
    """Declared for every process: the clock runs in each open state, and an update is possible there."""
    process = REGISTRY[kind]
    clock, action = process.deadline(SILENCE), process.action(UPDATE)
    assert clock is not None, "declare never_silent(…) among its deadlines"
    assert action is not None, "declare update_action(…) among its actions"
    at_work = set(process.states.values) - process.terminal - process.completed_in
    assert at_work <= clock.runs_in
    assert at_work <= action.source


def test_urgent_cases_owe_a_word_in_two_hours_day_and_night(world: World) -> None:
    assert due(world, repair(world)) == NOW + timedelta(hours=2)
    assert due(world, repair(world, urgency="P0")) == NOW + timedelta(minutes=30)


def test_an_ordinary_case_sleeps_at_night(world: World) -> None:
    """20:30 in China, Saturday: twelve hours of the day are over at eight on Sunday evening."""
    world.now = datetime(2026, 11, 21, 12, 30, tzinfo=UTC)
    assert due(world, repair(world, urgency="P2")) == datetime(2026, 11, 22, 12, 0, tzinfo=UTC)


def test_every_public_step_meets_it_and_starts_it_again(world: World) -> None:
    number = repair(world)
    world.act("desk", number, "dispatch", handler=world.company.staff["tech"].pk)
    world.pass_time(minutes=40)
    world.act("tech", number, "accept")
    assert past(world, number)[-1] == "met"
    assert due(world, number) == world.now + timedelta(hours=2)
    world.pass_time(minutes=40)
    world.act("desk", number, "say", text="内部备注")
    assert due(world, number) == world.now + timedelta(hours=2) - timedelta(minutes=40)


def test_what_the_customer_does_himself_is_no_word_of_ours(world: World) -> None:
    number = world.open("desk", kind="complaint", urgency="P1", title="楼道灯坏了一个月").case.number
    before = due(world, number)
    world.pass_time(minutes=30)
    update(world, "desk", number, 1)
    promised = due(world, number)
    assert promised == world.now + timedelta(hours=1) != before
    with pytest.raises(RefusalError):
        update(world, "owner", number, 5)
    assert due(world, number) == promised


def test_the_customers_own_yes_is_no_word_of_ours(world: World) -> None:
    number = road.quoted(world)
    promised = due(world, number)
    world.pass_time(minutes=30)
    seen = road.look(world, number).detail.quote_hash
    who = {"way": "portal", "person_name": "王淑芬", "relation": "本人"}
    world.act("owner", number, "consent", quote_hash=seen, **who)
    assert due(world, number) == promised
    world.act("tech", number, "start")
    assert due(world, number) == world.now + timedelta(hours=2)


def test_one_tap_tells_the_customer_and_moves_the_promise(world: World) -> None:
    number = repair(world)
    update(world, "desk", number, 26)
    assert due(world, number) == world.now + timedelta(hours=26)
    told = Outbox.objects.in_project(world.project_id).get(
        payload__template="case.next_word", payload__case=number, channel="inapp"
    )
    assert "配件明天到" in told.body
    entry = Entry.objects.in_project(world.project_id).get(case__number=number, action=UPDATE)
    assert (entry.note, entry.is_public) == ("配件明天到", True)


def test_a_late_word_stays_late_whatever_is_promised_then(world: World) -> None:
    number = repair(world)
    world.pass_time(hours=3)
    update(world, "desk", number, 1)
    assert past(world, number) == ["late"]


@pytest.mark.parametrize("hours", [-1, 0, 24 * 8])
def test_a_promise_lies_ahead_and_not_too_far(world: World, hours: float) -> None:
    with pytest.raises(InvalidError) as refused:
        update(world, "desk", repair(world), hours)
    assert list(refused.value.fields) == ["next_at"]


def test_handler_first_responder_and_desk_speak_nobody_else(world: World) -> None:
    number = repair(world)
    world.act("desk", number, "dispatch", handler=world.company.staff["tech"].pk)
    update(world, "tech", number, 1)
    with pytest.raises(NotAllowedError):
        update(world, "cashier", number, 1)


def test_a_new_time_given_when_put_off_is_the_next_word(world: World) -> None:
    number = repair(world)
    world.act("desk", number, "dispatch", handler=world.company.staff["tech"].pk)
    world.act("tech", number, "accept")
    promised = world.now + timedelta(hours=30)
    world.act("tech", number, "suspend", reason="parts", promised_at=promised, customer_told=True)
    assert due(world, number) == promised


def test_silence_is_warned_then_escalated(world: World) -> None:
    number = repair(world)
    run_until_idle(NOW + timedelta(hours=2))
    rows = Entry.objects.in_project(world.project_id).filter(case__number=number, data__deadline=SILENCE)
    assert [row.action for row in rows.order_by("seq")] == ["warn", "escalate"]


def test_what_nobody_waits_for_has_no_such_clock(world: World) -> None:
    number = world.open("tech", unit="", place="地下车库", channel="patrol", urgency="P2").case.number
    assert running(world, number) is None


def test_it_ends_with_the_work_and_is_void_when_called_off(world: World) -> None:
    number = repair(world)
    world.act("desk", number, "cancel", reason="误报")
    assert running(world, number) is None


def test_once_the_work_is_done_the_first_responder_sees_to_the_rest(world: World) -> None:
    """Least of all is it accepted by whoever did it."""
    said = view_case(world.actor("desk"), world.project_id, road.checking(world)).next_word()
    assert said is not None
    assert said.who == "周敏"


def test_the_customer_reads_what_comes_next_from_whom_and_by_when(world: World) -> None:
    number = repair(world)
    owner = world.actor("owner")
    first = view_case(owner, world.project_id, number).next_word()
    assert first is not None
    assert (first.text, first.who, first.by) == ("派单", "周敏", NOW + timedelta(hours=2))
    update(world, "desk", number, 3, "师傅在路上")
    second = view_case(owner, world.project_id, number).next_word()
    assert second is not None
    assert (second.text, second.by) == ("师傅在路上", NOW + timedelta(hours=3))
    world.act("desk", number, "dispatch", handler=world.company.staff["tech"].pk)
    third = view_case(owner, world.project_id, number).next_word()
    assert third is not None
    assert (third.text, third.who) == ("接单", "李建国")


def test_ready_sentences_promise_no_word_in_the_night(world: World) -> None:
    number = repair(world)
    case = Case.objects.in_project(world.project_id).get(number=number)
    for hour in range(24):
        at = datetime(2026, 11, 21, hour, 7, tzinfo=UTC)
        for text, said in ready_words(case, at):
            local = said + timedelta(hours=8 - (said.utcoffset() or timedelta(0)) / timedelta(hours=1))
            assert text
            assert said > at
            assert 8 <= local.hour < 21, (hour, said)


def test_the_measure_counts_cases_never_silent_longer_than_promised(world: World) -> None:
    kept, broken = repair(world), repair(world)
    world.pass_time(hours=1)
    update(world, "desk", kept, 9)
    world.pass_time(hours=4)
    update(world, "desk", broken, 1)
    world.pass_time(minutes=30)
    found = silence(
        actor=world.actor("manager"),
        projects=frozenset({world.project_id}),
        since=NOW - timedelta(days=1),
        until=NOW + timedelta(days=1),
        at=world.now,
    )
    assert (found.cases, found.kept, found.share, found.longest) == (2, 1, 50.0, timedelta(hours=5))
