"""The worker's loop: one broken thing never stops the others, and recurring jobs are done once a slot."""

import threading
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from django.db import OperationalError, connections
from django.utils import timezone

from steward.cases.models import Deadline, Entry
from steward.casework.clocks import sweep
from steward.kernel import cron, outbox
from steward.kernel.cron import Job
from steward.kernel.models import CronSlot, Outbox
from steward.registers.org.models import Session
from steward.worker import loop
from steward.worker.loop import Worker, run_until_idle
from tests.together import together
from tests.world import NOW, World


def test_a_broken_clock_is_put_off_and_the_others_fire(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    broken, sound = (world.open("desk", urgency="P1").case for _ in range(2))
    bad = {row.pk for row in Deadline.objects.in_project(world.project_id).filter(case=broken)}
    fire = sweep.fire

    def fire_or_break(project_id: int, pk: int, at: datetime, *, watch: str) -> bool:
        if pk in bad:
            raise KeyError("no such rung")
        return fire(project_id, pk, at, watch=watch)

    monkeypatch.setattr(sweep, "fire", fire_or_break)
    done = run_until_idle(NOW + timedelta(minutes=13))
    assert done.clocks == 1
    assert Entry.objects.in_project(world.project_id).filter(case=sound, action="warn").count() == 1
    monkeypatch.undo()
    assert run_until_idle(NOW + timedelta(minutes=14)).clocks == 0
    assert run_until_idle(NOW + timedelta(minutes=13) + sweep.REST).clocks > 0


def test_idle_means_idle(world: World) -> None:
    world.open("desk", urgency="P0")
    assert run_until_idle(NOW + timedelta(days=30))
    assert not run_until_idle(NOW + timedelta(days=30))


def test_clocks_come_before_messages(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """A mail server that hangs takes its slice of time, no more: then it is the clocks' turn."""
    for _ in range(4):
        world.open("desk")
    time = [NOW + timedelta(minutes=1)]

    def slow(_project_id: int, _pk: int, _at: datetime) -> bool:
        time[0] += timedelta(seconds=20)
        return True

    monkeypatch.setattr(outbox, "run_one", slow)
    done = Worker(now=lambda: time[0]).tick()
    assert done.messages == 1
    assert Outbox.objects.in_project(world.project_id).filter(state="pending").count() == 4


def test_many_that_wait_for_the_morning_hide_nothing_behind_them(world: World) -> None:
    night = world.now.replace(hour=15)  # eleven in the evening there
    held = [
        outbox.Message(event=f"held:{n}", recipient="customer:1", channel="sms", payload={"joins": False})
        for n in range(160)
    ]
    outbox.post(held, project_id=world.project_id, at=night - timedelta(minutes=1))
    job = outbox.Message(event="behind", recipient="staff:1", channel="inapp")
    outbox.post([job], project_id=world.project_id, at=night)
    outbox.post([replace(job, channel=outbox.ROUTE, topic=outbox.ROUTE)], project_id=world.project_id, at=night)
    run_until_idle(night)
    behind = Outbox.objects.in_project(world.project_id).get(event="behind", channel=outbox.ROUTE)
    assert behind.done_at == night


@pytest.fixture
def job() -> Iterator[Job]:
    ran: list[datetime] = []
    one = Job("test", timedelta(hours=1), timedelta(minutes=10), ran.append)
    yield one
    cron.JOBS.pop("test", None)


def test_a_slot_begins_at_its_offset(job: Job) -> None:
    assert job.slot(datetime(2026, 11, 21, 5, 9, tzinfo=UTC)) == datetime(2026, 11, 21, 4, 10, tzinfo=UTC)
    assert job.slot(datetime(2026, 11, 21, 5, 10, tzinfo=UTC)) == datetime(2026, 11, 21, 5, 10, tzinfo=UTC)


def test_a_job_is_done_once_a_slot(job: Job, db: None) -> None:
    minutes = (0, 1, 59, 60, 61)
    assert [cron.run_job(job, job.slot(NOW) + timedelta(minutes=m)) for m in minutes] == [
        True,
        False,
        False,
        True,
        False,
    ]


def test_workers_at_once_do_a_slot_once(job: Job, transactional_db: None) -> None:
    answers = together(4, lambda _n: cron.run_job(job, NOW))
    assert sorted(map(str, answers)) == ["False", "False", "False", "True"]


def test_a_failed_job_gives_its_slot_back_and_rests(
    transactional_db: None, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    tries: list[datetime] = []

    def fail_once(at: datetime) -> None:
        tries.append(at)
        if len(tries) == 1:
            raise ValueError("not today")

    monkeypatch.setitem(cron.JOBS, "test", Job("test", timedelta(days=1), timedelta(0), fail_once))
    time = [NOW]
    worker = Worker(now=lambda: time[0])
    worker.until_idle()
    assert "job test failed" in caplog.text
    assert not CronSlot.objects.filter(job="test").exists()
    time[0] = NOW + loop.JOB_REST
    worker.until_idle()
    worker.until_idle()
    assert tries == [NOW, NOW + loop.JOB_REST]
    assert CronSlot.objects.filter(job="test").count() == 1


def test_sessions_that_ended_are_cleared_at_night(db: None) -> None:
    for key, age in (("old", -1), ("young", 1)):
        Session.objects.create(session_key=key, session_data="", expire_date=NOW + timedelta(hours=age))
    run_until_idle(NOW)
    assert list(Session.objects.values_list("session_key", flat=True)) == ["young"]


def test_a_database_that_is_away_is_waited_for(db: None, monkeypatch: pytest.MonkeyPatch) -> None:
    stop, rounds = threading.Event(), []

    def tick(_self: Worker) -> loop.Done:
        rounds.append(1)
        if len(rounds) == 1:
            raise OperationalError("the server went away")
        stop.set()
        return loop.Done()

    monkeypatch.setattr(Worker, "tick", tick)
    monkeypatch.setattr(loop, "IDLE", 0.01)
    monkeypatch.setattr(connections, "close_all", lambda: None)  # the test's own transaction stays
    loop.serve(timezone.now, stop)
    assert len(rounds) == 2
