"""Parts asked of me, by the names the phone's queue knows them."""

import uuid
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any, Final

from django.utils.translation import gettext as _

from steward.cases.declare import Nothing
from steward.casework import subtasks
from steward.casework.models import SubTask, SubTaskState
from steward.kernel.actor import Actor
from steward.kernel.errors import InvalidError
from steward.kernel.schema import Data

#: verb → (what does it, what it asks, the states it is possible in, the state it leads to).
VERBS: Final[dict[str, tuple[Callable[..., SubTask], type[Data], tuple[str, ...], str]]] = {
    "accept_subtask": (subtasks.accept_subtask, Nothing, (SubTaskState.ASKED,), SubTaskState.ACCEPTED),
    "report_subtask": (
        subtasks.report_subtask,
        subtasks.Report,
        (SubTaskState.ASKED, SubTaskState.ACCEPTED),
        SubTaskState.REPORTED,
    ),
    "decline_subtask": (
        subtasks.decline_subtask,
        subtasks.Reason,
        (SubTaskState.ASKED, SubTaskState.ACCEPTED),
        SubTaskState.DECLINED,
    ),
}


def part_of(text: str) -> int:
    """Raises InvalidError: without it nobody knows which part is meant."""
    if not (text.isascii() and text.isdecimal() and len(text) < 16):
        raise InvalidError({"subtask": _("Enter a number.")})
    return int(text)


def carry_out(
    *,
    verb: str,
    project_id: int,
    pk: int,
    actor: Actor,
    at: datetime,
    client_uuid: uuid.UUID,
    data: Mapping[str, Any],
    happened_at: datetime | None = None,
) -> SubTask:
    do, form, _states, _to = VERBS[verb]
    asked: dict[str, Any] = {"project_id": project_id, "pk": pk, "actor": actor, "at": at, "client_uuid": client_uuid}
    if form is not Nothing:
        asked["data"] = {name: value for name, value in data.items() if name in form.model_fields}
    return do(**asked, happened_at=happened_at)
