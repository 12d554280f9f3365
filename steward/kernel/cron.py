"""Recurring jobs: each slot of a job is won by one worker and done in the same transaction.

A job that fails or dies gives its slot back. Keep jobs short (SQLite has one writer): what is slow is posted to
the outbox by the job.
"""

import logging
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Final, TypeVar

from django.db import IntegrityError

from steward.kernel.db import retrying, write
from steward.kernel.errors import RefusalError
from steward.kernel.models import CronSlot

Row = TypeVar("Row")
log = logging.getLogger(__name__)

Work = Callable[[datetime], None]
EPOCH: Final = datetime(2000, 1, 1, tzinfo=UTC)


@dataclass(frozen=True)
class Job:
    """``offset`` moves the slots: every day at 19:30 UTC is a day and 19:30 h."""

    name: str
    every: timedelta
    offset: timedelta
    work: Work

    def slot(self, at: datetime) -> datetime:
        """The latest slot not after ``at``; slots missed while no worker ran are not made up for."""
        passed = at - EPOCH - self.offset
        return EPOCH + self.offset + passed // self.every * self.every


JOBS: Final[dict[str, Job]] = {}


def recurs(name: str, *, every: timedelta, offset: timedelta = timedelta(0)) -> Callable[[Work], Work]:
    def register(work: Work) -> Work:
        JOBS[name] = Job(name, every, offset, work)
        return work

    return register


def one_by_one(rows: Iterable[Row], work: Callable[[Row], object]) -> None:
    """One that the rules refuse is logged; it must not hold up the others."""
    for row in rows:
        try:
            retrying(partial(work, row))
        except RefusalError:
            log.exception("a job leaves out %r", row)


def run_job(job: Job, at: datetime) -> bool:
    """Do the job's slot unless it was done already; True when this worker did it."""
    slot = job.slot(at)
    if CronSlot.objects.filter(job=job.name, slot=slot).exists():
        return False
    try:
        with write():
            CronSlot.objects.create(job=job.name, slot=slot)
            job.work(at)
    except IntegrityError:
        # Another worker won it, or the job itself broke a constraint: then nobody has the slot.
        if CronSlot.objects.filter(job=job.name, slot=slot).exists():
            return False
        raise
    return True
