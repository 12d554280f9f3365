"""The register of absences 请假与离岗: who is not there, entered, called off; what that leaves open is said first."""

from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any, Final
from urllib.parse import urlencode

from django.db.models import F, Q
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_GET, require_http_methods

from steward.casework.accountability import leaving
from steward.console.organisation.entry import Entry, answer
from steward.console.service.asks import named
from steward.console.shell import Desk, at_desk, page
from steward.kernel.errors import NotFoundError
from steward.kernel.marks import listed
from steward.registers.org.tree import place
from steward.registers.workforce import absences
from steward.registers.workforce.absence_models import Absence
from steward.registers.workforce.absences import AbsenceData, Cancelling
from steward.registers.workforce.away import span_words
from steward.registers.workforce.nights import nights_of
from steward.registers.workforce.oncall import night_of
from steward.registers.workforce.people import Colleague, colleagues, name_of
from steward.web.http import office_only

HERE: Final = "absences"
PAGE: Final = 40
#: How far back the list of what is over goes.
PAST: Final = timedelta(days=366)
NIGHTS: Final = 7


def _people(desk: Desk) -> list[Colleague]:
    """Whose register the viewer keeps, in the chosen project. Nobody's: the page does not exist."""
    if not absences.keeps(desk.actor):
        raise NotFoundError(_("There is no such page."))
    found = absences.of_reach(desk.actor)
    return [c for c in found if desk.chosen is None or c.node_id == desk.chosen.id or c.works_in(desk.chosen.id)]


@office_only
@require_GET
@at_desk
def index(request: HttpRequest, desk: Desk) -> HttpResponse:
    """Now and to come by their beginning, what is over by its end. A constant number of statements."""
    people = {c.id: c for c in _people(desk)}
    asked = {name: request.GET.get(name, "").strip()[:60] for name in ("q", "when")}
    mark = request.GET.get("cursor", "")
    ids = [pk for pk, c in people.items() if asked["q"].lower() in c.name.lower()]
    skip = int(mark) if mark.isdecimal() and len(mark) < 6 else 0
    found = list(_rows(ids, desk, over=asked["when"] == "over")[skip : skip + PAGE + 1])
    query = {k: v for k, v in asked.items() if v}
    context = {
        "rows": [_line(row, people[row.staff_id], desk) for row in found[:PAGE]],
        "filters": [
            {"name": "q", "label": _("Name"), "value": asked["q"]},
            {"name": "when", "label": _("Now and to come"), "value": asked["when"], "choices": [("over", _("Over"))]},
        ],
        "narrowed": bool(query),
        "several": len({c.node_id for c in people.values()}) > 1,
        "pager": {
            "newer_url": f"?{urlencode(query)}" if skip else "",
            "older_url": f"?{urlencode({**query, 'cursor': skip + PAGE})}" if len(found) > PAGE else "",
        },
    }
    return page(request, desk, "console/organisation/absences.jinja", context, here=HERE)


def _rows(ids: Sequence[int], desk: Desk, *, over: bool) -> Any:
    rows = Absence.objects.filter(staff_id__in=ids)
    ahead = Q(until__isnull=True) | Q(until__gt=desk.at)
    if over:
        past = rows.filter(Q(cancelled_at__isnull=False) | Q(until__lte=desk.at), since__gte=desk.at - PAST)
        return past.order_by(F("until").desc(nulls_first=True), "-pk")
    return rows.filter(ahead, cancelled_at__isnull=True).order_by("since", "pk")


def _line(row: Absence, who: Colleague, desk: Desk) -> dict[str, Any]:
    over = row.cancelled_at is not None or (row.until is not None and row.until <= desk.at)
    return {
        "row": row,
        "who": who,
        "where": place(who.node_id).name,
        "kind": _(row.kind),
        "when": span_words(row.staff_id, row.since, row.until),
        "is_now": not over and row.since <= desk.at,
        "over": over,
        "cancel_url": "" if over else reverse("console:absence-cancel", args=[row.pk]),
    }


@office_only
@require_http_methods(["GET", "POST"])
@at_desk
def new(request: HttpRequest, desk: Desk) -> HttpResponse:
    people = _people(desk)
    asked = _asked(request.GET.get("staff", ""), desk)
    if asked is not None and asked not in people:
        people.append(asked)
    first = asked or (people[0] if people else None)
    kinds = absences.kinds_at(first.node_id, desk.at) if first else {}
    entry = Entry(
        title=_("Enter an absence"),
        form=AbsenceData,
        do=lambda data, uuid: absences.enter(data=data, actor=desk.actor, at=desk.at, client_uuid=uuid),
        back=reverse("console:absences"),
        here=HERE,
        submit=_("Enter an absence"),
        icon="calendar-x",
        note=_(
            "Whoever is absent is not proposed first, and nights on call become gaps. Work in hand stays: pass it on."
        ),
        options={"staff": named(people, desk.at), "kind": [(name, _(name)) for name in kinds]},
        values={"staff": asked.id if asked else "", "since": _today(desk, first), "cover": "true"},
        effect=lambda data: _effect(data, desk),
        look_first=True,
    )
    return answer(request, desk, entry)


