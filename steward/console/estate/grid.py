"""A building as it stands 房屋结构图: floors by rooms, entrance beside entrance, every cell the way to the room."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any, Final
from urllib.parse import urlencode

from django.db.models import Count, Q, Sum
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET, require_http_methods

from steward.cases.models import Case, Deadline
from steward.console.office import office_place, project_links
from steward.console.organisation.entry import Entry, answer
from steward.console.shell import Desk, at_desk, page
from steward.design.environment import money
from steward.kernel.errors import NotAllowedError, NotFoundError
from steward.registers.billing.models import Charge, ChargeState
from steward.registers.estate import status as statuses
from steward.registers.estate.models import Building, Unit, UnitStatus
from steward.registers.estate.order import natural
from steward.registers.org.tree import place
from steward.registers.party.models import office_projects
from steward.web.http import office_only

HERE: Final = "buildings"
BY: Final = (
    ("cases", gettext_lazy("Open cases")),
    ("status", gettext_lazy("Status")),
    ("owing", gettext_lazy("Owing")),
)
#: The look of a status; its word stands in the cell.
LOOKS: Final[Mapping[str, tuple[str, str]]] = {
    UnitStatus.OCCUPIED: ("none", ""),
    UnitStatus.LET: ("brand", "key"),
    UnitStatus.FITTING_OUT: ("soon", "hammer"),
    UnitStatus.HANDED_OVER: ("wait", "home-check"),
    UnitStatus.SOLD: ("wait", "file-certificate"),
    UnitStatus.UNSOLD: ("vacant", ""),
    UnitStatus.VACANT: ("vacant", ""),
}


@dataclass(frozen=True, slots=True)
class Cell:
    """A room: its number, how it is coloured, and the words that say the same."""

    room: str
    label: str
    url: str
    panel: str
    look: str
    icon: str
    words: str


@dataclass(frozen=True, slots=True)
class Floor:
    name: str
    wings: Sequence[Sequence[Cell | None]]


@dataclass(frozen=True, slots=True)
class Facts:
    """What is known of a unit beside itself."""

    open: Mapping[int, int]
    late: Mapping[int, int]
    owing: Mapping[int, Decimal]


@office_only
@require_GET
@at_desk
def show(request: HttpRequest, desk: Desk) -> HttpResponse:
    """The chosen project's building, the first one without a wish. Five statements, however high it is."""
    where = office_place(request, desk)
    buildings = sorted(Building.objects.in_project(where.id), key=lambda b: natural(b.code))
    wanted = request.GET.get("building", "")
    building = next((b for b in buildings if b.code == wanted), buildings[0] if buildings else None)
    by = request.GET.get("by", "cases")
    by = by if by in dict(BY) else "cases"
    units = list(Unit.objects.in_project(where.id).filter(building=building)) if building else []
    cells = _cells(units, _facts(where.id, building, desk.at), by, where.id) if building else {}
    entrances = sorted({u.entrance for u in units}, key=natural)
    base = {"project": where.code}
    context = {
        "where": where,
        "building": building,
        "places": project_links(desk, where),
        "buildings": [
            (b.name, f"?{urlencode({**base, 'building': b.code, 'by': by})}", b == building) for b in buildings
        ],
        "measures": [
            (label, f"?{urlencode({**base, 'building': building.code if building else '', 'by': name})}", name == by)
            for name, label in BY
        ],
        "entrances": entrances,
        "floors": _floors(units, cells, entrances),
        "legend": Counter((c.look, c.icon, _legend(c, by)) for c in cells.values()).most_common(),
        "units": len(units),
    }
    return page(request, desk, "console/estate/grid.jinja", context, here=HERE, tz=where.tz)


def _facts(project_id: int, building: Building, at: datetime) -> Facts:
    """Three statements."""
    cases = Case.objects.in_project(project_id).filter(unit__building=building, closed_at__isnull=True)
    open_ = dict(cases.order_by().values_list("unit_id").annotate(n=Count("pk")))
    late = Deadline.objects.in_project(project_id).filter(
        case__unit__building=building, case__closed_at__isnull=True, ended_at__isnull=True, due_at__lt=at
    )
    lates = dict(late.order_by().values_list("case__unit_id").annotate(n=Count("case", distinct=True)))
    owed = Charge.objects.in_project(project_id).filter(
        Q(state=ChargeState.OPEN) | Q(state=ChargeState.BILLED), unit__building=building
    )
    sums = dict(owed.order_by().values_list("unit_id").annotate(n=Sum("amount")))
    return Facts(open_, lates, sums)


