"""Staff, as far as work needs them: who, where, with which skills."""

from typing import ClassVar

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from steward.kernel.actor import Actor
from steward.kernel.fields import ProjectForeignKey
from steward.kernel.models import ProjectRow, in_projects
from steward.registers.party.models import office_projects


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
    department = models.ForeignKey("org.Department", models.PROTECT, null=True, blank=True, related_name="staff")
    is_active = models.BooleanField(default=True)
    hired_at = models.DateTimeField(null=True, blank=True)
    left_at = models.DateTimeField(null=True, blank=True)
    # Of the form that took the colleague on: sent twice, it is one colleague.
    client_uuid = models.UUIDField(null=True, blank=True, unique=True)

    class Meta:
        indexes: ClassVar = [models.Index(fields=["node"], name="staff_node")]

    def __str__(self) -> str:
        return self.name


class Area(ProjectRow):
    """A butler's area of responsibility 责任区域, half-open in time: a building, one of its entrances, one floor of it.

    ``entrance`` and ``floor`` empty: all of them. While ``covered`` the stand-in does the butler's work.
    """

    building = ProjectForeignKey("estate.Building", related_name="areas")
    entrance = models.CharField(max_length=10, blank=True)
    floor = models.CharField(max_length=10, blank=True)
    butler = models.ForeignKey(Staff, models.PROTECT, related_name="+")
    stand_in = models.ForeignKey(Staff, models.PROTECT, null=True, blank=True, related_name="+")
    covered = models.BooleanField(default=False)
    # The stand-in's days, half-open: on the second the butler is back.
    cover_from = models.DateField(null=True, blank=True)
    cover_until = models.DateField(null=True, blank=True)
    since = models.DateTimeField()
    until = models.DateTimeField(null=True, blank=True)
    set_by = models.CharField(max_length=60)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["project", "building", "entrance", "floor"], condition=Q(until__isnull=True), name="area_once"
            ),
        ]

    @property
    def acting_id(self) -> int:
        """Who does the work just now."""
        return self.stand_in_id if self.covered and self.stand_in_id else self.butler_id


class Trade(models.TextChoices):
    CLEANING = "cleaning", _("Cleaning")
    GREENING = "greening", _("Greening")
    PEST = "pest", _("Pest control")
    LIFT = "lift", _("Lift maintenance")
    FIRE = "fire", _("Fire systems")
    GUARD = "guard", _("Guarding")
    WASTE = "waste", _("Waste removal")
    OTHER = "other", _("Other trade")


class Contractor(ProjectRow):
    """A firm that works for a project 外判单位: what it does, until when, and who is insured how."""

    name = models.CharField(max_length=80)
    trade = models.CharField(max_length=10, choices=Trade)
    scope_of_work = models.TextField(blank=True)
    contract_no = models.CharField(max_length=40, blank=True)
    contract_from = models.DateField()
    contract_until = models.DateField()
    insurer = models.CharField(max_length=80, blank=True)
    policy_no = models.CharField(max_length=60, blank=True)
    insured_until = models.DateField(null=True, blank=True)
    contact = models.CharField(max_length=60, blank=True)
    phone = models.CharField(max_length=20, blank=True)
    ended_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["project", "name", "trade", "contract_from"], name="contractor_once"),
            models.CheckConstraint(condition=Q(contract_until__gte=models.F("contract_from")), name="contractor_dates"),
        ]

    def __str__(self) -> str:
        return self.name


class ContractorStaff(ProjectRow):
    """Somebody the contractor sends: name, duty, and the certificate that the duty asks for."""

    contractor = ProjectForeignKey(Contractor, related_name="staff")
    name = models.CharField(max_length=60)
    duty = models.CharField(max_length=60, blank=True)
    phone = models.CharField(max_length=20, blank=True)
    certificate = models.CharField(max_length=80, blank=True)
    certified_until = models.DateField(null=True, blank=True)
    left_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["project", "contractor", "name", "phone"], name="contractor_staff_once"),
        ]


class Commendation(ProjectRow):
    """Praise in the record of a person or a team. ``source`` is the case it came from."""

    staff = models.ForeignKey(Staff, models.PROTECT, null=True, blank=True, related_name="commendations")
    team = models.CharField(max_length=80, blank=True)
    source = models.CharField(max_length=40)
    text = models.TextField()
    at = models.DateTimeField()

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(fields=["project", "source"], name="commendation_source")]
        indexes: ClassVar = [models.Index(fields=["staff", "-at"], name="commendation_staff")]

    @classmethod
    def scope(cls, actor: Actor) -> Q:
        """The office of the project, and whoever was praised."""
        if actor.is_system:
            return Q()
        mine = Q(staff_id=actor.staff_id) if actor.staff_id is not None else Q(pk__in=[])
        return mine | in_projects(office_projects(actor) if actor.is_staff else frozenset())


from steward.registers.workforce import absence_models, papers_models, posts_models  # noqa: E402, F401
from steward.registers.workforce.oncall_models import OnCall, OnCallPost  # noqa: E402, F401  one module a subject
