"""Who may ask others for a part of a case, who is asked, and who judges the report."""

from typing import Final

from django.utils.translation import gettext_lazy as _

from steward.cases.models import Case
from steward.casework.models import SubTask
from steward.kernel.actor import Actor, ActorKind, Role
from steward.kernel.errors import NotAllowedError

SPEAKING: Final = frozenset({Role.DESK, Role.BUTLER, Role.HEAD_BUTLER, Role.MANAGER})
PURPOSE: Final = "subtask"


def may_lead(case: Case, actor: Actor) -> bool:
    """Who asks others for parts of a case and judges what they report: its people and the desk."""
    if not actor.is_staff:
        return False
    mine = actor.staff_id is not None and actor.staff_id in (case.accountable_id, case.handler_id)
    return mine or bool(SPEAKING & actor.roles_in(case.project_id))


def is_asked(row: SubTask, actor: Actor) -> bool:
    """It is asked of this actor: by name, by role while nobody took it, or by the link."""
    if actor.kind is ActorKind.LINK:
        return actor.purpose == f"{PURPOSE}:{row.pk}"
    if not actor.is_staff or actor.staff_id is None:
        return False
    pooled = row.assignee_id is None and bool(row.role) and row.role in actor.roles_in(row.project_id)
    return row.assignee_id == actor.staff_id or pooled


def must_be_asked(row: SubTask, actor: Actor) -> None:
    if not is_asked(row, actor):
        raise NotAllowedError(_("This is not asked of you."), rule="subtask.asked")


def must_lead(row: SubTask, actor: Actor) -> None:
    if not (may_lead(row.case, actor) or (actor.staff_id is not None and row.asked_by_id == actor.staff_id)):
        raise NotAllowedError(_("This is not yours to do."), rule="case.role")
