"""What was answered from."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from steward.cases.models import CaseRow
from steward.kernel.fields import ProjectOneToOne


class State(models.TextChoices):
    RECEIVED = "received", _("To answer")
    PASSED_ON = "passed_on", _("Being looked into")
    ANSWERED = "answered", _("Answered")


class Inquiry(CaseRow):
    """``article``: where the answer stood in the knowledge base; ``at_first_contact``: nobody had to call back."""

    case = ProjectOneToOne("cases.Case", related_name="inquiry")
    article = models.ForeignKey("knowledge.Article", models.PROTECT, null=True, blank=True, related_name="+")
    at_first_contact = models.BooleanField(default=False)
