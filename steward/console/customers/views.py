"""Customers and rooms: the list, the page, its slower parts, and masked values on request."""

from typing import Any, Final
from urllib.parse import urlencode
from uuid import uuid4

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from steward.cases.declare import process_of
from steward.cases.models import Entry
from steward.console.customers import listing, reads
from steward.console.customers.acts import groups, is_htmx
from steward.console.customers.privacy import privacy_of
from steward.console.menu import INTAKE
from steward.console.shell import Desk, at_desk, page, part
from steward.console.timeline import ICONS
from steward.design.clockface import when
from steward.design.forms import Field, Form
from steward.kernel.errors import InvalidError, NotAllowedError, NotFoundError
from steward.registers.estate.status import history_of
from steward.registers.org.tree import place
from steward.registers.party.models import Customer, DataRequest, Piece, office_projects
from steward.registers.party.moves import NewCustomer, add_customer
from steward.registers.party.privacy_models import RequestKind
from steward.registers.party.reveals import note, reveal
from steward.registers.party.verbs import KEEPERS, OVERSEERS, file_of
from steward.registers.workforce.people import colleagues
from steward.web import personal
from steward.web.cases import title_of
from steward.web.forms import client_uuid, posted, questions
from steward.web.http import office_only

EVENTS: Final = 30
ICONS_OF_CALLS: Final = {"open": ("wait", "phone-outgoing"), "unsatisfied": ("late", "mood-sad")}


@office_only
@require_GET
@at_desk
def index(request: HttpRequest, desk: Desk) -> HttpResponse:
    """What was typed leads straight to the only match; several are listed; without words, the list."""
    given = {name: request.GET.get(name, "").strip()[:80] for name in ("q", "value_class", "care", "key")}
    mark = request.GET.get("cursor", "")
    asked = listing.Asked(**given, cursor=int(mark) if mark.isdecimal() and len(mark) < 16 else 0)
    hits = listing.hits(desk, asked.q)
    if len(hits) == 1:
        return HttpResponseRedirect(listing.hit_url(hits[0]))
    rows, more = ([], 0) if asked.q else listing.lines(desk, asked)
    query = {k: v for k, v in given.items() if v}
    context = {
        "asked": asked,
        "hits": [(hit, listing.hit_url(hit)) for hit in hits],
        "rows": rows,
        "filters": listing.filters(asked),
        "narrowed": bool(query),
        "may_add": any(g.role in KEEPERS for g in desk.actor.grants),
        "pager": {
            "newer_url": f"?{urlencode(query)}" if asked.cursor else "",
            "older_url": f"?{urlencode({**query, 'cursor': more})}" if more else "",
        },
    }
    return page(request, desk, "console/customers/index.jinja", context, here="customers", search_query=asked.q)


@office_only
@require_GET
@at_desk
def customer(request: HttpRequest, desk: Desk, project_id: int, pk: int) -> HttpResponse:
    file = reads.customer_file(desk, _known(desk, project_id), pk)
    return _file(request, desk, file)


@office_only
@require_GET
@at_desk
def unit(request: HttpRequest, desk: Desk, project_id: int, pk: int) -> HttpResponse:
    file = reads.unit_file(desk, _known(desk, project_id), pk)
    return _file(request, desk, file)


@office_only
@require_GET
@at_desk
def status_history(request: HttpRequest, desk: Desk, project_id: int, pk: int) -> HttpResponse:
    """What the room was since when; loaded after its page. Two statements."""
    room = reads.room(desk, _known(desk, project_id), pk)
    changes = history_of(project_id, room.pk)
    return part(request, desk, "console/customers/parts.jinja", "status", {"changes": changes}, tz=place(project_id).tz)


def _known(desk: Desk, project_id: int) -> int:
    """A project whose office this is. Raises NotFoundError."""
    if project_id not in office_projects(desk.actor):
        raise NotFoundError(_("There is no such page."))
    return project_id


def _file(request: HttpRequest, desk: Desk, file: reads.File) -> HttpResponse:
    where = place(file.project_id)
    with timezone.override(where.tz):
        context = _words(desk, file)
    return page(request, desk, "console/customers/file.jinja", context, here="customers", tz=where.tz)


