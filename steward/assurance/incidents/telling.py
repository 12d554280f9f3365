"""One notice to everybody affected: each customer once, and once only."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime
from typing import Final

from django.utils import timezone, translation
from django.utils.translation import gettext as _

from steward.assurance.incidents.places import affected_units
from steward.assurance.incidents.texts import CLOSED, OPENED, UPDATED
from steward.assurance.models import Incident, IncidentCase, IncidentEntry, IncidentStep
from steward.cases.models import Urgency
from steward.kernel import outbox
from steward.registers.messaging import telling
from steward.registers.messaging.templates import Template
from steward.registers.org.tree import place
from steward.registers.party.models import Occupancy, living

TEMPLATES: Final[dict[str, Template]] = {
    IncidentStep.OPENED: OPENED,
    IncidentStep.UPDATED: UPDATED,
    IncidentStep.CLOSED: CLOSED,
}
#: Danger to life is told at night; for the rest the messages' quiet hours hold.
AT_NIGHT: Final = Urgency.P0
BY_DAY: Final = Urgency.P2


def event_of(incident: Incident, seq: int) -> str:
    """The name of a notice in the outbox; unique there together with its recipient."""
    return f"{incident.number}:{seq}"


def recipients(incident: Incident, at: datetime) -> set[int]:
    """Whoever lives in the place of the incident, and the customers of its cases. Three queries."""
    units = [unit.pk for unit in affected_units(incident)]
    homes = Occupancy.objects.in_project(incident.project_id).filter(living(at))
    whole = incident.building_id is None
    found = set(homes.values_list("customer_id", flat=True)) if whole else set()
    if not whole:
        found = set(homes.filter(unit_id__in=units).values_list("customer_id", flat=True))
    return found | {pk for pk in _callers(incident) if pk}


def _callers(incident: Incident) -> Iterable[int | None]:
    rows = IncidentCase.objects.in_project(incident.project_id).filter(incident_id=incident.pk, ended_at__isnull=True)
    return rows.values_list("case__customer_id", flat=True)


def tell(incident: Incident, entry: IncidentEntry, customers: Iterable[int], *, at: datetime) -> None:
    """Promise the words of a step; whoever was told them already is not told again."""
    messages = [_message(incident, entry, pk) for pk in sorted(customers)]
    outbox.post(messages, project_id=incident.project_id, at=at)


def _message(incident: Incident, entry: IncidentEntry, customer_id: int) -> outbox.Message:
    message = telling.to_customer(
        TEMPLATES[entry.step],
        event=event_of(incident, entry.seq),
        project_id=incident.project_id,
        customer_id=customer_id,
        case="",
        values={
            "title": incident.title,
            "place": incident.place,
            "text": _sentence(entry.words),
            "when": _until(incident, entry),
        },
    )
    urgency = AT_NIGHT if incident.urgency == Urgency.P0 else BY_DAY
    return replace(message, payload={**message.payload, "incident": incident.number, "urgency": urgency.value})


def _sentence(words: str) -> str:
    return words if words.endswith(("。", "!", "！", ".", "?", "？")) else f"{words}。"


def _until(incident: Incident, entry: IncidentEntry) -> str:
    with translation.override("zh-hans"):
        if entry.expected_at is None:
            return _("no time known yet")
        local = timezone.localtime(entry.expected_at, place(incident.project_id).tz)
        return local.strftime("%m-%d %H:%M")


def last_told(incident: Incident) -> IncidentEntry | None:
    """What somebody who joins now has missed."""
    rows = IncidentEntry.objects.in_project(incident.project_id).filter(
        incident_id=incident.pk, step__in=list(TEMPLATES)
    )
    return rows.order_by("-seq").first()
