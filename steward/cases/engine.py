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
from typing import Any, Final

from django.db import IntegrityError, models
from django.utils.translation import gettext_lazy as _

from steward.cases import deadlines, numbers, quarantine
from steward.cases.categories import categories
from steward.cases.declare import Action, Process, process_of
from steward.cases.facts import CaseClosed, CaseCompleted, CaseOpened, CaseReopened
from steward.cases.models import Case, CaseFile, Deadline, Entry, Link
from steward.cases.policies import LATE_ENTRY
from steward.kernel import outbox, policies
from steward.kernel.actor import Actor, ActorKind
from steward.kernel.db import CollisionError, attempt, retrying
from steward.kernel.errors import ConflictError, InvalidError, NotAllowedError, NotFoundError, RefusalError
from steward.kernel.facts import announce
from steward.kernel.models import Attachment
from steward.kernel.schema import Data, parse, storable
from steward.registers.org.tree import place

# What of a clock may change after its start.
CLOCK_COLUMNS: Final = (
    "policy_version",
    "minutes",
    "mode",
    "hours",
    "warn_ratio",
    "ladder",
    "pauses",
    "due_at",
    "next_at",
    "stage",
    "ended_at",
    "outcome",
)
AHEAD: Final = timedelta(minutes=5)
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
    pause_reason: str = ""
    messages: list[outbox.Message] = field(default_factory=list)
    meets: set[str] = field(default_factory=set)
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
    replay: bool = False,
) -> Outcome:
    """Do one action on a case.

    Raises NotFoundError (out of scope), NotAllowedError (not this role), ConflictError (state or guard,
    naming the rule), InvalidError (naming the field). The same ``client_uuid`` again returns the first
    answer; with another payload InvalidError. ``replay``: from an offline queue: a refusal is kept as a
    conflict for the office.
    """
    raw = dict(data or {})
    digest = payload_hash(number, action, raw, note)
    try:
        return retrying(
            lambda: _act_once(project_id, number, action, actor, at, client_uuid, raw, note, happened_at, digest)
        )
    except (RefusalError, IntegrityError, CollisionError) as error:
        known = first_answer(project_id, actor, client_uuid, digest)
        if known is not None:
            return known
        faster = ConflictError(_("Somebody else was faster. Look again."), rule="case.compare_and_swap")
        if replay:
            quarantine.keep(
                project_id=project_id,
                number=number,
                action=action,
                actor=actor,
                at=at,
                client_uuid=client_uuid,
                raw=raw,
                note=note,
                happened_at=happened_at,
                refusal=error if isinstance(error, RefusalError) else faster,
            )
        if isinstance(error, RefusalError):
            raise
        raise faster from error


def _act_once(
    project_id: int,
    number: str,
    name: str,
    actor: Actor,
    at: datetime,
    client_uuid: uuid.UUID,
    raw: dict[str, Any],
    note: str,
    happened_at: datetime | None,
    digest: str,
) -> Outcome:
    known = first_answer(project_id, actor, client_uuid, digest) if attempt() else None
    if known is not None:
        return known
    case, detail, process = load(project_id, number, actor)
    action = process.action(name)
    if action is None:
        raise NotFoundError(_("There is no such action."))
    _check(action, case, actor)
    step = Step(
        process=process,
        case=case,
        detail=detail,
        actor=actor,
        at=at,
        happened_at=_bounded(happened_at, case, at),
        data=validated(action.form, raw, actor),
        note=_clean(note),
        client_uuid=client_uuid,
        name=name,
        from_state=case.state,
        public=action.public,
        before=_columns(case),
        detail_before=_columns(detail) if detail is not None else {},
    )
    for guard in action.guards:
        if not guard.test(step):
            raise ConflictError(guard.message, rule=guard.rule)
    _apply(step, action)
    _write(step, digest, raw)
    return Outcome(case, detail, step.deadlines, process)


def load(project_id: int, number: str, actor: Actor) -> tuple[Case, Any, Process]:
    """The case and its detail in one query, if the actor may see it. Raises NotFoundError."""
    kind_query = Case.objects.visible_to(actor).filter(project_id=project_id, number=number)
    joins = [p for p in _detail_names() if p]
    # The number is unique: no order is asked for.
    case = next(iter(kind_query.select_related("customer", *joins)[:1]), None)
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


