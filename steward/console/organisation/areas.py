"""Areas of responsibility 责任区域: who looks after which homes, where nobody does, and reassigning with a preview."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any, Final
from urllib.parse import urlencode
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from steward.console.office import office_place, project_links
from steward.console.organisation.entry import Entry, Nothing, acted, answer
from steward.console.service.asks import named
from steward.console.shell import Desk, at_desk, page
from steward.design.forms import Choice
from steward.insight.areas import NOBODY, Board, Stretch, board, butlers, effect_of
from steward.kernel.errors import NotAllowedError
from steward.kernel.schema import Data, Id, Line, OptionalId, ask
from steward.registers.estate.models import Building, Unit
from steward.registers.estate.order import natural
from steward.registers.org.tree import Place, place
from steward.registers.workforce import areas, standins
from steward.registers.workforce.areas import Move
from steward.registers.workforce.assignments import today_at
from steward.registers.workforce.away import away_now
from steward.registers.workforce.models import Area
from steward.registers.workforce.people import name_of
from steward.web.http import office_only

HERE: Final = "areas"


class Assign(Data):
    building: Id = ask(title=gettext_lazy("Building"), kind="choice")
    entrance: Line = ask("", max_length=10, title=gettext_lazy("Entrance"), kind="choice")
    floor: Line = ask("", max_length=10, title=gettext_lazy("Floor"), kind="choice")
    butler: Id = ask(title=gettext_lazy("Butler"), kind="choice")
    stand_in: OptionalId = ask(None, title=gettext_lazy("Stands in"), kind="choice")


class Days(Data):
    since: date = ask(title=gettext_lazy("Stands in from"), kind="date")
    until: date | None = ask(
        None,
        title=gettext_lazy("Butler is back on"),
        kind="date",
        description=gettext_lazy("Empty: until somebody says so."),
    )


@office_only
@require_GET
@at_desk
def index(request: HttpRequest, desk: Desk) -> HttpResponse:
    """One page by its nature: a building takes one line where its entrances do not differ. Few statements."""
    where = office_place(request, desk)
    found = board(where.id, desk.actor)
    butler, gaps = request.GET.get("butler", ""), bool(request.GET.get("gaps"))
    may = areas.may_set(desk.actor, where.id)
    gone = {pk: row.words for pk, row in away_now([c.id for c in butlers(where.id)], desk.at).items()}
    context = {
        "where": where,
        "places": project_links(desk, where),
        "filters": _filters(where, butler, gaps=gaps),
        "narrowed": bool(butler or gaps),
        "reset_url": _own(where),
        "gaps": [(_name(s), s.unattended, s.homes, _assign_url(where, s) if may else "") for s in found.gaps],
        "rows": [_row(where, s, gone, may=may) for s in _wanted(found, butler, gaps=gaps)],
        "homes": found.homes,
        "loads": [(load, _own(where, butler=load.who.id), gone.get(load.who.id, "")) for load in found.loads],
        "may": may,
        "assign_url": _assign_url(where),
        "today": today_at(where.id, desk.at),
    }
    return page(request, desk, "console/organisation/areas.jinja", context, here=HERE, tz=where.tz)


def _own(where: Place, **more: Any) -> str:
    return f"{reverse('console:areas')}?{urlencode({'project': where.code, **more})}"


def _filters(where: Place, butler: str, *, gaps: bool) -> list[dict[str, Any]]:
    people = [(str(c.id), c.name) for c in butlers(where.id)]
    by_butler = {"name": "butler", "label": _("Butler"), "value": butler, "choices": people}
    return [
        {"name": "project", "kind": "hidden", "label": "", "value": where.code},
        *([by_butler] if people else []),
        {
            "name": "gaps",
            "label": _("With and without butler"),
            "value": "1" if gaps else "",
            "choices": [("1", _("Without butler"))],
        },
    ]


def _wanted(found: Board, butler: str, *, gaps: bool) -> Sequence[Stretch]:
    rows = found.stretches
    if gaps:
        rows = [s for s in rows if s.unattended]
    if butler.isdecimal() and len(butler) < 16:
        rows = [s for s in rows if int(butler) in s.butlers or _stands_in(s, int(butler))]
    return rows


def _stands_in(stretch: Stretch, staff_id: int) -> bool:
    return stretch.area is not None and staff_id in (stretch.area.butler_id, stretch.area.stand_in_id)


def _name(s: Stretch) -> str:
    """3栋, 3栋2单元, 3栋2单元12层."""
    name = s.building.name
    if s.entrance:
        name = _("%(place)s, entrance %(n)s") % {"place": name, "n": s.entrance}
    if s.floor:
        name = _("%(place)s, floor %(n)s") % {"place": name, "n": s.floor.lstrip("0") or s.floor}
    return name


def _assign_url(where: Place, s: Stretch | None = None) -> str:
    url = reverse("console:area-assign", args=[where.id])
    if s is None:
        return url
    query = {"building": s.building.pk, "entrance": s.entrance, "floor": s.floor}
    return f"{url}?{urlencode({k: v for k, v in query.items() if v})}"


def _row(where: Place, s: Stretch, gone: Mapping[int, str], *, may: bool) -> dict[str, Any]:
    """``gone``: who is absent just now, in words."""
    area = s.area
    links = {}
    if may and area is not None:
        links = {
            name: reverse(f"console:area-{name}", args=[where.id, area.pk]) for name in ("end", "stand-in", "back")
        }
    return {
        "name": _name(s),
        "deep": bool(s.entrance) + bool(s.floor),
        "homes": s.homes,
        "unattended": s.unattended,
        "butlers": [(name_of(who), n, gone.get(who, "")) for who, n in s.butlers.most_common() if who != NOBODY],
        "area": area,
        "since": area.since.astimezone(where.tz).date().isoformat() if area else "",
        "whose": name_of(area.butler_id) if area else "",
        "stand_in": name_of(area.stand_in_id) if area else "",
        "url": _assign_url(where, s) if may else "",
        "links": links,
    }


def _words(where: Place, moves: list[Move], desk: Desk) -> list[str]:
    """What moves, and that history stays."""
    found = effect_of(where.id, moves, desk.actor)
    if not moves:
        return [_("No home changes its butler.")]
    moved = _("%(homes)s homes change their butler; %(cases)s open cases and %(calls)s callbacks go along.") % {
        "homes": found.homes,
        "cases": found.cases,
        "calls": found.callbacks,
    }
    alone = _("%(n)s homes are then without a butler.") % {"n": found.unattended}
    return [moved, *([alone] if found.unattended else []), _("Closed cases and calls made keep their names.")]


def _reached(desk: Desk, project_id: int) -> Place:
    """Raises NotFoundError, NotAllowedError."""
    areas.ensure_may_set(desk.actor, project_id)
    return place(project_id)


@office_only
@require_http_methods(["GET", "POST"])
@at_desk
def assign(request: HttpRequest, desk: Desk, project_id: int) -> HttpResponse:
    where = _reached(desk, project_id)

    def effect(data: Assign) -> list[str]:
        moves = areas.would_move(
            project_id=project_id,
            building_id=data.building,
            entrance=data.entrance,
            floor=data.floor,
            butler_id=data.butler,
            actor=desk.actor,
        )
        return _words(where, moves, desk)

    def do(data: Assign, _uuid: UUID) -> None:
        areas.assign(
            project_id=project_id,
            building_id=data.building,
            entrance=data.entrance,
            floor=data.floor,
            butler_id=data.butler,
            stand_in_id=data.stand_in,
            actor=desk.actor,
            at=desk.at,
        )

    entry = Entry(
        title=_("Assign an area"),
        about=where.name,
        form=Assign,
        do=do,
        effect=effect,
        look_first=True,
        back=_own(where),
        here=HERE,
        submit=_("Assign the area"),
        icon="user-check",
        note=_("Holds at once. Open cases and callbacks of these homes go to the new butler; history stays."),
        options=_options(project_id, desk.at),
        values=_values(request, project_id),
    )
    return answer(request, desk, entry)


def _options(project_id: int, at: datetime) -> dict[str, Sequence[Choice]]:
    people = named(butlers(project_id), at)
    buildings = sorted(Building.objects.in_project(project_id), key=lambda b: natural(b.code))
    homes = Unit.objects.in_project(project_id).order_by().values_list("entrance", "floor").distinct()
    known = sorted({e for e, _floor in homes if e}, key=natural)
    floors = sorted({f for _entrance, f in homes if f}, key=natural)
    return {
        "building": [(str(b.pk), b.name) for b in buildings],
        "entrance": [("", _("All entrances")), *((e, _("Entrance %(n)s") % {"n": e}) for e in known)],
        "floor": [("", _("All floors")), *((f, f) for f in floors)],
        "butler": people,
        "stand_in": [("", _("Nobody")), *people],
    }


def _values(request: HttpRequest, project_id: int) -> dict[str, Any]:
    """From the line that was opened: whose it is now stands in the form."""
    asked = {name: request.GET.get(name, "")[:16] for name in ("building", "entrance", "floor")}
    if not asked["building"].isdecimal():
        return {}
    row = (
        Area.objects.in_project(project_id)
        .filter(building_id=int(asked["building"]), entrance=asked["entrance"], floor=asked["floor"])
        .filter(until__isnull=True)
        .first()
    )
    return {**asked, "butler": row.butler_id, "stand_in": row.stand_in_id or ""} if row else asked


@office_only
@require_http_methods(["GET", "POST"])
@at_desk
def end(request: HttpRequest, desk: Desk, project_id: int, pk: int) -> HttpResponse:
    where = _reached(desk, project_id)
    row = areas.area_of(project_id, pk)
    if row.until is not None:
        return acted(request, _own(where), _("End the area"), lambda: _end(desk, row))
    entry = Entry(
        title=_("End the area"),
        about=_title(row),
        form=Nothing,
        do=lambda _data, _uuid: _end(desk, row),
        effect=lambda _data: _words(where, areas.would_end(project_id=project_id, area_id=pk, actor=desk.actor), desk),
        look_first=True,
        back=_own(where),
        here=HERE,
        submit=_("End the area"),
        icon="x",
        note=_("The wider area around it counts again, or nobody."),
    )
    return answer(request, desk, entry)


def _end(desk: Desk, row: Area) -> Area:
    return areas.end(project_id=row.project_id, area_id=row.pk, actor=desk.actor, at=desk.at)


@office_only
@require_http_methods(["GET", "POST"])
@at_desk
def stand_in(request: HttpRequest, desk: Desk, project_id: int, pk: int) -> HttpResponse:
    where = _reached(desk, project_id)
    row = areas.open_area(project_id, pk)
    if row.stand_in_id is None:
        raise NotAllowedError(_("Nobody stands in here."), rule="area.stand_in")

    def do(data: Days, _uuid: UUID) -> None:
        standins.cover_between(
            project_id=project_id, area_id=pk, since=data.since, until=data.until, actor=desk.actor, at=desk.at
        )

    entry = Entry(
        title=_("Stand in"),
        about=_("%(area)s: %(who)s for %(butler)s")
        % {"area": _title(row), "who": name_of(row.stand_in_id), "butler": name_of(row.butler_id)},
        form=Days,
        do=do,
        back=_own(where),
        here=HERE,
        submit=_("Save"),
        icon="calendar-check",
        note=_("On these days homes, open cases and callbacks are the stand-in's; on the day back they return."),
        values={
            "since": (row.cover_from or today_at(project_id, desk.at)).isoformat(),
            "until": row.cover_until.isoformat() if row.cover_until else "",
        },
    )
    return answer(request, desk, entry)


def _title(row: Area) -> str:
    building = Building.objects.in_project(row.project_id).get(pk=row.building_id)
    return _name(Stretch(building, row.entrance, row.floor))


@office_only
@require_POST
@at_desk
def back(request: HttpRequest, desk: Desk, project_id: int, pk: int) -> HttpResponse:
    """The butler is back, or the days are called off."""
    where = _reached(desk, project_id)
    return acted(
        request,
        _own(where),
        _("Butler is back"),
        lambda: standins.cover(project_id=project_id, area_id=pk, on=False, actor=desk.actor, at=desk.at),
    )
