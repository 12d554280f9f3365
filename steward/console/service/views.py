"""The forms of the asks, in the dialog or as a page; refused ones come back with everything typed."""

from typing import Any
from uuid import uuid4

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods
from django_htmx.http import HttpResponseClientRedirect

from steward.cases import engine
from steward.cases.declare import Nothing
from steward.cases.models import Case
from steward.console.actions import Tried, is_htmx
from steward.console.case import case_url, place_of
from steward.console.menu import page_url
from steward.console.service.asks import ASKS, Ask, Options
from steward.console.shell import Desk, at_desk, page, part
from steward.design.forms import Field, Form
from steward.kernel.errors import ConflictError, InvalidError, NotAllowedError, NotFoundError
from steward.registers.org.tree import Place
from steward.web.forms import client_uuid, posted, questions
from steward.web.http import office_only, status_of


@office_only
@require_http_methods(["GET", "POST"])
@at_desk
def ask(request: HttpRequest, desk: Desk, number: str, name: str) -> HttpResponse:
    """GET: the form. POST: 303 to the case (or the workbench, where it was answered there)."""
    where, found = place_of(number), ASKS.get(name)
    if found is None:
        raise NotFoundError(_("There is no such page."))
    tried = Tried(uuid=str(uuid4()))
    if request.method == "POST":
        engine.load(where.id, number, desk.actor)
        refused = tried_to(request, desk, where, found, project_id=where.id, number=number)
        if refused is None:
            return done(request, number)
        tried = refused
    case, _detail, _process = engine.load(where.id, number, desk.actor)
    if request.method == "GET":
        tried = Tried(found.begin(case, desk), uuid=tried.uuid)
    context = {"form": form_of(found, case, desk, tried), "action": found, "case": case, "wide": False}
    return answer(request, desk, context, where, tried.status)


def answer(request: HttpRequest, desk: Desk, context: dict[str, Any], where: Place, status: int) -> HttpResponse:
    case: Case = context["case"]
    if is_htmx(request):
        block = "body" if request.method == "GET" else "form"
        return part(request, desk, "console/act.jinja", block, context, status=status, tz=where.tz)
    return page(
        request, desk, "console/action.jinja", context, here="cases", child=case.kind, status=status, tz=where.tz
    )


def tried_to(request: HttpRequest, desk: Desk, where: Place, found: Ask, **whose: Any) -> Tried | None:
    """None when it was done; else everything typed, with the refusal. ``whose``: what names the row."""
    raw: dict[str, Any] = {}
    uuid = request.POST.get("client_uuid", "")
    try:
        asked: dict[str, Any] = {"client_uuid": client_uuid(request)}
        if found.form is not Nothing:
            raw = posted(found.form, request, actor=desk.actor, project_id=where.id, tz=where.tz, at=desk.at)
            asked["data"] = raw
        found.do(actor=desk.actor, at=desk.at, **whose, **asked)
    except InvalidError as error:
        stray = str(error.fields["client_uuid"]) if "client_uuid" in error.fields else ""
        return Tried(raw or request.POST.dict(), error.fields, stray, 422, uuid)
    except (ConflictError, NotAllowedError) as error:
        return Tried(raw, {}, str(error), status_of(error), uuid)
    messages.success(request, _("%(action)s: done") % {"action": found.title})
    return None


def done(request: HttpRequest, number: str) -> HttpResponse:
    url = page_url("workbench") if request.POST.get("back") == "workbench" else case_url(number)
    if is_htmx(request):
        return HttpResponseClientRedirect(url)
    response = HttpResponseRedirect(url)
    response.status_code = 303
    return response


def form_fields(found: Ask, desk: Desk, options: Options, tried: Tried) -> list[Field]:
    """The questions, and pictures already sent."""
    fields = questions(found.form, actor=desk.actor, options=options, values=tried.values, errors=tried.errors)
    kept = [
        Field(name=f.name, label="", kind="hidden", value=pk)
        for f in fields
        if f.kind == "photos"
        for pk in f.value or ()
    ]
    return [*kept, *fields]


def form_of(found: Ask, case: Case, desk: Desk, tried: Tried) -> Form:
    fields = form_fields(found, desk, found.options(case, desk), tried)
    hidden = Field(name="client_uuid", label="", kind="hidden", value=tried.uuid)
    return Form(
        action=reverse("console:case-ask", args=[case.number, found.name]),
        fields=[hidden, *fields],
        submit=found.title,
        target="#act",
        errors=[tried.refusal] if tried.refusal else (),
    )
