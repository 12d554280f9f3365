"""What a service order knows beyond its case: what was ordered at which told price, and what came of it."""

from typing import ClassVar

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from steward.cases.models import CaseRow
from steward.kernel.fields import MoneyField, ProjectOneToOne


class State(models.TextChoices):
    RECEIVED = "received", pgettext_lazy("service order", "To arrange")
    ARRANGED = "arranged", pgettext_lazy("service order", "Arranged")
    DONE = "done", pgettext_lazy("service order", "Payment and callback")
    CLOSED = "closed", pgettext_lazy("service order", "Closed")
    CANCELLED = "cancelled", _("Cancelled")


class ServiceOrder(CaseRow):
    """``amount`` is what the customer was told and agreed to; the charge never exceeds it."""

    case = ProjectOneToOne("cases.Case", related_name="service_order")
    item_code = models.CharField(max_length=20)
    item_name = models.CharField(max_length=80)
    item_unit = models.CharField(max_length=10)
    unit_price = MoneyField()
    price_version = models.CharField(max_length=20)
    quantity = models.DecimalField(max_digits=9, decimal_places=2)
    amount = MoneyField()
    agreed_by = models.CharField(max_length=60, blank=True)
    wanted_from = models.DateTimeField(null=True, blank=True)
    wanted_until = models.DateTimeField(null=True, blank=True)
    appointment_at = models.DateTimeField(null=True, blank=True)
    accepted_at = models.DateTimeField(null=True, blank=True)
    arrived_at = models.DateTimeField(null=True, blank=True)
    result = models.TextField(blank=True)
    settled_as = models.CharField(max_length=10, blank=True)
    callback_ended_at = models.DateTimeField(null=True, blank=True)
    rating = models.PositiveSmallIntegerField(null=True, blank=True)

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(condition=Q(quantity__gt=0), name="service_order_quantity"),
            models.CheckConstraint(
                condition=Q(wanted_until__isnull=True) | Q(wanted_until__gt=models.F("wanted_from")),
                name="service_order_period",
            ),
        ]
