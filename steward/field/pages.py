"""The pages: my jobs, open pool, one job with all its steps, me."""

from collections.abc import Mapping
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_GET

from steward.casework import subtasks
from steward.casework.accountability import handovers
from steward.field import jobs as reads
from steward.field.calls import may_call
from steward.field.duty import may_write
from steward.field.job import build
from steward.field.reading import project_named
from steward.field.shell import page, shell_of, targets
from steward.field.tasks import Task
from steward.kernel.actor import Actor
from steward.kernel.errors import RefusalError
from steward.registers.org.tree import place
from steward.registers.workforce.people import colleagues, name_of
from steward.web.http import actor_of, field_only, status_of

REPAIR = "repair"
TABS = ("todo", "paused", "done")


@field_only
@require_GET
def jobs(request: HttpRequest) -> HttpResponse:
    """All three lists in one document, so that the phone can turn the tabs without network."""
    actor, now = actor_of(request), timezone.now()
    found, free = reads.my_jobs(actor, now), reads.pool(actor)
    tab = request.GET.get("tab", "")
    context = page(
        request,
        actor,
        shell=shell_of(actor, current="jobs", todo=len(found.todo), pool=len(free)),
        jobs=found,
        pool=free,
        asked=subtasks.asked_of(actor),
        offers=[(row, name_of(row.giver_id)) for row in handovers.offered_to(actor)],
        to_accept=reads.to_accept(actor),
        calls=may_call(actor),
        duty=may_write(actor),
        tab=tab if tab in TABS else "todo",
    )
    return render(request, "field/jobs.jinja", context)


@field_only
@require_GET
def pool(request: HttpRequest) -> HttpResponse:
    actor = actor_of(request)
    free = reads.pool(actor)
    shell = shell_of(actor, current="pool", pool=len(free))
    return render(request, "field/pool.jinja", page(request, actor, shell=shell, pool=free))


@field_only
@require_GET
def job(request: HttpRequest, number: str) -> HttpResponse:
    return job_page(request, actor_of(request), number, step=request.GET.get("step", ""))


def job_page(
    request: HttpRequest,
    actor: Actor,
    number: str,
    *,
    step: str,
    values: Mapping[str, Any] | None = None,
    refusal: RefusalError | None = None,
    share_text: str = "",
) -> HttpResponse:
    """One document with every step of the job: the phone needs to store just this to go on without network."""
    found = build(actor, project_named(number).id, number, at=timezone.now(), step=step, values=values, refusal=refusal)
    status = status_of(refusal) if refusal else 200
    if found.case.kind != REPAIR:
        task = Task.of(found)
        context = page(request, actor, shell=shell_of(actor), job=task, targets=targets(found.case.kind))
        return render(request, "field/task.jinja", context, status=status)
    context = page(request, actor, shell=shell_of(actor), job=found, share_text=share_text)
    return render(request, "field/job.jinja", context, status=status)


@field_only
@require_GET
def me(request: HttpRequest) -> HttpResponse:
    actor = actor_of(request)
    colleague = colleagues().get(actor.staff_id or 0)
    projects = [place(p).name for p in sorted(actor.project_ids)][:5]
    context = page(
        request, actor, shell=shell_of(actor, current="me"), post=colleague.post if colleague else "", projects=projects
    )
    return render(request, "field/me.jinja", context)
