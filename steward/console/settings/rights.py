"""Roles and rights: what each role may do, who holds it where, by which post, since when."""

from collections.abc import Sequence
from typing import Any, Final

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from steward.cases.declare import Relation
from steward.console.audit.words import deed
from steward.console.menu import lines, page_url
from steward.console.settings.home import places_of
from steward.console.settings.words import who
from steward.console.shell import Desk, at_desk, page
from steward.insight.rights import Rights, of_relation, of_roles
from steward.kernel.actor import Role
from steward.kernel.audit.read import of_subjects
from steward.kernel.errors import NotFoundError
from steward.kernel.marks import listed, mark
from steward.kernel.schema import Label
from steward.registers.org.models import RoleGrant
from steward.registers.org.posts import ROLES_TITLE, PostData, catalogue
from steward.registers.org.posts_models import DepartmentKind
from steward.registers.org.tree import place, tree
from steward.registers.workforce.assignments import grants_of, reaches, staff_of
from steward.registers.workforce.models import Staff
from steward.registers.workforce.people import colleagues
from steward.registers.workforce.posts_models import PostHeld
from steward.web.http import office_only

SHOWN: Final = 200
HERE: Final = "rights"


@office_only
@require_GET
@at_desk
def index(request: HttpRequest, desk: Desk) -> HttpResponse:
    """One line a role; no query beyond the session's: grants are known."""
    places_of(desk)
    rows = [
        {
            "role": role.label,
            "holders": len(_holders(desk, role)),
            "posts": listed(p.name for p in catalogue().values() if role in p.roles and p.is_active),
            "rights": _counted(of_roles([role])),
            "url": reverse("console:role", args=[role.value]),
        }
        for role in Role
    ]
    relations = [
        (_("Whoever handles the case"), _verbs(of_relation(Relation.HANDLER))),
        (_("Whoever answers for the case"), _verbs(of_relation(Relation.ACCOUNTABLE))),
    ]
    context = {"rows": rows, "relations": relations}
    return page(request, desk, "console/settings/rights.jinja", context, here=HERE)


def _holders(desk: Desk, role: Role) -> list[Any]:
    """Active colleagues who hold the role over a project in sight."""
    return [
        c
        for c in colleagues().values()
        if c.is_active and any(r == role and projects & desk.projects for r, projects in c.grants)
    ]


def _counted(found: Sequence[Rights]) -> list[tuple[str, int]]:
    return [(str(r.process.title), len(r.verbs)) for r in found]


def _verbs(found: Sequence[Rights]) -> list[tuple[str, list[str]]]:
    return [(str(r.process.title), list(dict.fromkeys(str(t) for t in r.verbs.values()))) for r in found]


@office_only
@require_GET
@at_desk
def show(request: HttpRequest, desk: Desk, name: str) -> HttpResponse:
    places_of(desk)
    if name not in Role.values:
        raise NotFoundError(_("There is no such role."))
    role = Role(name)
    people = {c.user_id: c for c in _holders(desk, role) if c.user_id}
    grants = RoleGrant.objects.filter(role=role, ended_at__isnull=True, user_id__in=list(people)).order_by(
        "node_id", "pk"
    )
    posts = _posts_by_grant([c.id for c in people.values()])
    holders = [
        {
            "name": people[g.user_id].name,
            "url": reverse("console:person", args=[people[g.user_id].id])
            if reaches(desk.actor, people[g.user_id].node_id)
            else "",
            **_grant(g, posts),
        }
        for g in grants[:SHOWN]
        if _is_over(g, desk.projects)
    ]
    context = {
        "role": role.label,
        "verbs": _verbs(of_roles([role])),
        "pages": [line.label for line in lines() if role in line.roles and page_url(line.name)],
        "posts": [(p.name, reverse("console:post", args=[p.code])) for p in catalogue().values() if role in p.roles],
        "holders": holders,
    }
    return page(request, desk, "console/settings/role.jinja", context, here=HERE)


