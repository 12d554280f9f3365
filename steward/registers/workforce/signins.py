"""How a colleague gets into the system, by whom it falls to: a name, and a link to choose a password."""

from datetime import datetime
from typing import Annotated

from django.utils.translation import gettext_lazy as _
from pydantic import Field

from steward.kernel import reference
from steward.kernel.actor import Actor
from steward.kernel.db import retrying
from steward.kernel.errors import ConflictError, InvalidError
from steward.kernel.schema import Data, Line, ask
from steward.registers.org.firstsignin import link_for
from steward.registers.org.models import User
from steward.registers.workforce.assignments import grant_begun, staff_of
from steward.registers.workforce.models import Staff
from steward.registers.workforce.staffing import ensure_active, ensure_leads_everywhere, ensure_username, told


class SignIn(Data):
    username: Annotated[Line, Field(max_length=40)] = ask(
        "", title=_("Sign-in name"), description=_("Small letters and digits.")
    )


def sign_in_link(*, staff_id: int, data: SignIn, actor: Actor, at: datetime) -> str:
    """A link for somebody below the own level, wherever they work; who has no sign-in yet gets it now, under that name,
    and with it the roles of the posts held.

    Raises NotFoundError, NotAllowedError, ConflictError (has left), InvalidError (sign-in name).
    """

    def once() -> str:
        row = staff_of(staff_id, actor)
        ensure_leads_everywhere(row, actor)
        ensure_active(row)
        user = User.objects.filter(pk=row.user_id or 0).first() or _opened(row, data.username, actor, at)
        if not user.is_active:
            raise ConflictError(_("This sign-in is closed."), rule="staff.sign_in_open")
        told("staff.sign_in", row, actor, at, after={"username": user.username})
        return link_for(user)

    return retrying(once)


def _opened(row: Staff, username: str, actor: Actor, at: datetime) -> User:
    if not username:
        raise InvalidError({"username": _("Say the name to sign in with.")})
    ensure_username(username)
    user = User.objects.create_user(username, name=row.name, staff_id=row.pk, created_at=at)
    row.user_id = user.pk
    row.save(update_fields=["user_id"])
    grant_begun(row, user, actor, at)
    reference.bump()
    return user
