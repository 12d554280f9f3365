"""Callbacks measured: called in time, reached and rated, of those due; by butler, kind and month."""

from dataclasses import dataclass
from datetime import datetime
from decimal import ROUND_HALF_UP, Decimal
from typing import Any, Final, Literal

from django.db.models import Count, F, Q
from django.db.models.functions import TruncMonth
from django.utils.translation import gettext_lazy as _

from steward.assurance.models import Callback, CallbackState
from steward.cases.declare import process_of
from steward.kernel import policies
from steward.kernel.actor import Actor
from steward.kernel.policies import Policy
from steward.registers.org.tree import place
from steward.registers.workforce.people import name_of

By = Literal["butler", "kind", "month"]
ANSWERED: Final = (CallbackState.SATISFIED, CallbackState.UNSATISFIED, CallbackState.SELF_RATED)
SMALL: Final = Policy(
    key="insight.small_numbers",
    title=_("Shares of fewer than so many are not shown"),
    type=int,
    preset=5,
    source="Steward's preset: one call more or less would move such a share by a fifth and more",
)


@dataclass(frozen=True)
class Share:
    """One line: counts, and shares in per cent with one decimal; None where the number is too small to say."""

    key: str
    name: str
    due: int
    in_time: int
    reached: int
    rated: int
    unreachable: int
    is_small: bool

    def percent(self, of: int) -> Decimal | None:
        if self.is_small or not self.due:
            return None
        return (Decimal(100 * of) / self.due).quantize(Decimal("0.1"), ROUND_HALF_UP)

    @property
    def shares(self) -> tuple[Decimal | None, Decimal | None, Decimal | None]:
        return self.percent(self.in_time), self.percent(self.reached), self.percent(self.rated)


def coverage(
    *, actor: Actor, projects: frozenset[int], since: datetime, until: datetime, by: By | None = None
) -> list[Share]:
    """Of the callbacks due in [since, until). Not needed ones (reopened, cancelled) do not count. One query.

    ``by`` None: one line for all. A case has two lines of its own where it is called about again after rain.
    """
    mine = projects & actor.project_ids
    rows = Callback.objects.visible_to(actor).filter(project_id__in=mine, due_at__gte=since, due_at__lt=until)
    rows = rows.exclude(state=CallbackState.VOID)
    answered = Q(state__in=ANSWERED)
    counts = {
        "due": Count("pk"),
        "in_time": Count("pk", filter=answered & Q(ended_at__lte=F("due_at"))),
        "reached": Count("pk", filter=answered),
        "rated": Count("pk", filter=Q(rating__isnull=False)),
        "unreachable": Count("pk", filter=Q(state=CallbackState.UNREACHABLE)),
    }
    small = _small(mine, until)
    if by is None:
        return [_share("", "", rows.aggregate(**counts), small)]
    names = {"butler": "butler_id", "kind": "case__kind", "month": "month"}
    zone = place(min(mine)).tz if mine else None
    dated = rows.annotate(month=TruncMonth("due_at", tzinfo=zone)) if by == "month" else rows
    found = dated.order_by().values(names[by]).annotate(**counts)
    lines = [_share(*_named(by, row[names[by]]), row, small) for row in found]
    return sorted(lines, key=lambda s: s.key if by == "month" else s.name)


def _small(projects: frozenset[int], at: datetime) -> int:
    return max(
        (policies.in_force(SMALL, lineage=place(p).lineage, at=at).value for p in projects), default=SMALL.preset
    )


def _named(by: By, value: Any) -> tuple[str, str]:
    if by == "butler":
        return str(value or ""), name_of(value) or str(_("nobody"))
    if by == "kind":
        process = process_of(value)
        return value, str(process.title) if process else value
    return f"{value:%Y-%m}", f"{value:%Y-%m}"


def _share(key: str, name: str, row: dict[str, Any], small: int) -> Share:
    return Share(
        key=key,
        name=name,
        due=row["due"],
        in_time=row["in_time"],
        reached=row["reached"],
        rated=row["rated"],
        unreachable=row["unreachable"],
        is_small=row["due"] < small,
    )
