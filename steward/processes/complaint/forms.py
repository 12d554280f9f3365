"""What each action of a complaint asks for."""

from django.utils.translation import gettext_lazy as _

from steward.assurance.forms import CallBack
from steward.casework.forms import Rate, Reason, Say
from steward.casework.intake.opening import OpenData
from steward.kernel.schema import Data, Id, Instant, Line, OptionalId, OptionalInstant, Text, ask
from steward.processes.complaint.models import Cause, Claim, Ruling, Severity, Validity, Verdict

__all__ = ["CallBack", "Rate", "Reason", "Say"]


class OpenComplaint(OpenData):
    remedy: Text = ask("", max_length=1000, title=_("What the customer asks for"))
    persons: int = ask(1, ge=1, le=100_000, title=_("How many complain together"))


class Assess(Data):
    severity: Severity = ask(
        title=_("Severity"),
        description=_(
            "Minor: inconvenience, easily put right. Important: our failure. Major: a promise broken again, loss, injury, "
            "media, authority. Hot spot: several, the same cause within a month. Collective: many acting together."
        ),
    )
    persons: int | None = ask(None, ge=1, le=100_000, title=_("How many complain together"))


class Assign(Data):
    responsible_unit: Line = ask(
        min_length=1,
        max_length=80,
        title=_("Responsible unit"),
        description=_("Department or contractor that must put it right"),
    )
    handler: Id = ask(title=_("Who handles it"), kind="staff")


class Investigate(Data):
    findings: Text = ask(min_length=2, max_length=4000, title=_("What was found"))
    validity: Validity = ask(title=_("Is it valid"), description=_("Valid: our duty, and the facts are confirmed"))
    validity_reason: Text = ask(min_length=2, max_length=1000, title=_("Why valid, or why not"))
    cause: Cause | None = ask(None, title=_("Kind of cause"))
    root_cause: Text = ask("", max_length=1000, title=_("Root cause"))
    photos: list[Id] = ask(default=[], max_length=12, title=_("Photos"), kind="photos")


class Answer(Data):
    answer: Text = ask(min_length=2, max_length=2000, title=_("Answer to the customer"))


class AskPlan(Data):
    plan: Text = ask(min_length=2, max_length=2000, title=_("What will be done, by whom"))
    until: Instant = ask(title=_("Solved by"))


class Solve(Data):
    solution: Text = ask(min_length=2, max_length=2000, title=_("Solution"))
    cause: Cause | None = ask(None, title=_("Kind of cause"))
    root_cause: Text = ask("", max_length=1000, title=_("Root cause"))
    corrective_action: Text = ask("", max_length=1000, title=_("Corrective action, so that it stays away"))
    photos: list[Id] = ask(default=[], max_length=12, title=_("Photos"), kind="photos")


class OutsideTicket(Data):
    source: Line = ask(
        min_length=1, max_length=40, title=_("Who sent it"), description=_("12345, street office, housing bureau")
    )
    ticket_number: Line = ask(min_length=1, max_length=60, title=_("Number of the ticket"))
    due_at: Instant = ask(title=_("Official deadline"))


class Reply(Data):
    reply: Text = ask(min_length=2, max_length=4000, title=_("Reply text"))


class ClaimTicket(Data):
    claim: Claim = ask(
        title=_("What we ask for"),
        description=_("Return: not ours, or wrongly addressed. Dispute: the verdict of the caller is not justified."),
    )
    reason: Text = ask(min_length=2, max_length=2000, title=_("Reason"))


class Ruled(Data):
    ruling: Ruling = ask(title=_("Outcome"))
    note: Text = ask("", max_length=1000, title=_("What they answered"))
    due_at: OptionalInstant = ask(None, title=_("New official deadline, if one was set"))


class OutsideVerdict(Data):
    verdict: Verdict = ask(title=_("What they were told"), description=_("Not satisfied begins a new round."))
    note: Text = ask("", max_length=1000, title=_("Their words"))


class Join(Data):
    """One more person or household. By customer number, or by room and name."""

    unit: Line = ask("", title=_("Unit"), description=_("Room as in 3-2-1201"))
    customer: OptionalId = ask(None, title=_("Customer"))
    name: Line = ask("", max_length=60, title=_("Name"), description=_("Empty: whoever lives in the room"))
    phone: Line = ask("", max_length=20, title=_("Phone"))
    is_spokesperson: bool = ask(default=False, title=_("Speaks for all of them"))


class Spokesperson(Data):
    member: Id = ask(title=_("Who joined"))


class Hear(CallBack):
    member: Id = ask(title=_("Who joined"))


class SplitOff(Data):
    member: Id = ask(title=_("Who joined"))
    own_number: Line = ask(min_length=1, title=_("Number of their own complaint"))
