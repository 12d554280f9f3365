"""What is done to an incident from its page. Each is one verb."""

from collections.abc import Callable, Mapping
from typing import Any, Final
from uuid import uuid4

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_POST

from steward.assurance.incidents import forms, verbs
from steward.assurance.incidents.proposals import keep_apart
from steward.casework.categories import of_kind
from steward.console.case import case_url
from steward.console.incidents.views import FORMS, Tried, answer, where_of
from steward.console.shell import Desk, at_desk, page
from steward.design.forms import Choice, Field
from steward.kernel.actor import Role
from steward.kernel.errors import ConflictError, InvalidError, NotAllowedError, NotFoundError
from steward.kernel.marks import listed
from steward.registers.estate.models import Building
from steward.registers.org.tree import Place, place
from steward.registers.workforce.people import with_role
from steward.web.forms import client_uuid, posted, questions
from steward.web.http import office_only, status_of

OWN: Final = frozenset({"cases"})
MOST: Final = 100
HANDLERS: Final = (Role.TECHNICIAN, Role.BUTLER, Role.HEAD_BUTLER, Role.MANAGER)
Common = dict[str, Any]


def _see_other(url: str) -> HttpResponse:
    response = HttpResponseRedirect(url)
    response.status_code = 303
    return response


@office_only
@require_http_methods(["GET", "POST"])
@at_desk
def new(request: HttpRequest, desk: Desk) -> HttpResponse:
    typed = request.POST if request.method == "POST" else request.GET
    where = _project(desk, typed.get("project", ""))
    errors: Mapping[str, Any] = {}
    refusal = ""
    if request.method == "POST" and where is not None:
        try:
            return _open(request, desk, where)
        except InvalidError as error:
            errors = error.fields
        except (ConflictError, NotAllowedError) as error:
            refusal = str(error)
    context = {
        "where": where,
        "places": desk.places,
        "fields": _questions(desk, where, typed, errors) if where else [],
        "cases": typed.getlist("case")[:MOST],
        "stray": [refusal] if refusal else [text for name, text in errors.items() if name in ("client_uuid", "cases")],
        "uuid": typed.get("client_uuid") or str(uuid4()),
    }
    status = 422 if errors else 409 if refusal else 200
    return page(request, desk, "console/incidents/new.jinja", context, here="incidents", status=status)


def _project(desk: Desk, wanted: str) -> Place | None:
    if wanted.isdecimal() and len(wanted) < 16 and int(wanted) in desk.actor.project_ids:
        return place(int(wanted))
    return desk.chosen


def _open(request: HttpRequest, desk: Desk, where: Place) -> HttpResponse:
    """Raises InvalidError naming the field."""
    form = forms.OpenIncident
    raw = posted(form, request, actor=desk.actor, project_id=where.id, tz=where.tz, at=desk.at)
    raw = {name: value for name, value in raw.items() if value not in ("", None)}
    raw["cases"] = request.POST.getlist("case")[:MOST]
    done = verbs.open_incident(
        project_id=where.id, actor=desk.actor, at=desk.at, client_uuid=client_uuid(request), data=raw
    )
    messages.success(request, _("%(number)s is open, everybody affected is told.") % {"number": done.number})
    return _see_other(reverse("console:incidents:show", args=[done.number]))


def _questions(desk: Desk, where: Place, values: Mapping[str, Any], errors: Mapping[str, Any]) -> list[Field]:
    buildings = Building.objects.visible_to(desk.actor).filter(project_id=where.id).order_by("code")
    handlers = {c.id: f"{c.name}（{c.post}）" for role in HANDLERS for c in with_role(role, where.id)}
    options: dict[str, list[Choice]] = {
        "category": [(c.code, c.title(desk.actor.language)) for c in of_kind("repair", where.id)],
        "building": [(str(b.pk), b.name) for b in buildings],
        "handler": [(str(pk), name) for pk, name in handlers.items()],
    }
    begun = {"urgency": "P1", **{k: v for k, v in values.items() if v}}
    form = forms.OpenIncident
    return questions(form, actor=desk.actor, options=options, values=begun, errors=errors, leave_out=OWN)


