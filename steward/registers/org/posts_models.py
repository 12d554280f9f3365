"""Departments under each place of the organisation, and the catalogue of posts 岗位 (MISSION ORG-1, ORG-2)."""

from typing import ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _


class DepartmentKind(models.TextChoices):
    SERVICE = "service", _("Service centre")
    ENGINEERING = "engineering", _("Engineering")
    SECURITY = "security", _("Security")
    ENVIRONMENT = "environment", _("Environment")
    FINANCE = "finance", _("Finance")
    HR = "hr", _("Human resources")


class Department(models.Model):
    """One of the six departments of a node: head office, a region or a project has its own. A reference row."""

    node = models.ForeignKey("org.Node", models.PROTECT, related_name="departments")
    kind = models.CharField(max_length=12, choices=DepartmentKind)
    name = models.CharField(max_length=60)

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(fields=["node", "kind"], name="department_once")]

    def __str__(self) -> str:
        return self.name


class Post(models.Model):
    """A post of the catalogue: what its holder does, decides and must bring along. A reference row.

    ``roles`` are granted with the post, from the day of the assignment to its end.
    """

    code = models.CharField(max_length=30, unique=True)
    name = models.CharField(max_length=40)
    name_en = models.CharField(max_length=60)
    department = models.CharField(max_length=12, choices=DepartmentKind)
    duties = models.TextField()
    authority = models.TextField(blank=True)
    qualifications = models.TextField(blank=True)
    reports_to = models.ForeignKey("self", models.PROTECT, null=True, blank=True, related_name="reports")
    roles = models.JSONField(default=list)
    position = models.PositiveSmallIntegerField(default=0)
    is_active = models.BooleanField(default=True)

    def __str__(self) -> str:
        return self.name
