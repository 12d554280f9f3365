"""Promised work, written in the business transaction: messages and background jobs.

Delivery is at least once. A row is claimed under a lease, run, and marked; whoever claimed it last is the only
one whose mark counts. A worker that dies between doing and marking leaves a lost lease: a route that resends
is run again, any other becomes ``unknown`` and waits for a person.
"""

import logging
import uuid
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any, Final

from django.db.models import Count, Q

from steward.kernel.db import CollisionError, write
from steward.kernel.models import Outbox, OutboxState
from steward.kernel.prepared import add

#: Longer than any handler may take: a mail server may use up its 20 s at each of nine steps.
LEASE: Final = timedelta(minutes=5)
#: With the waits below a row is tried for a bit more than a day: a mail server may be down overnight.
MAX_ATTEMPTS: Final = 14
FIRST_WAIT: Final = timedelta(seconds=30)
LONGEST_WAIT: Final = timedelta(hours=6)
NAMESPACE: Final = uuid.UUID("6a3f2f0c-6f0a-4c5e-9d43-0b6a5b8d7a11")
#: How far back a put-away message takes the older ones of its case along.
MOST_READ: Final = 200
#: How many messages become one at most.
MOST_JOINED: Final = 50
LOST: Final = "the worker died between sending and marking"
#: A message in the app that also leaves the house has a companion row: the worker finds the way (see ``leaves``).
ROUTE: Final = "route"
#: Work of the worker that is no message.
JOB: Final = "job"
#: How many rows a round of the worker looks at.
BATCH: Final = 50
#: Channels nobody outside the house sees anything of.
INSIDE: Final = ("inapp", ROUTE, JOB)

log = logging.getLogger(__name__)

Handler = Callable[[Outbox, datetime], None]


class UnclearError(Exception):
    """The channel cannot say whether it delivered: mark unknown, do not resend by itself."""


class RefusedError(Exception):
    """Refused for good (no such address): another try would change nothing."""


@dataclass(frozen=True)
class Route:
    """Who carries a topic on a channel. ``resends``: may a lost lease be tried again by itself?"""

    handler: Handler
    resends: bool | Callable[[], bool]

    @property
    def may_resend(self) -> bool:
        return self.resends if isinstance(self.resends, bool) else self.resends()


_routes: dict[tuple[str, str], Route] = {}


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


Leaves = Callable[[Message, int, datetime], bool]
Gate = Callable[[Outbox, datetime], datetime | None]
AfterDead = Callable[[Outbox, datetime], None]
_leaves: list[Leaves] = []
_gates: list[Gate] = []
_after_dead: list[AfterDead] = []


def leaves(test: Leaves) -> Leaves:
    """Register who decides, without a query, whether an in-app message goes outside the app too."""
    _leaves.append(test)
    return test


def gate(test: Gate) -> Gate:
    """Register who may hold a row back at the moment of sending: the time to try it again, or None."""
    _gates.append(test)
    return test


def after_dead(hook: AfterDead) -> AfterDead:
    """Register what follows a row that failed for good, in the transaction that marks it."""
    _after_dead.append(hook)
    return hook


def handles(topic: str, *, channel: str = "", resends: bool | Callable[[], bool]) -> Callable[[Handler], Handler]:
    """Register the handler of a topic, on one channel or (empty) on every channel without its own."""

    def register(handler: Handler) -> Handler:
        _routes[topic, channel] = Route(handler, resends)
        return handler

    return register


def route_of(row: Outbox) -> Route | None:
    return _routes.get((row.topic, row.channel)) or _routes.get((row.topic, ""))


def post(messages: Sequence[Message], *, project_id: int, at: datetime) -> None:
    """Add outbox rows in one statement; what was already promised stays as it is."""
    if messages:
        add([_row(m, project_id, at) for m in (*messages, *_leaving(messages, project_id, at))], once=True)


def _leaving(messages: Sequence[Message], project_id: int, at: datetime) -> list[Message]:
    inside = [m for m in messages if m.channel == "inapp"]
    found = [m for m in inside if any(test(m, project_id, at) for test in _leaves)]
    return [replace(m, channel=ROUTE, topic=ROUTE) for m in found]


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
        about=str(m.payload.get("case") or "")[:40],
        subject=str(m.subject)[:200],
        body=str(m.body),
        payload=m.payload,
        state=OutboxState.DONE if here else OutboxState.PENDING,
        run_after=m.run_after or at,
        provider_key=uuid.uuid5(NAMESPACE, name),
        created_at=at,
        done_at=at if here else None,
    )


