"""Hiring, changing and releasing colleagues, by whom that falls to."""

import re
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Any, Final
from uuid import UUID

from django.utils.translation import gettext_lazy as _
from pydantic import AfterValidator, Field

from steward.kernel import reference
from steward.kernel.actor import Actor
from steward.kernel.audit import changed, record
from steward.kernel.db import retrying
from steward.kernel.errors import ConflictError, InvalidError, NotAllowedError
from steward.kernel.facts import Fact, announce
from steward.kernel.schema import Data, Line, OptionalId, ask
from steward.registers.org.models import Level, Node, RoleGrant, User
from steward.registers.org.operations import end_grant
from steward.registers.org.posts_models import Department
from steward.registers.org.tree import place
from steward.registers.workforce.assignments import end_post, ensure_leads, staff_of, today_at
from steward.registers.workforce.authority import ensure_place, placing_role
from steward.registers.workforce.models import Skill, Staff
from steward.registers.workforce.nights import open_nights
from steward.registers.workforce.operations import hire
from steward.registers.workforce.posts_models import PostHeld

USERNAME: Final = re.compile(r"[a-z0-9._-]{3,40}\Z")
ELSEWHERE: Final = "staff.also_elsewhere"
OPEN_WORK: Final = "staff.open_work"
MAIL: Final = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s]+\Z")


@dataclass(frozen=True, kw_only=True)
class StaffLeaves(Fact):
    """Somebody is about to leave; a listener that keeps open work of theirs refuses. ``project_id``: their place."""

    staff_id: int


def _mail(value: str) -> str:
    if value and not MAIL.match(value):
        raise ValueError("mail")
    return value


class StaffForm(Data):
    """Particulars of a colleague."""

    name: Annotated[Line, Field(min_length=2, max_length=60)] = ask(title=_("Name"))
    phone: Annotated[Line, Field(max_length=20)] = ask("", title=_("Phone"), kind="phone")
    email: Annotated[Line, Field(max_length=120), AfterValidator(_mail)] = ask("", title=_("E-mail"))
    department: OptionalId = ask(None, title=_("Department"), kind="choice")
    skills: list[Skill] = ask([], title=_("Skills"), kind="multichoice")


class NewStaff(StaffForm):
    username: Annotated[Line, Field(max_length=40)] = ask(
        "", title=_("Sign-in name"), description=_("Small letters and digits. Empty: without a sign-in.")
    )


def take_on(*, node_id: int, data: NewStaff, actor: Actor, at: datetime, client_uuid: UUID) -> Staff:
    """A new colleague at a place. The same form again is the same colleague.

    Raises NotFoundError, NotAllowedError, InvalidError (sign-in name taken or not of letters and digits).
    """
    ensure_place(actor, node_id)

    def once() -> Staff:
        known = Staff.objects.filter(client_uuid=client_uuid).first()
        if known is not None:
            return known
        ensure_username(data.username)
        _ensure_department(data.department, node_id)
        row = hire(
            node=Node.objects.get(pk=node_id),
            name=data.name,
            phone=data.phone,
            email=data.email,
            skills=[str(s) for s in data.skills],
            username=data.username,
            at=at,
        )
        row.department_id, row.client_uuid, row.hired_at = data.department, client_uuid, at
        row.save(update_fields=["department", "client_uuid", "hired_at"])
        told("staff.hire", row, actor, at, after=_open(row), personal={"name": row.name})
        return row

    return retrying(once)


def change(*, staff_id: int, data: StaffForm, actor: Actor, at: datetime) -> Staff:
    """Correct particulars of somebody below the own level; what stays the same leaves no trace."""

    def once() -> Staff:
        row = staff_of(staff_id, actor)
        ensure_leads(actor, row)
        _ensure_department(data.department, row.node_id)
        before, secret = _open(row), _personal(row)
        row.name, row.phone, row.email = data.name, data.phone, data.email
        row.department_id, row.skills = data.department, [str(s) for s in data.skills]
        turned = changed(before, _open(row))
        personal = {k: [v, _personal(row)[k]] for k, v in secret.items() if v != _personal(row)[k]}
        if not turned["after"] and not personal:
            return row
        row.save(update_fields=["name", "phone", "email", "department", "skills"])
        User.objects.filter(pk=row.user_id or 0).update(name=row.name)
        told("staff.change", row, actor, at, personal=personal, **turned)
        reference.bump()
        return row

    return retrying(once)


