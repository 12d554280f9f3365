"""The one write path of cases, for console, portal, field, API, import and replay.

load what the actor may see → role → state → validate → guards → effect → compare-and-swap on version
→ detail → timeline row → clocks → facts → messages, in one transaction. ``at`` is passed in.
"""

import hashlib
import json
import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import cache
from typing import Any, Final

from django.db import IntegrityError, models
from django.db.models import F
from django.utils.translation import gettext_lazy as _

from steward.cases import deadlines
from steward.cases.declare import REGISTRY, Action, Process, process_of
from steward.cases.facts import CaseClosed, CaseCompleted, CaseFact, CaseMoved, CaseOpened, CaseReopened
from steward.cases.models import Case, Deadline, Entry
from steward.kernel import outbox, policies
from steward.kernel.actor import Actor
from steward.kernel.claims import LATE_ENTRY, bounded
from steward.kernel.clocks import row as clock
from steward.kernel.db import CollisionError, attempt, retrying
from steward.kernel.errors import ConflictError, InvalidError, NotAllowedError, NotFoundError, RefusalError
from steward.kernel.facts import announce
from steward.kernel.prepared import Prepared, add, change, columns, put
from steward.kernel.schema import parse_from, storable
from steward.registers.org.tree import place

LATE_ENTRY_AFTER: Final = timedelta(minutes=10)


@dataclass
class Step:
    """One transition in the making: effects read and change it, the engine writes it."""

    process: Process
    case: Case
    detail: Any
    actor: Actor
    at: datetime
    happened_at: datetime
    data: Any
    note: str
    client_uuid: uuid.UUID
    name: str
    from_state: str = ""
    public: bool = False
    reopens: bool = False
    rerates: tuple[str, ...] = ()  # clocks whose allowance depends on what has changed
    pause_reason: str = ""
    messages: list[outbox.Message] = field(default_factory=list)
    meets: set[str] = field(default_factory=set)
    promises: dict[str, datetime] = field(default_factory=dict)
    files: list[tuple[int, str]] = field(default_factory=list)
    record: dict[str, Any] = field(default_factory=dict)
    deadlines: list[Deadline] = field(default_factory=list)
    before: dict[str, Any] = field(default_factory=dict)
    detail_before: dict[str, Any] = field(default_factory=dict)

    def reopen(self) -> None:
        """A new round: old clocks are void, new ones start now."""
        self.reopens = True
        self.case.round += 1
        self.case.closed_at = None

    @property
    def is_word(self) -> bool:
        """The customer hears from us by this step; what he does himself is no word of ours."""
        ours = self.public and not self.actor.is_resident
        return ours or any(m.recipient.startswith("customer:") for m in self.messages)

    def tell(self, message: outbox.Message) -> None:
        self.messages.append(message)


@dataclass(frozen=True)
class Outcome:
    """What a verb answers. ``replayed``: the same request was already carried out."""

    case: Case
    detail: Any
    deadlines: list[Deadline]
    process: Process
    replayed: bool = False


@dataclass(frozen=True)
class Request:
    """What somebody asks to be done; the same request again has the same digest."""

    project_id: int
    number: str
    action: str
    actor: Actor
    at: datetime
    client_uuid: uuid.UUID
    raw: dict[str, Any]
    note: str = ""
    happened_at: datetime | None = None

    @property
    def digest(self) -> str:
        # Not the claimed instant: corrected for the phone's clock, it differs a little each time it is sent.
        asked = [self.number, self.action, _plain(self.raw), self.note]
        text = json.dumps(asked, sort_keys=True, ensure_ascii=False)
        return hashlib.sha256(text.encode(errors="surrogatepass")).hexdigest()


def act(
    *,
    project_id: int,
    number: str,
    action: str,
    actor: Actor,
    at: datetime,
    client_uuid: uuid.UUID,
    data: Mapping[str, Any] | None = None,
    note: str = "",
    happened_at: datetime | None = None,
) -> Outcome:
    """Do one action on a case.

    Raises NotFoundError (out of scope), NotAllowedError (not this role), ConflictError (state or guard,
    naming the rule), InvalidError (naming the field). The same ``client_uuid`` again returns the first
    answer; with another payload InvalidError.
    """
    request = Request(project_id, number, action, actor, at, client_uuid, dict(data or {}), note, happened_at)
    try:
        return retrying(lambda: _act_once(request))
    except (RefusalError, IntegrityError, CollisionError) as error:
        known = first_answer(request)
        if known is not None:
            return known
        if isinstance(error, RefusalError):
            raise
        raise ConflictError(_("Somebody else was faster. Look again."), rule="case.compare_and_swap") from error


