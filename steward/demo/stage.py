"""The stage: a clock moved by hand, the cast acting through the verbs, and the sweeper between the acts."""

import contextlib
import heapq
import uuid
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import cached_property
from random import Random
from typing import Any
from zoneinfo import ZoneInfo

from steward.assurance.callbacks import callable_from
from steward.assurance.models import Callback
from steward.cases import engine
from steward.cases.models import Case, Deadline
from steward.casework.clocks import sweep
from steward.casework.intake import opening
from steward.casework.replays.quarantine import act_or_keep
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
MORNING, EVENING = 8, 21


@dataclass
class Stage:
    """``until`` is the present. Scenes interleave in the order of time, so that serials rise with it."""

    company: Company
    until: datetime
    rng: Random
    now: datetime
    #: Entries of the knowledge base, by question.
    articles: dict[str, int] = field(default_factory=dict)
    _actors: dict[str, Actor] = field(default_factory=dict)
    _ticks: list[tuple[datetime, str, int, int]] = field(default_factory=list)
    _next: dict[tuple[str, int], datetime | None] = field(default_factory=dict)

    def play(self, scenes: list[Scene], tell: Callable[[float], None] = lambda _share: None) -> None:
        """Run all scenes up to the present; ``tell`` hears how much of the time has passed."""
        waiting: list[tuple[datetime, int, Scene]] = []
        for n, scene in enumerate(scenes):
            self._queue(waiting, n, scene)
        first = min((at for at, _n, _scene in waiting), default=self.until)
        while waiting:
            at, n, scene = heapq.heappop(waiting)
            if at > self.until:
                break
            tell((at - first) / max(self.until - first, timedelta(seconds=1)) * 0.99)
            self._sweep(at)
            self.now = at
            self._queue(waiting, n, scene)
        self._sweep(self.until)
        self._catch_up()
        self.now = self.until

    def _catch_up(self) -> None:
        """Clocks that began beside the stage, in a listener of some fact."""
        for watch in sweep.WATCHES:
            while found := sweep.due(self.until, watch=watch):
                for project_id, pk in found:
                    sweep.fire(project_id, pk, self.until, watch=watch)

    @staticmethod
    def _queue(waiting: list[tuple[datetime, int, Scene]], n: int, scene: Scene) -> None:
        following = next(scene, None)
        if following is not None:
            heapq.heappush(waiting, (following, n, scene))

    def _sweep(self, until: datetime) -> None:
        """What the worker would have done on the way: warn and escalate when it was due."""
        while self._ticks and self._ticks[0][0] <= until:
            due, watch, project_id, pk = heapq.heappop(self._ticks)
            if self._next.get((watch, pk)) == due and sweep.fire(project_id, pk, due, watch=watch):
                self.watch([sweep.WATCHES[watch].rows.objects.in_project(project_id).get(pk=pk)], watch)

    def watch(self, rows: Iterable[Any], watch: str = sweep.CASES) -> None:
        """Remember when clocks must be looked at, and that others need not be any more."""
        for row in rows:
            at = row.next_at if row.ended_at is None else None
            if at is not None and self._next.get((watch, row.pk)) != at:
                heapq.heappush(self._ticks, (at, watch, row.project_id, row.pk))
            self._next[watch, row.pk] = at

    def watch_running(self, project_id: int) -> None:
        """After verbs that move many cases at once."""
        self.watch(Deadline.objects.in_project(project_id).filter(ended_at__isnull=True))

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
            project_id=self.project(project),
            kind=kind,
            actor=self.actor(who),
            at=self.now,
            client_uuid=self.uuid(),
            data=data,
        )
        self.watch(outcome.deadlines)
        return outcome

    def act(self, who: str, number: str, name: str, /, **data: Any) -> engine.Outcome:
        outcome = engine.act(
            project_id=self.project(number.split("-")[1]),
            number=number,
            action=name,
            actor=self.actor(who),
            at=self.now,
            client_uuid=self.uuid(),
            data=data,
        )
        self.watch(outcome.deadlines)
        return outcome

    def ask(self, verb: Callable[..., Any], who: str, number: str, **more: Any) -> Any:
        """A verb beside the engine on a case: a hand-over, a sub-task."""
        row = verb(
            project_id=self.project(number.split("-")[1]),
            number=number,
            actor=self.actor(who),
            at=self.now,
            client_uuid=self.uuid(),
            **more,
        )
        self._watch_other(row)
        return row

    def go_on(self, verb: Callable[..., Any], who: str, row: Any, **more: Any) -> Any:
        """The next step of what ``ask`` began, by its row."""
        row = verb(
            project_id=row.project_id,
            pk=row.pk,
            actor=self.actor(who),
            at=self.now,
            client_uuid=self.uuid(),
            **more,
        )
        self._watch_other(row)
        return row

    def _watch_other(self, row: Any) -> None:
        self.watch([row], next(name for name, watched in sweep.WATCHES.items() if isinstance(row, watched.rows)))

    def detail(self, number: str, name: str) -> Any:
        """What a kind of case knows beyond the case."""
        project_id = self.project(number.split("-")[1])
        return getattr(Case.objects.in_project(project_id).select_related(name).get(number=number), name)

    def project(self, code: str) -> int:
        return self.company.nodes[code].pk

    def by(self, who: str, code: str = "YX") -> dict[str, Any]:
        """Where, by whom and when: what every verb beside the cases asks for."""
        return {"project_id": self.project(code), "actor": self.actor(who), "at": self.now}

    def at_node(self, who: str, code: str) -> dict[str, Any]:
        return {"node_id": self.company.nodes[code].pk, "actor": self.actor(who), "at": self.now}

    def open_of(self, who: str, project: str) -> str | None:
        """The number of a case of the project that somebody answers for and that is open."""
        rows = Case.objects.in_project(self.project(project)).filter(accountable_id=self.staff_id(who))
        return rows.filter(closed_at__isnull=True).order_by("-pk").values_list("number", flat=True).first()

    def is_closed(self, number: str) -> bool:
        rows = Case.objects.in_project(self.project(number.split("-")[1]))
        return rows.filter(number=number, closed_at__isnull=False).exists()

    def open_case_of(self, project: str, unit: str, kind: str) -> str:
        """The number of the newest open case of a kind about a room."""
        rows = Case.objects.in_project(self.project(project))
        found = rows.filter(unit_label=unit, kind=kind, closed_at__isnull=True).order_by("-pk")
        return found.values_list("number", flat=True)[0]

    def accountable(self, number: str) -> str:
        """Who answers for a case, as a part."""
        rows = Case.objects.in_project(self.project(number.split("-")[1]))
        staff_id = rows.values_list("accountable_id", flat=True).get(number=number)
        return next(name for name, staff in self.company.staff.items() if staff.pk == staff_id)

    def replay(self, who: str, number: str, name: str, *, minutes_ago: float) -> None:
        """A phone comes online with what was tapped before; refused, it is kept for the office."""
        with contextlib.suppress(RefusalError):
            act_or_keep(
                project_id=self.project(number.split("-")[1]),
                number=number,
                action=name,
                actor=self.actor(who),
                at=self.now,
                happened_at=self.now - timedelta(minutes=minutes_ago),
                client_uuid=self.uuid(),
            )

    def photo(self, who: str, project: str, subject: str) -> int:
        stored = store_picture(
            project_id=self.project(project),
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

    def by_day(self, at: datetime) -> datetime:
        """Not in the night, unless it cannot wait: the next morning instead."""
        local = at.astimezone(ZONE)
        if MORNING <= local.hour < EVENING:
            return at
        morning = local + timedelta(days=1 if local.hour >= EVENING else 0)
        return morning.replace(hour=MORNING, minute=10 + self.rng.randrange(45))

    def in_(self, *, days: float = 0, hours: float = 0) -> str:
        """An instant ahead, as a form takes it."""
        return (self.now + timedelta(days=days, hours=hours)).isoformat()

    def callable_from(self, number: str, earliest: datetime) -> datetime:
        """When the callback of a case may be tried: after its spacing, outside the quiet hours and the customer's own."""
        rows = Callback.objects.in_project(self.project(number.split("-")[1])).filter(case__number=number)
        row = rows.filter(ended_at__isnull=True).select_related("case__customer__call_wish").first()
        return callable_from(row, at=earliest) if row else quiet_hours(QUIET, earliest)

    @cached_property
    def ago(self) -> "Ago":
        return Ago(self.until)


@dataclass(frozen=True)
class Ago:
    """``ago(hours=3)``: an instant before the present."""

    present: datetime

    def __call__(self, **amount: float) -> datetime:
        return self.present - timedelta(**amount)
