"""A case on paper: its timeline as sentences and its clocks with their sums."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from enum import Enum
from typing import Any, Final, get_args

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext as _
from pydantic.fields import FieldInfo

from steward.cases.declare import Process
from steward.cases.models import Deadline, Entry
from steward.casework.clocks import beside
from steward.casework.clocks.lateness import Clocked, Story, clock_named, is_late, late
from steward.casework.clocks.latewords import paragraph
from steward.casework.screens import by_name
from steward.casework.words import BASE_TITLES
from steward.design.clockface import duration
from steward.design.environment import money
from steward.kernel.actor import ActorKind
from steward.kernel.schema import Data, Label
from steward.registers.workforce.people import name_of

# Shown by another part of the paper, or of no meaning to people.
UNSAID: Final = frozenset({"quote_hash", "text", "answer", "lines", "parts", "client_uuid", "signature", "description"})
#: Of an opening: the head of the paper says the rest.
OPENING: Final = frozenset({"flat_rate", "origin"})


@dataclass(frozen=True)
class Event:
    at: datetime
    recorded_at: datetime | None  # where it was written down later
    actor: str
    title: str
    facts: Sequence[tuple[str, str]]
    note: str
    is_public: bool


@dataclass(frozen=True)
class Clock:
    title: str
    round: int  # 0: beside the case, whose rounds are nothing to it
    started_at: datetime
    allowed: str
    due_at: datetime | None
    ended_at: datetime | None
    verdict: str
    lines: Sequence[tuple[datetime, datetime | None, str, str]]  # from, until, what, counted
    late: str  # why, where it is late or was


def events(entries: Sequence[Entry], process: Process) -> list[Event]:
    """In the order it happened, as a file is read."""
    return [_event(entry, process) for entry in entries]


def _event(entry: Entry, process: Process) -> Event:
    action = process.action(entry.action)
    title = action.title if action else BASE_TITLES.get(entry.action, entry.action)
    return Event(
        at=entry.happened_at,
        recorded_at=entry.recorded_at if entry.is_late_entry else None,
        actor=_("System") if entry.actor_kind == ActorKind.SYSTEM else entry.actor_name,
        title=str(title),
        facts=list(_facts(entry, process)),
        note=entry.note,
        is_public=entry.is_public,
    )


def _facts(entry: Entry, process: Process) -> Iterator[tuple[str, str]]:
    data = by_name(entry.data or {})
    action = process.action(entry.action)
    if entry.action in ("warn", "escalate"):
        rule = process.deadline(str(data.get("deadline", "")))
        if rule is not None:
            yield _("Clock"), str(rule.title)
    elif entry.action == "open":
        yield from _answers(process.open_form, data, OPENING)
    elif action is not None:
        yield from _answers(action.form, data, frozenset())
    if "total" in data:
        yield _("Total"), money(Decimal(str(data["total"])))
    if "receipt" in data:
        yield _("Receipt"), str(data["receipt"])


def _answers(form: type[Data], data: Mapping[str, Any], only: frozenset[str]) -> Iterator[tuple[str, str]]:
    for name, info in form.model_fields.items():
        value = data.get(name)
        if name in UNSAID or value in (None, "", []) or isinstance(value, list) or (only and name not in only):
            continue
        label = info.json_schema_extra
        yield (str(label.title) if isinstance(label, Label) else name), _say(value, info)


def _say(value: Any, info: FieldInfo) -> str:
    """A stored answer in words; the store keeps JSON."""
    label = info.json_schema_extra
    if isinstance(label, Label) and label.kind == "staff":
        return name_of(int(value))
    choices = _choices(info.annotation)
    if choices:
        return next((str(words) for key, words in choices if str(key) == str(value)), str(value))
    if isinstance(value, bool):
        return _("Yes") if value else _("No")
    return _instant(value) or str(value)


def _choices(annotation: Any) -> Sequence[tuple[Any, Any]]:
    if isinstance(annotation, type) and issubclass(annotation, Enum):
        return list(annotation.choices) if issubclass(annotation, models.Choices) else []
    return next((found for part in get_args(annotation) if (found := _choices(part))), [])


def _instant(value: Any) -> str:
    if not isinstance(value, str) or "T" not in value:
        return ""
    try:
        return f"{timezone.localtime(datetime.fromisoformat(value)):%m-%d %H:%M}"
    except ValueError:
        return ""


def clocks(told: Story) -> list[Clock]:
    """Every clock that ran, round by round, with its sum line by line, and why it was late; then what was late of
    those beside the case's own."""
    ran = sorted((row for row in told.deadlines if row.outcome != "void"), key=lambda r: (r.round, r.started_at, r.pk))
    others: list[Clocked] = [row for row in beside.rows(told.case, told.entries) if is_late(row, told.as_of)]
    return [_clock(row, told) for row in [*ran, *others]]


def _clock(row: Clocked, told: Story) -> Clock:
    at = told.as_of
    return Clock(
        title=clock_named(told.process, row),
        round=row.round if isinstance(row, Deadline) else 0,
        started_at=row.started_at,
        allowed=duration(timedelta(minutes=row.minutes)),
        due_at=row.due_at,
        ended_at=row.ended_at,
        verdict=_verdict(row, at),
        lines=[
            (line.start, line.end if line.end != line.start else None, line.text, _counted(line.counted))
            for line in row.explanation(as_of=at)
            if not line.ahead or row.ended_at is None
        ],
        late=" ".join(paragraph(found, told.case) for found in late(told, [row])),
    )


def _counted(span: timedelta) -> str:
    return duration(span) if span >= timedelta(minutes=1) else ""


def _verdict(row: Clocked, at: datetime) -> str:
    end = row.ended_at or at
    if row.due_at is None:
        return _("stands still")
    if end > row.due_at:
        return _("%(span)s late") % {"span": duration(end - row.due_at)}
    return _("kept") if row.ended_at else _("running")
