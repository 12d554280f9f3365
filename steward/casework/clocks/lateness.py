"""Why is it late? One clock told from the timeline: who had the ball how long, what counted, who was told, who is next.

A pure read, for any past instant as for now. Nothing is guessed: two sums hold to the microsecond. What everybody
took adds up to the time from the start; so does what was allowed, what did not count before it was due, and the
delay (MISSION DSK-8).
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any, Final

from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from steward.cases.declare import DeadlineRule, Process
from steward.cases.models import Case, Deadline, Entry
from steward.casework.clocks import ball
from steward.casework.clocks.nextword import SILENCE
from steward.casework.models import SideClock, SubTask
from steward.casework.words import clock_title
from steward.kernel.actor import Role
from steward.kernel.calendars import work_calendar
from steward.kernel.clocks import Pause, due_at, elapsed
from steward.kernel.clocks.compute import known_pauses, merge_pauses
from steward.kernel.clocks.row import VOID, ClockRow
from steward.registers.workforce.people import name_of

ZERO: Final = timedelta(0)
MINUTE: Final = timedelta(minutes=1)
FIRED: Final = ("warn", "escalate")
Stretch = tuple[datetime, datetime, str, str]  # from, until, what was to do, whose it was
Clocked = Deadline | SideClock


@dataclass(frozen=True)
class Part:
    """One thing that was to do and whose it was, all its stretches together."""

    what: str
    who: str
    span: timedelta
    minutes: int  # rounded so that the parts still add up to the whole


@dataclass(frozen=True)
class Hold:
    """Put off, for one reason: how often and how long."""

    reason: str
    times: int
    span: timedelta


@dataclass(frozen=True)
class Told:
    at: datetime
    stage: int
    names: tuple[str, ...]


@dataclass(frozen=True)
class Other:
    """Another clock of the case that ran out on the way."""

    title: str
    allowed: timedelta
    used: timedelta


@dataclass(frozen=True)
class Asked:
    """A part asked of others, or the case offered to somebody: answered when, or not yet."""

    what: str
    who: str
    at: datetime
    answered_at: datetime | None


@dataclass(frozen=True)
class Account:
    """``over`` > 0: late by so much at ``until``, which is when it was done or, if it is not, the moment asked for."""

    key: str
    title: str
    round: int
    rule: DeadlineRule | None
    row: ClockRow
    started_at: datetime
    due_at: datetime
    until: datetime
    ended: bool
    parts: tuple[Part, ...]
    paused: tuple[Hold, ...]  # before it was due: not counted
    rest: timedelta  # before it was due, outside the hours that count
    paused_after: timedelta
    counted_holds: tuple[Hold, ...]
    others: tuple[Other, ...]
    asked: tuple[Asked, ...]
    offered: tuple[Asked, ...]
    told: tuple[Told, ...]
    waits: tuple[str, str]  # who has the ball now, and what for; empty once it is done

    @property
    def over(self) -> timedelta:
        return self.until - self.due_at

    @property
    def gross(self) -> timedelta:
        return self.until - self.started_at

    @property
    def allowed(self) -> timedelta:
        return timedelta(minutes=self.row.minutes)

    @property
    def is_late(self) -> bool:
        return self.over > ZERO

    @property
    def longest(self) -> Part | None:
        return max(self.parts, key=lambda p: p.span, default=None)


@dataclass(frozen=True)
class Story:
    """A case as it was read for whoever may see it, judged at ``as_of``."""

    case: Case
    process: Process
    deadlines: Sequence[Deadline]
    entries: Sequence[Entry]
    as_of: datetime

    @property
    def known(self) -> list[Entry]:
        return [e for e in self.entries if e.happened_at <= self.as_of]

    @property
    def is_open(self) -> bool:
        closed = self.case.closed_at
        return closed is None or closed > self.as_of


def late(story: Story, rows: Iterable[Clocked] | None = None) -> list[Account]:
    """Every clock of the case that was late, or is, in the order they began; or those of ``rows``."""
    clocks: Iterable[Clocked] = story.deadlines if rows is None else rows
    found = [account(row, story) for row in clocks if is_late(row, story.as_of)]
    return [a for a in found if a is not None]


def is_late(row: ClockRow, at: datetime) -> bool:
    """Without the timeline: whether there is anything to explain."""
    until, due = _judged(row, at)
    return due is not None and until > due


def _judged(row: ClockRow, at: datetime) -> tuple[datetime, datetime | None]:
    """Until when the clock is looked at, and when it was due by what was known then; None: no clock to judge."""
    until = min(at, row.ended_at) if row.ended_at is not None else at
    if row.started_at > at or (row.outcome == VOID and until == row.ended_at):
        return until, None
    return until, due_at(row.rule, work_calendar(), row.started_at, row.intervals, as_of=until)


def account(row: Clocked, story: Story) -> Account | None:
    """What is beside a case waits for one answer alone: nothing else on the way explains it.

    None where the clock had not begun, was not needed any more, or stood still before it was due."""
    until, due = _judged(row, story.as_of)
    if due is None:
        return None
    ended = row.ended_at is not None and row.ended_at <= story.as_of
    found = ball.positions(story.case, story.process, story.entries, as_of=story.as_of)
    pauses = merge_pauses(known_pauses(row.intervals, until))
    cuts = _stretches(row, found, story, until)
    return Account(
        key=row.key,
        title=clock_title(story.process, row.key),
        round=row.round if isinstance(row, Deadline) else story.case.round,
        rule=_rule(row, story),
        row=row,
        started_at=row.started_at,
        due_at=due,
        until=until,
        ended=ended,
        parts=_parts(cuts, row.started_at),
        paused=_holds(pauses, row.started_at, min(due, until), story.process),
        rest=_rest(row, pauses, min(due, until)),
        paused_after=_within(pauses, due, until),
        counted_holds=_counted(row, found, pauses, until, story),
        others=_others(row, until, story) if isinstance(row, Deadline) else (),
        asked=_asked(row, until, story) if isinstance(row, Deadline) else (),
        offered=_offered(row, until, story) if isinstance(row, Deadline) else (),
        told=_told(row, until, story),
        waits=_waits(cuts, row, found, story)
        if not ended and (story.is_open or isinstance(row, SideClock))
        else ("", ""),
    )


def clock_named(process: Process, row: Clocked) -> str:
    """What it is called; of one beside the case's own also whom it waits for: there may be several."""
    title = clock_title(process, row.key)
    who = row.awaits[1] if isinstance(row, SideClock) else ""
    return pgettext("clock", "%(clock)s: %(who)s") % {"clock": title, "who": who} if who else title


