"""Who is not there, from when until when."""

from typing import ClassVar

from django.db import models
from django.db.models import F, Q


class Absence(models.Model):
    """A colleague is not there, half-open in time; without ``until`` until somebody says so. A reference row: people
    of regions and of head office are away too.

    ``kind`` is the word the company uses for it, or a shipped one as a message. ``covering``: areas (project, area)
    that the stand-in took over because of it. Cancelled, never deleted.
    """

    staff = models.ForeignKey("workforce.Staff", models.PROTECT, related_name="absences")
    kind = models.CharField(max_length=40)
    is_private = models.BooleanField(default=False)
    since = models.DateTimeField()
    until = models.DateTimeField(null=True, blank=True)
    reason = models.CharField(max_length=200, blank=True)
    covering = models.JSONField(default=list)
    entered_at = models.DateTimeField()
    entered_by = models.CharField(max_length=60)
    entered_by_name = models.CharField(max_length=60)
    # Of the form it came with: sent twice, it is one absence.
    client_uuid = models.UUIDField(unique=True)
    cancelled_at = models.DateTimeField(null=True, blank=True)
    cancelled_by_name = models.CharField(max_length=60, blank=True)
    cancelled_why = models.CharField(max_length=200, blank=True)

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(condition=Q(until__isnull=True) | Q(until__gt=F("since")), name="absence_dates"),
        ]
        indexes: ClassVar = [
            models.Index(fields=["staff", "until"], name="absence_staff", condition=Q(cancelled_at__isnull=True)),
        ]
