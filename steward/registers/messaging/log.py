"""The delivery log: what left the house, for whom, and what became of it. Addresses masked, links unusable."""

import re
from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from django.utils.translation import gettext_lazy as _

from steward.kernel import audit, outbox
from steward.kernel.actor import Actor, Role
from steward.kernel.db import retrying
from steward.kernel.errors import ConflictError, NotAllowedError, NotFoundError
from steward.kernel.models import Outbox, OutboxState
from steward.kernel.outbox import INSIDE
from steward.kernel.privacy import mask_phone
from steward.registers.messaging.models import Via
from steward.registers.messaging.ways import GROUP, is_customers
from steward.registers.party.models import Customer, office_projects
from steward.registers.workforce.people import name_of

PAGE: Final = 50
#: Whoever may say what became of a message, or send it again.
KEEPERS: Final = frozenset({Role.DESK, Role.BUTLER, Role.HEAD_BUTLER, Role.MANAGER, Role.REGION, Role.HQ})
_TOKEN: Final = re.compile(r"/l/[^/\s]+")


@dataclass(frozen=True)
class Delivery:
    """One message as the office reads it. ``ended``: of the message it was joined into, where it was."""

    row: Outbox
    name: str
    address: str
    text: str
    state: str
    error: str
    joined: int
    may_settle: bool


@dataclass(frozen=True)
class LogPage:
    items: list[Delivery]
    older: int | None


def deliveries(
    *,
    actor: Actor,
    projects: Collection[int],
    state: str = "",
    channel: str = "",
    case: str = "",
    before: int | None = None,
) -> LogPage:
    """Newest first, keyset by id. Three queries. Only what the actor's office work covers."""
    rows = Outbox.objects.visible_to(actor).filter(project_id__in=office_projects(actor) & frozenset(projects))
    rows = rows.exclude(channel__in=INSIDE)
    wanted = {"state": state, "channel": channel, "about": case.strip()}
    rows = rows.filter(**{name: value for name, value in wanted.items() if value})
    if before is not None:
        rows = rows.filter(pk__lt=before)
    found = list(rows.order_by("-pk")[: PAGE + 1])
    shown = found[:PAGE]
    return LogPage(_shown(shown, actor), shown[-1].pk if len(found) > PAGE else None)


def of_case(*, actor: Actor, project_id: int, number: str) -> list[Delivery]:
    """What a case sent outside, the newest first; field staff do not read it."""
    if project_id not in office_projects(actor):
        raise NotFoundError(_("There is no such page."))
    rows = Outbox.objects.visible_to(actor).filter(project_id=project_id, about=number).exclude(channel__in=INSIDE)
    return _shown(list(rows.order_by("-pk")[:PAGE]), actor)


def _shown(rows: list[Outbox], actor: Actor) -> list[Delivery]:
    names, leaders = _customers(rows), _leaders(rows)
    return [_delivery(row, names, leaders.get(row.payload.get("into") or 0, row), actor) for row in rows]


def _customers(rows: Iterable[Outbox]) -> dict[str, str]:
    wanted = {(r.project_id, int(r.recipient.partition(":")[2])) for r in rows if is_customers(r.recipient)}
    if not wanted:
        return {}
    found = Customer.objects.unscoped().filter(  # of rows the actor sees
        project_id__in={p for p, _pk in wanted}, pk__in={pk for _p, pk in wanted}
    )
    return {f"customer:{pk}": name for pk, name in found.values_list("pk", "name")}


def _leaders(rows: Iterable[Outbox]) -> dict[int, Outbox]:
    wanted = {(r.project_id, int(r.payload["into"])) for r in rows if r.payload.get("into")}
    if not wanted:
        return {}
    found = Outbox.objects.unscoped().filter(project_id__in={p for p, _pk in wanted}, pk__in={pk for _p, pk in wanted})
    return {row.pk: row for row in found}


def _delivery(row: Outbox, names: dict[str, str], leader: Outbox, actor: Actor) -> Delivery:
    open_end = leader is row and row.state in (OutboxState.UNKNOWN, OutboxState.DEAD)
    return Delivery(
        row=row,
        name=_name(row, names),
        address=masked(row.channel, str(row.payload.get("to", ""))),
        text=_TOKEN.sub("/l/…", row.body),
        state=leader.state,
        error=leader.error,
        joined=leader.pk if leader is not row else 0,
        may_settle=open_end and bool(actor.roles_in(row.project_id) & KEEPERS),
    )


def _name(row: Outbox, names: dict[str, str]) -> str:
    kind, _colon, pk = row.recipient.partition(":")
    return names.get(row.recipient, "") or (name_of(int(pk)) if kind == "staff" else "")


def masked(channel: str, address: str) -> str:
    if channel == Via.EMAIL:
        name, at, domain = address.partition("@")
        return f"{name[:1]}***{at}{domain}" if name else ""
    return "" if address == GROUP else mask_phone(address)


def send_again(*, project_id: int, pk: int, actor: Actor, at: datetime) -> None:
    """Raises ConflictError unless the message is unclear or failed: what arrived is not sent twice."""
    _settle(project_id, pk, actor, at, "message.resend", lambda: outbox.resend(project_id=project_id, pk=pk, at=at))


def say_what_became(*, project_id: int, pk: int, arrived: bool, actor: Actor, at: datetime) -> None:
    """A person found out whether an unclear message arrived; if it never did, the next channel is tried."""

    def verb() -> bool:
        return outbox.settle_by_hand(project_id=project_id, pk=pk, arrived=arrived, who=actor.key, at=at)

    _settle(project_id, pk, actor, at, "message.arrived" if arrived else "message.lost", verb)


def _settle(project_id: int, pk: int, actor: Actor, at: datetime, what: str, verb: Callable[[], bool]) -> None:
    rows = Outbox.objects.visible_to(actor).filter(project_id=project_id, pk=pk).exclude(channel__in=INSIDE)
    if project_id not in office_projects(actor) or not rows.exists():
        raise NotFoundError(_("There is no such message."))
    if not actor.roles_in(project_id) & KEEPERS:
        raise NotAllowedError(_("This is not yours to do."), rule="messages.keeper")

    def both() -> None:
        if not verb():
            raise ConflictError(_("This message is neither unclear nor failed any more."), rule="messages.settled")
        audit.record(project_id=project_id, actor=actor, at=at, what=what, subject_kind="kernel.outbox", subject_id=pk)

    retrying(both)