def _rule(row: Clocked, story: Story) -> DeadlineRule | None:
    return story.process.deadline(row.key) if isinstance(row, Deadline) else None


def _stretches(row: Clocked, found: Sequence[ball.Position], story: Story, until: datetime) -> list[Stretch]:
    if isinstance(row, SubTask):
        return _of_subtask(row, story, until)
    if isinstance(row, SideClock):
        return [(row.started_at, until, *row.awaits)] if until > row.started_at else []
    return [
        (since, end, _to_do(story.process, here), ball.holders(story.case, story.process, here, row.key))
        for since, end, here in ball.stretches(found, row.started_at, until)
    ]


def _to_do(process: Process, here: ball.Position) -> str:
    """What the state waits for; of something put off, why."""
    if here.reason and any(here.state in rule.pauses_in for rule in process.deadlines):
        return _("put off: %(reason)s") % {"reason": reason_words(process, here.reason)}
    return str(process.todo.get(here.state) or process.state_title(here.state))


def _of_subtask(row: SubTask, story: Story, until: datetime) -> list[Stretch]:
    """Asked, at work, and looked at by whoever asked while a report was not good enough."""
    asked = row.contractor or (str(Role(row.role).label) if row.role in Role.values else name_of(row.assignee_id))
    steps = {
        "ask_subtask": (_("take it on"), asked),
        "accept_subtask": (_("do it"), ""),
        "report_subtask": (_("check the report"), name_of(row.asked_by_id) or name_of(story.case.accountable_id)),
        "return_subtask": (_("do it again"), ""),
    }
    lines = [e for e in story.known if e.data.get("subtask") == row.pk and e.action in steps]
    found: list[Stretch] = []
    for entry, following in zip(lines, [*lines[1:], None], strict=True):
        since = max(entry.happened_at, row.started_at)
        end = min(following.happened_at if following is not None else until, until)
        what, who = steps[entry.action]
        if since < end:
            found.append((since, end, what, who or row.contractor or name_of(row.assignee_id) or asked))
    return found or [(row.started_at, until, _("do it"), asked)]


def _parts(cuts: Sequence[Stretch], start: datetime) -> tuple[Part, ...]:
    found: dict[tuple[str, str], Part] = {}
    for since, until, what, who in cuts:
        minutes = (until - start) // MINUTE - (since - start) // MINUTE
        part = found.get((what, who), Part(what, who, ZERO, 0))
        found[what, who] = replace(part, span=part.span + (until - since), minutes=part.minutes + minutes)
    return tuple(found.values())


def _overlap(pause: Pause, start: datetime, end: datetime) -> timedelta:
    return max(ZERO, min(pause.end or end, end) - max(pause.start, start))


def _within(pauses: Sequence[Pause], start: datetime, end: datetime) -> timedelta:
    return sum((_overlap(p, start, end) for p in pauses), ZERO)


def _holds(pauses: Sequence[Pause], start: datetime, end: datetime, process: Process) -> tuple[Hold, ...]:
    found: dict[str, Hold] = {}
    for pause in pauses:
        span = _overlap(pause, start, end)
        if span:
            reason = reason_words(process, pause.reason)
            hold = found.get(reason, Hold(reason, 0, ZERO))
            found[reason] = Hold(reason, hold.times + 1, hold.span + span)
    return tuple(found.values())


