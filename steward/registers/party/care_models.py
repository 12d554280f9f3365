"""What whoever serves a customer must know: flags of care, each with a reason to look."""

from typing import ClassVar

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from steward.kernel.fields import ProjectForeignKey
from steward.kernel.rows import ProjectRow


class ValueClass(models.TextChoices):
    """客户价值分类: what the firm would lose with this customer. Never decides what a service costs (PIPL §24)."""

    A = "A", _("Class A")
    B = "B", _("Class B")
    C = "C", _("Class C")


class CareKind(models.TextChoices):
    ELDERLY = "elderly", _("Elderly")
    ALONE = "alone", _("Lives alone")
    DISABLED = "disabled", _("Disabled or ill")
    HEARING = "hearing", _("Hard of hearing")
    PHONE_ONLY = "phone_only", _("Only by phone")
    DIALECT = "dialect", _("Speaks dialect")
    CHILD_HELPS = "child_helps", _("A child answers and pays")
    NEWBORN = "newborn", _("Newborn or small child")
    REST = "rest", _("Do not disturb by day")
    ANIMAL = "animal", _("Dog in the home")


#: Health: sensitive (PIPL §28), kept only with the person's own consent (§29).
SENSITIVE: frozenset[str] = frozenset({CareKind.DISABLED, CareKind.HEARING})


class CareFlag(ProjectRow):
    """One reason to serve a customer with care; ``speaker`` is who of us speaks the dialect."""

    customer = ProjectForeignKey("party.Customer", related_name="care_flags")
    kind = models.CharField(max_length=12, choices=CareKind)
    note = models.CharField(max_length=120, blank=True)
    # A staff id without a constraint: workforce stands above this register.
    speaker_staff_id = models.BigIntegerField(null=True, blank=True)
    # The child who answers and pays.
    contact = ProjectForeignKey(
        "party.Contact", null=True, blank=True, related_name="care_flags", on_delete=models.SET_NULL
    )
    since = models.DateTimeField()
    ended_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["project", "customer", "kind"], condition=Q(ended_at__isnull=True), name="care_flag_once"
            ),
        ]
        indexes: ClassVar = [
            models.Index(fields=["project", "kind"], name="care_flag_kind", condition=Q(ended_at__isnull=True)),
        ]


class EncounterKind(models.TextChoices):
    VISIT = "visit", _("Visit")
    CALL = "call", _("Talk on the phone")
    MESSAGE = "message", _("Message")


class Encounter(ProjectRow):
    """We met or spoke outside a case: who, when, what was said."""

    customer = ProjectForeignKey("party.Customer", related_name="encounters")
    kind = models.CharField(max_length=8, choices=EncounterKind)
    note = models.CharField(max_length=300)
    staff_id = models.BigIntegerField(null=True, blank=True)
    staff_name = models.CharField(max_length=60)
    happened_at = models.DateTimeField()

    class Meta:
        indexes: ClassVar = [models.Index(fields=["customer", "-happened_at"], name="encounter_customer")]
