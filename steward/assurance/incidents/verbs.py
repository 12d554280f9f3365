"""What is done with an incident: opened, told about, closed; cases added and taken out."""

import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final

from django.utils.translation import gettext_lazy as _

from steward.assurance.incidents import forms, telling
from steward.assurance.incidents.numbers import next_number
from steward.assurance.incidents.placing import cover
from steward.assurance.incidents.shared import Asked, act, along, check, claim, entry, links_of, load, safely
from steward.assurance.incidents.together import OVER, Event
from steward.assurance.models import Incident, IncidentCase, IncidentEntry, IncidentStep
from steward.cases import engine
from steward.cases.declare import process_of
from steward.cases.models import Case
from steward.casework.categories import categories
from steward.casework.intake.opening import open_case
from steward.kernel.actor import Actor
from steward.kernel.asking import is_asked
from steward.kernel.claims import SKEW
from steward.kernel.db import retrying
from steward.kernel.errors import ConflictError, InvalidError, NotFoundError, RefusalError
from steward.kernel.schema import parse
from steward.registers.workforce.people import must_work_in

DEFAULT_KIND: Final = "repair"


@dataclass
class Closing:
    """What became of the cases: done with the incident (``waits``: of these, what one of ours has to accept), or left
    open with the reason."""

    incident: Incident
    done: list[str] = field(default_factory=list)
    waits: list[str] = field(default_factory=list)
    left: dict[str, str] = field(default_factory=dict)


def open_incident(
    *, project_id: int, actor: Actor, at: datetime, client_uuid: uuid.UUID, data: Mapping[str, Any]
) -> Incident:
    """Open it and tell everybody affected. Raises NotAllowedError, InvalidError (naming the field), ConflictError."""
    asked = Asked(project_id, actor, at, client_uuid, data)
    return safely(asked, lambda: _open(asked, parse(forms.OpenIncident, data)))


def _open(asked: Asked, data: forms.OpenIncident) -> Incident:
    check(asked.actor, asked.project_id)
    must_work_in(asked.project_id, handler=data.handler)
    started = data.started_at or asked.at
    if started > asked.at + SKEW:
        raise InvalidError({"started_at": _("This lies in the future.")})
    if data.expected_at is not None and data.expected_at <= started:
        raise InvalidError({"expected_at": _("The end lies before the beginning.")})
    incident = Incident(
        project_id=asked.project_id,
        number=next_number(asked.project_id, asked.at),
        title=data.title,
        category_id=_category(data.category, asked.project_id),
        urgency=data.urgency,
        cause=data.cause,
        words=data.words,
        started_at=min(started, asked.at),
        expected_at=data.expected_at,
        handler_id=data.handler,
        accountable_id=asked.actor.staff_id,
        opened_at=asked.at,
    )
    cover(incident, building_id=data.building, entrance=data.entrance, floors=(data.floor_from, data.floor_to))
    incident.save(force_insert=True)
    line = entry(incident, IncidentStep.OPENED, asked, words=data.words)
    for number in dict.fromkeys(data.cases):
        _link(incident, number, asked, seq=None)
    telling.tell(incident, line, telling.recipients(incident, asked.at), at=asked.at)
    return incident


def _category(code: str, project_id: int) -> int | None:
    """``repair.water``, or a code alone, which then is a repair's."""
    if not code:
        return None
    kind, _dot, own = code.rpartition(".")
    for row in categories().values():
        if (row.kind, row.code) == (kind or DEFAULT_KIND, own) and row.node_id in (None, project_id):
            return row.id
    raise InvalidError({"category": _("There is no such category.")})


def link_case(
    *, project_id: int, number: str, case_number: str, actor: Actor, at: datetime, client_uuid: uuid.UUID
) -> Incident:
    """The case has this cause: its clocks run with the incident's, its customer hears what the others heard."""
    asked = Asked(project_id, actor, at, client_uuid, {"case": case_number}, number)

    def do() -> Incident:
        incident = claim(asked)
        _link(incident, case_number, asked, seq=incident.version)
        return incident

    return safely(asked, do)


def _link(incident: Incident, case_number: str, asked: Asked, *, seq: int | None) -> None:
    """``seq`` None: with the opening, whose notice follows."""
    case, _detail, process = engine.load(incident.project_id, case_number, asked.actor)
    if case.state in process.terminal or case.is_imported:
        raise ConflictError(_("This case is closed already."), rule="incident.open_case")
    known = IncidentCase.objects.in_project(incident.project_id).filter(case_id=case.pk, ended_at__isnull=True)
    if known.exists():
        raise ConflictError(_("This case belongs to an incident already."), rule="incident.one_cause")
    IncidentCase.objects.create(
        project_id=incident.project_id,
        incident=incident,
        case=case,
        linked_at=asked.at,
        linked_by_name=asked.actor.name,
    )
    along(incident, case, Event.JOINED, asked, words=incident.words)
    if seq is None:
        return
    entry(incident, IncidentStep.LINKED, asked, case=case)
    missed = telling.last_told(incident)
    if missed is not None and case.customer_id:
        telling.tell(incident, missed, [case.customer_id], at=asked.at)


def unlink_case(
    *,
    project_id: int,
    number: str,
    case_number: str,
    actor: Actor,
    at: datetime,
    client_uuid: uuid.UUID,
    data: Mapping[str, Any],
) -> Incident:
    """Its cause is another: the case goes its own way again, with the clocks it always had."""
    asked = Asked(project_id, actor, at, client_uuid, {"case": case_number, **data}, number)

    def do() -> Incident:
        why = parse(forms.Reason, data).reason
        incident = claim(asked)
        link = links_of(incident).filter(case__number=case_number).select_related("case").first()
        if link is None:
            raise NotFoundError(_("There is no such case."))
        link.ended_at, link.ended_why = at, why
        link.save(update_fields=["ended_at", "ended_why"])
        entry(incident, IncidentStep.UNLINKED, asked, words=why, case=link.case)
        along(incident, link.case, Event.LEFT, asked, words=why)
        return incident

    return safely(asked, do)


