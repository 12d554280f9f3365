"""Complaints in figures: each opens its cases in the list; the same as Excel."""

from collections.abc import Iterator
from dataclasses import dataclass
from operator import itemgetter
from typing import Any, Final

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.http import content_disposition_header
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET

from steward.console.figures.period import Period, ensure_office, period_of, tabs
from steward.console.menu import CALLERS
from steward.console.papers.registers import XLSX
from steward.console.shell import Desk, at_desk, page
from steward.design.clockface import when
from steward.insight.complaint_lines import WAYS, Line, Pick, lines, whole
from steward.insight.complaints import FIGURES, KIND, Counted, count
from steward.insight.hotspots import Spot
from steward.papers import exports
from steward.papers.registers import Column, Register, Row, Wanted
from steward.registers.org.tree import place
from steward.web.http import office_only

#: Columns of the table; the two shares stand beside their own figures.
SHOWN: Final = ("valid", "outside", "reopened", "recurring", "hot")


@dataclass(frozen=True)
class Figure:
    n: int
    url: str


@dataclass(frozen=True)
class Shown:
    """A line of the page: its figures, each with the list of its cases."""

    line: Line
    name: str
    figures: dict[str, Figure]


@office_only
@require_GET
@at_desk
def show(request: HttpRequest, desk: Desk) -> HttpResponse:
    ensure_office(desk)
    period, by = period_of(request, desk), _by(request)
    counted = count(**period.asked)
    here = reverse("console:complaint-figures")
    context = {
        "period": period,
        "pages": tabs("complaint-figures"),
        "ways": [{"label": w.title, "url": f"{here}{period.query(by=n)}", "current": n == by} for n, w in WAYS.items()],
        "by": by,
        "first": WAYS[by].title,
        "whole": _shown(whole(counted), "all", period),
        "lines": [_shown(line, by, period) for line in lines(counted, by)],
        "heads": [FIGURES[name][0] for name in SHOWN],
        "shown": SHOWN,
        "spots": [_spot(spot, period) for spot in counted.spots],
        "export": f"{reverse('console:figures-xlsx')}{period.query(by=by)}",
    }
    return page(request, desk, "console/figures/complaints.jinja", context, here="complaint-figures")


def _by(request: HttpRequest) -> str:
    asked = request.GET.get("by", "")
    return asked if asked in WAYS else "month"


def _shown(line: Line, by: str, period: Period) -> Shown:
    figures = {name: Figure(n, _list(Pick(by, line.key, name), period) if n else "") for name, n in line.counts.items()}
    return Shown(line, line.name or _("not known"), figures)


def _list(pick: Pick, period: Period) -> str:
    return f"{reverse('console:cases')}{period.query(kind=KIND, pick=str(pick))}"


def _spot(spot: Spot, period: Period) -> dict[str, Any]:
    at = period.desk.at
    return {
        "title": spot.title,
        "project": place(spot.project_id).name if period.desk.sees_several else "",
        "complainants": spot.complainants,
        "n": len(spot.cases),
        "first": when(spot.first, at),
        "last": when(spot.last, at),
        "url": _list(Pick("spot", spot.key, "hot"), period),
    }


@office_only
@require_GET
@at_desk
def export(request: HttpRequest, desk: Desk) -> HttpResponse:
    """What the page shows, all figures of every line; written down like every register that leaves the house."""
    ensure_office(desk)
    period, by = period_of(request, desk), _by(request)
    told = [(_("Days"), f"{period.since} – {period.until}"), (_("Counted"), WAYS[by].title)]
    wanted = Wanted(projects=desk.projects, since=period.begins, until=period.ends)
    order = exports.Order(register=_register(by, period), actor=desk.actor, wanted=wanted, told=told, at=desk.at)
    made = exports.excel(order)
    with made.content as content:
        answer = HttpResponse(content.read(), content_type=XLSX)
    answer["Content-Disposition"] = content_disposition_header(as_attachment=True, filename=made.filename)
    answer["Cache-Control"] = "private, no-store"
    return answer


def _register(by: str, period: Period) -> Register:
    figures = [Column(title, 12, itemgetter(name), "number") for name, (title, _test) in FIGURES.items()]
    columns = (
        Column(WAYS[by].title, 22, itemgetter("name")),
        *figures,
        Column(gettext_lazy("Answered in time, %"), 14, itemgetter("answered_share"), "number"),
        Column(gettext_lazy("Solved in time, %"), 14, itemgetter("solved_share"), "number"),
    )

    def read(_actor: Any, wanted: Wanted) -> Iterator[Row]:
        counted: Counted = count(**{**period.asked, "projects": wanted.projects})
        named = [(line.name or _("not known"), line) for line in lines(counted, by)]
        for name, line in [*named, (_("All together"), whole(counted))]:
            yield {**line.counts, "answered_share": line.answered, "solved_share": line.solved, "name": name}

    return Register("figures", gettext_lazy("Complaint figures"), columns, read, CALLERS)
