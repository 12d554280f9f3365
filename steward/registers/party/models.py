"""Customers 业户: persons and companies, their occupancies, and the keys they are found by."""

from datetime import datetime
from typing import ClassVar

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from steward.kernel.actor import FIELD_ONLY, Actor, HomeRole
from steward.kernel.fields import ProjectForeignKey
from steward.kernel.models import ProjectRow, in_projects
from steward.kernel.sealed import SealedField
from steward.registers.party.care_models import CareFlag, CareKind, Encounter, EncounterKind, ValueClass
from steward.registers.party.privacy_models import (
    Change,
    ConsentRecord,
    DataRequest,
    How,
    Piece,
    Purpose,
    Sharing,
)


class Person(models.Model):
    """Identity: the human behind customers of several projects. No business data here."""

    name = models.CharField(max_length=60)
    phone = models.CharField(max_length=20, blank=True, db_index=True)
    email = models.EmailField(blank=True)
    user_id = models.BigIntegerField(null=True, blank=True)

    def __str__(self) -> str:
        return self.name


class CustomerKind(models.TextChoices):
    PERSON = "person", _("Person")
    COMPANY = "company", _("Company")


class Customer(ProjectRow):
    kind = models.CharField(max_length=10, choices=CustomerKind, default=CustomerKind.PERSON)
    person = models.ForeignKey(Person, models.PROTECT, null=True, blank=True, related_name="customers")
    name = models.CharField(max_length=80)
    phone = models.CharField(max_length=20, blank=True)
    email = models.EmailField(blank=True)
    # What whoever serves this customer must know: hard of hearing, dialect, a daughter to call.
    care_note = models.CharField(max_length=120, blank=True)
    salutation = models.CharField(max_length=40, blank=True)
    # When and how to reach the customer, in the customer's own words.
    reach_note = models.CharField(max_length=120, blank=True)
    # Identity card or credit code: sealed; found again by its fingerprint.
    id_number = SealedField(blank=True, default="")
    id_found_by = models.CharField(max_length=32, blank=True, default="")
    value_class = models.CharField(max_length=1, choices=ValueClass, blank=True)
    # Key customers 重点顾客: a plan, somebody responsible (a staff id), the day to look at it again.
    is_key = models.BooleanField(default=False)
    key_plan = models.CharField(max_length=300, blank=True)
    key_staff_id = models.BigIntegerField(null=True, blank=True)
    key_review_on = models.DateField(null=True, blank=True)
    erased_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        indexes: ClassVar = [
            models.Index(fields=["project", "phone"], name="customer_phone"),
            models.Index(fields=["project", "id_found_by"], name="customer_id_number", condition=~Q(id_found_by="")),
            models.Index(fields=["project", "id"], name="customer_key", condition=Q(is_key=True)),
        ]

    @classmethod
    def scope(cls, actor: Actor) -> Q:
        if actor.is_resident:
            return in_projects(actor.project_ids) & Q(pk__in=[h.customer_id for h in actor.homes])
        return super().scope(actor)

    def __str__(self) -> str:
        return self.name


class Use(models.TextChoices):
    """What a contact is there for."""

    EVERYDAY = "everyday", _("Everyday matters")
    EMERGENCY = "emergency", _("Emergencies")
    BILLS = "bills", _("Bills and payment")
    ACCESS = "access", _("Opens the door")


class Contact(ProjectRow):
    """Another person to reach for a customer: a daughter, a secretary. ``uses`` says what for.

    ``may_consent`` follows the power of attorney in force (``party.powers``).
    """

    customer = ProjectForeignKey(Customer, related_name="contacts")
    name = models.CharField(max_length=60)
    relation = models.CharField(max_length=20)
    phone = models.CharField(max_length=20, blank=True)
    may_consent = models.BooleanField(default=False)
    uses = models.JSONField(default=list)


class Matter(models.TextChoices):
    """What somebody may settle for somebody else."""

    QUOTES = "quotes", _("Agree to quotes")
    PAYMENT = "payment", _("Pay and settle bills")
    GOODS = "goods", _("Let goods leave")
    KEYS = "keys", _("Receive keys and papers")


