"""The resident's road: what was done and when, what happens now, what is promised next."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext

from steward.cases.models import Deadline, Entry
from steward.design.clockface import when
from steward.design.environment import money
from steward.portal import complaints, words
from steward.processes.repair.models import State as R
from steward.registers.workforce.people import name_of
from steward.web.cases import CaseView

MILESTONES: Final = frozenset(
    {
        "open",
        "take",
        "accept",
        "arrive",
        "contain",
        "quote",
        "approve_quote",
        "consent",
        "decline_quote",
        "start",
        "suspend",
        "finish",
        "accept_work",
        "confirm_amount",
        "pay",
        "put_on_bill",
        "rate",
        "cancel",
        "answer",
        "ask_again",
        "arrange",
        "pass_on",
    }
)
FINISHED: Final = frozenset({R.CHECKING, R.DONE, R.SETTLING, R.CLOSED})
DONE_WORK: Final = frozenset({"finish", "decline_quote"})


@dataclass(frozen=True)
class Step:
    """A line of the road; ``state`` one of done, now, bad (late), or empty for what is to come."""

    label: str
    note: str = ""
    state: str = ""


def road(view: CaseView, now: datetime) -> list[Step]:
    if view.process.kind == "complaint":
        return complaints.road(view, now, Step)
    done = [Step(words.said(e, view.case), _time(e, now), "done") for e in this_round(view) if e.action in MILESTONES]
    if view.case.closed_at is not None:
        return done
    if view.process.kind != "repair":
        return [*done, *_ahead_of(view, now)]
    return [*done, *_ahead(view, now)]


#: Of the kinds beside the repair: what is still to come, and the clock that says until when.
AHEAD: Final[Mapping[str, Sequence[tuple[Any, str]]]] = {
    "suggestion": ((gettext_lazy("We decide, and answer you"), "answer"),),
    "praise": ((gettext_lazy("We pass your words on"), "pass_on"),),
    "service_order": (
        (gettext_lazy("We arrange who does it and when"), "arrange"),
        (gettext_lazy("It is done as ordered"), "fulfil"),
        (gettext_lazy("Payment, and our call to you"), "callback"),
    ),
}
REACHED: Final = {"arranged": 1, "done": 2}


def _ahead_of(view: CaseView, now: datetime) -> list[Step]:
    steps = AHEAD.get(view.process.kind, ((gettext_lazy("We answer you"), "answer"),))
    first = REACHED.get(view.case.state, 0) if len(steps) > 1 else 0
    current, key = steps[first]
    row = running(view, "fulfil")
    if view.case.state == "arranged" and row is not None and (at := view.detail.appointment_at) and at >= now:
        step = Step(str(current), when(at, now), "now")
    else:
        step = _now(view, str(current), key, now)
    return [step, *(Step(str(label), by(view, clock, now)) for label, clock in steps[first + 1 :])]


def this_round(view: CaseView) -> list[Entry]:
    """After a reopening the old round is history: it stands in the whole record only."""
    if view.case.round == 1:
        return view.entries
    ends = [n for n, e in enumerate(view.entries) if e.action in DONE_WORK]
    if view.case.state in FINISHED:
        ends = ends[:-1]
    if not ends:
        return view.entries
    after = [
        e for e in view.entries[ends[-1] + 1 :] if e.action not in {"accept_work", "confirm_amount", "pay", "rate"}
    ]
    return after or view.entries[-1:]


def _time(entry: Entry, now: datetime) -> str:
    return when(entry.happened_at, now)


def running(view: CaseView, key: str) -> Deadline | None:
    return next((d for d in view.deadlines if d.key == key and d.ended_at is None), None)


def by(view: CaseView, key: str, now: datetime) -> str:
    """A promise as a time; nothing while the clock stands or has passed."""
    row = running(view, key)
    if row is None or row.due_at is None or row.due_at < now:
        return ""
    return pgettext("promise", "by %(at)s") % {"at": when(row.due_at, now)}


def _now(view: CaseView, label: str, key: str, now: datetime) -> Step:
    row = running(view, key)
    delay = words.late(row.due_at, key, now) if row is not None else ""
    return Step(delay, label, "bad") if delay else Step(label, by(view, key, now), "now")


def _ahead(view: CaseView, now: datetime) -> list[Step]:
    """Now and to come, in the order in which a customer lives through it."""
    case, detail = view.case, view.detail
    if case.state == R.WAITING:
        at = when(case.promised_at, now) if case.promised_at else ""
        goes_on = ORDER.index(STAGE[R(detail.resume_state or R.ACCEPTED)])
        return [Step(_("Put off, goes on at the new time"), at, "now"), *_later(view, now, goes_on)]
    stage = STAGE[R(case.state)]
    return [_current(view, stage, now), *_later(view, now, ORDER.index(stage) + 1)]


STAGE: Final = {
    R.RECEIVED: "accept",
    R.DISPATCHED: "accept",
    R.ACCEPTED: "visit",
    R.ON_SITE: "look",
    R.SCOPED: "look",
    R.APPROVING: "look",
    R.QUOTED: "answer",
    R.AGREED: "work",
    R.WORKING: "work",
    R.CHECKING: "check",
    R.DONE: "amount",
    R.SETTLING: "end",
}
ORDER: Final = ("accept", "visit", "look", "answer", "work", "check", "amount", "end")


def _current(view: CaseView, stage: str, now: datetime) -> Step:
    """What happens at this moment, and until when."""
    detail = view.detail
    free = not words.customer_pays(detail)
    ours = {
        "accept": (_("A technician accepts"), "response"),
        "visit": (_("The technician comes, after a call"), "arrival"),
        "look": (
            _("The technician looks, then repairs") if free else _("The technician looks, and quotes"),
            "completion",
        ),
        "work": (_("Repair, you check it"), "completion"),
        "check": (_("One of us checks the work"), "acceptance"),
    }
    if stage == "visit" and detail.appointment_at and detail.appointment_at >= now:
        return Step(ours["visit"][0], when(detail.appointment_at, now), "now")
    if stage in ours:
        return _now(view, *ours[stage], now)
    if stage == "answer":
        return Step(_("You look at the quote, and decide"), by(view, "consent", now), "now")
    return Step(_("You confirm the amount"), money(detail.amount), "now") if stage == "amount" else _end(view, now)


def _end(view: CaseView, now: datetime) -> Step:
    detail = view.detail
    if not detail.settled_as:
        return Step(_("You pay at the desk, never to the technician"), money(detail.amount), "now")
    return _now(view, _("We call you, or you rate here"), "callback", now)


def _later(view: CaseView, now: datetime, first: int) -> list[Step]:
    """What is promised, from a stage of the order on."""
    rest = ORDER[first:]
    pays = words.customer_pays(view.detail)
    steps = {
        "visit": Step(_("The technician comes"), by(view, "arrival", now)),
        "look": Step(_("A look and a quote, no work before you agree"), "") if pays else None,
        "work": Step(_("Repair, you check it"), by(view, "completion", now)),
        "end": _promise_end(view, pays=pays, now=now),
    }
    return [step for key in rest if (step := steps.get(key)) is not None]


def _promise_end(view: CaseView, *, pays: bool, now: datetime) -> Step:
    urgent = view.case.urgency in {"P0", "P1"}
    within = _("within 24 hours of the repair") if urgent else _("within a week of the repair")
    label = _("Payment, and our call to you") if pays else _("Our call to you")
    return Step(label, by(view, "callback", now) or within)


def chased(view: CaseView, now: datetime) -> str:
    """What is being done about a delay: only what the record really shows."""
    late = [d for d in view.deadlines if d.ended_at is None and d.due_at and d.due_at < now and d.key in words.LATE]
    if not late:
        return ""
    row = max(late, key=lambda d: d.stage)
    who = name_of(view.case.handler_id or view.case.accountable_id)
    if row.stage >= 2:
        told = row.rungs[min(row.stage - 2, len(row.rungs) - 1)][1]
        name = name_of(view.case.accountable_id) if told == "accountable" else str(BOSSES.get(told, ""))
        return _("%(who)s was reminded, and it was reported to %(boss)s") % {"who": who, "boss": name}
    return _("%(who)s was reminded") % {"who": who} if row.stage == 1 and who else ""


BOSSES: Final[Mapping[str, Any]] = {
    "manager": gettext_lazy("the project manager"),
    "region": gettext_lazy("the regional office"),
}


def record(view: CaseView) -> list[tuple[str, str, str]]:
    """Every public line: date and time, the sentence, what was written."""
    lines = []
    for entry in view.entries:
        sentence = words.said(entry, view.case) or view.title_of(entry)
        at = f"{timezone.localtime(entry.happened_at):%m-%d %H:%M}"
        lines.append((at, sentence, entry.note if entry.action != "open" else view.case.description))
    return lines


def late_lines(view: CaseView, now: datetime) -> Sequence[str]:
    rows = (d for d in view.deadlines if d.ended_at is None)
    return [line for d in rows if (line := words.late(d.due_at, d.key, now))]