def add_caller(
    *, project_id: int, number: str, actor: Actor, at: datetime, client_uuid: uuid.UUID, data: Mapping[str, Any]
) -> Case:
    """One key for the next who calls: a case of their own, linked at once. Raises as opening a case does."""
    caller = parse(forms.Caller, data)
    incident = load(project_id=project_id, number=number, actor=actor)
    check(actor, project_id)
    category = categories().get(incident.category_id or 0)
    kind = category.kind if category else DEFAULT_KIND
    raw = {"title": incident.title, "category": category.code if category else "", "urgency": incident.urgency}
    raw |= {k: v for k, v in caller.model_dump().items() if v}
    if not caller.unit:
        raw["place"] = incident.place

    def do() -> Case:
        first = uuid.uuid5(client_uuid, "case")
        case = open_case(project_id=project_id, kind=kind, actor=actor, at=at, client_uuid=first, data=raw).case
        link_case(
            project_id=project_id,
            number=number,
            case_number=case.number,
            actor=actor,
            at=at,
            client_uuid=uuid.uuid5(client_uuid, "link"),
        )
        return case

    return retrying(do)


def tell_news(
    *, project_id: int, number: str, actor: Actor, at: datetime, client_uuid: uuid.UUID, data: Mapping[str, Any]
) -> Incident:
    """News, or an honest new time: to everybody affected, once."""
    asked = Asked(project_id, actor, at, client_uuid, data, number)

    def do() -> Incident:
        news = parse(forms.News, data)
        if news.expected_at is not None and news.expected_at <= at:
            raise InvalidError({"expected_at": _("This time has passed already.")})
        incident = claim(asked, words=news.words, expected_at=news.expected_at)
        line = entry(incident, IncidentStep.UPDATED, asked, words=news.words)
        for link in links_of(incident).select_related("case"):
            along(incident, link.case, Event.NEWS, asked, words=news.words)
        telling.tell(incident, line, telling.recipients(incident, at), at=at)
        return incident

    return safely(asked, do)


def on_site(*, project_id: int, number: str, actor: Actor, at: datetime, client_uuid: uuid.UUID) -> Incident:
    """Somebody is there: one arrival for all of them."""
    asked = Asked(project_id, actor, at, client_uuid, {}, number)

    def do() -> Incident:
        incident = claim(asked)
        entry(incident, IncidentStep.ON_SITE, asked)
        for link in links_of(incident).select_related("case"):
            along(incident, link.case, Event.ON_SITE, asked)
        return incident

    return safely(asked, do)


def close_incident(
    *, project_id: int, number: str, actor: Actor, at: datetime, client_uuid: uuid.UUID, data: Mapping[str, Any]
) -> Closing:
    """One closing: each linked case is completed by its own process and keeps its callback; all affected are told.
    Work on common parts is completed, and still to be accepted.

    What a process refuses (a quote agreed, somebody at work) stays open, named with the reason.
    """
    asked = Asked(project_id, actor, at, client_uuid, data, number)
    closing: list[Closing] = []

    def do() -> Incident:
        said = parse(forms.CloseIncident, data)
        before = load(project_id=project_id, number=number, actor=actor)
        ended = said.ended_at or at
        if not before.started_at <= ended <= at + SKEW:
            raise InvalidError({"ended_at": _("Between the beginning and now.")})
        incident = claim(asked, closed_at=min(ended, at), words=said.words, cause=said.cause or before.cause)
        affected = telling.recipients(incident, at)
        done = _finish(incident, said, asked)
        became: dict[str, Any] = {"left": done.left, "done": done.done, "waits": done.waits}
        line = entry(incident, IncidentStep.CLOSED, asked, words=said.words, **became)
        links_of(incident).update(ended_at=at)
        telling.tell(incident, line, affected, at=at)
        closing[:] = [done]
        return incident

    incident = safely(asked, do)
    return closing[0] if closing else _as_closed(incident)


def _finish(incident: Incident, said: forms.CloseIncident, asked: Asked) -> Closing:
    closing = Closing(incident)
    for link in links_of(incident).select_related("case").order_by("pk"):
        number = link.case.number
        why = _over(link.case, closing, said.words, asked)
        if why:
            closing.left[number] = why
        else:
            closing.done.append(number)
    return closing


def _over(case: Case, closing: Closing, words: str, asked: Asked) -> str:
    """Why not; empty when it is done."""
    process, incident = process_of(case.kind), closing.incident
    if process is None or process.action(OVER) is None:
        return str(_("This kind of case is settled by itself."))
    try:
        done = act(case, OVER, {"incident": incident.number, "words": words, "handler": incident.handler_id}, asked)
    except RefusalError as error:
        return str(error)
    if is_asked(done.kind, done.state):
        closing.waits.append(case.number)
    return ""


def _as_closed(incident: Incident) -> Closing:
    """The answer to a request that was already carried out."""
    rows = IncidentEntry.objects.in_project(incident.project_id).filter(incident_id=incident.pk)
    last = rows.filter(step=IncidentStep.CLOSED).first()
    data = last.data if last else {}
    return Closing(incident, list(data.get("done", [])), list(data.get("waits", [])), dict(data.get("left", {})))


__all__ = [
    "Closing",
    "add_caller",
    "close_incident",
    "link_case",
    "load",
    "on_site",
    "open_incident",
    "tell_news",
    "unlink_case",
]
