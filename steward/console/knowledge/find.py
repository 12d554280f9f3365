"""Articles beside a question: as JSON for a box that completes, and as a list to take an answer from."""

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from steward.cases import engine
from steward.console.case import place_of
from steward.console.knowledge import reads
from steward.console.knowledge.views import number
from steward.console.shell import Desk, at_desk, part
from steward.kernel.errors import NotFoundError
from steward.registers.knowledge import articles as knowledge
from steward.registers.knowledge.articles import Known
from steward.registers.org.tree import place
from steward.web.http import staff_only


def _lineage(request: HttpRequest, desk: Desk) -> list[int]:
    """Of the case or project named; else of everything in sight. Raises NotFoundError out of scope."""
    project = number(request.GET.get("project", ""))
    if project is None:
        return reads.lineage(desk)
    if project not in desk.actor.project_ids:
        raise NotFoundError(_("There is no such page."))
    return list(place(project).lineage)


def _near(text: str, lineage: list[int], limit: int) -> list[Known]:
    """The nearest; a single typed word is also looked for inside the articles."""
    near = knowledge.suggest(text, lineage=lineage, limit=limit)
    if near or not text.strip():
        return near
    return [a for a in knowledge.of_place(lineage) if text.strip() in f"{a.question} {a.keywords} {a.answer}"][:limit]


@staff_only
@require_GET
@at_desk
def find(request: HttpRequest, desk: Desk) -> JsonResponse:
    """``?q=`` words of the caller, ``project=`` its number: the nearest articles with their answers."""
    found = _near(request.GET.get("q", "")[:200], _lineage(request, desk), 8)
    items = [{"value": str(a.id), "label": a.question, "hint": a.answer[:60], "answer": a.answer} for a in found]
    return JsonResponse({"items": items})


@staff_only
@require_GET
@at_desk
def beside(request: HttpRequest, desk: Desk) -> HttpResponse:
    """``?number=``: articles near to what was asked on that case; else near to ``q`` (the call screen's ``description``) of a ``project``."""
    asked, lineage = (request.GET.get("q") or request.GET.get("description", ""))[:400], None
    if request.GET.get("number"):
        where = place_of(request.GET["number"][:40])
        case, _detail, _process = engine.load(where.id, request.GET["number"][:40], desk.actor)
        asked, lineage = f"{case.title} {case.description}", list(where.lineage)
    found = _near(asked, lineage if lineage is not None else _lineage(request, desk), 4)
    context = {"found": found, "asked": asked.strip(), "first_key": 6 if request.GET.get("keys") == "6" else 1}
    return part(request, desk, "console/knowledge/beside.jinja", "beside", context)
