"""Writing the audit row. Called inside the transaction of the verb that did it."""

from collections.abc import Mapping
from contextvars import ContextVar
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any, Final

from steward.kernel.actor import Actor

if TYPE_CHECKING:
    from steward.kernel.audit.models import AuditEvent, CompanyEvent

KINDS: Final = ("change", "view", "export")
LABEL: Final = 120
REASON: Final = 300


@dataclass(frozen=True, slots=True)
class Origin:
    """Where a request came from: address, and enough of the session's digest to tell two apart."""

    ip: str = ""
    session: str = ""


#: Set by the middleware for the length of a request; empty for the worker and the command line.
origin: Final[ContextVar[Origin]] = ContextVar("audit_origin", default=Origin())  # noqa: B039  frozen


def record(
    *,
    project_id: int | None,
    actor: Actor,
    at: datetime,
    what: str,
    subject_kind: str,
    subject_id: object = "",
    label: str = "",
    before: Mapping[str, Any] | None = None,
    after: Mapping[str, Any] | None = None,
    personal: Mapping[str, Any] | None = None,
    reason: str = "",
    kind: str = "change",
) -> "AuditEvent | CompanyEvent":
    """Write down what was done; ``project_id`` None means the company as a whole.

    ``what`` is ``area.verb`` (``policy.set``, ``customer.reveal``, ``cases.export``), ``subject_kind`` the table's name
    (``party.customer``). ``before`` and ``after`` carry what changed as small JSON without anything personal (see
    :func:`changed`); names, numbers and addresses of people go into ``personal``, which can be erased later.
    """
    from steward.kernel.audit import models  # noqa: PLC0415  models load after apps

    if kind not in KINDS:
        raise ValueError(kind)
    came = origin.get()
    columns: dict[str, Any] = {
        "at": at,
        "kind": kind,
        "what": what,
        "actor_kind": actor.kind,
        "actor_key": actor.key,
        "actor_name": actor.name[:60],
        "subject_kind": subject_kind,
        "subject_id": str(subject_id),
        "label": label[:LABEL],
        "before": dict(before or {}),
        "after": dict(after or {}),
        "reason": reason[:REASON],
        "ip": came.ip[:45],
        "session": came.session[:16],
    }
    if project_id is None:
        company = models.CompanyEvent.objects.create(**columns)
        if personal:
            models.CompanyPersonal.objects.create(event=company, values=dict(personal))
        return company
    event = models.AuditEvent.objects.create(project_id=project_id, **columns)
    if personal:
        models.AuditPersonal.objects.create(project_id=project_id, event=event, values=dict(personal))
    return event


def changed(before: Mapping[str, Any], after: Mapping[str, Any]) -> dict[str, dict[str, Any]]:
    """Only what differs: ``record(..., **changed(old, new))``."""
    names = [name for name in {**before, **after} if before.get(name) != after.get(name)]
    return {
        "before": {name: before[name] for name in names if name in before},
        "after": {name: after[name] for name in names if name in after},
    }
