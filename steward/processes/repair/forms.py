"""What each action of a repair asks for."""

from typing import ClassVar

from django.utils.translation import gettext_lazy as _

from steward.assurance import forms as after
from steward.assurance.models import Purpose
from steward.cases.models import Urgency
from steward.casework import forms
from steward.casework.forms import Pay, Reason, Say
from steward.casework.intake.opening import OpenData
from steward.kernel.schema import Data, Id, Instant, Line, Money, OptionalId, OptionalInstant, Quantity, Text, ask
from steward.processes.repair.models import ConsentWay, HoldReason, Payer

__all__ = ["Pay", "Reason", "Say"]


class OpenRepair(OpenData):
    payer: Payer | None = ask(None, title=_("Who pays"))
    flat_rate: Line = ask(
        "",
        title=_("Flat rate accepted"),
        description=_("Code of the published rate the customer was told and accepted"),
    )

    staff_only: ClassVar[frozenset[str]] = OpenData.staff_only | {"payer"}


class Assess(Data):
    urgency: Urgency = ask(title=_("Urgency"))
    payer: Payer = ask(title=_("Who pays"))
    payer_name: Line = ask("", title=_("Payer"))
    category: Line = ask("", title=_("Category"))


class Dispatch(Data):
    handler: Id = ask(title=_("Technician"), kind="staff")
    appointment_at: OptionalInstant = ask(None, title=_("Appointment"))


class Contain(Data):
    what: Text = ask(min_length=2, max_length=1000, title=_("What was done to contain it"))
    photos: list[Id] = ask(default=[], max_length=12, title=_("Photos"), kind="photos")


class ConfirmScope(Data):
    cause: Text = ask(min_length=2, max_length=1000, title=_("Cause"))
    scope: Text = ask(min_length=2, max_length=1000, title=_("Work agreed together"))
    confirmed_by: Line = ask(min_length=1, title=_("Confirmed with"))
    payer: Payer | None = ask(None, title=_("Who pays"))
    photos: list[Id] = ask(default=[], max_length=12, title=_("Photos before"), kind="photos")


class QuoteLineData(Data):
    code: Line = ask(min_length=1, title=_("Price list item"))
    quantity: Quantity = ask(title=_("Quantity"))


class MakeQuote(Data):
    """Prices come from the published list; they cannot be typed in."""

    lines: list[QuoteLineData] = ask(min_length=1, max_length=40, title=_("Items"), kind="lines")


class GiveConsent(Data):
    quote_hash: Line = ask(min_length=64, max_length=64, title=_("Quote"), kind="hidden")
    way: ConsentWay = ask(title=_("How"))
    person_name: Line = ask(min_length=1, max_length=60, title=_("Who agrees"))
    relation: Line = ask(min_length=1, max_length=20, title=_("Relation to the customer"))
    call_reference: Line = ask("", max_length=60, title=_("Recording"))
    ceiling: Money | None = ask(
        None,
        title=_("Not more than (yuan)"),
        description=_("If a ceiling was agreed: up to it, parts and labour are added without asking again"),
    )
    signature: OptionalId = ask(None, title=_("Signature"), kind="signature")


class Decline(Data):
    person_name: Line = ask(min_length=1, max_length=60, title=_("Who declines"))
    reason: Text = ask("", max_length=500, title=_("Reason"))


class Suspend(Data):
    reason: HoldReason = ask(title=_("Why not now"))
    promised_at: Instant = ask(title=_("New promised time"))
    customer_told: bool = ask(title=_("The customer was told"))


class PartData(Data):
    code: Line = ask("", max_length=20, title=_("Price list item"))
    name: Line = ask("", max_length=80, title=_("Part"))
    quantity: Quantity = ask(title=_("Quantity"))


class Finish(Data):
    work_done: Text = ask(min_length=2, max_length=2000, title=_("What was done"))
    labour_minutes: int = ask(ge=0, le=100_000, title=_("Labour (minutes)"))
    photos_after: list[Id] = ask(min_length=1, max_length=12, title=_("Photos after"), kind="photos")
    photos_before: list[Id] = ask(default=[], max_length=12, title=_("Photos before"), kind="photos")
    parts: list[PartData] = ask(default=[], max_length=40, title=_("Parts used"), kind="lines")
    added: list[QuoteLineData] = ask(default=[], max_length=40, title=_("Added within the ceiling"), kind="lines")
    site_cleaned: bool = ask(title=_("The site is clean"))
    amount: Money | None = ask(None, title=_("Amount, if less than agreed"))


class ConfirmAmount(Data):
    amount: Money = ask(title=_("Amount"))
    way: ConsentWay = ask(title=_("How"))
    person_name: Line = ask(min_length=1, max_length=60, title=_("Who confirms"))
    relation: Line = ask("", max_length=20, title=_("Relation to the customer"))
    call_reference: Line = ask("", max_length=60, title=_("Recording"))
    signature: OptionalId = ask(None, title=_("Signature"), kind="signature")


class AcceptWork(Data):
    """By one of ours who did not do it: there is no customer to confirm."""

    remark: Text = ask("", max_length=500, title=_("Remark"))
    photos: list[Id] = ask(default=[], max_length=12, title=_("Photos"), kind="photos")


class RefuseWork(Data):
    reason: Text = ask(min_length=2, max_length=500, title=_("What is not right"))
    photos: list[Id] = ask(default=[], max_length=12, title=_("Photos"), kind="photos")


class CallBack(after.CallBack):
    # Empty: the courtesy call before the one after rain.
    purpose: Purpose | None = ask(None, title=_("Which call"))


class Rate(forms.Rate):
    on_time: bool | None = ask(None, title=_("On time?"))
    price_first: bool | None = ask(None, title=_("Price agreed first?"))
    cleaned: bool | None = ask(None, title=_("Left clean?"))
