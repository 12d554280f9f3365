"""The page of one case, for any kind: state and my next step on top, clocks with why, one timeline."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Final
from uuid import uuid4

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET, require_POST

from steward.assurance.phones import reveal_to_call
from steward.cases.models import Case, Channel, Urgency
from steward.casework.accountability.oncall import may_ring
from steward.casework.categories import categories
from steward.casework.clocks.nextword import SILENCE, UPDATE
from steward.casework.customer.phones import Look
from steward.casework.customer.sharing import FOLLOW, speaks
from steward.casework.customer.sharing import share as share_words
from steward.casework.intake.lookup import Care, care_of
from steward.casework.intake.numbers import project_of
from steward.casework.screens import Party, Screen, screen_of
from steward.casework.subtasks import may_lead
from steward.console.menu import INTAKE
from steward.console.service.offers import standing
from steward.console.service.shown import on_case
from steward.console.shell import Desk, at_desk, page, part
from steward.console.steps import Button, buttons, clocks, road, whose_turn
from steward.console.timeline import events
from steward.console.words import Badge, state_badge, urgency_badge
from steward.design.clockface import clock_face, when
from steward.kernel.errors import NotFoundError
from steward.registers.org.tree import Place
from steward.registers.party.models import Contact
from steward.registers.workforce.oncall import is_night
from steward.registers.workforce.people import colleagues
from steward.web.cases import CaseView, view_case
from steward.web.http import staff_only

# Written beside the timeline, not among the steps.
NOTES: Final = ("say", "tell", UPDATE)
LABELS: Final = {
    "before": gettext_lazy("Before"),
    "after": gettext_lazy("After"),
    "contain": gettext_lazy("Containment"),
    "finding": gettext_lazy("Investigation"),
    "signature": gettext_lazy("Signature"),
    "note": gettext_lazy("Note"),
    "check": gettext_lazy("Accepting"),
    "subtask": gettext_lazy("Reported back"),
}


@dataclass(frozen=True)
class Person:
    role: Any
    name: str
    note: Any = ""
    phone: str = ""
    whose: str = ""  # names the number to whoever asks to see it
    outside: bool = True


def place_of(number: str) -> Place:
    """The project named by a case number. Raises NotFoundError."""
    found = project_of(number)
    if found is None:
        raise NotFoundError(_("There is no such case."))
    return found


def case_url(number: str) -> str:
    return reverse("console:case", args=[number])


@staff_only
@require_GET
@at_desk
def show(request: HttpRequest, desk: Desk, number: str) -> HttpResponse:
    where = place_of(number)
    view = view_case(desk.actor, where.id, number)
    with timezone.override(where.tz):
        context = whole(view, desk)
    context["do"] = request.GET.get("do", "")
    return page(request, desk, "console/case.jinja", context, here="cases", child=view.case.kind, tz=where.tz)


def whole(view: CaseView, desk: Desk) -> dict[str, Any]:
    """Everything the template says; times in the active zone."""
    case, screen, url = view.case, screen_of(view.case.kind), case_url(view.case.number)
    every = [] if case.is_imported else buttons(view, url)
    acts = [b for b in every if b.action.name not in NOTES]
    category = categories().get(case.category_id or 0)
    mine, turn, why = whose_turn(view, screen, acts)
    care, everybody = _care(view), people(view, screen)
    return {
        "view": view,
        "case": case,
        "badges": [b for b in (_badge(view), urgency_badge(case.urgency)) if b is not None],
        "channel": Channel(case.channel).label,
        "category": category.title(desk.actor.language) if category else "",
        "may_take": any(grant.role in INTAKE for grant in desk.actor.grants),
        "received": when(case.received_at, desk.at),
        "rings_url": _rings_url(case, desk),
        **_imported(view, desk),
        "road": [] if case.is_imported else road(view, desk.at),
        "acts": acts,
        "notes": [b for b in every if b.action.name in NOTES and b.action.name != UPDATE],
        "mine": mine,
        "turn": turn,
        "why": why,
        "clocks": clocks(view, desk.at),
        "care": [flag.words for flag in care],
        "dial": _whom_to_dial(everybody, care) if not case.is_imported and speaks(desk.actor, case) else None,
        "chain": screen.chain(case, view.detail, desk.at),
        "events": events(view, screen, desk.at),
        "money": bool(screen.money),
        "people": everybody,
        "standing": standing(view, desk),
        "subtasks": on_case(view, desk),
        "ask_url": reverse("console:case-ask", args=[case.number, "sub-task"]) if _may_ask(view, desk) else "",
        **_next_word(view, every, desk),
        "photos": photos(view),
    }


def _care(view: CaseView) -> list[Care]:
    """What to mind with this customer, before anybody dials. One statement."""
    customer = view.case.customer
    if customer is None or view.case.closed_at is not None:
        return []
    flags = care_of(customer.project_id, [customer.pk]).get(customer.pk, ())
    return [care for care in (Care(customer.care_note), *flags) if care.words]


def _whom_to_dial(people: Iterable[Person], care: Iterable[Care]) -> Person | None:
    """Whoever is to be rung instead of the customer; otherwise who reported it, then the customer."""
    reachable = {person.whose: person for person in people if person.phone}
    wished = [str(flag.call) for flag in care if flag.call]
    return next((reachable[whose] for whose in (*wished, "reporter", "customer") if whose in reachable), None)


def _next_word(view: CaseView, every: list[Button], desk: Desk) -> dict[str, Any]:
    """What the customer may expect by when, and the sentences that say so in one tap."""
    found = view.next_word()
    clock = next((d for d in view.deadlines if d.key == SILENCE and d.ended_at is None), None)
    return {
        "next": found,
        "next_by": when(found.by, desk.at) if found and found.by else "",
        "next_face": clock_face(clock.due_at, desk.at) if clock else None,
        "next_button": next((b for b in every if b.action.name == UPDATE), None),
        "ready": [(text, at, when(at, desk.at), uuid4()) for text, at in view.ready_words(desk.at)] if found else [],
    }


def _rings_url(case: Case, desk: Desk) -> str:
    """Whom to ring, where it is night and the case cannot wait. No query."""
    waits = case.closed_at is not None or case.urgency not in (Urgency.P0, Urgency.P1)
    if waits or not may_ring(case, desk.actor) or not is_night(case.project_id, desk.at):
        return ""
    return reverse("console:rings", args=[case.number])


def _imported(view: CaseView, desk: Desk) -> dict[str, Any]:
    """Another system's promise, judged by its own target; such a case runs no clock of ours."""
    case = view.case
    if not case.is_imported:
        return {"imported_face": None, "imported_words": ""}
    target = when(case.imported_target_at, desk.at) if case.imported_target_at else _("none")
    closed = when(case.closed_at, desk.at) if case.closed_at else _("still open")
    return {
        "imported_face": clock_face(case.imported_target_at, desk.at, met_at=case.closed_at),
        "imported_words": _("target %(target)s, closed %(closed)s") % {"target": target, "closed": closed},
    }