def _detail_names() -> list[str]:
    from steward.cases.declare import REGISTRY  # noqa: PLC0415  read when all processes are known

    return [p.detail_name for p in REGISTRY.values() if p.detail is not None]


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


def validated(form: type[Data], raw: Mapping[str, Any], actor: Actor) -> Any:
    """Typed input; fields that only staff may write are refused from anybody else, by name."""
    if not (actor.is_staff or actor.is_system):
        forbidden = sorted(form.staff_only & raw.keys())
        if forbidden:
            raise InvalidError({name: _("This field is set by the service centre.") for name in forbidden})
    return parse(form, raw)


def _bounded(happened_at: datetime | None, case: Case, at: datetime) -> datetime:
    """A claimed instant must lie between the case's beginning and now, and not too far back."""
    if happened_at is None:
        return at
    hours = policies.in_force(LATE_ENTRY, lineage=place(case.project_id).lineage, at=at).value
    if happened_at > at + AHEAD:
        raise InvalidError({"happened_at": _("This lies in the future.")})
    if happened_at < case.received_at or happened_at < at - timedelta(hours=hours):
        raise InvalidError({"happened_at": _("This lies too far back.")})
    return min(happened_at, at)


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


def _write(step: Step, digest: str, raw: Mapping[str, Any]) -> None:
    case, process = step.case, step.process
    step.deadlines = deadlines.of_case(case)
    changed = deadlines.move(
        process,
        case,
        step.deadlines,
        happened_at=step.happened_at,
        at=step.at,
        pause_reason=step.pause_reason,
        met=frozenset(step.meets),
    )
    if case.urgency != step.before["urgency"]:
        changed += [r for r in deadlines.rerate(process, case, step.deadlines, at=step.at) if r not in changed]
    _close_or_open(step)
    case.next_due_at, case.next_due_key = deadlines.next_due(step.deadlines)
    _swap(step)
    if step.detail is not None:
        _save_changes(step.detail, step.detail_before)
    _entry(step, digest, raw).save(force_insert=True)
    _save_deadlines(changed)
    _attach(step)
    _use_link(step)
    _announce(step)
    outbox.post(step.messages, project_id=case.project_id, at=step.at)


def _close_or_open(step: Step) -> None:
    case = step.case
    if case.state in step.process.terminal and case.closed_at is None:
        case.closed_at = step.happened_at
    elif case.state not in step.process.terminal:
        case.closed_at = None


def _swap(step: Step) -> None:
    """Compare-and-swap on the version: two people at once, exactly one wins."""
    case, seen = step.case, step.case.version
    case.version = seen + 1
    case.updated_at = step.at
    now = _columns(case)
    changes = {k: v for k, v in now.items() if v != step.before[k]}
    won = Case.objects.in_project(case.project_id).filter(pk=case.pk, version=seen).update(**changes)
    if not won:
        raise CollisionError


def _save_changes(row: models.Model, before: Mapping[str, Any]) -> None:
    changed = [name for name, value in _columns(row).items() if value != before[name]]
    if changed:
        row.save(update_fields=[row._meta.get_field(_field_of(row, name)).name for name in changed])  # noqa: SLF001


def _field_of(row: models.Model, attname: str) -> str:
    return next(f.name for f in row._meta.concrete_fields if f.attname == attname)  # noqa: SLF001


def _columns(row: models.Model) -> dict[str, Any]:
    return {f.attname: getattr(row, f.attname) for f in row._meta.concrete_fields}  # noqa: SLF001


def _entry(step: Step, digest: str, raw: Mapping[str, Any]) -> Entry:
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
        payload_hash=digest,
        happened_at=step.happened_at,
        recorded_at=step.at,
        note=step.note,
        data={**_plain(raw), **step.record},
        is_public=step.public,
        is_late_entry=step.at - step.happened_at > LATE_ENTRY_AFTER,
    )


def _save_deadlines(changed: list[Deadline]) -> None:
    new = [row for row in changed if row._state.adding]  # noqa: SLF001
    old = [row for row in changed if not row._state.adding]  # noqa: SLF001
    if new:
        Deadline.objects.bulk_create(new)
    for row in old:
        row.save(update_fields=CLOCK_COLUMNS)


