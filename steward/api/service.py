"""Who answers for a case: hand-overs offered, answered, ordered."""

import uuid
from datetime import datetime, timedelta
from typing import Any

from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext as _
from ninja import Query, Router, Schema
from pydantic import Field

from steward.api import present, schemas
from steward.api.reach import PROBLEMS, project_of_case, reached_project
from steward.casework.accountability import handovers
from steward.casework.models import Handover, HandoverCause
from steward.insight.silence import silence
from steward.kernel.errors import NotFoundError
from steward.kernel.schema import Data, Line, Text
from steward.web.cases import view_case
from steward.web.http import actor_of

router = Router(tags=["hand-overs"])


class HandoverOut(Schema):
    case: str
    giver: schemas.Named | None
    receiver: schemas.Named | None
    state: str
    cause: str
    reason: str
    answer: str
    offered_at: datetime
    due_at: datetime | None
    answered_at: datetime | None
    outcome: str


class Request(Data):
    client_uuid: uuid.UUID


class OfferIn(Request):
    receiver: int = Field(ge=1, le=2**53)
    reason: Text = Field(max_length=300)


class DeclineIn(Request):
    reason: Text = Field(max_length=300)


class OrderIn(OfferIn):
    cause: HandoverCause


class OrderAllIn(OrderIn):
    project: Line = Field(min_length=1, max_length=12)
    giver: int = Field(ge=1, le=2**53)


def shown(row: Handover) -> dict[str, Any]:
    kept = ("state", "cause", "reason", "answer", "offered_at", "due_at", "answered_at", "outcome")
    return {
        **{name: getattr(row, name) for name in kept},
        "case": row.case.number,
        "giver": present.named(row.giver_id),
        "receiver": present.named(row.receiver_id),
    }


def asked(request: HttpRequest, number: str, payload: Request, *, data: bool = True) -> dict[str, Any]:
    actor = actor_of(request)
    found: dict[str, Any] = {
        "project_id": project_of_case(number, actor),
        "number": number,
        "actor": actor,
        "at": timezone.now(),
        "client_uuid": payload.client_uuid,
    }
    return found | ({"data": payload.model_dump(mode="json", exclude={"client_uuid"})} if data else {})


@router.get("/handovers", response={200: list[HandoverOut], **PROBLEMS})
def waiting(request: HttpRequest) -> Any:
    """Offers that wait for my answer."""
    return [shown(row) for row in handovers.offered_to(actor_of(request))]


@router.post("/cases/{number}/handover", response={200: HandoverOut, **PROBLEMS})
def offer(request: HttpRequest, number: str, payload: OfferIn) -> Any:
    """Offer a case to a colleague; until it is accepted nothing changes."""
    return shown(handovers.offer_handover(**asked(request, number, payload)))


@router.post("/cases/{number}/handover/accept", response={200: HandoverOut, **PROBLEMS})
def accept(request: HttpRequest, number: str, payload: Request) -> Any:
    """Take it over: I answer for it from now on."""
    return shown(handovers.accept_handover(**asked(request, number, payload, data=False)))


@router.post("/cases/{number}/handover/decline", response={200: HandoverOut, **PROBLEMS})
def decline(request: HttpRequest, number: str, payload: DeclineIn) -> Any:
    return shown(handovers.decline_handover(**asked(request, number, payload)))


@router.post("/cases/{number}/handover/withdraw", response={200: HandoverOut, **PROBLEMS})
def withdraw(request: HttpRequest, number: str, payload: Request) -> Any:
    return shown(handovers.withdraw_handover(**asked(request, number, payload, data=False)))


@router.post("/cases/{number}/handover/order", response={200: HandoverOut, **PROBLEMS})
def order(request: HttpRequest, number: str, payload: OrderIn) -> Any:
    """A manager passes the case on: ill, left, off shift; cause and reason stay on record."""
    return shown(handovers.force_handover(**asked(request, number, payload)))


@router.post("/handovers/order-all", response={200: list[HandoverOut], **PROBLEMS})
def order_all(request: HttpRequest, payload: OrderAllIn) -> Any:
    """All open cases of a colleague who leaves go to another."""
    actor = actor_of(request)
    rows = handovers.force_all(
        project_id=reached_project(payload.project, actor),
        giver_id=payload.giver,
        data=payload.model_dump(mode="json", include={"receiver", "reason", "cause"}),
        actor=actor,
        at=timezone.now(),
        client_uuid=payload.client_uuid,
    )
    return [shown(row) for row in rows]


class ReadyOut(Schema):
    word: str
    next_at: datetime


class NextWordOut(Schema):
    """What the customer may expect: what, from whom, by when. ``ready``: sentences at hand for the action `update`."""

    text: str
    who: str
    by: datetime | None
    ready: list[ReadyOut]


@router.get("/cases/{number}/next-word", response={200: NextWordOut, **PROBLEMS}, tags=["cases"])
def next_word(request: HttpRequest, number: str) -> Any:
    """The next word due to the customer; the action `update` (word, next_at) gives it and promises the next."""
    actor, now = actor_of(request), timezone.now()
    view = view_case(actor, project_of_case(number, actor), number)
    found = view.next_word()
    ready = [{"word": text, "next_at": at} for text, at in view.ready_words(now)] if found else []
    known = {"text": found.text, "who": found.who, "by": found.by} if found else {"text": "", "who": "", "by": None}
    return known | {"ready": ready}


class SilenceOut(Schema):
    cases: int
    kept: int
    share: float | None
    longest_hours: float


class PeriodQuery(Schema):
    project: Line = Field("", max_length=12)
    days: int = Field(30, ge=1, le=366)


@router.get("/reports/silence", response={200: SilenceOut, **PROBLEMS}, tags=["reports"])
def report_silence(request: HttpRequest, query: Query[PeriodQuery]) -> Any:
    """Of the cases received in the last days: the share whose customer always heard from us by the time promised."""
    actor, now = actor_of(request), timezone.now()
    if not actor.is_staff:
        raise NotFoundError(_("There is no such page."))
    projects = frozenset({reached_project(query.project, actor)}) if query.project else actor.project_ids
    since = now - timedelta(days=query.days)
    return silence(actor=actor, projects=projects, since=since, until=now, at=now).as_dict()
