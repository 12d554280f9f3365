"""How rows of cases are worded: state with icon and tone, time left, and the reply to copy for the customer."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import Any, Final

from django.conf import settings
from django.utils import translation
from django.utils.translation import gettext as _

from steward.cases.declare import REGISTRY, Process, Relation, process_of
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
    return _badge(process.kind, state, translation.get_language()) if process is not None else Badge(state)


# Declarations stand still while the program runs: a list asks for the same few again and again.
@lru_cache(maxsize=1024)
def _badge(kind: str, state: str, _language: str | None) -> Badge:
    process = REGISTRY[kind]
    label = str(process.state_title(state))
    if state in process.terminal:
        kept = state in process.road
        return Badge(label, "ok" if kept else "", "circle-check" if kept else "ban")
    if is_paused(process, state):
        return Badge(label, "wait", "player-pause")
    if state == process.initial:
        return Badge(label, "soon", "user-question")
    if is_with_customer(process, state):
        return Badge(label, "wait", "hourglass")
    return Badge(label, "brand", "checks") if state in process.completed_in else Badge(label, "", "progress")


def is_paused(process: Process | None, state: str) -> bool:
    return process is not None and any(state in rule.pauses_in for rule in process.deadlines)


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
    if row["next_due_at"] is None and is_paused(process_of(row["kind"]), row["state"]):
        until = row["promised_at"]
        reason = _("resumes %(at)s") % {"at": when(until, at)} if until else ""
        return clock_face(None, at, paused=True, reason=reason)
    return clock_face(row["next_due_at"], at)


def reply_text(row: Mapping[str, Any]) -> str:
    """What the desk may paste into the customer's chat, in the customer's language."""
    words = _reply_words(row["kind"], row["state"])
    who = row["handler_name"] or row["accountable_name"]
    said = words.stands + (words.in_charge if who else "") + words.project
    return said % {
        "kind": words.kind,
        "title": row["title"],
        "number": row["number"],
        "state": words.state,
        "who": who,
        "project": place(row["project_id"]).name,
    }


@dataclass(frozen=True)
class _Reply:
    kind: str
    state: str
    stands: str
    in_charge: str
    project: str


@lru_cache(maxsize=1024)
def _reply_words(kind: str, state: str) -> _Reply:
    process = process_of(kind)
    with translation.override(CUSTOMERS_LANGUAGE):
        return _Reply(
            kind=str(process.title) if process else kind,
            state=str(process.state_title(state)) if process else state,
            stands=_("Your %(kind)s “%(title)s” (%(number)s) now stands at: %(state)s."),
            in_charge=_(" %(who)s is in charge."),
            project=_(" — %(project)s"),
        )
