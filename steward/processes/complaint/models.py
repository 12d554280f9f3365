"""What a complaint knows beyond its case (ISO 10002: assessment, investigation, response; DOMAIN-RULES 1)."""

from typing import ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from steward.cases.models import CaseRow
from steward.kernel.fields import ProjectOneToOne


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

    # Ours to know: whoever complains reads the answer, not how we talk about it.
    STAFF_ONLY: ClassVar[frozenset[str]] = frozenset(
        {
            "severity",
            "responsible_unit",
            "findings",
            "validity",
            "validity_reason",
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
        }
    )
