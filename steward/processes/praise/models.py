"""Whom the praise is for."""

from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from steward.cases.models import CaseRow
from steward.kernel.fields import ProjectOneToOne


class State(models.TextChoices):
    RECEIVED = "received", pgettext_lazy("praise", "To pass on")
    PASSED_ON = "passed_on", pgettext_lazy("praise", "Passed on")


class Gift(models.TextChoices):
    """What came with the words."""

    WORDS = "words", pgettext_lazy("praise", "In words")
    LETTER = "letter", pgettext_lazy("praise", "Letter of thanks")
    BANNER = "banner", pgettext_lazy("praise", "Silk banner")
    GIFT = "gift", pgettext_lazy("praise", "Gift, handed in")


class Praise(CaseRow):
    """``about`` is what the customer said of whom it is for; ``staff`` is who it turned out to be."""

    case = ProjectOneToOne("cases.Case", related_name="praise")
    about = models.CharField(max_length=80, blank=True)
    way = models.CharField(max_length=6, choices=Gift, default=Gift.WORDS)
    staff = models.ForeignKey("workforce.Staff", models.PROTECT, null=True, blank=True, related_name="+")
    team = models.CharField(max_length=80, blank=True)
    verified = models.TextField(_("What happened"), blank=True)
