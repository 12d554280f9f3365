"""The categories: what cases are about, by kind, in the order of the keys at intake."""

from collections.abc import Mapping
from typing import Any, Final
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from steward.cases.declare import REGISTRY
from steward.casework import shipped
from steward.casework.categories import CategoryRow, categories, keys, of_kind
from steward.casework.categorizing import implies, may_change, place_category, restore_category
from steward.console.organisation.entry import acted, see_other
from steward.console.settings.categoryeffects import callback_words, urgency_words
from steward.console.settings.home import places_of
from steward.console.settings.words import day
from steward.console.shell import Desk, at_desk, page
from steward.insight.categorizing import DAYS, UNUSED, use_of
from steward.registers.org.models import Level
from steward.registers.org.tree import Place, place
from steward.registers.workforce.models import Skill
from steward.web.http import office_only

FIRST: Final = "repair"
HERE: Final = "categories"


def here_of(desk: Desk) -> Place:
    """Where the rules are read: the project in sight, else the widest place one decides for."""
    places = places_of(desk)
    return next((p for p in places if p == desk.chosen), places[0])


@office_only
@require_GET
@at_desk
def index(request: HttpRequest, desk: Desk) -> HttpResponse:
    here = here_of(desk)
    kind = request.GET.get("kind", "") if request.GET.get("kind", "") in REGISTRY else FIRST
    seen = [c for c in categories().values() if c.kind == kind and c.node_id in _nodes(desk)]
    use = use_of([c.id for c in seen], actor=desk.actor, projects=desk.projects, at=desk.at)
    offered = _two_levels([c for c in seen if c.retired_at is None])
    digits = keys(of_kind(kind, here.id if here.level == Level.PROJECT else 0))
    lines = [_line(c, use.get(c.id, UNUSED), desk, here, _path(c, digits)) for c in offered]
    context = {
        "rows": _with_moves(lines),
        "retired": [_line(c, use.get(c.id, UNUSED), desk, here, []) for c in seen if c.retired_at is not None],
        "tabs": [
            {"label": p.title, "url": f"?{urlencode({'kind': p.kind})}", "current": p.kind == kind}
            for p in REGISTRY.values()
        ],
        "kind": kind,
        "days": DAYS,
        "implies": bool(implies(kind)),
        "may_add": bool(owners(desk)),
        "may_word_company": may_change(desk.actor, None),
        "preset_url": reverse("console:categories-preset", args=[kind]) if _may_load(desk, kind) else "",
        "new_url": f"{reverse('console:category-new')}?{urlencode({'kind': kind})}",
    }
    return page(request, desk, "console/settings/categories.jinja", context, here=HERE)


def _nodes(desk: Desk) -> set[int | None]:
    return {None, *desk.projects}


def owners(desk: Desk) -> list[tuple[int | None, str]]:
    """For whom this colleague may add: the company, and the projects in sight."""
    company: list[tuple[int | None, str]] = [(None, _("Whole company"))] if may_change(desk.actor, None) else []
    return company + [(p, place(p).name) for p in sorted(desk.projects) if may_change(desk.actor, p)]


def _two_levels(rows: list[CategoryRow]) -> list[CategoryRow]:
    """Each of the first level with its own behind it."""
    tops = [c for c in rows if c.parent_id is None]
    return [c for top in tops for c in (top, *(b for b in rows if b.parent_id == top.id))]


def _path(c: CategoryRow, digits: Mapping[int, str]) -> list[str]:
    """The keys one after the other."""
    return [key for row in (c.parent_id, c.id) if row is not None and (key := digits.get(row))]


def _may_load(desk: Desk, kind: str) -> bool:
    return may_change(desk.actor, None) and shipped.missing(kind)


def _line(c: CategoryRow, use: Any, desk: Desk, here: Place, keys: list[str]) -> dict[str, Any]:
    return {
        "row": c,
        "name": c.title(get_language() or ""),
        "keys": keys,
        "use": use,
        "whose": place(c.node_id).name if c.node_id else "",
        "urgency": urgency_words(c.urgency) if c.urgency else "",
        "skill": Skill(c.skill).label if c.skill in Skill.values else "",
        "callback": callback_words(c.kind, c.code, is_leak=c.is_leak, desk=desk, here=here),
        "since": day(c.retired_at) if c.retired_at else "",
        "may": may_change(desk.actor, c.node_id),
        "url": reverse("console:category", args=[c.id]),
        "place_url": reverse("console:category-place", args=[c.id]),
        "restore_url": reverse("console:category-restore", args=[c.id]),
    }


def _with_moves(lines: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Where the arrows lead: the place before and after, on the same level of the same owner."""
    for line in lines:
        like = [x for x in lines if _level(x) == _level(line)]
        n = like.index(line) + 1
        line["up"], line["down"] = n - 1 if n > 1 else 0, n + 1 if n < len(like) else 0
    return lines


def _level(line: dict[str, Any]) -> tuple[int | None, int | None]:
    return line["row"].node_id, line["row"].parent_id


def back_to(kind: str) -> str:
    return f"{reverse('console:categories')}?{urlencode({'kind': kind})}"


@office_only
@require_POST
@at_desk
def move(request: HttpRequest, desk: Desk, pk: int) -> HttpResponse:
    wanted = request.POST.get("to", "")
    to = int(wanted) if wanted.isascii() and wanted.isdigit() and len(wanted) < 4 else 1
    place_category(category_id=pk, position=to, actor=desk.actor, at=desk.at)
    return see_other(f"{back_to(categories()[pk].kind)}#c{pk}")


@office_only
@require_POST
@at_desk
def restore(request: HttpRequest, desk: Desk, pk: int) -> HttpResponse:
    kind = categories()[pk].kind if pk in categories() else FIRST

    def do() -> bool:
        return restore_category(category_id=pk, actor=desk.actor, at=desk.at)

    return acted(request, back_to(kind), _("Offer again"), do)


@office_only
@require_POST
@at_desk
def preset(request: HttpRequest, desk: Desk, kind: str) -> HttpResponse:
    """Load the categories of this kind shipped with Steward; what is there stays."""
    places_of(desk)
    title = _("Load the shipped categories")
    return acted(request, back_to(kind), title, lambda: shipped.load_categories(kind, actor=desk.actor, at=desk.at))
