"""Hot spots: one cause, several complainants within a month (DOMAIN-RULES 1.3)."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Annotated, Final, NamedTuple

from django.utils.translation import gettext_lazy as _
from pydantic import Field

from steward.kernel import policies
from steward.kernel.policies import Policy
from steward.processes.complaint.models import Cause
from steward.registers.org.tree import place

HOT_PERSONS: Final = Policy(
    key="insight.hot_spot_persons",
    title=_("Complaints: a hot spot from how many complainants"),
    type=Annotated[int, Field(ge=2, le=1000)],
    preset=3,
    source="DOMAIN-RULES 1.3: three different complainants, the same cause, within a month",
)
HOT_DAYS: Final = Policy(
    key="insight.hot_spot_days",
    title=_("Complaints: a hot spot within how many days"),
    type=Annotated[int, Field(ge=1, le=366)],
    preset=30,
    source="DOMAIN-RULES 1.3: within one month",
    unit=_("days"),
)


class Row(NamedTuple):
    """A complaint as it is counted; in the order of ``complaints.READ``."""

    pk: int
    project_id: int
    received_at: datetime
    category_id: int | None
    channel: str
    round: int
    state: str
    unit_id: int | None
    customer_id: int | None
    phone: str
    severity: str | None
    validity: str | None
    cause: str | None
    responsible: str | None
    persons: int | None
    tickets: int | None
    corrective: str | None
    building: str | None


@dataclass(frozen=True)
class Spot:
    """One cause, several complainants, within a month."""

    project_id: int
    cause: str
    complainants: int
    first: datetime
    last: datetime
    cases: tuple[int, ...]

    @property
    def key(self) -> str:
        return f"{self.project_id}-{self.cause}-{self.cases[0]}"

    @property
    def title(self) -> str:
        return str(Cause(self.cause).label)


def spots(rows: Sequence[Row], joined: Mapping[int, list[str]], at: datetime) -> list[Spot]:
    """The longest stretch of each cause in which enough different people complained within the span."""
    by_cause: dict[tuple[int, str], list[Row]] = {}
    for row in rows:
        if row.cause:
            by_cause.setdefault((row.project_id, row.cause), []).append(row)
    found: list[Spot] = []
    for (project_id, cause), group in sorted(by_cause.items()):
        within = timedelta(days=figure(HOT_DAYS, project_id, at))
        enough = figure(HOT_PERSONS, project_id, at)
        for stretch in stretches(group, joined, within, enough):
            people = _people(stretch, joined)
            cases = tuple(row.pk for row in stretch)
            found.append(Spot(project_id, cause, people, stretch[0].received_at, stretch[-1].received_at, cases))
    return sorted(found, key=lambda spot: spot.last, reverse=True)


def stretches(group: Sequence[Row], joined: Mapping[int, list[str]], within: timedelta, enough: int) -> list[list[Row]]:
    """Windows with enough complainants; those that share complaints are one."""
    merged: list[list[Row]] = []
    for n, first in enumerate(group):
        window = [row for row in group[n:] if row.received_at - first.received_at <= within]
        if _people(window, joined) < enough:
            continue
        known = {row.pk for row in merged[-1]} if merged else set()
        if first.pk in known:
            merged[-1] += [row for row in window if row.pk not in known]
        else:
            merged.append(window)
    return merged


def _people(rows: Iterable[Row], joined: Mapping[int, list[str]]) -> int:
    """Different complainants; of a group complaint as many as were counted there."""
    known: set[str] = set()
    unnamed = 0
    for row in rows:
        own = f"customer:{row.customer_id}" if row.customer_id else row.phone or f"case:{row.pk}"
        named = {own, *joined.get(row.pk, ())}
        known |= named
        unnamed += max(0, (row.persons or 1) - len(named))
    return len(known) + unnamed


def figure(policy: Policy[int], project_id: int, at: datetime) -> int:
    return policies.in_force(policy, lineage=place(project_id).lineage, at=at).value
