"""First responders 首问 measured: what they answer for, what is late, what they passed on, whether customers heard.

Whoever answers for a case now is counted for it; what was handed over counts with the giver (MISSION DSK-2).
"""

from dataclasses import dataclass
from datetime import datetime
from decimal import ROUND_HALF_UP, Decimal
from typing import Any, Final, Literal

from django.db.models import Count, Q
from django.db.models.functions import TruncMonth
from django.utils.translation import gettext as _

from steward.cases.declare import process_of
from steward.cases.models import Case, Deadline
from steward.casework.clocks.nextword import SILENCE
from steward.casework.models import Handover, HandoverState
from steward.insight.coverage import SMALL
from steward.insight.hotspots import figure
from steward.kernel.actor import Actor
from steward.kernel.clocks.row import LATE, VOID
from steward.registers.org.tree import place
from steward.registers.workforce.people import name_of

By = Literal["accountable", "kind", "month"]
FIELDS: Final = {"accountable": "case__accountable_id", "kind": "case__kind", "month": "month"}


@dataclass(frozen=True)
class Told:
    """``cases`` with a clock on silence; ``kept`` of them never silent longer than promised."""

    key: str
    name: str
    cases: int
    kept: int
    small: int

    @property
    def broken(self) -> int:
        return self.cases - self.kept

    @property
    def share(self) -> Decimal | None:
        """Per cent; None where there are too few to say."""
        if not self.cases or self.cases < self.small:
            return None
        return (Decimal(100 * self.kept) / self.cases).quantize(Decimal("0.1"), ROUND_HALF_UP)


@dataclass(frozen=True)
class Responder:
    staff_id: int
    name: str
    received: int
    open: int
    late: int
    told: Told
    offered: int  # hand-overs asked of others
    accepted: int
    ordered: int  # taken from them over their head
    to_answer: int  # hand-overs asked of them
    answered_late: int


def told(
    *, actor: Actor, projects: frozenset[int], since: datetime, until: datetime, at: datetime, by: By
) -> list[Told]:
    """Cases received in [since, until), by who answers for them, kind or month. One statement."""
    mine = projects & actor.project_ids
    rows: Any = Deadline.objects.visible_to(actor).filter(
        project_id__in=mine,
        key=SILENCE,
        started_at__lt=at,
        case__received_at__gte=since,
        case__received_at__lt=until,
        case__is_imported=False,
    )
    broken = Q(outcome=LATE) | Q(ended_at__isnull=True, due_at__lt=at)
    if by == "month":
        zone = place(min(mine)).tz if mine else None
        rows = rows.annotate(month=TruncMonth("case__received_at", tzinfo=zone))
    field = FIELDS[by]
    found = (
        rows.order_by()
        .values(field)
        .annotate(
            cases=Count("case", distinct=True), late=Count("case", distinct=True, filter=broken & ~Q(outcome=VOID))
        )
    )
    small = _small(mine, at)
    every = [_told(by, row[field], row["cases"], row["late"], small) for row in found]
    return sorted(every, key=lambda t: t.key if by == "month" else t.name)


def _told(by: By, value: Any, cases: int, late: int, small: int) -> Told:
    if by == "month":
        key = name = f"{value:%Y-%m}"
    elif by == "kind":
        process = process_of(value)
        key, name = str(value), str(process.title) if process is not None else str(value)
    else:
        key, name = str(value or ""), name_of(value) or _("nobody")
    return Told(key, name, cases, cases - late, small)


def _small(projects: frozenset[int], at: datetime) -> int:
    return max((figure(SMALL, p, at) for p in projects), default=SMALL.preset)


def responders(
    *, actor: Actor, projects: frozenset[int], since: datetime, until: datetime, at: datetime
) -> list[Responder]:
    """Everybody who answers for a case of the period, has one open now, or handed one over. Four statements."""
    span: dict[str, Any] = {"actor": actor, "projects": projects, "since": since, "until": until}
    cases, passed = _cases(**span, at=at), _passed(**span)
    asked = _asked(**span, at=at)
    heard = {t.key: t for t in told(**span, at=at, by="accountable")}
    small = _small(projects & actor.project_ids, at)
    people = sorted({pk for group in (cases, passed, asked) for pk in group if pk}, key=name_of)
    return [
        Responder(
            staff_id=pk,
            name=name_of(pk),
            told=heard.get(str(pk)) or Told(str(pk), name_of(pk), 0, 0, small),
            **{"received": 0, "open": 0, "late": 0, **cases.get(pk, {})},
            **{"offered": 0, "accepted": 0, "ordered": 0, **passed.get(pk, {})},
            **{"to_answer": 0, "answered_late": 0, **asked.get(pk, {})},
        )
        for pk in people
    ]


def _cases(
    *, actor: Actor, projects: frozenset[int], since: datetime, until: datetime, at: datetime
) -> dict[int, dict[str, int]]:
    is_open = Q(closed_at__isnull=True)
    fresh = Q(received_at__gte=since, received_at__lt=until)
    rows = Case.objects.visible_to(actor).filter(fresh | is_open, project_id__in=projects, is_imported=False)
    counts = {"received": fresh, "open": is_open, "late": is_open & Q(next_due_at__lt=at)}
    return _by_person(rows, "accountable_id", counts)


def _passed(*, actor: Actor, projects: frozenset[int], since: datetime, until: datetime) -> dict[int, dict[str, int]]:
    rows = Handover.objects.visible_to(actor).filter(
        project_id__in=projects, offered_at__gte=since, offered_at__lt=until
    )
    forced = Q(state=HandoverState.FORCED)
    return _by_person(
        rows, "giver_id", {"offered": ~forced, "accepted": Q(state=HandoverState.ACCEPTED), "ordered": forced}
    )


def _asked(
    *, actor: Actor, projects: frozenset[int], since: datetime, until: datetime, at: datetime
) -> dict[int, dict[str, int]]:
    rows = Handover.objects.visible_to(actor).filter(
        project_id__in=projects, offered_at__gte=since, offered_at__lt=until
    )
    late = Q(outcome=LATE) | Q(ended_at__isnull=True, due_at__lt=at)
    counts = {"to_answer": Q(pk__isnull=False), "answered_late": late}
    return _by_person(rows.exclude(state=HandoverState.FORCED), "receiver_id", counts)


def _by_person(rows: Any, field: str, counts: dict[str, Q]) -> dict[int, dict[str, int]]:
    found = rows.order_by().values(field).annotate(**{name: Count("pk", filter=q) for name, q in counts.items()})
    return {row[field]: {name: row[name] for name in counts} for row in found}
