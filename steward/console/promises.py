"""What saving a new case sets in motion, computed by the same rules that will start its clocks."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from steward.cases import deadlines
from steward.cases.declare import process_of
from steward.cases.models import Case, Urgency
from steward.casework.categories import category_by_code
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


def of(desk: Desk, where: Place, kind: str, values: Mapping[str, Any]) -> Promise | None:
    """No query: policies and calendar are known."""
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
    return Promise(
        urgency=str(Urgency(urgency).label) if urgency else "",
        is_urgent=urgency in (Urgency.P0, Urgency.P1),
        clocks=clocks,
        begins=when(received, desk.at) if received < desk.at else "",
        accountable=desk.actor.name,
        told=bool(values.get("customer_id") or values.get("customer")),
        asks_consent="payer" in process.open_form.model_fields and values.get("payer", "") in ("", "owner", "orderer"),
    )


def _received(text: str, where: Place, at: datetime) -> datetime:
    """As typed in the project's time; nonsense is told on saving."""
    found = local_instant(text, where.tz) if text else at
    return min(found, at) if isinstance(found, datetime) else at