def _is_due(at: datetime) -> Q:
    waiting = Q(state=OutboxState.PENDING, run_after__lte=at)
    lost = Q(state=OutboxState.LEASED, lease_until__lt=at)
    return Q(done_at__isnull=True) & (waiting | lost)


def due(at: datetime, limit: int = BATCH) -> list[tuple[int, int]]:
    """(project, id) of work whose time has come, or whose worker died with the lease."""
    return [(project_id, pk) for project_id, pk, _channel in due_by_channel(at, limit)]


def due_by_channel(at: datetime, limit: int = BATCH) -> list[tuple[int, int, str]]:
    rows = Outbox.objects.unscoped().filter(_is_due(at))
    return list(rows.order_by("run_after", "pk").values_list("project_id", "pk", "channel")[:limit])


def claim(project_id: int, pk: int, at: datetime) -> Outbox | None:
    """Win a row by compare-and-swap; None if somebody else did, or it must not be tried again."""
    row = Outbox.objects.in_project(project_id).filter(_is_due(at), pk=pk).first()
    if row is None:
        return None
    if row.state == OutboxState.LEASED:
        route = route_of(row)
        if route is not None and not route.may_resend:
            _settle(row, OutboxState.UNKNOWN, at, LOST)
            return None
        if row.attempts >= MAX_ATTEMPTS:  # it may be this row that kills its worker
            _settle(row, OutboxState.DEAD, at, LOST)
            return None
    later = max((held for test in _gates if (held := test(row, at)) is not None), default=at)
    if later > at:
        _swap(row, state=OutboxState.PENDING, run_after=later, lease_until=None)
        return None
    lease = {"state": OutboxState.LEASED, "attempts": row.attempts + 1, "lease_until": at + LEASE}
    if not _swap(row, **lease):
        return None
    for name, value in lease.items():
        setattr(row, name, value)
    return row


def run_one(project_id: int, pk: int, at: datetime) -> bool:
    """Claim and run one row; True when this worker ran it. Failures are kept on the row, not raised."""
    with write():
        row = claim(project_id, pk, at)
    if row is None:
        return False
    route = route_of(row)
    try:
        if route is None:
            raise LookupError(f"no handler for topic {row.topic!r} on channel {row.channel!r}")
        route.handler(row, at)
    except UnclearError as error:
        _mark(row, OutboxState.UNKNOWN, at, _told(error))
    except RefusedError as error:
        _mark(row, OutboxState.DEAD, at, _told(error))
    except Exception as error:  # noqa: BLE001  any failure of a channel is retried, then shown
        _failed(row, at, error)
    else:
        _mark(row, OutboxState.DONE, at, "")
    return True


def resend(*, project_id: int, pk: int, at: datetime) -> bool:
    """Somebody looked at an unknown or failed row and wants it tried again; False if it is neither."""
    with write():
        row = Outbox.objects.in_project(project_id).filter(pk=pk).first()
        if row is None or row.state not in (OutboxState.UNKNOWN, OutboxState.DEAD):
            return False
        fresh = {"attempts": 0, "run_after": at, "done_at": None, "lease_until": None}
        return _swap(row, state=OutboxState.PENDING, **fresh)


def fold(row: Outbox, *, until: datetime, joined: Callable[[list[Outbox]], tuple[str, str]], at: datetime) -> None:
    """Before its first sending, take along what else waits for the same recipient until then.

    Only rows whose payload says ``joins``. Those taken are done ``into`` this row, which lists them as ``parts`` and
    carries subject and body of all: one transaction, so that a crash finds each text in exactly one message.
    """
    if row.attempts > 1 or row.error or not row.payload.get("joins"):
        return
    with write():
        same = Outbox.objects.in_project(row.project_id).filter(recipient=row.recipient, channel=row.channel)
        waiting = same.filter(state=OutboxState.PENDING, attempts=0, run_after__lte=until).order_by("-pk")[:MOST_JOINED]
        others = [o for o in reversed(waiting) if o.payload.get("joins")]
        done = {"state": OutboxState.DONE, "done_at": at}
        taken = [o for o in others if _swap(o, **done, payload={**o.payload, "into": row.pk})]
        if not taken:
            return
        subject, body = joined(sorted([row, *taken], key=lambda o: o.pk))
        payload = {**row.payload, "parts": [o.pk for o in taken]}
        if not _swap(row, subject=subject[:200], body=body, payload=payload):
            raise CollisionError
    row.subject, row.body, row.payload = subject[:200], body, payload


