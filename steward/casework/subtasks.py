"""Sub-tasks: a part of a case asked of another department, a colleague, a contractor, or upward (MISSION DSK-11).

Asked → accepted → reported back → confirmed (or declined, or dropped with a reason). The desk sees them all on the
case; while one is open the case cannot be closed. A contractor without account reports back by a single-use link.
"""

import math
import uuid
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any, Final

from django.conf import settings
from django.utils import timezone, translation
from django.utils.translation import gettext as translate
from django.utils.translation import gettext_lazy as _
from django.utils.translation import gettext_noop

from steward.cases.deadlines import MINUTE
from steward.cases.engine import load
from steward.cases.facts import CaseClosed
from steward.cases.models import Case, Entry
from steward.casework import links
from steward.casework.lines import answered_before, digest_of, write_line
from steward.casework.models import SUBTASK_OPEN, CaseFile, Link, SubTask, SubTaskState
from steward.casework.sweep import WATCHES, Watch, climb, here, leaders
from steward.kernel import outbox, policies
from steward.kernel.actor import Actor, ActorKind, Role
from steward.kernel.claims import LATE_ENTRY, bounded
from steward.kernel.clocks.policy import Clock, ClockTable
from steward.kernel.clocks.row import VOID
from steward.kernel.db import retrying, write
from steward.kernel.errors import ConflictError, InvalidError, NotAllowedError, NotFoundError
from steward.kernel.facts import listens
from steward.kernel.models import Attachment
from steward.kernel.policies import Policy
from steward.kernel.schema import Data, Id, Line, OptionalId, OptionalInstant, Text, ask, parse
from steward.registers.org.tree import place
from steward.registers.workforce.people import Colleague, colleagues, must_work_in, with_role

HOUR: Final = 60
SPEAKING: Final = frozenset({Role.DESK, Role.BUTLER, Role.HEAD_BUTLER, Role.MANAGER})
UPWARD: Final = frozenset({Role.REGION, Role.HQ})
FURTHEST: Final = timedelta(days=180)
LADDER: Final = ((Decimal(1), "accountable"), (Decimal("1.5"), "manager"), (Decimal(2), "region"))
#: How long after its due time a contractor's link still opens.
GRACE: Final = timedelta(days=7)
PURPOSE: Final = "subtask"
OUR_LANGUAGE: Final = settings.LANGUAGE_CODE
BY_LINK: Final = gettext_noop("%(who)s, please: %(what)s (%(where)s). Report back by %(due)s here:")

REPLY: Final = Policy(
    key="case.subtask",
    title=_("Sub-task: reported back"),
    type=ClockTable,
    preset=ClockTable(
        default=Clock(minutes=24 * HOUR, ladder=LADDER),
        by_urgency={
            "P0": Clock(minutes=30, ladder=LADDER),
            "P1": Clock(minutes=4 * HOUR, ladder=LADDER),
            "P3": Clock(minutes=72 * HOUR, ladder=LADDER),
        },
    ),
    source="MISSION DSK-11: sub-tasks with their own clocks; the minutes are our default",
)
UPWARD_REPLY: Final = Policy(
    key="case.subtask_upward",
    title=_("Request to region or head office: answered"),
    type=ClockTable,
    preset=ClockTable(
        default=Clock(minutes=16 * HOUR, mode="working", ladder=LADDER),
        by_urgency={"P0": Clock(minutes=2 * HOUR, ladder=LADDER), "P1": Clock(minutes=8 * HOUR, ladder=LADDER)},
    ),
    source="MISSION DSK-11: upward requests with a reply clock; our default: two working days, urgent ones at once",
)


class Ask(Data):
    what: Text = ask(min_length=2, max_length=300, title=_("What is to be done"))
    colleague: OptionalId = ask(None, title=_("Colleague"), kind="staff")
    role: Role | None = ask(None, title=_("Department, or upward"))
    contractor: Line = ask("", max_length=80, title=_("Contractor (without account)"), kind="suggested")
    due_at: OptionalInstant = ask(None, title=_("Report back by"))


