"""What the page of an incident shows: each list one query, however many homes are affected."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from django.db.models import Count, Q
from django.utils.translation import gettext as _

from steward.assurance.incident_models import TOLD
from steward.assurance.incidents.places import affected_units
from steward.assurance.incidents.telling import event_of
from steward.assurance.models import Callback, Incident, IncidentCase, IncidentEntry, IncidentStep
from steward.cases.declare import process_of
from steward.casework.categories import categories
from steward.console.case import case_url
from steward.console.shell import Desk
from steward.console.words import Badge, state_badge
from steward.design.clockface import ClockFace, clock_face
from steward.kernel.errors import NotFoundError
from steward.kernel.models import Outbox, OutboxState
from steward.registers.workforce.people import name_of

SHOWN: Final = 40
LOST: Final = (OutboxState.DEAD, OutboxState.UNKNOWN)


@dataclass(frozen=True)
class Line:
    """An incident in the list."""

    incident: Incident
    cases: int
    face: ClockFace
    handler: str


@dataclass(frozen=True)
class Linked:
    link: IncidentCase
    badge: Badge
    url: str
    callback: Callback | None = None

    @property
    def case(self) -> Any:
        return self.link.case


@dataclass
class Notice:
    """How far one notice got: into inboxes, out of the house, lost on the way."""

    entry: IncidentEntry
    people: int = 0
    sent: int = 0
    waiting: int = 0
    lost: int = 0


@dataclass
class Whole:
    incident: Incident
    face: ClockFace
    homes: list[Any]
    linked: list[Linked]
    left: list[Linked]
    entries: Sequence[IncidentEntry]
    notices: list[Notice]
    category: str = ""
    handler: str = ""
    accountable: str = ""
    refused: dict[str, str] = field(default_factory=dict)

    @property
    def open_calls(self) -> int:
        return sum(row.callback is not None for row in self.linked)


def lines(desk: Desk, *, is_open: bool) -> list[Line]:
    """One query."""
    rows = Incident.objects.visible_to(desk.actor).filter(project_id__in=desk.projects, closed_at__isnull=is_open)
    held = Q(links__ended_why="")
    found = rows.annotate(cases=Count("links", filter=held, distinct=True)).order_by("-opened_at", "-pk")
    return [Line(r, r.cases, face_of(r, desk), name_of(r.handler_id)) for r in found[:SHOWN]]


def face_of(incident: Incident, desk: Desk) -> ClockFace:
    """The end that was promised: everybody affected waits for it."""
    return clock_face(incident.expected_at, desk.at, met_at=incident.closed_at)


def whole(desk: Desk, project_id: int, number: str) -> Whole:
    """Raises NotFoundError out of scope. Six queries."""
    rows = Incident.objects.visible_to(desk.actor).filter(project_id=project_id, number=number)
    incident = rows.select_related("building").first()
    if incident is None:
        raise NotFoundError(_("There is no such incident."))
    linked = _links(desk, incident)
    entries = _entries(desk, incident)
    category = categories().get(incident.category_id or 0)
    return Whole(
        incident=incident,
        face=face_of(incident, desk),
        homes=affected_units(incident),
        linked=[r for r in linked if not r.link.ended_why],
        left=[r for r in linked if r.link.ended_why],
        entries=entries,
        notices=_notices(incident, [e for e in entries if e.step in TOLD]),
        category=category.title(desk.actor.language) if category else "",
        handler=name_of(incident.handler_id),
        accountable=name_of(incident.accountable_id),
        refused=next((dict(e.data.get("left", {})) for e in entries if e.step == IncidentStep.CLOSED), {}),
    )


def _links(desk: Desk, incident: Incident) -> list[Linked]:
    rows = IncidentCase.objects.visible_to(desk.actor).filter(project_id=incident.project_id, incident_id=incident.pk)
    known = list(rows.select_related("case").order_by("linked_at", "pk"))
    calls = Callback.objects.in_project(incident.project_id).filter(
        case_id__in=[link.case_id for link in known], ended_at__isnull=True
    )
    open_calls = {row.case_id: row for row in calls.order_by("-due_at")}
    return [_linked(link, open_calls) for link in known]


def _linked(link: IncidentCase, calls: dict[int, Callback]) -> Linked:
    case = link.case
    return Linked(link, state_badge(process_of(case.kind), case.state), case_url(case.number), calls.get(case.pk))


def _entries(desk: Desk, incident: Incident) -> list[IncidentEntry]:
    rows = IncidentEntry.objects.visible_to(desk.actor).filter(project_id=incident.project_id)
    return list(rows.filter(incident_id=incident.pk).select_related("case").order_by("-seq"))


def _notices(incident: Incident, entries: Sequence[IncidentEntry]) -> list[Notice]:
    """One query for all of them."""
    events = {event_of(incident, e.seq): Notice(e) for e in entries}
    rows = Outbox.objects.in_project(incident.project_id).filter(event__in=list(events))
    for event, channel, state, n in rows.values_list("event", "channel", "state").annotate(n=Count("pk")):
        notice = events[event]
        if channel == "inapp":
            notice.people += n
        elif channel != "route":
            notice.lost += n if state in LOST else 0
            notice.sent += n if state == OutboxState.DONE else 0
            notice.waiting += n if state in (OutboxState.PENDING, OutboxState.LEASED) else 0
    return list(events.values())
