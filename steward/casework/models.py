"""What stands beside a case: pictures, refused replays, links for its customer."""

from typing import ClassVar

from django.db import models
from django.db.models import Q

from steward.cases.models import Case, CaseRow
from steward.kernel.actor import Actor
from steward.kernel.fields import ProjectForeignKey
from steward.kernel.models import in_projects


class CaseFile(CaseRow):
    """A photo or paper of a case, under a label (before, after, signature …)."""

    case = ProjectForeignKey(Case, related_name="files")
    attachment = ProjectForeignKey("kernel.Attachment", related_name="+")
    label = models.CharField(max_length=12)
    seq = models.PositiveIntegerField()
    is_public = models.BooleanField(default=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["project", "case", "attachment", "label"], name="case_file_once"),
        ]


class Conflict(CaseRow):
    """A replay from a phone that the rules refused: kept whole for the office, nothing typed is lost."""

    case = ProjectForeignKey(Case, related_name="conflicts")
    action = models.CharField(max_length=30)
    actor_key = models.CharField(max_length=60)
    actor_name = models.CharField(max_length=60)
    client_uuid = models.UUIDField()
    happened_at = models.DateTimeField()
    received_at = models.DateTimeField()
    note = models.TextField(blank=True)
    data = models.JSONField(default=dict)
    reason = models.CharField(max_length=300)
    rule = models.CharField(max_length=60, blank=True)
    resolved_at = models.DateTimeField(null=True, blank=True)
    resolved_by = models.CharField(max_length=60, blank=True)
    resolution = models.CharField(max_length=200, blank=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["project", "actor_key", "client_uuid"], name="conflict_once"),
        ]
        indexes: ClassVar = [
            models.Index(
                fields=["project", "received_at"], name="conflict_open", condition=Q(resolved_at__isnull=True)
            ),
        ]

    @classmethod
    def scope(cls, actor: Actor) -> Q:
        """Like its case; whoever sent it follows it even when the case went to somebody else."""
        if not actor.is_staff:
            return super().scope(actor)
        return super().scope(actor) | (in_projects(actor.project_ids) & Q(actor_key=actor.key))


class Link(CaseRow):
    """A single-use, expiring link for a customer: only its hash is kept."""

    case = ProjectForeignKey(Case, related_name="links")
    digest = models.CharField(max_length=64)
    purpose = models.CharField(max_length=20)
    customer = ProjectForeignKey("party.Customer", null=True, related_name="+")
    person_name = models.CharField(max_length=80, blank=True)
    issued_by = models.CharField(max_length=60)
    issued_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    used_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["project", "digest"], name="link_digest"),
        ]
