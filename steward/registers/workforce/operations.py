"""Verbs of the workforce."""

from collections.abc import Sequence
from datetime import datetime

from steward.kernel import reference
from steward.kernel.db import write
from steward.registers.org.models import Node, User
from steward.registers.workforce.models import Staff


def hire(
    *,
    node: Node,
    name: str,
    at: datetime,
    post: str = "",
    phone: str = "",
    email: str = "",
    skills: Sequence[str] = (),
    username: str = "",
    password: str = "",
) -> Staff:
    """Add a member of staff, with a sign-in when a username is given; without a password it cannot be used yet."""
    with write():
        staff = Staff.objects.create(node=node, name=name, post=post, phone=phone, email=email, skills=list(skills))
        if username:
            user = User.objects.create_user(username, password or None, name=name, staff_id=staff.pk, created_at=at)
            staff.user_id = user.pk
            staff.save(update_fields=["user_id"])
        reference.bump()
    return staff