class PowerOfAttorney(ProjectRow):
    """Who may agree for a customer, in what, until when (half-open). Kept as evidence after its end."""

    customer = ProjectForeignKey(Customer, related_name="powers")
    contact = ProjectForeignKey(Contact, null=True, blank=True, related_name="powers", on_delete=models.SET_NULL)
    agent_name = models.CharField(max_length=60)
    matters = models.JSONField(default=list)
    how = models.CharField(max_length=8, choices=How)
    since = models.DateTimeField()
    until = models.DateTimeField(null=True, blank=True)
    ended_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["project", "contact"],
                condition=Q(ended_at__isnull=True, contact__isnull=False),
                name="power_of_contact_once",
            ),
            models.CheckConstraint(
                condition=Q(until__isnull=True) | Q(until__gt=models.F("since")), name="power_order"
            ),
        ]
        indexes: ClassVar = [
            models.Index(fields=["until"], name="power_ends", condition=Q(ended_at__isnull=True, until__isnull=False)),
        ]


class Vehicle(ProjectRow):
    """A customer's car, by its plate: whoever calls about it is found."""

    customer = ProjectForeignKey(Customer, related_name="vehicles")
    plate = models.CharField(max_length=12)
    note = models.CharField(max_length=60, blank=True)
    since = models.DateTimeField()
    ended_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["project", "plate"], condition=Q(ended_at__isnull=True), name="vehicle_plate_once"
            ),
        ]


class Occupancy(ProjectRow):
    """A customer's dated tie to a unit; half-open [since, until)."""

    unit = ProjectForeignKey("estate.Unit", related_name="occupancies")
    customer = ProjectForeignKey(Customer, related_name="occupancies")
    role = models.CharField(max_length=10, choices=HomeRole)
    since = models.DateTimeField()
    until = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["project", "unit", "customer", "role"], condition=Q(until__isnull=True), name="occupancy_once"
            ),
            models.CheckConstraint(
                condition=Q(until__isnull=True) | Q(until__gt=models.F("since")), name="occupancy_order"
            ),
        ]


def living(at: datetime, via: str = "") -> Q:
    """Ties in force at an instant; ``via``: the way to them. A day ahead, of moving in or out, changes nothing yet."""
    name = f"{via}__" if via else ""
    still = Q(**{f"{name}until__isnull": True}) | Q(**{f"{name}until__gt": at})
    return Q(**{f"{name}since__lte": at}) & still


def office_projects(actor: Actor) -> frozenset[int]:
    """Projects in which a member of staff holds a role beyond field work.

    Whoever only works in the field finds rooms and their own work, not customers by name or phone.
    """
    return frozenset(p for g in actor.grants if g.role not in FIELD_ONLY for p in g.projects)


class SearchKey(ProjectRow):
    """One way to find a unit or customer: room in any wording, name, pinyin, phone or its tail.

    Looked up by prefix inside a project; kept by ``party.search``. The key is UTF-8 in a binary
    column: both databases then compare it byte by byte, so that a prefix is a range of the index
    whatever collation the database was made with, and under a prepared plan too.
    """

    key = models.BinaryField(max_length=120)
    kind = models.CharField(max_length=10)
    unit = ProjectForeignKey("estate.Unit", null=True, related_name="+", on_delete=models.CASCADE)
    customer = ProjectForeignKey(Customer, null=True, related_name="+", on_delete=models.CASCADE)

    class Meta:
        indexes: ClassVar = [models.Index(fields=["project", "key"], name="search_key_prefix")]

    @classmethod
    def scope(cls, actor: Actor) -> Q:
        """Staff alone search; field staff find rooms, not people."""
        if actor.is_system:
            return Q()
        if not actor.is_staff:
            return Q(pk__in=[])
        office = office_projects(actor)
        field = actor.project_ids - office
        rooms = in_projects(field) & Q(customer__isnull=True)
        if not office:
            return rooms
        return (in_projects(office) | rooms) if field else in_projects(office)


__all__ = [
    "CareFlag",
    "CareKind",
    "Change",
    "ConsentRecord",
    "Contact",
    "Customer",
    "CustomerKind",
    "DataRequest",
    "Encounter",
    "EncounterKind",
    "How",
    "Matter",
    "Occupancy",
    "Person",
    "Piece",
    "PowerOfAttorney",
    "Purpose",
    "SearchKey",
    "Sharing",
    "Use",
    "ValueClass",
    "Vehicle",
    "office_projects",
]
