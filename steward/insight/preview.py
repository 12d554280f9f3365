"""What a new figure would have meant: clocks of the last days under another table, callbacks under other rules.

Nothing is written. Clocks that run keep the version they began with; what is said about them is how they would stand.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from django.db.models import Q

from steward.assurance.policies import CallbackRule
from steward.cases.declare import REGISTRY
from steward.cases.models import Deadline
from steward.casework.accountability.handovers import ANSWER
from steward.casework.categories import categories
from steward.casework.models import Handover
from steward.kernel.actor import Actor
from steward.kernel.calendars import work_calendar
from steward.kernel.clocks import due_at
from steward.kernel.clocks.policy import ClockTable
from steward.kernel.clocks.row import LATE, VOID, ClockRow
from steward.kernel.policies import Policy

DAYS: Final = 30
#: More clocks than these are not read for a preview; the newest are.
MOST: Final = 20_000


@dataclass
class Effect:
    """Cases received in the last ``DAYS``, and the clocks running now: due earlier or later if they began today."""

    cases: int = 0
    late_now: int = 0
    late_then: int = 0
    running: int = 0
    sooner: int = 0
    later: int = 0
    capped: bool = False


@dataclass
class Calls:
    """Callbacks of the last ``DAYS``: how many cases are called about, and how many again after rain."""

    cases: int = 0
    called_now: int = 0
    called_then: int = 0
    rain_now: int = 0
    rain_then: int = 0


def is_measured(policy: Policy[Any]) -> bool:
    """Whether clocks run by its minutes, and not to a promised instant."""
    return policy.key == ANSWER.key or bool(_keys(policy))


def _keys(policy: Policy[Any]) -> list[tuple[str, str]]:
    return [
        (process.kind, rule.key)
        for process in REGISTRY.values()
        for rule in process.deadlines
        if rule.policy.key == policy.key and rule.until is None
    ]


def clocks(
    policy: Policy[ClockTable], table: ClockTable, *, actor: Actor, projects: frozenset[int], at: datetime
) -> Effect:
    """The clocks of this figure, recomputed from their recorded intervals. One query."""
    effect, late_now, late_then, seen = Effect(), set(), set(), set()
    rows = _rows(policy, actor, projects, at - timedelta(days=DAYS))
    effect.capped = len(rows) > MOST
    for row in rows[:MOST]:
        seen.add(row.case_id)
        then = _due(row, table, at)
        if row.ended_at is None:
            effect.running += 1
            effect.sooner += bool(row.due_at and then and then < row.due_at)
            effect.later += bool(row.due_at and (then is None or then > row.due_at))
        if row.outcome == LATE or (row.ended_at is None and row.due_at is not None and row.due_at < at):
            late_now.add(row.case_id)
        if then is not None and then < (row.ended_at or at):
            late_then.add(row.case_id)
    effect.cases, effect.late_now, effect.late_then = len(seen), len(late_now), len(late_then)
    return effect


def _rows(policy: Policy[Any], actor: Actor, projects: frozenset[int], since: datetime) -> list[Any]:
    if policy.key == ANSWER.key:
        rows: Any = Handover.objects.visible_to(actor)
    else:
        wanted = Q(pk__in=[])
        for kind, key in _keys(policy):
            wanted |= Q(case__kind=kind, key=key)
        rows = Deadline.objects.visible_to(actor).filter(wanted)
    rows = rows.filter(project_id__in=projects, case__received_at__gte=since, case__is_imported=False)
    return list(rows.exclude(outcome=VOID).select_related("case").order_by("-case__received_at", "-pk")[: MOST + 1])


def _due(row: Any, table: ClockTable, at: datetime) -> datetime | None:
    """When this clock would have been due; None where it would not run, or stands."""
    clock = table.clock(row.case.urgency)
    if clock is None:
        return None
    fresh = type(row)(project_id=row.project_id)
    for name, value in _columns(clock, row).items():
        setattr(fresh, name, value)
    return due_at(fresh.rule, work_calendar(), row.started_at, row.intervals, as_of=row.ended_at or at)


def _columns(clock: Any, row: ClockRow) -> dict[str, Any]:
    return {
        "minutes": clock.minutes,
        "mode": clock.mode,
        "hours": clock.hours if clock.mode != "natural" else "",
        "warn_ratio": clock.warn_ratio,
        "ladder": "",
        "pauses": row.pauses,
    }


def calls(
    now: Sequence[CallbackRule],
    then: Sequence[CallbackRule],
    *,
    actor: Actor,
    projects: frozenset[int],
    at: datetime,
) -> Calls:
    """The rules of callbacks, held against the cases whose callback clock began in the last days. One query."""
    found = Calls()
    rows = Deadline.objects.visible_to(actor).filter(
        project_id__in=projects, key="callback", case__received_at__gte=at - timedelta(days=DAYS)
    )
    known = categories()
    for kind, category_id in set_of(rows.values_list("case_id", "case__kind", "case__category_id")[:MOST]):
        category = known.get(category_id or 0)
        about = {
            "kind": kind,
            "category": category.code if category else "",
            "is_leak": bool(category and category.is_leak),
        }
        before, after = _rule(now, **about), _rule(then, **about)
        found.cases += 1
        found.called_now += before.calls
        found.called_then += after.calls
        found.rain_now += before.calls and before.after_rain
        found.rain_then += after.calls and after.after_rain
    return found


def set_of(rows: Any) -> list[tuple[str, int | None]]:
    """Each case once, whatever rounds it went through."""
    return [(kind, category) for _case, kind, category in set(rows)]


def _rule(rules: Sequence[CallbackRule], **about: Any) -> CallbackRule:
    return next((rule for rule in rules if rule.fits(**about)), CallbackRule())
