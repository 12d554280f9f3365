"""What saving a new case sets in motion, computed by the same rules that will start its clocks."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from steward.cases import deadlines
from steward.cases.declare import Process, process_of
from steward.cases.models import Case, Urgency
from steward.casework.categories import category_by_code
from steward.casework.intake.proposals import Candidate, candidates
from steward.casework.intake.receiving import may_send
from steward.console.shell import Desk
from steward.design.clockface import duration, when
from steward.registers.org.tree import Place
from steward.web.forms import local_instant


@dataclass(frozen=True)
class Promised:
    title: str
    due: str
    span: str


@dataclass(frozen=True)
class Promise:
    """``urgency`` in words; ``begins`` only where the clock starts before it was typed in."""

    urgency: str
    is_urgent: bool
    clocks: list[Promised]
    begins: str
    accountable: str
    told: bool
    asks_consent: bool
    send: tuple[Candidate, ...] = ()
    send_to: int | None = None


def of(desk: Desk, where: Place, kind: str, values: Mapping[str, Any]) -> Promise | None:
    """No query: policies and calendar are known; four where somebody can be sent at once."""
    process = process_of(kind)
    if process is None:
        return None
    category = category_by_code(kind, values.get("category", ""), where.id)
    urgency = values.get("urgency") or (category.urgency if category else "")
    urgency = urgency if urgency in Urgency.values else ""
    received = _received(values.get("received_at", ""), where, desk.at)
    probe = Case(project_id=where.id, kind=kind, urgency=urgency, round=1, state=process.initial)
    started = [
        (rule, deadlines.start(rule, probe, started_at=received, at=desk.at))
        for rule in process.deadlines
        if process.initial in rule.runs_in
    ]
    clocks = [
        Promised(str(rule.title), when(row.due_at, desk.at), duration(timedelta(minutes=row.minutes)))
        for rule, row in started
        if row is not None and row.due_at is not None
    ]
    is_urgent = urgency in (Urgency.P0, Urgency.P1)
    send = _send(desk, where, process, category.skill if category else "") if is_urgent else ()
    return Promise(
        urgency=str(Urgency(urgency).label) if urgency else "",
        is_urgent=is_urgent,
        clocks=clocks,
        begins=when(received, desk.at) if received < desk.at else "",
        accountable=desk.actor.name,
        told=bool(values.get("customer_id") or values.get("customer")),
        asks_consent="payer" in process.open_form.model_fields and values.get("payer", "") in ("", "owner", "orderer"),
        send=send,
        send_to=_chosen(send, values.get("send_to", "")),
    )


def _send(desk: Desk, where: Place, process: Process, skill: str) -> tuple[Candidate, ...]:
    """Whom an urgent case may be sent to with the same key that saves it."""
    if not may_send(process, where.id, desk.actor):
        return ()
    return tuple(candidates(where.id, skill=skill, at=desk.at))


def _chosen(send: tuple[Candidate, ...], wanted: str) -> int | None:
    first = next((c.staff_id for c in send if not c.away), None)
    return next((c.staff_id for c in send if str(c.staff_id) == wanted), first)


def _received(text: str, where: Place, at: datetime) -> datetime:
    """As typed in the project's time; nonsense is told on saving."""
    found = local_instant(text, where.tz) if text else at
    return min(found, at) if isinstance(found, datetime) else at
