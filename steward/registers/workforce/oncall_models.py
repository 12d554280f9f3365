"""Who is on call: by date and post, with a number that rings at night."""

from typing import ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _

from steward.kernel.rows import ProjectRow


class OnCallPost(models.TextChoices):
    TECHNICIAN = "technician", _("Technician on call")
    SECOND = "second", _("Second technician")
    DESK = "desk", _("Night desk")
    GUARD = "guard", _("Security control room")
    MANAGER = "manager", _("Duty manager")
    LIFT = "lift", _("Lift company")


class OnCall(ProjectRow):
    """One post of one date. The night belongs to the date it began on. Without staff: a company outside.

    The stand-in is rung when the first does not answer.
    """

    date = models.DateField()
    post = models.CharField(max_length=12, choices=OnCallPost)
    staff = models.ForeignKey("workforce.Staff", models.PROTECT, null=True, related_name="+")
    name = models.CharField(max_length=60)
    phone = models.CharField(max_length=30)
    stand_in = models.ForeignKey("workforce.Staff", models.PROTECT, null=True, related_name="+")
    stand_in_name = models.CharField(max_length=60, blank=True)
    stand_in_phone = models.CharField(max_length=30, blank=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["project", "date", "post"], name="on_call_once"),
        ]
