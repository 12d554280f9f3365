"""What a repair knows beyond its case: who pays, quotes and consents, the work, the amount."""

from typing import ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _

from steward.cases.models import CaseRow
from steward.kernel.fields import MoneyField, ProjectForeignKey, ProjectOneToOne


class State(models.TextChoices):
    RECEIVED = "received", _("To dispatch")
    DISPATCHED = "dispatched", _("To accept")
    ACCEPTED = "accepted", _("To visit")
    ON_SITE = "on_site", _("On site")
    SCOPED = "scoped", _("To quote")
    APPROVING = "approving", _("Price to approve")
    QUOTED = "quoted", _("Waiting for consent")
    AGREED = "agreed", _("Agreed")
    WORKING = "working", _("In progress")
    WAITING = "waiting", _("On hold")
    CHECKING = "checking", _("Work to accept")
    DONE = "done", _("Amount to confirm")
    SETTLING = "settling", _("To pay or call back")
    CLOSED = "closed", _("Completed")
    CANCELLED = "cancelled", _("Cancelled")


class Payer(models.TextChoices):
    """Who pays (DOMAIN-RULES 2.3): decided before anybody is sent."""

    OWNER = "owner", _("Owner")
    ORDERER = "orderer", _("Whoever ordered it")
    COMMON = "common", _("Common parts: the service fee")
    FUND = "fund", _("Maintenance fund")
    DEVELOPER = "developer", _("Developer (warranty)")
    UTILITY = "utility", _("Utility company")


# Payers who are asked for consent and money at the desk.
CUSTOMER_PAYS = frozenset({Payer.OWNER, Payer.ORDERER})


class HoldReason(models.TextChoices):
    PARTS = "parts", _("Waiting for parts")
    CUSTOMER = "customer", _("Customer asked for another time")
    ACCESS = "access", _("Nobody at home")
    WEATHER = "weather", _("Weather")
    THIRD_PARTY = "third_party", _("Waiting for another company")
    CAPACITY = "capacity", _("Nobody free")


class ConsentWay(models.TextChoices):
    SIGNATURE = "signature", _("Signed on the technician's phone")
    LINK = "link", _("Agreed by link")
    PORTAL = "portal", _("Agreed on the residents' page")
    CALL = "call", _("Recorded call")
    FLAT_RATE = "flat_rate", _("Published flat rate accepted at reporting")
    PAPER = "paper", _("Signed on the paper sheet")


class Repair(CaseRow):
    """Typed detail of a repair case; reset where a new round begins."""

    case = ProjectOneToOne("cases.Case", related_name="repair")
    payer = models.CharField(max_length=10, choices=Payer, blank=True)
    payer_name = models.CharField(max_length=80, blank=True)
    # Whose work it was before a rework made it free: nobody but the customer accepts work in the own home.
    first_payer = models.CharField(max_length=10, choices=Payer, blank=True)
    # Told and accepted at reporting: a flat rate is consent to the work, a call-out fee only to the visit.
    flat_rate_code = models.CharField(max_length=20, blank=True)
    flat_rate_name = models.CharField(max_length=80, blank=True)
    flat_rate_kind = models.CharField(max_length=10, blank=True)
    flat_rate_amount = MoneyField(null=True, blank=True)
    appointment_at = models.DateTimeField(null=True, blank=True)
    arrived_at = models.DateTimeField(null=True, blank=True)
    cause = models.TextField(blank=True)
    scope_text = models.TextField(blank=True)
    scope_confirmed_by = models.CharField(max_length=60, blank=True)
    containment = models.TextField(blank=True)
    contained_at = models.DateTimeField(null=True, blank=True)
    quote_version = models.PositiveSmallIntegerField(default=0)
    quote_hash = models.CharField(max_length=64, blank=True)
    quote_total = MoneyField(null=True, blank=True)
    # Consent binds the hash of the quote's version: a changed quote voids it.
    consent_hash = models.CharField(max_length=64, blank=True)
    # Agreed beforehand with the last consent: up to this sum more needs no new one.
    ceiling = MoneyField(null=True, blank=True)
    # Above the company's limit: the sum a manager let go out, and who did.
    approved_total = MoneyField(null=True, blank=True)
    approved_by = models.CharField(max_length=60, blank=True)
    approved_at = models.DateTimeField(null=True, blank=True)
    is_free = models.BooleanField(default=False)
    hold_reason = models.CharField(max_length=12, choices=HoldReason, blank=True)
    resume_state = models.CharField(max_length=20, blank=True)
    work_done = models.TextField(blank=True)
    labour_minutes = models.PositiveIntegerField(null=True, blank=True)
    site_cleaned = models.BooleanField(default=False)
    finished_at = models.DateTimeField(null=True, blank=True)
    amount = MoneyField(null=True, blank=True)
    amount_confirmed_at = models.DateTimeField(null=True, blank=True)
    amount_confirmed_by = models.CharField(max_length=60, blank=True)
    # Common parts have no customer: one of ours, who did not do the work, accepts it.
    checked_at = models.DateTimeField(null=True, blank=True)
    checked_by = models.CharField(max_length=60, blank=True)
    settled_as = models.CharField(max_length=10, blank=True)
    callback_ended_at = models.DateTimeField(null=True, blank=True)
    rating = models.PositiveSmallIntegerField(null=True, blank=True)
    rating_comment = models.TextField(blank=True)

    @property
    def STAFF_ONLY(self) -> frozenset[str]:  # noqa: N802  as every detail calls it
        """The customer hears of a price when it may be agreed to, and not of what is approved inside."""
        waits = State.APPROVING in (self.case.state, self.resume_state)
        inside = {"approved_total", "approved_by", "approved_at", "first_payer"}
        return frozenset(inside | {"quote_total", "quote_hash", "quote_version"} if waits else inside)


