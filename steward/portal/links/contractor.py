"""A contractor without account reports back; the link serves once."""

from datetime import datetime

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _

from steward.casework import subtasks
from steward.casework.models import Link
from steward.kernel.actor import Actor
from steward.portal.shell import shell_of, show
from steward.registers.org.tree import place
from steward.registers.workforce.people import colleagues
from steward.web.reporting import report_form, send_report


def report(request: HttpRequest, found: Link, actor: Actor, token: str, at: datetime) -> HttpResponse:
    row = subtasks.of_link(found, actor)
    typed = None
    context = {"row": row, "where": place(row.project_id), "now": at, "asker": colleagues().get(row.asked_by_id or 0)}
    if request.method == "POST":
        typed = send_report(request, row, actor, at)
        if typed is None:
            return show(request, "subtask_done", shell_of(None), context)
    url = reverse("portal-links:link", args=[token])
    context["form"] = report_form(url, actor, _("Report back"), typed)
    return show(request, "subtask", shell_of(None), context, status=typed.status if typed else 200)
