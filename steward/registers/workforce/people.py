"""Staff as reference data: names and skills without a query."""

from dataclasses import dataclass

from django.utils.translation import gettext_lazy as _

from steward.kernel import reference
from steward.kernel.actor import Role
from steward.kernel.errors import InvalidError
from steward.registers.org.models import RoleGrant
from steward.registers.org.tree import tree
from steward.registers.workforce.models import Staff


@dataclass(frozen=True, slots=True)
class Colleague:
    id: int
    name: str
    post: str
    phone: str
    email: str
    skills: tuple[str, ...]
    node_id: int
    user_id: int | None
    is_active: bool
    grants: tuple[tuple[str, frozenset[int]], ...]

    def has(self, role: Role, project_id: int) -> bool:
        return any(r == role and project_id in projects for r, projects in self.grants)

    def works_in(self, project_id: int) -> bool:
        return self.is_active and any(project_id in projects for _role, projects in self.grants)


@reference.cached
def colleagues() -> dict[int, Colleague]:
    under = tree().projects_under
    granted: dict[int, list[tuple[str, frozenset[int]]]] = {}
    rows = RoleGrant.objects.filter(ended_at__isnull=True).values_list("user_id", "role", "node__path")
    for user_id, role, path in rows:
        granted.setdefault(user_id, []).append((role, under.get(path, frozenset())))
    return {s.pk: _colleague(s, granted) for s in Staff.objects.order_by("pk")}


def _colleague(s: Staff, granted: dict[int, list[tuple[str, frozenset[int]]]]) -> Colleague:
    return Colleague(
        id=s.pk,
        name=s.name,
        post=s.post,
        phone=s.phone,
        email=s.email,
        skills=tuple(s.skills),
        node_id=s.node_id,
        user_id=s.user_id,
        is_active=s.is_active,
        grants=tuple(granted.get(s.user_id or 0, ())),
    )


@reference.cached
def by_project() -> dict[int, list[Colleague]]:
    """Who holds a role in each project, in roster order."""
    found: dict[int, list[Colleague]] = {}
    for colleague in colleagues().values():
        for project_id in frozenset().union(*(projects for _role, projects in colleague.grants)):
            found.setdefault(project_id, []).append(colleague)
    return found


def name_of(staff_id: int | None) -> str:
    found = colleagues().get(staff_id or 0)
    return found.name if found else ""


def with_role(role: Role, project_id: int) -> list[Colleague]:
    """Active colleagues holding a role in a project, in roster order."""
    return [c for c in by_project().get(project_id, ()) if c.is_active and c.has(role, project_id)]


def must_work_in(project_id: int, **named: int | None) -> None:
    """Whoever is named to do something in a project must see it. Raises InvalidError naming the field."""
    for field, staff_id in named.items():
        found = colleagues().get(staff_id) if staff_id is not None else None
        if staff_id is not None and (found is None or not found.works_in(project_id)):
            raise InvalidError({field: _("There is no such colleague here.")})
