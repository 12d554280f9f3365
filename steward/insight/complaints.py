"""Complaints counted (MISSION DSK-4; ISO 10002: received, late, sent outside, repeated, improvements).

Kept within the time promised means: by the clock of the first round, as the project's own figure was then. A solution
put off by a plan approved in time is counted apart, neither in time nor late, or staff would close falsely; a plan that came
after the time was up makes nothing undone.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Annotated, Any, Final

from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy
from pydantic import Field

from steward.cases.models import Case, Deadline
from steward.casework.categories import categories
from steward.insight.coverage import SMALL
from steward.insight.hotspots import Row, Spot, figure, spots
from steward.kernel.actor import Actor
from steward.kernel.clocks.row import LATE, MET
from steward.kernel.policies import Policy
from steward.processes.complaint.models import Member, Validity

KIND: Final = "complaint"
CLOCKS: Final = ("acknowledge", "answer", "solution", "plan")
RUNNING: Final = "running"
RECURRENCE: Final = Policy(
    key="insight.recurrence_days",
    title=_("Complaints: the same room, the same matter again within (days)"),
    type=Annotated[int, Field(ge=1, le=3650)],
    preset=90,
    source="DOMAIN-RULES 5: same unit and same second-level category within 90 days; our default",
    unit=_("days"),
)
READ: Final = (
    "pk",
    "project_id",
    "received_at",
    "category_id",
    "channel",
    "round",
    "state",
    "unit_id",
    "customer_id",
    "reporter_phone",
    "complaint__severity",
    "complaint__validity",
    "complaint__cause",
    "complaint__responsible_unit",
    "complaint__persons",
    "complaint__tickets_count",
    "complaint__corrective_action",
    "unit__building__name",
)


@dataclass(frozen=True)
class Counted:
    """What was read once: the complaints of a period, their first clocks, and what recurs."""

    rows: Sequence[Row]
    clocks: Mapping[tuple[int, str], str]  # (case, clock) → met, late or running
    recurring: frozenset[int]
    spots: Sequence[Spot]
    small: int

    @property
    def hot(self) -> frozenset[int]:
        return frozenset(pk for spot in self.spots for pk in spot.cases)

    def clock(self, row: Row, key: str) -> str:
        return self.clocks.get((row.pk, key), "")


Test = Callable[[Counted, Row], bool]


def _stands(clock: str, *outcomes: str) -> Test:
    return lambda c, row: c.clock(row, clock) in outcomes


#: Every figure: what it is called, and which complaints it counts.
FIGURES: Final[dict[str, tuple[Any, Test]]] = {
    "received": (pgettext_lazy("complaints", "Received"), lambda _c, _row: True),
    "answered": (pgettext_lazy("complaints", "Answered in time"), _stands("answer", MET)),
    "answered_late": (pgettext_lazy("complaints", "Answered late"), _stands("answer", LATE)),
    "solved": (pgettext_lazy("complaints", "Solved in time"), _stands("solution", MET)),
    "solved_late": (pgettext_lazy("complaints", "Solved late"), _stands("solution", LATE)),
    "planned": (pgettext_lazy("complaints", "By an approved plan"), _stands("plan", MET, LATE, RUNNING)),
    "plan_late": (pgettext_lazy("complaints", "Plan missed"), _stands("plan", LATE)),
    "valid": (pgettext_lazy("complaints", "Valid"), lambda _c, row: row.validity == Validity.VALID),
    "outside": (pgettext_lazy("complaints", "Outside tickets"), lambda _c, row: bool(row.tickets)),
    "reopened": (pgettext_lazy("complaints", "Reopened"), lambda _c, row: row.round > 1),
    "recurring": (pgettext_lazy("complaints", "Recurring"), lambda c, row: row.pk in c.recurring),
    "hot": (pgettext_lazy("complaints", "In a hot spot"), lambda c, row: row.pk in c.hot),
    "acknowledged_late": (pgettext_lazy("complaints", "Acknowledged late"), _stands("acknowledge", LATE)),
    "improved": (pgettext_lazy("complaints", "With a corrective action"), lambda _c, row: bool(row.corrective)),
}


def count(*, actor: Actor, projects: frozenset[int], since: datetime, until: datetime, at: datetime) -> Counted:
    """Complaints received in [since, until), judged at ``at``. Three statements, whatever their number."""
    mine = projects & actor.project_ids
    days = max((figure(RECURRENCE, p, at) for p in mine), default=RECURRENCE.preset)
    found = Case.objects.visible_to(actor).filter(
        project_id__in=mine,
        kind=KIND,
        is_imported=False,
        received_at__gte=since - timedelta(days=days),
        received_at__lt=until,
    )
    every = [Row(*values) for values in found.order_by("received_at", "pk").values_list(*READ)]
    rows = [row for row in every if row.received_at >= since]
    return Counted(
        rows=rows,
        clocks=_clocks(actor, mine, since, until, at) if rows else {},
        recurring=_recurring(every, at),
        spots=spots(rows, _members(actor, mine, since, until) if rows else {}, at),
        small=max((figure(SMALL, p, at) for p in mine), default=SMALL.preset),
    )


def _clocks(
    actor: Actor, projects: frozenset[int], since: datetime, until: datetime, at: datetime
) -> dict[tuple[int, str], str]:
    rows = Deadline.objects.visible_to(actor).filter(
        project_id__in=projects,
        key__in=CLOCKS,
        round=1,
        case__kind=KIND,
        case__received_at__gte=since,
        case__received_at__lt=until,
    )
    found: dict[tuple[int, str], str] = {}
    for case_id, key, outcome, due, ended in rows.values_list("case_id", "key", "outcome", "due_at", "ended_at"):
        if ended is None:
            found[case_id, key] = LATE if due is not None and due < at else RUNNING
        elif outcome in (MET, LATE):
            found[case_id, key] = outcome
    return found


def _recurring(rows: Iterable[Row], at: datetime) -> frozenset[int]:
    """The same room complains of the same second-level matter again, soon after."""
    last: dict[tuple[int, int], datetime] = {}
    found = set()
    for row in rows:
        category = categories().get(row.category_id or 0)
        if row.unit_id is None or category is None or category.parent_id is None:
            continue
        key = (row.unit_id, category.id)
        within = timedelta(days=figure(RECURRENCE, row.project_id, at))
        if key in last and row.received_at - last[key] <= within:
            found.add(row.pk)
        last[key] = row.received_at
    return frozenset(found)


def _members(actor: Actor, projects: frozenset[int], since: datetime, until: datetime) -> dict[int, list[str]]:
    """Who joined whose complaint."""
    rows = Member.objects.visible_to(actor).filter(
        project_id__in=projects, case__received_at__gte=since, case__received_at__lt=until
    )
    found: dict[int, list[str]] = {}
    for case_id, customer_id, phone, name in rows.values_list("case_id", "customer_id", "phone", "name"):
        found.setdefault(case_id, []).append(f"customer:{customer_id}" if customer_id else phone or name)
    return found