def _act_once(request: Request) -> Outcome:
    known = first_answer(request) if attempt() else None
    if known is not None:
        return known
    actor = request.actor
    case, detail, process = load(request.project_id, request.number, actor)
    action = process.action(request.action)
    if action is None:
        raise NotFoundError(_("There is no such action."))
    _check(action, case, actor)
    step = Step(
        process=process,
        case=case,
        detail=detail,
        actor=actor,
        at=request.at,
        happened_at=_when(request, case),
        data=parse_from(actor, action.form, request.raw),
        note=_clean(request.note),
        client_uuid=request.client_uuid,
        name=request.action,
        from_state=case.state,
        public=action.public,
        before=columns(case),
        detail_before=columns(detail) if detail is not None else {},
    )
    for guard in action.guards:
        if not guard.test(step):
            raise ConflictError(guard.message, rule=guard.rule)
    _apply(step, action)
    _write(step, request)
    return Outcome(case, detail, step.deadlines, process)


@cache
def _numbered(details: tuple[str, ...]) -> Prepared[Case]:
    """A number is unique in its project: no order is asked for."""
    return Prepared(
        lambda scope, project, number: (
            Case.objects.within(scope).filter(project_id=project, number=number).select_related("customer", *details)
        )
    )


def load(project_id: int, number: str, actor: Actor) -> tuple[Case, Any, Process]:
    """The case and its detail in one query, if the actor may see it. Raises NotFoundError."""
    details = tuple(p.detail_name for p in REGISTRY.values() if p.detail and number.startswith(f"{p.prefix}-"))
    case = _numbered(details).first(Case.scope(actor), project_id, number)
    process = process_of(case.kind) if case is not None else None
    if case is None or process is None:
        raise NotFoundError(_("There is no such case."))
    return case, _detail_of(case, process), process


def _detail_of(case: Case, process: Process) -> models.Model | None:
    """The typed detail; history from another system has none, and reads as one where nothing is known yet."""
    if process.detail is None:
        return None
    found: models.Model | None = getattr(case, process.detail_name, None)
    return found or process.detail(project_id=case.project_id, case=case)


def may(action: Action, case: Case, actor: Actor) -> bool:
    """Role and state; guards speak when it is tried."""
    return not case.is_imported and case.state in action.source and action.by.allows(actor, case, action.link)


def _check(action: Action, case: Case, actor: Actor) -> None:
    if not action.by.allows(actor, case, action.link):
        raise NotAllowedError(_("This is not yours to do."), rule="case.role")
    if case.is_imported:
        raise ConflictError(_("History from another system is read, not changed."), rule="case.imported")
    if case.state not in action.source:
        raise ConflictError(_("Not possible in this state: the case has moved on."), rule="case.state")


def _when(request: Request, case: Case) -> datetime:
    """What happened lies after the step that led to it."""
    if request.happened_at is None:
        return request.at
    hours = policies.in_force(LATE_ENTRY, lineage=place(case.project_id).lineage, at=request.at).value
    moves = Entry.objects.in_project(case.project_id).filter(case_id=case.pk).exclude(from_state=F("to_state"))
    before = moves.order_by("-seq").values_list("happened_at", flat=True).first()
    return bounded(request.happened_at, began=case.received_at, before=before, hours=hours, at=request.at)


def _clean(note: str) -> str:
    if not storable(note):
        raise InvalidError({"note": _("Contains a character that cannot be stored.")})
    return note.strip()


def _apply(step: Step, action: Action) -> None:
    """The effect on case and detail, then the new state."""
    if action.effect is not None:
        action.effect(step)
    if isinstance(action.target, str):
        step.case.state = action.target
    elif action.target is not None:
        step.case.state = action.target(step)
    if action.tells is not None:
        message = action.tells(step)
        if message is not None:
            step.tell(message)


