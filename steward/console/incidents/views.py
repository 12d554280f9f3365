"""Incidents: the list with what the system proposes, and the page of one."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final
from uuid import uuid4

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from steward.assurance.incidents import forms
from steward.assurance.incidents.proposals import Proposal, propose
from steward.assurance.incidents.shared import MAY
from steward.casework.intake.numbers import project_of
from steward.console.incidents import reads
from steward.console.shell import Desk, at_desk, page
from steward.design.forms import Field
from steward.kernel.errors import NotFoundError
from steward.kernel.schema import Data
from steward.registers.org.tree import Place
from steward.web.forms import questions
from steward.web.http import office_only

#: What may be done on the page, and what is asked for it.
FORMS: Final[dict[str, type[Data]]] = {
    "news": forms.News,
    "close": forms.CloseIncident,
    "caller": forms.Caller,
    "unlink": forms.Reason,
}


@dataclass(frozen=True)
class Tried:
    """A refused try: which verb, what was typed, what was wrong."""

    verb: str = ""
    typed: Mapping[str, Any] = field(default_factory=dict)
    errors: Mapping[str, Any] = field(default_factory=dict)
    refusal: str = ""
    status: int = 200
    uuid: str = ""


@office_only
@require_GET
@at_desk
def index(request: HttpRequest, desk: Desk) -> HttpResponse:
    done = request.GET.get("done") == "1"
    context = {
        "rows": reads.lines(desk, is_open=not done),
        "done": done,
        "proposals": proposals(desk),
        "may": any(grant.role in MAY for grant in desk.actor.grants),
    }
    return page(request, desk, "console/incidents/index.jinja", context, here="incidents")


def proposals(desk: Desk) -> list[Proposal]:
    """One query; none for whoever could not decide about them."""
    mine = desk.actor.projects_with(*MAY) & desk.projects
    return propose(actor=desk.actor, projects=mine, at=desk.at) if mine else []


@office_only
@require_GET
@at_desk
def show(request: HttpRequest, desk: Desk, number: str) -> HttpResponse:
    return answer(request, desk, number, Tried())


def where_of(number: str) -> Place:
    found = project_of(number)
    if found is None:
        raise NotFoundError(_("There is no such incident."))
    return found


def answer(request: HttpRequest, desk: Desk, number: str, tried: Tried) -> HttpResponse:
    where = where_of(number)
    whole = reads.whole(desk, where.id, number)
    context = {
        "whole": whole,
        "incident": whole.incident,
        "may": any(desk.actor.has(role, where.id) for role in MAY),
        "asked": {verb: _fields(verb, form, desk, tried) for verb, form in FORMS.items()},
        "tried": tried,
        "uuid": tried.uuid or str(uuid4()),
    }
    template = "console/incidents/show.jinja"
    return page(request, desk, template, context, here="incidents", status=tried.status, tz=where.tz)


def _fields(verb: str, form: type[Data], desk: Desk, tried: Tried) -> list[Field]:
    mine = tried.verb == verb
    values: Mapping[str, Any] = tried.typed if mine else {}
    errors: Mapping[str, Any] = tried.errors if mine else {}
    return questions(form, actor=desk.actor, values=values, errors=errors, leave_out=frozenset({"channel"}))
