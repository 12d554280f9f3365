"""Colleagues: the list, a colleague's page, hiring, changing, posts given and taken, leaving."""

from collections.abc import Mapping
from datetime import date
from typing import Any, Final
from urllib.parse import urlencode
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext_lazy, pgettext_lazy
from django.views.decorators.http import require_GET, require_http_methods

from steward.casework.accountability import leaving
from steward.console.organisation import effects
from steward.console.organisation.entry import Entry, answer, ensure_setter, see_other
from steward.console.shell import Desk, at_desk, page
from steward.kernel.actor import Role
from steward.kernel.schema import Data, Id, ask
from steward.registers.org.posts import catalogue
from steward.registers.org.posts_models import Department, DepartmentKind
from steward.registers.org.tree import Place, tree
from steward.registers.workforce import assignments, staffing
from steward.registers.workforce.absences import may_keep
from steward.registers.workforce.authority import ABOVE, ensure_place, places_of, placing_role
from steward.registers.workforce.away import away_now
from steward.registers.workforce.models import Skill, Staff
from steward.registers.workforce.people import colleagues
from steward.web.http import office_only

HERE: Final = "people"
PAGE: Final = 40


class Assign(Data):
    post: Id = ask(title=gettext_lazy("Post"), kind="choice")
    node: Id = ask(title=gettext_lazy("Where"), kind="choice")
    since: date = ask(title=pgettext_lazy("post", "Since"), kind="date")


class Ending(Data):
    until: date = ask(title=pgettext_lazy("post", "Until"), kind="date")


@office_only
@require_GET
@at_desk
def index(request: HttpRequest, desk: Desk) -> HttpResponse:
    """Paged by order of entry; a constant number of statements."""
    ensure_setter(desk)
    asked = {name: request.GET.get(name, "").strip()[:60] for name in ("q", "node", "department", "left")}
    mark = request.GET.get("cursor", "")
    rows = Staff.objects.filter(node_id__in=_reach(desk), is_active=not asked["left"])
    if asked["q"]:
        rows = rows.filter(name__icontains=asked["q"])
    if asked["node"].isdecimal() and len(asked["node"]) < 10:
        rows = rows.filter(node_id=int(asked["node"]))
    if asked["department"]:
        rows = rows.filter(department__kind=asked["department"])
    if mark.isdecimal() and len(mark) < 16:
        rows = rows.filter(pk__gt=int(mark))
    found = list(rows.select_related("department").order_by("pk")[: PAGE + 1])
    query = {k: v for k, v in asked.items() if v}
    more = found[PAGE - 1].pk if len(found) > PAGE else 0
    context = {
        "rows": [_line(desk, row) for row in found[:PAGE]],
        "filters": _filters(desk, asked),
        "narrowed": bool(query),
        "several": len(_reach(desk)) > 1,
        "may_hire": bool(places_of(desk.actor)),
        "pager": {
            "newer_url": f"?{urlencode(query)}" if mark else "",
            "older_url": f"?{urlencode({**query, 'cursor': more})}" if more else "",
        },
    }
    return page(request, desk, "console/organisation/people.jinja", context, here=HERE)


def _reach(desk: Desk) -> list[int]:
    """The chosen project, or every place within reach."""
    return [n for n in tree().places if assignments.reaches(desk.actor, n) and desk.chosen in (None, tree().places[n])]


def _line(desk: Desk, row: Staff) -> dict[str, Any]:
    known, mine = colleagues().get(row.pk), desk.actor.project_ids
    roles = sorted({str(Role(role).label) for role, projects in known.grants if projects & mine}) if known else []
    where = tree().places[row.node_id].name
    return {"staff": row, "url": reverse("console:person", args=[row.pk]), "roles": roles, "where": where}


def _filters(desk: Desk, asked: dict[str, str]) -> list[dict[str, Any]]:
    places = [(str(n), tree().places[n].name) for n in _reach(desk)]
    departments = DepartmentKind.choices
    shown: list[dict[str, Any]] = [{"name": "q", "label": _("Name"), "value": asked["q"]}]
    if len(places) > 1:
        shown.append({"name": "node", "label": _("Where"), "value": asked["node"], "choices": places})
    shown.append({"name": "department", "label": _("Department"), "value": asked["department"], "choices": departments})
    shown.append({"name": "left", "label": _("At work"), "value": asked["left"], "choices": [("1", _("Has left"))]})
    return shown


