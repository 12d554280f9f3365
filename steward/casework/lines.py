"""A line in a case's timeline that no process declares: warnings, looked-at numbers, hand-overs, sub-tasks.

The line counts the case's version on by compare-and-swap, as every action does: two writers at once never
get the same place, and nothing that was read before is written over.
"""

import hashlib
import json
import uuid
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.utils.translation import gettext_lazy as _

from steward.cases.engine import LATE_ENTRY_AFTER
from steward.cases.models import Case, Entry
from steward.kernel.actor import Actor
from steward.kernel.db import CollisionError
from steward.kernel.errors import InvalidError


def digest_of(*asked: Any) -> str:
    """The same request again has the same digest."""
    text = json.dumps(asked, sort_keys=True, ensure_ascii=False, default=str)
    return hashlib.sha256(text.encode(errors="surrogatepass")).hexdigest()


def answered_before(project_id: int, actor: Actor, client_uuid: uuid.UUID, digest: str) -> Entry | None:
    """The line an identical request wrote earlier. Raises InvalidError if the identifier served another one."""
    known = Entry.objects.in_project(project_id).filter(actor_key=actor.key, client_uuid=client_uuid).first()
    if known is not None and known.payload_hash != digest:
        raise InvalidError({"client_uuid": _("This identifier was already used for another request.")})
    return known


def write_line(
    case: Case,
    *,
    action: str,
    actor: Actor,
    at: datetime,
    note: str = "",
    data: Mapping[str, Any] | None = None,
    public: bool = False,
    client_uuid: uuid.UUID | None = None,
    digest: str = "",
    changes: Mapping[str, Any] | None = None,
    happened_at: datetime | None = None,
) -> Entry:
    """Add a line and change columns of the case with it; the caller holds the transaction.

    ``client_uuid`` of the request, where one asked for it: the same again is refused by the timeline itself.
    Raises CollisionError when somebody else wrote first.
    """
    columns = {**(changes or {}), "version": case.version + 1, "updated_at": at}
    rows = Case.objects.in_project(case.project_id).filter(pk=case.pk, version=case.version)
    if not rows.update(**columns):
        raise CollisionError
    for name, value in columns.items():
        setattr(case, name, value)
    return Entry.objects.create(
        project_id=case.project_id,
        case=case,
        seq=case.version,
        action=action,
        from_state=case.state,
        to_state=case.state,
        actor_kind=actor.kind,
        actor_key=actor.key,
        actor_name=actor.name,
        client_uuid=client_uuid or uuid.uuid4(),
        payload_hash=digest,
        happened_at=happened_at or at,
        recorded_at=at,
        note=note,
        data=dict(data or {}),
        is_public=public,
        is_late_entry=happened_at is not None and at - happened_at > LATE_ENTRY_AFTER,
    )
