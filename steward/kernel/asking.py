"""What a process asks of whoever holds a role, beside the people of a case: work to accept, a price to approve.

It stands among the work of those asked; whoever works in the field alone sees such a case for as long as it waits.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from django.db.models import Q

from steward.kernel.actor import Actor, Role
from steward.kernel.models import in_projects

Near = Callable[[Actor, frozenset[int]], Q]


@dataclass(frozen=True)
class Asks:
    """Cases of a kind wait in these states for any holder of ``roles``; ``near``: which of them for whom."""

    kind: str
    states: frozenset[str]
    roles: frozenset[Role]
    near: Near


ASKED: Final[list[Asks]] = []


def asks(one: Asks) -> Asks:
    """Declare it, beside the action that answers it."""
    ASKED.append(one)
    return one


def is_asked(kind: str, state: str) -> bool:
    """Whether a case in this state waits for somebody by role."""
    return any(one.kind == kind and state in one.states for one in ASKED)


def asked_of(actor: Actor, projects: frozenset[int]) -> Q:
    """The cases of these projects that wait for the actor because of a role held there."""
    found = Q(pk__in=[])
    for one in ASKED:
        there = actor.projects_with(*one.roles) & projects
        if there:
            found |= in_projects(there) & Q(kind=one.kind, state__in=one.states) & one.near(actor, there)
    return found
