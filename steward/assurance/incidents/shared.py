"""What every verb of an incident rests on: scope, one writer at a time, one line of the timeline, repeats."""

import hashlib
import json
import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from django.db import IntegrityError
from django.utils.translation import gettext_lazy as _

from steward.assurance.incidents.together import JOIN, Event, on_behalf_of
from steward.assurance.models import Incident, IncidentCase, IncidentEntry, IncidentStep
from steward.cases import engine
from steward.cases.declare import process_of
from steward.cases.models import Case
from steward.kernel.actor import Actor, Role
from steward.kernel.db import CollisionError, retrying
from steward.kernel.errors import ConflictError, InvalidError, NotAllowedError, NotFoundError
from steward.kernel.scope import ScopedQuerySet

MAY: Final = (Role.DESK, Role.BUTLER, Role.HEAD_BUTLER, Role.MANAGER)


@dataclass(frozen=True)
class Asked:
    """A request about one incident; the same again is answered, not done twice."""

    project_id: int
    actor: Actor
    at: datetime
    client_uuid: uuid.UUID
    raw: Mapping[str, Any]
    number: str = ""

    @property
    def digest(self) -> str:
        text = json.dumps([self.number, dict(self.raw)], sort_keys=True, ensure_ascii=False, default=str)
        return hashlib.sha256(text.encode(errors="surrogatepass")).hexdigest()


def load(*, project_id: int, number: str, actor: Actor) -> Incident:
    """Raises NotFoundError out of scope."""
    found = Incident.objects.visible_to(actor).filter(project_id=project_id, number=number).first()
    if found is None:
        raise NotFoundError(_("There is no such incident."))
    return found


def check(actor: Actor, project_id: int) -> None:
    if project_id not in actor.project_ids:
        raise NotFoundError(_("There is no such project."))
    if not any(actor.has(role, project_id) for role in MAY):
        raise NotAllowedError(_("This is not yours to do."), rule="incident.role")


def claim(asked: Asked, **changes: Any) -> Incident:
    """Compare-and-swap on the version: two people at once, one after the other."""
    incident = load(project_id=asked.project_id, number=asked.number, actor=asked.actor)
    check(asked.actor, asked.project_id)
    if incident.closed_at is not None:
        raise ConflictError(_("This incident is over."), rule="incident.closed")
    seen = incident.version
    rows = Incident.objects.in_project(asked.project_id).filter(pk=incident.pk, version=seen, closed_at__isnull=True)
    if not rows.update(version=seen + 1, **changes):
        raise CollisionError
    for name, value in {**changes, "version": seen + 1}.items():
        setattr(incident, name, value)
    return incident


def links_of(incident: Incident) -> ScopedQuerySet[IncidentCase]:
    return IncidentCase.objects.in_project(incident.project_id).filter(incident_id=incident.pk, ended_at__isnull=True)


def entry(
    incident: Incident, step: IncidentStep, asked: Asked, *, words: str = "", case: Case | None = None, **data: Any
) -> IncidentEntry:
    return IncidentEntry.objects.create(
        project_id=incident.project_id,
        incident=incident,
        seq=incident.version,
        step=step,
        at=asked.at,
        actor_key=asked.actor.key,
        actor_name=asked.actor.name,
        client_uuid=asked.client_uuid,
        payload_hash=asked.digest,
        words=words,
        expected_at=incident.expected_at,
        case=case,
        data=data,
    )


def along(incident: Incident, case: Case, event: Event, asked: Asked, *, words: str = "") -> None:
    """The case hears of it in its own timeline; a process that takes no part, or a step too late, changes nothing."""
    process = process_of(case.kind)
    action = process.action(JOIN) if process else None
    if action is None or case.state not in action.source:
        return
    expected = incident.expected_at.isoformat() if incident.expected_at else None
    raw = {"incident": incident.number, "event": event.value, "words": words, "expected_at": expected}
    act(case, JOIN, {k: v for k, v in raw.items() if v}, asked)


def act(case: Case, action: str, raw: dict[str, Any], asked: Asked) -> Case:
    return engine.act(
        project_id=case.project_id,
        number=case.number,
        action=action,
        actor=on_behalf_of(asked.actor),
        at=asked.at,
        client_uuid=uuid.uuid5(asked.client_uuid, f"{case.number}:{action}"),
        data=raw,
    ).case


def safely(asked: Asked, do: Callable[[], Incident]) -> Incident:
    """Once, however often it is sent: the first answer again, or InvalidError where the payload is another."""
    known = first_answer(asked)
    if known is not None:
        return known
    try:
        return retrying(do)
    except (IntegrityError, CollisionError) as error:
        known = first_answer(asked)
        if known is not None:
            return known
        raise ConflictError(_("Somebody else was faster. Look again."), rule="incident.compare_and_swap") from error


def first_answer(asked: Asked) -> Incident | None:
    rows = IncidentEntry.objects.in_project(asked.project_id).select_related("incident")
    known = rows.filter(actor_key=asked.actor.key, client_uuid=asked.client_uuid).first()
    if known is None:
        return None
    if known.payload_hash != asked.digest:
        raise InvalidError({"client_uuid": _("This identifier was already used for another request.")})
    found: Incident = known.incident
    return found
