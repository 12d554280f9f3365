"""Refused replays, settled by the office: done in its own name, or put aside with a word."""

import uuid
from collections.abc import Iterator
from datetime import datetime
from typing import Any, Final

from django.utils.translation import gettext_lazy as _

from steward.cases.declare import DESK, process_of
from steward.cases.models import Case, Entry
from steward.casework.models import Conflict
from steward.kernel.actor import Actor
from steward.kernel.db import CollisionError, retrying, write
from steward.kernel.errors import ConflictError, InvalidError, NotAllowedError, NotFoundError
from steward.kernel.files import names_uploads
from steward.kernel.models import Attachment
from steward.kernel.schema import Label, storable

SPACE: Final = uuid.UUID("5b1c6c0a-8f0e-4d1e-9a55-2f3a1f6d7b20")
PICTURES: Final = frozenset({"photos", "signature"})
SHORTEST, LONGEST = 2, 200


def get(*, project_id: int, pk: int, actor: Actor) -> Conflict:
    """With its case. Raises NotFoundError out of scope."""
    rows = Conflict.objects.visible_to(actor).filter(project_id=project_id, pk=pk)
    found = rows.select_related("case").first()
    if found is None or not actor.is_staff:
        raise NotFoundError(_("There is no such entry."))
    return found


def may_settle(conflict: Conflict, actor: Actor) -> bool:
    return actor.is_staff and DESK.allows(actor, conflict.case)


def resolve_conflict(*, project_id: int, pk: int, resolution: str, actor: Actor, at: datetime) -> Conflict:
    """Put a refused replay away, with a word that stands in the case's timeline. The same again changes nothing.

    Raises NotFoundError (out of scope), NotAllowedError (not the office), InvalidError (no word),
    ConflictError (somebody settled it otherwise).
    """
    words = resolution.strip()
    if not storable(words):
        raise InvalidError({"resolution": _("Contains a character that cannot be stored.")})
    if not SHORTEST <= len(words) <= LONGEST:
        raise InvalidError({"resolution": _("Say in a few words how it was settled.")})
    return retrying(lambda: _resolve(project_id, pk, words, actor, at))


def _resolve(project_id: int, pk: int, words: str, actor: Actor, at: datetime) -> Conflict:
    conflict = get(project_id=project_id, pk=pk, actor=actor)
    if not may_settle(conflict, actor):
        raise NotAllowedError(_("This is not yours to do."), rule="case.role")
    if conflict.resolved_at is not None:
        if (conflict.resolved_by, conflict.resolution) == (actor.key, words):
            return conflict
        raise ConflictError(_("Somebody has settled this already."), rule="conflict.settled_once")
    won = (
        Conflict.objects.in_project(project_id)
        .filter(pk=pk, resolved_at__isnull=True)
        .update(resolved_at=at, resolved_by=actor.key, resolution=words)
    )
    if not won:
        raise CollisionError
    _note(conflict, words, actor, at)
    conflict.resolved_at, conflict.resolved_by, conflict.resolution = at, actor.key, words
    return conflict


def _note(conflict: Conflict, words: str, actor: Actor, at: datetime) -> None:
    """One line of the timeline; not public: what went wrong between phone and office is ours."""
    case = conflict.case
    won = (
        Case.objects.in_project(case.project_id)
        .filter(pk=case.pk, version=case.version)
        .update(version=case.version + 1, updated_at=at)
    )
    if not won:
        raise CollisionError
    Entry.objects.create(
        project_id=case.project_id,
        case=case,
        seq=case.version + 1,
        action="settle",
        from_state=case.state,
        to_state=case.state,
        actor_kind=actor.kind,
        actor_key=actor.key,
        actor_name=actor.name,
        client_uuid=uuid.uuid5(SPACE, f"{conflict.project_id}:{conflict.pk}"),
        payload_hash="",
        happened_at=at,
        recorded_at=at,
        note=words,
        data={"refused": conflict.action, "by": conflict.actor_name, "reason": conflict.reason},
    )


# --- pictures ----------------------------------------------------------------------------------


def pictures(conflict: Conflict) -> list[int]:
    """Attachments that were typed in with it, in order."""
    return list(dict.fromkeys(_pictures(conflict)))


@names_uploads
def sent_by(project_id: int, uploader: str) -> set[int]:
    """They hang on no case yet, and still are the office's to see."""
    rows = Conflict.objects.in_project(project_id).filter(actor_key=uploader).select_related("case")
    return {pk for row in rows for pk in pictures(row)}


def _pictures(conflict: Conflict) -> Iterator[int]:
    for name in picture_fields(conflict):
        value = conflict.data.get(name)
        for item in value if isinstance(value, list) else [value]:
            if isinstance(item, int) or (isinstance(item, str) and item.isascii() and item.isdecimal()):
                yield int(item)


def picture_fields(conflict: Conflict) -> list[str]:
    process = process_of(conflict.case.kind)
    action = process.action(conflict.action) if process else None
    fields = action.form.model_fields.items() if action else ()
    return [
        n for n, info in fields if isinstance(info.json_schema_extra, Label) and info.json_schema_extra.kind in PICTURES
    ]


def holds_picture(actor: Actor, attachment: Attachment) -> bool:
    """The office sees the pictures of a refused replay: they hang on no case yet."""
    if not actor.is_staff:
        return False
    rows = Conflict.objects.visible_to(actor).filter(project_id=attachment.project_id, actor_key=attachment.uploaded_by)
    return any(attachment.pk in pictures(row) for row in rows.select_related("case").order_by("-pk")[:100])


def adopt_pictures(conflict: Conflict, *, actor: Actor, at: datetime) -> dict[int, int]:
    """Copies in the name of whoever does it now: an action hangs up only its actor's own uploads. Repeatable."""
    rows = Attachment.objects.in_project(conflict.project_id).filter(
        pk__in=pictures(conflict), uploaded_by=conflict.actor_key
    )
    found: dict[int, int] = {}
    with write():
        for row in rows:
            same: dict[str, Any] = {name: getattr(row, name) for name in ("sha256", "name", "content_type", "size")}
            copy, _new = Attachment.objects.in_project(conflict.project_id).get_or_create(
                project_id=conflict.project_id,
                uploaded_by=actor.key,
                client_uuid=uuid.uuid5(SPACE, f"{conflict.project_id}:{conflict.pk}:{row.pk}"),
                defaults={**same, "uploaded_at": at},
            )
            found[row.pk] = copy.pk
    return found
