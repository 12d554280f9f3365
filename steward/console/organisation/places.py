"""The tree of the company: head office, regions, projects; a project is opened, particulars are corrected."""

from typing import Any, Final
from uuid import UUID

from django.db.models import Count
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from steward.console.organisation.entry import Entry, answer, ensure_setter
from steward.console.shell import Desk, at_desk, page
from steward.registers.org.models import Level, Node, ProjectKind
from steward.registers.org.tree import Place, tree
from steward.registers.workforce import places
from steward.registers.workforce.assignments import reaches
from steward.registers.workforce.authority import ensure_place, placing_role
from steward.registers.workforce.models import Staff
from steward.web.http import office_only

HERE: Final = "places"
ZONES: Final = (
    ("Asia/Shanghai", "UTC+8 Asia/Shanghai"),
    ("Asia/Urumqi", "UTC+6 Asia/Urumqi"),
    ("Asia/Hong_Kong", "UTC+8 Asia/Hong_Kong"),
    ("Asia/Macau", "UTC+8 Asia/Macau"),
)


@office_only
@require_GET
@at_desk
def index(request: HttpRequest, desk: Desk) -> HttpResponse:
    """From the top down. A company has some hundreds of places: one page."""
    ensure_setter(desk)
    mine = [p for p in tree().places.values() if reaches(desk.actor, p.id)]
    people = Staff.objects.filter(is_active=True, node_id__in=[p.id for p in mine])
    counts = dict(people.values_list("node_id").annotate(n=Count("pk")))
    context = {"rows": [_line(desk, p, counts) for p in mine], "may_open": bool(places.opens_under(desk.actor))}
    return page(request, desk, "console/organisation/places.jinja", context, here=HERE)


def _line(desk: Desk, p: Place, counts: dict[int, int]) -> dict[str, Any]:
    return {
        "place": p,
        "depth": len(p.lineage) - 1,
        "level": Level(p.level).label,
        "kind": ProjectKind(p.kind).label if p.kind else "",
        "people": counts.get(p.id, 0),
        "url": reverse("console:place", args=[p.id]) if placing_role(desk.actor, p) else "",
    }


@office_only
@require_http_methods(["GET", "POST"])
@at_desk
def new(request: HttpRequest, desk: Desk) -> HttpResponse:
    ensure_setter(desk)

    def do(data: places.NewProject, _uuid: UUID) -> Node:
        return places.open_project(data=data, actor=desk.actor, at=desk.at)

    above = [(str(p.id), p.name) for p in places.opens_under(desk.actor)]
    entry = Entry(
        title=_("Open a project"),
        form=places.NewProject,
        do=do,
        back=reverse("console:places"),
        here=HERE,
        submit=_("Open the project"),
        icon="building",
        note=_("It begins with the figures, prices and posts of the company; buildings and customers come by Excel."),
        options={"under": above, "time_zone": ZONES},
        values={"under": above[0][0] if above else "", "kind": ProjectKind.RESIDENTIAL},
    )
    return answer(request, desk, entry)


@office_only
@require_http_methods(["GET", "POST"])
@at_desk
def correct(request: HttpRequest, desk: Desk, pk: int) -> HttpResponse:
    ensure_place(desk.actor, pk)
    row = tree().places[pk]

    def do(data: places.Particulars, _uuid: UUID) -> Node:
        return places.correct_place(node_id=pk, data=data, actor=desk.actor, at=desk.at)

    entry = Entry(
        title=_("Correct the place"),
        about=f"{row.name} {row.code}",
        form=places.Particulars,
        do=do,
        back=reverse("console:places"),
        here=HERE,
        submit=_("Save"),
        note=_("The code stays: it stands in case numbers."),
        values={"name": row.name, "kind": row.kind, "phone": row.phone},
        leave_out=frozenset() if row.level == Level.PROJECT else frozenset({"kind"}),
    )
    return answer(request, desk, entry)
