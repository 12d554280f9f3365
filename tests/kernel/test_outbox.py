"""The outbox: promised once, done at least once, never in a circle."""

from collections.abc import Callable, Iterator
from datetime import datetime, timedelta

import pytest

from steward.kernel import outbox, reference
from steward.kernel.models import Outbox, OutboxState
from steward.kernel.outbox import Message, RefusedError, Route, UnclearError
from tests.together import together
from tests.world import NOW, World, build_world

Calls = list[tuple[int, datetime]]


@pytest.fixture
def calls(monkeypatch: pytest.MonkeyPatch) -> Calls:
    """Two topics: "again" resends by itself, "ask" does not. Both note that they ran."""
    seen: Calls = []

    def note(row: Outbox, at: datetime) -> None:
        seen.append((row.pk, at))

    route(monkeypatch, "again", note, resends=True)
    route(monkeypatch, "ask", note, resends=False)
    return seen


def route(
    monkeypatch: pytest.MonkeyPatch, topic: str, handler: Callable[[Outbox, datetime], None], *, resends: bool
) -> None:
    monkeypatch.setitem(outbox._routes, (topic, ""), Route(handler, resends))


def promise(world: World, topic: str = "again", *, event: str = "e1", recipient: str = "r") -> Outbox:
    message = Message(event=event, recipient=recipient, channel="test", topic=topic, body="你好")
    outbox.post([message], project_id=world.project_id, at=NOW)
    return Outbox.objects.in_project(world.project_id).get(event=event, recipient=recipient)


def run(row: Outbox, at: datetime) -> bool:
    return outbox.run_one(row.project_id, row.pk, at)


def fresh(row: Outbox) -> Outbox:
    return Outbox.objects.in_project(row.project_id).get(pk=row.pk)


def crash_after_claim(row: Outbox, at: datetime) -> None:
    """What a killed worker leaves behind: a lease and nothing else."""
    assert outbox.claim(row.project_id, row.pk, at) is not None


def later(**amount: float) -> datetime:
    return NOW + timedelta(**amount)


def test_the_same_event_recipient_and_channel_is_promised_once(world: World) -> None:
    first = promise(world)
    promise(world)
    promise(world, recipient="other")
    assert Outbox.objects.in_project(world.project_id).filter(topic="again").count() == 2
    assert promise(world).pk == first.pk
    assert promise(world).provider_key == first.provider_key


def test_done_once_and_not_again(world: World, calls: Calls) -> None:
    row = promise(world)
    assert outbox.due(NOW) == [(row.project_id, row.pk)]
    assert run(row, NOW)
    assert not run(row, NOW)
    assert calls == [(row.pk, NOW)]
    assert outbox.due(later(days=9)) == []
    assert (fresh(row).state, fresh(row).done_at) == (OutboxState.DONE, NOW)


def test_not_before_its_time(world: World, calls: Calls) -> None:
    message = Message(event="e", recipient="r", channel="test", topic="again", run_after=later(hours=1))
    outbox.post([message], project_id=world.project_id, at=NOW)
    row = Outbox.objects.in_project(world.project_id).get(event="e")
    assert outbox.due(later(minutes=59)) == []
    assert not run(row, later(minutes=59))
    assert run(row, later(hours=1))


def test_in_app_is_delivered_by_standing_there(world: World) -> None:
    outbox.post([Message(event="e", recipient="staff:1", channel="inapp")], project_id=world.project_id, at=NOW)
    row = Outbox.objects.in_project(world.project_id).get(event="e")
    assert row.state == OutboxState.DONE
    assert outbox.due(later(days=1)) == []


def test_a_lease_keeps_others_off_until_it_ends(world: World, calls: Calls) -> None:
    row = promise(world)
    crash_after_claim(row, NOW)
    almost = NOW + outbox.LEASE
    assert outbox.due(almost) == []
    assert not run(row, almost)
    assert calls == []


def test_a_lost_lease_is_run_again_where_the_channel_resends(world: World, calls: Calls) -> None:
    row = promise(world, "again")
    crash_after_claim(row, NOW)
    after = NOW + outbox.LEASE + timedelta(seconds=1)
    assert outbox.due(after) == [(row.project_id, row.pk)]
    assert run(row, after)
    assert (fresh(row).state, fresh(row).attempts) == (OutboxState.DONE, 2)


def test_a_lost_lease_is_unknown_where_the_channel_asks(world: World, calls: Calls) -> None:
    row = promise(world, "ask")
    crash_after_claim(row, NOW)
    after = NOW + outbox.LEASE + timedelta(seconds=1)
    assert not run(row, after)
    assert calls == []
    assert fresh(row).state == OutboxState.UNKNOWN
    assert outbox.due(later(days=9)) == []
    assert outbox.standing() == {"unknown": 1}