def _cells(units: Sequence[Unit], facts: Facts, by: str, project_id: int) -> dict[int, Cell]:
    def cell(u: Unit) -> Cell:
        room, panel = (reverse(f"console:{name}", args=[project_id, u.pk]) for name in ("customers:unit", "unit-panel"))
        return Cell(u.room, u.label, room, panel, *_look(u, facts, by))

    return {u.pk: cell(u) for u in units}


def _look(unit: Unit, facts: Facts, by: str) -> tuple[str, str, str]:
    """Colour, icon, words."""
    label = str(UnitStatus(unit.status).label)
    empty = unit.status in (UnitStatus.VACANT, UnitStatus.UNSOLD)
    if by == "status":
        look, icon = LOOKS[unit.status]
        return look, icon, label
    if by == "owing" and facts.owing.get(unit.pk):
        return "soon", "coins", money(facts.owing[unit.pk])
    if by == "cases" and facts.late.get(unit.pk):
        late, all_ = facts.late[unit.pk], facts.open[unit.pk]
        return "late", "alert-triangle", _("late %(late)s / %(all)s") % {"late": late, "all": all_}
    if by == "cases" and facts.open.get(unit.pk):
        n = facts.open[unit.pk]
        return "brand", "progress", _("Open %(n)s") % {"n": n}
    return ("vacant", "", label) if empty else ("none", "", "")


def _legend(cell: Cell, by: str) -> str:
    if by == "status" or cell.look == "vacant":
        return cell.words
    words = {
        "late": _("With late cases"),
        "brand": _("With open cases"),
        "soon": _("Owing"),
        "none": _("Nothing open") if by == "cases" else _("Nothing owed"),
    }
    return words[cell.look]


def _floors(units: Sequence[Unit], cells: Mapping[int, Cell], entrances: Sequence[str]) -> list[Floor]:
    """From the top down; each entrance as wide as its widest floor."""
    by: dict[tuple[str, str], list[Unit]] = {}
    for u in units:
        by.setdefault((u.floor, u.entrance), []).append(u)
    widest = {e: max(len(row) for (_f, x), row in by.items() if x == e) for e in entrances}
    floors = sorted({u.floor for u in units}, key=natural, reverse=True)
    return [Floor(f.lstrip("0") or f, [_wing(by.get((f, e), []), cells, widest[e]) for e in entrances]) for f in floors]


def _wing(units: Sequence[Unit], cells: Mapping[int, Cell], width: int) -> list[Cell | None]:
    row: list[Cell | None] = [cells[u.pk] for u in sorted(units, key=lambda u: natural(u.room))]
    return row + [None] * (width - len(row))


@office_only
@require_http_methods(["GET", "POST"])
@at_desk
def change(request: HttpRequest, desk: Desk, project_id: int, pk: int) -> HttpResponse:
    """Another status for a room, from a day on, with the reason."""
    if project_id not in office_projects(desk.actor):
        raise NotFoundError(_("There is no such page."))
    unit = Unit.objects.visible_to(desk.actor).filter(project_id=project_id, pk=pk).first()
    if unit is None:
        raise NotFoundError(_("There is no such unit."))
    if not statuses.may_change(desk.actor, project_id):
        raise NotAllowedError(_("This is not yours to do."), rule="unit.status_by")

    def do(data: statuses.StatusData, uuid: Any) -> None:
        statuses.change_status(
            project_id=project_id, unit_id=pk, data=data, actor=desk.actor, at=desk.at, client_uuid=uuid
        )

    entry = Entry(
        title=_("Change the status"),
        about=_("%(room)s, now %(status)s") % {"room": unit.label, "status": unit.get_status_display()},
        form=statuses.StatusData,
        do=do,
        back=reverse("console:customers:unit", args=[project_id, pk]),
        here="buildings",
        submit=_("Save"),
        values={"on": desk.at.astimezone(place(project_id).tz).date().isoformat()},
    )
    return answer(request, desk, entry)
