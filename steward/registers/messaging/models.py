"""How people want to be reached, and the words they are told where a project chose its own."""

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from steward.kernel.actor import Actor
from steward.kernel.models import ProjectRow, in_projects


class Via(models.TextChoices):
    """A way out of the house. The last three are a group's robot, not a person's."""

    SMS = "sms", _("SMS")
    EMAIL = "email", _("E-mail")
    WECOM = "wecom", _("WeCom group")
    DINGTALK = "dingtalk", _("DingTalk group")
    FEISHU = "feishu", _("Feishu group")


class MessageTemplate(models.Model):
    """A text chosen for a node of the organisation (empty = whole company). Append only; the latest counts.

    ``is_preset``: from here on the shipped text again.
    """

    key = models.CharField(max_length=60)
    language = models.CharField(max_length=10, choices=settings.LANGUAGES)
    node = models.ForeignKey("org.Node", models.PROTECT, null=True, blank=True, related_name="+")
    subject = models.CharField(max_length=120, blank=True)
    body = models.TextField(blank=True)
    short = models.CharField(max_length=300, blank=True)
    is_preset = models.BooleanField(default=False)
    note = models.CharField(max_length=200, blank=True)
    set_by = models.CharField(max_length=60)
    set_by_name = models.CharField(max_length=60, blank=True)
    set_at = models.DateTimeField()

    class Meta:
        indexes: ClassVar = [models.Index(fields=["key", "language"], name="template_key")]


class ContactPreference(ProjectRow):
    """How one recipient (``customer:7``, ``staff:3``) is reached outside the app.

    ``channels``: in this order, the next only where the one before fails; empty = as the project does it.
    ``muted``: do not disturb; only what cannot wait leaves the app.
    """

    recipient = models.CharField(max_length=60)
    channels = models.JSONField(default=list, blank=True)
    language = models.CharField(max_length=10, choices=settings.LANGUAGES, blank=True)
    muted = models.BooleanField(default=False)
    updated_by = models.CharField(max_length=60)
    updated_at = models.DateTimeField()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["project", "recipient"], name="preference_once"),
        ]

    @classmethod
    def scope(cls, actor: Actor) -> Q:
        if actor.is_resident:
            mine = [f"customer:{h.customer_id}" for h in actor.homes]
            return in_projects(actor.project_ids) & Q(recipient__in=mine)
        return super().scope(actor)
