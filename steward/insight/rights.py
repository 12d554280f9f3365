"""Who may do what to a case, read from the declared actions."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext_lazy as _

from steward.cases.declare import REGISTRY, Process, Relation, Who
from steward.kernel.actor import Role


@dataclass(frozen=True, slots=True)
class Rights:
    """What somebody may do to cases of a kind; ``verbs`` are the names of the actions with their words."""

    process: Process
    verbs: dict[str, Any]


def of_roles(roles: Iterable[Role]) -> list[Rights]:
    """What the roles allow by themselves, whoever handles the case."""
    held = frozenset(roles)
    return _rights(lambda who: bool(who.roles & held))


def of_relation(relation: Relation) -> list[Rights]:
    """What one may do because the case is one's own to handle or to answer for, whatever the role."""
    return _rights(lambda who: relation in who.relations)


def _rights(allows: Callable[[Who], bool]) -> list[Rights]:
    found = []
    for process in REGISTRY.values():
        verbs = {"open": _("Receive")} if allows(process.opened_by) else {}
        verbs |= {a.name: a.title for a in process.actions if allows(a.by)}
        if verbs:
            found.append(Rights(process, verbs))
    return found


def lost(before: Iterable[Role], after: Iterable[Role]) -> list[Rights]:
    """What goes with the roles that are no longer held."""
    left = {r.process.kind: set(r.verbs) for r in of_roles(after)}
    gone = [
        Rights(
            r.process, {name: title for name, title in r.verbs.items() if name not in left.get(r.process.kind, set())}
        )
        for r in of_roles(before)
    ]
    return [r for r in gone if r.verbs]
