"""What a complaint knows beyond its case (ISO 10002: assessment, investigation, response; DOMAIN-RULES 1)."""

from typing import Any, ClassVar

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from steward.cases.models import CaseRow
from steward.kernel.fields import ProjectForeignKey, ProjectOneToOne


class State(models.TextChoices):
    RECEIVED = "received", pgettext_lazy("complaint", "To acknowledge")
    ACKNOWLEDGED = "acknowledged", pgettext_lazy("complaint", "To assign")
    ASSIGNED = "assigned", pgettext_lazy("complaint", "To investigate")
    INVESTIGATED = "investigated", pgettext_lazy("complaint", "To answer")
    ANSWERED = "answered", pgettext_lazy("complaint", "To solve")
    PLAN_ASKED = "plan_asked", pgettext_lazy("complaint", "Plan to approve")
    PLANNED = "planned", pgettext_lazy("complaint", "Planned")
    SOLVED = "solved", pgettext_lazy("complaint", "To call back")
    CLOSED = "closed", pgettext_lazy("complaint", "Closed")
    CANCELLED = "cancelled", pgettext_lazy("complaint", "Withdrawn")


class Severity(models.TextChoices):
    """DOMAIN-RULES 1.3; each level tells further up."""

    MINOR = "minor", _("Minor")
    IMPORTANT = "important", pgettext_lazy("complaint", "Important")
    MAJOR = "major", _("Major")
    HOT = "hot", _("Hot spot")
    COLLECTIVE = "collective", _("Collective")


class Validity(models.TextChoices):
    """Valid: our duty, and the facts are confirmed."""

    VALID = "valid", _("Valid")
    INVALID = "invalid", _("Not valid")


class Cause(models.TextChoices):
    """Where the root lies; the sentence beside it says what it was (DOMAIN-RULES 1.1, upkeep: analyse)."""

    PEOPLE = "people", _("Conduct or skill of staff")
    PROCEDURE = "procedure", _("Procedure missing or not followed")
    STAFFING = "staffing", _("Too few hands, rosters")
    EQUIPMENT = "equipment", _("Equipment or material")
    CONTRACTOR = "contractor", pgettext_lazy("complaint", "Contractor")
    DEVELOPER = "developer", _("Developer’s legacy")
    INFORMATION = "information", _("Not told, or told wrongly")
    NEIGHBOURS = "neighbours", _("Conduct of other residents")
    OUTSIDE = "outside", _("Outside our duty")


class Claim(models.TextChoices):
    """What we hold against a ticket: sent back as not ours, or its verdict contested."""

    RETURN = "return", _("Returned")
    DISPUTE = "dispute", _("Disputed")


class Ruling(models.TextChoices):
    ACCEPTED = "accepted", pgettext_lazy("ticket", "Accepted")
    REFUSED = "refused", pgettext_lazy("ticket", "Refused")


class Verdict(models.TextChoices):
    """What the authority was told when it asked the caller itself."""

    SATISFIED = "satisfied", pgettext_lazy("ticket", "Satisfied")
    UNSATISFIED = "unsatisfied", pgettext_lazy("ticket", "Not satisfied")
    NOT_REACHED = "not_reached", pgettext_lazy("ticket", "Not reached")