def settle_by_hand(*, project_id: int, pk: int, arrived: bool, who: str, at: datetime) -> bool:
    """Somebody found out what became of an unclear or failed message; False if it is neither."""
    with write():
        row = Outbox.objects.in_project(project_id).filter(pk=pk).first()
        if row is None or row.state not in (OutboxState.UNKNOWN, OutboxState.DEAD):
            return False
        kept = {**row.payload, "by_hand": who}
        if arrived:
            return _swap(row, state=OutboxState.DONE, done_at=at, payload=kept)
        return row.state != OutboxState.DEAD and _swap_dead(row, at, row.error, payload=kept)


def inbox(recipient: str, *, limit: int = 50) -> list[Outbox]:
    """In-app messages the recipient has not read yet, the newest first."""
    rows = Outbox.objects.unscoped().filter(recipient=recipient, channel="inapp", read_at__isnull=True)
    return list(rows.order_by("-created_at", "-pk")[:limit])


def mark_read(*, project_id: int, pk: int, recipient: str, at: datetime) -> bool:
    """Put a message away with the older ones on the same case; False if it is not the recipient's, or was read."""
    with write():
        unread = Outbox.objects.in_project(project_id).filter(
            recipient=recipient, channel="inapp", read_at__isnull=True, pk__lte=pk
        )
        found = unread.filter(pk=pk).first()
        if found is None:
            return False
        case = found.payload.get("case")
        same = [row.pk for row in unread.order_by("-pk")[:MOST_READ] if case and row.payload.get("case") == case]
        return bool(unread.filter(pk__in=[pk, *same]).update(read_at=at))


def standing() -> dict[str, int]:
    """How many rows are not delivered, by state."""
    rows = Outbox.objects.unscoped().exclude(state=OutboxState.DONE)
    return dict(rows.values_list("state").annotate(n=Count("pk")).order_by("state"))


def _failed(row: Outbox, at: datetime, error: Exception) -> None:
    if row.attempts >= MAX_ATTEMPTS:
        _mark(row, OutboxState.DEAD, at, _told(error))
        return
    wait = min(FIRST_WAIT * 2 ** (row.attempts - 1), LONGEST_WAIT)
    log.warning("outbox %s: try %s failed, next in %s: %s", row.pk, row.attempts, wait, _told(error))
    with write():
        _swap(row, state=OutboxState.PENDING, run_after=at + wait, lease_until=None, error=_told(error))


def _mark(row: Outbox, state: OutboxState, at: datetime, error: str) -> None:
    with write():
        _settle(row, state, at, error)


def _settle(row: Outbox, state: OutboxState, at: datetime, error: str) -> None:
    if state != OutboxState.DONE:
        log.error("outbox %s (%s to %s): %s: %s", row.pk, row.channel, row.recipient, state, error)
    changes = {"state": state, "done_at": at, "lease_until": None, "error": error}
    won = _swap_dead(row, at, error) if state == OutboxState.DEAD else _swap(row, **changes)
    if not won:
        # Slower than the lease: another worker has it, and its answer counts.
        log.warning("outbox %s: the lease was lost before the work was marked", row.pk)


def _swap_dead(row: Outbox, at: datetime, error: str, **changes: Any) -> bool:
    """What follows (another channel) is promised in the same transaction, so that a crash loses nothing."""
    if not _swap(row, state=OutboxState.DEAD, done_at=at, lease_until=None, error=error, **changes):
        return False
    for hook in _after_dead:
        hook(row, at)
    return True


def _swap(row: Outbox, **changes: Any) -> bool:
    """Change the row if it still stands as we saw it; every claim raises ``attempts``, so that fences late marks."""
    same = Outbox.objects.in_project(row.project_id).filter(pk=row.pk, state=row.state, attempts=row.attempts)
    return bool(same.update(**changes))


def _told(error: Exception) -> str:
    # NUL and half characters would be refused by the database, and the row would never be marked.
    text = f"{type(error).__name__}: {error}".replace("\x00", "")[:2000]
    return text.encode("utf-8", "replace").decode()


def topics() -> Iterable[tuple[str, str]]:
    return sorted(_routes)