def _write(step: Step, request: Request) -> None:
    case, process = step.case, step.process
    step.deadlines = deadlines.of_case(case)
    changed = deadlines.move(step)
    if step.rerates or case.urgency != step.before["urgency"]:
        changed += [r for r in deadlines.rerate(step, keys=step.rerates) if r not in changed]
    case.closed_at = (case.closed_at or step.happened_at) if case.state in process.terminal else None
    case.next_due_at, case.next_due_key = deadlines.next_due(step.deadlines)
    _swap(step)
    if step.detail is not None:
        change(step.detail, step.detail_before)
    add([_entry(step, request)])
    _save_deadlines(changed)
    _announce(step)
    outbox.post(step.messages, project_id=case.project_id, at=step.at)


def _swap(step: Step) -> None:
    """Compare-and-swap on the version: two people at once, exactly one wins."""
    case, seen = step.case, step.case.version
    case.version = seen + 1
    case.updated_at = step.at
    change(case, step.before, version=seen)


def _entry(step: Step, request: Request) -> Entry:
    case, actor = step.case, step.actor
    return Entry(
        project_id=case.project_id,
        case_id=case.pk,
        seq=case.version,
        action=step.name,
        from_state=step.from_state,
        to_state=case.state,
        actor_kind=actor.kind,
        actor_key=actor.key,
        actor_name=actor.name,
        client_uuid=step.client_uuid,
        payload_hash=request.digest,
        happened_at=step.happened_at,
        recorded_at=step.at,
        note=step.note,
        data={**_plain(request.raw), **step.record},
        is_public=step.public,
        is_late_entry=step.at - step.happened_at > LATE_ENTRY_AFTER,
    )


def _save_deadlines(changed: list[Deadline]) -> None:
    new = [row for row in changed if row._state.adding]  # noqa: SLF001
    old = [row for row in changed if not row._state.adding]  # noqa: SLF001
    if old:  # first: of each key only one runs
        put(old, clock.COLUMNS)
    if new:
        add(new)


def _announce(step: Step) -> None:
    case, process = step.case, step.process
    this_round = f"{case.pk}:{case.round}"
    _tell(CaseMoved, f"moved:{case.pk}:{case.version}", step)
    if step.reopens:
        _tell(CaseReopened, f"reopened:{this_round}", step)
    entered = case.state != step.from_state
    if entered and case.state in process.completed_in and step.from_state not in process.completed_in:
        _tell(CaseCompleted, f"completed:{this_round}", step)
    if entered and case.state in process.terminal:
        _tell(CaseClosed, f"closed:{this_round}", step)


def _tell(fact: type[CaseFact], fact_id: str, step: Step) -> None:
    case, at = step.case, step.happened_at
    announce(fact(id=fact_id, project_id=case.project_id, at=at, actor=step.actor, case=case, step=step))


def open_with(step: Step, request: Request) -> Outcome:
    """Write a new, numbered case: row, detail, first entry, clocks, messages."""
    case, process = step.case, step.process
    changed = deadlines.move(step)
    case.next_due_at, case.next_due_key = deadlines.next_due(step.deadlines)
    add([case])
    if step.detail is not None:
        step.detail.case = case
        add([step.detail])
    step.public = True
    add([_entry(step, request)])
    for row in changed:
        row.case_id = case.pk
    _save_deadlines(changed)
    _tell(CaseOpened, f"opened:{case.pk}", step)
    message = process.confirms_open(step) if process.confirms_open is not None else None
    if message is not None:
        step.tell(message)
    outbox.post(step.messages, project_id=case.project_id, at=step.at)
    return Outcome(case, step.detail, step.deadlines, process)


def first_answer(request: Request) -> Outcome | None:
    """The case as answered to an earlier identical request; InvalidError if the payload differs."""
    entries = Entry.objects.in_project(request.project_id).select_related("case")
    known = entries.filter(actor_key=request.actor.key, client_uuid=request.client_uuid).first()
    if known is None:
        return None
    if known.payload_hash != request.digest:
        raise InvalidError({"client_uuid": _("This identifier was already used for another request.")})
    case, detail, process = load(request.project_id, known.case.number, request.actor)
    return Outcome(case, detail, deadlines.of_case(case), process, replayed=True)


def _plain(raw: Mapping[str, Any]) -> dict[str, Any]:
    """JSON-safe copy of what was sent."""
    plain: dict[str, Any] = json.loads(json.dumps(dict(raw), default=str))
    return plain
