"""Verbs of the organisation."""

import hashlib
import re
import secrets
from datetime import datetime
from typing import Final

from django.conf import settings
from django.utils import translation
from django.utils.translation import gettext_lazy as _

from steward.kernel import reference
from steward.kernel.actor import Actor, Role
from steward.kernel.audit import record
from steward.kernel.db import write
from steward.kernel.errors import ConflictError, InvalidError
from steward.registers.org.models import ApiToken, Level, Node, RoleGrant, User
from steward.registers.org.posts_models import Department, DepartmentKind

CODE: Final = re.compile(r"[A-Z][A-Z0-9]{1,11}\Z")

IN_THE_FIELD: Final = (Role.TECHNICIAN, Role.ENGINEER, Role.BUTLER, Role.HEAD_BUTLER)
#: Whoever reads the audit, waives amounts and judges complaints about the others.
AUDITING: Final = (Role.MANAGER, Role.REGION, Role.HQ)
# Who takes money never does the work, and the other way round (seed 003: repairers never take money); who audits
# neither takes money nor handles what is audited (MISSION ORG-3). A head butler may look after homes as well.
SEPARATED: Final = tuple(
    frozenset(pair)
    for pair in (
        *((Role.CASHIER, role) for role in IN_THE_FIELD + AUDITING),
        *((role, handling) for role in AUDITING for handling in (Role.TECHNICIAN, Role.BUTLER)),
    )
)


def create_node(
    *,
    parent: Node | None,
    level: Level,
    code: str,
    name: str,
    kind: str = "",
    phone: str = "",
    tz: str = "Asia/Shanghai",
) -> Node:
    """Add a place with its six departments to the organisation. Codes are part of case numbers: capitals and digits."""
    ensure_code(code)
    with write():
        node = Node.objects.create(
            parent=parent, path=f"new:{code}", level=level, code=code, name=name, kind=kind, phone=phone, time_zone=tz
        )
        node.path = f"{parent.path if parent else '/'}{node.pk}/"
        node.save(update_fields=["path"])
        with translation.override(settings.LANGUAGE_CODE):
            Department.objects.bulk_create(Department(node=node, kind=k, name=str(k.label)) for k in DepartmentKind)
        reference.bump()
    return node


def ensure_code(code: str, *, field: str = "code") -> None:
    if not CODE.match(code):
        raise InvalidError({field: _("Two to twelve capital letters or digits, a letter first.")})


def free_code(code: str, *, field: str = "code") -> str:
    """The code, if no place has it yet. Raises InvalidError naming ``field``."""
    ensure_code(code, field=field)
    if Node.objects.filter(code=code).exists():
        raise InvalidError({field: _("This code is taken.")})
    return code


def grant_role(*, user: User, role: Role, node: Node, actor: Actor, at: datetime) -> RoleGrant:
    """Give a role over a subtree. Raises ConflictError where duties must stay apart."""
    with write():
        held = {Role(r) for r in user.grants.filter(ended_at__isnull=True).values_list("role", flat=True)}
        if together(held | {role}):
            raise ConflictError(_("These duties must stay with different people."), rule="org.separation_of_duties")
        grant, created = RoleGrant.objects.get_or_create(
            user=user,
            role=role,
            node=node,
            ended_at=None,
            defaults={"granted_by": actor.key, "granted_at": at},
        )
        if created:
            _told("role.grant", grant, actor, at)
        reference.bump()
    return grant


def end_grant(*, grant: RoleGrant, actor: Actor, at: datetime) -> RoleGrant:
    """The role is no longer held from now on; the row stays. Again: nothing more happens."""
    with write():
        if RoleGrant.objects.filter(pk=grant.pk, ended_at__isnull=True).update(ended_at=at):
            grant.ended_at = at
            _told("role.end", grant, actor, at)
            reference.bump()
    return grant


def together(roles: set[Role]) -> bool:
    """Whether one person would hold duties that must stay apart."""
    return any(pair <= roles for pair in SEPARATED)


def _told(what: str, grant: RoleGrant, actor: Actor, at: datetime) -> None:
    if actor.is_system:  # at set-up there is nobody yet; what a post gives on its day, the post's own verb writes down
        return
    record(
        project_id=grant.node_id if grant.node.level == Level.PROJECT else None,
        actor=actor,
        at=at,
        what=what,
        subject_kind="org.user",
        subject_id=grant.user_id,
        before={"role": grant.role, "node": grant.node.code} if what == "role.end" else {},
        after={"role": grant.role, "node": grant.node.code} if what == "role.grant" else {},
    )


def create_token(*, user: User, label: str, at: datetime) -> str:
    """A new bearer token; shown once, kept as a hash."""
    token = f"stw_{secrets.token_urlsafe(32)}"
    digest = hashlib.sha256(token.encode()).hexdigest()
    with write():
        ApiToken.objects.create(user=user, digest=digest, label=label, created_at=at)
    return token
