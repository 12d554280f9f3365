"""Who may hire, place and release whom: over a place of the organisation, and below the own level."""

from collections.abc import Iterable
from typing import Final

from django.utils.translation import gettext_lazy as _

from steward.kernel.actor import Actor, Role
from steward.kernel.errors import NotAllowedError, NotFoundError
from steward.registers.org.models import Level
from steward.registers.org.tree import Place, tree

PLACING: Final = (Role.HQ, Role.REGION, Role.MANAGER)
#: Nobody appoints somebody of the own level; head office stands above itself.
ABOVE: Final = {
    Role.MANAGER: frozenset({Role.MANAGER, Role.REGION, Role.HQ}),
    Role.REGION: frozenset({Role.REGION, Role.HQ}),
    Role.HQ: frozenset(),
}
LEVELS: Final = {
    Role.MANAGER: frozenset({Level.PROJECT}),
    Role.REGION: frozenset({Level.PROJECT, Level.REGION}),
    Role.HQ: frozenset(Level),
}


def placing_role(actor: Actor, place: Place) -> Role | None:
    """As what the actor places people there; None: not at all."""
    below = tree().projects_under.get(place.path, frozenset())
    for role in PLACING:
        mine = actor.projects_with(role)
        if place.level in LEVELS[role] and below and below <= mine:
            return role
    return None


def places_of(actor: Actor) -> list[Place]:
    """Every place where the actor places people, from the top down. No query."""
    return [p for p in tree().places.values() if actor.is_system or placing_role(actor, p) is not None]


def ensure_place(actor: Actor, node_id: int) -> None:
    """Raises NotFoundError out of reach, NotAllowedError for who does not place people there."""
    found = tree().places.get(node_id)
    if found is None:
        raise NotFoundError(_("There is no such place."))
    if actor.is_system or placing_role(actor, found) is not None:
        return
    if not tree().projects_under[found.path] & actor.project_ids:
        raise NotFoundError(_("There is no such place."))
    raise NotAllowedError(_("The manager of the place hires and places people."), rule="post.by_manager")


def stands_over(actor: Actor, node_id: int, roles: Iterable[Role]) -> bool:
    """Whether all these duties lie below the actor's own level; head office stands over itself."""
    own = placing_role(actor, tree().places[node_id])
    return actor.is_system or (own is not None and not ABOVE[own] & set(roles))


def ensure_below(actor: Actor, node_id: int, roles: tuple[Role, ...]) -> None:
    """Raises NotAllowedError where one of the roles stands at the actor's own level or above."""
    if not stands_over(actor, node_id, roles):
        raise NotAllowedError(_("A post of this level is filled by the level above."), rule="post.below_own_level")
