"""What is asked, reported and refused."""

from django.utils.translation import gettext_lazy as _

from steward.kernel.actor import Role
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