class Quote(CaseRow):
    """One version of a quote, made from a published price list; never edited."""

    case = ProjectForeignKey("cases.Case", related_name="quotes")
    version = models.PositiveSmallIntegerField()
    price_list_version = models.CharField(max_length=20)
    total = MoneyField()
    digest = models.CharField(max_length=64)
    made_by = models.CharField(max_length=60)
    made_by_name = models.CharField(max_length=60)
    made_at = models.DateTimeField()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["project", "case", "version"], name="quote_version"),
            models.CheckConstraint(condition=models.Q(total__gte=0), name="quote_not_negative"),
        ]


class QuoteLine(CaseRow):
    case = ProjectForeignKey("cases.Case", related_name="quote_lines")
    quote = ProjectForeignKey(Quote, related_name="lines")
    position = models.PositiveSmallIntegerField()
    code = models.CharField(max_length=20)
    name = models.CharField(max_length=80)
    kind = models.CharField(max_length=10)
    unit = models.CharField(max_length=10)
    quantity = models.DecimalField(max_digits=9, decimal_places=2)
    unit_price = MoneyField()
    amount = MoneyField()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["project", "quote", "position"], name="quote_line_position"),
        ]


class UsedPart(CaseRow):
    """A part that went into the work; what is charged stands in the quote."""

    case = ProjectForeignKey("cases.Case", related_name="used_parts")
    round = models.PositiveSmallIntegerField(default=1)
    position = models.PositiveSmallIntegerField()
    code = models.CharField(max_length=20, blank=True)
    name = models.CharField(max_length=80)
    quantity = models.DecimalField(max_digits=9, decimal_places=2)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["project", "case", "round", "position"], name="used_part_position"),
        ]


class Consent(CaseRow):
    """Who agreed to which quote, how. The consenter may be family or helper; the payer is another matter."""

    case = ProjectForeignKey("cases.Case", related_name="consents")
    quote = ProjectForeignKey(Quote, null=True, related_name="consents")
    quote_hash = models.CharField(max_length=64, blank=True)
    amount = MoneyField()
    ceiling = MoneyField(null=True)
    way = models.CharField(max_length=10, choices=ConsentWay)
    person_name = models.CharField(max_length=60)
    relation = models.CharField(max_length=20)
    call_reference = models.CharField(max_length=60, blank=True)
    signature = ProjectForeignKey("kernel.Attachment", null=True, related_name="+")
    given_at = models.DateTimeField()
    recorded_by = models.CharField(max_length=60)
    round = models.PositiveSmallIntegerField(default=1)

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(condition=models.Q(amount__gte=0), name="consent_not_negative"),
            models.CheckConstraint(
                condition=models.Q(ceiling__isnull=True) | models.Q(ceiling__gte=models.F("amount")),
                name="consent_ceiling_above",
            ),
        ]
