"""Never silent: in how many cases did the customer always hear from us by the time promised, and how long not?"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Count, F, Max, Q

from steward.cases.models import Deadline
from steward.casework.clocks.nextword import SILENCE
from steward.kernel.actor import Actor
from steward.kernel.clocks.row import LATE, VOID


@dataclass(frozen=True)
class Silence:
    """``cases``: those with a clock on silence; ``kept``: of them, never silent longer than promised."""

    cases: int
    kept: int
    longest: timedelta

    @property
    def share(self) -> float | None:
        """Percent, one decimal; None where there is nothing to judge."""
        return round(100 * self.kept / self.cases, 1) if self.cases else None

    def as_dict(self) -> dict[str, Any]:
        hours = round(self.longest / timedelta(hours=1), 1)
        return {"cases": self.cases, "kept": self.kept, "share": self.share, "longest_hours": hours}


def silence(*, actor: Actor, projects: frozenset[int], since: datetime, until: datetime, at: datetime) -> Silence:
    """Cases received in [since, until), judged at an instant. Three queries, whatever their number."""
    rows = Deadline.objects.visible_to(actor).filter(
        project_id__in=projects, key=SILENCE, case__received_at__gte=since, case__received_at__lt=until
    )
    rows = rows.filter(started_at__lt=at)
    broken = Q(outcome=LATE) | Q(ended_at__isnull=True, due_at__lt=at)
    counts = rows.aggregate(
        cases=Count("case", distinct=True), late=Count("case", distinct=True, filter=broken & ~Q(outcome=VOID))
    )
    longest = timedelta(0)
    ended = (
        rows.filter(ended_at__isnull=False).exclude(outcome=VOID).aggregate(n=Max(F("ended_at") - F("started_at")))["n"]
    )
    running = rows.filter(ended_at__isnull=True).order_by("started_at").values_list("started_at", flat=True).first()
    longest = max(ended or longest, at - running if running else longest)
    return Silence(counts["cases"], counts["cases"] - counts["late"], longest)
