"""Colleagues who leave: what is in their hands, passing it on, handing over, release."""

from datetime import date, datetime
from typing import Any

from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext as _
from ninja import Router, Schema

from steward.api.reach import PROBLEMS
from steward.api.service import Request
from steward.casework.accountability import jobs, leaving
from steward.kernel.actor import Actor
from steward.kernel.errors import NotFoundError
from steward.registers.org.tree import place
from steward.registers.workforce import assignments
from steward.registers.workforce.authority import PLACING
from steward.registers.workforce.models import Staff
from steward.registers.workforce.nights import nights_of
from steward.web.http import actor_of

router = Router(tags=["staff"])


class OpenWorkOut(Schema):
    """What is open in one project; ``nights``: on call from tonight on."""

    project: str
    cases: int
    areas: int
    homes: int
    jobs: int
    subtasks: int
    nights: list[date]


class JobOut(Schema):
    """A job in hand; ``action``: the step that would pass it on, empty where none can now."""

    case: str
    title: str
    state: str
    action: str
    fits: bool


class PassedOut(Schema):
    case: str
    refusal: str


class PassIn(jobs.PassJobs):
    pass


class PassOnIn(jobs.PassJobs, Request):
    pass


class LeaveIn(leaving.Leave, Request):
    pass


class StaffOut(Schema):
    id: int
    name: str
    is_active: bool
    left_at: datetime | None


def _whom(pk: int, actor: Actor) -> Staff:
    """Raises NotFoundError for whoever places nobody, and for colleagues out of reach."""
    if not actor.projects_with(*PLACING):
        raise NotFoundError(_("There is no such page."))
    return assignments.staff_of(pk, actor)


@router.get("/staff/{pk}/open-work", response={200: list[OpenWorkOut], **PROBLEMS})
def open_work(request: HttpRequest, pk: int) -> Any:
    """What a colleague has open, by project, as far as one sees it."""
    actor = actor_of(request)
    _whom(pk, actor)
    work, nights = leaving.open_work(pk, actor), nights_of(pk, timezone.now())
    seen = [p for p in {**work, **nights} if p in actor.project_ids]
    counted = ("cases", "areas", "homes", "jobs", "subtasks")
    return [
        {n: getattr(work.get(p, leaving.Work()), n) for n in counted}
        | {"project": place(p).code, "nights": nights.get(p, [])}
        for p in seen
    ]


@router.post("/staff/{pk}/jobs/preview", response={200: list[JobOut], **PROBLEMS})
def preview_jobs(request: HttpRequest, pk: int, payload: PassIn) -> Any:
    """Where each job in hand would go; nothing is written."""
    actor = actor_of(request)
    _whom(pk, actor)
    found = jobs.preview(staff_id=pk, data=payload, actor=actor)
    return [
        {"case": j.case.number, "title": j.case.title, "state": j.case.state, "action": j.action, "fits": j.fits}
        for j in found
    ]


@router.post("/staff/{pk}/jobs", response={200: list[PassedOut], **PROBLEMS})
def pass_jobs(request: HttpRequest, pk: int, payload: PassOnIn) -> Any:
    """All jobs in hand to a colleague, or back to those who dispatch; what its rules refuse stays and says why.

    The same request again does what is left.
    """
    actor = actor_of(request)
    _whom(pk, actor)
    data = jobs.PassJobs.model_validate(payload.model_dump(include=set(jobs.PassJobs.model_fields)))
    done = jobs.pass_jobs(staff_id=pk, data=data, actor=actor, at=timezone.now(), client_uuid=payload.client_uuid)
    return [{"case": p.number, "refusal": p.refusal} for p in done]


@router.post("/staff/{pk}/leave", response={200: StaffOut, **PROBLEMS})
def leave(request: HttpRequest, pk: int, payload: LeaveIn) -> Any:
    """Hand everything open over and release. Stopped half-way, the same request again does the rest."""
    actor = actor_of(request)
    _whom(pk, actor)
    data = leaving.Leave.model_validate(payload.model_dump(include=set(leaving.Leave.model_fields)))
    return leaving.leave(staff_id=pk, data=data, actor=actor, at=timezone.now(), client_uuid=payload.client_uuid)
