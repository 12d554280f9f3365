"""Who is on call: tonight with numbers to click, the week to fill, what was changed and whom we rang."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, Final

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from steward.casework.models import Ring, RingState
from steward.console.office import place_of_form
from steward.console.shell import Desk, at_desk, page
from steward.kernel.actor import Actor
from steward.kernel.audit import read
from steward.kernel.errors import InvalidError, NotFoundError
from steward.kernel.marks import listed, mark
from steward.registers.org.tree import Place
from steward.registers.workforce import oncall
from steward.registers.workforce.away import away_between
from steward.registers.workforce.models import Skill
from steward.registers.workforce.oncall import SENT, WEEK, Entry, Gap, OnDuty
from steward.registers.workforce.oncall_models import OnCallPost
from steward.registers.workforce.people import Colleague, colleagues, name_of
from steward.web.http import office_only

NIGHTS: Final = 14
SHOWN: Final = 30
CHANGES: Final = 12


@dataclass(frozen=True)
class Cell:
    """A post in a night; ``gap``: it may not be empty, and is."""

    row: OnDuty | None
    gap: bool


@dataclass(frozen=True)
class Day:
    date: date
    label: str
    tonight: bool
    past: bool
    gaps: list[str]


def _first(request: HttpRequest, today: date) -> date:
    """The first of the seven nights that were asked for; else tonight."""
    try:
        wanted = date.fromisoformat(request.GET.get("from", "") or request.POST.get("from", ""))
    except ValueError:
        wanted = today
    return min(max(wanted, today - timedelta(days=730)), today + timedelta(days=365))


@office_only
@require_GET
@at_desk
def show(request: HttpRequest, desk: Desk) -> HttpResponse:
    where = place_of_form(request, desk)
    today = oncall.duty_date(where.id, desk.at)
    first = _first(request, today)
    days = [first + timedelta(days=n) for n in range(WEEK)]
    known = oncall.on_call_of(where.id, [*days, today])
    missing = {day: oncall.gaps(where.id, known[day], desk.at) for day in known}
    context = {
        "where": where,
        "night": oncall.is_night(where.id, desk.at),
        "hours": oncall.hours(where.id, desk.at),
        "tonight": known[today],
        "gaps": [g.title for g in missing[today]],
        "away": _away({day: rows for day, rows in known.items() if day >= today}),
        "skills": _by_skill(known[today]),
        "days": [_day(day, today, missing[day]) for day in days],
        "posts": [_line(post, days, known, missing) for post in OnCallPost],
        "earlier": (first - timedelta(days=WEEK)).isoformat(),
        "later": (first + timedelta(days=WEEK)).isoformat(),
        "first": first.isoformat(),
        "may": oncall.keeps(desk.actor, where.id) and days[-1] >= today,
        "rings": _rings(desk.actor, where.id, desk.at),
        "changes": _changes(desk, where),
    }
    return page(request, desk, "console/oncall/list.jinja", context, here="on-call", tz=where.tz)


def _day(day: date, today: date, missing: list[Gap]) -> Day:
    return Day(day, date_format(day, "m-d D"), day == today, day < today, [g.title for g in missing])


def _away(known: Mapping[date, list[OnDuty]]) -> list[str]:
    """Nights ahead that name somebody who is not there any more, one line a colleague."""
    nights: dict[str, list[date]] = {}
    for day, rows in known.items():
        for row in rows:
            for name in (row.name if row.is_away else "", row.stand_in_name if row.stand_in_away else ""):
                nights.setdefault(name, []).append(day)
    words = _("%(name)s has left or is away, and still stands on the list: %(nights)s")
    return [
        words % {"name": name, "nights": "、".join(dict.fromkeys(f"{day:%m-%d}" for day in sorted(days)))}
        for name, days in nights.items()
        if name
    ]


def _by_skill(rows: list[OnDuty]) -> list[tuple[str, list[str]]]:
    """Each trade with those on call who know it."""
    known = colleagues()
    sent = [r for r in rows if r.post in SENT]
    people = {r.staff_id for r in sent if not r.is_away} | {r.stand_in_id for r in sent if r.has_stand_in}
    there = [known[p] for p in sorted(p for p in people if p)]
    return [(str(s.label), [c.name for c in there if s in c.skills]) for s in Skill]


def _line(
    post: OnCallPost, days: list[date], known: Mapping[date, list[OnDuty]], missing: Mapping[date, list[Gap]]
) -> tuple[OnCallPost, list[Cell]]:
    cells = [
        Cell(next((r for r in known[day] if r.post == post), None), any(g.what == post for g in missing[day]))
        for day in days
    ]
    return post, cells


def _rings(actor: Actor, project_id: int, at: datetime) -> list[tuple[Ring, str]]:
    rows = Ring.objects.visible_to(actor).filter(project_id=project_id, rung_at__gte=at - timedelta(days=NIGHTS))
    return [(r, str(RingState(r.state).label)) for r in rows.select_related("case").order_by("-rung_at")[:SHOWN]]


def _changes(desk: Desk, where: Place) -> list[dict[str, Any]]:
    """Who changed which night; managers read this."""
    found = read.events(desk.actor, read.Wanted(projects=frozenset({where.id}), what="oncall.set"), limit=CHANGES)
    return [
        {"at": e.at, "who": e.actor_name, "night": e.subject_id, "what": _changed(e.before, e.after)}
        for e in found.items
    ]


def _changed(before: Mapping[str, Any] | None, after: Mapping[str, Any] | None) -> str:
    was, now = before or {}, after or {}
    posts = [post for post in OnCallPost if was.get(post, "") != now.get(post, "")]
    return mark("；").join(f"{post.label} {_name(was, post)} → {_name(now, post)}" for post in posts)


def _name(rows: Mapping[str, Any], post: str) -> str:
    if post not in rows:
        return "—"
    return name_of(rows[post]) or _("outside firm")


@office_only
@require_POST
@at_desk
def repeat(request: HttpRequest, desk: Desk) -> HttpResponse:
    where = place_of_form(request, desk)
    first = _first(request, oncall.duty_date(where.id, desk.at))
    filled = oncall.repeat_week(project_id=where.id, first=first, actor=desk.actor, at=desk.at)
    messages.success(request, _("%(n)s lines taken over from the week before.") % {"n": filled})
    return _back(first)


def _back(first: date) -> HttpResponse:
    response = HttpResponseRedirect(f"{reverse('console:on-call')}?from={first.isoformat()}")
    response.status_code = 303
    return response


@office_only
@require_http_methods(["GET", "POST"])
@at_desk
def edit(request: HttpRequest, desk: Desk, post: str) -> HttpResponse:
    """One post for the week: a line a night."""
    where = place_of_form(request, desk)
    if post not in OnCallPost.values or not oncall.keeps(desk.actor, where.id):
        raise NotFoundError(_("There is no such page."))
    today = oncall.duty_date(where.id, desk.at)
    first = _first(request, today)
    days = [d for n in range(WEEK) if (d := first + timedelta(days=n)) >= today]
    typed = {day: _typed(request.POST, day) for day in days} if request.method == "POST" else _known(where, post, days)
    errors: Mapping[str, Any] = {}
    if request.method == "POST":
        try:
            oncall.set_post(project_id=where.id, post=post, entries=typed, actor=desk.actor, at=desk.at)
        except InvalidError as error:
            errors = error.fields
        else:
            messages.success(request, _("%(post)s: saved for the week.") % {"post": OnCallPost(post).label})
            return _back(first)
    context = {
        "where": where,
        "post": OnCallPost(post),
        "first": first.isoformat(),
        "days": [(day, date_format(day, "m-d l"), typed[day], errors.get(day.isoformat(), "")) for day in days],
        "people": _people(where.id, post, days),
    }
    status = 422 if errors else 200
    return page(request, desk, "console/oncall/post.jinja", context, here="on-call", status=status, tz=where.tz)


def _known(where: Place, post: str, days: list[date]) -> dict[date, Entry]:
    known = oncall.on_call_of(where.id, days)
    found = {day: next((r for r in known[day] if r.post == post), None) for day in days}
    return {day: _entry(r) if r else Entry() for day, r in found.items()}


def _entry(row: OnDuty) -> Entry:
    name = "" if row.staff_id else row.name
    own = (_own(row.staff_id, row.phone), _own(row.stand_in_id, row.stand_in_phone))
    return Entry(row.staff_id, name, own[0], row.stand_in_id, own[1])


def _own(staff_id: int | None, phone: str) -> str:
    """A number for this night alone. That of the staff list is left out: it goes with the colleague who is chosen."""
    who = colleagues().get(staff_id or 0)
    return "" if who is not None and who.phone == phone else phone


def _typed(post: Mapping[str, Any], day: date) -> Entry:
    names = ("staff", "name", "phone", "instead", "instead-phone")
    staff, name, phone, instead, instead_phone = (str(post.get(f"{n}-{day.isoformat()}", "")) for n in names)
    chosen, other = (int(v) if v.isdecimal() and len(v) < 16 else None for v in (staff, instead))
    return Entry(chosen, "" if chosen else name, phone, other, instead_phone if other else "")


def _people(project_id: int, post: str, days: list[date]) -> list[tuple[int, str]]:
    """Technicians with their trades first where the post sends somebody; the absent of these nights last."""
    here = [c for c in colleagues().values() if c.is_active and any(project_id in p for _r, p in c.grants)]
    if post in SENT:
        here.sort(key=lambda c: not c.skills)
    nights = [oncall.night_of(project_id, day) for day in (days[0], days[-1])] if days else []
    found = away_between([c.id for c in here], nights[0][0], nights[1][1]) if nights else []
    gone = {row.staff_id: row.words for row in reversed(found)}
    here.sort(key=lambda c: c.id in gone)
    return [(c.id, " ".join(filter(None, (_words(c), gone.get(c.id))))) for c in here]


def _words(who: Colleague) -> str:
    trades = listed(str(Skill(s).label) for s in who.skills if s in Skill.values)
    return " ".join(filter(None, (who.name, who.post, f"（{trades}）" if trades else "", who.phone)))
