"""What is asked, reported and refused; and one such request."""

import uuid
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.utils.translation import gettext_lazy as _

from steward.casework.lines import digest_of
from steward.kernel.actor import Actor, Role
from steward.kernel.schema import Data, Id, Line, OptionalId, OptionalInstant, Text, ask


class Ask(Data):
    what: Text = ask(min_length=2, max_length=300, title=_("What is to be done"))
    colleague: OptionalId = ask(None, title=_("Colleague"), kind="staff")
    role: Role | None = ask(None, title=_("Department, or upward"))
    contractor: Line = ask("", max_length=80, title=_("Contractor (without account)"), kind="suggested")
    due_at: OptionalInstant = ask(None, title=_("Report back by"))


class Report(Data):
    report: Text = ask(min_length=2, max_length=2000, title=_("What was done"))
    photos: list[Id] = ask(default=[], max_length=12, title=_("Photos"), kind="photos")


class Reason(Data):
    reason: Text = ask(min_length=2, max_length=300, title=_("Reason"))


@dataclass(frozen=True)
class Asked:
    """One request about one sub-task (``pk``), or for a new one on a case (``number``)."""

    project_id: int
    verb: str
    data: Any
    actor: Actor
    at: datetime
    client_uuid: uuid.UUID
    number: str = ""
    pk: int = 0
    # When it was tapped on a phone without network; bounded, and kept beside our own time.
    happened_at: datetime | None = None

    @property
    def when(self) -> datetime:
        return self.happened_at or self.at

    @property
    def digest(self) -> str:
        return digest_of(self.number, self.pk, self.verb, self.data.model_dump(mode="json") if self.data else {})