def _words(desk: Desk, file: reads.File) -> dict[str, Any]:
    where, who = place(file.project_id), file.customer
    known = colleagues()
    butler_id = next((s.occupancy.unit.butler_staff_id for s in file.mine if s.current), None)
    if file.unit is not None:
        butler_id = file.unit.butler_staff_id
    butler, key = known.get(butler_id or 0), known.get((who.key_staff_id if who else None) or 0)
    take = {
        "project": file.project_id,
        **({"customer": who.pk} if who else {"unit": file.unit.pk if file.unit else ""}),
    }
    return {
        "file": file,
        "who": who,
        "where": where,
        "butler": butler.name if butler else "",
        "key_person": key.name if key else "",
        "late": sum(row.face.tone == "late" for row in file.open_cases),
        "calls": [
            (c, _tone(c.state), c.get_state_display(), when(c.ended_at or c.due_at, desk.at))
            for c in file.callbacks[:8]
        ],
        "grid_query": urlencode(
            {"project": where.code, "building": file.unit.label.partition("-")[0] if file.unit else ""}
        ),
        "may_take": any(g.role in INTAKE for g in desk.actor.grants),
        "intake_url": f"{reverse('console:intake')}?{urlencode(take)}",
        "groups": groups(desk, who) if who and who.erased_at is None else [],
        "do": lambda name, pk: reverse("console:customers:act", args=[file.project_id, pk, name]),
        "reveal_url": lambda piece, pk, contact=0: reverse(
            "console:customers:reveal", args=[file.project_id, pk, piece, contact]
        ),
        "customer_url": listing.customer_url,
        "unit_url": listing.unit_url,
        "case_reasons": [row.case["number"] for row in file.open_cases],
    }


def _tone(state: str) -> tuple[str, str]:
    return ICONS_OF_CALLS.get(state, ("ok", "circle-check"))


@office_only
@require_GET
@at_desk
def timeline(request: HttpRequest, desk: Desk, project_id: int, pk: int) -> HttpResponse:
    """What happened in all cases of the customer, the latest first. Three statements."""
    who = file_of(desk.actor, _known(desk, project_id), pk)
    rows = Entry.objects.visible_to(desk.actor).filter(project_id=project_id, case__customer=who)
    found = rows.select_related("case").order_by("-happened_at", "-pk")[:EVENTS]
    said = []
    for entry in found:
        process = process_of(entry.case.kind)
        if process is not None:
            said.append(
                (
                    entry,
                    title_of(process, entry),
                    ICONS.get(entry.action, "circle-dot"),
                    when(entry.happened_at, desk.at),
                )
            )
    tz = place(project_id).tz
    return part(request, desk, "console/customers/parts.jinja", "timeline", {"events": said}, tz=tz)


@office_only
@require_GET
@at_desk
def privacy(request: HttpRequest, desk: Desk, project_id: int, pk: int) -> HttpResponse:
    """Consents, requests, data passed on; for managers who looked and who changed what. Six statements."""
    who = file_of(desk.actor, _known(desk, project_id), pk)
    tz = place(project_id).tz
    return part(request, desk, "console/customers/parts.jinja", "privacy", privacy_of(desk, who), tz=tz)


@office_only
@require_http_methods(["GET", "POST"])
@at_desk
def show(request: HttpRequest, desk: Desk, project_id: int, pk: int, piece: str, contact: int) -> HttpResponse:
    """GET asks for the reason; POST shows the value once and writes down who looked."""
    who = file_of(desk.actor, _known(desk, project_id), pk)
    context: dict[str, Any] = {"who": who, "piece": piece, "found": "", "link": ""}
    reason, error = request.POST.get("reason", ""), ""
    if request.method == "POST":
        try:
            found = reveal(
                project_id=project_id,
                customer_id=pk,
                piece=piece,
                contact_id=contact or None,
                actor=desk.actor,
                at=desk.at,
                reason=reason,
            )
            context["found"] = format_html('<a href="tel:{0}">{0}</a>', found) if piece == Piece.PHONE else found
        except InvalidError as refused:
            error = str(refused.fields.get("reason", refused))
    context["form"] = Form(
        action=reverse("console:customers:reveal", args=[project_id, pk, piece, contact]),
        fields=[
            Field(
                name="reason",
                label=_("Why do you need it?"),
                required=True,
                value=reason,
                error=error,
                help=_("Written down with your name. Inside an open case no reason is asked: the case is the reason."),
            )
        ],
        submit=_("Show once"),
        submit_icon="eye",
        target="#act",
    )
    status = 422 if error else 200
    if not is_htmx(request):
        return page(request, desk, "console/customers/act_page.jinja", context, here="customers", status=status)
    block = "reveal" if request.method == "GET" else "reveal_again"
    return part(request, desk, "console/customers/parts.jinja", block, context, status=status)


