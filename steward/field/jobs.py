"""The lists: my jobs by time left, paused, done today; the open pool; what the office still looks at."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from django.db.models import F, Q
from django.utils import timezone

from steward.cases.declare import process_of
from steward.cases.models import Entry
from steward.casework import queries
from steward.casework.models import Conflict
from steward.field.steps import OFFICE_CLOCKS, TAKE, TO_DO, Next, next_step
from steward.field.tasks import ONCE, next_of
from steward.kernel.actor import Actor, Role
from steward.kernel.marks import listed
from steward.kernel.scope import ScopedQuerySet
from steward.processes.repair.acceptance import TO_ACCEPT
from steward.processes.repair.models import State
from steward.registers.workforce.people import colleagues

COLUMNS: Final = (
    *queries.ROW,
    "repair__payer",
    "repair__flat_rate_kind",
    "repair__appointment_at",
    "service_order__accepted_at",
    "service_order__arrived_at",
    "service_order__appointment_at",
)
LIMIT: Final = 100
KIND: Final = "repair"
#: Goes on later: put off, or while the manager decides on the price.
HELD: Final = (State.WAITING, State.APPROVING)


@dataclass(frozen=True)
class Jobs:
    todo: list[dict[str, Any]]
    paused: list[dict[str, Any]]
    done: list[dict[str, Any]]
    refused: list[dict[str, Any]]


def my_jobs(actor: Actor, at: datetime) -> Jobs:
    """Four queries at most, however many jobs there are."""
    midnight = timezone.localtime(at).replace(hour=0, minute=0, second=0, microsecond=0)
    mine = queries.find(actor, queries.CaseFilter(handler_id=actor.staff_id or -1))
    repairs = Q(kind=KIND) & (Q(state__in=[*TO_DO, *HELD]) | Q(repair__finished_at__gte=midnight))
    others = ~Q(kind=KIND) & (Q(closed_at__isnull=True) | Q(closed_at__gte=midnight))
    rows = _rows(mine.filter(repairs | others, is_imported=False), actor, mine=True)
    todo = [row for row in rows if row["step"] is not None and not _is_paused(row)]
    _say_escalations(todo, at)
    return Jobs(
        todo=todo,
        paused=[row for row in rows if _is_paused(row)],
        done=[row for row in rows if row["step"] is None],
        refused=refused(actor),
    )


def _is_paused(row: dict[str, Any]) -> bool:
    return bool(row["kind"] == KIND and row["state"] in HELD)


def to_accept(actor: Actor) -> list[dict[str, Any]]:
    """Work on common parts that waits to be accepted by this butler or engineer, not by whoever did it. One query."""
    projects = actor.projects_with(*TO_ACCEPT.roles)
    if not projects:
        return []
    wanted = queries.CaseFilter(projects=projects, kind=TO_ACCEPT.kind, states=tuple(TO_ACCEPT.states), is_open=True)
    return _rows(queries.find(actor, wanted).filter(TO_ACCEPT.near(actor, projects)), actor, mine=True)


def pool(actor: Actor) -> list[dict[str, Any]]:
    """Jobs that anybody of the trade may take: assessed by the desk, given to nobody yet. One query."""
    projects = actor.projects_with(Role.TECHNICIAN)
    if not projects:
        return []
    wanted = queries.CaseFilter(projects=projects, kind=KIND, states=(State.RECEIVED,), is_open=True)
    free = queries.find(actor, wanted).filter(handler__isnull=True).exclude(repair__payer="").exclude(urgency="")
    return _rows(free, actor, mine=False)


def _rows(found: ScopedQuerySet[Any], actor: Actor, *, mine: bool) -> list[dict[str, Any]]:
    ordered = found.order_by(F("next_due_at").asc(nulls_last=True), "received_at", "id")
    return [_dress(row, actor, mine=mine) for row in ordered.values(*COLUMNS)[:LIMIT]]


def _dress(row: dict[str, Any], actor: Actor, *, mine: bool) -> dict[str, Any]:
    """A customer whom this technician does not serve (yet) has no name here."""
    queries.dress(row, actor)
    if row["next_due_key"] in OFFICE_CLOCKS:
        row["next_due_at"], row["next_due_key"] = None, ""
    rule = process.deadline(row["next_due_key"]) if (process := process_of(row["kind"])) else None
    row["due_title"] = str(rule.title) if rule else ""
    row["step"] = _step(row) if mine else TAKE
    row["appointment_at"] = row["repair__appointment_at"] or row["service_order__appointment_at"]
    row["escalated_to"] = ""
    if not mine:
        row["customer_name"] = ""
    return row


def _step(row: dict[str, Any]) -> Next | None:
    if row["kind"] == KIND:
        return next_step(row["state"], row["repair__payer"], row["repair__flat_rate_kind"])
    done = {name for name in ONCE if row[f"service_order__{ONCE[name]}"] is not None}
    return next_of(row["kind"], row["state"], done)


def _say_escalations(rows: list[dict[str, Any]], at: datetime) -> None:
    """Whoever was told that a clock ran out stands on its card. One query, none if nothing is late."""
    late = {row["id"]: row for row in rows if row["next_due_at"] is not None and row["next_due_at"] < at}
    if not late:
        return
    projects = {row["project_id"] for row in late.values()}
    told = Entry.objects.unscoped().filter(project_id__in=projects, case_id__in=late, action="escalate")
    for case_id, data in told.order_by("seq").values_list("case_id", "data"):
        names = [_name(key) for key in data.get("to", ())]
        late[case_id]["escalated_to"] = listed(filter(None, names))


def _name(key: str) -> str:
    found = colleagues().get(int(key.removeprefix("staff:"))) if key.startswith("staff:") else None
    return f"{found.post} {found.name}" if found else ""


def refused(actor: Actor) -> list[dict[str, Any]]:
    """My replays that the office has not settled yet. One query."""
    open_ones = Conflict.objects.visible_to(actor).filter(actor_key=actor.key, resolved_at__isnull=True)
    rows = open_ones.order_by("-received_at").values(
        "case__number", "case__kind", "case__title", "action", "happened_at", "received_at", "reason"
    )
    return [{**row, "title": _title(row["case__kind"], row["action"])} for row in rows[:20]]


def _title(kind: str, name: str) -> str:
    process = process_of(kind)
    action = process.action(name) if process else None
    return str(action.title) if action else name