def _asked(staff: str, desk: Desk) -> Colleague | None:
    """Whom the link names, whichever project is chosen: never somebody else in their place."""
    if not staff:
        return None
    found = next((c for c in absences.of_reach(desk.actor) if str(c.id) == staff), None)
    if found is None:
        raise NotFoundError(_("There is no such colleague."))
    return found


def _today(desk: Desk, who: Colleague | None) -> str:
    return desk.at.astimezone(place(who.node_id).tz).date().isoformat() if who else ""


def _effect(data: AbsenceData, desk: Desk) -> list[str]:
    """What it leaves open. Raises InvalidError for days that cannot be."""
    who = colleagues().get(data.staff)
    if who is None or not absences.may_keep(desk.actor, who.node_id):
        raise NotFoundError(_("There is no such colleague."))
    since, until = absences.instants(data, place(who.node_id), desk.at)
    lines = [_("%(name)s: %(when)s") % {"name": who.name, "when": span_words(who.id, since, until)}]
    lines += _work(who.id, desk)
    nights = [
        day
        for project_id, days in nights_of(who.id, desk.at).items()
        if project_id in desk.actor.project_ids
        for day in days
        if night_of(project_id, day)[1] > since and (until is None or night_of(project_id, day)[0] < until)
    ]
    if nights:
        said = _("%(n)s nights on call become gaps unless somebody stands in: %(days)s")
        lines.append(said % {"n": len(nights), "days": _days(nights)})
    return [*lines, *_areas(data, who, desk)]


def _days(nights: Sequence[date]) -> str:
    shown = listed(f"{day:%m-%d}" for day in sorted(nights)[:NIGHTS])
    return f"{shown}…" if len(nights) > NIGHTS else shown


def _work(staff_id: int, desk: Desk) -> list[str]:
    work = leaving.open_work(staff_id, desk.actor).values()
    jobs, cases = sum(w.jobs for w in work), sum(w.cases for w in work)
    if not jobs and not cases:
        return []
    said = _("In hand: %(jobs)s jobs, %(cases)s cases to answer for. They stay until somebody passes them on.")
    return [said % {"jobs": jobs, "cases": cases}]


def _areas(data: AbsenceData, who: Colleague, desk: Desk) -> list[str]:
    since, until = absences.instants(data, place(who.node_id), desk.at)
    whole = until is None or until - since >= timedelta(days=1)
    areas = sum(w.areas for w in leaving.open_work(who.id, desk.actor).values())
    if not areas or data.cover is False or not whole:
        return []
    found = absences.coverable(who.id, since, until, desk.actor)
    lines = []
    if found:
        names = listed(dict.fromkeys(name_of(a.stand_in_id) for a in found))
        said = ngettext("%(n)s area goes to %(names)s", "%(n)s areas go to %(names)s", len(found))
        lines.append(said % {"n": len(found), "names": names})
    if areas > len(found):
        said = ngettext(
            "%(n)s area has no stand-in who could take over now",
            "%(n)s areas have no stand-in who could take over now",
            areas - len(found),
        )
        lines.append(said % {"n": areas - len(found)})
    return lines


@office_only
@require_http_methods(["GET", "POST"])
@at_desk
def cancel(request: HttpRequest, desk: Desk, pk: int) -> HttpResponse:
    mine = {c.id for c in _people(desk)}
    row = Absence.objects.filter(pk=pk, staff_id__in=mine).first()
    if row is None:
        raise NotFoundError(_("There is no such absence."))
    running = row.since <= desk.at
    entry = Entry(
        title=_("Back earlier") if running else _("Call off the absence"),
        about=f"{name_of(row.staff_id)}　{_(row.kind)} {span_words(row.staff_id, row.since, row.until)}",
        form=Cancelling,
        do=lambda data, _uuid: absences.cancel(absence_id=pk, data=data, actor=desk.actor, at=desk.at),
        back=reverse("console:absences"),
        here=HERE,
        submit=_("Is back now") if running else _("Call it off"),
        icon="arrow-back-up",
        note=_("It stays on record. Areas that the stand-in took over because of it go back to the butler."),
    )
    return answer(request, desk, entry)
