"""Asking for a part of a case, and answering."""

import math
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any, Final

from django.utils.translation import gettext_lazy as _

from steward.cases.deadlines import MINUTE
from steward.cases.facts import CaseClosed
from steward.cases.models import Case, Entry
from steward.casework.models import SUBTASK_OPEN, CaseFile, SubTask, SubTaskState
from steward.casework.requests import Asked, answered, carry_out, write
from steward.casework.subtasks.asked import Ask, Reason, Report
from steward.casework.subtasks.link import use_up
from steward.casework.subtasks.policies import REPLY, UPWARD_REPLY
from steward.casework.subtasks.queries import get
from steward.casework.subtasks.rights import may_lead, must_be_asked, must_lead
from steward.casework.subtasks.telling import askees, askers, tell
from steward.kernel import policies
from steward.kernel.actor import Role
from steward.kernel.claims import LATE_ENTRY, bounded
from steward.kernel.clocks.row import VOID
from steward.kernel.db import retrying
from steward.kernel.errors import ConflictError, InvalidError
from steward.kernel.facts import listens
from steward.kernel.models import Attachment
from steward.kernel.schema import parse
from steward.registers.org.tree import place
from steward.registers.workforce.people import must_work_in, with_role

UPWARD: Final = frozenset({Role.REGION, Role.HQ})
FURTHEST: Final = timedelta(days=180)


def ask_subtask(*, data: dict[str, Any], **asked: Any) -> SubTask:
    """Ask somebody for a part of a case. ``asked``: project_id, number, actor, at, client_uuid.

    Raises NotFoundError, NotAllowedError, ConflictError (closed), InvalidError (nobody, or more than one, is asked).
    """
    request = Asked(verb="ask_subtask", data=parse(Ask, data), **asked)
    return carry_out(request, _ask, of=SubTask, named="subtask", may=may_lead)


def accept_subtask(**asked: Any) -> SubTask:
    """I see to it. ``asked``: project_id, pk, actor, at, client_uuid; so for the verbs below."""
    return _carry_out(_accept, Asked(verb="accept_subtask", data=None, **asked))


def report_subtask(*, data: dict[str, Any], **asked: Any) -> SubTask:
    """Report back, with photos; whoever asked confirms it or sends it back."""
    return _carry_out(_report, Asked(verb="report_subtask", data=parse(Report, data), **asked))


def decline_subtask(*, data: dict[str, Any], **asked: Any) -> SubTask:
    return _carry_out(_decline, Asked(verb="decline_subtask", data=parse(Reason, data), **asked))


def confirm_subtask(**asked: Any) -> SubTask:
    return _carry_out(_confirm, Asked(verb="confirm_subtask", data=None, **asked))


def return_subtask(*, data: dict[str, Any], **asked: Any) -> SubTask:
    """Not done yet: back to work; its clock goes on as if nothing had been reported."""
    return _carry_out(_return, Asked(verb="return_subtask", data=parse(Reason, data), **asked))


def drop_subtask(*, data: dict[str, Any], **asked: Any) -> SubTask:
    """No longer needed; the reason stays on record, and the case may be closed."""
    return _carry_out(_drop, Asked(verb="drop_subtask", data=parse(Reason, data), **asked))


def _carry_out(verb: Callable[[Asked, SubTask], None], asked: Asked) -> SubTask:
    def once() -> SubTask:
        known = answered(asked, of=SubTask, named="subtask")
        if known is not None:
            return known
        row = get(asked.project_id, asked.pk, asked.actor)
        verb(_dated(asked, row), row)
        row.save()
        return row

    return retrying(once)


def _dated(asked: Asked, row: SubTask) -> Asked:
    """The claimed instant, between what led to it and now. Raises InvalidError."""
    if asked.happened_at is None:
        return asked
    hours = policies.in_force(LATE_ENTRY, lineage=place(row.project_id).lineage, at=asked.at).value
    # Also a return: what is reported again was not done before the first report was found wanting.
    lines = Entry.objects.in_project(row.project_id).filter(case_id=row.case_id, data__subtask=row.pk)
    before = lines.order_by("seq").values_list("happened_at", flat=True).last() or row.asked_at
    happened = bounded(asked.happened_at, began=row.asked_at, before=before, hours=hours, at=asked.at)
    return replace(asked, happened_at=happened)


def _ask(asked: Asked, case: Case) -> SubTask:
    _ensure_asked_of_one(asked.data, case.project_id)
    rows = SubTask.objects.in_project(case.project_id).filter(case_id=case.pk)
    row = _begin(asked, case, serial=rows.count() + 1)
    row.save(force_insert=True)
    _line(asked, row, note=row.what)
    tell(asked, row, askees(row), "subtask_asked", body=row.what)
    return row


def _ensure_asked_of_one(data: Ask, project_id: int) -> None:
    wanted = [bool(data.colleague), data.role is not None, bool(data.contractor)]
    if sum(wanted) != 1:
        raise InvalidError({"colleague": _("Ask one: a colleague, a department, or a contractor.")})
    if data.role is not None and not with_role(data.role, project_id):
        raise InvalidError({"role": _("Nobody holds this post here.")})
    must_work_in(project_id, colleague=data.colleague)


