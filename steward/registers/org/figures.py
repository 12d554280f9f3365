"""Figures of the trade, chosen for a place: by whom, from when, and what was chosen before."""

from collections.abc import Mapping
from datetime import date, datetime, time
from typing import Any, Final

from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from pydantic import ValidationError

from steward.kernel import policies, reference, schema
from steward.kernel.actor import Actor, Role
from steward.kernel.db import write
from steward.kernel.errors import InvalidError, NotAllowedError, NotFoundError
from steward.kernel.models import PolicyValue
from steward.registers.org.models import Level
from steward.registers.org.tree import Place, tree

#: Who decides for a place: the project manager for the project, the region for itself, the head office for all.
DECIDERS: Final[Mapping[str, tuple[Role, ...]]] = {
    Level.PROJECT: (Role.MANAGER, Role.REGION, Role.HQ),
    Level.REGION: (Role.REGION, Role.HQ),
    Level.HEAD_OFFICE: (Role.HQ,),
}
NOTE: Final = 200
FARTHEST_YEARS: Final = 5


def decides(actor: Actor, place: Place) -> bool:
    """Whoever holds a deciding role over every project of the place."""
    under = tree().projects_under[place.path]
    return actor.is_system or (bool(under) and under <= actor.projects_with(*DECIDERS[place.level]))


def deciding(actor: Actor) -> list[Place]:
    return [place for place in tree().places.values() if decides(actor, place)]


def starts(on: date, *, place: Place, at: datetime) -> datetime:
    """The instant from which something holds: now for today, else midnight of the place. Never backwards."""
    today = at.astimezone(place.tz).date()
    if on < today:
        raise InvalidError({"effective_on": _("Not before today: what was in force on past days stays as it was.")})
    if on.year > today.year + FARTHEST_YEARS:
        raise InvalidError({"effective_on": _("This date is too far away.")})
    return at if on == today else datetime.combine(on, time(0), place.tz)


def value_of(policy: policies.Policy[Any], raw: Any) -> Any:
    """What was typed as the policy's type. Raises InvalidError naming each part that is wrong."""
    try:
        return policy.parse(raw)
    except ValidationError as error:
        raise InvalidError(dict(schema.messages(error))) from error


def set_figure(
    *, key: str, raw: Any, node_id: int, effective_on: date, actor: Actor, at: datetime, note: str = ""
) -> bool:
    """Choose a value for a place from a day on; False where just this already holds then, and nothing is added.

    Earlier values stay: clocks that run keep the version they began with, and any past day can be recomputed.
    """
    policy = policies.REGISTRY.get(key)
    place = tree().places.get(node_id)
    if policy is None or place is None:
        raise NotFoundError(_("There is no such figure."))
    if not decides(actor, place):
        raise NotAllowedError(_("This is decided by whoever leads the place."), rule="settings.decider")
    since, value = starts(effective_on, place=place, at=at), value_of(policy, raw)
    if len(note) > NOTE or not schema.storable(note):
        raise InvalidError({"note": _("At most %(n)s characters.") % {"n": NOTE}})
    # The preset of the company stands without a node.
    node = None if place.level == Level.HEAD_OFFICE else place.id
    with write():
        reference.hold()
        past = PolicyValue.objects.filter(
            Q(node__isnull=True) if node is None else Q(node_id=node), key=key, effective_from__lte=since
        )
        last = past.order_by("effective_from", "pk").last()
        if last is not None and last.value == policy.dump(value):
            return False
        policies.set_policy(
            policy, value=value, node_id=node, actor=actor, effective_from=since, at=at, note=note.strip()
        )
    return True
