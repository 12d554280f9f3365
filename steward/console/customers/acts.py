"""The verbs of a customer's file as dialogs: one view for all of them, each form made from its declaration."""

from collections.abc import Mapping, Sequence
from typing import Any, Final
from uuid import uuid4

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods
from django_htmx.http import HttpResponseClientRedirect

from steward.console.shell import Desk, at_desk, page, part
from steward.design.forms import Choice, Form
from steward.design.forms import Field as Question
from steward.kernel.errors import ConflictError, InvalidError, NotAllowedError, NotFoundError
from steward.registers.org.tree import place
from steward.registers.party.models import Customer
from steward.registers.party.verbs import VERBS, Verb, file_of, may, perform
from steward.registers.workforce.people import colleagues
from steward.web.forms import client_uuid, kind_of, posted, questions
from steward.web.http import office_only, status_of

#: The menu "more": what belongs together.
GROUPS: Final = (
    (gettext_lazy("Customer"), ("correct", "met", "classify", "make_key", "end_key")),
    (gettext_lazy("Rooms and cars"), ("move_in", "move_out", "add_vehicle", "end_vehicle")),
    (gettext_lazy("Family and powers"), ("add_contact", "correct_contact", "end_contact", "grant_power", "end_power")),
    (gettext_lazy("Care"), ("add_flag", "end_flag")),
    (gettext_lazy("Privacy"), ("consent", "withdraw", "share", "request", "answer")),
)


def groups(desk: Desk, customer: Customer) -> list[tuple[str, list[tuple[Verb, str]]]]:
    """What this colleague may do with the file, grouped."""
    found = []
    for title, names in GROUPS:
        mine = [VERBS[n] for n in names if n in VERBS and may(VERBS[n], desk.actor, customer.project_id)]
        if mine:
            found.append((str(title), [(v, act_url(customer, v.name)) for v in mine]))
    return found


def act_url(customer: Customer, name: str) -> str:
    return reverse("console:customers:act", args=[customer.project_id, customer.pk, name])


@office_only
@require_http_methods(["GET", "POST"])
@at_desk
def act(request: HttpRequest, desk: Desk, project_id: int, pk: int, verb: str) -> HttpResponse:
    """GET: the form. POST: done and back to the page, or the form with everything typed and what was wrong."""
    who = file_of(desk.actor, project_id, pk)
    found = VERBS.get(verb)
    if found is None:
        raise NotFoundError(_("There is no such action."))
    if not may(found, desk.actor, project_id):
        raise NotAllowedError(_("This is not yours to do."), rule="party.role")
    raw: dict[str, Any] = {}
    errors: Mapping[str, Any] = {}
    refusal, status, uuid = "", 200, str(uuid4())
    if request.method == "POST":
        uuid = request.POST.get("client_uuid", "")
        where = place(project_id)
        raw = posted(found.form, request, actor=desk.actor, project_id=project_id, tz=where.tz, at=desk.at)
        try:
            _do(request, desk, who, verb, {k: v for k, v in raw.items() if v != ""})
        except InvalidError as refused:
            errors, status = refused.fields, 422
            refusal = "" if set(errors) & set(found.form.model_fields) else str(refused)
        except ConflictError as refused:
            refusal, status = str(refused), status_of(refused)
        else:
            messages.success(request, _("%(action)s: done") % {"action": found.title})
            return _back(request, who)
    context = {
        "form": _form(found, who, desk, raw or request.GET.dict(), errors, refusal, uuid),
        "who": who,
        "title": found.title,
    }
    if not is_htmx(request):
        return page(request, desk, "console/customers/act_page.jinja", context, here="customers", status=status)
    block = "body" if request.method == "GET" else "form"
    return part(request, desk, "console/customers/parts.jinja", block, context, status=status)


def _do(request: HttpRequest, desk: Desk, who: Customer, verb: str, raw: Mapping[str, Any]) -> None:
    perform(
        project_id=who.project_id,
        customer_id=who.pk,
        verb=verb,
        actor=desk.actor,
        at=desk.at,
        client_uuid=client_uuid(request),
        raw=raw,
    )


def _form(
    found: Verb,
    who: Customer,
    desk: Desk,
    values: Mapping[str, Any],
    errors: Mapping[str, Any],
    refusal: str,
    uuid: str,
) -> Form:
    options: dict[str, Sequence[Choice]] = dict(found.options(who)) if found.options else {}
    for name, info in found.form.model_fields.items():
        if kind_of(info) == "staff":
            options[name] = _staff(who.project_id)
    known = _only_choices(found, options) | {k: v for k, v in values.items() if k in found.form.model_fields}
    hidden = Question(name="client_uuid", label="", kind="hidden", value=uuid)
    return Form(
        action=act_url(who, found.name),
        fields=[hidden, *questions(found.form, actor=desk.actor, options=options, values=known, errors=errors)],
        submit=found.title,
        target="#act",
        errors=[refusal] if refusal else (),
    )


def _only_choices(found: Verb, options: Mapping[str, Sequence[Choice]]) -> dict[str, Any]:
    """Where something must be chosen and there is but one to choose, it is."""
    must = [n for n, info in found.form.model_fields.items() if info.is_required()]
    return {n: options[n][0][0] for n in must if len(options.get(n, ())) == 1}


def _staff(project_id: int) -> list[Choice]:
    here = [c for c in colleagues().values() if c.is_active and any(project_id in g for _r, g in c.grants)]
    return [(str(c.id), f"{c.name} · {c.post}") for c in here]


def _back(request: HttpRequest, who: Customer) -> HttpResponse:
    target = reverse("console:customers:customer", args=[who.project_id, who.pk])
    if is_htmx(request):
        return HttpResponseClientRedirect(target)
    response = HttpResponseRedirect(target)
    response.status_code = 303
    return response


def is_htmx(request: HttpRequest) -> bool:
    return request.headers.get("HX-Request") == "true"
