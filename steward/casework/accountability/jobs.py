"""Jobs in hand of a colleague who is gone: to another who can do them, or back to whoever dispatches; one request,
each case by its own process and with a line of its own."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Any, Final
from uuid import UUID, uuid5

from django.db.models import F
from django.utils.translation import gettext_lazy as _
from pydantic import Field

from steward.cases import engine
from steward.cases.declare import REGISTRY, Action, Process, process_of
from steward.cases.models import Case
from steward.casework.categories import categories
from steward.kernel.actor import Actor
from steward.kernel.errors import InvalidError, RefusalError
from steward.kernel.schema import Data, OptionalId, Text, ask
from steward.registers.workforce.people import Colleague, colleagues

#: What every process calls the step by which a job is nobody's again.
TO_POOL: Final = "give_back"
#: So many at once; the rest by the next request.
MOST: Final = 200


class PassJobs(Data):
    receiver: OptionalId = ask(
        None, title=_("Who takes the jobs"), kind="staff", description=_("Empty: back to those who dispatch.")
    )
    reason: Annotated[Text, Field(min_length=2, max_length=300)] = ask(title=_("Reason"))


@dataclass(frozen=True)
class Job:
    """A job in hand and the step that would pass it on; without one (``action`` empty) it cannot go there now."""

    case: Case
    action: str
    data: Mapping[str, Any]
    fits: bool


@dataclass(frozen=True)
class Passed:
    number: str
    refusal: str = ""


def jobs_of(staff_id: int, actor: Actor) -> list[Case]:
    """What the colleague is to do, as far as the actor sees it, the most pressing first. One query."""
    details = [p.detail_name for p in REGISTRY.values() if p.detail is not None]
    rows = Case.objects.visible_to(actor).filter(handler_id=staff_id, closed_at__isnull=True, is_imported=False)
    found = rows.select_related(*details).order_by(F("next_due_at").asc(nulls_last=True), "pk")
    return [case for case in found if is_job(case.kind, case.state)][:MOST]


def is_job(kind: str, state: str) -> bool:
    """Something is still to be done, beside money and the callback."""
    process = process_of(kind)
    return process is None or state not in process.completed_in


def preview(*, staff_id: int, data: PassJobs, actor: Actor) -> list[Job]:
    """What ``pass_jobs`` would do; nothing is written. Raises InvalidError (receiver)."""
    taker = _taker(staff_id, data)
    return [_job(case, taker, data, actor) for case in jobs_of(staff_id, actor)]


def pass_jobs(*, staff_id: int, data: PassJobs, actor: Actor, at: datetime, client_uuid: UUID) -> list[Passed]:
    """Pass on what can be passed on; what the rules of its process refuse stays, and says why.

    The same request again does the rest: each case has an identifier of its own. Raises InvalidError (receiver).
    """
    jobs = preview(staff_id=staff_id, data=data, actor=actor)
    return [_pass(job, data.reason, actor, at, uuid5(client_uuid, str(job.case.pk))) for job in jobs]


def _pass(job: Job, reason: str, actor: Actor, at: datetime, once: UUID) -> Passed:
    if not job.action:
        return Passed(job.case.number, str(_("As far as it is, somebody must be named who goes on with it.")))
    try:
        engine.act(
            project_id=job.case.project_id,
            number=job.case.number,
            action=job.action,
            actor=actor,
            at=at,
            client_uuid=once,
            data=job.data,
            note=reason,
        )
    except RefusalError as refusal:
        return Passed(job.case.number, str(refusal))
    return Passed(job.case.number)


def _taker(staff_id: int, data: PassJobs) -> Colleague | None:
    if data.receiver is None:
        return None
    found = colleagues().get(data.receiver)
    if found is None or not found.is_active or found.id == staff_id:
        raise InvalidError({"receiver": _("There is no such colleague here.")})
    return found


def _job(case: Case, taker: Colleague | None, data: PassJobs, actor: Actor) -> Job:
    process = process_of(case.kind)
    if process is None:
        return Job(case, "", {}, fits=False)
    category = categories().get(case.category_id or 0)
    fits = taker is None or category is None or not category.skill or category.skill in taker.skills
    if taker is None:
        back = process.action(TO_POOL)
        may = back is not None and case.state in back.source and back.by.allows(actor, case)
        return Job(case, TO_POOL if may else "", {"reason": data.reason}, fits)
    action = _sending(process, case, actor)
    return Job(case, action.name if action else "", _asked(process, action, case, taker.id), fits)


def _sending(process: Process, case: Case, actor: Actor) -> Action | None:
    named = (a for a in process.actions if "handler" in a.form.model_fields and case.state in a.source)
    return next((a for a in named if a.by.allows(actor, case)), None)


def _asked(process: Process, action: Action | None, case: Case, taker: int) -> dict[str, Any]:
    """What the step asks besides stays as it was agreed: the appointment, the responsible unit."""
    if action is None:
        return {}
    detail = getattr(case, process.detail_name, None) if process.detail is not None else None
    known = {name: getattr(detail, name, None) for name in action.form.model_fields}
    kept = {name: v.isoformat() if isinstance(v, datetime) else v for name, v in known.items() if v not in (None, "")}
    return {**kept, "handler": taker}
