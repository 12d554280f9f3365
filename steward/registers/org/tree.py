"""The organisation tree, kept as reference data: subtrees without a query."""

from dataclasses import dataclass
from zoneinfo import ZoneInfo

from steward.kernel import reference
from steward.registers.org.models import Level, Node


@dataclass(frozen=True, slots=True)
class Place:
    """A node as plain data. ``lineage`` runs from the node up to the company."""

    id: int
    code: str
    name: str
    level: str
    kind: str
    path: str
    tz: ZoneInfo
    phone: str
    lineage: tuple[int, ...]


@dataclass(frozen=True)
class Tree:
    places: dict[int, Place]
    by_code: dict[str, Place]
    projects_under: dict[str, frozenset[int]]


@reference.cached
def tree() -> Tree:
    places = {node.pk: _place(node) for node in Node.objects.order_by("path")}
    projects = [p for p in places.values() if p.level == Level.PROJECT]
    under = {
        place.path: frozenset(p.id for p in projects if p.path.startswith(place.path)) for place in places.values()
    }
    return Tree(places, {p.code: p for p in places.values()}, under)


def _place(node: Node) -> Place:
    ids = [int(part) for part in node.path.strip("/").split("/")]
    return Place(
        id=node.pk,
        code=node.code,
        name=node.name,
        level=node.level,
        kind=node.kind,
        path=node.path,
        tz=ZoneInfo(node.time_zone),
        phone=node.phone,
        lineage=tuple(reversed(ids)),
    )


def place(node_id: int) -> Place:
    return tree().places[node_id]


def project_by_code(code: str) -> Place | None:
    found = tree().by_code.get(code)
    return found if found is not None and found.level == Level.PROJECT else None
