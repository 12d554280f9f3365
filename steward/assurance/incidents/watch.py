"""Clocks of an incident: its cases warn once for all, and a promised end is never silently let pass."""

from datetime import datetime, timedelta
from typing import Final

from django.db.models import Max, Q
from django.utils import timezone, translation
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from pydantic import BaseModel, ConfigDict, Field

from steward.assurance.models import Incident, IncidentCase, IncidentStep
from steward.cases.models import Case
from steward.casework.clocks.sweep import shares
from steward.kernel import outbox, policies
from steward.kernel.actor import Role
from steward.kernel.cron import recurs
from steward.kernel.policies import Policy
from steward.registers.org.tree import place
from steward.registers.workforce.people import with_role


class News(BaseModel):
    """Minutes before the promised end, and hours of silence where none was promised."""

    model_config = ConfigDict(frozen=True)

    warn_minutes: int = Field(default=15, ge=0, le=240)
    silent_hours: int = Field(default=2, ge=1, le=48)


NEWS: Final = Policy(
    key="incident.news",
    title=gettext_lazy("Incidents: when the next word is due"),
    type=News,
    preset=News(),
    source="MISSION DSK-15: an honest new time before the old one passes; the figures: Steward's preset",
)


@shares
def one_for_all(case: Case) -> str:
    """Nine callers, one cause: whoever is warned hears of it once."""
    rows = IncidentCase.objects.in_project(case.project_id).filter(case_id=case.pk, ended_at__isnull=True)
    found = rows.values_list("incident__number", flat=True).first()
    return found or ""


@recurs("incidents", every=timedelta(minutes=5))
def ask_for_news(at: datetime) -> None:
    """Remind whoever answers for it; each promised end, and each silence, once."""
    told = Max("entries__at", filter=Q(entries__step__in=[IncidentStep.OPENED, IncidentStep.UPDATED]))
    for incident in Incident.objects.unscoped().filter(closed_at__isnull=True).annotate(told_at=told):
        rule = policies.in_force(NEWS, lineage=place(incident.project_id).lineage, at=at).value
        due = incident.expected_at - timedelta(minutes=rule.warn_minutes) if incident.expected_at else None
        due = due or (incident.told_at or incident.opened_at) + timedelta(hours=rule.silent_hours)
        if due <= at:
            _remind(incident, due, at)


def _remind(incident: Incident, due: datetime, at: datetime) -> None:
    with translation.override("zh-hans"):
        if incident.expected_at is not None:
            until = timezone.localtime(incident.expected_at, place(incident.project_id).tz).strftime("%H:%M")
            text = _("%(title)s: promised until %(at)s. Close it, or tell everybody an honest new time.")
            body = text % {"title": incident.title, "at": until}
        else:
            body = _("%(title)s: nobody heard anything for a while. Tell how it stands.") % {"title": incident.title}
    people = {incident.accountable_id, incident.handler_id} - {None}
    people = people or {c.id for c in with_role(Role.MANAGER, incident.project_id)}
    outbox.post(
        [
            outbox.Message(
                event=f"incident-news:{incident.number}:{due:%m%d%H%M}",
                recipient=f"staff:{staff_id}",
                channel="inapp",
                subject=f"{incident.number} {incident.title}",
                body=body,
                payload={"template": "incident_news", "incident": incident.number},
            )
            for staff_id in sorted(p for p in people if p is not None)
        ],
        project_id=incident.project_id,
        at=at,
    )
