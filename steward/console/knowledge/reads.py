"""What the pages of the knowledge base show: articles of the places in sight, counted in a constant number of queries."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from difflib import SequenceMatcher
from typing import Any, Final

from django.db.models import Count, Max, QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from steward.cases.models import Entry
from steward.console.shell import Desk
from steward.kernel.errors import NotFoundError
from steward.processes.inquiry.models import Inquiry, State
from steward.registers.knowledge import articles as knowledge
from steward.registers.knowledge.articles import Known
from steward.registers.knowledge.models import Article, ArticleVersion
from steward.registers.org.tree import place, tree
from steward.registers.workforce.people import name_of

PAGE: Final = 50


@dataclass(frozen=True)
class Row:
    article: Known
    place: str
    owner: str
    is_due: bool
    answered: int


def today(desk: Desk) -> date:
    return timezone.localtime(desk.at, desk.tz).date()


def lineage(desk: Desk) -> list[int]:
    """The nodes whose articles are in sight: the projects themselves and everything above them."""
    found = {node for project in desk.projects for node in place(project).lineage}
    return sorted(found)


def in_sight(desk: Desk) -> list[Known]:
    return knowledge.of_place(lineage(desk))


def where_of(node_id: int | None) -> str:
    return _("The whole company") if node_id is None else tree().places[node_id].name


def rows(found: Sequence[Known], desk: Desk) -> list[Row]:
    """One query: how often each answered an inquiry in sight."""
    answered = Inquiry.objects.visible_to(desk.actor).filter(article_id__in=[a.id for a in found])
    counts = dict(answered.values_list("article_id").annotate(n=Count("pk")).order_by())
    day = today(desk)
    return [Row(a, where_of(a.node_id), name_of(a.owner_id), a.review_on <= day, counts.get(a.id, 0)) for a in found]


def article(desk: Desk, pk: int) -> Article:
    """With its history, also when it is no longer told. Raises NotFoundError out of sight."""
    row = Article.objects.filter(pk=pk).first()
    if row is None or (row.node_id is not None and row.node_id not in lineage(desk)):
        raise NotFoundError(_("There is no such entry."))
    return row


Piece = tuple[str, str]  # "", "ins" or "del", and the text


@dataclass(frozen=True)
class Version:
    row: ArticleVersion
    question: list[Piece]
    answer: list[Piece]


def versions(row: Article) -> list[Version]:
    """The newest first, each with what it changed."""
    kept = list(ArticleVersion.objects.filter(article=row).order_by("version"))
    before = [None, *kept]
    told = [_changed(new, old) for new, old in zip(kept, before, strict=False)]
    return told[::-1]


def _changed(new: ArticleVersion, old: ArticleVersion | None) -> Version:
    if old is None:
        return Version(new, [("", new.question)], [("", new.answer)])
    return Version(new, difference(old.question, new.question), difference(old.answer, new.answer))


def difference(old: str, new: str) -> list[Piece]:
    """Character by character: Chinese has no gaps between words."""
    return list(_pieces(old, new))


def _pieces(old: str, new: str) -> Iterator[Piece]:
    for tag, i, j, k, m in SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        if tag == "equal":
            yield "", old[i:j]
            continue
        if j > i:
            yield "del", old[i:j]
        if m > k:
            yield "ins", new[k:m]


def open_questions(desk: Desk, before: int | None) -> tuple[list[dict[str, Any]], int | None]:
    """Answered without an article, the newest first: each is a question somebody will ask again. Two queries."""
    found: QuerySet[Any] = Inquiry.objects.visible_to(desk.actor).filter(
        article__isnull=True, case__state=State.ANSWERED, case__is_imported=False, case__project_id__in=desk.projects
    )
    if before is not None:
        found = found.filter(pk__lt=before)
    found = found.order_by("-pk").values("pk", "case_id", "case__number", "case__title", "case__description")
    kept = list(found[: PAGE + 1])
    shown = kept[:PAGE]
    told = _answers([row["case_id"] for row in shown], desk)
    for row in shown:
        row["answer"], row["at"], row["who"] = told.get(row["case_id"], ("", None, ""))
    return shown, shown[-1]["pk"] if len(kept) > PAGE else None


def _answers(cases: list[int], desk: Desk) -> dict[int, tuple[str, Any, str]]:
    """The last answer of each case."""
    lines = Entry.objects.visible_to(desk.actor).filter(case_id__in=cases, action="answer")
    last = lines.values("case_id").annotate(n=Max("pk")).values_list("n", flat=True)
    kept = Entry.objects.visible_to(desk.actor).filter(pk__in=list(last))
    return {c: (note, at, who) for c, note, at, who in kept.values_list("case_id", "note", "happened_at", "actor_name")}


def last_answered(desk: Desk, pk: int) -> list[dict[str, Any]]:
    rows = Inquiry.objects.visible_to(desk.actor).filter(article_id=pk).order_by("-pk")
    return [dict(row) for row in rows.values("case__number", "case__title", "case__received_at")[:10]]
