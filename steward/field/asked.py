"""What others ask of me: accepted and reported back on the phone, even where the case itself is out of sight."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import pgettext
from django.views.decorators.http import require_http_methods, require_POST

from steward.casework import subtasks
from steward.casework.models import SubTaskState
from steward.field.shell import page, shell_of
from steward.kernel.errors import ConflictError
from steward.registers.workforce.people import colleagues
from steward.web.forms import client_uuid
from steward.web.http import actor_of, field_only
from steward.web.reporting import report_form, send_report


@field_only
@require_http_methods(["GET", "POST"])
def show(request: HttpRequest, project_id: int, pk: int) -> HttpResponse:
    """The request with its clock; POST reports back."""
    actor, now = actor_of(request), timezone.now()
    row = subtasks.get(project_id=project_id, pk=pk, actor=actor)
    typed = None
    if request.method == "POST":
        typed = send_report(request, row, actor, now)
        if typed is None:
            messages.success(request, _("Reported back."))
            return HttpResponseRedirect(reverse("field-jobs"), status=303)
    at_work = row.state in (SubTaskState.ASKED, SubTaskState.ACCEPTED) and subtasks.is_asked(row, actor)
    url = reverse("field-asked", args=[project_id, pk])
    context = page(
        request,
        actor,
        shell=shell_of(actor),
        row=row,
        asker=colleagues().get(row.asked_by_id or 0),
        may_accept=at_work and row.state == SubTaskState.ASKED,
        form=report_form(url, actor, _("Report back"), typed) if at_work else None,
        accept_url=reverse("field-asked-accept", args=[project_id, pk]),
    )
    return render(request, "field/asked.jinja", context, status=typed.status if typed else 200)


@field_only
@require_POST
def accept(request: HttpRequest, project_id: int, pk: int) -> HttpResponse:
    actor = actor_of(request)
    try:
        subtasks.accept_subtask(
            project_id=project_id, pk=pk, actor=actor, at=timezone.now(), client_uuid=client_uuid(request)
        )
    except ConflictError as refusal:  # a colleague of the same post was faster
        messages.warning(request, str(refusal))
        return HttpResponseRedirect(reverse("field-jobs"), status=303)
    messages.success(request, pgettext("sub-task", "Accepted."))
    return HttpResponseRedirect(reverse("field-asked", args=[project_id, pk]), status=303)