def _attach(step: Step) -> None:
    """Hang pictures on the case. Only one's own uploads to this project: an id is no permission."""
    if not step.files:
        return
    wanted = {attachment_id for attachment_id, _label in step.files}
    own = Attachment.objects.in_project(step.case.project_id).filter(pk__in=wanted, uploaded_by=step.actor.key)
    if own.count() != len(wanted):
        raise InvalidError({"photos": _("There is no such picture here.")})
    rows = [
        CaseFile(
            project_id=step.case.project_id,
            case_id=step.case.pk,
            attachment_id=attachment_id,
            label=label,
            seq=step.case.version,
            # A picture of a note among colleagues is no more the customer's than its words.
            is_public=step.public,
        )
        for attachment_id, label in dict.fromkeys(step.files)
    ]
    # A picture that already hangs there stays where it is: showing it again is no reason to refuse the action.
    CaseFile.objects.bulk_create(rows, ignore_conflicts=True)


def _use_link(step: Step) -> None:
    """A link serves once: its first action uses it up."""
    if step.actor.kind is not ActorKind.LINK:
        return
    link_id = int(step.actor.key.removeprefix("link:"))
    links = Link.objects.in_project(step.case.project_id).filter(pk=link_id, used_at__isnull=True)
    if not links.update(used_at=step.at):
        raise ConflictError(_("This link was already used."), rule="link.single_use")


def _announce(step: Step) -> None:
    case, process = step.case, step.process
    base: dict[str, Any] = {"project_id": case.project_id, "at": step.happened_at, "actor": step.actor, "case": case}
    fact_id = f"{case.pk}:{case.round}"
    if step.reopens:
        announce(CaseReopened(id=f"reopened:{fact_id}", **base))
    entered = case.state != step.from_state
    if entered and case.state in process.completed_in and step.from_state not in process.completed_in:
        category = categories().get(case.category_id or 0)
        leak = category is not None and category.is_leak
        announce(CaseCompleted(id=f"completed:{fact_id}", category_is_leak=leak, **base))
    if entered and case.state in process.terminal:
        announce(CaseClosed(id=f"closed:{fact_id}", **base))


def open_with(step: Step, digest: str, raw: Mapping[str, Any]) -> Outcome:
    """Write a new case that ``cases.opening`` has prepared: row, detail, first entry, clocks, messages."""
    case, process = step.case, step.process
    rows: list[Deadline] = []
    deadlines.move(process, case, rows, happened_at=step.happened_at, at=step.at)
    case.next_due_at, case.next_due_key = deadlines.next_due(rows)
    case.number = numbers.next_number(process.prefix, case.project_id, step.at)
    case.save(force_insert=True)
    if step.detail is not None:
        step.detail.case = case
        step.detail.save(force_insert=True)
    step.public = True
    _entry(step, digest, raw).save(force_insert=True)
    for row in rows:
        row.case_id = case.pk
    _save_deadlines(rows)
    _attach(step)
    announce(CaseOpened(id=f"opened:{case.pk}", project_id=case.project_id, at=step.at, actor=step.actor, case=case))
    if process.confirms_open is not None:
        message = process.confirms_open(step)
        if message is not None:
            step.tell(message)
    outbox.post(step.messages, project_id=case.project_id, at=step.at)
    return Outcome(case, step.detail, rows, process)


def first_answer(project_id: int, actor: Actor, client_uuid: uuid.UUID, digest: str) -> Outcome | None:
    """The case as answered to an earlier identical request; InvalidError if the payload differs."""
    known = (
        Entry.objects.in_project(project_id)
        .filter(actor_key=actor.key, client_uuid=client_uuid)
        .select_related("case")
        .first()
    )
    if known is None:
        return None
    if known.payload_hash != digest:
        raise InvalidError({"client_uuid": _("This identifier was already used for another request.")})
    case, detail, process = load(project_id, known.case.number, actor)
    rows = deadlines.of_case(case)
    return Outcome(case, detail, rows, process, replayed=True)


def payload_hash(number: str, action: str, raw: Mapping[str, Any], note: str) -> str:
    text = json.dumps([number, action, _plain(raw), note], sort_keys=True, ensure_ascii=False)
    return hashlib.sha256(text.encode(errors="surrogatepass")).hexdigest()


def _plain(raw: Mapping[str, Any]) -> dict[str, Any]:
    """JSON-safe copy of what was sent."""
    plain: dict[str, Any] = json.loads(json.dumps(dict(raw), default=str))
    return plain
