"""The knowledge base as reference data: found by what people say, written in versions, reviewed by its owner."""

import unicodedata
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Final

from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from steward.kernel import audit, reference
from steward.kernel.actor import Actor, Role
from steward.kernel.db import retrying
from steward.kernel.errors import ConflictError, InvalidError, NotAllowedError, NotFoundError
from steward.kernel.pinyin import readings
from steward.kernel.policies import Policy
from steward.kernel.schema import Data, Id, Line, Text, ask, parse
from steward.registers.knowledge.models import Article, ArticleVersion
from steward.registers.org.tree import tree
from steward.registers.workforce.people import colleagues

REVIEW: Final = Policy(
    key="knowledge.review_days",
    title=_("Knowledge base: an answer is looked at again after (days)"),
    type=int,
    preset=180,
    source="MISSION DSK-5: each entry has a review date; half a year is ours",
)
WRITERS: Final = frozenset({Role.DESK, Role.HEAD_BUTLER, Role.MANAGER, Role.REGION, Role.HQ})
#: Neighbouring characters in common, so that an article is offered.
ENOUGH: Final = 2


class ArticleData(Data):
    question: Line = ask(min_length=2, max_length=200, title=_("Question"))
    answer: Text = ask(min_length=2, max_length=4000, title=_("Answer"))
    keywords: Line = ask("", max_length=200, title=_("Other words for it"))
    for_residents: bool = ask(default=True, title=_("Residents may read it"))
    owner: Id = ask(title=_("Responsible"), kind="staff")
    review_on: date = ask(title=pgettext_lazy("knowledge", "Look at it again on"))


@dataclass(frozen=True, slots=True)
class Known:
    id: int
    node_id: int | None
    question: str
    answer: str
    keywords: str
    for_residents: bool
    owner_id: int
    review_on: date
    version: int
    pairs: frozenset[str]
    initials: tuple[frozenset[str], ...]


@reference.cached
def articles() -> dict[int, Known]:
    rows = Article.objects.filter(is_active=True).order_by("question")
    return {row.pk: _known(row) for row in rows}


def _known(row: Article) -> Known:
    return Known(
        id=row.pk,
        node_id=row.node_id,
        question=row.question,
        answer=row.answer,
        keywords=row.keywords,
        for_residents=row.for_residents,
        owner_id=row.owner_id,
        review_on=row.review_on,
        version=row.version,
        pairs=_pairs(f"{row.question} {row.keywords}"),
        initials=tuple(frozenset(r[0] for r in readings(c)) or frozenset(c) for c in _plain(row.question)),
    )


def of_place(lineage: Sequence[int]) -> list[Known]:
    """What holds here: the project's own, the region's, the company's."""
    return [a for a in articles().values() if a.node_id is None or a.node_id in lineage]


def suggest(text: str, *, lineage: Sequence[int], residents: bool = False, limit: int = 5) -> list[Known]:
    """The articles nearest to what was asked, the best first; initials of pinyin (``zxyj``) are understood."""
    asked, typed = _pairs(text), _plain(text)
    offered = [a for a in of_place(lineage) if a.for_residents or not residents]
    if typed.isascii() and typed.isalpha():
        return [a for a in offered if _is_read_in(typed, a.initials) or typed in _plain(a.keywords)][:limit]
    # A pair that stands in many articles says little: each counts by how few share it.
    shared = Counter(pair for a in offered for pair in asked & a.pairs)
    hits = [(sum(1 / shared[p] for p in asked & a.pairs), a) for a in offered if len(asked & a.pairs) >= ENOUGH]
    return [a for _score, a in sorted(hits, key=lambda hit: (-hit[0], hit[1].question))[:limit]]


def _is_read_in(typed: str, initials: Sequence[frozenset[str]]) -> bool:
    """Letter by letter, from any character on; one with several readings goes by each of them."""
    starts = range(len(initials) - len(typed) + 1)
    return any(all(letter in initials[at + n] for n, letter in enumerate(typed)) for at in starts)


def _plain(text: str) -> str:
    return "".join(c for c in unicodedata.normalize("NFKC", text).lower() if c.isalnum())


def _pairs(text: str) -> frozenset[str]:
    plain = _plain(text)
    return frozenset(plain[i : i + 2] for i in range(len(plain) - 1))


def may_write(actor: Actor, node_id: int | None) -> bool:
    """For a project its office; for the company or a region those who have it whole."""
    if actor.is_system:
        return True
    below = _projects(node_id)
    return bool(below) and below <= actor.projects_with(*WRITERS)


def _projects(node_id: int | None) -> frozenset[int]:
    """The projects of a place; of the company when none is named."""
    where = tree()
    if node_id is None:
        return frozenset().union(*where.projects_under.values())
    return where.projects_under[where.places[node_id].path] if node_id in where.places else frozenset()