@office_only
@require_http_methods(["GET", "POST"])
@at_desk
def new(request: HttpRequest, desk: Desk) -> HttpResponse:
    """A new customer with a first room."""
    places = [p for p in desk.places if p.id in desk.actor.projects_with(*KEEPERS)]
    if not places:
        raise NotFoundError(_("There is no such page."))
    wanted = request.POST.get("project", "")
    first = desk.chosen if desk.chosen in places and desk.chosen is not None else places[0]
    where = next((p for p in places if str(p.id) == wanted), first)
    errors: dict[str, Any] = {}
    raw: dict[str, Any] = {}
    if request.method == "POST":
        raw = posted(NewCustomer, request, actor=desk.actor, project_id=where.id, tz=where.tz, at=desk.at)
        raw = {k: v for k, v in raw.items() if v != ""}
        try:
            made: Customer = add_customer(
                project_id=where.id, actor=desk.actor, at=desk.at, client_uuid=client_uuid(request), raw=raw
            )
        except InvalidError as refused:
            errors = refused.fields
        else:
            messages.success(request, _("%(name)s is entered") % {"name": made.name})
            response = HttpResponseRedirect(listing.customer_url(where.id, made.pk))
            response.status_code = 303
            return response
    uuid = Field(name="client_uuid", label="", kind="hidden", value=request.POST.get("client_uuid") or str(uuid4()))
    projects = Field(
        name="project",
        label=_("Project"),
        kind="choice" if len(places) > 1 else "hidden",
        choices=[(str(p.id), p.name) for p in places],
        value=str(where.id),
        required=True,
    )
    fields = questions(NewCustomer, actor=desk.actor, values=raw or {"kind": "person", "role": "owner"}, errors=errors)
    form = Form(
        action=reverse("console:customers:new"),
        fields=[uuid, projects, *fields],
        submit=_("Enter the customer"),
        submit_icon="user-plus",
        cancel_url=reverse("console:customers"),
    )
    context = {"form": form, "title": _("New customer")}
    return page(request, desk, "console/customers/new.jinja", context, here="customers", status=422 if errors else 200)


@office_only
@require_GET
@at_desk
def export(request: HttpRequest, desk: Desk, project_id: int, pk: int, asked: int) -> HttpResponse:
    """Everything about the person, as a page to print, JSON or Excel; only for a request for access, and logged."""
    who = file_of(desk.actor, _known(desk, project_id), pk)
    if not OVERSEERS & desk.actor.roles_in(project_id):
        raise NotAllowedError(_("This is not yours to do."), rule="party.role")
    rows = DataRequest.objects.in_project(project_id).filter(customer=who, kind=RequestKind.ACCESS, pk=asked)
    found = rows.first()
    if found is None:
        raise NotFoundError(_("There is no such request."))
    where = place(project_id)
    with timezone.override(where.tz):
        reason = _("request of %(day)s") % {"day": f"{timezone.localtime(found.asked_at):%Y-%m-%d}"}
        note(
            project_id,
            customer=who,
            piece=Piece.EVERYTHING,
            whose=who.name,
            actor=desk.actor,
            at=desk.at,
            reason=reason,
            kind="export",
        )
        sheets = personal.everything(who)
        form = request.GET.get("as", "")
        if form in FILES:
            kind, suffix, write = FILES[form]
            response = HttpResponse(write(sheets), content_type=kind)
            response["Content-Disposition"] = f'attachment; filename="person-{who.pk}.{suffix}"'
            return response
    context = {"who": who, "sheets": sheets, "asked": found, "where": where}
    return page(request, desk, "console/customers/export.jinja", context, here="customers", tz=where.tz)


EXCEL: Final = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
FILES: Final[dict[str, tuple[str, str, Any]]] = {
    "json": ("application/json", "json", personal.as_json),
    "xlsx": (EXCEL, "xlsx", personal.as_excel),
}