class Report(Data):
    report: Text = ask(min_length=2, max_length=2000, title=_("What was done"))
    photos: list[Id] = ask(default=[], max_length=12, title=_("Photos"), kind="photos")


class Reason(Data):
    reason: Text = ask(min_length=2, max_length=300, title=_("Reason"))


@dataclass(frozen=True)
class Asked:
    """One request about one sub-task (``pk``), or for a new one on a case (``number``)."""

    project_id: int
    verb: str
    data: Any
    actor: Actor
    at: datetime
    client_uuid: uuid.UUID
    number: str = ""
    pk: int = 0
    # When it was tapped on a phone without network; bounded, and kept beside our own time.
    happened_at: datetime | None = None

    @property
    def when(self) -> datetime:
        return self.happened_at or self.at

    @property
    def digest(self) -> str:
        return digest_of(self.number, self.pk, self.verb, self.data.model_dump(mode="json") if self.data else {})


def ask_subtask(*, data: dict[str, Any], **asked: Any) -> SubTask:
    """Ask somebody for a part of a case. ``asked``: project_id, number, actor, at, client_uuid.

    Raises NotFoundError, NotAllowedError, ConflictError (closed), InvalidError (nobody, or more than one, is asked).
    """
    request = Asked(verb="ask_subtask", data=parse(Ask, data), **asked)

    def once() -> SubTask:
        return _known(request) or _ask(request)

    return retrying(once)


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


def subtask_link(*, project_id: int, pk: int, actor: Actor, at: datetime) -> str:
    """A fresh single-use link for the contractor; earlier ones end. Raises NotFoundError, ConflictError."""
    with write():
        row = _row(project_id, pk, actor)
        _must_lead(row, actor)
        if not row.contractor or row.state not in (SubTaskState.ASKED, SubTaskState.ACCEPTED):
            raise ConflictError(_("There is nothing to report by link."), rule="subtask.link")
        purpose = f"{PURPOSE}:{row.pk}"
        known = Link.objects.in_project(project_id).filter(case_id=row.case_id, purpose=purpose, used_at__isnull=True)
        known.update(expires_at=at)
        valid = max(row.due_at or at, at) + GRACE - at
        return links.issue_link(
            case=row.case, purpose=purpose, person_name=row.contractor, actor=actor, at=at, valid=valid
        )


def link_words(*, project_id: int, pk: int, actor: Actor, at: datetime) -> str:
    """What is pasted into the contractor's chat, in our own language."""
    row = _row(project_id, pk, actor)
    path = f"{settings.PUBLIC_URL}/l/{subtask_link(project_id=project_id, pk=pk, actor=actor, at=at)}/"
    where = row.case.unit_label or row.case.place
    with translation.override(OUR_LANGUAGE):
        due = f"{timezone.localtime(row.due_at, place(project_id).tz):%m-%d %H:%M}" if row.due_at else ""
        said = translate(BY_LINK) % {
            "who": row.contractor,
            "what": row.what,
            "where": where or row.case.number,
            "due": due,
        }
    return f"【{place(project_id).name}】{said}\n{path}"


def askable(project_id: int, *, besides: int | None) -> list[Colleague]:
    """Active colleagues of a project, whatever their post."""
    return [c for c in colleagues().values() if c.works_in(project_id) and c.id != besides]


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


def get(*, project_id: int, pk: int, actor: Actor) -> SubTask:
    """Raises NotFoundError out of scope."""
    return _row(project_id, pk, actor)


def of_link(link: Link, actor: Actor) -> SubTask:
    """The sub-task a contractor's link opens. Raises NotFoundError."""
    pk = link.purpose.partition(":")[2]
    return _row(link.project_id, int(pk) if pk.isdecimal() else 0, actor)


