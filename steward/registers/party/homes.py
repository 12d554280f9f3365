"""The homes of a person: what residents may reach. Plugged into the actor's construction."""

from django.db.models import Q
from django.utils import timezone

from steward.kernel.actor import Home, HomeRole
from steward.registers.org.actors import provide_homes
from steward.registers.party.models import Occupancy


@provide_homes
def homes_of(person_id: int) -> list[Home]:
    """Current occupancies of a person, one query."""
    now = timezone.now()
    rows = (
        Occupancy.objects.unscoped()
        .filter(Q(until__isnull=True) | Q(until__gt=now), customer__person_id=person_id, since__lte=now)
        .order_by("project_id", "unit_id")
        .values_list("project_id", "unit_id", "customer_id", "role", "since", "unit__label")
    )
    return [Home(p, u, c, HomeRole(r), s, label) for p, u, c, r, s, label in rows]
