"""Replays from a phone that the rules refused: kept whole for the office, so that nothing typed is lost."""

import json
import uuid
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from steward.cases.engine import Outcome, act
from steward.cases.models import Case, Entry
from steward.casework.models import Conflict, SubTask
from steward.kernel.actor import Actor
from steward.kernel.db import write
from steward.kernel.errors import RefusalError


def keep(
    *,
    project_id: int,
    number: str,
    action: str,
    actor: Actor,
    at: datetime,
    client_uuid: uuid.UUID,
    raw: Mapping[str, Any],
    note: str,
    happened_at: datetime | None,
    refusal: RefusalError,
) -> bool:
    """Keep a refused replay, pictures as the identifiers of their attachments. The same again adds nothing.

    False, and nothing is kept, for a case that the actor neither sees nor ever had in hand.
    """
    case = Case.objects.in_project(project_id).filter(number=number).first()
    if case is None or project_id not in actor.project_ids or not _concerns(case, actor):
        return False
    with write():
        Conflict.objects.bulk_create(
            [
                Conflict(
                    project_id=project_id,
                    case=case,
                    action=action[:30],
                    actor_key=actor.key,
                    actor_name=actor.name,
                    client_uuid=client_uuid,
                    happened_at=happened_at or at,
                    received_at=at,
                    note=note.replace("\x00", ""),
                    data=json.loads(json.dumps(dict(raw), default=str).replace("\\u0000", "")),
                    reason=str(refusal)[:300],
                    rule=refusal.rule,
                )
            ],
            ignore_conflicts=True,
        )
    return True


def act_or_keep(*, project_id: int, number: str, action: str, actor: Actor, at: datetime, **asked: Any) -> Outcome:
    """``engine.act`` for an offline queue: what the rules refuse is kept for the office, then raised."""
    try:
        return act(project_id=project_id, number=number, action=action, actor=actor, at=at, **asked)
    except RefusalError as refusal:
        if was_done(project_id, actor, asked["client_uuid"]):
            raise
        keep(
            project_id=project_id,
            number=number,
            action=action,
            actor=actor,
            at=at,
            client_uuid=asked["client_uuid"],
            raw=asked.get("data") or {},
            note=asked.get("note", ""),
            happened_at=asked.get("happened_at"),
            refusal=refusal,
        )
        raise


def _concerns(case: Case, actor: Actor) -> bool:
    """Visible now, it was this person's until somebody else was sent, or a part of it is asked of this person."""
    if Case.objects.visible_to(actor).filter(pk=case.pk).exists():
        return True
    entries = Entry.objects.in_project(case.project_id).filter(case_id=case.pk)
    if entries.filter(actor_key=actor.key).exists():
        return True
    if SubTask.objects.visible_to(actor).filter(project_id=case.project_id, case_id=case.pk).exists():
        return True
    handlers = {str(handler) for handler in entries.values_list("data__handler", flat=True)}
    return actor.staff_id is not None and str(actor.staff_id) in handlers


def refused_before(project_id: int, actor: Actor, client_uuid: uuid.UUID) -> Conflict | None:
    """What became of this replay when it came the first time."""
    found = Conflict.objects.in_project(project_id).filter(actor_key=actor.key, client_uuid=client_uuid)
    return found.select_related("case").first()


def was_done(project_id: int, actor: Actor, client_uuid: uuid.UUID) -> bool:
    """Already carried out, though the case may be out of the actor's sight by now."""
    return Entry.objects.in_project(project_id).filter(actor_key=actor.key, client_uuid=client_uuid).exists()
