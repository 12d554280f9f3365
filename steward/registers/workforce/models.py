"""Staff, as far as work needs them: who, where, with which skills."""

from typing import ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _


class Skill(models.TextChoices):
    PLUMBING = "plumbing", _("Plumbing")
    ELECTRICAL = "electrical", _("Electrical")
    HVAC = "hvac", _("Heating and air-conditioning")
    CARPENTRY = "carpentry", _("Doors and carpentry")
    MASONRY = "masonry", _("Masonry and waterproofing")


class Staff(models.Model):
    """A member of staff: a reference row; the sign-in stands apart without a constraint."""

    node = models.ForeignKey("org.Node", models.PROTECT, related_name="+")
    user_id = models.BigIntegerField(null=True, blank=True, unique=True)
    name = models.CharField(max_length=60)
    post = models.CharField(max_length=60, blank=True)
    phone = models.CharField(max_length=20, blank=True)
    email = models.EmailField(blank=True)
    skills = models.JSONField(default=list)
    is_active = models.BooleanField(default=True)

    class Meta:
        indexes: ClassVar = [models.Index(fields=["node"], name="staff_node")]

    def __str__(self) -> str:
        return self.name
