"""The kernel's own tables."""

from typing import ClassVar

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from steward.kernel.audit.models import (
    AuditEvent,
    AuditPersonal,
    CompanyEvent,
    CompanyPersonal,
    CompanySeal,
    Seal,
    SealState,
)
from steward.kernel.fields import ProjectForeignKey
from steward.kernel.rows import ProjectRow, in_projects


class ReferenceVersion(models.Model):
    """One row: raised whenever reference data changes, so that caches know."""

    version = models.BigIntegerField(default=1)


class PolicyValue(models.Model):
    """A dated value of a policy for a node of the organisation (empty = whole company). Append only."""

    key = models.CharField(max_length=60)
    node = models.ForeignKey("org.Node", models.PROTECT, null=True, blank=True, related_name="+")
    effective_from = models.DateTimeField()
    value = models.JSONField()
    note = models.CharField(max_length=200, blank=True)
    set_by = models.CharField(max_length=60)
    set_at = models.DateTimeField()

    class Meta:
        indexes: ClassVar = [models.Index(fields=["key", "effective_from"], name="policy_key_from")]


class CalendarDay(models.Model):
    """A day that is not simply a weekday or weekend: public holiday or make-up workday 调休."""

    date = models.DateField(primary_key=True)
    is_workday = models.BooleanField()
    name = models.CharField(max_length=40)
    source = models.CharField(max_length=60)


class OutboxState(models.TextChoices):
    PENDING = "pending", _("Waiting")
    LEASED = "leased", _("Being sent")
    DONE = "done", _("Delivered")
    UNKNOWN = "unknown", _("Unclear")
    DEAD = "dead", _("Failed")


class Outbox(ProjectRow):
    """Work promised in a business transaction and done after it: messages, webhooks, sweeps.

    Delivery is at least once; (event, recipient, channel) is unique, ``provider_key`` is stable.
    """

    topic = models.CharField(max_length=40)
    event = models.CharField(max_length=120)
    recipient = models.CharField(max_length=120, blank=True)
    channel = models.CharField(max_length=20)
    # The number of the case it is about, for the case's page and the delivery log.
    about = models.CharField(max_length=40, blank=True)
    subject = models.CharField(max_length=200, blank=True)
    body = models.TextField(blank=True)
    payload = models.JSONField(default=dict)
    state = models.CharField(max_length=10, choices=OutboxState, default=OutboxState.PENDING)
    run_after = models.DateTimeField()
    attempts = models.PositiveSmallIntegerField(default=0)
    lease_until = models.DateTimeField(null=True, blank=True)
    provider_key = models.UUIDField()
    error = models.TextField(blank=True)
    created_at = models.DateTimeField()
    done_at = models.DateTimeField(null=True, blank=True)
    read_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["project", "event", "recipient", "channel"], name="outbox_once"),
        ]
        indexes: ClassVar = [
            models.Index(
                fields=["run_after"],
                name="outbox_due",
                condition=Q(done_at__isnull=True),
            ),
            models.Index(
                fields=["recipient", "-created_at"],
                name="outbox_inbox",
                condition=Q(channel="inapp", read_at__isnull=True),
            ),
            models.Index(fields=["project", "about"], name="outbox_about", condition=~Q(about="")),
            # The delivery log reads the newest; what stands in the app was never delivered anywhere.
            models.Index(fields=["project", "-id"], name="outbox_log", condition=~Q(channel__in=["inapp", "route"])),
            # Whole: SQLite does not see that an SMS is not in the app, and would read the outbox of the project.
            models.Index(fields=["project", "recipient", "channel", "-id"], name="outbox_to"),
        ]


class CronSlot(models.Model):
    """Won once: two workers never run the same slot of a recurring job."""

    job = models.CharField(max_length=60)
    slot = models.DateTimeField()

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(fields=["job", "slot"], name="cron_slot_once")]


class Attachment(ProjectRow):
    """A stored file. Pictures are decoded and encoded anew, so that only a picture is kept."""

    sha256 = models.CharField(max_length=64)
    name = models.CharField(max_length=200)
    content_type = models.CharField(max_length=60)
    size = models.PositiveIntegerField()
    uploaded_by = models.CharField(max_length=60)
    uploaded_at = models.DateTimeField()
    client_uuid = models.UUIDField()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["project", "uploaded_by", "client_uuid"], name="attachment_once"),
        ]


__all__ = [
    "Attachment",
    "AuditEvent",
    "AuditPersonal",
    "CalendarDay",
    "CompanyEvent",
    "CompanyPersonal",
    "CompanySeal",
    "CronSlot",
    "Outbox",
    "OutboxState",
    "PolicyValue",
    "ProjectForeignKey",
    "ProjectRow",
    "ReferenceVersion",
    "Seal",
    "SealState",
    "in_projects",
]
