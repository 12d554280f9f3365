"""What the calculation keeps of one case: clocks, calls, messages, money; with the arithmetic of a clock."""

from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

from tests.week import figures
from tests.week.figures import Allowance
from tests.week.times import after, counted, first_step, later

Line = tuple[str, int, datetime, frozenset[int]]


@dataclass
class Running:
    """A clock as the rules describe it. ``promised``: due at that instant, whatever the allowance."""

    key: str
    round: int
    started: datetime
    allowance: Allowance
    promised: datetime | None = None
    pauses: list[tuple[datetime, datetime | None]] = field(default_factory=list)
    ended: datetime | None = None
    outcome: str = ""
    stage: int = 0
    # Of an offer to hand the case over: who is to answer.
    receiver: int | None = None
    # Of a sub-task: whom it is asked of (nobody with an account: a contractor), who asked, and how it stands.
    asked: frozenset[int] | None = None
    asker: int | None = None
    state: str = ""
    # Of a call after rain: whose home it is.
    butler: int | None = None

    @property
    def shares(self) -> tuple[Decimal, ...]:
        return figures.SHARES if self.receiver is None else figures.HANDOVER_SHARES

    @property
    def paused(self) -> bool:
        return bool(self.pauses) and self.pauses[-1][1] is None

    def instant(self, share: Decimal) -> datetime:
        """When a share is used up; pauses push it back by what would have counted of them."""
        minutes, begin = self.allowance.minutes, self.started
        if self.promised is not None:  # what has passed already when it is promised is due at once
            promised = max(self.promised, self.started)
            minutes = -(-(promised - self.started) // timedelta(minutes=1))
            begin = promised - timedelta(minutes=minutes)
        working = self.allowance.working if self.promised is None else ()
        at = after(begin, share, minutes, working, self.allowance.days)
        for start, end in self.pauses:
            if end is not None and start < at:
                at = later(at, counted(start, end, working, self.allowance.days), working, self.allowance.days)
        return at

    @property
    def due(self) -> datetime | None:
        return None if self.paused else self.instant(Decimal(1))

    def end(self, at: datetime, outcome: str = "") -> None:
        at = max(at, self.started)
        if self.paused:
            self.resume(at)
        due = self.instant(Decimal(1))
        self.ended, self.outcome = at, outcome or ("late" if at > due else "met")

    def resume(self, at: datetime) -> None:
        start = self.pauses[-1][0]
        self.pauses[-1] = (start, max(at, start))


@dataclass
class Call:
    round: int
    purpose: str
    urgent: bool
    due: datetime
    started: datetime
    not_before: datetime
    state: str = "open"
    tries: int = 0
    ended: datetime | None = None
    #: After rain: still waiting for it, or since which day not any more.
    waits: bool = False
    rain_day: date | None = None
    clock: Running | None = None

    def stop(self, state: str, at: datetime) -> None:
        self.state, self.ended = state, at
        if self.clock is not None:
            self.clock.end(at, "void" if state == "void" else "")


@dataclass
class Word:
    """A message to the customer: which, when it was written, and whether it may leave at night."""

    template: str
    at: datetime
    can_wait: bool
    joins: bool


@dataclass
class Account:
    """Everything the rules say of one case."""

    number: str
    kind: str
    urgency: str
    accountable: int | None
    customer: int | None
    opened: datetime
    round: int = 1
    state: str = "open"
    handler: int | None = None
    seen: datetime | None = None
    clocks: list[Running] = field(default_factory=list)
    offers: list[Running] = field(default_factory=list)
    subtasks: dict[str, Running] = field(default_factory=dict)
    incident: str = ""
    butler: int | None = None
    # Warnings as they reach people: beside each line, the incident that the case belonged to then.
    rung: list[tuple[Line, str]] = field(default_factory=list)
    lines: list[Line] = field(default_factory=list)
    calls: list[Call] = field(default_factory=list)
    words: list[Word] = field(default_factory=list)
    # A firm's link to its sub-task, and how many reports came by one.
    links: dict[str, str] = field(default_factory=dict)
    by_link: int = 0
    # Who in the house heard what, and when.
    notes: list[tuple[str, int, datetime]] = field(default_factory=list)
    charged: dict[int, Decimal] = field(default_factory=dict)
    settled: dict[int, str] = field(default_factory=dict)
    heard: datetime = field(init=False)
    dates: dict[str, Any] = field(default_factory=dict)
    waits_for: set[str] = field(default_factory=set)
    urgencies: list[tuple[datetime, str]] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.heard = self.opened
        self.urgencies.append((self.opened, self.urgency))

    def urgency_at(self, at: datetime) -> str:
        return next((was for since, was in reversed(self.urgencies) if since <= at), self.urgencies[0][1])

    def running(self, key: str) -> Running | None:
        return next((c for c in self.clocks if c.key == key and c.ended is None), None)

    def start(self, key: str, at: datetime, *, promised: datetime | None = None) -> None:
        if promised is not None:
            self.clocks.append(Running(key, self.round, at, Allowance(0), promised))
            return
        found = figures.allowance(self.kind, key, self.urgency)
        if found is not None:
            self.clocks.append(Running(key, self.round, at, found))

    def end(self, at: datetime, *keys: str) -> None:
        for key in keys:
            if (clock := self.running(key)) is not None:
                clock.end(at)

    def void(self, at: datetime, *keys: str) -> None:
        for clock in self.clocks:
            if clock.ended is None and (not keys or clock.key in keys):
                clock.end(at, "void")

    def rerate(self, urgency: str, at: datetime) -> None:
        """Another urgency: running clocks count by its allowance, from their old start."""
        self.urgency = urgency
        self.urgencies.append((at, urgency))
        for clock in [c for c in self.clocks if c.ended is None and c.promised is None]:
            found = figures.allowance(self.kind, clock.key, urgency)
            if found is None:
                clock.end(at, "void")
            else:
                clock.allowance = found

    def advance(self, until: datetime, told: "Told") -> None:
        """The worker's rounds since the last thing that happened: what is due is said, stage after stage."""
        since = self.seen or self.opened
        rain = [call.clock for call in self.calls if call.clock is not None]
        for clock in (*self.clocks, *self.offers, *self.subtasks.values(), *rain):
            while clock.ended is None and not clock.paused and clock.stage < len(clock.shares):
                at = first_step(max(clock.instant(clock.shares[clock.stage]), since))
                if at >= until:
                    break
                self.lines.append((clock.key, clock.stage, at, told.of(self, clock)))
                self.rung.append((self.lines[-1], self.incident))
                clock.stage += 1
        self.seen = until


@dataclass(frozen=True)
class Told:
    """Who is told at each stage (rule R55): the handler, then accountable, manager, region."""

    desks: frozenset[int]
    managers: frozenset[int]
    regions: frozenset[int]

    def of(self, account: Account, clock: Running) -> frozenset[int]:
        if clock.asked is not None and clock.stage == 0:
            # A firm is not warned: whoever asked it rings it up.
            return clock.asked or frozenset(p for p in (clock.asker or account.accountable,) if p is not None)
        if clock.butler is not None and clock.stage == 0:
            return frozenset({clock.butler})
        if clock.receiver is None:
            decides = clock.stage == 0 and clock.key in figures.MANAGERS
            return self.managers if decides else self.at(account, clock.stage)
        return (frozenset({clock.receiver}), self.managers, self.regions or self.managers)[clock.stage]

    def at(self, account: Account, stage: int) -> frozenset[int]:
        if stage == 0:
            working = account.handler if account.state == "open" else None
            first = working or account.accountable
            return frozenset({first}) if first else self.desks or self.managers
        if stage == 1:
            return frozenset({account.accountable}) if account.accountable else self.managers
        return self.managers if stage == 2 else self.regions or self.managers


def worded(account: Account, template: str, at: datetime, *, waits: bool = False, joins: bool = True) -> None:
    if account.customer is not None:
        account.words.append(Word(template, at, waits, joins))