@office_only
@require_GET
@at_desk
def of_person(request: HttpRequest, desk: Desk, pk: int) -> HttpResponse:
    """The roles of a colleague, held now and before, and what was done about them."""
    places_of(desk)
    row = staff_of(pk, desk.actor)
    context = {
        "staff": row,
        "grants": held_lines(row, desk),
        "history": history_lines(desk, [("org.user", row.user_id or 0), ("workforce.staff", row.pk)]),
    }
    return page(request, desk, "console/settings/person_rights.jinja", context, here="people")


def _posts_by_grant(staff: Sequence[int]) -> dict[int, PostHeld]:
    """Grant → the post it came with. One query."""
    rows = PostHeld.objects.filter(staff_id__in=staff).order_by("pk")
    return {pk: row for row in rows for pk in row.grants}


def _grant(grant: RoleGrant, posts: dict[int, PostHeld]) -> dict[str, Any]:
    held = posts.get(grant.pk)
    return {
        "role": Role(grant.role).label,
        "where": place(grant.node_id).name if grant.node_id in tree().places else "",
        "since": timezone.localtime(grant.granted_at).strftime("%Y-%m-%d"),
        "until": timezone.localtime(grant.ended_at).strftime("%Y-%m-%d")
        if grant.ended_at
        else held.until.strftime("%Y-%m-%d")
        if held and held.until
        else "",
        "ended": grant.ended_at is not None,
        "post": catalogue()[held.post_id].name if held and held.post_id in catalogue() else "",
        "by": who(grant.granted_by),
        "rights_url": reverse("console:role", args=[grant.role]),
    }


def held_lines(staff: Staff, desk: Desk) -> list[dict[str, Any]]:
    """The roles of a colleague over places in reach: which, where, by which post, since, until. Two queries."""
    posts = _posts_by_grant([staff.pk])
    return [_grant(g, posts) for g in grants_of(staff) if _is_over(g, desk.actor.project_ids)]


def _is_over(grant: RoleGrant, projects: frozenset[int]) -> bool:
    """Where else a colleague works is not to be seen from here."""
    found = tree().places.get(grant.node_id)
    return found is not None and bool(tree().projects_under.get(found.path, frozenset()) & projects)


def history_lines(desk: Desk, subjects: Sequence[tuple[str, object]]) -> list[dict[str, Any]]:
    """What was done to somebody or something, from the audit, in words."""
    return [
        {"row": row, "deed": deed(row.what), "words": _told(row), "changes": _changes(row)}
        for row in of_subjects(desk.actor, subjects)
    ]


def _changes(row: Any) -> list[str]:
    """A changed post, a line each, in the words of its form."""
    form = PostData.model_fields
    labels = {
        name: str(info.json_schema_extra.title)
        for name, info in form.items()
        if isinstance(info.json_schema_extra, Label)
    }
    labels |= {"reports_to_id": labels.get("reports_to", ""), "roles": str(ROLES_TITLE)}
    return [
        f"{labels[n]}{mark('：')}{_value(n, row.before.get(n))} → {_value(n, row.after[n])}"
        for n in row.after
        if n in labels
    ]


def _value(name: str, value: Any) -> str:
    if name == "roles":
        given = value if isinstance(value, list) else [r for r in Role.values if f"'{r}'" in str(value)]
        return listed(str(Role(r).label) for r in given if r in Role.values) or "—"
    if name == "reports_to_id":
        return next((p.name for p in catalogue().values() if str(p.id) == str(value)), "—")
    if name == "department" and value in DepartmentKind.values:
        return str(DepartmentKind(value).label)
    return str(value or "—")


def _told(row: Any) -> str:
    said = {**row.before, **row.after}
    found = []
    if said.get("role") in Role.values:
        found.append(str(Role(said["role"]).label))
    if "post" in said:
        known = {p.code: p.name for p in catalogue().values()}
        found.append(known.get(said["post"], str(said["post"])))
    if "node" in said:
        found += [p.name for p in tree().places.values() if p.code == said["node"]]
    found += [_("until %(day)s") % {"day": said["until"]}] if said.get("until") else []
    return "　".join(found)
