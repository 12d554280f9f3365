"""Papers as PDF: opened in the browser's own viewer, from where they print."""

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from steward.cases import engine
from steward.console.actions import is_htmx
from steward.console.case import case_url, place_of
from steward.console.shell import Desk, at_desk, page, part
from steward.kernel.actor import FIELD_ONLY
from steward.papers.cases import papers_of, print_blank, print_case
from steward.papers.formats import Format, format_of
from steward.papers.health import NoPrintingError
from steward.web.http import staff_only


@staff_only
@require_GET
@at_desk
def case_papers(request: HttpRequest, desk: Desk, number: str) -> HttpResponse:
    """What can be printed of a case, each paper in its formats: in the dialog, or as a page."""
    case, _detail, _process = engine.load(place_of(number).id, number, desk.actor)
    papers = [
        (paper.title, [(sheet.label, _paper_url(number, paper.name, sheet)) for sheet in paper.formats])
        for paper in papers_of(case.kind)
    ]
    may_enter = (
        case.kind == "repair" and case.closed_at is None and bool(desk.actor.roles_in(case.project_id) - FIELD_ONLY)
    )
    context = {"title": _("Print papers"), "case": case, "papers": papers, "may_enter": may_enter}
    if is_htmx(request):
        return part(request, desk, "console/papers/choose.jinja", "body", context)
    return page(request, desk, "console/papers/choose.jinja", context, here="cases", child=case.kind)


def _paper_url(number: str, name: str, sheet: Format) -> str:
    return f"{reverse('console:case-paper', args=[number, name])}?sheet={sheet.value}"


@staff_only
@require_GET
@at_desk
def case_paper(request: HttpRequest, desk: Desk, number: str, name: str) -> HttpResponse:
    """``?sheet=a4|241|80``."""
    try:
        printed = print_case(
            project_id=place_of(number).id,
            number=number,
            name=name,
            sheet=format_of(request.GET.get("sheet", "")),
            actor=desk.actor,
            at=desk.at,
        )
    except NoPrintingError as error:
        return unavailable(request, desk, error, case_url(number))
    return pdf_answer(printed.content, printed.filename)


@staff_only
@require_GET
@at_desk
def blank(request: HttpRequest, desk: Desk) -> HttpResponse:
    """An empty job sheet for a day without network."""
    where = desk.chosen or next(iter(desk.places))
    back = reverse("console:registers")
    enter = request.build_absolute_uri(reverse("console:paper-day"))
    try:
        made = print_blank(where=where, sheet=format_of(request.GET.get("sheet", "")), enter_url=enter)
    except NoPrintingError as error:
        return unavailable(request, desk, error, back)
    return pdf_answer(made.content, made.filename)


def pdf_answer(content: bytes, filename: str) -> HttpResponse:
    answer = HttpResponse(content, content_type="application/pdf")
    answer["Content-Disposition"] = f'inline; filename="{filename}"'
    # A paper is of its moment, and full of names.
    answer["Cache-Control"] = "private, no-store"
    return answer


def unavailable(request: HttpRequest, desk: Desk, error: NoPrintingError, back: str) -> HttpResponse:
    """A page that says what the operator installs, never half a PDF."""
    context = {"title": _("No PDF on this server yet"), "text": str(error), "back": back}
    return page(request, desk, "console/papers/unavailable.jinja", context, here="cases", status=503)
