"""Papers of contractors: listed, added with their pages, opened, taken out of force."""

import uuid
from datetime import date, datetime
from typing import Any

from django.http import FileResponse, HttpRequest
from django.utils import timezone
from ninja import File, Form, Router, Schema
from ninja.files import UploadedFile
from pydantic import Field

from steward.api.organisation import office_of
from steward.api.reach import PROBLEMS
from steward.api.service import Request
from steward.kernel.schema import parse
from steward.registers.workforce import contractors, papers
from steward.registers.workforce.papers_models import ContractorPaper, PaperKind
from steward.web.downloads import handed_out
from steward.web.forms import keep_papers
from steward.web.http import actor_of

router = Router(tags=["organisation"])


class PaperOut(Schema):
    """A paper; ``ended_at``: followed by the next of its kind, or withdrawn with a reason."""

    id: int
    kind: str
    person: int | None
    valid_until: date | None
    pages: int
    added_at: datetime
    added_name: str
    ended_at: datetime | None
    end_reason: str


class PaperForm(Schema):
    client_uuid: uuid.UUID
    kind: PaperKind
    person: int | None = Field(None, ge=1, le=2**53)
    valid_until: date | None = None


class WithdrawIn(papers.Withdraw, Request):
    pass


def _paper(row: ContractorPaper, pages: int) -> dict[str, Any]:
    kept = ("id", "kind", "valid_until", "added_at", "added_name", "ended_at", "end_reason")
    return {**{name: getattr(row, name) for name in kept}, "person": row.person_id, "pages": pages}


@router.get("/contractors/{project}/{pk}/papers", response={200: list[PaperOut], **PROBLEMS})
def list_papers(request: HttpRequest, project: str, pk: int) -> Any:
    """What the firm has shown, as far as it is yours to read: in force first."""
    actor = actor_of(request)
    firm = contractors.get(project_id=office_of(project, actor), contractor_id=pk, actor=actor)
    found = papers.papers_of(project_id=firm.project_id, contractor_id=pk, actor=actor)
    return [_paper(row, len(papers.sheets_of(row))) for row in found]


@router.post("/contractors/{project}/{pk}/papers", response={200: PaperOut, **PROBLEMS})
def add_paper(
    request: HttpRequest, project: str, pk: int, payload: Form[PaperForm], files: File[list[UploadedFile]]
) -> Any:
    """Pictures and PDFs, page by page; the paper of its kind so far is followed by it and stays on record."""
    actor, at = actor_of(request), timezone.now()
    firm = contractors.get(project_id=office_of(project, actor), contractor_id=pk, actor=actor)
    contractors.ensure_keeps(actor, firm.project_id)
    stored = keep_papers("files", files, str(payload.client_uuid), actor, firm.project_id, at)
    told = payload.model_dump(mode="json", exclude={"client_uuid"}) | {"files": stored}
    row = papers.add_paper(
        project_id=firm.project_id,
        contractor_id=pk,
        data=parse(papers.PaperData, told),
        actor=actor,
        at=at,
        client_uuid=payload.client_uuid,
    )
    return _paper(row, len(set(stored)))


@router.get("/contractors/{project}/papers/{paper}/pages/{number}", response={**PROBLEMS})
def open_page(request: HttpRequest, project: str, paper: int, number: int) -> FileResponse:
    """A page as it is kept. Whoever opens a paper of a person is written down."""
    actor = actor_of(request)
    found = papers.open_page(
        project_id=office_of(project, actor), paper_id=paper, number=number, actor=actor, at=timezone.now()
    )
    return handed_out(found, cached=False)


@router.post("/contractors/{project}/papers/{paper}/withdraw", response={200: PaperOut, **PROBLEMS})
def withdraw(request: HttpRequest, project: str, paper: int, payload: WithdrawIn) -> Any:
    """Entered by mistake or not genuine: it stays on record with the reason."""
    actor = actor_of(request)
    row = papers.withdraw_paper(
        project_id=office_of(project, actor), paper_id=paper, reason=payload.reason, actor=actor, at=timezone.now()
    )
    return _paper(row, papers.count_pages(row))
