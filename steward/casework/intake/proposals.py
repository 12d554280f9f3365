"""Whom to send now: the on-call list at night, the skill, then the fewest jobs in hand."""

from dataclasses import dataclass
from datetime import datetime

from django.db.models import Count

from steward.cases.models import Case
from steward.kernel.actor import Role
from steward.registers.workforce.away import away_now
from steward.registers.workforce.oncall import is_night, on_call
from steward.registers.workforce.people import with_role


@dataclass(frozen=True)
class Candidate:
    """A technician and why: on call now, has the skill, jobs in hand. ``away``: why he is not proposed first."""

    staff_id: int
    name: str
    phone: str
    on_call: bool
    fits: bool
    jobs: int
    away: str = ""


def candidates(project_id: int, *, skill: str, at: datetime, limit: int = 4) -> list[Candidate]:
    """The best first, whoever is absent last. Four queries."""
    people = with_role(Role.TECHNICIAN, project_id)
    rung = {row.staff_id: row.phone for row in on_call(project_id, at) if row.staff_id and not row.is_away}
    busy = Case.objects.in_project(project_id).filter(handler_id__in=[p.id for p in people], closed_at__isnull=True)
    jobs = dict(busy.values_list("handler_id").annotate(n=Count("pk")).order_by())
    gone = away_now([p.id for p in people], at)
    found = [
        Candidate(
            p.id,
            p.name,
            rung.get(p.id) or p.phone,
            p.id in rung,
            not skill or skill in p.skills,
            jobs.get(p.id, 0),
            gone[p.id].words if p.id in gone else "",
        )
        for p in people
    ]
    night = is_night(project_id, at)
    # At night whoever is on call comes, skilled or not: the others are asleep.
    found.sort(key=lambda c: (bool(c.away), night and not c.on_call, not c.fits, not c.on_call, c.jobs))
    return found[:limit]
