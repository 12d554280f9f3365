"""The road of a case as a stepper, its clocks with one sentence of why, and whose turn it is."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from steward.cases.declare import Action, Process
from steward.cases.models import Case, Entry
from steward.casework.clocks import ball, beside
from steward.casework.clocks.lateness import Clocked, Story, clock_named, is_late, late, reason_words
from steward.casework.clocks.latewords import sentences
from steward.casework.models import SubTask
from steward.casework.screens import Screen, screen_of
from steward.design.clockface import ClockFace, clock_face, duration, when
from steward.kernel.clocks import Line
from steward.web.cases import CaseView

SPARE_KEYS: Final = "QWRTFGVZOIM"
TAKEN: Final = frozenset("CNPJK")


@dataclass(frozen=True)
class Clock:
    title: str
    face: ClockFace
    why: str
    lines: list[Line]
    is_void: bool
    runs: bool
    late: list[str]  # why it is late, or was
    is_kept: bool


@dataclass(frozen=True)
class Button:
    action: Action
    key: str
    url: str


def road(view: CaseView, at: datetime) -> list[dict[str, Any]]:
    """Each state of the road with the time it was reached; a state aside stands where it branched off."""
    process, case = view.process, view.case
    reached = _reached(view.entries, process, case)
    order = list(process.road)
    here = order.index(case.state) if case.state in order else max((order.index(s) for s in reached), default=0)
    steps = []
    for index, state in enumerate(order):
        moment = reached.get(state)
        ended = case.closed_at is not None and index == here
        standing = "done" if index < here or ended else "now" if index == here else ""
        label = view.state_title if index == here else str(process.milestone(state))
        steps.append({"label": label, "note": _note(moment, standing, at, case), "state": standing})
    return steps


def _note(moment: datetime | None, standing: str, at: datetime, case: Case) -> str:
    if standing == "now" and moment is not None:
        return _("for %(span)s") % {"span": duration(at - moment)}
    if moment is None or not standing:
        return "—" if standing == "done" else ""
    return when(moment, at)


def _reached(entries: Sequence[Entry], process: Process, case: Case) -> dict[str, datetime]:
    """When each state of the road was last entered, in this round."""
    found: dict[str, datetime] = {}
    for entry in entries:
        again = entry.from_state in process.completed_in and entry.to_state == process.initial
        if again:
            found.clear()
        if entry.to_state != entry.from_state and entry.to_state in process.road:
            found[entry.to_state] = entry.happened_at
    if case.round == 1:
        found[process.initial] = case.received_at
    return found


def clocks(view: CaseView, at: datetime) -> list[Clock]:
    """Running ones first, by time left; then what was kept or missed in this round. Of those beside the case's own
    only what is late or was: in time they stand where they are asked for, and a sub-task explains itself there."""
    rows: list[Clocked] = [r for r in view.deadlines if r.round == view.case.round and r.outcome != "void"]
    rows += [r for r in beside.rows(view.case, view.entries, besides=SubTask.key) if is_late(r, at)]
    rows.sort(key=lambda r: (r.ended_at is not None, r.due_at or r.started_at))
    return [_clock(row, view, at) for row in rows]


def _clock(row: Clocked, view: CaseView, at: datetime) -> Clock:
    paused = row.is_paused
    reason = reason_words(view.process, row.pauses[-1]["reason"]) if paused else ""
    face = clock_face(row.due_at, at, met_at=row.ended_at, paused=paused, reason=reason)
    return Clock(
        title=clock_named(view.process, row),
        face=face,
        why=_why(row, reason, at),
        lines=row.explanation(as_of=at),
        is_void=row.outcome == "void",
        runs=row.ended_at is None,
        late=late_words(row, view, at),
        is_kept=row.ended_at is not None and face.tone != "late",
    )


def late_words(row: Clocked, view: CaseView, at: datetime) -> list[str]:
    """Why it is late, in sentences; none where it is not."""
    story = Story(view.case, view.process, view.deadlines, view.entries, at)
    return [words for found in late(story, [row]) for words in sentences(found, view.case)]


def _why(row: Clocked, reason: str, at: datetime) -> str:
    """Start, allowance, how it counts, pause, due: in one sentence."""
    words = {"working": _("working time %(hours)s"), "daily": _("every day %(hours)s")}.get(row.mode, "")
    counting = words % {"hours": row.hours.replace(",", ", ")} if words else ""
    parts = [
        _("from %(at)s") % {"at": when(row.started_at, at)},
        _("%(span)s allowed") % {"span": duration(timedelta(minutes=row.minutes))},
        counting or _("day and night"),
    ]
    if reason:
        parts.append(_("stands still: %(reason)s") % {"reason": reason})
    elif row.pauses:
        parts.append(ngettext("paused %(n)s time", "paused %(n)s times", len(row.pauses)) % {"n": len(row.pauses)})
    if row.due_at is not None:
        parts.append(_("due %(at)s") % {"at": when(row.due_at, at)})
    if row.ended_at is not None:
        parts.append(_("reached %(at)s") % {"at": when(row.ended_at, at)})
    return _(", ").join(parts)


def whose_turn(view: CaseView, screen: Screen, buttons: Sequence[Button]) -> tuple[bool, str, str]:
    """(mine, heading, explanation): the sentence on top of the page."""
    process, case = view.process, view.case
    if case.is_imported:
        return False, _("History from another system: for reading only"), ""
    if case.closed_at is not None:
        return False, _("Nothing is left to do"), ""
    todo = str(screen.turn(case, view.detail) or process.todo.get(case.state, view.state_title))
    mine = next((b for b in buttons if b.action.primary and b.action.reaches() != {case.state}), None)
    if mine is not None:
        return True, _("My turn: %(todo)s") % {"todo": todo}, ""
    who = ball_with(view)
    text = _("Waiting for %(who)s: %(todo)s") % {"who": who, "todo": todo} if who else todo
    return False, text, _("Nothing for you to do at this step; you may add to the case.") if buttons else ""


def ball_with(view: CaseView) -> str:
    """Who may take the next step: by name where there is one."""
    return ball.holders(view.case, view.process, ball.now(view.case))


def buttons(view: CaseView, url: str) -> list[Button]:
    """The allowed actions with a letter each: their own, else a free one."""
    idle = screen_of(view.case.kind).out_of_place(view.case, view.detail)
    actions = [a for a in view.actions if a.name not in idle]
    own = {a.key for a in actions if a.key}
    spare = [k for k in "Y" + SPARE_KEYS if k not in own and k not in TAKEN]
    made = []
    for action in actions:
        key = action.key or (spare.pop(0) if spare else "")
        made.append(Button(action, key, f"{url}actions/{action.name}/"))
    return made
