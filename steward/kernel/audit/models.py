"""Audit rows: of a project, or of the company where no project is meant. Personal values stand beside them."""

from typing import ClassVar

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from steward.kernel.actor import Actor, Role
from steward.kernel.fields import ProjectOneToOne
from steward.kernel.rows import ProjectRow, in_projects

#: Who may read what colleagues did.
READERS = (Role.MANAGER, Role.REGION, Role.HQ)


class Kind(models.TextChoices):
    CHANGE = "change", _("Changed")
    VIEW = "view", _("Looked at personal data")
    EXPORT = "export", _("Took data out")


class Recorded(models.Model):
    """What a row of the audit says. ``what`` is ``area.verb``; ``before`` and ``after`` hold only what changed."""

    at = models.DateTimeField()
    kind = models.CharField(max_length=6, choices=Kind)
    what = models.CharField(max_length=40)
    actor_kind = models.CharField(max_length=10)
    actor_key = models.CharField(max_length=60)
    actor_name = models.CharField(max_length=60, blank=True)
    subject_kind = models.CharField(max_length=40)
    subject_id = models.CharField(max_length=60, blank=True)
    label = models.CharField(max_length=120, blank=True)
    before = models.JSONField(default=dict)
    after = models.JSONField(default=dict)
    reason = models.CharField(max_length=300, blank=True)
    ip = models.CharField(max_length=45, blank=True)
    session = models.CharField(max_length=16, blank=True)

    class Meta:
        abstract = True


class AuditEvent(Recorded, ProjectRow):
    """Something done in a project, outside the timeline of a case."""

    class Meta:
        indexes: ClassVar = [
            models.Index(fields=["project", "-at", "-id"], name="audit_project"),
            models.Index(fields=["project", "subject_kind", "subject_id"], name="audit_subject"),
        ]

    @classmethod
    def scope(cls, actor: Actor) -> Q:
        """Managers read what was done in their projects."""
        if actor.is_system:
            return Q()
        return in_projects(actor.projects_with(*READERS))


class AuditPersonal(ProjectRow):
    """Personal values of an audit row. Erased on request; the chain stays true without them."""

    event = ProjectOneToOne(AuditEvent, related_name="personal")
    values = models.JSONField()

    @classmethod
    def scope(cls, actor: Actor) -> Q:
        return AuditEvent.scope(actor)


class CompanyEvent(Recorded):
    """Something done for the company as a whole: a post, a policy for all, a member of staff."""

    class Meta:
        indexes: ClassVar = [
            models.Index(fields=["-at", "-id"], name="audit_company"),
            models.Index(fields=["subject_kind", "subject_id"], name="audit_company_subject"),
        ]


class CompanyPersonal(models.Model):
    """Personal values of a company's audit row."""

    event = models.OneToOneField(CompanyEvent, models.PROTECT, related_name="personal")
    values = models.JSONField()


class Sealed(models.Model):
    """A link of the chain: digests of rows that stood when it was made, and the digest of the link before.

    ``salts`` stand outside the digest: rewriting personal values replaces a salt, so that nobody can guess them back.
    """

    number = models.PositiveIntegerField()
    sealed_at = models.DateTimeField()
    rows = models.PositiveIntegerField()
    leaves = models.BinaryField()
    salts = models.BinaryField()
    claims = models.JSONField(default=dict)
    previous = models.CharField(max_length=64, blank=True)
    digest = models.CharField(max_length=64)

    class Meta:
        abstract = True


class Seal(Sealed, ProjectRow):
    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(fields=["project", "number"], name="seal_number")]

    @classmethod
    def scope(cls, actor: Actor) -> Q:
        return AuditEvent.scope(actor)


class CompanySeal(Sealed):
    """Also names the heads of the projects' chains: a chain cut short is missed here."""

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(fields=["number"], name="company_seal_number")]


class SealState(models.Model):
    """One row: how far the sealer has come. Whoever seals or rewrites holds it."""

    state = models.JSONField(default=dict)


__all__ = [
    "AuditEvent",
    "AuditPersonal",
    "CompanyEvent",
    "CompanyPersonal",
    "CompanySeal",
    "Kind",
    "Seal",
    "SealState",
    "Sealed",
]
