"""Two ways to take a case at night: somebody is sent at once, or it is honestly put off to the morning."""

import uuid
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any, Final

from django.utils.translation import gettext_lazy as _
from django.utils.translation import gettext_noop

from steward.cases import engine
from steward.cases.models import Case, Urgency
from steward.casework.accountability import oncall
from steward.casework.accountability.oncall import Rung
from steward.casework.categories import category_by_code
from steward.casework.clocks.nextword import UPDATE, is_heard
from steward.casework.customer.telling import say
from steward.casework.intake.opening import open_case
from steward.kernel import policies
from steward.kernel.actor import Actor
from steward.kernel.errors import ConflictError
from steward.kernel.policies import Policy
from steward.registers.org.tree import place
from steward.registers.workforce.oncall import coming_morning

WORD: Final = gettext_noop("Noted in the night; somebody calls you in the morning")

CALL: Final = Policy(
    key="desk.morning_call",
    title=_("Night at the desk: what is put off is called back within, from the end of the night"),
    type=int,
    preset=60,
    source="MISSION DSK-1, DSK-15: told honestly when somebody calls; an hour is our default",
    unit=_("minutes"),
)


def receive_urgent(
    *, project_id: int, kind: str, actor: Actor, at: datetime, client_uuid: uuid.UUID, data: Mapping[str, Any]
) -> Rung:
    """Open the case as urgent, ring the first on call and give him the job. The same again is the same.

    Raises what opening raises. Nobody to ring at all: the case is there, with the reason.
    """
    asked = {**data, "urgency": _at_least_urgent(kind, data, project_id)}
    case = open_case(project_id=project_id, kind=kind, actor=actor, at=at, client_uuid=client_uuid, data=asked).case
    known = oncall.of_case(case)
    if known:
        return Rung(case, known[-1])
    try:
        return oncall.ring_on_call(
            project_id=project_id,
            number=case.number,
            actor=actor,
            at=at,
            client_uuid=uuid.uuid5(client_uuid, "ring"),
            data={},
        )
    except ConflictError as refusal:
        return Rung(case, None, str(refusal))


def _urgency(kind: str, data: Mapping[str, Any], project_id: int) -> str:
    category = category_by_code(kind, str(data.get("category", "")), project_id)
    return str(data.get("urgency") or (category.urgency if category else ""))


def _at_least_urgent(kind: str, data: Mapping[str, Any], project_id: int) -> str:
    return Urgency.P0 if _urgency(kind, data, project_id) == Urgency.P0 else Urgency.P1


def receive_for_morning(
    *, project_id: int, kind: str, actor: Actor, at: datetime, client_uuid: uuid.UUID, data: Mapping[str, Any]
) -> tuple[Case, datetime | None]:
    """Open it as ordinary, and promise the customer when somebody calls (None: nobody to call).

    Raises what opening raises, and ConflictError: danger to life waits for no morning.
    """
    urgency = _urgency(kind, data, project_id)
    if urgency == Urgency.P0:
        raise ConflictError(_("Danger to life cannot wait for the morning: send somebody now."), rule="night.danger")
    asked = {**data, "urgency": Urgency.P2} if urgency == Urgency.P1 else data
    done = open_case(project_id=project_id, kind=kind, actor=actor, at=at, client_uuid=client_uuid, data=asked)
    case = done.case
    if not is_heard(case):
        return case, None
    by = morning_call(project_id, done.case.recorded_at)
    engine.act(
        project_id=project_id,
        number=case.number,
        action=UPDATE,
        actor=actor,
        at=at,
        client_uuid=uuid.uuid5(client_uuid, "morning"),
        data={"word": say(WORD), "next_at": by.isoformat()},
    )
    return case, by


def morning_call(project_id: int, at: datetime) -> datetime:
    """By when somebody calls about what was put off."""
    minutes = policies.in_force(CALL, lineage=place(project_id).lineage, at=at).value
    return coming_morning(project_id, at) + timedelta(minutes=minutes)
