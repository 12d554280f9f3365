"""The road of a complaint as whoever complained lives through it: heard, answered, put right, asked."""

from collections.abc import Callable
from datetime import datetime
from typing import Any, Final

from django.utils.translation import gettext as _

from steward.design.clockface import when
from steward.portal import words
from steward.processes.complaint.models import State as C
from steward.web.cases import CaseView

STAGES: Final = (
    frozenset({C.RECEIVED}),
    frozenset({C.ACKNOWLEDGED, C.ASSIGNED, C.INVESTIGATED}),
    frozenset({C.ANSWERED, C.PLAN_ASKED, C.PLANNED}),
    frozenset({C.SOLVED}),
)
TOLD: Final = frozenset({"open", "answer", "evaluate", "reopen", "cancel"})

Make = Callable[..., Any]


def road(view: CaseView, now: datetime, step: Make) -> list[Any]:
    """``step(label, note, state)`` makes a line. Findings and causes are ours; the answer and the outcome are theirs."""
    done = [step(words.said(e, view.case), when(e.happened_at, now), "done") for e in _told(view)]
    detail = view.detail
    if detail is not None and detail.finished_at is not None:
        put = step(_("Put right: %(what)s") % {"what": detail.solution}, when(detail.finished_at, now), "done")
        rated = len(done) - sum(
            1 for e in _told(view) if e.action == "evaluate" and e.happened_at >= detail.finished_at
        )
        done.insert(rated, put)
    if view.case.closed_at is not None:
        return done
    here = next((n for n, states in enumerate(STAGES) if view.case.state in states), 0)
    promised = [_promise(view, n, now, step) for n in range(here, len(STAGES))]
    return [*done, *promised]


def _told(view: CaseView) -> list[Any]:
    """Of this round; what was said before stands in the whole record."""
    entries = list(view.entries)
    again = [n for n, e in enumerate(entries) if e.action == "reopen"]
    return [e for e in (entries[again[-1] :] if again else entries) if e.action in TOLD]


def _promise(view: CaseView, stage: int, now: datetime, step: Make) -> Any:
    planned = view.case.state == C.PLANNED
    label, key = (
        (_("We take it up, and say who is on it"), "acknowledge"),
        (_("We look into it, and answer you"), "answer"),
        (_("We put it right"), "plan" if planned else "solution"),
        (_("We call you, or you say here whether you agree"), "callback"),
    )[stage]
    row = next((d for d in view.deadlines if d.key == key and d.ended_at is None), None)
    here = view.case.state in STAGES[stage]
    if row is None or row.due_at is None:
        return step(label, _("within a week") if key == "callback" else "", "now" if here else "")
    delay = words.late(row.due_at, key, now)
    if delay:
        return step(delay, label, "bad")
    return step(label, _("by %(at)s") % {"at": when(row.due_at, now)}, "now" if here else "")
