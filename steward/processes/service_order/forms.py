"""What a service order asks for."""

from typing import ClassVar

from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from steward.casework.intake.opening import OpenData
from steward.kernel.schema import Data, Id, Line, Money, OptionalInstant, Quantity, Text, ask


class Order(OpenData):
    item: Line = ask(min_length=1, title=pgettext_lazy("service order", "Service"), kind="service")
    quantity: Quantity = ask(1, title=_("Quantity"), kind="decimal")
    told_amount: Money = ask(
        title=_("Amount told and agreed to"),
        description=_("Quantity times the published price, as told to the customer"),
    )
    wanted_from: OptionalInstant = ask(None, title=pgettext_lazy("service order", "Wanted from"))
    wanted_until: OptionalInstant = ask(None, title=pgettext_lazy("service order", "Wanted until"))

    staff_only: ClassVar[frozenset[str]] = OpenData.staff_only


class Arrange(Data):
    handler: Id = ask(title=pgettext_lazy("service order", "Who does it"), kind="staff")
    appointment_at: OptionalInstant = ask(None, title=_("Appointment"))


class Finish(Data):
    result: Text = ask(min_length=2, max_length=2000, title=pgettext_lazy("service order", "What was done"))
    quantity: Quantity | None = ask(
        None, title=pgettext_lazy("service order", "Quantity, if less than ordered"), kind="decimal"
    )
    photos: list[Id] = ask(default=[], max_length=12, title=_("Photos"), kind="photos")
