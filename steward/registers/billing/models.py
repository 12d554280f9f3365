"""Money: price lists with versions, charges, payments, receipts, and a ledger that balances."""

from typing import ClassVar

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from steward.kernel.actor import Actor
from steward.kernel.fields import MoneyField, ProjectForeignKey
from steward.kernel.models import ProjectRow, in_projects


class ItemKind(models.TextChoices):
    LABOUR = "labour", _("Labour")
    PART = "part", _("Part")
    CALL_OUT = "call_out", _("Call-out fee")
    FLAT = "flat", _("Flat rate")
    SERVICE = "service", _("Service on request")


class PriceList(models.Model):
    """A published version of prices for a place; never edited, only followed by the next.

    ``follows_above``: what it does not name holds here as in the list of the place above; without items, all does.
    ``is_carried``: made anew because something before it changed; nobody decided it by itself.
    """

    node = models.ForeignKey("org.Node", models.PROTECT, related_name="+")
    version = models.CharField(max_length=20)
    effective_from = models.DateTimeField()
    published_by = models.CharField(max_length=60)
    published_at = models.DateTimeField(null=True, blank=True)
    note = models.CharField(max_length=200, blank=True)
    follows_above = models.BooleanField(default=False)
    is_carried = models.BooleanField(default=False)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["node", "version"], name="price_list_version"),
        ]


class PriceItem(models.Model):
    """``is_withdrawn``: the place above has the item, this place takes it off; the words are those of above."""

    price_list = models.ForeignKey(PriceList, models.PROTECT, related_name="items")
    code = models.CharField(max_length=20)
    name = models.CharField(max_length=80)
    kind = models.CharField(max_length=10, choices=ItemKind)
    unit = models.CharField(max_length=10)
    price = MoneyField()
    category = models.CharField(max_length=20, blank=True)
    warranty_months = models.PositiveSmallIntegerField(default=0)
    is_withdrawn = models.BooleanField(default=False)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["price_list", "code"], name="price_item_code"),
            models.CheckConstraint(condition=Q(price__gte=0), name="price_not_negative"),
        ]


class ChargeState(models.TextChoices):
    OPEN = "open", _("To be paid")
    PAID = "paid", _("Paid")
    WAIVED = "waived", _("Waived")
    BILLED = "billed", _("On the next bill")


class Charge(ProjectRow):
    """An amount somebody owes. ``source`` names where it came from (a case number)."""

    source_kind = models.CharField(max_length=20)
    source = models.CharField(max_length=40)
    round = models.PositiveSmallIntegerField(default=1)
    unit = ProjectForeignKey("estate.Unit", null=True, blank=True, related_name="charges")
    customer = ProjectForeignKey("party.Customer", null=True, blank=True, related_name="charges")
    payer_name = models.CharField(max_length=80)
    description = models.CharField(max_length=200)
    amount = MoneyField()
    state = models.CharField(max_length=10, choices=ChargeState, default=ChargeState.OPEN)
    raised_at = models.DateTimeField()
    raised_by = models.CharField(max_length=60)
    settled_at = models.DateTimeField(null=True, blank=True)
    settled_reason = models.CharField(max_length=200, blank=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["project", "source_kind", "source", "round"], name="charge_source"),
            models.CheckConstraint(condition=Q(amount__gt=0), name="charge_positive"),
        ]
        indexes: ClassVar = [
            models.Index(fields=["project", "-raised_at"], name="charge_open", condition=Q(settled_at__isnull=True)),
        ]

    @classmethod
    def scope(cls, actor: Actor) -> Q:
        if actor.is_resident:
            return in_projects(actor.project_ids) & Q(customer_id__in=[h.customer_id for h in actor.homes])
        return super().scope(actor)


class ChargeLine(ProjectRow):
    charge = ProjectForeignKey(Charge, related_name="lines", on_delete=models.CASCADE)
    position = models.PositiveSmallIntegerField()
    name = models.CharField(max_length=80)
    quantity = models.DecimalField(max_digits=9, decimal_places=2)
    unit_price = MoneyField()
    amount = MoneyField()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["project", "charge", "position"], name="charge_line_position"),
        ]


class Method(models.TextChoices):
    CASH = "cash", _("Cash")
    WECHAT = "wechat", _("WeChat Pay")
    ALIPAY = "alipay", _("Alipay")
    POS = "pos", _("Bank card")
    TRANSFER = "transfer", _("Bank transfer")


class Payment(ProjectRow):
    """Money taken by a cashier for one charge. One charge is paid once: the database says so."""

    charge = ProjectForeignKey(Charge, related_name="payments")
    method = models.CharField(max_length=10, choices=Method)
    amount = MoneyField()
    tendered = MoneyField(null=True, blank=True)
    payer_name = models.CharField(max_length=80)
    reference = models.CharField(max_length=60, blank=True)
    taken_by = models.CharField(max_length=60)
    taken_by_name = models.CharField(max_length=60)
    taken_at = models.DateTimeField()
    client_uuid = models.UUIDField()
    voided_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["project", "taken_by", "client_uuid"], name="payment_once"),
            models.UniqueConstraint(
                fields=["project", "charge"], condition=Q(voided_at__isnull=True), name="charge_paid_once"
            ),
            models.CheckConstraint(condition=Q(amount__gt=0), name="payment_positive"),
        ]


class ReceiptCounter(models.Model):
    """Serials without gaps: one row per project, locked while a receipt is written."""

    project = models.OneToOneField("org.Node", models.PROTECT, primary_key=True, related_name="+")
    last = models.PositiveIntegerField(default=0)


class Receipt(ProjectRow):
    serial = models.PositiveIntegerField()
    payment = ProjectForeignKey(Payment, related_name="receipts")
    issued_at = models.DateTimeField()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["project", "serial"], name="receipt_serial"),
            models.UniqueConstraint(fields=["project", "payment"], name="receipt_payment"),
        ]


class Account(models.TextChoices):
    RECEIVABLE = "receivable", _("Receivable")
    INCOME = "income", _("Income from paid repairs")
    CASH = "cash", _("Cash")
    BANK = "bank", _("Bank and online")
    WAIVED = "waived", _("Waived")


class LedgerEntry(ProjectRow):
    """A balanced posting: its lines sum to zero (debit positive, credit negative)."""

    event = models.CharField(max_length=80)
    posted_at = models.DateTimeField()
    posted_by = models.CharField(max_length=60)
    memo = models.CharField(max_length=200, blank=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["project", "event"], name="ledger_event_once"),
        ]


class LedgerLine(ProjectRow):
    entry = ProjectForeignKey(LedgerEntry, related_name="lines")
    account = models.CharField(max_length=12, choices=Account)
    charge = ProjectForeignKey(Charge, null=True, related_name="ledger_lines")
    amount = MoneyField()
