"""What residents send. A field that is not declared is refused by name: nobody sets a deadline from outside."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any, Literal

from django.http import HttpRequest
from django.utils.translation import gettext as _
from django.utils.translation import pgettext_lazy

from steward.kernel.actor import Actor
from steward.kernel.errors import InvalidError, RefusalError
from steward.kernel.schema import Data, Id, Line, Money, OptionalId, OptionalInstant, Quantity, Text, ask, parse
from steward.registers.org.tree import place
from steward.web.forms import posted
from steward.web.http import status_of

ENVELOPE = frozenset({"client_uuid", "csrfmiddlewaretoken"})

Room = Literal["kitchen", "bathroom", "living", "bedroom", "balcony", "outside"]


class Report(Data):
    home: Id = ask(title=pgettext_lazy("resident", "Which home"))
    room: Room | None = ask(None, title=pgettext_lazy("resident", "Where"))
    what: Text = ask("", max_length=2000, title=pgettext_lazy("resident", "What is wrong"))
    time: Line = ask("", title=pgettext_lazy("resident", "When are you at home"))
    day: Line = ask("", title=pgettext_lazy("resident", "Day"))
    told_fee: Line = ask("", title=pgettext_lazy("resident", "Call-out fee told"))
    photos: list[Id] = ask(default=[], max_length=6, title=pgettext_lazy("resident", "Photos"), kind="photos")


class Ask(Data):
    home: Id = ask(title=pgettext_lazy("resident", "Which home"))
    about: Line = ask("", title=pgettext_lazy("resident", "About"))
    what: Text = ask(min_length=2, max_length=2000, title=pgettext_lazy("resident", "Your question"))


class Complain(Data):
    home: Id = ask(title=pgettext_lazy("resident", "Which home"))
    about: Line = ask("", title=pgettext_lazy("resident", "About"))
    what: Text = ask(min_length=2, max_length=2000, title=pgettext_lazy("resident", "What happened"))
    place: Line = ask("", max_length=60, title=pgettext_lazy("resident", "Where"))
    remedy: Text = ask("", max_length=500, title=pgettext_lazy("resident", "What should be done"))
    photos: list[Id] = ask(default=[], max_length=6, title=pgettext_lazy("resident", "Photos"), kind="photos")


class Agrees(Data):
    rating: int | None = ask(None, ge=1, le=4, title=pgettext_lazy("resident", "Rating"))
    comment: Text = ask("", max_length=800, title=pgettext_lazy("resident", "Anything else"))


class Suggest(Data):
    home: Id = ask(title=pgettext_lazy("resident", "Which home"))
    about: Line = ask("", title=pgettext_lazy("resident", "About"))
    what: Text = ask(min_length=2, max_length=2000, title=pgettext_lazy("resident", "Your suggestion"))
    photos: list[Id] = ask(default=[], max_length=6, title=pgettext_lazy("resident", "Photos"), kind="photos")


class GivePraise(Data):
    home: Id = ask(title=pgettext_lazy("resident", "Which home"))
    about: Line = ask("", max_length=80, title=pgettext_lazy("resident", "Whom do you praise"))
    what: Text = ask(min_length=2, max_length=2000, title=pgettext_lazy("resident", "What was good"))
    photos: list[Id] = ask(default=[], max_length=6, title=pgettext_lazy("resident", "Photos"), kind="photos")


class OrderService(Data):
    home: Id = ask(title=pgettext_lazy("resident", "Which home"))
    item: Line = ask(min_length=1, title=pgettext_lazy("resident", "Service"), kind="service")
    quantity: Quantity = ask(title=pgettext_lazy("resident", "How much"))
    told_amount: Money | None = ask(None, title=pgettext_lazy("resident", "Amount"))
    wanted_from: OptionalInstant = ask(None, title=pgettext_lazy("resident", "From when"))
    wanted_until: OptionalInstant = ask(None, title=pgettext_lazy("resident", "Until when"))
    what: Text = ask("", max_length=1000, title=pgettext_lazy("resident", "Anything we should know"))


class Who(Data):
    """Who decides: the person at the screen, a known contact, or somebody named here."""

    who: Line = ask("self", title=pgettext_lazy("resident", "Who agrees"))
    person_name: Line = ask("", max_length=60, title=pgettext_lazy("resident", "Your name"))
    relation: Line = ask("", max_length=20, title=pgettext_lazy("resident", "Relation"))
    signature: OptionalId = ask(None, title=pgettext_lazy("resident", "Signature"), kind="signature")


class Agree(Who):
    quote_hash: Line = ask(min_length=64, max_length=64, title=pgettext_lazy("resident", "Quote"))
    ceiling: Money | None = ask(None, title=pgettext_lazy("resident", "Not more than"))


class AmountAgreed(Who):
    amount: Money = ask(title=pgettext_lazy("resident", "Amount"))


class NotNow(Data):
    reason: Text = ask("", max_length=500, title=pgettext_lazy("resident", "Why not"))


class Rating(Data):
    rating: int | None = ask(None, ge=1, le=4, title=pgettext_lazy("resident", "Rating"))
    on_time: bool | None = ask(None, title=pgettext_lazy("resident", "On time?"))
    price_first: bool | None = ask(None, title=pgettext_lazy("resident", "Price agreed first?"))
    cleaned: bool | None = ask(None, title=pgettext_lazy("resident", "Left clean?"))
    bad_not_fixed: bool = ask(default=False, title=pgettext_lazy("resident", "Not repaired"))
    bad_late: bool = ask(default=False, title=pgettext_lazy("resident", "Came late"))
    bad_price: bool = ask(default=False, title=pgettext_lazy("resident", "Price not made clear"))
    bad_manner: bool = ask(default=False, title=pgettext_lazy("resident", "Unfriendly"))
    bad_dirty: bool = ask(default=False, title=pgettext_lazy("resident", "Left dirty"))
    comment: Text = ask("", max_length=800, title=pgettext_lazy("resident", "Anything else"))


class Why(Data):
    reason: Text = ask(min_length=2, max_length=500, title=pgettext_lazy("resident", "Reason"))


class Question(Data):
    answer: Text = ask(min_length=1, max_length=2000, title=pgettext_lazy("resident", "Your question"))


@dataclass
class Sheet:
    """A form on its way: empty, or sent and refused, with what was typed and what was wrong with it."""

    errors: dict[str, str] = field(default_factory=dict)
    general: list[str] = field(default_factory=list)
    values: dict[str, Any] = field(default_factory=dict)
    status: int = 200


def read(form: type[Data], request: HttpRequest, sheet: Sheet, *, actor: Actor, project_id: int, at: datetime) -> Any:
    """The declared input of a post; pictures are stored on the way and stay with the sheet.

    Raises InvalidError for what is wrong and for what is not asked here.
    """
    sheet.values = dict(request.POST.items())
    unknown = sorted(set(request.POST) - set(form.model_fields) - ENVELOPE)
    if unknown:
        raise InvalidError({name[:40]: _("This field is set by the service centre.") for name in unknown})
    tz = place(project_id).tz
    raw = posted(form, request, actor=actor, project_id=project_id, tz=tz, at=at)
    sheet.values.update({name: raw[name] for name in ("photos", "signature") if raw.get(name)})
    return parse(form, raw)


def refuse(sheet: Sheet, refusal: RefusalError, known: frozenset[str]) -> Sheet:
    """``known``: fields that show an error beside themselves; others are said above the form."""
    fields: Mapping[str, Any] = refusal.fields if isinstance(refusal, InvalidError) else {}
    for path, said in fields.items():
        text = _("This was sent already, look at your matters.") if path == "client_uuid" else said
        head = path.partition(".")[0]
        if head in known:
            sheet.errors.setdefault(head, str(text))
        elif str(text) not in sheet.general:
            sheet.general.append(str(text))
    if not fields:
        sheet.general.append(str(refusal))
    sheet.status = status_of(refusal)
    return sheet


def a_day(text: str) -> date | None:
    """A date of the browser's own field; anything else is an error beside it."""
    if not text:
        return None
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        raise InvalidError({"day": _("Choose a day.")}) from error
