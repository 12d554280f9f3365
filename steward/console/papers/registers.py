"""Registers of the lists: Excel and PDF with the filter that is on the screen; a page to choose one."""

from datetime import date, datetime, time, timedelta
from typing import Any, Final
from urllib.parse import urlencode

from django.http import FileResponse, HttpRequest, HttpResponse, HttpResponseBase
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from steward.cases.declare import REGISTRY
from steward.console.cases import asked_of, filters, picked_of
from steward.console.papers.views import unavailable
from steward.console.shell import Desk, at_desk, page
from steward.kernel.errors import NotFoundError
from steward.papers import exports
from steward.papers.formats import format_of
from steward.papers.health import NoPrintingError
from steward.papers.registers import REGISTERS, Register, Wanted, register_for
from steward.web.http import staff_only

ENDINGS: Final = ("xlsx", "pdf")
XLSX: Final = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


@staff_only
@require_GET
@at_desk
def export(request: HttpRequest, desk: Desk, name: str, ending: str) -> HttpResponseBase:
    """``/registers/cases.xlsx?kind=repair&state=open``: the query of the list itself."""
    register = register_for(name, desk.actor)
    if ending not in ENDINGS:
        raise NotFoundError(_("There is no such register."))
    order = _order(request, desk, register)
    try:
        made = (
            exports.excel(order) if ending == "xlsx" else exports.paper(order, format_of(request.GET.get("sheet", "")))
        )
    except NoPrintingError as error:
        return unavailable(request, desk, error, reverse("console:registers"))
    answer = FileResponse(
        made.content,
        as_attachment=ending == "xlsx",
        filename=made.filename,
        content_type=XLSX if ending == "xlsx" else "application/pdf",
    )
    answer["Cache-Control"] = "private, no-store"
    return answer


def _order(request: HttpRequest, desk: Desk, register: Register) -> exports.Order:
    if register.name == "cases":
        asked = asked_of(request)
        picked, cases = picked_of(asked, desk)
        wanted = Wanted(projects=desk.projects, cases=cases)
        told = [*_told(filters(asked, desk)), *([(_("Counted"), picked)] if picked else [])]
    else:
        since, until = _days(request, desk)
        wanted = Wanted(
            projects=desk.projects, since=_begin(since, desk), until=_begin(until + timedelta(days=1), desk)
        )
        told = [(_("Days"), f"{since} – {until}" if since != until else f"{since}")]
    return exports.Order(register=register, actor=desk.actor, wanted=wanted, told=told, at=desk.at)


def _told(asked: list[dict[str, Any]]) -> list[tuple[Any, Any]]:
    """The filter in words: label and what was chosen."""
    return [
        (f["label"], next((label for value, label in f.get("choices", ()) if str(value) == f["value"]), f["value"]))
        for f in asked
        if f["value"]
    ]


def _days(request: HttpRequest, desk: Desk) -> tuple[date, date]:
    """As asked for, ``day`` for a single one; this month where nothing is said or nothing sensible."""
    today = timezone.localtime(desk.at).date()
    one = _day(request.GET.get("day", ""))
    if one is not None:
        return one, one
    since = _day(request.GET.get("since", "")) or today.replace(day=1)
    until = _day(request.GET.get("until", "")) or today
    return min(since, until), max(since, until)


def _day(text: str) -> date | None:
    try:
        found = date.fromisoformat(text)
    except ValueError:
        return None
    return found if 1970 <= found.year <= 2200 else None


def _begin(day: date, desk: Desk) -> datetime:
    return datetime.combine(day, time.min, desk.tz)


@staff_only
@require_GET
@at_desk
def index(request: HttpRequest, desk: Desk) -> HttpResponse:
    """Every register this colleague may take, for a span of days; and the empty forms for a day without network."""
    since, until = _days(request, desk)
    span = {"since": since.isoformat(), "until": until.isoformat()}
    rows = [line for register in REGISTERS.values() if register.is_for(desk.actor) for line in _lines(register, span)]
    context = {"rows": rows, "since": span["since"], "until": span["until"]}
    return page(request, desk, "console/papers/registers.jinja", context, here="registers")


def _lines(register: Register, span: dict[str, str]) -> list[dict[str, Any]]:
    """The cases once as a whole and once for each kind."""
    kinds: list[tuple[str, Any]] = [("", register.title)]
    if register.name == "cases":
        kinds += [(p.kind, _("%(kind)s register") % {"kind": p.title}) for p in REGISTRY.values()]
    return [
        {"title": title, "links": links(register.name, {**span, **({"kind": kind} if kind else {})})}
        for kind, title in kinds
    ]


def links(name: str, query: dict[str, str]) -> dict[str, str]:
    """Where a register is taken, by ending."""
    asked = f"?{urlencode(query)}" if query else ""
    return {ending: reverse("console:register", args=[name, ending]) + asked for ending in ENDINGS}
