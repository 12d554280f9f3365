"""What several processes ask in the same words."""

from django.utils.translation import gettext_lazy as _

from steward.kernel.schema import Data, Id, Line, Money, Text, ask
from steward.registers.billing.models import Method


class Reason(Data):
    reason: Text = ask(min_length=2, max_length=500, title=_("Reason"))


class Say(Data):
    """A word to the customer (public) or among colleagues."""

    text: Text = ask(min_length=1, max_length=2000, title=_("Note"))
    photos: list[Id] = ask(default=[], max_length=12, title=_("Photos"), kind="photos")


class Rate(Data):
    rating: int = ask(ge=1, le=4, title=_("Rating"), kind="rating")
    comment: Text = ask("", max_length=1000, title=_("Anything else"))


class Pay(Data):
    method: Method = ask(title=_("Way of payment"))
    amount: Money = ask(title=_("Amount"))
    tendered: Money | None = ask(None, title=_("Given"))
    payer_name: Line = ask("", max_length=80, title=_("Paid by"))
    reference: Line = ask("", max_length=60, title=_("Transaction number"))
