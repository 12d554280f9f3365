"""One action on a case: its generated form in a dialog, and its posting through the engine."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Final
from uuid import uuid4

from django.contrib import messages
from django.db.models import Count
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import pgettext
from django.views.decorators.http import require_http_methods
from django_htmx.http import HttpResponseClientRedirect

from steward.cases import engine
from steward.cases.declare import Action, Nothing
from steward.cases.models import Case
from steward.casework.categories import categories, of_kind
from steward.casework.screens import Screen, screen_of
from steward.console.case import case_url, place_of
from steward.console.shell import Desk, at_desk, page, part
from steward.design.environment import money
from steward.design.forms import Choice, Field, Form
from steward.kernel.actor import FIELD_ONLY
from steward.kernel.errors import ConflictError, InvalidError, NotAllowedError, NotFoundError, RefusalError
from steward.kernel.schema import Data
from steward.registers.billing.prices import prices
from steward.registers.knowledge.articles import articles
from steward.registers.org.tree import Place
from steward.registers.workforce.away import away_now
from steward.registers.workforce.models import Skill
from steward.registers.workforce.people import Colleague, colleagues, with_role
from steward.web.forms import client_uuid, kind_of, posted, questions
from steward.web.http import staff_only, status_of

WIDE: Final = frozenset({"lines", "photos", "signature"})
LINES: Final = "lines"


@dataclass(frozen=True)
class Tried:
    """What was typed and why it was refused."""

    values: Mapping[str, Any] = field(default_factory=dict)
    errors: Mapping[str, Any] = field(default_factory=dict)
    refusal: str = ""
    status: int = 200
    uuid: str = ""


@staff_only
@require_http_methods(["GET", "POST"])
@at_desk
def perform(request: HttpRequest, desk: Desk, number: str, action: str) -> HttpResponse:
    """GET: the form, for the dialog or as a page of its own. POST: 303 to the case, or the form with what was wrong."""
    where = place_of(number)
    if request.method == "POST":
        tried = _try(request, desk, where, number, action)
        if tried is None:
            return _done(request, _after(desk, where, number))
    else:
        tried = Tried(uuid=str(uuid4()))
    case, detail, process = engine.load(where.id, number, desk.actor)
    found = process.action(action)
    if found is None:
        raise NotFoundError(_("There is no such action."))
    if request.method == "GET" and not engine.may(found, case, desk.actor):
        raise _refusal(found, case, desk)
    form = form_of(found, case, detail, desk, where, tried)
    context = {"form": form, "action": found, "case": case, "wide": _is_wide(found.form)}
    if not is_htmx(request):
        return page(
            request,
            desk,
            "console/action.jinja",
            context,
            here="cases",
            child=case.kind,
            status=tried.status,
            tz=where.tz,
        )
    block = "body" if request.method == "GET" else "form"
    return part(request, desk, "console/act.jinja", block, context, status=tried.status, tz=where.tz)


def _refusal(found: Action, case: Case, desk: Desk) -> RefusalError:
    if not found.by.allows(desk.actor, case, found.link):
        return NotAllowedError(_("This is not yours to do."), rule="case.role")
    return ConflictError(_("Not possible in this state: the case has moved on."), rule="case.state")


def _try(request: HttpRequest, desk: Desk, where: Place, number: str, name: str) -> Tried | None:
    """None when it was done; else everything typed, with the refusal."""
    raw: dict[str, Any] = {}
    uuid = request.POST.get("client_uuid", "")
    try:
        _case, _detail, process = engine.load(where.id, number, desk.actor)
        found = process.action(name)
        if found is None:
            raise NotFoundError(_("There is no such action."))
        raw = posted(found.form, request, actor=desk.actor, project_id=where.id, tz=where.tz, at=desk.at)
        engine.act(
            project_id=where.id,
            number=number,
            action=name,
            actor=desk.actor,
            at=desk.at,
            client_uuid=client_uuid(request),
            data=raw,
            note=request.POST.get("note", "") if found.form is Nothing else "",
        )
    except InvalidError as error:
        return Tried(raw or request.POST.dict(), error.fields, _stray(error, raw), 422, uuid)
    except ConflictError as error:
        return Tried(raw, {}, str(error), status_of(error), uuid)
    messages.success(request, _("%(action)s: done") % {"action": found.title})
    return None


def _stray(error: InvalidError, raw: Mapping[str, Any]) -> str:
    """An error that belongs to no field of the form."""
    return str(error.fields["client_uuid"]) if "client_uuid" in error.fields else ""


def _after(desk: Desk, where: Place, number: str) -> str:
    """Given back or accepted, a case is out of sight for whoever works in the field alone."""
    field_only = not desk.actor.roles_in(where.id) - FIELD_ONLY
    gone = field_only and not Case.objects.visible_to(desk.actor).filter(project_id=where.id, number=number).exists()
    return reverse("console:workbench") if gone else case_url(number)


def _done(request: HttpRequest, url: str) -> HttpResponse:
    if is_htmx(request):
        return HttpResponseClientRedirect(url)
    response = HttpResponseRedirect(url)
    response.status_code = 303
    return response


def form_of(found: Action, case: Case, detail: Any, desk: Desk, where: Place, tried: Tried) -> Form:
    """The action's declared questions, begun with what is known, or with what was typed."""
    screen = screen_of(case.kind)
    values = tried.values if tried.status != 200 else screen.begin(found.name, case, detail, desk.actor)
    fields = questions(
        found.form,
        actor=desk.actor,
        options=_options(found, case, detail, desk, screen),
        values=values,
        errors=tried.errors,
        leave_out=screen.leave_out(found.name, case, detail, desk.actor),
    )
    fields = [_searched(f, case, where) if f.kind == "article" else finished(f, where, desk, tried) for f in fields]
    if found.form is Nothing:
        fields = [Field(name="note", label=_("Note"), kind="textarea", rows=2, value=values.get("note"))]
    kept = [
        Field(name=f.name, label="", kind="hidden", value=pk)
        for f in fields
        if f.kind == "photos"
        for pk in f.value or ()
    ]
    hidden = Field(name="client_uuid", label="", kind="hidden", value=tried.uuid)
    return Form(
        action=f"{case_url(case.number)}actions/{found.name}/",
        fields=[hidden, *kept, *fields],
        submit=found.title,
        target="#act",
        errors=[tried.refusal] if tried.refusal else (),
        note=_("Pictures already sent are kept.") if kept else "",
    )