def _begin(asked: Asked, case: Case, *, serial: int) -> SubTask:
    data: Ask = asked.data
    policy = UPWARD_REPLY if data.role in UPWARD else REPLY
    found = policies.in_force(policy, lineage=place(case.project_id).lineage, at=asked.at)
    clock, started_at = found.value.clock(case.urgency) or found.value.default, asked.at
    if data.due_at is not None:
        if not asked.at < data.due_at <= asked.at + FURTHEST:
            raise InvalidError({"due_at": _("Choose a time that lies ahead.")})
        # Whole minutes, counted back from when it was asked for: due then, and not a second earlier or later.
        minutes = math.ceil((data.due_at - asked.at) / MINUTE)
        clock = clock.model_copy(update={"minutes": minutes, "mode": "natural"})
        started_at = data.due_at - minutes * MINUTE
    row = SubTask.begin(
        clock,
        version=found.version,
        started_at=started_at,
        at=asked.at,
        project_id=case.project_id,
        case=case,
        serial=serial,
        role=data.role or "",
        assignee_id=data.colleague,
        contractor=data.contractor,
        what=data.what,
        asked_by_id=asked.actor.staff_id,
        asked_at=asked.at,
    )
    assert isinstance(row, SubTask)
    return row


def _in(row: SubTask, *states: str) -> None:
    if row.state not in states:
        raise ConflictError(_("Not possible in this state: the sub-task has moved on."), rule="subtask.state")


def _accept(asked: Asked, row: SubTask) -> None:
    must_be_asked(row, asked.actor)
    _in(row, SubTaskState.ASKED)
    row.state, row.accepted_at, row.assignee_id = SubTaskState.ACCEPTED, asked.when, asked.actor.staff_id
    _line(asked, row)
    tell(asked, row, askers(row), "subtask_accepted")


def _report(asked: Asked, row: SubTask) -> None:
    must_be_asked(row, asked.actor)
    _in(row, SubTaskState.ASKED, SubTaskState.ACCEPTED)
    row.state, row.report, row.reported_at = SubTaskState.REPORTED, asked.data.report, asked.when
    row.reported_by = asked.actor.name
    row.assignee_id = row.assignee_id or asked.actor.staff_id
    row.accepted_at = row.accepted_at or asked.when
    row.end(at=asked.when)
    _line(asked, row, note=row.report)
    _hang(asked, row)
    use_up(asked)
    tell(asked, row, askers(row), "subtask_reported", body=row.report)


def _decline(asked: Asked, row: SubTask) -> None:
    must_be_asked(row, asked.actor)
    _in(row, SubTaskState.ASKED, SubTaskState.ACCEPTED)
    _settle(asked, row, SubTaskState.DECLINED, outcome=VOID)
    tell(asked, row, askers(row), "subtask_declined", body=row.reason)


def _confirm(asked: Asked, row: SubTask) -> None:
    must_lead(row, asked.actor)
    _in(row, SubTaskState.REPORTED)
    row.state, row.settled_at = SubTaskState.CONFIRMED, asked.at
    _line(asked, row)
    tell(asked, row, askees(row), "subtask_confirmed")


def _return(asked: Asked, row: SubTask) -> None:
    must_lead(row, asked.actor)
    _in(row, SubTaskState.REPORTED)
    row.state, row.reason = SubTaskState.ACCEPTED, asked.data.reason
    row.ended_at, row.outcome = None, ""
    row.recompute(asked.at)
    _line(asked, row, note=row.reason)
    tell(asked, row, askees(row), "subtask_returned", body=row.reason)


def _drop(asked: Asked, row: SubTask) -> None:
    must_lead(row, asked.actor)
    _in(row, *SUBTASK_OPEN)
    _settle(asked, row, SubTaskState.DROPPED, outcome=VOID)
    tell(asked, row, askees(row), "subtask_dropped", body=row.reason)


def _settle(asked: Asked, row: SubTask, state: SubTaskState, *, outcome: str) -> None:
    row.state, row.reason, row.settled_at = state, asked.data.reason, asked.at
    if row.ended_at is None:
        row.end(at=asked.at, outcome=outcome)
    _line(asked, row, note=row.reason)


def _line(asked: Asked, row: SubTask, *, note: str = "") -> None:
    data = {"subtask": row.pk, "serial": row.serial, "of": row.assignee_id, "role": row.role, "by": row.contractor}
    write(asked, row.case, data, note=note)


def _hang(asked: Asked, row: SubTask) -> None:
    """Only one's own uploads: an id is no permission."""
    wanted = set(asked.data.photos)
    own = Attachment.objects.in_project(row.project_id).filter(pk__in=wanted, uploaded_by=asked.actor.key)
    if wanted and own.count() != len(wanted):
        raise InvalidError({"photos": _("There is no such picture here.")})
    files = [
        CaseFile(
            project_id=row.project_id,
            case=row.case,
            attachment_id=pk,
            label=row.key,
            seq=row.case.version,
            is_public=False,
        )
        for pk in wanted
    ]
    CaseFile.objects.bulk_create(files, ignore_conflicts=True)


@listens(CaseClosed)
def nothing_left_open(fact: CaseClosed) -> None:
    """Whatever the process: while somebody still owes a part of it, a case is not over."""
    rows = SubTask.objects.in_project(fact.project_id).filter(case_id=fact.case.pk, state__in=SUBTASK_OPEN)
    if rows.exists():
        raise ConflictError(
            _("Something asked of others is still open on this case: have it confirmed, or drop it."),
            rule="subtask.none_open",
        )