def _row(project_id: int, pk: int, actor: Actor) -> SubTask:
    by_link = actor.kind is ActorKind.LINK and actor.purpose == f"{PURPOSE}:{pk}" and project_id in actor.project_ids
    rows = SubTask.objects.in_project(project_id) if by_link else SubTask.objects.visible_to(actor)
    found = rows.filter(project_id=project_id, pk=pk).select_related("case").first()
    if found is None:
        raise NotFoundError(_("There is no such sub-task."))
    return found


def _known(asked: Asked) -> SubTask | None:
    line = answered_before(asked.project_id, asked.actor, asked.client_uuid, asked.digest)
    if line is None:
        return None
    return SubTask.objects.in_project(asked.project_id).select_related("case").get(pk=line.data["subtask"])


def _carry_out(verb: Callable[[Asked, SubTask], None], asked: Asked) -> SubTask:
    def once() -> SubTask:
        known = _known(asked)
        if known is not None:
            return known
        row = _row(asked.project_id, asked.pk, asked.actor)
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


def _ask(asked: Asked) -> SubTask:
    case, _detail, _process = load(asked.project_id, asked.number, asked.actor)
    if not may_lead(case, asked.actor):
        raise NotAllowedError(_("This is not yours to do."), rule="case.role")
    if case.closed_at is not None or case.is_imported:
        raise ConflictError(_("Not possible in this state: the case has moved on."), rule="case.state")
    _ensure_asked_of_one(asked.data, case.project_id)
    rows = SubTask.objects.in_project(case.project_id).filter(case_id=case.pk)
    row = _begin(asked, case, serial=rows.count() + 1)
    row.save(force_insert=True)
    _line(asked, row, note=row.what)
    _tell(row, _askees(row), "subtask_asked", asked.at, body=row.what)
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


def _must_be_asked(row: SubTask, actor: Actor) -> None:
    if not is_asked(row, actor):
        raise NotAllowedError(_("This is not asked of you."), rule="subtask.asked")


def _must_lead(row: SubTask, actor: Actor) -> None:
    if not (may_lead(row.case, actor) or (actor.staff_id is not None and row.asked_by_id == actor.staff_id)):
        raise NotAllowedError(_("This is not yours to do."), rule="case.role")


def _accept(asked: Asked, row: SubTask) -> None:
    _must_be_asked(row, asked.actor)
    _in(row, SubTaskState.ASKED)
    row.state, row.accepted_at, row.assignee_id = SubTaskState.ACCEPTED, asked.when, asked.actor.staff_id
    _line(asked, row)
    _tell(row, _askers(row), "subtask_accepted", asked.at)


def _report(asked: Asked, row: SubTask) -> None:
    _must_be_asked(row, asked.actor)
    _in(row, SubTaskState.ASKED, SubTaskState.ACCEPTED)
    row.state, row.report, row.reported_at = SubTaskState.REPORTED, asked.data.report, asked.when
    row.reported_by = asked.actor.name
    row.assignee_id = row.assignee_id or asked.actor.staff_id
    row.accepted_at = row.accepted_at or asked.when
    row.end(at=asked.when)
    _line(asked, row, note=row.report)
    _hang(asked, row)
    _use_up(asked)
    _tell(row, _askers(row), "subtask_reported", asked.at, body=row.report)


def _decline(asked: Asked, row: SubTask) -> None:
    _must_be_asked(row, asked.actor)
    _in(row, SubTaskState.ASKED, SubTaskState.ACCEPTED)
    _settle(asked, row, SubTaskState.DECLINED, outcome=VOID)
    _tell(row, _askers(row), "subtask_declined", asked.at, body=row.reason)


def _confirm(asked: Asked, row: SubTask) -> None:
    _must_lead(row, asked.actor)
    _in(row, SubTaskState.REPORTED)
    row.state, row.settled_at = SubTaskState.CONFIRMED, asked.at
    _line(asked, row)
    _tell(row, _askees(row), "subtask_confirmed", asked.at)


