"""Who answers for a case: hand-overs offered, answered, ordered."""

import uuid
from datetime import datetime
from typing import Any

from django.http import HttpRequest
from django.utils import timezone
from ninja import Router, Schema
from pydantic import Field

from steward.api import present, schemas
from steward.api.reach import PROBLEMS, project_of_case, reached_project
from steward.casework import handovers
from steward.casework.models import Handover, HandoverCause
from steward.kernel.schema import Data, Line, Text
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
