"""补录: the form for a signed sheet, for a case that is there or one that was taken on paper too."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any
from uuid import uuid4

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from steward.cases import engine
from steward.cases.engine import Outcome
from steward.console.actions import Tried, finished
from steward.console.case import case_url, place_of
from steward.console.menu import DISPATCHERS
from steward.console.office import place_of_form
from steward.console.shell import Desk, at_desk, page
from steward.design.forms import Choice, Field, Form
from steward.kernel.actor import Role
from steward.kernel.errors import ConflictError, InvalidError, NotFoundError
from steward.kernel.schema import Data
from steward.processes.repair.models import Repair
from steward.processes.repair.paper import PaperCase, PaperWork, enter_case, enter_sheet
from steward.registers.org.tree import Place
from steward.registers.workforce.people import with_role
from steward.web.forms import client_uuid, posted, questions
from steward.web.http import office_only, status_of

Verb = Callable[[HttpRequest, Mapping[str, Any]], Outcome]


@office_only
@require_http_methods(["GET", "POST"])
@at_desk
def sheet(request: HttpRequest, desk: Desk, number: str) -> HttpResponse:
    """The signed job sheet of a case."""
    where = place_of(number)
    case, detail, _process = engine.load(where.id, number, desk.actor)
    if not isinstance(detail, Repair):
        raise NotFoundError(_("There is no such paper."))

    def verb(asked: HttpRequest, data: Mapping[str, Any]) -> Outcome:
        return enter_sheet(
            project_id=where.id,
            number=number,
            actor=desk.actor,
            at=desk.at,
            client_uuid=client_uuid(asked),
            data=data,
        )

    known = {
        "handler": case.handler_id,
        "arrived_at": detail.arrived_at,
        "cause": detail.cause,
        "scope": detail.scope_text,
        "person_name": case.reporter_name or case.customer_name,
        "relation": case.reporter_relation or _("the customer"),
    }
    heading = f"{number} {case.title}"
    return _page(request, desk, where, form=PaperWork, verb=verb, known=known, heading=heading, back=case_url(number))


@office_only
@require_http_methods(["GET", "POST"])
@at_desk
def day(request: HttpRequest, desk: Desk) -> HttpResponse:
    """A report and its work, both on paper: a day without network."""
    if not any(grant.role in DISPATCHERS for grant in desk.actor.grants):
        raise NotFoundError(_("There is no such page."))
    where = place_of_form(request, desk)

    def verb(asked: HttpRequest, data: Mapping[str, Any]) -> Outcome:
        return enter_case(project_id=where.id, actor=desk.actor, at=desk.at, client_uuid=client_uuid(asked), data=data)

    known = {"relation": _("the customer")}
    back = reverse("console:registers")
    return _page(request, desk, where, form=PaperCase, verb=verb, known=known, heading=where.name, back=back)


def _page(
    request: HttpRequest,
    desk: Desk,
    where: Place,
    *,
    form: type[Data],
    verb: Verb,
    known: Mapping[str, Any],
    heading: str,
    back: str,
) -> HttpResponse:
    tried = Tried(uuid=str(uuid4()))
    if request.method == "POST":
        found = _try(request, desk, where, form, verb)
        if isinstance(found, Outcome):
            messages.success(request, _("Entered as it was done."))
            answer = HttpResponseRedirect(case_url(found.case.number))
            answer.status_code = 303
            return answer
        tried = found
    values = tried.values if tried.status != 200 else known
    context = {
        "title": _("Enter a signed sheet"),
        "heading": heading,
        "back": back,
        "form": _form(request.path, form, desk, where, values, tried),
    }
    return page(request, desk, "console/papers/entry.jinja", context, here="cases", status=tried.status, tz=where.tz)


def _try(request: HttpRequest, desk: Desk, where: Place, form: type[Data], verb: Verb) -> Outcome | Tried:
    raw: dict[str, Any] = {}
    uuid = request.POST.get("client_uuid", "")
    try:
        raw = posted(form, request, actor=desk.actor, project_id=where.id, tz=where.tz, at=desk.at)
        return verb(request, raw)
    except InvalidError as error:
        stray = [str(words) for path, words in error.fields.items() if path.partition(".")[0] not in form.model_fields]
        return Tried(raw or request.POST.dict(), error.fields, " ".join(stray), 422, uuid)
    except ConflictError as error:
        return Tried(raw, {}, str(error), status_of(error), uuid)


def _form(action: str, form: type[Data], desk: Desk, where: Place, values: Mapping[str, Any], tried: Tried) -> Form:
    people: Sequence[Choice] = [(str(p.id), p.name) for p in with_role(Role.TECHNICIAN, where.id)]
    asked = questions(form, actor=desk.actor, options={"handler": people}, values=values, errors=tried.errors)
    fields = [finished(f, where, desk, tried) for f in asked]
    kept = [Field(name="sheet", label="", kind="hidden", value=pk) for pk in values.get("sheet") or ()]
    hidden = Field(name="client_uuid", label="", kind="hidden", value=tried.uuid)
    return Form(
        action=action,
        fields=[hidden, Field(name="project", label="", kind="hidden", value=where.code), *kept, *fields],
        submit=_("Enter"),
        errors=[tried.refusal] if tried.refusal else (),
        note=_("Pictures already sent are kept.") if kept else "",
    )
