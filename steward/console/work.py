"""Whose work a case is: the selection behind the workbench and the to-do count."""

from dataclasses import dataclass, replace
from functools import cache
from typing import Any, Final

from django.db.models import Exists, F, OuterRef, Q, Subquery

from steward.assurance.models import IncidentCase
from steward.cases import engine
from steward.cases.declare import REGISTRY, Action, process_of
from steward.cases.models import Case, Urgency
from steward.casework import queries
from steward.console.menu import page_url
from steward.console.shell import Desk
from steward.console.words import Badge, reply_text, row_face, state_badge
from steward.design.clockface import ClockFace, when
from steward.kernel.actor import Actor, Role
from steward.kernel.asking import asked_of
from steward.kernel.models import in_projects
from steward.kernel.scope import ScopedQuerySet
from steward.registers.billing.models import Charge
from steward.registers.org.tree import place

SHOWN: Final = 100
DISPATCHERS: Final = (Role.DESK, Role.HEAD_BUTLER, Role.MANAGER)
_JUDGED_BY: Final = frozenset({"id", "project_id", "state", "handler_id", "accountable_id", "is_imported"})
#: What a role is judged by, in the model's order; the rest of the case stays unread.
STANDING: Final = tuple(f.attname for f in Case._meta.concrete_fields if f.attname in _JUDGED_BY)  # noqa: SLF001
URGENCIES: Final = dict(Urgency.choices)
OVERSEERS: Final = (Role.MANAGER, Role.REGION, Role.HQ)
ABOVE: Final = frozenset({Role.MANAGER, Role.REGION})


@dataclass(frozen=True)
class Row:
    """A case in a list, with what this colleague is to do about it now."""

    case: dict[str, Any]
    face: ClockFace
    badge: Badge
    step: Action | None
    url: str
    reply: str
    project: str = ""  # named only where several are in sight
    incident: tuple[str, str] | None = None  # number and title: the work is done there, once for all

    @property
    def words(self) -> Any:
        """The step by its name where it is ours alone; where the customer answers, what to ask for."""
        if self.step is None or not self.step.by.relations:
            return self.step.title if self.step else self.case["todo"]
        return self.case["todo"] or self.step.title

    @property
    def step_url(self) -> str:
        return f"{self.url}?do={self.step.name}" if self.step else self.url


def to_do(desk: Desk) -> ScopedQuerySet[Case]:
    """Open cases I handle or answer for; what waits for whoever dispatches; what is late for whoever oversees;
    what is to be paid for the cashier. Imported history is nobody's work."""
    rows = queries.find(desk.actor, queries.CaseFilter(projects=desk.projects, is_open=True))
    return rows.filter(_concerns(desk), is_imported=False)


def _concerns(desk: Desk) -> Q:
    actor = desk.actor
    mine: Any = Q(handler_id=actor.staff_id) | Q(accountable_id=actor.staff_id)
    dispatching = actor.projects_with(*DISPATCHERS) & desk.projects
    if dispatching:
        mine |= in_projects(dispatching) & Q(handler__isnull=True)
    mine |= _asked_of_a_role(desk)
    overseeing = actor.projects_with(*OVERSEERS) & desk.projects
    if overseeing:
        mine |= in_projects(overseeing) & Q(next_due_at__lt=desk.at)
    taking = actor.projects_with(Role.CASHIER) & desk.projects
    if taking:
        owed = Charge.objects.unscoped().filter(
            project_id=OuterRef("project_id"), source_kind="case", source=OuterRef("number"), settled_at__isnull=True
        )
        mine |= in_projects(taking) & Q(Exists(owed))
    found: Q = mine
    return found


def _asked_of_a_role(desk: Desk) -> Q:
    """What waits for a manager's yes or no; and what the processes ask of other roles."""
    actor = desk.actor
    deciding = actor.projects_with(Role.MANAGER) & desk.projects
    found: Any = Q(pk__in=[])
    if deciding:
        waits: Any = Q(pk__in=[])
        for kind, states in decided_above().items():
            waits |= Q(kind=kind, state__in=states)
        found |= in_projects(deciding) & waits
    asked: Q = found | asked_of(actor, desk.projects)
    return asked


@cache
def decided_above() -> dict[str, list[str]]:
    """States in which the next step is the manager's or the region's alone, by kind: a plan, a price."""
    found: dict[str, list[str]] = {}
    for kind, process in REGISTRY.items():
        states = [s for s in process.states.values if _is_above(kind, s)]
        if states:
            found[kind] = states
    return found


def _is_above(kind: str, state: str) -> bool:
    return any(not a.by.relations and a.by.roles <= ABOVE for a in _leading(kind, state))


def queue(desk: Desk) -> list[Row]:
    """By time left; cases without a running clock come last. One query."""
    rows = to_do(desk).order_by(F("next_due_at").asc(nulls_last=True), "received_at", "id")
    known = IncidentCase.objects.unscoped().filter(
        project_id=OuterRef("project_id"),
        case_id=OuterRef("pk"),
        ended_at__isnull=True,
        incident__closed_at__isnull=True,
    )
    names = ("incident__number", "incident__title")
    number, title = (Subquery(known.values(name)[:1]) for name in names)
    found = rows.annotate(of_number=number, of_title=title).values(*queries.ROW, "of_number", "of_title")[:SHOWN]
    return [_with_incident(row, desk) for row in found]


def _with_incident(row: dict[str, Any], desk: Desk) -> Row:
    number, title = row.pop("of_number"), row.pop("of_title")
    return replace(dressed(row, desk), incident=(number, title) if number else None)


def finished(desk: Desk) -> list[Row]:
    """What I handled or answered for and is closed, the latest first."""
    me = Q(handler_id=desk.actor.staff_id) | Q(accountable_id=desk.actor.staff_id)
    rows = queries.find(desk.actor, queries.CaseFilter(projects=desk.projects, is_open=False)).filter(me)
    return [dressed(row, desk) for row in rows.order_by("-closed_at", "-id").values(*queries.ROW)[:SHOWN]]


def count(desk: Desk) -> int:
    """At most SHOWN."""
    return to_do(desk).order_by()[:SHOWN].count()


def dressed(row: dict[str, Any], desk: Desk) -> Row:
    row = row if "state_title" in row else queries.dress(row, desk.actor)
    row["received"] = when(row["received_at"], desk.at)
    row["closed"] = when(row["closed_at"], desk.at) if row["closed_at"] else ""
    row["urgency_title"] = str(URGENCIES.get(row["urgency"], ""))
    return Row(
        case=row,
        face=row_face(row, desk.at),
        badge=state_badge(process_of(row["kind"]), row["state"]),
        step=next_step(row, desk.actor),
        url=f"{page_url('cases')}{row['number']}/",
        reply=reply_text(row),
        project=place(row["project_id"]).name if desk.sees_several else "",
    )


def next_step(row: dict[str, Any], actor: Actor) -> Action | None:
    """The primary action this colleague may do now."""
    leading = () if row["is_imported"] else _leading(row["kind"], row["state"])
    if not leading:
        return None
    case = Case.from_db(None, STANDING, [row[name] for name in STANDING])
    return next((a for a in leading if engine.may(a, case, actor)), None)


@cache
def _leading(kind: str, state: str) -> tuple[Action, ...]:
    """As declared: the primary actions of a state that move it on."""
    process = process_of(kind)
    actions = process.actions if process is not None else ()
    return tuple(a for a in actions if a.primary and state in a.source and leads_on(a, state))


def leads_on(action: Action, state: str) -> bool:
    """Not merely the same again, as a second dispatch or a new version of the quote."""
    return action.reaches() != {state}