def finished(question: Field, where: Place, desk: Desk, tried: Tried) -> Field:
    """Rows of the price list get their choices, prices and errors."""
    if question.kind != LINES:
        return question
    items = prices(lineage=where.lineage, at=desk.at).items
    choices: list[Choice] = [(p.code, f"{p.name} {money(p.price)}/{p.unit}") for p in items.values()]
    columns = (
        Field(name="code", label=_("Item of the price list"), choices=choices, required=True),
        Field(name="quantity", label=_("Quantity"), kind="decimal", required=True, value="1"),
    )
    rows = [
        {**row, "errors": _row_errors(question.name, n, tried.errors)} for n, row in enumerate(question.value or ())
    ]
    return replace(question, columns=columns, prices={p.code: str(p.price) for p in items.values()}, value=rows)


def _searched(question: Field, case: Case, where: Place) -> Field:
    known = articles().get(int(question.value)) if str(question.value or "").isdecimal() else None
    return replace(
        question,
        search_url=f"{reverse('console:knowledge-find')}?project={where.id}",
        beside_url=f"{reverse('console:knowledge-beside')}?number={case.number}",
        value_label=known.question if known else "",
    )


def _row_errors(name: str, n: int, errors: Mapping[str, Any]) -> dict[str, Any]:
    start = f"{name}.{n}."
    return {path.removeprefix(start): text for path, text in errors.items() if path.startswith(start)}


def _options(found: Action, case: Case, detail: Any, desk: Desk, screen: Screen) -> dict[str, Sequence[Choice]]:
    options: dict[str, Sequence[Choice]] = dict(screen.choices(found.name, case, detail, desk.actor))
    for name, info in found.form.model_fields.items():
        if kind_of(info) == "staff":
            options[name] = _staff(found, case, desk, screen)
        elif name == "category":
            language = desk.actor.language
            options[name] = [(c.code, c.title(language)) for c in of_kind(case.kind, case.project_id)]
    return options


def _staff(found: Action, case: Case, desk: Desk, screen: Screen) -> list[Choice]:
    """Who can be named: with their skills and how much each has in hand; the fitting ones first, the absent last.
    Two queries."""
    role = screen.helpers.get(found.name)
    people = with_role(role, case.project_id) if role else _everybody(case.project_id)
    category = categories().get(case.category_id or 0)
    skill = category.skill if category else ""
    loads = load_of([p.id for p in people], desk)
    gone = away_now([p.id for p in people], desk.at)
    people.sort(key=lambda p: (p.id in gone, bool(skill) and skill not in p.skills, loads.get(p.id, 0), p.id))
    words = {pk: row.words for pk, row in gone.items()}
    return [
        (str(p.id), _introduced(p, skill, loads.get(p.id, 0), with_skills=bool(role), away=words.get(p.id, "")))
        for p in people
    ]


def _everybody(project_id: int) -> list[Colleague]:
    return [c for c in colleagues().values() if c.is_active and any(project_id in g for _r, g in c.grants)]


def load_of(staff: Sequence[int], desk: Desk) -> dict[int, int]:
    """Open cases in each one's hands."""
    rows = Case.objects.visible_to(desk.actor).filter(handler_id__in=staff, closed_at__isnull=True)
    return dict(rows.values_list("handler_id").annotate(n=Count("pk")).order_by())


def _introduced(who: Colleague, skill: str, load: int, *, with_skills: bool, away: str = "") -> str:
    parts = [who.name, away]
    if with_skills:
        parts.append(_(", ").join(str(Skill(s).label) for s in who.skills) or _("no skill recorded"))
        if skill and skill not in who.skills:
            parts.append(_("not for this"))
    else:
        parts.append(who.post)
    parts.append(_("%(n)s in hand") % {"n": load} if load else pgettext("technician", "free"))
    return " · ".join(filter(None, parts))


def is_htmx(request: HttpRequest) -> bool:
    return request.headers.get("HX-Request") == "true"


def _is_wide(form: type[Data]) -> bool:
    return any(kind_of(info) in WIDE for info in form.model_fields.values())
