"""The clock of the house: due clocks, then recurring jobs, then outbox rows, several channels at a time."""

import logging
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final

from django.conf import settings
from django.db import Error, InterfaceError, OperationalError, connections

from steward.casework.clocks import sweep
from steward.kernel import cron, outbox, reference
from steward.kernel.db import CollisionError

#: A slow mail server must not hold up the clocks: after this long with messages it is their turn again.
SLICE: Final = timedelta(seconds=5)
JOB_REST: Final = timedelta(minutes=5)
IDLE: Final = 1.0
LONGEST_REST: Final = 30.0

log = logging.getLogger(__name__)

Now = Callable[[], datetime]
Stop = Callable[[], bool]


@dataclass
class Done:
    """What a round of work came to."""

    clocks: int = 0
    jobs: int = 0
    messages: int = 0
    # As many were due as a round looks at: behind those that wait for the morning others may be that do not.
    full: bool = False

    def __bool__(self) -> bool:
        return bool(self.clocks or self.jobs or self.messages or self.full)

    def __add__(self, other: "Done") -> "Done":
        return Done(self.clocks + other.clocks, self.jobs + other.jobs, self.messages + other.messages)


@dataclass
class Worker:
    """Any number of workers may run beside each other, in threads, processes or machines."""

    now: Now
    stopping: Stop = lambda: False
    senders: int = 1
    _resting: dict[str, datetime] = field(default_factory=dict)

    def tick(self) -> Done:
        """One round: the clocks, then the jobs, then messages for a while. Reference data are as fresh as the round."""
        reference.refresh()
        done = Done(clocks=self._clocks(), jobs=self._jobs())
        rows = outbox.due_by_channel(self.now())
        done.messages, done.full = self._messages(rows), len(rows) == outbox.BATCH
        return done

    def until_idle(self) -> Done:
        total = Done()
        while not self.stopping() and (done := self.tick()):
            total += done
        return total

    def _clocks(self) -> int:
        fired = 0
        for watch in sweep.WATCHES:
            for project_id, pk in sweep.due(self.now(), watch=watch):
                if self.stopping():
                    return fired
                fired += self._fire(watch, project_id, pk)
        return fired

    def _fire(self, watch: str, project_id: int, pk: int) -> bool:
        """One broken clock is put off and shown; it must not stop the others."""
        try:
            return sweep.fire(project_id, pk, self.now(), watch=watch)
        except (OperationalError, InterfaceError):
            raise  # the database, not this clock
        except CollisionError:
            return False  # the case is busy: the next round looks again
        except Exception:
            log.exception("clock %s of project %s cannot be fired", pk, project_id)
            sweep.put_off(project_id, pk, self.now(), watch=watch)
            return False

    def _jobs(self) -> int:
        return sum(self._job(job) for job in cron.JOBS.values() if not self.stopping())

    def _job(self, job: cron.Job) -> bool:
        at = self.now()
        if self._resting.get(job.name, at) > at:
            return False
        try:
            return cron.run_job(job, at)
        except (OperationalError, InterfaceError):
            raise
        except Exception:
            log.exception("job %s failed", job.name)
            self._resting[job.name] = at + JOB_REST
            return False

    def _messages(self, rows: list[tuple[int, int, str]]) -> int:
        """Each channel on its own thread, so that a slow one holds up only itself; one after the other within it."""
        lanes: dict[str, list[tuple[int, int]]] = {}
        for project_id, pk, channel in rows:
            lanes.setdefault(channel, []).append((project_id, pk))
        until = self.now() + SLICE
        if self.senders == 1 or len(lanes) <= 1:
            return sum(self._lane(lane, until) for lane in lanes.values())
        with ThreadPoolExecutor(self.senders, thread_name_prefix="sender") as pool:
            return sum(pool.map(lambda lane: self._lane_apart(lane, until), lanes.values()))

    def _lane(self, rows: list[tuple[int, int]], until: datetime) -> int:
        sent = 0
        for project_id, pk in rows:
            if self.stopping() or self.now() > until:
                break
            sent += outbox.run_one(project_id, pk, self.now())
        return sent

    def _lane_apart(self, rows: list[tuple[int, int]], until: datetime) -> int:
        try:
            return self._lane(rows, until)
        finally:
            connections.close_all()  # this thread's own


def run_until_idle(at: datetime) -> Done:
    """Everything due at a frozen instant, for tests and the demo. What is put off stays put off."""
    return Worker(now=lambda: at).until_idle()


def serve(now: Now, stop: threading.Event) -> None:
    """Work until told to stop. A database that is away is waited for."""
    worker, rest = Worker(now, stop.is_set, settings.SENDERS), IDLE
    while not stop.is_set():
        try:
            busy = bool(worker.tick())
        except Error:
            log.exception("database trouble, waiting %.0f s", rest)
            connections.close_all()
            stop.wait(rest)
            rest = min(rest * 2, LONGEST_REST)
            continue
        rest = IDLE
        if not busy:
            stop.wait(IDLE)
