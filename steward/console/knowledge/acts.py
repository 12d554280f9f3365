"""Writing the knowledge base: new, the next version, looked at again, no longer told, kept from an answer."""

from collections.abc import Mapping
from datetime import date
from typing import Any
from uuid import uuid4

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from steward.cases import engine
from steward.console.actions import Tried
from steward.console.case import place_of
from steward.console.knowledge import reads
from steward.console.knowledge.views import COMPANY, article_page, number, places, unanswered_page
from steward.console.shell import Desk, at_desk, page
from steward.design.forms import Choice, Field, Form
from steward.kernel import policies
from steward.kernel.errors import ConflictError, InvalidError, NotAllowedError, NotFoundError
from steward.registers.knowledge import articles as knowledge
from steward.registers.knowledge.articles import ArticleData
from steward.registers.knowledge.models import Article
from steward.registers.workforce.people import colleagues
from steward.web.forms import client_uuid, questions
from steward.web.http import office_only, status_of


def _go(name: str, *args: Any) -> HttpResponse:
    answer = HttpResponseRedirect(reverse(f"console:{name}", args=args))
    answer.status_code = 303
    return answer


@office_only
@require_http_methods(["GET", "POST"])
@at_desk
def new(request: HttpRequest, desk: Desk) -> HttpResponse:
    """A question can be handed over in the address: ``?question=``."""
    if not places(desk):
        raise NotAllowedError(_("This is not yours to do."), rule="knowledge.writers")
    if request.method == "GET":
        return _form_page(request, desk, None, Tried({"question": request.GET.get("question", "")[:200]}))
    return _save(request, desk, None)


@office_only
@require_http_methods(["GET", "POST"])
@at_desk
def revise(request: HttpRequest, desk: Desk, pk: int) -> HttpResponse:
    row = reads.article(desk, pk)
    if not row.is_active:
        raise NotFoundError(_("There is no such entry."))
    if not knowledge.may_write(desk.actor, row.node_id):
        raise NotAllowedError(_("This is not yours to do."), rule="knowledge.writers")
    return _save(request, desk, row) if request.method == "POST" else _form_page(request, desk, row, Tried())


def _save(request: HttpRequest, desk: Desk, row: Article | None) -> HttpResponse:
    raw: dict[str, Any] = {k: request.POST.get(k, "").strip() for k in ArticleData.model_fields}
    raw["for_residents"] = "for_residents" in request.POST  # an unticked box is not sent
    typed = {**raw, "place": request.POST.get("place", "")}
    uuid = request.POST.get("client_uuid", "")
    try:
        kept = knowledge.save_article(
            article_id=row.pk if row else None,
            node_id=row.node_id if row else _node(typed["place"], desk),
            version=number(request.POST.get("version", "")) or 0,
            actor=desk.actor,
            at=desk.at,
            **raw,
        )
    except InvalidError as error:
        return _form_page(request, desk, row, Tried(typed, error.fields, "", 422, uuid))
    except ConflictError as error:
        fresh = reads.article(desk, row.pk) if row else None
        return _form_page(request, desk, fresh, Tried(typed, {}, str(error), status_of(error), uuid))
    messages.success(request, _("Kept in the knowledge base."))
    return _go("knowledge-article", kept.pk)


def _node(text: str, desk: Desk) -> int | None:
    """Raises InvalidError for a place that is not offered."""
    if text not in {value for value, _label in places(desk)}:
        raise InvalidError({"place": _("Choose where it holds.")})
    return None if text == COMPANY else int(text)


def _form_page(request: HttpRequest, desk: Desk, row: Article | None, tried: Tried) -> HttpResponse:
    """After a conflict the newest version stands beside what was typed; saving again goes over it knowingly."""
    context = {
        "form": _form(desk, row, tried),
        "row": row,
        "newer": row if tried.status == status_of(ConflictError("")) and row else None,
        "pieces": reads.difference(row.answer, str(tried.values.get("answer", ""))) if row and tried.refusal else [],
    }
    return page(request, desk, "console/knowledge/write.jinja", context, here="knowledge", status=tried.status)


