"""The weather log of a project: rain by local day."""

from typing import ClassVar

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from steward.kernel.models import ProjectRow


class RainSource(models.TextChoices):
    TYPED = "typed", pgettext_lazy("weather", "Typed in")
    FILE = "file", pgettext_lazy("weather", "File")
    FEED = "feed", _("Weather service")


class RainDay(ProjectRow):
    """Precipitation of one local day in millimetres. Corrections stand in the audit."""

    day = models.DateField()
    millimetres = models.DecimalField(max_digits=6, decimal_places=1)
    source = models.CharField(max_length=6, choices=RainSource)
    entered_at = models.DateTimeField()
    entered_by_name = models.CharField(max_length=60, blank=True)
    # When it was announced as rain; whoever waits for rain has heard of this day.
    announced_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["project", "day"], name="rain_day"),
            models.CheckConstraint(condition=Q(millimetres__gte=0) & Q(millimetres__lte=2000), name="rain_millimetres"),
        ]
