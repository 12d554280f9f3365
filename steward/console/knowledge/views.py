"""The knowledge base: the list that narrows while somebody types, one article, what is asked and not kept yet."""

from typing import Any, Final
from urllib.parse import urlencode
from uuid import uuid4

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from steward.console.case import case_url
from steward.console.knowledge import reads
from steward.console.shell import Desk, at_desk, page, part
from steward.kernel import policies
from steward.processes.inquiry.models import Inquiry
from steward.registers.knowledge import articles as knowledge
from steward.registers.knowledge.articles import Known
from steward.registers.workforce.people import name_of
from steward.web.http import office_only

NAMES: Final = ("q", "place", "owner", "due")
COMPANY: Final = "company"


def number(text: str) -> int | None:
    return int(text) if text.isdecimal() and len(text) < 16 else None


@office_only
@require_GET
@at_desk
def index(request: HttpRequest, desk: Desk) -> HttpResponse:
    asked = {name: request.GET.get(name, "")[:80].strip() for name in NAMES}
    every = reads.in_sight(desk)
    found = narrowed(every, asked, desk)
    start = number(request.GET.get("from", "")) or 0
    shown = reads.rows(found[start : start + reads.PAGE], desk)
    context = {
        "rows": shown,
        "asked": asked,
        "filters": _filters(every, asked),
        "narrowed": any(asked.values()),
        "pager": _pager(asked, start, len(found)),
        "due": sum(1 for a in every if a.review_on <= reads.today(desk)),
        "may_write": bool(places(desk)),
    }
    if request.headers.get("HX-Request") == "true":
        return part(request, desk, "console/knowledge/index.jinja", "found", context)
    return page(request, desk, "console/knowledge/index.jinja", context, here="knowledge")


def narrowed(every: list[Known], asked: dict[str, str], desk: Desk) -> list[Known]:
    """Nearest first where something was typed, else by review date."""
    found = sorted(every, key=lambda a: (a.review_on, a.question))
    if asked["q"]:
        near = knowledge.suggest(asked["q"], lineage=reads.lineage(desk), limit=reads.PAGE)
        words = [a for a in found if asked["q"].lower() in f"{a.question} {a.keywords} {a.answer}".lower()]
        found = near + [a for a in words if a not in near]
    if asked["place"]:
        node = None if asked["place"] == COMPANY else number(asked["place"])
        found = [a for a in found if a.node_id == node]
    if asked["owner"]:
        found = [a for a in found if a.owner_id == number(asked["owner"])]
    return [a for a in found if a.review_on <= reads.today(desk)] if asked["due"] else found


def _filters(every: list[Known], asked: dict[str, str]) -> list[dict[str, Any]]:
    nodes = sorted({a.node_id for a in every}, key=lambda n: n or 0)
    owners = sorted({a.owner_id for a in every})
    return [
        {
            "name": "place",
            "label": _("All places"),
            "value": asked["place"],
            "choices": [(str(n or COMPANY), reads.where_of(n)) for n in nodes],
        },
        {
            "name": "owner",
            "label": _("All owners"),
            "value": asked["owner"],
            "choices": [(str(o), name_of(o)) for o in owners],
        },
        {
            "name": "due",
            "label": _("Any review date"),
            "value": asked["due"],
            "choices": [("1", _("Due for review"))],
        },
    ]


def _pager(asked: dict[str, str], start: int, count: int) -> dict[str, Any]:
    def url(at: int) -> str:
        return f"{reverse('console:knowledge')}?{urlencode({**{k: v for k, v in asked.items() if v}, 'from': at})}"

    return {
        "count": count,
        "newer_url": url(max(0, start - reads.PAGE)) if start else "",
        "older_url": url(start + reads.PAGE) if start + reads.PAGE < count else "",
    }


def places(desk: Desk) -> list[tuple[str, str]]:
    """Where this colleague may write: choices of the form."""
    nodes: list[int | None] = [None, *reads.lineage(desk)]
    return [(str(n or COMPANY), reads.where_of(n)) for n in nodes if knowledge.may_write(desk.actor, n)]


@office_only
@require_GET
@at_desk
def show(request: HttpRequest, desk: Desk, pk: int) -> HttpResponse:
    return article_page(request, desk, pk)


def article_page(
    request: HttpRequest, desk: Desk, pk: int, *, error: str = "", status: int = 200, typed: str = ""
) -> HttpResponse:
    row = reads.article(desk, pk)
    days = policies.in_force(knowledge.REVIEW, lineage=reads.lineage(desk), at=desk.at).value
    context = {
        "row": row,
        "place": reads.where_of(row.node_id),
        "owner": name_of(row.owner_id),
        "is_due": row.is_active and row.review_on <= reads.today(desk),
        "may_write": row.is_active and knowledge.may_write(desk.actor, row.node_id),
        "versions": reads.versions(row),
        "answered": Inquiry.objects.visible_to(desk.actor).filter(article=row).count(),
        "cases": [(case_url(c["case__number"]), c) for c in reads.last_answered(desk, pk)],
        "next_review": typed or knowledge.next_review(at=desk.at, days=days).isoformat(),
        "error": error,
        "uuid": uuid4(),
    }
    return page(request, desk, "console/knowledge/article.jinja", context, here="knowledge", status=status)


@office_only
@require_GET
@at_desk
def unanswered(request: HttpRequest, desk: Desk) -> HttpResponse:
    return unanswered_page(request, desk)


def unanswered_page(
    request: HttpRequest, desk: Desk, *, refused: str = "", text: str = "", status: int = 200
) -> HttpResponse:
    """``refused``: the number whose answer could not be kept, and why."""
    found, older = reads.open_questions(desk, number(request.GET.get("before", "")))
    base = reverse("console:knowledge-unanswered")
    for row in found:
        row["url"], row["uuid"] = case_url(row["case__number"]), uuid4()
        row["may_keep"] = knowledge.may_write(desk.actor, _project(row["case__number"], desk)) and bool(row["answer"])
        row["refusal"] = text if row["case__number"] == refused else ""
    context = {"rows": found, "older": f"{base}?before={older}" if older else ""}
    return page(request, desk, "console/knowledge/unanswered.jinja", context, here="knowledge", status=status)


def _project(case_number: str, desk: Desk) -> int | None:
    code = case_number.split("-")[1] if case_number.count("-") > 1 else ""
    return next((p.id for p in desk.places if p.code == code), None)
