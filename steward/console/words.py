"""How rows of cases are worded: state with icon and tone, time left, and the reply to copy for the customer."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from django.conf import settings
from django.utils import translation
from django.utils.translation import gettext as _

from steward.cases.declare import Process, Relation, process_of
from steward.cases.models import Urgency
from steward.design.clockface import ClockFace, Tone, clock_face, when
from steward.registers.org.tree import place

CUSTOMERS_LANGUAGE: Final = settings.LANGUAGE_CODE
URGENT: Final = {Urgency.P0: ("late", "urgent"), Urgency.P1: ("late", "urgent")}


@dataclass(frozen=True)
class Badge:
    label: str
    tone: Tone = ""
    icon: str = ""


def state_badge(process: Process | None, state: str) -> Badge:
    """By what the declaration says of the state: new, paused, with the customer, finished."""
    if process is None:
        return Badge(state)
    label = str(process.state_title(state))
    if state in process.terminal:
        kept = state in process.road
        return Badge(label, "ok" if kept else "", "circle-check" if kept else "ban")
    if any(state in rule.pauses_in for rule in process.deadlines):
        return Badge(label, "wait", "player-pause")
    if state == process.initial:
        return Badge(label, "soon", "user-question")
    if is_with_customer(process, state):
        return Badge(label, "wait", "hourglass")
    return Badge(label, "brand", "checks") if state in process.completed_in else Badge(label, "", "progress")


def is_with_customer(process: Process, state: str) -> bool:
    """The next step is the customer's answer."""
    return any(a.primary and state in a.source and Relation.CUSTOMER in a.by.relations for a in process.actions)


def urgency_badge(urgency: str) -> Badge | None:
    """Only what must stand out: danger and urgent."""
    if urgency not in URGENT:
        return None
    tone, icon = URGENT[Urgency(urgency)]
    return Badge(str(Urgency(urgency).label), "late" if tone == "late" else "", icon)


def row_face(row: Mapping[str, Any], at: datetime) -> ClockFace:
    """Time left of a row; imported ones are judged by the other system's target."""
    if row["is_imported"]:
        return clock_face(row["imported_target_at"], at, met_at=row["closed_at"])
    if row["closed_at"] is not None:
        return ClockFace(tone="", icon="circle-check", word=_("Closed"), detail=when(row["closed_at"], at))
    process = process_of(row["kind"])
    paused = process is not None and any(row["state"] in rule.pauses_in for rule in process.deadlines)
    if row["next_due_at"] is None and paused:
        until = row["promised_at"]
        reason = _("resumes %(at)s") % {"at": when(until, at)} if until else ""
        return clock_face(None, at, paused=True, reason=reason)
    return clock_face(row["next_due_at"], at)


def reply_text(row: Mapping[str, Any]) -> str:
    """What the desk may paste into the customer's chat, in the customer's language."""
    process = process_of(row["kind"])
    with translation.override(CUSTOMERS_LANGUAGE):
        text = _("Your %(kind)s “%(title)s” (%(number)s) now stands at: %(state)s.") % {
            "kind": process.title if process else row["kind"],
            "title": row["title"],
            "number": row["number"],
            "state": process.state_title(row["state"]) if process else row["state"],
        }
        who = row["handler_name"] or row["accountable_name"]
        if who:
            text += _(" %(who)s is in charge.") % {"who": who}
        return text + _(" — %(project)s") % {"project": place(row["project_id"]).name}
