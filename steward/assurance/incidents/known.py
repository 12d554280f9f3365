"""What is going on at a place: the first thing to say to whoever calls about it."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext as _

from steward.assurance.incidents.places import covering, covers
from steward.assurance.models import Incident
from steward.kernel.actor import Actor
from steward.kernel.marks import mark
from steward.kernel.scope import ScopedQuerySet
from steward.registers.estate.models import Unit
from steward.registers.org.tree import place


@dataclass(frozen=True)
class Known:
    """An open incident as it is told: 3栋停水，预计18:00恢复."""

    project_id: int
    number: str
    title: str
    place: str
    words: str
    urgency: str
    started_at: datetime
    expected_at: datetime | None
    at: datetime
    category_id: int | None = None

    @property
    def is_late(self) -> bool:
        return self.expected_at is not None and self.expected_at < self.at

    @property
    def line(self) -> str:
        """What to say first."""
        return f"{self.title}{mark('，')}{self.until}"

    @property
    def until(self) -> str:
        if self.expected_at is None:
            return _("no time known yet")
        zone = place(self.project_id).tz
        local = timezone.localtime(self.expected_at, zone)
        today = timezone.localtime(self.at, zone).date()
        text = local.strftime("%H:%M" if local.date() == today else "%m-%d %H:%M")
        if self.is_late:
            return _("expected %(at)s, has passed: a new time is being asked for") % {"at": text}
        return _("expected %(at)s") % {"at": text}


def known_incident(*, actor: Actor, project_id: int, unit_id: int | None, at: datetime) -> Known | None:
    """The open incident that explains a call from this unit: the most urgent, then the latest. At most two queries.

    Without a unit: one that affects the whole project. None where nothing is known or nothing may be seen.
    """
    found = known_incidents(actor=actor, project_id=project_id, unit_id=unit_id, at=at)
    return found[0] if found else None


def known_incidents(*, actor: Actor, project_id: int, unit_id: int | None, at: datetime) -> list[Known]:
    unit = None
    if unit_id is not None:
        unit = Unit.objects.visible_to(actor).filter(project_id=project_id, pk=unit_id).first()
    building_id, entrance, floor = (unit.building_id, unit.entrance, unit.floor) if unit else (None, "", "")
    rows = _open(actor).filter(covering(building_id=building_id, entrance=entrance), project_id=project_id)
    here = [r for r in rows if covers(r, building_id=building_id, entrance=entrance, floor=floor)]
    return [as_known(r, at) for r in here]


def incidents_of_homes(actor: Actor, *, at: datetime) -> list[Known]:
    """What a resident's homes are affected by now. Two queries, none for whoever has no home."""
    if not actor.homes:
        return []
    mine = Q()
    for home in actor.homes:
        mine |= Q(project_id=home.project_id, pk=home.unit_id)
    # A resident sees no register of units; of their own homes the place is theirs to know.
    units = list(Unit.objects.unscoped().filter(mine))
    return [as_known(r, at) for r in _open(actor) if _any_covered(r, units)]


def _any_covered(incident: Incident, units: Iterable[Unit]) -> bool:
    return any(
        u.project_id == incident.project_id
        and covers(incident, building_id=u.building_id, entrance=u.entrance, floor=u.floor)
        for u in units
    )


def _open(actor: Actor) -> ScopedQuerySet[Incident]:
    return Incident.objects.visible_to(actor).filter(closed_at__isnull=True).order_by("urgency", F("opened_at").desc())


def as_known(row: Incident, at: datetime) -> Known:
    return Known(
        project_id=row.project_id,
        number=row.number,
        title=row.title,
        place=row.place,
        words=row.words,
        urgency=row.urgency,
        started_at=row.started_at,
        expected_at=row.expected_at,
        at=at,
        category_id=row.category_id,
    )
