"""What each action of a repair asks for."""

from typing import Any, ClassVar

from django.utils.translation import gettext_lazy as _
from pydantic import Field

from steward.assurance.models import AttemptOutcome
from steward.cases.models import Urgency
from steward.cases.opening import OpenData
from steward.kernel.schema import Data, Id, Instant, Line, Money, OptionalId, OptionalInstant, Quantity, Text
from steward.processes.repair.models import ConsentWay, HoldReason, Payer
from steward.registers.billing.models import Method


def _kind(kind: str) -> dict[str, Any]:
    """How a face shows the field; the rules are the type's."""
    return {"kind": kind}


class OpenRepair(OpenData):
    payer: Payer | None = Field(None, title=_("Who pays"))
    flat_rate: Line = Field(
        "", title=_("Flat rate accepted"), description=_("Code of the published rate the customer was told and accepted")
    )

    staff_only: ClassVar[frozenset[str]] = OpenData.staff_only | {"payer"}


class Assess(Data):
    urgency: Urgency = Field(title=_("Urgency"))
    payer: Payer = Field(title=_("Who pays"))
    payer_name: Line = Field("", title=_("Payer"))
    category: Line = Field("", title=_("Category"))


class Dispatch(Data):
    handler: Id = Field(title=_("Technician"), json_schema_extra=_kind("staff"))
    appointment_at: OptionalInstant = Field(None, title=_("Appointment"))


class Reason(Data):
    reason: Text = Field(min_length=2, max_length=500, title=_("Reason"))


class Contain(Data):
    what: Text = Field(min_length=2, max_length=1000, title=_("What was done to contain it"))
    photos: list[Id] = Field(default=[], max_length=12, title=_("Photos"), json_schema_extra=_kind("photos"))


class ConfirmScope(Data):
    cause: Text = Field(min_length=2, max_length=1000, title=_("Cause"))
    scope: Text = Field(min_length=2, max_length=1000, title=_("Work agreed together"))
    confirmed_by: Line = Field(min_length=1, title=_("Confirmed with"))
    payer: Payer | None = Field(None, title=_("Who pays"))
    photos: list[Id] = Field(default=[], max_length=12, title=_("Photos before"), json_schema_extra=_kind("photos"))


class QuoteLineData(Data):
    code: Line = Field(min_length=1, title=_("Price list item"))
    quantity: Quantity = Field(title=_("Quantity"))


class MakeQuote(Data):
    """Prices come from the published list; they cannot be typed in."""

    lines: list[QuoteLineData] = Field(
        min_length=1, max_length=40, title=_("Items"), json_schema_extra=_kind("lines")
    )


class GiveConsent(Data):
    quote_hash: Line = Field(min_length=64, max_length=64, title=_("Quote"), json_schema_extra=_kind("hidden"))
    way: ConsentWay = Field(title=_("How"))
    person_name: Line = Field(min_length=1, max_length=60, title=_("Who agrees"))
    relation: Line = Field(min_length=1, max_length=20, title=_("Relation to the customer"))
    call_reference: Line = Field("", max_length=60, title=_("Recording"))
    signature: OptionalId = Field(None, title=_("Signature"), json_schema_extra=_kind("signature"))


class Decline(Data):
    person_name: Line = Field(min_length=1, max_length=60, title=_("Who declines"))
    reason: Text = Field("", max_length=500, title=_("Reason"))


class Suspend(Data):
    reason: HoldReason = Field(title=_("Why not now"))
    promised_at: Instant = Field(title=_("New promised time"))
    customer_told: bool = Field(title=_("The customer was told"))


class Finish(Data):
    work_done: Text = Field(min_length=2, max_length=2000, title=_("Work done"))
    labour_minutes: int = Field(ge=0, le=100_000, title=_("Labour (minutes)"))
    photos_after: list[Id] = Field(min_length=1, max_length=12, title=_("Photos after"), json_schema_extra=_kind("photos"))
    photos_before: list[Id] = Field(default=[], max_length=12, title=_("Photos before"), json_schema_extra=_kind("photos"))
    site_cleaned: bool = Field(title=_("The site is clean"))
    amount: Money | None = Field(None, title=_("Amount, if less than agreed"))


class ConfirmAmount(Data):
    amount: Money = Field(title=_("Amount"))
    way: ConsentWay = Field(title=_("How"))
    person_name: Line = Field(min_length=1, max_length=60, title=_("Who confirms"))
    relation: Line = Field("", max_length=20, title=_("Relation to the customer"))
    call_reference: Line = Field("", max_length=60, title=_("Recording"))
    signature: OptionalId = Field(None, title=_("Signature"), json_schema_extra=_kind("signature"))


class Pay(Data):
    method: Method = Field(title=_("Way of payment"))
    amount: Money = Field(title=_("Amount"))
    tendered: Money | None = Field(None, title=_("Given"))
    payer_name: Line = Field("", max_length=80, title=_("Paid by"))
    reference: Line = Field("", max_length=60, title=_("Transaction number"))


class CallBack(Data):
    outcome: AttemptOutcome = Field(title=_("Outcome"))
    rating: int | None = Field(None, ge=1, le=4, title=_("Rating"), json_schema_extra=_kind("rating"))
    comment: Text = Field("", max_length=1000, title=_("What the customer said"))


class Rate(Data):
    rating: int = Field(ge=1, le=4, title=_("Rating"), json_schema_extra=_kind("rating"))
    on_time: bool | None = Field(None, title=_("On time?"))
    price_first: bool | None = Field(None, title=_("Price agreed first?"))
    cleaned: bool | None = Field(None, title=_("Left clean?"))
    comment: Text = Field("", max_length=1000, title=_("Anything else"))


class Say(Data):
    """A word to the customer (public) or among colleagues."""

    text: Text = Field(min_length=1, max_length=2000, title=_("Note"))
    photos: list[Id] = Field(default=[], max_length=12, title=_("Photos"), json_schema_extra=_kind("photos"))
