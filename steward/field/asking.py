"""What is asked of me beside a process's own actions, by the names the phone's queue knows it."""

import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from django.utils.translation import gettext as _

from steward.cases.declare import Nothing
from steward.casework import subtasks
from steward.casework.accountability import handovers
from steward.casework.models import HandoverState, SubTaskState
from steward.kernel.actor import Actor
from steward.kernel.errors import InvalidError
from steward.kernel.schema import Data


@dataclass(frozen=True)
class Verb:
    """``sources``: the states it is possible in; ``to`` where it leads. ``part``: of a sub-task, not of the case."""

    do: Callable[..., Any]
    form: type[Data]
    sources: tuple[str, ...]
    to: str
    part: bool = True


S, H = SubTaskState, HandoverState
VERBS: Final[dict[str, Verb]] = {
    "accept_subtask": Verb(subtasks.accept_subtask, Nothing, (S.ASKED,), S.ACCEPTED),
    "report_subtask": Verb(subtasks.report_subtask, subtasks.Report, (S.ASKED, S.ACCEPTED), S.REPORTED),
    "decline_subtask": Verb(subtasks.decline_subtask, subtasks.Reason, (S.ASKED, S.ACCEPTED), S.DECLINED),
    "accept_handover": Verb(handovers.accept_handover, Nothing, (H.OFFERED,), H.ACCEPTED, part=False),
    "decline_handover": Verb(handovers.decline_handover, handovers.Decline, (H.OFFERED,), H.DECLINED, part=False),
}
PARTS: Final = tuple(name for name, verb in VERBS.items() if verb.part)
OFFERS: Final = tuple(name for name, verb in VERBS.items() if not verb.part)


def part_of(text: str) -> int:
    """Raises InvalidError: without it nobody knows which part is meant."""
    if not (text.isascii() and text.isdecimal() and len(text) < 16):
        raise InvalidError({"subtask": _("Enter a number.")})
    return int(text)


def carry_out(
    name: str,
    *,
    project_id: int,
    number: str,
    part: str,
    actor: Actor,
    at: datetime,
    client_uuid: uuid.UUID,
    data: Mapping[str, Any],
    happened_at: datetime | None = None,
) -> Any:
    """Raises what the verb raises. A part counts from the tap; who answers for a case, from when we know it."""
    verb = VERBS[name]
    asked: dict[str, Any] = {"project_id": project_id, "actor": actor, "at": at, "client_uuid": client_uuid}
    if verb.form is not Nothing:
        asked["data"] = {field: value for field, value in data.items() if field in verb.form.model_fields}
    if verb.part:
        return verb.do(**asked, pk=part_of(part), happened_at=happened_at)
    return verb.do(**asked, number=number)
