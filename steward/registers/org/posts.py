"""The catalogue of posts 岗位: the shipped preset, changes to it, and what the roles of a post may not combine."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Any, Final

from django.utils.translation import gettext_lazy as _
from pydantic import Field

from steward.kernel import reference
from steward.kernel.actor import Actor, Role
from steward.kernel.audit import changed, record
from steward.kernel.db import retrying
from steward.kernel.errors import ConflictError, InvalidError, NotAllowedError, NotFoundError
from steward.kernel.schema import Data, Line, OptionalId, Text, ask
from steward.registers.org.models import Node
from steward.registers.org.operations import together
from steward.registers.org.posts_models import Department, DepartmentKind, Post
from steward.registers.org.preset_posts import POSTS, Shipped

#: Who words the catalogue: it holds for the whole company.
WORDING: Final = (Role.HQ,)
DEEPEST: Final = 12


ROLES_TITLE: Final = _("Roles in the system")
ROLES_HELP: Final = _("Granted with the post. Who takes money does no work in the field.")


class PostData(Data):
    name: Annotated[Line, Field(min_length=2, max_length=40)] = ask(title=_("Name of the post"))
    name_en: Annotated[Line, Field(min_length=2, max_length=60)] = ask(title=_("English name"))
    department: DepartmentKind = ask(title=_("Department"))
    reports_to: OptionalId = ask(None, title=_("Reports to"), kind="choice")
    duties: Text = ask(min_length=2, max_length=2000, title=_("Duties"))
    authority: Text = ask("", max_length=2000, title=_("Authority"))
    qualifications: Text = ask("", max_length=2000, title=_("Qualifications"))


@dataclass(frozen=True, slots=True)
class Known:
    """A post as plain data; ``roles`` are granted with it."""

    id: int
    code: str
    name: str
    name_en: str
    department: str
    roles: tuple[Role, ...]
    reports_to: int | None
    is_active: bool


@reference.cached
def catalogue() -> dict[int, Known]:
    """Every post without a query, in the catalogue's order."""
    return {p.pk: _known(p) for p in Post.objects.order_by("position", "pk")}


def _known(p: Post) -> Known:
    roles = tuple(Role(role) for role in p.roles)
    return Known(p.pk, p.code, p.name, p.name_en, p.department, roles, p.reports_to_id, p.is_active)


def load_preset(*, actor: Actor, at: datetime) -> int:
    """Add the shipped posts that are missing; what a company changed stays as it is. Returns how many were added."""
    ensure_may_word(actor)

    def once() -> int:
        known = {p.code: p for p in Post.objects.all()}
        fresh = [s for s in POSTS if s.code not in known]
        for n, shipped in enumerate(POSTS):
            if shipped.code not in known:
                known[shipped.code] = _add(shipped, known.get(shipped.reports_to), n)
        if fresh:
            _told("post.preset", None, {}, {"added": [s.code for s in fresh]}, actor, at)
            reference.bump()
        return len(fresh)

    return retrying(once)


def _add(s: Shipped, above: Post | None, n: int) -> Post:
    _ensure_apart(s.roles)
    return Post.objects.create(
        code=s.code,
        name=s.name,
        name_en=s.name_en,
        department=s.department,
        duties=s.duties,
        authority=s.authority,
        qualifications=s.qualifications,
        reports_to=above,
        roles=[str(role) for role in s.roles],
        position=n,
    )


def save_post(*, code: str, data: PostData, roles: Iterable[Role], actor: Actor, at: datetime) -> Post:
    """A new post, or the one of that code brought up to date; who holds it keeps the grants given with it.

    Raises NotAllowedError (not of head office), ConflictError (roles that no one person may hold),
    InvalidError (a reporting line that leads back to the post).
    """
    ensure_may_word(actor)
    wanted = tuple(dict.fromkeys(roles))
    _ensure_apart(wanted)

    def once() -> Post:
        row = Post.objects.filter(code=code).first() or Post(code=code, position=Post.objects.count())
        if data.reports_to is not None and not Post.objects.filter(pk=data.reports_to).exists():
            raise InvalidError({"reports_to": _("There is no such post.")})
        _ensure_no_circle(row, data.reports_to)
        before = _values(row) if row.pk else {}
        for name, value in data.model_dump(exclude={"reports_to"}).items():
            setattr(row, name, value)
        row.reports_to_id, row.roles = data.reports_to, [str(role) for role in wanted]
        told = changed(before, _values(row))
        if told["after"] or not row.pk:
            row.save()
            _told("post.save", row, told["before"], told["after"], actor, at)
            reference.bump()
        return row

    return retrying(once)


def found_departments(*, node: Node, actor: Actor, at: datetime) -> list[Department]:
    """The six departments under a place; those that exist stay. Raises NotAllowedError beside SYSTEM and head office."""
    ensure_may_word(actor)

    def once() -> list[Department]:
        have = set(node.departments.values_list("kind", flat=True))
        missing = [k for k in DepartmentKind if k not in have]
        for kind in missing:
            Department.objects.create(node=node, kind=kind, name=str(kind.label))
        if missing:
            _told("department.found", None, {}, {"node": node.code, "kinds": [str(k) for k in missing]}, actor, at)
            reference.bump()
        return list(node.departments.order_by("pk"))

    return retrying(once)


def get(code: str) -> Post:
    row = Post.objects.select_related("reports_to").filter(code=code).first()
    if row is None:
        raise NotFoundError(_("There is no such post."))
    return row


def may_word(actor: Actor) -> bool:
    return actor.is_system or any(grant.role in WORDING for grant in actor.grants)


def ensure_may_word(actor: Actor) -> None:
    if not may_word(actor):
        raise NotAllowedError(_("Head office words the catalogue of posts."), rule="post.by_head_office")


def _ensure_apart(roles: Iterable[Role]) -> None:
    if together(set(roles)):
        raise ConflictError(_("These duties must stay with different people."), rule="org.separation_of_duties")


def _ensure_no_circle(row: Post, above: int | None) -> None:
    lines = {k: p.reports_to for k, p in catalogue().items()}
    for _step in range(DEEPEST):
        if above is None:
            return
        if above == row.pk:
            break
        above = lines.get(above)
    raise InvalidError({"reports_to": _("The reporting line leads back to this post.")})


def _values(row: Post) -> dict[str, Any]:
    names = ("name", "name_en", "department", "duties", "authority", "qualifications", "reports_to_id", "roles")
    return {name: getattr(row, name) for name in names}


def _told(
    what: str, row: Post | None, before: dict[str, Any], after: dict[str, Any], actor: Actor, at: datetime
) -> None:
    record(
        project_id=None,
        actor=actor,
        at=at,
        what=what,
        subject_kind="org.post",
        subject_id=row.pk if row else "",
        label=row.name if row else "",
        before={k: str(v) for k, v in before.items()},
        after={k: v if isinstance(v, list) else str(v) for k, v in after.items()},
    )