def _rest(row: ClockRow, pauses: Sequence[Pause], end: datetime) -> timedelta:
    counted = elapsed(row.rule, work_calendar(), row.started_at, pauses, end)
    return end - row.started_at - counted - _within(pauses, row.started_at, end)


def _counted(
    row: Clocked, found: Sequence[ball.Position], pauses: Sequence[Pause], until: datetime, story: Story
) -> tuple[Hold, ...]:
    """Put off for a reason that stops no clock: it counts."""
    rule = _rule(row, story)
    holds: dict[str, Hold] = {}
    for since, end, here in ball.stretches(found, row.started_at, until):
        span = end - since - _within(pauses, since, end)
        if rule is not None and here.state in rule.pauses_in and span:
            reason = reason_words(story.process, here.reason)
            hold = holds.get(reason, Hold(reason, 0, ZERO))
            holds[reason] = Hold(reason, hold.times + 1, hold.span + span)
    return tuple(holds.values())


def reason_words(process: Process, code: str) -> str:
    """A pause's reason in words, where the detail of the process declares its choices."""
    fields: list[Any] = list(process.detail._meta.concrete_fields) if process.detail is not None else []  # noqa: SLF001
    choices = next((dict(f.choices or ()) for f in fields if f.name == "hold_reason"), {})
    return ", ".join(str(choices.get(part, part)) for part in code.split(", ")) if code else ""


def _others(row: Deadline, until: datetime, story: Story) -> tuple[Other, ...]:
    """Shorter promises on the way that were broken too: they say which step was slow."""
    found = []
    for other in story.deadlines:
        end = min(other.ended_at or until, until)
        if other.pk == row.pk or other.key == SILENCE or other.outcome == VOID:
            continue
        if not row.started_at <= other.started_at < end or not is_late(other, end):
            continue
        if other.started_at == row.started_at and end == until and other.minutes >= row.minutes:
            continue  # the longer of two that run alike explains nothing
        used = elapsed(other.rule, work_calendar(), other.started_at, other.intervals, end)
        found.append(Other(clock_title(story.process, other.key), timedelta(minutes=other.minutes), used))
    return tuple(found)


def _asked(row: Deadline, until: datetime, story: Story) -> tuple[Asked, ...]:
    """Parts asked of others while this clock ran."""
    asked: dict[int, Asked] = {}
    for entry in story.known:
        pk = entry.data.get("subtask")
        if not isinstance(pk, int):
            continue
        if entry.action == "ask_subtask":
            asked[pk] = Asked(entry.note, _whom(entry), entry.happened_at, None)
        elif pk in asked and entry.action in ("report_subtask", "decline_subtask", "drop_subtask"):
            asked[pk] = replace(asked[pk], answered_at=entry.happened_at)
        elif pk in asked and entry.action == "return_subtask":
            asked[pk] = replace(asked[pk], answered_at=None)
    return tuple(a for a in asked.values() if a.at < until and (a.answered_at or until) > row.started_at)


def _whom(entry: Entry) -> str:
    role = str(entry.data.get("role") or "")
    named = name_of(entry.data.get("of")) or str(entry.data.get("by") or "")
    return named or (str(Role(role).label) if role in Role.values else "")


def _offered(row: Deadline, until: datetime, story: Story) -> tuple[Asked, ...]:
    """To whom the case was offered while this clock ran, and when they answered."""
    offers: dict[int, Asked] = {}
    for entry in story.known:
        pk = entry.data.get("handover")
        if not isinstance(pk, int):
            continue
        if entry.action == "offer_handover":
            offers[pk] = Asked(name_of(entry.data.get("from")), name_of(entry.data.get("to")), entry.happened_at, None)
        elif entry.action == "force_handover":
            offers = {n: replace(o, answered_at=o.answered_at or entry.happened_at) for n, o in offers.items()}
        elif pk in offers:
            offers[pk] = replace(offers[pk], answered_at=entry.happened_at)
    return tuple(o for o in offers.values() if o.at < until and (o.answered_at or until) > row.started_at)


def _told(row: Clocked, until: datetime, story: Story) -> tuple[Told, ...]:
    found = []
    for entry in story.known:
        data = entry.data
        if entry.action not in FIRED or data.get("deadline") != row.key:
            continue
        ours = data["clock"] == row.pk if "clock" in data else row.started_at <= entry.happened_at <= until
        if ours:
            ids = [key.partition(":")[2] for key in data.get("to", ()) if key.startswith("staff:")]
            names = tuple(dict.fromkeys(filter(None, (name_of(int(pk)) for pk in ids))))
            found.append(Told(entry.happened_at, int(data.get("stage", 0)), names))
    return tuple(found)


def _waits(cuts: Sequence[Stretch], row: Clocked, found: Sequence[ball.Position], story: Story) -> tuple[str, str]:
    """Whose turn it is at this moment."""
    if not isinstance(row, Deadline):
        return (cuts[-1][3], cuts[-1][2]) if cuts else ("", "")
    here = found[-1]
    return ball.holders(story.case, story.process, here, row.key), _to_do(story.process, here)