def release(*, staff_id: int, reason: str, actor: Actor, at: datetime) -> Staff:
    """The colleague leaves: posts and grants end, the sign-in is closed, nights on call are open; the row and its
    history stay.

    Whoever keeps open work refuses (``StaffLeaves``): it is handed over before (``casework.accountability.leaving``). Again: nothing
    more happens. Raises NotFoundError, NotAllowedError (oneself, the own level or above, somebody who also works at
    a place where others place people), ConflictError (work is left).
    """

    def once() -> Staff:
        row = staff_of(staff_id, actor)
        ensure_may_release(row, actor)
        if row.left_at is not None:
            return row
        announce(StaffLeaves(id=f"staff:{row.pk}", project_id=row.node_id, at=at, actor=actor, staff_id=row.pk))
        _end_all(row, actor, at)
        open_nights(giver_id=row.pk, actor=actor, at=at)
        row.is_active, row.left_at = False, at
        row.save(update_fields=["is_active", "left_at"])
        User.objects.filter(pk=row.user_id or 0).update(is_active=False)
        told("staff.release", row, actor, at, after={"active": False}, reason=reason)
        reference.bump()
        return row

    return retrying(once)


def ensure_may_release(row: Staff, actor: Actor) -> None:
    """Raises NotFoundError, NotAllowedError."""
    ensure_place(actor, row.node_id)
    if actor.staff_id is not None and actor.staff_id == row.pk:
        raise NotAllowedError(_("Nobody releases oneself."), rule="staff.not_oneself")
    ensure_leads_everywhere(row, actor)


def ensure_leads_everywhere(row: Staff, actor: Actor) -> None:
    """What concerns the whole person, not the work at one place. Raises NotFoundError, NotAllowedError."""
    ensure_leads(actor, row)
    posts = PostHeld.objects.filter(staff=row, ended_at__isnull=True).values_list("node_id", flat=True)
    grants = RoleGrant.objects.filter(user_id=row.user_id or 0, ended_at__isnull=True).values_list("node_id", flat=True)
    if not actor.is_system and any(placing_role(actor, place(n)) is None for n in {*posts, *grants}):
        raise NotAllowedError(_("This colleague also works elsewhere: the level above decides."), rule=ELSEWHERE)


def _end_all(row: Staff, actor: Actor, at: datetime) -> None:
    for held in PostHeld.objects.filter(staff=row, ended_at__isnull=True):
        end_post(held_id=held.pk, until=max(held.since, today_at(held.node_id, at)), actor=actor, at=at)
    PostHeld.objects.filter(staff=row, ended_at__isnull=True).update(ended_at=at)
    for grant in RoleGrant.objects.select_related("node").filter(user_id=row.user_id or 0, ended_at__isnull=True):
        end_grant(grant=grant, actor=actor, at=at)


def ensure_username(username: str) -> None:
    if username and not USERNAME.match(username):
        raise InvalidError({"username": _("Three to forty small letters, digits, dots or dashes.")})
    if username and User.objects.filter(username=username).exists():
        raise InvalidError({"username": _("This sign-in name is taken.")})


def _ensure_department(pk: int | None, node_id: int) -> None:
    if pk is not None and not Department.objects.filter(pk=pk, node_id=node_id).exists():
        raise InvalidError({"department": _("There is no such department here.")})


def ensure_active(row: Staff) -> None:
    if not row.is_active:
        raise ConflictError(_("This colleague has left."), rule="post.of_active_staff")


def _open(row: Staff) -> dict[str, Any]:
    return {"department": row.department_id, "skills": list(row.skills)}


def _personal(row: Staff) -> dict[str, str]:
    return {"name": row.name, "phone": row.phone, "email": row.email}


def told(what: str, row: Staff, actor: Actor, at: datetime, **more: Any) -> None:
    where = place(row.node_id)
    record(
        project_id=row.node_id if where.level == Level.PROJECT else None,
        actor=actor,
        at=at,
        what=what,
        subject_kind="workforce.staff",
        subject_id=row.pk,
        **more,
    )
