"""Identity papers of those a contractor sends are erased when their time is over; that they were kept stays on record."""

import logging
from calendar import monthrange
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Annotated, Final

from django.db import transaction
from django.db.models import Exists, OuterRef, Q
from django.utils.translation import gettext_lazy as _
from pydantic import Field

from steward.kernel import policies
from steward.kernel.actor import SYSTEM
from steward.kernel.audit import record
from steward.kernel.cron import one_by_one, recurs
from steward.kernel.files import erase_content, hangs
from steward.kernel.policies import Policy
from steward.registers.org.tree import place
from steward.registers.workforce.papers_models import ContractorPage, ContractorPaper, PaperKind

log = logging.getLogger(__name__)

MONTHS: Final = Policy(
    key="contractor.identity_months",
    title=_("Contractors: months that identity papers are kept"),
    type=Annotated[int, Field(ge=0, le=120)],
    preset=24,
    unit=_("months"),
    help=_(
        "From the end of the contract, from the person's leaving, or from when another paper took its place; "
        "at the earliest from when the paper was added."
    ),
    source="our default: as long as guard-service contracts are kept after their end (GUARD §21, DOMAIN-RULES 7.1); "
    "the shortest time needed: PIPL §19",
)
#: Papers that one run erases in a project; the rest follows the next night.
RUN: Final = 500
#: The same upload in a second try of its form hangs nowhere; it goes with the paper.
TRIES: Final = timedelta(days=1)


def months_at(project_id: int, at: datetime) -> int:
    return policies.in_force(MONTHS, lineage=place(project_id).lineage, at=at).value


# 19:20 UTC is after three in the night in China.
@recurs("contractor_papers", every=timedelta(days=1), offset=timedelta(hours=19, minutes=20))
def sweep(at: datetime) -> None:
    """Once the job's own transaction stands: a file that is gone comes back with no rollback, so each paper has its
    own, which ends right after its files went."""
    transaction.on_commit(lambda: one_by_one(_due(at), lambda row: _erase_or_wait(row, at)))


def _erase_or_wait(row: ContractorPaper, at: datetime) -> None:
    """A file that cannot be removed holds up its own paper alone: that stays as it was, the next night tries again."""
    try:
        with transaction.atomic():
            erase(row, at)
    except OSError:
        log.exception("the files of paper %s of project %s cannot be erased", row.pk, row.project_id)


def _due(at: datetime) -> Iterator[ContractorPaper]:
    """By project: each has its own months."""
    waiting = ContractorPaper.objects.unscoped().filter(kind=PaperKind.IDENTITY, erased_at__isnull=True)
    for project_id in list(waiting.order_by("project_id").values_list("project_id", flat=True).distinct()):
        limit = months_before(at, months_at(project_id, at))
        over = Q(ended_at__lte=limit) | Q(person__left_at__lte=limit) | Q(contractor__ended_at__lte=limit)
        # Whatever ended, a paper is kept for its months: also one added for a contract that ran out long ago.
        here = waiting.filter(over | _ran_out(project_id, limit), project_id=project_id, added_at__lte=limit)
        yield from here.select_related("contractor").order_by("pk")[:RUN]


def _ran_out(project_id: int, limit: datetime) -> Q:
    """A contract nobody ended ended on its last day, unless a newer paper in force shows that the firm works on."""
    on = limit.astimezone(place(project_id).tz).date()
    newer = ContractorPaper.objects.in_project(project_id).filter(
        contractor_id=OuterRef("contractor_id"), ended_at__isnull=True, added_at__gt=limit
    )
    return Q(~Exists(newer), contractor__ended_at__isnull=True, contractor__contract_until__lt=on)


def erase(row: ContractorPaper, at: datetime) -> None:
    """The files go, the paper's line with its pages' digests stays. Again: nothing more. Raises OSError."""
    here = ContractorPaper.objects.in_project(row.project_id).filter(pk=row.pk, erased_at__isnull=True)
    if not here.update(erased_at=at):
        return
    pages = list(ContractorPage.objects.in_project(row.project_id).filter(paper=row).select_related("attachment"))
    record(
        project_id=row.project_id,
        actor=SYSTEM,
        at=at,
        what="contractor.paper_erased",
        subject_kind="workforce.contractor_paper",
        subject_id=row.pk,
        label=f"{row.contractor.name} {PaperKind(row.kind).label}",
        after={"pages": [page.attachment.sha256 for page in pages], "months": months_at(row.project_id, at)},
    )
    # Last: what fails before this has taken no file yet.
    for page in pages:
        erase_content(page.attachment, needed=_needed(page))


def _needed(page: ContractorPage) -> Q:
    """The same file may be a page of a paper that is still kept, or hang elsewhere, such as on a case."""
    pages, mine = ContractorPage.objects.in_project(page.project_id), page.attachment
    kept = pages.filter(paper__erased_at__isnull=True).values("attachment_id")
    tries = Q(uploaded_by=mine.uploaded_by, uploaded_at__range=(mine.uploaded_at - TRIES, mine.uploaded_at + TRIES))
    elsewhere = hangs(mine, apart=ContractorPage)
    return Q(pk__in=kept) | elsewhere | (~Q(pk__in=pages.values("attachment_id")) & ~tries)


def months_before(at: datetime, months: int) -> datetime:
    """The same day so many months ago, or the last of that month."""
    year, month = divmod(at.year * 12 + at.month - 1 - months, 12)
    return at.replace(year=year, month=month + 1, day=min(at.day, monthrange(year, month + 1)[1]))
