"""The stage: a clock moved by hand, the cast acting through the verbs, and the sweeper between the acts."""

import contextlib
import heapq
import uuid
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import cached_property
from random import Random
from typing import Any
from zoneinfo import ZoneInfo

from steward.assurance.models import Callback
from steward.cases import engine
from steward.cases.models import Deadline
from steward.casework import opening, sweep
from steward.casework.quarantine import act_or_keep
from steward.demo.cast import Company
from steward.demo.pictures import picture
from steward.kernel.actor import Actor
from steward.kernel.clocks import QuietHours, quiet_hours
from steward.kernel.errors import RefusalError
from steward.kernel.files import store_picture
from steward.registers.org.actors import of_user

#: A scene yields the instant of its next step; it is resumed then, or never if that lies ahead.
Scene = Iterator[datetime]
ZONE = ZoneInfo("Asia/Shanghai")
QUIET = QuietHours.of("12:00-14:00", "20:00-08:30")


@dataclass
class Stage:
    """``until`` is the present. Scenes interleave in the order of time, so that serials rise with it."""

    company: Company
    until: datetime
    rng: Random
    now: datetime
    _actors: dict[str, Actor] = field(default_factory=dict)
    _ticks: list[datetime] = field(default_factory=list)

    def play(self, scenes: list[Scene]) -> None:
        """Run all scenes up to the present."""
        waiting: list[tuple[datetime, int, Scene]] = []
        for n, scene in enumerate(scenes):
            self._queue(waiting, n, scene)
        while waiting:
            at, n, scene = heapq.heappop(waiting)
            if at > self.until:
                break
            self._sweep(at)
            self.now = at
            self._queue(waiting, n, scene)
        self._sweep(self.until)
        self.now = self.until

    @staticmethod
    def _queue(waiting: list[tuple[datetime, int, Scene]], n: int, scene: Scene) -> None:
        following = next(scene, None)
        if following is not None:
            heapq.heappush(waiting, (following, n, scene))

    def _sweep(self, until: datetime) -> None:
        """What the worker would have done on the way: warn and escalate when it was due."""
        while self._ticks and self._ticks[0] <= until:
            due = heapq.heappop(self._ticks)
            for project_id, pk in sweep.due(due):
                sweep.fire(project_id, pk, due)
                row = Deadline.objects.in_project(project_id).get(pk=pk)
                self._watch([row])

    def _watch(self, rows: list[Deadline]) -> None:
        """Remember when clocks must be looked at."""
        for row in rows:
            if row.ended_at is None and row.next_at is not None and row.next_at not in self._ticks:
                heapq.heappush(self._ticks, row.next_at)

    # --- who and what ---------------------------------------------------------------------------
    def actor(self, username: str) -> Actor:
        if username not in self._actors:
            self._actors[username] = of_user(self.company.users[username])
        return self._actors[username]

    def cast_as(self, username: str, actor: Actor) -> None:
        """Give a part to somebody who is not in the cast: the holder of a link."""
        self._actors[username] = actor

    def uuid(self) -> uuid.UUID:
        return uuid.UUID(int=self.rng.getrandbits(128), version=4)

    def staff_id(self, username: str) -> int:
        return self.company.staff[username].pk

    def open(self, who: str, *, project: str, kind: str = "repair", **data: Any) -> engine.Outcome:
        outcome = opening.open_case(
            project_id=self.company.nodes[project].pk,
            kind=kind,
            actor=self.actor(who),
            at=self.now,
            client_uuid=self.uuid(),
            data=data,
        )
        self._watch(outcome.deadlines)
        return outcome

    def act(self, who: str, number: str, name: str, /, **data: Any) -> engine.Outcome:
        outcome = engine.act(
            project_id=self.company.nodes[number.split("-")[1]].pk,
            number=number,
            action=name,
            actor=self.actor(who),
            at=self.now,
            client_uuid=self.uuid(),
            data=data,
        )
        self._watch(outcome.deadlines)
        return outcome

    def replay(self, who: str, number: str, name: str, *, minutes_ago: float) -> None:
        """A phone comes online with what was tapped before; refused, it is kept for the office."""
        with contextlib.suppress(RefusalError):
            act_or_keep(
                project_id=self.company.nodes[number.split("-")[1]].pk,
                number=number,
                action=name,
                actor=self.actor(who),
                at=self.now,
                happened_at=self.now - timedelta(minutes=minutes_ago),
                client_uuid=self.uuid(),
            )

    def photo(self, who: str, project: str, subject: str) -> int:
        stored = store_picture(
            project_id=self.company.nodes[project].pk,
            actor=self.actor(who),
            name=f"{subject}.jpg",
            content=picture(subject, self.rng.randrange(3)),
            client_uuid=self.uuid(),
            at=self.now,
        )
        return stored.pk

    # --- time -----------------------------------------------------------------------------------
    def after(self, low: float, high: float) -> datetime:
        """Now plus so many minutes, by chance between the two."""
        return self.now + timedelta(minutes=round(self.rng.uniform(low, high)))

    def day(self, ago: int, hour: int, minute: int = 0) -> datetime:
        """A local time, so many days before the present."""
        local = self.until.astimezone(ZONE) - timedelta(days=ago)
        return local.replace(hour=hour, minute=minute, second=0, microsecond=0)

    def callable_from(self, number: str, earliest: datetime) -> datetime:
        """When the callback of a case may be tried: after its spacing, outside the quiet hours."""
        project_id = self.company.nodes[number.split("-")[1]].pk
        row = Callback.objects.in_project(project_id).filter(case__number=number, ended_at__isnull=True).first()
        return quiet_hours(QUIET, max(earliest, row.not_before) if row else earliest)

    @cached_property
    def ago(self) -> "Ago":
        return Ago(self.until)


@dataclass(frozen=True)
class Ago:
    """``ago(hours=3)``: an instant before the present."""

    present: datetime

    def __call__(self, **amount: float) -> datetime:
        return self.present - timedelta(**amount)
