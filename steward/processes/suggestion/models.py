"""What a suggestion knows beyond its case."""

from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from steward.cases.models import CaseRow
from steward.kernel.fields import ProjectOneToOne


class State(models.TextChoices):
    RECEIVED = "received", pgettext_lazy("suggestion", "To route")
    ROUTED = "routed", pgettext_lazy("suggestion", "To decide")
    ANSWERED = "answered", _("Answered")
    CANCELLED = "cancelled", pgettext_lazy("suggestion", "Withdrawn")


class Decision(models.TextChoices):
    ADOPTED = "adopted", pgettext_lazy("suggestion", "Adopted")
    PARTLY = "partly", pgettext_lazy("suggestion", "Partly adopted")
    LATER = "later", pgettext_lazy("suggestion", "Looked at again later")
    DECLINED = "declined", pgettext_lazy("suggestion", "Not adopted, with reasons")


class Suggestion(CaseRow):
    case = ProjectOneToOne("cases.Case", related_name="suggestion")
    responsible_unit = models.CharField(max_length=80, blank=True)
    decision = models.CharField(max_length=8, choices=Decision, blank=True)
