"""A case taken in and set going in one breath: somebody sent, or the question answered."""

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.utils.translation import gettext_lazy as _

from steward.cases import engine
from steward.cases.declare import Process
from steward.cases.models import Case
from steward.casework.intake.opening import open_case
from steward.casework.screens import screen_of
from steward.kernel.actor import Actor
from steward.kernel.errors import InvalidError, RefusalError


@dataclass(frozen=True)
class Received:
    """``refusal``: the case is there, what should have followed was refused."""

    case: Case
    is_done: bool = False
    refusal: str = ""


def may_send(process: Process, project_id: int, actor: Actor) -> bool:
    """Can somebody be sent with a case of this kind while it is taken in, by this actor?"""
    found = process.action(screen_of(process.kind).sends)
    return found is not None and found.by.allows(actor, Case(project_id=project_id))


def may_answer(process: Process, project_id: int, actor: Actor) -> bool:
    action, _ask = screen_of(process.kind).at_once
    found = process.action(action)
    return found is not None and found.by.allows(actor, Case(project_id=project_id))


def receive(
    *,
    project_id: int,
    kind: str,
    actor: Actor,
    at: datetime,
    client_uuid: uuid.UUID,
    data: Mapping[str, Any],
    send_to: int | None = None,
    answer: str | None = None,
    article: int | None = None,
) -> Received:
    """Open, then send ``send_to`` or answer with ``answer``. Raises what opening raises; the same again is the same.

    An empty ``answer`` is refused before anything is opened: InvalidError. ``article``: where the answer stood.
    """
    screen = screen_of(kind)
    name, field = screen.at_once
    if answer is not None and not answer.strip():
        raise InvalidError({"answer": _("Write down what was answered.")})
    done = open_case(project_id=project_id, kind=kind, actor=actor, at=at, client_uuid=client_uuid, data=data)
    steps: Sequence[tuple[str, Mapping[str, Any]]] = ()
    if answer is not None and name:
        steps = [(name, {field: answer, **({"article": article} if article else {})})]
    elif send_to is not None and screen.sends:
        steps = screen.sending(done.case, done.detail, send_to)
    if done.replayed and done.case.state != done.process.initial:
        return Received(done.case, is_done=bool(steps))
    return _go_on(done.case, steps, actor, at, client_uuid)


def _go_on(
    case: Case, steps: Sequence[tuple[str, Mapping[str, Any]]], actor: Actor, at: datetime, client_uuid: uuid.UUID
) -> Received:
    for name, data in steps:
        try:
            case = engine.act(
                project_id=case.project_id,
                number=case.number,
                action=name,
                actor=actor,
                at=at,
                client_uuid=uuid.uuid5(client_uuid, name),
                data=data,
            ).case
        except RefusalError as refusal:
            return Received(case, refusal=str(refusal))
    return Received(case, is_done=bool(steps))
