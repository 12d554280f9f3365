"""Papers of contractors: kept with what they prove, followed by the next one, opened by whom they concern (ORG-5)."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Annotated, Final
from uuid import UUID

from django.db.models import F, Prefetch
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy
from pydantic import BeforeValidator, Field

from steward.kernel.actor import Actor
from steward.kernel.audit import record
from steward.kernel.db import retrying
from steward.kernel.errors import ConflictError, InvalidError, NotFoundError
from steward.kernel.models import Attachment
from steward.kernel.schema import Data, Id, OptionalId, Text, ask, blank_is_absent
from steward.registers.workforce import contractors
from steward.registers.workforce.models import Contractor, ContractorStaff
from steward.registers.workforce.papers_models import PERSONAL, ContractorPage, ContractorPaper, PaperKind

MOST_PAGES: Final = 20
OptionalDate = Annotated[date | None, BeforeValidator(blank_is_absent)]


class PaperData(Data):
    kind: PaperKind = ask(title=_("Which paper"))
    person: OptionalId = ask(
        None, title=_("Whose"), kind="choice", description=_("For certificates and identity papers.")
    )
    valid_until: OptionalDate = ask(
        None, title=_("Valid until"), kind="date", description=_("Empty: as entered for the contract or the person.")
    )
    files: list[Id] = ask(
        default=[],
        max_length=MOST_PAGES,
        title=pgettext_lazy("paper", "Pages"),
        kind="files",
        description=_("Photos or PDF, up to 15 MB each."),
    )


class Withdraw(Data):
    reason: Annotated[Text, Field(min_length=2, max_length=300)] = ask(title=_("Reason"))


def add_paper(
    *, project_id: int, contractor_id: int, data: PaperData, actor: Actor, at: datetime, client_uuid: UUID
) -> ContractorPaper:
    """Keep a paper; the one of its kind so far is followed by it and stays on record. The same again is the same.

    A later day of the policy or certificate is entered with it. Raises NotFoundError, NotAllowedError, ConflictError
    (the contract has ended), InvalidError (nobody named, no pages, pages somebody else uploaded).
    """

    def once() -> ContractorPaper:
        firm = contractors.get(project_id=project_id, contractor_id=contractor_id, actor=actor)
        contractors.ensure_keeps(actor, project_id)
        papers = ContractorPaper.objects.in_project(project_id)
        known = papers.filter(added_by=actor.key, client_uuid=client_uuid).first()
        if known is not None:
            return known
        contractors.ensure_open(firm)
        person = _person(firm, data)
        _ensure_own(project_id, data.files, actor)
        papers.filter(contractor=firm, person=person, kind=data.kind, ended_at__isnull=True).update(ended_at=at)
        row = papers.create(
            project_id=project_id,
            contractor=firm,
            person=person,
            kind=data.kind,
            valid_until=data.valid_until or _entered(firm, person, data.kind),
            added_at=at,
            added_by=actor.key,
            added_name=actor.name[:60],
            client_uuid=client_uuid,
        )
        pages = [
            ContractorPage(project_id=project_id, paper=row, attachment_id=pk, number=n)
            for n, pk in enumerate(dict.fromkeys(data.files), start=1)
        ]
        ContractorPage.objects.bulk_create(pages)
        _enter(firm, person, data)
        _told("contractor.paper", row, firm, actor, at)
        return row

    return retrying(once)


def withdraw_paper(*, project_id: int, paper_id: int, reason: str, actor: Actor, at: datetime) -> ContractorPaper:
    """Not in force: entered by mistake, not genuine. It stays on record with the reason. Again: nothing more happens."""

    def once() -> ContractorPaper:
        row = paper_of(project_id=project_id, paper_id=paper_id, actor=actor)
        contractors.ensure_keeps(actor, project_id)
        if row.ended_at is not None and not row.end_reason:
            raise ConflictError(_("Another paper has taken its place already."), rule="contractor.paper_in_force")
        here = ContractorPaper.objects.in_project(project_id).filter(pk=row.pk, ended_at__isnull=True)
        if here.update(ended_at=at, end_reason=reason):
            row.ended_at, row.end_reason = at, reason
            _told("contractor.paper_withdrawn", row, row.contractor, actor, at, reason)
        return row

    return retrying(once)


def papers_of(*, project_id: int, contractor_id: int, actor: Actor) -> list[ContractorPaper]:
    """All of a contractor that the actor may see, in force first, each with its pages. Two queries."""
    rows = ContractorPaper.objects.visible_to(actor).filter(project_id=project_id, contractor_id=contractor_id)
    pages = ContractorPage.objects.in_project(project_id).order_by("number")
    return list(
        rows.select_related("person")
        .prefetch_related(Prefetch("pages", queryset=pages, to_attr="sheets"))
        .order_by(F("ended_at").desc(nulls_first=True), "kind", "-pk")[:200]
    )


def sheets_of(row: ContractorPaper) -> Sequence[ContractorPage]:
    """The pages of a paper that ``papers_of`` read."""
    found: Sequence[ContractorPage] = getattr(row, "sheets", ())
    return found


def count_pages(row: ContractorPaper) -> int:
    return ContractorPage.objects.in_project(row.project_id).filter(paper=row).count()


def paper_of(*, project_id: int, paper_id: int, actor: Actor) -> ContractorPaper:
    rows = ContractorPaper.objects.visible_to(actor).filter(project_id=project_id, pk=paper_id)
    row = rows.select_related("contractor", "person").first()
    if row is None:
        raise NotFoundError(_("There is no such paper of a contractor."))
    return row


def open_page(*, project_id: int, paper_id: int, number: int, actor: Actor, at: datetime) -> Attachment:
    """A page to be read. Of a personal paper it is written down who opened it. Raises NotFoundError."""
    row = paper_of(project_id=project_id, paper_id=paper_id, actor=actor)
    if row.erased_at is not None:
        raise NotFoundError(_("Erased, as its time was over."))
    pages = ContractorPage.objects.in_project(project_id).filter(paper=row, number=number)
    page = pages.select_related("attachment").first()
    if page is None:
        raise NotFoundError(_("There is no such paper of a contractor."))
    if row.is_personal:
        retrying(lambda: _told("contractor.paper_opened", row, row.contractor, actor, at, kind="view"))
    found: Attachment = page.attachment
    return found


def is_page(attachment: Attachment) -> bool:
    """Opened through its paper alone, also by whoever uploaded it."""
    rows = ContractorPage.objects.in_project(attachment.project_id)
    return rows.filter(attachment_id=attachment.pk).exists()


def _person(firm: Contractor, data: PaperData) -> ContractorStaff | None:
    if data.kind not in PERSONAL:
        if data.person is not None:
            raise InvalidError({"person": _("This paper is the firm's.")})
        return None
    people = ContractorStaff.objects.in_project(firm.project_id).filter(contractor=firm, left_at__isnull=True)
    found = people.filter(pk=data.person or 0).first()
    if found is None:
        raise InvalidError({"person": _("Say whose paper it is.")})
    return found


def _ensure_own(project_id: int, files: Sequence[int], actor: Actor) -> None:
    """An id is no permission: only what this colleague uploaded here."""
    own = Attachment.objects.in_project(project_id).filter(pk__in=files, uploaded_by=actor.key)
    if not files:
        raise InvalidError({"files": _("Add the pages.")})
    if own.count() != len(set(files)):
        raise InvalidError({"files": _("There is no such file here.")})


def _entered(firm: Contractor, person: ContractorStaff | None, kind: str) -> date | None:
    if kind == PaperKind.CONTRACT:
        return firm.contract_until
    if kind == PaperKind.INSURANCE:
        return firm.insured_until
    return person.certified_until if person is not None and kind == PaperKind.CERTIFICATE else None


def _enter(firm: Contractor, person: ContractorStaff | None, data: PaperData) -> None:
    """The day on the paper is the day that counts; a contract ends when it was agreed to."""
    if data.valid_until is None:
        return
    if data.kind == PaperKind.INSURANCE:
        Contractor.objects.in_project(firm.project_id).filter(pk=firm.pk).update(insured_until=data.valid_until)
    elif data.kind == PaperKind.CERTIFICATE and person is not None:
        people = ContractorStaff.objects.in_project(firm.project_id).filter(pk=person.pk)
        people.update(certified_until=data.valid_until)


def _told(
    what: str,
    row: ContractorPaper,
    firm: Contractor,
    actor: Actor,
    at: datetime,
    reason: str = "",
    *,
    kind: str = "change",
) -> None:
    until = row.valid_until.isoformat() if row.valid_until else None
    record(
        project_id=row.project_id,
        actor=actor,
        at=at,
        what=what,
        subject_kind="workforce.contractor_paper",
        subject_id=row.pk,
        label=f"{firm.name} {PaperKind(row.kind).label}",
        after={"kind": row.kind, "valid_until": until} if kind == "change" else None,
        personal={"person": row.person.name} if row.person is not None else None,
        reason=reason,
        kind=kind,
    )