def _may_ask(view: CaseView, desk: Desk) -> bool:
    return view.case.closed_at is None and not view.case.is_imported and may_lead(view.case, desk.actor)


def _badge(view: CaseView) -> Badge:
    return state_badge(view.process, view.case.state)


def people(view: CaseView, screen: Screen) -> list[Person]:
    """Who is who; one query for the customer's other contacts."""
    case = view.case
    staff = [
        _colleague(_("Answers for it"), case.accountable_id),
        _colleague(_("Handles it"), case.handler_id),
    ]
    found = [p for p in staff if p is not None]
    if case.reporter_name or case.reporter_phone:
        found.append(Person(_("Reporter"), case.reporter_name, case.reporter_relation, case.reporter_phone, "reporter"))
    customer = case.customer
    if customer is not None and customer.name != case.reporter_name:
        found.append(Person(_("Customer"), customer.name, "", customer.phone, "customer"))
    if customer is not None:
        rows = Contact.objects.in_project(case.project_id).filter(customer_id=customer.pk).order_by("pk")[:3]
        for row in rows:
            may = _("%(relation)s, may consent") % {"relation": row.relation} if row.may_consent else row.relation
            found.append(Person(_("Contact"), row.name, may, row.phone, str(row.pk)))
    return found + [_party(p) for p in screen.people(case, view.detail)]


def _colleague(role: str, staff_id: int | None) -> Person | None:
    who = colleagues().get(staff_id or 0)
    return Person(role, who.name, who.post, outside=False) if who is not None else None


def _party(party: Party) -> Person:
    role, name, note = party
    return Person(role, name, note)


def photos(view: CaseView) -> list[dict[str, str]]:
    case = view.case
    return [
        {
            "url": reverse("attachment", args=[case.project_id, row.attachment_id]),
            "caption": f"{LABELS.get(row.label, row.label)} {timezone.localtime(row.attachment.uploaded_at):%m-%d %H:%M}",
        }
        for row in view.files
    ]


@staff_only
@require_POST
@at_desk
def phone(request: HttpRequest, desk: Desk, number: str, key: str) -> HttpResponse:
    """One number in clear, for the call; the timeline says who looked."""
    look = Look(project_id=place_of(number).id, number=number, whose=key, actor=desk.actor, at=desk.at)
    found = reveal_to_call(look)
    return HttpResponse(format_html('<a href="tel:{0}">{0}</a>', found))


@staff_only
@require_POST
@at_desk
def share(request: HttpRequest, desk: Desk, number: str) -> HttpResponse:
    """Words and a fresh single-use link for the customer's chat, ready to be copied."""
    where = place_of(number)
    done = share_words(project_id=where.id, number=number, actor=desk.actor, at=desk.at)
    context = {"text": done.text, "number": number, "follow": done.purpose == FOLLOW, "linked": bool(done.token)}
    return part(request, desk, "console/share.jinja", "body", context, tz=where.tz)
