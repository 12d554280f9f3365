"""The estate: buildings, units and the words people use for them."""

from typing import ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _

from steward.kernel.fields import ProjectForeignKey
from steward.kernel.models import ProjectRow
from steward.registers.estate.weather_models import RainDay


class UnitKind(models.TextChoices):
    HOME = "home", _("Home")
    OFFICE = "office", _("Office")
    HOTEL = "hotel", _("Hotel")
    SHOP = "shop", _("Shop")
    PARKING = "parking", _("Parking space")


class UnitStatus(models.TextChoices):
    UNSOLD = "unsold", _("Unsold")
    SOLD = "sold", _("Sold")
    HANDED_OVER = "handed_over", _("Handed over")
    FITTING_OUT = "fitting_out", _("Fitting out")
    OCCUPIED = "occupied", _("Occupied")
    LET = "let", _("Let")
    VACANT = "vacant", _("Vacant")


class Building(ProjectRow):
    code = models.CharField(max_length=20)
    name = models.CharField(max_length=60)
    # As people say it, separated by spaces: 听松楼 写字楼. Found by search like the code.
    nicknames = models.CharField(max_length=120, blank=True)
    # The builder's warranty runs from completion acceptance (Quality Regulations §40).
    completed_on = models.DateField(null=True, blank=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["project", "code"], name="building_code"),
        ]

    def __str__(self) -> str:
        return self.name


class Unit(ProjectRow):
    """A room with its notation building–entrance–room, as in ``3-2-1201``."""

    building = ProjectForeignKey(Building, related_name="units")
    entrance = models.CharField(max_length=10, blank=True)
    floor = models.CharField(max_length=10)
    room = models.CharField(max_length=20)
    label = models.CharField(max_length=40)
    kind = models.CharField(max_length=10, choices=UnitKind, default=UnitKind.HOME)
    status = models.CharField(max_length=12, choices=UnitStatus, default=UnitStatus.OCCUPIED)
    # Square metres: as sold 建筑面积, and inside the walls 套内面积.
    area = models.DecimalField(max_digits=10, decimal_places=2, null=True, blank=True)
    inside_area = models.DecimalField(max_digits=10, decimal_places=2, null=True, blank=True)
    # What people call it instead of its number, separated by spaces: 会所 大堂吧.
    nicknames = models.CharField(max_length=120, blank=True)
    handed_over_on = models.DateField(null=True, blank=True)
    # The butler whose area of responsibility 责任区域 this is (a staff id; workforce stands above).
    butler_staff_id = models.BigIntegerField(null=True, blank=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["project", "label"], name="unit_label"),
        ]
        indexes: ClassVar = [models.Index(fields=["project", "building"], name="unit_building")]

    def __str__(self) -> str:
        return self.label


class UnitStatusChange(ProjectRow):
    """A unit came to be something else on a day. Before the first of them it was what ``before`` says."""

    unit = ProjectForeignKey(Unit, related_name="status_changes")
    before = models.CharField(max_length=12, choices=UnitStatus)
    after = models.CharField(max_length=12, choices=UnitStatus)
    on = models.DateField()
    note = models.CharField(max_length=120, blank=True)
    recorded_by = models.CharField(max_length=60)
    recorded_by_name = models.CharField(max_length=60)
    recorded_at = models.DateTimeField()
    client_uuid = models.UUIDField()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["project", "unit", "client_uuid"], name="unit_status_once"),
        ]
        indexes: ClassVar = [models.Index(fields=["unit", "on"], name="unit_status_on")]


__all__ = ["Building", "RainDay", "Unit", "UnitKind", "UnitStatus"]
