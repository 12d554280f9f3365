"""Hand-overs where people see them: offers to answer on the workbench, the open offer on the case's page."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from uuid import uuid4

from django.urls import reverse
from django.utils.translation import gettext as _

from steward.cases.models import Entry
from steward.casework.accountability import handovers
from steward.casework.models import Handover, HandoverState
from steward.console.service.asks import ASKS, Ask
from steward.console.shell import Desk
from steward.design.clockface import ClockFace, clock_face
from steward.registers.workforce.people import name_of
from steward.web.cases import CaseView

SHOWN = 5


@dataclass(frozen=True)
class Offered:
    """An offer to me: from whom, why, and until when to answer."""

    row: Handover
    giver: str
    face: ClockFace
    uuid: str
    take_url: str
    decline_url: str


def to_me(desk: Desk) -> list[Offered]:
    """Offers that wait for my answer, the most pressing first. One query."""
    if desk.actor.staff_id is None:
        return []
    rows = Handover.objects.visible_to(desk.actor).filter(
        project_id__in=desk.projects, receiver_id=desk.actor.staff_id, state=HandoverState.OFFERED
    )
    return [_offered(row, desk) for row in rows.select_related("case").order_by("due_at", "pk")[:SHOWN]]


def _offered(row: Handover, desk: Desk) -> Offered:
    number = row.case.number
    return Offered(
        row=row,
        giver=name_of(row.giver_id),
        face=clock_face(row.due_at, desk.at),
        uuid=str(uuid4()),
        take_url=reverse("console:case-ask", args=[number, "take-over"]),
        decline_url=reverse("console:case-ask", args=[number, "decline"]),
    )


@dataclass(frozen=True)
class Standing:
    """What the page says about accountability, and what may be done about it."""

    words: str
    mine: bool
    asks: Sequence[tuple[Ask, str]]


def standing(view: CaseView, desk: Desk) -> Standing:
    """From the timeline that is read anyway: no query."""
    case, me = view.case, desk.actor.staff_id
    offer = _open_offer(view.entries)
    names: list[str] = []
    words, mine = "", False
    if offer is not None:
        mine = offer.data.get("to") == me
        words = _("Offered to %(name)s: %(reason)s") % {"name": name_of(offer.data.get("to")), "reason": offer.note}
        names += ["take-over", "decline"] if mine else []
        names += ["withdraw"] if handovers.may_offer(case, desk.actor) else []
    elif handovers.may_offer(case, desk.actor):
        names.append("hand-over")
    if case.closed_at is None and not case.is_imported and handovers.may_order(desk.actor, case.project_id):
        names.append("order")
    return Standing(words, mine, [(ASKS[name], _url(case.number, name)) for name in names])


def _url(number: str, name: str) -> str:
    return reverse("console:case-ask", args=[number, name])


def _open_offer(entries: Sequence[Entry]) -> Any:
    """The last word about accountability, if it is an offer that nobody has answered."""
    spoken = [e for e in entries if e.action.endswith("_handover")]
    return spoken[-1] if spoken and spoken[-1].action == "offer_handover" else None
