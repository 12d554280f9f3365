"""The very first step in an empty database: the company, its first project, and the colleague who sets up the rest."""

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from django.utils.translation import gettext as _

from steward.casework.shipped import SHIPPED, load_categories
from steward.kernel.actor import SYSTEM, Role
from steward.kernel.db import write
from steward.kernel.errors import ConflictError
from steward.registers.org.firstsignin import link_for
from steward.registers.org.models import Level, Node, ProjectKind, User
from steward.registers.org.operations import create_node, free_code, grant_role
from steward.registers.org.posts import load_preset
from steward.registers.workforce.operations import hire
from steward.registers.workforce.staffing import ensure_username

HEAD: Final = "HQ"


@dataclass(frozen=True)
class Founded:
    """``link``: by which the first colleague chooses a password."""

    company: Node
    project: Node
    link: str


def found_company(*, name: str, code: str, project: str, person: str, username: str, at: datetime) -> Founded:
    """With the shipped posts and categories. All of it or nothing.

    Raises ConflictError where there is a company, InvalidError (code, sign-in name).
    """
    ensure_username(username)
    with write():
        if Node.objects.exists():
            raise ConflictError(_("There already is a company in this database."), rule="org.one_company")
        company = create_node(parent=None, level=Level.HEAD_OFFICE, code=HEAD, name=name)
        fresh = {"code": free_code(code), "name": project, "kind": ProjectKind.RESIDENTIAL}
        first = create_node(parent=company, level=Level.PROJECT, **fresh)
        staff = hire(node=company, name=person, at=at, username=username)
        user = User.objects.get(staff_id=staff.pk)
        grant_role(user=user, role=Role.HQ, node=company, actor=SYSTEM, at=at)
        load_preset(actor=SYSTEM, at=at)
        for kind in SHIPPED:
            load_categories(kind, actor=SYSTEM, at=at)
    return Founded(company, first, link_for(user))