@office_only
@require_GET
@at_desk
def show(request: HttpRequest, desk: Desk, pk: int) -> HttpResponse:
    ensure_setter(desk)
    row = assignments.staff_of(pk, desk.actor)
    places, posts = tree().places, catalogue()
    work = leaving.open_work(pk, desk.actor)
    context = {
        **{name: value for name, value in _line(desk, row).items() if name != "url"},
        "held": [
            (h, posts[h.post_id], places[h.node_id].name, reverse("console:person-post-end", args=[pk, h.pk]))
            for h in assignments.held_by(pk)
            if assignments.reaches(desk.actor, h.node_id)
        ],
        "work": _work(desk, pk, work),
        "in_hand": any(w.jobs for w in work.values()),
        "skills": [str(Skill(s).label) for s in row.skills if s in Skill.values],
        "department": row.department,
        "may": row.pk != desk.actor.staff_id and assignments.leads(desk.actor, row),
        "is_me": row.pk == desk.actor.staff_id,
        "away": found.words if (found := away_now([pk], desk.at).get(pk)) else "",
        "absence_url": f"{reverse('console:absence-new')}?staff={pk}" if may_keep(desk.actor, row.node_id) else "",
    }
    return page(request, desk, "console/organisation/person.jinja", context, here=HERE)


def _work(desk: Desk, pk: int, found: Mapping[int, leaving.Work]) -> list[tuple[str, list[tuple[str, str]]]]:
    """Place → (words, link), only of what the viewer sees; of the rest not even that it is there."""
    places, mine = tree().places, len(desk.actor.project_ids) > 1
    return [(places[p].name if mine else "", words_of(desk, pk, places[p], work)) for p, work in found.items()]


def words_of(desk: Desk, pk: int, where: Place, work: leaving.Work) -> list[tuple[str, str]]:
    here = desk.chosen in (None, where)
    cases, areas = reverse("console:cases"), reverse("console:areas")
    lines = (
        (
            work.cases,
            ngettext_lazy("%(n)s open case to answer for", "%(n)s open cases to answer for", "n"),
            f"{cases}?state=open&accountable={pk}" if here else "",
        ),
        (
            work.jobs,
            ngettext_lazy("%(n)s job in hand", "%(n)s jobs in hand", "n"),
            f"{cases}?state=open&handler={pk}" if here else "",
        ),
        (work.subtasks, ngettext_lazy("%(n)s sub-task", "%(n)s sub-tasks", "n"), ""),
        (
            work.areas,
            ngettext_lazy("%(n)s area of responsibility", "%(n)s areas of responsibility", "n"),
            f"{areas}?project={where.code}&butler={pk}" if here else "",
        ),
        (work.homes, ngettext_lazy("%(n)s home looked after", "%(n)s homes looked after", "n"), ""),
    )
    return [(said % {"n": n}, link) for n, said, link in lines if n]


def _roles_of(post_id: int) -> tuple[Role, ...]:
    found = catalogue().get(post_id)
    return found.roles if found else ()


def _departments(node_id: int | None = None) -> list[tuple[str, str]]:
    rows = Department.objects.filter(node_id=node_id) if node_id else Department.objects.none()
    return [(str(d.pk), d.name) for d in rows.order_by("pk")]


@office_only
@require_http_methods(["GET", "POST"])
@at_desk
def hire(request: HttpRequest, desk: Desk, node_id: int) -> HttpResponse:
    ensure_place(desk.actor, node_id)

    def do(data: staffing.NewStaff, uuid: UUID) -> Staff:
        return staffing.take_on(node_id=node_id, data=data, actor=desk.actor, at=desk.at, client_uuid=uuid)

    entry = Entry(
        title=_("Hire a colleague"),
        about=tree().places[node_id].name,
        form=staffing.NewStaff,
        do=do,
        back=reverse("console:people"),
        onward=lambda hired: see_other(reverse("console:person", args=[hired.pk])),
        here=HERE,
        submit=_("Hire"),
        icon="user-plus",
        note=_("Roles come with the post: give one on the next page."),
        options={"skills": Skill.choices, "department": _departments(node_id)},
    )
    return answer(request, desk, entry)


