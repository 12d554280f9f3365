"""Where an incident is: the part of an estate it affects."""

import re
from typing import Final

from django.db.models import Q

from steward.assurance.incident_models import Incident
from steward.kernel.scope import ScopedQuerySet
from steward.registers.estate.models import Unit

FLOOR: Final = re.compile(r"(-|B)?0*(\d{1,3})F?", re.ASCII | re.IGNORECASE)


def floor_number(text: str) -> int | None:
    """``12`` and ``012`` → 12, ``B2`` and ``-2`` → -2; None for what is no floor."""
    found = FLOOR.fullmatch(text.strip())
    return (-1 if found[1] else 1) * int(found[2]) if found else None


def covers(incident: Incident, *, building_id: int | None, entrance: str, floor: str) -> bool:
    """Does the incident affect what lies here? A place whose floor is not known counts as affected."""
    if incident.building_id is None:
        return True
    if incident.building_id != building_id or (incident.entrance and incident.entrance != entrance):
        return False
    n = floor_number(floor)
    if n is None:
        return True
    low, high = incident.floor_from, incident.floor_to
    return (low is None or n >= low) and (high is None or n <= high)


def affected_units(incident: Incident) -> list[Unit]:
    """Every unit in the place of the incident. One query."""
    rows: ScopedQuerySet[Unit] = Unit.objects.in_project(incident.project_id)
    if incident.building_id is not None:
        rows = rows.filter(building_id=incident.building_id)
    if incident.entrance:
        rows = rows.filter(entrance=incident.entrance)
    found = rows.order_by("label").only("pk", "project_id", "building_id", "entrance", "floor", "label")
    return [u for u in found if covers(incident, building_id=u.building_id, entrance=u.entrance, floor=u.floor)]


def covering(*, building_id: int | None, entrance: str) -> Q:
    """Incidents that may affect a place; its floor is judged by :func:`covers`."""
    here = Q(building_id=building_id) & (Q(entrance="") | Q(entrance=entrance))
    return Q(building__isnull=True) | here if building_id is not None else Q(building__isnull=True)
