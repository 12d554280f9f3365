"""What people say when they open, tell about and close an incident."""

from typing import Annotated

from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy
from pydantic import BeforeValidator, Field

from steward.cases.models import Urgency
from steward.kernel.schema import Data, Line, OptionalId, OptionalInstant, Text, ask

Floor = Annotated[int | None, BeforeValidator(lambda v: None if v == "" else v), Field(ge=-20, le=200)]
Words = Annotated[Text, Field(min_length=2, max_length=300)]


class OpenIncident(Data):
    """``building`` empty: the whole project. ``title`` is what the caller is told first: 3栋停水."""

    title: Line = ask(min_length=2, max_length=80, title=pgettext_lazy("incident", "What"))
    category: Line = ask("", title=_("Category"))
    urgency: Urgency = ask(Urgency.P1, title=_("Urgency"))
    building: OptionalId = ask(None, title=_("Building"), kind="choice")
    entrance: Line = ask("", max_length=10, title=_("Entrance"))
    floor_from: Floor = ask(None, title=_("From floor"))
    floor_to: Floor = ask(None, title=_("To floor"))
    cause: Line = ask("", max_length=300, title=_("Cause, for colleagues"))
    words: Words = ask(title=_("Words for the customers"))
    started_at: OptionalInstant = ask(None, title=pgettext_lazy("incident", "Since"))
    expected_at: OptionalInstant = ask(None, title=_("Expected end"))
    handler: OptionalId = ask(None, title=_("Handler"), kind="staff")
    cases: list[Line] = ask(default=[], max_length=100, title=_("Cases"))


class News(Data):
    words: Words = ask(title=_("Words for the customers"))
    expected_at: OptionalInstant = ask(None, title=_("Expected end"))


class CloseIncident(Data):
    words: Words = ask(title=_("What was done, for the customers"))
    cause: Line = ask("", max_length=300, title=_("Cause, for colleagues"))
    ended_at: OptionalInstant = ask(None, title=pgettext_lazy("incident", "Over since"))


class Reason(Data):
    reason: Line = ask(min_length=2, max_length=200, title=_("Reason"))


class Caller(Data):
    """One more who calls about it. Category, urgency and title are those of the incident."""

    unit: Line = ask("", title=_("Unit"))
    reporter_name: Line = ask("", max_length=60, title=_("Reporter"))
    reporter_phone: Line = ask("", max_length=20, title=_("Phone"))
    description: Text = ask("", max_length=2000, title=_("Description"))
    channel: Line = ask("phone", max_length=10, title=_("Channel"))