@office_only
@require_GET
@at_desk
def hire_where(request: HttpRequest, desk: Desk) -> HttpResponse:
    """The place first, where there are several."""
    places: list[Place] = [p for p in places_of(desk.actor) if desk.chosen in (None, p)]
    if not places:
        ensure_setter(desk)
    if len(places) == 1:
        return redirect("console:person-hire", places[0].id)
    context = {"places": [(p, reverse("console:person-hire", args=[p.id])) for p in places]}
    return page(request, desk, "console/organisation/where.jinja", context, here=HERE)


@office_only
@require_http_methods(["GET", "POST"])
@at_desk
def change(request: HttpRequest, desk: Desk, pk: int) -> HttpResponse:
    row = assignments.staff_of(pk, desk.actor)
    assignments.ensure_leads(desk.actor, row)
    entry = Entry(
        title=_("Correct particulars"),
        about=row.name,
        form=staffing.StaffForm,
        do=lambda data, _uuid: staffing.change(staff_id=pk, data=data, actor=desk.actor, at=desk.at),
        back=reverse("console:person", args=[pk]),
        here=HERE,
        submit=_("Save"),
        options={"skills": Skill.choices, "department": _departments(row.node_id)},
        values={
            "name": row.name,
            "phone": row.phone,
            "email": row.email,
            "department": row.department_id,
            "skills": row.skills,
        },
    )
    return answer(request, desk, entry)


@office_only
@require_http_methods(["GET", "POST"])
@at_desk
def assign(request: HttpRequest, desk: Desk, pk: int) -> HttpResponse:
    row = assignments.staff_of(pk, desk.actor)
    assignments.ensure_leads(desk.actor, row)
    own = placing_role(desk.actor, tree().places[row.node_id])
    above = ABOVE[own] if own else frozenset(Role)
    posts = [p for p in catalogue().values() if p.is_active and not above & set(p.roles)]

    def do(data: Assign, _uuid: UUID) -> None:
        assignments.assign_post(
            staff_id=pk, post_id=data.post, node_id=data.node, since=data.since, actor=desk.actor, at=desk.at
        )

    entry = Entry(
        title=_("Give a post"),
        about=row.name,
        form=Assign,
        do=do,
        back=reverse("console:person", args=[pk]),
        here=HERE,
        submit=_("Give the post"),
        icon="user-check",
        effect=lambda data: effects.giving(row, _roles_of(data.post), data.node, desk.actor),
        note=_("The roles of the post hold from that day on and end with it."),
        options={
            "post": [(str(p.id), p.name) for p in posts],
            "node": [(str(p.id), p.name) for p in places_of(desk.actor)],
        },
        values={"node": row.node_id, "since": assignments.today_at(row.node_id, desk.at).isoformat()},
    )
    return answer(request, desk, entry)


@office_only
@require_http_methods(["GET", "POST"])
@at_desk
def end(request: HttpRequest, desk: Desk, pk: int, held: int) -> HttpResponse:
    row = assignments.staff_of(pk, desk.actor)
    assignments.ensure_leads(desk.actor, row)
    found = assignments.held_of(pk, held)
    entry = Entry(
        title=_("End the post"),
        about=f"{row.name}　{catalogue()[found.post_id].name}",
        form=Ending,
        do=lambda data, _uuid: assignments.end_post(held_id=held, until=data.until, actor=desk.actor, at=desk.at),
        back=reverse("console:person", args=[pk]),
        here=HERE,
        submit=_("End the post"),
        icon="logout",
        effect=lambda _data: effects.ending(found, row, desk.actor),
        note=_("The roles that came with the post end with it. Open cases stay where they are."),
        values={"until": assignments.today_at(row.node_id, desk.at).isoformat()},
    )
    return answer(request, desk, entry)