def _return(asked: Asked, row: SubTask) -> None:
    _must_lead(row, asked.actor)
    _in(row, SubTaskState.REPORTED)
    row.state, row.reason = SubTaskState.ACCEPTED, asked.data.reason
    row.ended_at, row.outcome = None, ""
    row.recompute(asked.at)
    _line(asked, row, note=row.reason)
    _tell(row, _askees(row), "subtask_returned", asked.at, body=row.reason)


def _drop(asked: Asked, row: SubTask) -> None:
    _must_lead(row, asked.actor)
    _in(row, *SUBTASK_OPEN)
    _settle(asked, row, SubTaskState.DROPPED, outcome=VOID)
    _tell(row, _askees(row), "subtask_dropped", asked.at, body=row.reason)


def _settle(asked: Asked, row: SubTask, state: SubTaskState, *, outcome: str) -> None:
    row.state, row.reason, row.settled_at = state, asked.data.reason, asked.at
    if row.ended_at is None:
        row.end(at=asked.at, outcome=outcome)
    _line(asked, row, note=row.reason)


def _line(asked: Asked, row: SubTask, *, note: str = "") -> None:
    write_line(
        row.case,
        action=asked.verb,
        actor=asked.actor,
        at=asked.at,
        note=note,
        data={"subtask": row.pk, "serial": row.serial, "of": row.assignee_id, "role": row.role, "by": row.contractor},
        client_uuid=asked.client_uuid,
        digest=asked.digest,
        happened_at=asked.happened_at,
    )


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


def _use_up(asked: Asked) -> None:
    if asked.actor.kind is not ActorKind.LINK:
        return
    link_id = int(asked.actor.key.removeprefix("link:"))
    rows = Link.objects.in_project(asked.project_id).filter(pk=link_id, used_at__isnull=True)
    if not rows.update(used_at=asked.at):
        raise ConflictError(_("This link was already used."), rule="link.single_use")


def _askees(row: SubTask) -> list[str]:
    if row.assignee_id is not None:
        return [f"staff:{row.assignee_id}"]
    return [f"staff:{c.id}" for c in with_role(Role(row.role), row.project_id)] if row.role else []


def _askers(row: SubTask) -> list[str]:
    return [f"staff:{pk}" for pk in sorted({row.asked_by_id, row.case.accountable_id} - {None}, key=str)]


SUBJECTS: Final = {
    "subtask_asked": _("Asked of you: %(title)s"),
    "subtask_accepted": _("Accepted: %(title)s"),
    "subtask_reported": _("Reported back: %(title)s"),
    "subtask_declined": _("Sub-task declined: %(title)s"),
    "subtask_confirmed": _("Your report is confirmed: %(title)s"),
    "subtask_returned": _("Not done yet: %(title)s"),
    "subtask_dropped": _("No longer needed: %(title)s"),
}


def _tell(row: SubTask, people: list[str], event: str, at: datetime, *, body: str = "") -> None:
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
    ]
    outbox.post(messages, project_id=row.project_id, at=at)


@listens(CaseClosed)
def nothing_left_open(fact: CaseClosed) -> None:
    """Whatever the process: while somebody still owes a part of it, a case is not over."""
    rows = SubTask.objects.in_project(fact.project_id).filter(case_id=fact.case.pk, state__in=SUBTASK_OPEN)
    if rows.exists():
        raise ConflictError(
            _("Something asked of others is still open on this case: have it confirmed, or drop it."),
            rule="subtask.none_open",
        )


def _told(row: SubTask, case: Case, stage: int) -> list[str]:
    """Whoever it is asked of is warned (a contractor's asker, who can ring him up); then it climbs."""
    if stage:
        return climb(row, case, stage)
    asked = here(row.assignee_id) if row.assignee_id is not None else _askees(row)
    return asked or here(row.asked_by_id, case.accountable_id) or leaders(case)


WATCHES[PURPOSE] = Watch(SubTask, _told)