def save_article(
    *, article_id: int | None, node_id: int | None, actor: Actor, at: datetime, version: int = 0, **data: object
) -> Article:
    """Write a new article, or the next version of one. The same words again change nothing.

    Raises NotAllowedError, NotFoundError, InvalidError (naming the field), ConflictError (somebody else wrote
    meanwhile, or the question stands already).
    """
    if not may_write(actor, node_id):
        raise NotAllowedError(_("This is not yours to do."), rule="knowledge.writers")
    given = parse(ArticleData, data)
    _ensure_owner(given.owner, node_id)
    return retrying(lambda: _save(article_id, node_id, version, given, actor, at))


def _ensure_owner(owner: int, node_id: int | None) -> None:
    """Whoever answers for it reads it: works in a project where it is told."""
    found = colleagues().get(owner)
    if found is None or not any(found.works_in(project_id) for project_id in _projects(node_id)):
        raise InvalidError({"owner": _("There is no such colleague here.")})


def _save(
    article_id: int | None, node_id: int | None, version: int, given: ArticleData, actor: Actor, at: datetime
) -> Article:
    same = Article.objects.filter(_at(node_id), question=given.question, is_active=True).first()
    if article_id is None:
        if same is not None:
            return _unless_different(same, given)
        row = Article(node_id=node_id)
    else:
        row = _to_change(article_id, node_id)
        if _same(row, given):
            return row
        if row.version != version:
            raise ConflictError(_("Somebody else was faster. Look again."), rule="knowledge.version")
        if same is not None and same.pk != row.pk:
            raise ConflictError(_("This question stands in the knowledge base already."), rule="knowledge.question")
        row.version += 1
    row.question, row.answer, row.keywords = given.question, given.answer, given.keywords
    row.for_residents, row.owner_id, row.review_on = given.for_residents, given.owner, given.review_on
    row.save()
    _keep(row, actor, at)
    return row


def _at(node_id: int | None) -> Q:
    return Q(node__isnull=True) if node_id is None else Q(node_id=node_id)


def _to_change(article_id: int, node_id: int | None) -> Article:
    found = Article.objects.filter(_at(node_id), pk=article_id, is_active=True).first()
    if found is None:
        raise NotFoundError(_("There is no such entry."))
    return found


def _unless_different(row: Article, given: ArticleData) -> Article:
    if _same(row, given):
        return row
    raise ConflictError(_("This question stands in the knowledge base already."), rule="knowledge.question")


def _same(row: Article, given: ArticleData) -> bool:
    now = (row.question, row.answer, row.keywords, row.for_residents, row.owner_id, row.review_on)
    return now == (given.question, given.answer, given.keywords, given.for_residents, given.owner, given.review_on)


def _keep(row: Article, actor: Actor, at: datetime) -> None:
    ArticleVersion.objects.create(
        article=row,
        version=row.version,
        question=row.question,
        answer=row.answer,
        changed_at=at,
        changed_by=actor.key,
        changed_by_name=actor.name,
    )
    _write_down("knowledge.written", row, actor, at, {"version": row.version, "question": row.question})


def confirm(*, article_id: int, node_id: int | None, review_on: date, actor: Actor, at: datetime) -> Article:
    """Looked at again and still right. Raises InvalidError when the next date lies behind."""
    if not may_write(actor, node_id):
        raise NotAllowedError(_("This is not yours to do."), rule="knowledge.writers")
    if review_on <= at.date():
        raise InvalidError({"review_on": _("The next review must lie ahead.")})
    return retrying(lambda: _confirm(article_id, node_id, review_on, actor, at))


def _confirm(article_id: int, node_id: int | None, review_on: date, actor: Actor, at: datetime) -> Article:
    row = _to_change(article_id, node_id)
    if row.review_on != review_on:
        row.review_on = review_on
        row.save(update_fields=["review_on"])
        _write_down("knowledge.reviewed", row, actor, at, {"review_on": review_on.isoformat()})
    return row


def retire(*, article_id: int, node_id: int | None, actor: Actor, at: datetime) -> None:
    """No longer told to anybody; what was answered from it stays readable. The same again changes nothing."""
    if not may_write(actor, node_id):
        raise NotAllowedError(_("This is not yours to do."), rule="knowledge.writers")
    retrying(lambda: _retire(article_id, node_id, actor, at))


def _retire(article_id: int, node_id: int | None, actor: Actor, at: datetime) -> None:
    row = Article.objects.filter(_at(node_id), pk=article_id).first()
    if row is None:
        raise NotFoundError(_("There is no such entry."))
    if row.is_active:
        row.is_active = False
        row.save(update_fields=["is_active"])
        _write_down("knowledge.retired", row, actor, at, {"question": row.question})


def _write_down(what: str, row: Article, actor: Actor, at: datetime, after: dict[str, object]) -> None:
    audit.record(
        project_id=row.node_id if _projects(row.node_id) == {row.node_id} else None,
        actor=actor,
        at=at,
        what=what,
        subject_kind="knowledge.article",
        subject_id=str(row.pk),
        after=after,
    )
    reference.bump()


def next_review(*, at: datetime, days: int) -> date:
    return at.date() + timedelta(days=days)
