"""The catalogue of posts, and a post with who holds it."""

from typing import Any, Final

from django.db.models import Count
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from steward.console.organisation import effects
from steward.console.organisation.entry import Entry, acted, answer, ensure_setter
from steward.console.settings import rights
from steward.console.shell import Desk, at_desk, page
from steward.kernel.actor import Role
from steward.kernel.audit.read import sees_company
from steward.kernel.schema import ask
from steward.registers.org import posts
from steward.registers.org.posts_models import DepartmentKind, Post
from steward.registers.org.tree import tree
from steward.registers.workforce.assignments import reaches
from steward.registers.workforce.people import colleagues
from steward.registers.workforce.posts_models import PostHeld
from steward.web.http import office_only

HERE: Final = "posts"
SHOWN: Final = 100


class PostForm(posts.PostData):
    roles: list[Role] = ask([], title=posts.ROLES_TITLE, kind="multichoice", description=posts.ROLES_HELP)


@office_only
@require_GET
@at_desk
def index(request: HttpRequest, desk: Desk) -> HttpResponse:
    """By department; the catalogue is one page by its nature (a company has some dozens of posts)."""
    ensure_setter(desk)
    held = _held(desk)
    known = posts.catalogue()
    groups = [
        (
            kind.label,
            [
                {
                    "post": p,
                    "url": reverse("console:post", args=[p.code]),
                    "above": known[p.reports_to].name if p.reports_to in known else "",
                    "roles": [str(r.label) for r in p.roles],
                    "holders": held.get(p.id, 0),
                }
                for p in known.values()
                if p.department == kind and p.is_active
            ],
        )
        for kind in DepartmentKind
    ]
    context = {"groups": [g for g in groups if g[1]], "count": len(known), "may_word": posts.may_word(desk.actor)}
    return page(request, desk, "console/organisation/posts.jinja", context, here=HERE)


def _held(desk: Desk) -> dict[int, int]:
    """Post → how many hold it within the actor's reach. One query."""
    mine = [n for n in tree().places if reaches(desk.actor, n)]
    rows = PostHeld.objects.filter(ended_at__isnull=True, begun_at__isnull=False, node_id__in=mine)
    return dict(rows.values_list("post_id").annotate(n=Count("pk")))


@office_only
@require_GET
@at_desk
def show(request: HttpRequest, desk: Desk, code: str) -> HttpResponse:
    ensure_setter(desk)
    row = posts.get(code)
    mine = [n for n in tree().places if reaches(desk.actor, n)]
    rows = PostHeld.objects.filter(ended_at__isnull=True, post=row, node_id__in=mine).order_by("node_id", "pk")
    people = colleagues()
    context = {
        "post": row,
        "roles": [str(Role(r).label) for r in row.roles],
        "above_url": reverse("console:post", args=[row.reports_to.code]) if row.reports_to else "",
        "below": [p for p in posts.catalogue().values() if p.reports_to == row.pk],
        "holders": [
            (h, people[h.staff_id], tree().places[h.node_id].name, reverse("console:person", args=[h.staff_id]))
            for h in rows[:SHOWN]
            if h.staff_id in people
        ],
        "may_word": posts.may_word(desk.actor),
        "history": rights.history_lines(desk, [("org.post", row.pk)]) if sees_company(desk.actor) else None,
    }
    return page(request, desk, "console/organisation/post.jinja", context, here=HERE)


@office_only
@require_http_methods(["GET", "POST"])
@at_desk
def word(request: HttpRequest, desk: Desk, code: str) -> HttpResponse:
    """Change a post; only head office."""
    posts.ensure_may_word(desk.actor)
    row: Post = posts.get(code)
    above = [(str(p.id), p.name) for p in posts.catalogue().values() if p.id != row.pk]

    def do(data: PostForm, _uuid: Any) -> None:
        plain = posts.PostData.model_validate(data.model_dump(exclude={"roles"}))
        posts.save_post(code=code, data=plain, roles=data.roles, actor=desk.actor, at=desk.at)

    entry = Entry(
        title=_("Change the post"),
        about=row.name,
        form=PostForm,
        do=do,
        back=reverse("console:post", args=[code]),
        here=HERE,
        submit=_("Save"),
        effect=lambda data: effects.wording(row, data.roles, _held(desk).get(row.pk, 0)),
        note=_("Whoever holds the post keeps the roles given so far; new holders get the ones ticked here."),
        options={"reports_to": above, "roles": [(str(v), label) for v, label in Role.choices]},
        values={
            **{name: getattr(row, name) for name in posts.PostData.model_fields if name != "reports_to"},
            "reports_to": row.reports_to_id,
            "roles": row.roles,
        },
    )
    return answer(request, desk, entry)


@office_only
@require_POST
@at_desk
def preset(request: HttpRequest, desk: Desk) -> HttpResponse:
    """Load the posts shipped with Steward; what is there stays."""
    posts.ensure_may_word(desk.actor)
    back = reverse("console:posts")
    return acted(request, back, _("Load the shipped posts"), lambda: posts.load_preset(actor=desk.actor, at=desk.at))
