"""What a name in the address means to whoever asks: a project or a case within reach, or nothing."""

from typing import Any, Final

from django.utils.translation import gettext as _

from steward.api import schemas
from steward.casework.intake.numbers import project_of
from steward.kernel.actor import Actor
from steward.kernel.errors import NotFoundError
from steward.registers.org.tree import project_by_code

PROBLEMS: Final[dict[int, Any]] = dict.fromkeys((400, 401, 403, 404, 409, 422), schemas.Problem)


def reached_project(code: str, actor: Actor) -> int:
    """Raises NotFoundError."""
    found = project_by_code(code)
    if found is None or found.id not in actor.project_ids:
        raise NotFoundError(_("There is no such project."))
    return found.id


def project_of_case(number: str, actor: Actor) -> int:
    """Raises NotFoundError."""
    found = project_of(number)
    if found is None or found.id not in actor.project_ids:
        raise NotFoundError(_("There is no such case."))
    return found.id