class Complaint(CaseRow):
    """Typed detail of a complaint; what belongs to one round is cleared when a new one begins."""

    case = ProjectOneToOne("cases.Case", related_name="complaint")
    remedy = models.TextField(blank=True)
    # How many complain together.
    persons = models.PositiveIntegerField(default=1)
    severity = models.CharField(max_length=10, choices=Severity, blank=True)
    responsible_unit = models.CharField(max_length=80, blank=True)
    findings = models.TextField(blank=True)
    validity = models.CharField(max_length=7, choices=Validity, blank=True)
    validity_reason = models.TextField(blank=True)
    cause = models.CharField(max_length=12, choices=Cause, blank=True)
    root_cause = models.TextField(blank=True)
    corrective_action = models.TextField(blank=True)
    answer = models.TextField(blank=True)
    plan = models.TextField(blank=True)
    plan_until = models.DateTimeField(null=True, blank=True)
    plan_asked_at = models.DateTimeField(null=True, blank=True)
    plan_asked_by = models.CharField(max_length=60, blank=True)
    plan_approved_by = models.CharField(max_length=60, blank=True)
    solution = models.TextField(blank=True)
    solved_by = models.CharField(max_length=60, blank=True)
    finished_at = models.DateTimeField(null=True, blank=True)
    callback_ended_at = models.DateTimeField(null=True, blank=True)
    rating = models.PositiveSmallIntegerField(null=True, blank=True)
    # A ticket of somebody else about the same complaint; source and number stand on the case.
    outside_due_at = models.DateTimeField(null=True, blank=True)
    outside_reply = models.TextField(blank=True)
    outside_replied_at = models.DateTimeField(null=True, blank=True)
    tickets_count = models.PositiveSmallIntegerField(default=0)
    outside_verdict = models.CharField(max_length=12, choices=Verdict, blank=True)

    class Meta:
        indexes: ClassVar = [
            models.Index(fields=["outside_due_at"], name="complaint_ticket_due", condition=Q(outside_replied_at=None)),
        ]

    # Ours to know: whoever complains reads the answer, not how we talk about it.
    STAFF_ONLY: ClassVar[frozenset[str]] = frozenset(
        {
            "severity",
            "responsible_unit",
            "findings",
            "validity",
            "validity_reason",
            "cause",
            "root_cause",
            "corrective_action",
            "plan",
            "plan_until",
            "plan_asked_at",
            "plan_asked_by",
            "plan_approved_by",
            "solved_by",
            "outside_due_at",
            "outside_reply",
            "outside_replied_at",
            "tickets_count",
            "outside_verdict",
        }
    )


class Ticket(CaseRow):
    """A ticket of 12345, the street office or the housing bureau about this complaint; the newest is the case's."""

    case = ProjectForeignKey("cases.Case", related_name="tickets")
    source = models.CharField(max_length=40)
    number = models.CharField(max_length=60)
    due_at = models.DateTimeField()
    taken_at = models.DateTimeField()
    #: The same matter again, while or after another ticket.
    is_repeat = models.BooleanField(default=False)
    reply = models.TextField(blank=True)
    replied_at = models.DateTimeField(null=True, blank=True)
    claim = models.CharField(max_length=8, choices=Claim, blank=True)
    claim_reason = models.TextField(blank=True)
    claimed_at = models.DateTimeField(null=True, blank=True)
    ruling = models.CharField(max_length=8, choices=Ruling, blank=True)
    ruling_note = models.TextField(blank=True)
    ruled_at = models.DateTimeField(null=True, blank=True)
    verdict = models.CharField(max_length=12, choices=Verdict, blank=True)
    verdict_at = models.DateTimeField(null=True, blank=True)
    #: No reply is owed any more: replied to, or its return accepted.
    settled_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["project", "source", "number"], name="complaint_ticket_once"),
        ]
        indexes: ClassVar = [
            models.Index(fields=["project", "due_at", "id"], name="ticket_waiting", condition=Q(settled_at=None)),
        ]

    @classmethod
    def scope(cls, actor: Any) -> Q:
        """Ours: residents do not read what authorities and we write to each other."""
        return super().scope(actor) if actor.is_staff or actor.is_system else Q(pk__in=[])


class Member(CaseRow):
    """One of several who complain together 群诉, beside the case's own customer. Each is told, each is asked."""

    case = ProjectForeignKey("cases.Case", related_name="members")
    customer = ProjectForeignKey("party.Customer", null=True, blank=True, related_name="+")
    name = models.CharField(max_length=60)
    unit_label = models.CharField(max_length=40, blank=True)
    phone = models.CharField(max_length=20, blank=True)
    is_spokesperson = models.BooleanField(default=False)
    joined_at = models.DateTimeField()
    #: Split off into a complaint of their own, or no longer with the others.
    left_at = models.DateTimeField(null=True, blank=True)
    left_to = models.CharField(max_length=40, blank=True)
    rating = models.PositiveSmallIntegerField(null=True, blank=True)
    tries = models.PositiveSmallIntegerField(default=0)
    #: After a try in vain: when the next may be made.
    not_before = models.DateTimeField(null=True, blank=True)
    heard = models.CharField(max_length=12, blank=True)
    heard_at = models.DateTimeField(null=True, blank=True)
    heard_round = models.PositiveSmallIntegerField(default=0)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["project", "case", "customer"],
                condition=Q(customer__isnull=False, left_at__isnull=True),
                name="complaint_member_once",
            ),
        ]

    @classmethod
    def scope(cls, actor: Any) -> Q:
        """Who else complains is nobody's to read but ours."""
        return super().scope(actor) if actor.is_staff or actor.is_system else Q(pk__in=[])
