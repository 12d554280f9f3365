"""The verbs of a sub-task in the office: a form each, and the words with the contractor's link."""

from uuid import uuid4

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from steward.casework import subtasks
from steward.console.actions import Tried
from steward.console.service.shown import VERBS, verb_url
from steward.console.service.views import answer, done, form_fields, tried_to
from steward.console.shell import Desk, at_desk, part
from steward.design.forms import Field, Form
from steward.kernel.errors import NotFoundError
from steward.registers.org.tree import place
from steward.web.http import office_only


@office_only
@require_http_methods(["GET", "POST"])
@at_desk
def act(request: HttpRequest, desk: Desk, project_id: int, pk: int, name: str) -> HttpResponse:
    """One verb on a sub-task, as a form in the dialog or a page."""
    found = VERBS.get(name)
    if found is None:
        raise NotFoundError(_("There is no such page."))
    row = subtasks.get(project_id=project_id, pk=pk, actor=desk.actor)
    where = place(project_id)
    tried = Tried(uuid=str(uuid4()))
    if request.method == "POST":
        refused = tried_to(request, desk, where, found, project_id=project_id, pk=pk)
        if refused is None:
            return done(request, row.case.number)
        tried = refused
    asked = form_fields(found, desk, {}, tried)
    hidden = Field(name="client_uuid", label="", kind="hidden", value=tried.uuid)
    form = Form(
        action=verb_url(row, name),
        fields=[hidden, *asked],
        submit=found.title,
        target="#act",
        errors=[tried.refusal] if tried.refusal else (),
        note=row.what,
    )
    context = {"form": form, "action": found, "case": row.case, "wide": name == "report"}
    return answer(request, desk, context, where, tried.status)


@office_only
@require_POST
@at_desk
def link(request: HttpRequest, desk: Desk, project_id: int, pk: int) -> HttpResponse:
    """Words with a fresh single-use link for the contractor's chat."""
    row = subtasks.get(project_id=project_id, pk=pk, actor=desk.actor)
    text = subtasks.link_words(project_id=project_id, pk=pk, actor=desk.actor, at=desk.at)
    context = {"text": text, "number": row.case.number}
    return part(request, desk, "console/share.jinja", "body", context, tz=place(project_id).tz)
