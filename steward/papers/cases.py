"""What the papers of one case say: read as whoever prints may see it, in a constant number of queries."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from steward.cases import engine
from steward.cases.deadlines import of_case
from steward.cases.declare import Process
from steward.cases.models import Case, Channel, Urgency
from steward.casework import queries
from steward.casework.categories import categories
from steward.casework.clocks.lateness import Story
from steward.kernel import audit
from steward.kernel.actor import Actor
from steward.kernel.db import write
from steward.kernel.errors import NotFoundError
from steward.kernel.privacy import mask_phone
from steward.papers import evidence, repairs, story
from steward.papers.formats import Format
from steward.papers.pictures import qr, small
from steward.papers.render import pdf
from steward.processes.repair.models import Repair
from steward.registers.org.tree import Place, place
from steward.registers.workforce.people import colleagues, name_of

#: Photos of a case history; a case with more has them on its page.
MOST_PHOTOS: Final = 24


@dataclass(frozen=True)
class Sheet:
    """A paper's subject: the case as loaded for whoever prints, and the instant of printing."""

    actor: Actor
    case: Case
    detail: Any
    process: Process
    at: datetime


@dataclass(frozen=True)
class Paper:
    name: str
    title: Any
    template: str
    formats: tuple[Format, ...]
    read: Callable[[Sheet], dict[str, Any]]
    kinds: frozenset[str] = frozenset()  # empty: of every kind

    def fits(self, kind: str) -> bool:
        return not self.kinds or kind in self.kinds


@dataclass(frozen=True)
class Printed:
    content: bytes
    filename: str
    shows_phone: bool


def _job(sheet: Sheet) -> dict[str, Any]:
    return repairs.job(sheet.case, sheet.detail, sheet.at)


def _slip(sheet: Sheet) -> dict[str, Any]:
    rows = [row for row in of_case(sheet.case) if row.ended_at is None and row.due_at is not None]
    first = min(rows, key=lambda r: r.due_at or sheet.at, default=None)
    rule = sheet.process.deadline(first.key) if first else None
    return {"next_word": str(rule.title) if rule else "", "next_at": first.due_at if first else None}


def _history(sheet: Sheet) -> dict[str, Any]:
    case, actor = sheet.case, sheet.actor
    files, entries = queries.files(actor, case), queries.timeline(actor, case)
    return {
        "events": story.events(entries, sheet.process),
        "clocks": story.clocks(Story(case, sheet.process, of_case(case), entries, sheet.at)),
        "photos": [
            (small(f.attachment), repairs.label_of(f.label), f.attachment.uploaded_at) for f in files[:MOST_PHOTOS]
        ],
        "more_photos": max(0, len(files) - MOST_PHOTOS),
        "chain": repairs.chain_of(case, sheet.detail, sheet.at),
    }


def _evidence(sheet: Sheet) -> dict[str, Any]:
    return {**_history(sheet), **evidence.read(sheet.actor, sheet.case, sheet.detail)}


EVERY: Final = (Format.A4, Format.THREE_PART, Format.SLIP)
PAPERS: Final = {
    p.name: p
    for p in (
        Paper("job", gettext_lazy("Job sheet"), "papers/job.jinja", EVERY, _job, frozenset({"repair"})),
        Paper("slip", gettext_lazy("Acceptance slip"), "papers/slip.jinja", EVERY, _slip),
        Paper(
            "history", gettext_lazy("Case history"), "papers/history.jinja", (Format.A4, Format.THREE_PART), _history
        ),
        Paper(
            "evidence",
            gettext_lazy("Evidence pack"),
            "papers/evidence.jinja",
            (Format.A4,),
            _evidence,
            frozenset({"complaint"}),
        ),
    )
}


def papers_of(kind: str) -> list[Paper]:
    return [p for p in PAPERS.values() if p.fits(kind)]


def print_case(*, project_id: int, number: str, name: str, sheet: Format, actor: Actor, at: datetime) -> Printed:
    """One paper of a case as PDF. Raises NotFoundError out of scope or where there is no such paper,
    NoPrintingError where the machine cannot print."""
    paper = PAPERS.get(name)
    case, detail, process = engine.load(project_id, number, actor)
    if paper is None or not paper.fits(case.kind) or sheet not in paper.formats or not actor.is_staff:
        raise NotFoundError(_("There is no such paper."))
    subject = Sheet(actor, case, detail, process, at)
    shown = phone_needed(name, case)
    with timezone.override(place(project_id).tz):
        context = {**_head(subject, paper, shows_phone=shown), **paper.read(subject)}
        content = pdf(paper.template, context, sheet)
    _log(subject, paper, sheet, shows_phone=shown)
    return Printed(content, f"{case.number}-{name}.pdf", shown)


def _log(subject: Sheet, paper: Paper, sheet: Format, *, shows_phone: bool) -> None:
    """A paper leaves the house: who took it out, and whether a whole number stood on it."""
    case = subject.case
    with write():
        audit.record(
            project_id=case.project_id,
            actor=subject.actor,
            at=subject.at,
            what="case.print",
            subject_kind="cases.case",
            subject_id=case.number,
            label=str(paper.title),
            after={"paper": paper.name, "sheet": sheet.value, "phone": shows_phone},
            kind="export",
        )


def print_blank(*, where: Place, sheet: Format, enter_url: str) -> Printed:
    """An empty job sheet, to be filled in by hand; its code leads to where it is entered afterwards."""
    case, detail = Case(kind="repair"), Repair()
    context = {
        **repairs.blank(detail),
        "title": PAPERS["job"].title,
        "case": case,
        "where": where,
        "enter_url": enter_url,
        "qr": qr(enter_url),
        **dict.fromkeys(("state", "category", "urgency", "accountable", "handler", "phone"), ""),
    }
    return Printed(
        pdf("papers/job.jinja", {**context, "blank": True}, sheet), f"job-{where.code}.pdf", shows_phone=False
    )


def phone_needed(name: str, case: Case) -> bool:
    """The number is whole on the sheet of whoever is still to visit, and nowhere else."""
    return name == "job" and case.handler_id is not None and case.closed_at is None


def _head(sheet: Sheet, paper: Paper, *, shows_phone: bool) -> dict[str, Any]:
    case, where = sheet.case, place(sheet.case.project_id)
    category = categories().get(case.category_id or 0)
    handler = colleagues().get(case.handler_id or 0)
    phone = case.reporter_phone or (case.customer.phone if case.customer else "")
    return {
        "title": paper.title,
        "blank": False,
        "case": case,
        "where": where,
        "process": sheet.process,
        "state": sheet.process.state_title(case.state),
        "category": category.title(sheet.actor.language) if category else "",
        "urgency": Urgency(case.urgency).label if case.urgency else "",
        "channel": Channel(case.channel).label,
        "accountable": name_of(case.accountable_id),
        "handler": handler.name if handler else "",
        "phone": phone if shows_phone else mask_phone(phone),
        "qr": qr(case.number),
        "printed_at": sheet.at,
        "printed_by": sheet.actor.name,
    }


def choices(kind: str) -> Sequence[tuple[str, Any, Format, Any]]:
    """(paper, its title, format, its title): what can be printed of a case."""
    return [(p.name, p.title, f, f.label) for p in papers_of(kind) for f in p.formats]
