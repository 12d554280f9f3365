"""Proposed common causes: cases that came in close together, from one place, in like words. A person decides."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any, Final

from django.db.models import Exists, OuterRef
from django.utils.translation import get_language, gettext_lazy, ngettext
from django.utils.translation import gettext as _
from pydantic import BaseModel, ConfigDict, Field

from steward.assurance.incidents.shared import MAY
from steward.assurance.incidents.similar import Texts, grouped
from steward.assurance.models import IncidentCase, KeptApart
from steward.cases.models import Case
from steward.casework.categories import categories
from steward.kernel import policies
from steward.kernel.actor import Actor
from steward.kernel.db import write
from steward.kernel.errors import NotAllowedError, NotFoundError
from steward.kernel.marks import mark
from steward.kernel.policies import Policy
from steward.registers.org.tree import place

MOST: Final = 300
WORDS: Final = 120


class CommonCause(BaseModel):
    """When cases look like one cause. ``words`` and ``category``: how alike their texts are, at least, with another
    category in one building, and with the same one; ``anywhere``: in different buildings of the project."""

    model_config = ConfigDict(frozen=True)

    hours: int = Field(default=6, ge=1, le=72)
    households: int = Field(default=3, ge=2, le=50)
    words: Decimal = Field(default=Decimal("0.45"), gt=0, le=1)
    category: Decimal = Field(default=Decimal("0.20"), gt=0, le=1)
    anywhere: Decimal = Field(default=Decimal("0.60"), gt=0, le=1)


POLICY: Final = Policy(
    key="incident.common_cause",
    title=gettext_lazy("Incidents: when cases are proposed as one cause"),
    type=CommonCause,
    preset=CommonCause(),
    source="Steward's preset, tried on 4,326 public messages: of pairs alike by 0.55 or more about nine in ten are one matter",
)


@dataclass(frozen=True)
class Proposal:
    """Cases that may have one cause, with the reason in words."""

    project_id: int
    cases: Sequence[dict[str, Any]]
    reason: str
    building_id: int | None
    category_id: int | None

    @property
    def numbers(self) -> list[str]:
        return [c["number"] for c in self.cases]

    @property
    def category(self) -> str:
        """The code of the one category they share, as an incident is opened with; empty where they share none."""
        row = categories().get(self.category_id or 0)
        return row.code if row and row.kind == "repair" else ""


def propose(*, actor: Actor, projects: Iterable[int], at: datetime) -> list[Proposal]:
    """Groups among the open cases of the last hours that belong to no incident. One query for all projects."""
    found: list[Proposal] = []
    wanted = sorted(set(projects) & actor.project_ids)
    rules = {p: policies.in_force(POLICY, lineage=place(p).lineage, at=at).value for p in wanted}
    if not rules:
        return []
    rows = _recent(actor, wanted, at - timedelta(hours=max(r.hours for r in rules.values())))
    for project_id, rule in rules.items():
        since = at - timedelta(hours=rule.hours)
        own = [r for r in rows if r["project_id"] == project_id and r["received_at"] >= since]
        found += _of_project(project_id, own, rule)
    return found


def _recent(actor: Actor, projects: Sequence[int], since: datetime) -> list[dict[str, Any]]:
    linked = IncidentCase.objects.unscoped().filter(case_id=OuterRef("pk"), project_id=OuterRef("project_id"))
    apart = KeptApart.objects.unscoped().filter(case_id=OuterRef("pk"), project_id=OuterRef("project_id"))
    rows = Case.objects.visible_to(actor).filter(project_id__in=projects, received_at__gte=since)
    rows = rows.filter(~Exists(linked), ~Exists(apart), closed_at__isnull=True, is_imported=False)
    columns = ("id", "project_id", "number", "title", "description", "received_at", "category_id", "unit_id")
    more = ("customer_id", "unit_label", "place", "customer_name", "unit__building_id", "unit__building__name")
    return list(rows.order_by("-received_at", "-id").values(*columns, *more)[:MOST])


def _of_project(project_id: int, rows: list[dict[str, Any]], rule: CommonCause) -> list[Proposal]:
    if len(rows) < rule.households:
        return []
    texts = Texts([f"{r['title']} {r['description']}"[:WORDS] for r in rows])
    links: list[tuple[int, int]] = []
    for i in range(len(rows)):
        for j in range(i + 1, len(rows)):
            least = _least(rows[i], rows[j], rule)
            if least is not None and texts.alike(i, j) >= least:
                links.append((i, j))
    groups = [[rows[n] for n in group] for group in grouped(len(rows), links)]
    return [_proposal(project_id, g, rule) for g in groups if _households(g) >= rule.households]


def _least(a: dict[str, Any], b: dict[str, Any], rule: CommonCause) -> float | None:
    """How alike the words must be; None where nothing but the words would tie the two."""
    here = a["unit__building_id"] is not None and a["unit__building_id"] == b["unit__building_id"]
    same = a["category_id"] is not None and a["category_id"] == b["category_id"]
    if here:
        return float(rule.category if same else rule.words)
    return float(rule.anywhere)


def _households(rows: list[dict[str, Any]]) -> int:
    """A household that calls three times is one."""
    return len({r["customer_id"] or r["unit_id"] or -r["id"] for r in rows})


def _proposal(project_id: int, rows: list[dict[str, Any]], rule: CommonCause) -> Proposal:
    rows = sorted(rows, key=lambda r: (r["received_at"], r["id"]))
    building = _shared(rows, "unit__building_id")
    category = _shared(rows, "category_id")
    span = rows[-1]["received_at"] - rows[0]["received_at"]
    n, minutes = _households(rows), max(1, int(span.total_seconds() // 60))
    words = [
        rows[0]["unit__building__name"] if building else _("several buildings"),
        ngettext("%(n)s household", "%(n)s households", n) % {"n": n},
        ngettext("within %(n)s minute", "within %(n)s minutes", minutes) % {"n": minutes},
    ]
    row = categories().get(category or 0)
    words.append(row.title(get_language() or "") if row else _("in like words"))
    return Proposal(project_id, rows, mark("，").join(str(w) for w in words), building, category)


def _shared(rows: list[dict[str, Any]], name: str) -> int | None:
    values = {r[name] for r in rows}
    found: int | None = values.pop() if len(values) == 1 else None
    return found


def keep_apart(*, project_id: int, numbers: Sequence[str], actor: Actor, at: datetime, reason: str = "") -> list[str]:
    """Somebody looked: these have different causes. They are not proposed again; twice said is said once."""
    if project_id not in actor.project_ids:
        raise NotFoundError(_("There is no such project."))
    if not any(actor.has(role, project_id) for role in MAY):
        raise NotAllowedError(_("This is not yours to do."), rule="incident.role")
    with write():
        cases = list(Case.objects.visible_to(actor).filter(project_id=project_id, number__in=list(numbers)))
        KeptApart.objects.bulk_create(
            [
                KeptApart(
                    project_id=project_id,
                    case=case,
                    at=at,
                    by_key=actor.key,
                    by_name=actor.name,
                    reason=reason[:200],
                )
                for case in cases
            ],
            ignore_conflicts=True,
        )
    return [case.number for case in cases]