def test_somebody_may_have_an_unknown_row_tried_again(world: World, calls: Calls) -> None:
    row = promise(world, "ask")
    crash_after_claim(row, NOW)
    run(row, later(hours=1))
    assert outbox.resend(project_id=row.project_id, pk=row.pk, at=later(hours=2))
    assert run(row, later(hours=2))
    assert fresh(row).state == OutboxState.DONE
    assert not outbox.resend(project_id=row.project_id, pk=row.pk, at=later(hours=3))


def test_a_worker_slower_than_its_lease_does_not_overrule_the_next(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The slow one fails at last, after the second has delivered: the row stays delivered."""
    row, turns = promise(world, "slow"), []

    def slow_then_quick(claimed: Outbox, at: datetime) -> None:
        turns.append(claimed.attempts)
        if claimed.attempts == 1:
            assert run(row, at + outbox.LEASE + timedelta(seconds=1))
            raise TimeoutError("too late")

    route(monkeypatch, "slow", slow_then_quick, resends=True)
    assert run(row, NOW)
    assert turns == [1, 2]
    assert fresh(row).state == OutboxState.DONE


def test_a_poisoned_row_is_tried_ever_more_rarely_and_then_dead(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    def poison(row: Outbox, at: datetime) -> None:
        raise ValueError("half a character \ud800 and \x00")

    route(monkeypatch, "poison", poison, resends=True)
    row, at, waits = promise(world, "poison"), NOW, []
    while run(row, at):
        stands = fresh(row)
        if stands.state == OutboxState.DEAD:
            break
        waits.append(stands.run_after - at)
        assert not run(row, stands.run_after - timedelta(seconds=1))
        at = stands.run_after
    assert len(waits) == outbox.MAX_ATTEMPTS - 1
    assert waits == sorted(waits)
    assert waits[0] == outbox.FIRST_WAIT
    assert waits[-1] == outbox.LONGEST_WAIT
    assert timedelta(hours=24) < at - NOW < timedelta(hours=48)
    assert "ValueError" in fresh(row).error
    assert outbox.due(later(days=30)) == []


def test_a_row_that_kills_its_worker_ends_too(world: World, calls: Calls) -> None:
    row, at = promise(world, "again"), NOW
    for _ in range(outbox.MAX_ATTEMPTS):
        crash_after_claim(row, at)
        at += outbox.LEASE + timedelta(seconds=1)
    assert not run(row, at)
    assert calls == []
    assert fresh(row).state == OutboxState.DEAD


@pytest.mark.parametrize(
    ("error", "state"), [(RefusedError("no such user"), OutboxState.DEAD), (UnclearError("?"), OutboxState.UNKNOWN)]
)
def test_a_channel_can_say_that_another_try_is_no_use(
    world: World, monkeypatch: pytest.MonkeyPatch, error: Exception, state: OutboxState
) -> None:
    def refuse(row: Outbox, at: datetime) -> None:
        raise error

    route(monkeypatch, "refuse", refuse, resends=True)
    row = promise(world, "refuse")
    assert run(row, NOW)
    assert (fresh(row).state, fresh(row).attempts) == (state, 1)


def test_a_topic_nobody_handles_is_kept_and_shown(world: World) -> None:
    row = promise(world, "unheard-of")
    assert run(row, NOW)
    assert fresh(row).state == OutboxState.PENDING
    assert "unheard-of" in fresh(row).error


@pytest.fixture
def shared_world(transactional_db: None) -> Iterator[World]:
    """The cast, committed, so that other connections see it."""
    reference.forget()
    yield build_world()
    reference.forget()


def test_workers_at_once_run_each_row_exactly_once(shared_world: World, calls: Calls) -> None:
    rows = [promise(shared_world, "ask", event=f"e{n}") for n in range(12)]
    ids = outbox.due(NOW)
    assert len(ids) == len(rows)

    def work(_number: int) -> int:
        return sum(outbox.run_one(project_id, pk, NOW) for project_id, pk in ids)

    shares = together(4, work)
    assert all(isinstance(share, int) for share in shares), shares
    assert sorted(pk for pk, _at in calls) == sorted(row.pk for row in rows)
    assert outbox.standing() == {}


def test_workers_at_once_take_over_a_lost_lease_once(shared_world: World, calls: Calls) -> None:
    """Both saw the lease lost; the second to come must not touch the lease of the first."""
    for topic in ("again", "ask"):
        row = promise(shared_world, topic, event=topic)
        crash_after_claim(row, NOW)
        together(4, lambda _n, row=row: run(row, NOW + outbox.LEASE + timedelta(seconds=1)))  # type: ignore[misc]
    assert len(calls) == 1
    assert outbox.standing() == {"unknown": 1}
