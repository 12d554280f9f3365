"""Who may ask and who is asked; sub-tasks read in constant queries, always in scope."""

from django.utils.translation import gettext_lazy as _

from steward.cases.models import Case
from steward.casework.models import SUBTASK_OPEN, Link, SubTask, SubTaskState
from steward.casework.subtasks.rights import PURPOSE, is_asked
from steward.kernel.actor import Actor, ActorKind
from steward.kernel.errors import NotFoundError
from steward.registers.workforce.people import Colleague, colleagues


def askable(project_id: int, *, besides: int | None) -> list[Colleague]:
    """Active colleagues of a project, whatever their post."""
    return [c for c in colleagues().values() if c.works_in(project_id) and c.id != besides]


def of_case(case: Case) -> list[SubTask]:
    """All sub-tasks of a case that is visible already, in order. One query."""
    return list(SubTask.objects.in_project(case.project_id).filter(case_id=case.pk).order_by("serial"))


def with_contractors(project_id: int, actor: Actor, *, limit: int = 500) -> list[SubTask]:
    """What firms without account still owe, the most pressing first. One query."""
    rows = SubTask.objects.visible_to(actor).filter(project_id=project_id, state__in=SUBTASK_OPEN)
    return list(rows.exclude(contractor="").select_related("case").order_by("due_at", "pk")[:limit])


def asked_of(actor: Actor, *, limit: int = 50) -> list[SubTask]:
    """What others ask of me, the most pressing first. One query."""
    if not actor.is_staff or actor.staff_id is None:
        return []
    rows = SubTask.objects.visible_to(actor).filter(state__in=(SubTaskState.ASKED, SubTaskState.ACCEPTED))
    found = rows.select_related("case").order_by("due_at", "pk")[: limit * 2]
    return [row for row in found if is_asked(row, actor)][:limit]


def get(project_id: int, pk: int, actor: Actor) -> SubTask:
    """One sub-task, for whoever sees it or holds its link. Raises NotFoundError out of scope."""
    by_link = actor.kind is ActorKind.LINK and actor.purpose == f"{PURPOSE}:{pk}" and project_id in actor.project_ids
    rows = SubTask.objects.in_project(project_id) if by_link else SubTask.objects.visible_to(actor)
    found = rows.filter(project_id=project_id, pk=pk).select_related("case").first()
    if found is None:
        raise NotFoundError(_("There is no such sub-task."))
    return found


def of_link(link: Link, actor: Actor) -> SubTask:
    """The sub-task a contractor's link opens. Raises NotFoundError."""
    pk = link.purpose.partition(":")[2]
    return get(link.project_id, int(pk) if pk.isdecimal() else 0, actor)
