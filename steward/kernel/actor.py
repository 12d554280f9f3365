"""Who acts, and what that person may reach.

An actor is built once per request (one query) and passed to every verb and read.
"""

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Final

from django.db import models
from django.utils.translation import gettext_lazy as _


class Role(models.TextChoices):
    """What a grant lets a member of staff do; posts map to roles."""

    DESK = "desk", _("Front desk")
    TECHNICIAN = "technician", _("Technician")
    ENGINEER = "engineer", _("Engineer")
    BUTLER = "butler", _("Butler")
    HEAD_BUTLER = "head_butler", _("Head butler")
    CASHIER = "cashier", _("Cashier")
    MANAGER = "manager", _("Project manager")
    REGION = "region", _("Regional office")
    HQ = "hq", _("Head office")


#: Work in the field: own jobs, the pool and what is asked of the role; not the office's view of everything.
FIELD_ONLY: Final = frozenset({Role.TECHNICIAN, Role.ENGINEER})


class HomeRole(models.TextChoices):
    """How a person stands to a unit."""

    OWNER = "owner", _("Owner")
    TENANT = "tenant", _("Tenant")
    MEMBER = "member", _("Household member")
    STAFF = "staff", _("Works there")


class ActorKind(StrEnum):
    STAFF = "staff"
    RESIDENT = "resident"
    LINK = "link"
    SYSTEM = "system"
    ANONYMOUS = "anonymous"


@dataclass(frozen=True, slots=True)
class Grant:
    """A role over a set of projects (a subtree of the organisation)."""

    role: Role
    projects: frozenset[int]


@dataclass(frozen=True, slots=True)
class Home:
    """A current occupancy of a resident; half-open from ``since``."""

    project_id: int
    unit_id: int
    customer_id: int
    role: HomeRole
    since: datetime
    unit_label: str = ""


@dataclass(frozen=True, slots=True)
class Actor:
    """The acting person. ``key`` names the actor in unique keys and the timeline."""

    kind: ActorKind
    key: str
    name: str
    language: str = "zh-hans"
    user_id: int | None = None
    staff_id: int | None = None
    person_id: int | None = None
    # A single-use link reaches one case, for one purpose.
    case_id: int | None = None
    purpose: str = ""
    grants: tuple[Grant, ...] = ()
    homes: tuple[Home, ...] = ()
    _projects: list[frozenset[int]] = field(default_factory=list, compare=False, repr=False)

    @property
    def is_staff(self) -> bool:
        return self.kind is ActorKind.STAFF

    @property
    def is_resident(self) -> bool:
        return self.kind in (ActorKind.RESIDENT, ActorKind.LINK)

    @property
    def is_system(self) -> bool:
        return self.kind is ActorKind.SYSTEM

    @property
    def project_ids(self) -> frozenset[int]:
        """Every project the actor reaches; computed once per request."""
        if not self._projects:
            if len(self.grants) == 1:
                self._projects.append(self.grants[0].projects)
            else:
                reached = {p for grant in self.grants for p in grant.projects}
                self._projects.append(frozenset(reached | {home.project_id for home in self.homes}))
        return self._projects[0]

    def has(self, role: Role, project_id: int) -> bool:
        return any(g.role == role and project_id in g.projects for g in self.grants)

    def roles_in(self, project_id: int) -> frozenset[Role]:
        return frozenset(g.role for g in self.grants if project_id in g.projects)

    def projects_with(self, *roles: Role) -> frozenset[int]:
        return frozenset(p for g in self.grants if g.role in roles for p in g.projects)

    def customers_in(self, project_id: int) -> frozenset[int]:
        return frozenset(h.customer_id for h in self.homes if h.project_id == project_id)


SYSTEM: Final = Actor(kind=ActorKind.SYSTEM, key="system", name="system")
ANONYMOUS: Final = Actor(kind=ActorKind.ANONYMOUS, key="", name="")
