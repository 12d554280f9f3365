"""How a business process is declared: states, actions, deadlines, who may, and what is checked.

A definition is verified when it is registered and reports *all* its faults at once.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from functools import cached_property
from typing import TYPE_CHECKING, Any, Self

from django.db import models

from steward.kernel.actor import Actor, ActorKind, Role
from steward.kernel.clocks.policy import ClockTable
from steward.kernel.machine import Move, faults, strangers
from steward.kernel.policies import Policy
from steward.kernel.schema import Data

if TYPE_CHECKING:
    from steward.cases.engine import Step
    from steward.cases.models import Case


class Relation(StrEnum):
    """How somebody may stand to a case, beside the role held in its project."""

    HANDLER = "handler"
    ACCOUNTABLE = "accountable"
    CUSTOMER = "customer"
    SYSTEM = "system"


@dataclass(frozen=True)
class Who:
    """Who may do an action: holders of a role in the project, or those related to the case."""

    roles: frozenset[Role] = frozenset()
    relations: frozenset[Relation] = frozenset()

    def __or__(self, other: Self) -> "Who":
        return Who(self.roles | other.roles, self.relations | other.relations)

    def allows(self, actor: Actor, case: "Case", link: str = "") -> bool:
        if actor.is_system:
            return Relation.SYSTEM in self.relations
        if actor.kind is ActorKind.LINK:
            return Relation.CUSTOMER in self.relations and bool(link) and actor.purpose == link
        if actor.is_resident:
            return Relation.CUSTOMER in self.relations
        return bool(self.roles & actor.roles_in(case.project_id)) or self._is_related(actor, case)

    def _is_related(self, actor: Actor, case: "Case") -> bool:
        if actor.staff_id is None:
            return False
        handles = Relation.HANDLER in self.relations and case.handler_id == actor.staff_id
        answers = Relation.ACCOUNTABLE in self.relations and case.accountable_id == actor.staff_id
        return handles or answers

    def names(self) -> list[str]:
        return sorted(self.roles) + sorted(self.relations)


def by(*roles: Role) -> Who:
    return Who(roles=frozenset(roles))


HANDLER = Who(relations=frozenset({Relation.HANDLER}))
ACCOUNTABLE = Who(relations=frozenset({Relation.ACCOUNTABLE}))
CUSTOMER = Who(relations=frozenset({Relation.CUSTOMER}))
BY_SYSTEM = Who(relations=frozenset({Relation.SYSTEM}))
DESK = by(Role.DESK, Role.BUTLER, Role.HEAD_BUTLER, Role.MANAGER)
OFFICE = DESK | by(Role.CASHIER, Role.REGION, Role.HQ)


@dataclass(frozen=True)
class Guard:
    """A rule beyond role and state; ``rule`` is its name in docs/rules.md and in the 409."""

    rule: str
    message: Any
    test: Callable[["Step"], bool]


class Nothing(Data):
    """An action without input."""


Target = str | Callable[["Step"], str] | None


@dataclass(frozen=True)
class Action:
    """One thing somebody may do. ``target`` None leaves the state as it is."""

    name: str
    title: Any
    source: frozenset[str]
    target: Target
    by: Who
    form: type[Data] = Nothing
    guards: tuple[Guard, ...] = ()
    effect: Callable[["Step"], None] | None = None
    public: bool = False
    link: str = ""
    key: str = ""
    primary: bool = False
    targets: frozenset[str] = frozenset()
    # The customer is told with these words (a function of the step; None = nothing to say).
    tells: Callable[["Step"], Any] | None = None

    def reaches(self) -> frozenset[str]:
        """Every state this action can lead to."""
        if self.targets:
            return self.targets
        return frozenset({self.target}) if isinstance(self.target, str) else self.source


@dataclass(frozen=True)
class DeadlineRule:
    """A clock declared by states: it runs, pauses and is met as the case moves.

    ``from_received``: the first round starts when the customer was heard, not when it was typed in.
    ``void_in``: what it waited for will not come. ``repeats``: may run again in the same round.
    ``until``: due at a promised instant of the case; the policy then only says when to warn and whom.
    ``renews``: met by a word to the customer (``Step.is_word``), it begins again at once (``Step.promises``: until then).
    ``concerns``: the cases that have this clock at all.
    ``every_round``: goes on when the case is reopened (somebody else's deadline knows no rounds of ours).
    """

    key: str
    title: Any
    policy: Policy[ClockTable]
    runs_in: frozenset[str]
    met_in: frozenset[str]
    pauses_in: frozenset[str] = frozenset()
    from_received: bool = False
    keeps_after_end: bool = False
    void_in: frozenset[str] = frozenset()
    repeats: bool = False
    until: Callable[["Case"], datetime | None] | None = None
    every_round: bool = False
    renews: bool = False
    concerns: Callable[["Case"], bool] | None = None
    grade: Callable[["Case"], str] | None = None  # what the table is read by instead of the urgency


@dataclass(frozen=True)
class Process:
    kind: str
    title: Any
    prefix: str
    states: type[models.TextChoices]
    initial: str
    terminal: frozenset[str]
    open_form: type[Data]
    opened_by: Who
    actions: tuple[Action, ...]
    version: int = 1
    detail: type[models.Model] | None = None
    deadlines: tuple[DeadlineRule, ...] = ()
    on_open: Callable[["Step"], None] | None = None
    # The customer's road through the states, for steppers; others stand aside.
    road: tuple[str, ...] = ()
    # How a point of the road is called once it is reached (the state says what is still to do).
    milestones: Mapping[str, Any] = field(default_factory=dict)
    # What staff are to do now, by state: the words of a work queue.
    todo: Mapping[str, Any] = field(default_factory=dict)
    completed_in: frozenset[str] = frozenset()
    confirms_open: Callable[["Step"], Any] | None = None
    # Anybody in the field may take it from the pool; everybody living in the unit may follow it.
    is_pooled: bool = False
    is_shared: bool = False

    @property
    def detail_name(self) -> str:
        """The reverse accessor from a case to its detail."""
        link: Any = self.detail._meta.get_field("case") if self.detail is not None else None  # noqa: SLF001
        return str(link.remote_field.get_accessor_name()) if link else ""

    def action(self, name: str) -> Action | None:
        return self._by_name.get(name)

    @cached_property
    def _by_name(self) -> dict[str, Action]:
        return {a.name: a for a in self.actions}

    def state_title(self, state: str) -> Any:
        return self.states(state).label

    def milestone(self, state: str) -> Any:
        return self.milestones.get(state) or self.state_title(state)

    def deadline(self, key: str) -> DeadlineRule | None:
        return next((d for d in self.deadlines if d.key == key), None)


class ProcessFaultError(Exception):
    """Everything that is wrong with a definition."""


REGISTRY: dict[str, Process] = {}


def register(process: Process) -> Process:
    """Check a definition and make it known. Raises ProcessFaultError with every fault."""
    found = find_faults(process)
    if process.kind in REGISTRY:
        found.append(f"kind {process.kind} is registered twice")
    if found:
        raise ProcessFaultError(f"{process.kind}: " + "; ".join(found))
    REGISTRY[process.kind] = process
    return process


def find_faults(process: Process) -> list[str]:
    states = set(process.states.values)
    moves = [Move(a.name, a.source, a.reaches()) for a in process.actions]
    found = list(faults(states, process.initial, process.terminal, moves))
    for action in process.actions:
        found += [] if action.by.names() else [f"action {action.name}: nobody may do it"]
        if callable(action.target) and not action.targets:
            found.append(f"action {action.name}: a computed target must list its targets")
    for rule in process.deadlines:
        used = rule.runs_in | rule.met_in | rule.pauses_in | rule.void_in
        found += strangers(f"deadline {rule.key}", used, states)
    return found


def process_of(kind: str) -> Process | None:
    return REGISTRY.get(kind)
