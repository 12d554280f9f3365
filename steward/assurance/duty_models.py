"""Duty 值班: who is on duty, what was seen, how the shift was handed over, and the manager's daily check."""

from typing import ClassVar

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from steward.kernel.fields import ProjectForeignKey
from steward.kernel.models import ProjectRow


class DutyKind(models.TextChoices):
    ROUND = "round", pgettext_lazy("duty", "Round")
    EVENT = "event", _("Event")
    VISITOR = "visitor", _("Visitor")
    KEYS = "keys", _("Keys and tools")
    OTHER = "other", _("Other")


class Duty(ProjectRow):
    """A span on duty; half-open [since, until). One at a time in a project: there is always one person to ask."""

    staff = models.ForeignKey("workforce.Staff", models.PROTECT, related_name="+")
    since = models.DateTimeField()
    until = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["project"], condition=Q(until__isnull=True), name="duty_one_at_a_time"),
            models.CheckConstraint(
                condition=Q(until__isnull=True) | Q(until__gte=models.F("since")), name="duty_order"
            ),
        ]


class DutyEntry(ProjectRow):
    """A line of the log; never changed. What needs somebody becomes a case."""

    happened_at = models.DateTimeField()
    recorded_at = models.DateTimeField()
    kind = models.CharField(max_length=10, choices=DutyKind)
    place = models.CharField(max_length=120, blank=True)
    person = models.CharField(max_length=80, blank=True)
    text = models.TextField()
    staff = models.ForeignKey("workforce.Staff", models.PROTECT, related_name="+")
    photo = ProjectForeignKey("kernel.Attachment", null=True, blank=True, related_name="+")
    case = ProjectForeignKey("cases.Case", null=True, blank=True, related_name="+")
    client_uuid = models.UUIDField()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["project", "staff", "client_uuid"], name="duty_entry_once"),
        ]
        indexes: ClassVar = [models.Index(fields=["project", "-happened_at", "-id"], name="duty_entry_latest")]


class ShiftState(models.TextChoices):
    OFFERED = "offered", _("Offered")
    ACCEPTED = "accepted", pgettext_lazy("shift", "Accepted")
    DECLINED = "declined", _("Declined")
    FORCED = "forced", _("Forced")
    WITHDRAWN = "withdrawn", pgettext_lazy("shift", "Withdrawn")


class ShiftHandover(ProjectRow):
    """The giver offers, the receiver accepts; until then the giver stays on duty.

    ``open_items`` is what stood open at the offer, computed; ``items`` and ``keys`` are the giver's own words.
    """

    giver = models.ForeignKey("workforce.Staff", models.PROTECT, related_name="+")
    receiver = models.ForeignKey("workforce.Staff", models.PROTECT, related_name="+")
    state = models.CharField(max_length=10, choices=ShiftState, default=ShiftState.OFFERED)
    offered_at = models.DateTimeField()
    answered_at = models.DateTimeField(null=True, blank=True)
    answered_by = models.CharField(max_length=60, blank=True)
    reason = models.CharField(max_length=300, blank=True)
    items = models.TextField(blank=True)
    keys = models.TextField(blank=True)
    open_items = models.JSONField(default=list)
    client_uuid = models.UUIDField()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["project"], condition=Q(state="offered"), name="shift_one_open_offer"),
            models.UniqueConstraint(fields=["project", "giver", "client_uuid"], name="shift_once"),
        ]


class DailyCheck(ProjectRow):
    """The manager's check of one day: every point answered, signed once."""

    day = models.DateField()
    points = models.JSONField(default=list)
    staff = models.ForeignKey("workforce.Staff", models.PROTECT, related_name="+")
    signed_at = models.DateTimeField()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["project", "day"], name="daily_check_once"),
        ]