def _form(desk: Desk, row: Article | None, tried: Tried) -> Form:
    values = tried.values if tried.status != 200 else {**_begun(desk, row), **tried.values}
    owners: list[Choice] = [(str(c.id), f"{c.name} {c.post}") for c in _owners(desk)]
    fields = questions(ArticleData, actor=desk.actor, options={"owner": owners}, values=values, errors=tried.errors)
    first: list[Field] = [Field(name="client_uuid", label="", kind="hidden", value=tried.uuid or str(uuid4()))]
    if row is not None:
        first.append(Field(name="version", label="", kind="hidden", value=row.version))
    else:
        first.append(_place(desk, values, tried.errors))
    return Form(
        action=reverse("console:knowledge-revise", args=[row.pk]) if row else reverse("console:knowledge-new"),
        fields=[*first, *fields],
        submit=_("Keep as the next version") if row else _("Keep in the knowledge base"),
        cancel_url=reverse("console:knowledge-article", args=[row.pk]) if row else reverse("console:knowledge"),
        errors=[tried.refusal] if tried.refusal else (),
    )


def _place(desk: Desk, values: Mapping[str, Any], errors: Mapping[str, Any]) -> Field:
    return Field(
        name="place",
        label=_("Where it holds"),
        kind="choice",
        required=True,
        choices=places(desk),
        value=values.get("place"),
        error=errors.get("place", ""),
    )


def _begun(desk: Desk, row: Article | None) -> dict[str, Any]:
    if row is not None:
        return {
            name: getattr(row, name) for name in ("question", "answer", "keywords", "for_residents", "review_on")
        } | {"owner": row.owner_id}
    days = policies.in_force(knowledge.REVIEW, lineage=reads.lineage(desk), at=desk.at).value
    offered = places(desk)
    return {
        "owner": desk.actor.staff_id,
        "review_on": knowledge.next_review(at=desk.at, days=days),
        "place": next((v for v, _l in offered if desk.chosen and v == str(desk.chosen.id)), offered[-1][0]),
    }


def _owners(desk: Desk) -> list[Any]:
    here = desk.projects
    return [c for c in colleagues().values() if c.is_active and any(here & projects for _role, projects in c.grants)]


@office_only
@require_POST
@at_desk
def confirm(request: HttpRequest, desk: Desk, pk: int) -> HttpResponse:
    """Still right: the next review date."""
    row = reads.article(desk, pk)
    typed = request.POST.get("review_on", "")
    try:
        knowledge.confirm(article_id=pk, node_id=row.node_id, review_on=_day(typed), actor=desk.actor, at=desk.at)
    except InvalidError as error:
        return article_page(request, desk, pk, error=str(error.fields["review_on"]), status=422, typed=typed)
    messages.success(request, _("Looked at: still right."))
    return _go("knowledge-article", pk)


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        raise InvalidError({"review_on": _("Choose a day.")}) from error


@office_only
@require_POST
@at_desk
def retire(request: HttpRequest, desk: Desk, pk: int) -> HttpResponse:
    row = reads.article(desk, pk)
    knowledge.retire(article_id=pk, node_id=row.node_id, actor=desk.actor, at=desk.at)
    messages.success(request, _("No longer told to anybody."))
    return _go("knowledge-article", pk)


@office_only
@require_POST
@at_desk
def keep(request: HttpRequest, desk: Desk, number: str) -> HttpResponse:
    """The answer given goes into the knowledge base with one click; its words can be bettered there."""
    where = place_of(number)
    case, _detail, _process = engine.load(where.id, number, desk.actor)
    question = request.POST.get("question", "").strip() or case.title
    data = {"question": question, "answer": request.POST.get("answer", "").strip()}
    try:
        engine.act(
            project_id=where.id,
            number=number,
            action="keep",
            actor=desk.actor,
            at=desk.at,
            client_uuid=client_uuid(request),
            data=data,
        )
    except (InvalidError, ConflictError) as error:
        text = str(next(iter(error.fields.values()))) if isinstance(error, InvalidError) else str(error)
        return unanswered_page(request, desk, refused=number, text=text, status=status_of(error))
    messages.success(request, _("Kept in the knowledge base."))
    return _go("knowledge-unanswered")
