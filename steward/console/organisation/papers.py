"""Papers of a contractor: added, opened page by page, taken out of force."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from django.http import FileResponse, HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from steward.console.organisation.entry import Entry, answer
from steward.console.shell import Desk, at_desk
from steward.registers.org.tree import place
from steward.registers.workforce import contractors, papers
from steward.registers.workforce.models import Contractor, ContractorStaff
from steward.registers.workforce.papers_models import PERSONAL, ContractorPaper, PaperKind
from steward.web.downloads import handed_out
from steward.web.forms import keep_papers
from steward.web.http import office_only

HERE = "contractors"
#: What every firm has to show; without it there is a line all the same.
EXPECTED = (PaperKind.CONTRACT, PaperKind.INSURANCE)
ORDER = PaperKind.values


@dataclass(frozen=True)
class Shown:
    """A paper as a line; without ``row`` it is missing. ``pages``: (number, link); days of the place."""

    kind: str
    title: str
    url: str
    row: ContractorPaper | None = None
    pages: Sequence[tuple[int, str]] = ()
    added: str = ""
    ended: str = ""
    erased: str = ""


def lines(firm: Contractor, desk: Desk) -> tuple[list[Shown], list[Shown]]:
    """In force or missing, and what was followed or withdrawn."""
    found = papers.papers_of(project_id=firm.project_id, contractor_id=firm.pk, actor=desk.actor)
    current = [_shown(firm, row) for row in found if row.ended_at is None]
    kept = {row.kind for row in found if row.ended_at is None}
    may = contractors.may_keep(desk.actor, firm.project_id)
    seen = EXPECTED if may else (PaperKind.INSURANCE,)
    missing = [Shown(kind, str(kind.label), f"{_add(firm)}?kind={kind}") for kind in seen if kind not in kept]
    shown = sorted([*missing, *current], key=lambda s: ORDER.index(s.kind))
    return shown, [_shown(firm, row) for row in found if row.ended_at is not None]


def _shown(firm: Contractor, row: ContractorPaper) -> Shown:
    title = str(PaperKind(row.kind).label)
    if row.person is not None:
        title = f"{row.person.name} {title}"
    asked = [firm.project_id, firm.pk, row.pk]
    sheets = papers.sheets_of(row) if row.erased_at is None else ()
    pages = [(s.number, reverse("console:contractor-paper-page", args=[*asked, s.number])) for s in sheets]
    tz = place(firm.project_id).tz
    days = (row.added_at, row.ended_at, row.erased_at)
    said = [f"{at.astimezone(tz):%Y-%m-%d}" if at else "" for at in days]
    return Shown(row.kind, title, reverse("console:contractor-paper-withdraw", args=asked), row, pages, *said)


def _add(firm: Contractor) -> str:
    return reverse("console:contractor-paper", args=[firm.project_id, firm.pk])


def _back(project_id: int, pk: int) -> str:
    return f"{reverse('console:contractor', args=[project_id, pk])}#papers"


@office_only
@require_http_methods(["GET", "POST"])
@at_desk
def add(request: HttpRequest, desk: Desk, project_id: int, pk: int) -> HttpResponse:
    """``kind``, ``person``: what stands in the form at first."""
    firm = contractors.get(project_id=project_id, contractor_id=pk, actor=desk.actor)
    contractors.ensure_keeps(desk.actor, project_id)
    people = ContractorStaff.objects.in_project(project_id).filter(contractor=firm, left_at__isnull=True)
    named = [(str(p.pk), " ".join(filter(None, (p.name, p.duty)))) for p in people.order_by("pk")[:200]]

    def do(data: papers.PaperData, uuid: UUID) -> None:
        files = keep_papers("files", request.FILES.getlist("files"), str(uuid), desk.actor, project_id, desk.at)
        papers.add_paper(
            project_id=project_id,
            contractor_id=pk,
            data=data.model_copy(update={"files": files}),
            actor=desk.actor,
            at=desk.at,
            client_uuid=uuid,
        )

    entry = Entry(
        title=_("Add a paper"),
        about=firm.name,
        form=papers.PaperData,
        do=do,
        back=_back(project_id, pk),
        here=HERE,
        submit=_("Save the paper"),
        icon="file-certificate",
        note=_("It takes the place of the one so far, which stays on record. Who opens a paper of a person is noted."),
        options={"kind": PaperKind.choices, "person": [("", _("The firm itself")), *named]},
        values={name: request.GET.get(name, "")[:16] for name in ("kind", "person")},
    )
    return answer(request, desk, entry)


@office_only
@require_GET
@at_desk
def page(request: HttpRequest, desk: Desk, project_id: int, pk: int, paper: int, sheet: int) -> FileResponse:
    found = papers.open_page(project_id=project_id, paper_id=paper, number=sheet, actor=desk.actor, at=desk.at)
    return handed_out(found, cached=False)


@office_only
@require_http_methods(["GET", "POST"])
@at_desk
def withdraw(request: HttpRequest, desk: Desk, project_id: int, pk: int, paper: int) -> HttpResponse:
    row = papers.paper_of(project_id=project_id, paper_id=paper, actor=desk.actor)
    contractors.ensure_keeps(desk.actor, project_id)
    whose = row.person.name if row.kind in PERSONAL and row.person is not None else row.contractor.name

    def do(data: papers.Withdraw, _uuid: UUID) -> None:
        papers.withdraw_paper(project_id=project_id, paper_id=paper, reason=data.reason, actor=desk.actor, at=desk.at)

    entry = Entry(
        title=_("Take a paper out of force"),
        about=f"{whose} {PaperKind(row.kind).label}",
        form=papers.Withdraw,
        do=do,
        back=_back(project_id, pk),
        here=HERE,
        submit=_("Take out of force"),
        icon="x",
        note=_(
            "For what was entered by mistake or is not genuine. Nothing is deleted: it stays on record with the reason."
        ),
    )
    return answer(request, desk, entry)
