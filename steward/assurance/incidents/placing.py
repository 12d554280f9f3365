"""Saying where an incident is, from what somebody chose."""

from django.utils.translation import gettext as translate
from django.utils.translation import gettext_lazy as _
from django.utils.translation import gettext_noop, override

from steward.assurance.models import Incident
from steward.kernel.errors import InvalidError
from steward.registers.estate.models import Building, Unit

Floors = tuple[int | None, int | None]


def cover(incident: Incident, *, building_id: int | None, entrance: str, floors: Floors) -> None:
    """Set the place and its words. Raises InvalidError for what is not there."""
    low, high = floors
    if building_id is None:
        if entrance or low is not None or high is not None:
            raise InvalidError({"building": _("Choose the building first.")})
        incident.place = _say(gettext_noop("the whole estate"))
        return
    building = Building.objects.in_project(incident.project_id).filter(pk=building_id).first()
    if building is None:
        raise InvalidError({"building": _("There is no such building here.")})
    if (
        entrance
        and not Unit.objects.in_project(incident.project_id).filter(building=building, entrance=entrance).exists()
    ):
        raise InvalidError({"entrance": _("This building has no such entrance.")})
    if low is not None and high is not None and high < low:
        raise InvalidError({"floor_to": _("Below the first floor of the range.")})
    incident.building, incident.entrance = building, entrance
    incident.floor_from, incident.floor_to = low, high
    incident.place = _words(building.name, entrance, low, high)


def _words(building: str, entrance: str, low: int | None, high: int | None) -> str:
    text = building
    if entrance:
        text += _say(gettext_noop(" entrance %(entrance)s"), entrance=entrance)
    if low is not None and high is not None and low == high:
        return text + _say(gettext_noop(" floor %(n)s"), n=low)
    if low is not None and high is not None:
        return text + _say(gettext_noop(" floors %(low)s to %(high)s"), low=low, high=high)
    if low is not None:
        return text + _say(gettext_noop(" from floor %(n)s up"), n=low)
    if high is not None:
        return text + _say(gettext_noop(" up to floor %(n)s"), n=high)
    return text


def _say(message: str, **values: object) -> str:
    """Customers read it: in the customers' language."""
    with override("zh-hans"):
        return translate(message) % values
