"""Sub-tasks as the office reads them: on the case, and those asked of me on the workbench."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final
from uuid import uuid4

from django.urls import reverse
from django.utils.translation import gettext_lazy, pgettext_lazy

from steward.casework import subtasks
from steward.casework.models import SUBTASK_OPEN, SubTask, SubTaskState
from steward.console.service.asks import Ask
from steward.console.shell import Desk
from steward.console.steps import late_words
from steward.console.words import Badge
from steward.design.clockface import ClockFace, clock_face
from steward.kernel.actor import Role
from steward.registers.workforce.people import name_of
from steward.web.cases import CaseView

SHOWN: Final = 6
VERBS: Final = {
    ask.name: ask
    for ask in (
        Ask("accept", pgettext_lazy("sub-task", "Accept"), subtasks.accept_subtask, icon="check"),
        Ask("report", gettext_lazy("Report back"), subtasks.report_subtask, subtasks.Report, icon="message-report"),
        Ask("refuse", gettext_lazy("Decline"), subtasks.decline_subtask, subtasks.Reason, icon="circle-x"),
        Ask("confirm", gettext_lazy("Confirm"), subtasks.confirm_subtask, icon="checks"),
        Ask("return", gettext_lazy("Not done yet"), subtasks.return_subtask, subtasks.Reason, icon="arrow-back-up"),
        Ask("drop", gettext_lazy("Drop"), subtasks.drop_subtask, subtasks.Reason, icon="ban"),
    )
}
BADGES: Final[dict[str, tuple[Any, str]]] = {
    SubTaskState.ASKED: ("soon", "user-question"),
    SubTaskState.ACCEPTED: ("", "progress"),
    SubTaskState.REPORTED: ("brand", "message-check"),
    SubTaskState.CONFIRMED: ("ok", "circle-check"),
    SubTaskState.DECLINED: ("late", "circle-x"),
    SubTaskState.DROPPED: ("", "ban"),
}


@dataclass(frozen=True)
class Shown:
    """A sub-task as the office reads it, with what this colleague may do about it."""

    row: SubTask
    of: str
    badge: Badge
    face: ClockFace | None
    verbs: Sequence[tuple[Ask, str]]
    link_url: str
    uuid: str
    late: Sequence[str] = ()  # why its report is late, or was


def on_case(view: CaseView, desk: Desk) -> list[Shown]:
    """All of a case; read only where its timeline speaks of one."""
    if not any(entry.action == "ask_subtask" for entry in view.entries):
        return []
    leads = subtasks.may_lead(view.case, desk.actor)
    return [_shown(row, desk, leads=leads, late=late_words(row, view, desk.at)) for row in subtasks.of_case(view.case)]


def of_me(desk: Desk) -> list[Shown]:
    """What others ask of me. One query."""
    return [_shown(row, desk, leads=False) for row in subtasks.asked_of(desk.actor, limit=SHOWN)]


def asked_of_whom(row: SubTask) -> str:
    if row.assignee_id:
        return name_of(row.assignee_id)
    return row.contractor or (str(Role(row.role).label) if row.role in Role.values else row.role)


def _shown(row: SubTask, desk: Desk, *, leads: bool, late: Sequence[str] = ()) -> Shown:
    state = SubTaskState(row.state)
    at_work = state in (SubTaskState.ASKED, SubTaskState.ACCEPTED)
    tone, icon = BADGES[state]
    return Shown(
        row=row,
        of=asked_of_whom(row),
        badge=Badge(str(state.label), tone, icon),
        face=clock_face(row.due_at, desk.at, met_at=row.ended_at) if state in SUBTASK_OPEN else None,
        verbs=[(VERBS[name], verb_url(row, name)) for name in _possible(row, desk, leads=leads)],
        link_url=verb_url(row, "link") if leads and row.contractor and at_work else "",
        uuid=str(uuid4()),
        late=late,
    )


def _possible(row: SubTask, desk: Desk, *, leads: bool) -> list[str]:
    names: list[str] = []
    if subtasks.is_asked(row, desk.actor):
        names += {"asked": ["accept", "report", "refuse"], "accepted": ["report", "refuse"]}.get(row.state, [])
    if leads:
        names += ["confirm", "return"] if row.state == SubTaskState.REPORTED else []
        names += ["drop"] if row.state in SUBTASK_OPEN else []
    return names


def verb_url(row: SubTask, name: str) -> str:
    return reverse("console:subtask", args=[row.project_id, row.pk, name])
