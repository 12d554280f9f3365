"""Promised work, written in the business transaction: messages and background jobs."""

import uuid
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Final

from django.db.models import Q

from steward.kernel.db import write
from steward.kernel.models import Outbox, OutboxState

LEASE: Final = timedelta(minutes=2)
MAX_ATTEMPTS: Final = 8
NAMESPACE: Final = uuid.UUID("6a3f2f0c-6f0a-4c5e-9d43-0b6a5b8d7a11")

Handler = Callable[[Outbox, datetime], None]
_handlers: dict[str, Handler] = {}
_resends: dict[str, bool] = {}


class UnclearError(Exception):
    """The channel cannot say whether it delivered: mark unknown, do not resend by itself."""


@dataclass(frozen=True, kw_only=True)
class Message:
    """One message to one recipient on one channel; unique by (event, recipient, channel)."""

    event: str
    recipient: str
    channel: str
    subject: Any = ""
    body: Any = ""
    topic: str = "message"
    payload: dict[str, Any] = field(default_factory=dict)
    run_after: datetime | None = None


def handles(topic: str, *, resends: bool) -> Callable[[Handler], Handler]:
    """Register the handler of a topic. ``resends``: may a lost lease be tried again by itself?"""

    def register(handler: Handler) -> Handler:
        _handlers[topic] = handler
        _resends[topic] = resends
        return handler

    return register


def post(messages: Sequence[Message], *, project_id: int, at: datetime) -> None:
    """Add outbox rows in one statement; what was already promised stays as it is."""
    if messages:
        rows = [_row(m, project_id, at) for m in messages]
        Outbox.objects.bulk_create(rows, ignore_conflicts=True)


def _row(m: Message, project_id: int, at: datetime) -> Outbox:
    # In-app messages are delivered by standing in the recipient's inbox.
    here = m.channel == "inapp"
    name = f"{project_id}:{m.event}:{m.recipient}:{m.channel}"
    return Outbox(
        project_id=project_id,
        topic=m.topic,
        event=m.event,
        recipient=m.recipient,
        channel=m.channel,
        subject=str(m.subject)[:200],
        body=str(m.body),
        payload=m.payload,
        state=OutboxState.DONE if here else OutboxState.PENDING,
        run_after=m.run_after or at,
        provider_key=uuid.uuid5(NAMESPACE, name),
        created_at=at,
        done_at=at if here else None,
    )


def due(at: datetime, limit: int = 50) -> list[tuple[int, int]]:
    """(project, id) of work whose time has come, or whose worker died with the lease."""
    waiting = Q(state=OutboxState.PENDING, run_after__lte=at)
    lost = Q(state=OutboxState.LEASED, lease_until__lt=at)
    rows = Outbox.objects.unscoped().filter(Q(done_at__isnull=True), waiting | lost)
    return list(rows.order_by("run_after").values_list("project_id", "pk")[:limit])


def claim(project_id: int, pk: int, at: datetime) -> Outbox | None:
    """Win a row by compare-and-swap; None if somebody else did, or it must not be resent."""
    row = Outbox.objects.in_project(project_id).filter(pk=pk).first()
    if row is None or row.done_at is not None:
        return None
    if row.state == OutboxState.LEASED and not _resends.get(row.topic, False):
        _finish(row, OutboxState.UNKNOWN, at, "worker died between sending and marking")
        return None
    won = (
        Outbox.objects.in_project(project_id)
        .filter(pk=pk, state=row.state, attempts=row.attempts)
        .update(state=OutboxState.LEASED, attempts=row.attempts + 1, lease_until=at + LEASE)
    )
    if not won:
        return None
    row.attempts += 1
    return row


def run_one(project_id: int, pk: int, at: datetime) -> bool:
    """Claim and run one row; True when this worker ran it."""
    with write():
        row = claim(project_id, pk, at)
    if row is None:
        return False
    handler = _handlers.get(row.topic)
    try:
        if handler is None:
            raise LookupError(f"no handler for topic {row.topic}")
        handler(row, at)
    except UnclearError as error:
        _mark(row, OutboxState.UNKNOWN, at, str(error))
    except Exception as error:  # noqa: BLE001  any failure of a channel is retried, then shown
        _failed(row, at, error)
    else:
        _mark(row, OutboxState.DONE, at, "")
    return True


def _failed(row: Outbox, at: datetime, error: Exception) -> None:
    text = f"{type(error).__name__}: {error}"[:2000]
    if row.attempts >= MAX_ATTEMPTS:
        _mark(row, OutboxState.DEAD, at, text)
        return
    wait = timedelta(seconds=min(15 * 2**row.attempts, 3600))
    with write():
        Outbox.objects.in_project(row.project_id).filter(pk=row.pk).update(
            state=OutboxState.PENDING, run_after=at + wait, error=text
        )


def _mark(row: Outbox, state: OutboxState, at: datetime, error: str) -> None:
    with write():
        _finish(row, state, at, error)


def _finish(row: Outbox, state: OutboxState, at: datetime, error: str) -> None:
    Outbox.objects.in_project(row.project_id).filter(pk=row.pk).update(state=state, done_at=at, error=error)


def topics() -> Iterable[str]:
    return sorted(_handlers)