@office_only
@require_POST
@at_desk
def act(request: HttpRequest, desk: Desk, number: str, verb: str) -> HttpResponse:
    """One verb; refused, the page comes back with everything typed."""
    do = VERBS.get(verb)
    if do is None:
        raise NotFoundError(_("There is no such action."))
    typed = {k: str(v) for k, v in request.POST.items()}
    uuid = typed.get("client_uuid", "")
    where = where_of(number)
    try:
        common = {"project_id": where.id, "number": number, "actor": desk.actor, "at": desk.at}
        common["client_uuid"] = client_uuid(request)
        return do(request, common, _data(request, desk, verb, where))
    except InvalidError as error:
        known = set(FORMS[verb].model_fields) if verb in FORMS else set()
        stray = "" if set(error.fields) & known else str(error)
        return answer(request, desk, number, Tried(verb, typed, error.fields, stray, 422, uuid))
    except (ConflictError, NotAllowedError) as error:
        return answer(request, desk, number, Tried(verb, typed, {}, str(error), status_of(error), uuid))


def _data(request: HttpRequest, desk: Desk, verb: str, where: Place) -> dict[str, Any]:
    if verb not in FORMS:
        return {}
    read = posted(FORMS[verb], request, actor=desk.actor, project_id=where.id, tz=where.tz, at=desk.at)
    return {name: value for name, value in read.items() if value not in ("", None)}


def _back(common: Common) -> HttpResponse:
    return _see_other(reverse("console:incidents:show", args=[common["number"]]))


def _news(request: HttpRequest, common: Common, data: dict[str, Any]) -> HttpResponse:
    verbs.tell_news(**common, data=data)
    messages.success(request, _("Everybody affected is told."))
    return _back(common)


def _on_site(request: HttpRequest, common: Common, data: dict[str, Any]) -> HttpResponse:
    verbs.on_site(**common)
    messages.success(request, _("Somebody is on site: written down for all its cases."))
    return _back(common)


def _close(request: HttpRequest, common: Common, data: dict[str, Any]) -> HttpResponse:
    done = verbs.close_incident(**common, data=data)
    n = len(done.done)
    messages.success(
        request, ngettext("Over. %(n)s case is completed.", "Over. %(n)s cases are completed.", n) % {"n": n}
    )
    if done.waits:
        messages.warning(
            request, _("Common parts, still to be accepted: %(numbers)s") % {"numbers": listed(done.waits)}
        )
    if done.left:
        messages.warning(request, _("Still open: %(numbers)s") % {"numbers": listed(done.left)})
    return _back(common)


def _link(request: HttpRequest, common: Common, data: dict[str, Any]) -> HttpResponse:
    verbs.link_case(**common, case_number=_number(request))
    messages.success(request, _("%(number)s is part of it.") % {"number": _number(request)})
    return _back(common)


def _unlink(request: HttpRequest, common: Common, data: dict[str, Any]) -> HttpResponse:
    verbs.unlink_case(**common, case_number=_number(request), data=data)
    messages.success(request, _("%(number)s goes its own way again.") % {"number": _number(request)})
    return _back(common)


def _caller(request: HttpRequest, common: Common, data: dict[str, Any]) -> HttpResponse:
    case = verbs.add_caller(**common, data=data)
    messages.success(request, _("%(number)s received, part of this incident.") % {"number": case.number})
    return _see_other(case_url(case.number)) if request.POST.get("then") == "case" else _back(common)


def _number(request: HttpRequest) -> str:
    return request.POST.get("case", "").strip().upper()[:40]


Verb = Callable[[HttpRequest, Common, dict[str, Any]], HttpResponse]
VERBS: Final[dict[str, Verb]] = {
    "news": _news,
    "on-site": _on_site,
    "close": _close,
    "link": _link,
    "unlink": _unlink,
    "caller": _caller,
}


@office_only
@require_POST
@at_desk
def apart(request: HttpRequest, desk: Desk) -> HttpResponse:
    """A proposed common cause is none."""
    where = _project(desk, request.POST.get("project", ""))
    if where is None:
        raise NotFoundError(_("There is no such project."))
    keep_apart(project_id=where.id, numbers=request.POST.getlist("case")[:MOST], actor=desk.actor, at=desk.at)
    messages.success(request, _("Kept apart: these cases are not proposed again."))
    to_workbench = request.POST.get("next", "") == "workbench"
    return _see_other(reverse("console:workbench" if to_workbench else "console:incidents"))
