"""Who hears of a sub-task: those asked, those who asked, and the ladder when nobody answers."""

from typing import Final

from django.utils.translation import gettext_lazy as _

from steward.cases.models import Case
from steward.casework.clocks.sweep import WATCHES, Watch, climb, here, leaders
from steward.casework.models import SubTask
from steward.casework.requests import Asked
from steward.casework.subtasks.rights import PURPOSE
from steward.kernel import outbox
from steward.kernel.actor import Role
from steward.registers.workforce.people import with_role

SUBJECTS: Final = {
    "subtask_asked": _("Asked of you: %(title)s"),
    "subtask_accepted": _("Accepted: %(title)s"),
    "subtask_reported": _("Reported back: %(title)s"),
    "subtask_declined": _("Sub-task declined: %(title)s"),
    "subtask_confirmed": _("Your report is confirmed: %(title)s"),
    "subtask_returned": _("Not done yet: %(title)s"),
    "subtask_dropped": _("No longer needed: %(title)s"),
}


def tell(asked: Asked, row: SubTask, people: list[str], event: str, *, body: str = "") -> None:
    """Nobody is told of their own doing."""
    case = row.case
    messages = [
        outbox.Message(
            event=f"{event}:{row.pk}:{case.version}",
            recipient=key,
            channel="inapp",
            subject=f"{case.number} {SUBJECTS[event] % {'title': case.title}}",
            body=body,
            payload={"case": case.number, "template": event, "subtask": row.pk},
        )
        for key in people
        if key != f"staff:{asked.actor.staff_id}"
    ]
    outbox.post(messages, project_id=row.project_id, at=asked.at)


def askees(row: SubTask) -> list[str]:
    if row.assignee_id is not None:
        return [f"staff:{row.assignee_id}"]
    return [f"staff:{c.id}" for c in with_role(Role(row.role), row.project_id)] if row.role else []


def askers(row: SubTask) -> list[str]:
    return [f"staff:{pk}" for pk in sorted({row.asked_by_id, row.case.accountable_id} - {None}, key=str)]


def _told(row: SubTask, case: Case, stage: int) -> list[str]:
    """Whoever it is asked of is warned (a contractor's asker, who can ring him up); then it climbs."""
    if stage:
        return climb(row, case, stage)
    asked = here(row.assignee_id) if row.assignee_id is not None else askees(row)
    return asked or here(row.asked_by_id, case.accountable_id) or leaders(case)


WATCHES[PURPOSE] = Watch(SubTask, _told, begins="ask_subtask")
