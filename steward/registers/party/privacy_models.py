"""What is kept about the keeping of personal data: who looked, who agreed, who was told, what was asked for."""

from typing import ClassVar

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from steward.kernel.actor import Actor
from steward.kernel.fields import ProjectForeignKey
from steward.kernel.rows import ProjectRow, in_projects


class OfCustomer(ProjectRow):
    """Base of rows about a customer that the customer may see, and nobody else outside the office."""

    class Meta:
        abstract = True

    @classmethod
    def scope(cls, actor: Actor) -> Q:
        if actor.is_resident:
            return in_projects(actor.project_ids) & Q(customer_id__in=[h.customer_id for h in actor.homes])
        return super().scope(actor)


class Change(ProjectRow):
    """A verb done on a customer's file: ``(project, actor, client_uuid)`` makes it safe to repeat.

    What changed stands in the audit (``kernel.audit``).
    """

    customer = ProjectForeignKey("party.Customer", related_name="changes")
    verb = models.CharField(max_length=30)
    actor_key = models.CharField(max_length=60)
    client_uuid = models.UUIDField()
    at = models.DateTimeField()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["project", "actor_key", "client_uuid"], name="party_change_once"),
        ]


class Piece(models.TextChoices):
    """A personal value that is masked until somebody asks."""

    PHONE = "phone", _("Phone number")
    ID_NUMBER = "id_number", _("Identity number")
    EVERYTHING = "everything", _("Everything about the person")


class Purpose(models.TextChoices):
    """What personal data may be used for. The first rests on the contract (PIPL §13): told, not asked."""

    SERVICE = "service", _("Serving under the contract")
    FAMILY = "family", _("Family acts for me")
    CARE = "care", _("Notes on health and care")
    SURVEY = "survey", _("Satisfaction surveys")
    MARKETING = "marketing", _("Advertising messages")
    THIRD_PARTY = "third_party", _("Passing data to others")
    FACE = "face", _("Face recognition at the door")


class How(models.TextChoices):
    PORTAL = "portal", _("On the residents' page")
    PAPER = "paper", _("On paper")
    DESK = "desk", _("At the desk, spoken")
    PHONE = "phone", _("By phone")
    CHAT = "chat", _("By message")


class ConsentRecord(OfCustomer):
    """A line of the ledger: given or withdrawn, never changed. The latest of a purpose counts."""

    customer = ProjectForeignKey("party.Customer", related_name="consents")
    purpose = models.CharField(max_length=12, choices=Purpose)
    is_given = models.BooleanField()
    how = models.CharField(max_length=8, choices=How)
    note = models.CharField(max_length=120, blank=True)
    at = models.DateTimeField()
    recorded_by = models.CharField(max_length=60)

    class Meta:
        indexes: ClassVar = [models.Index(fields=["customer", "purpose", "-at"], name="consent_customer")]


class Basis(models.TextChoices):
    """Why data may be given away (PIPL §13, §23)."""

    CONSENT = "consent", _("Separate consent")
    LAW = "law", _("Duty by law")
    CONTRACT = "contract", _("Needed for the contract")


class Sharing(OfCustomer):
    """Data of a customer were given to somebody outside. Kept three years at least (NDR §12)."""

    customer = ProjectForeignKey("party.Customer", related_name="sharings")
    recipient = models.CharField(max_length=80)
    purpose = models.CharField(max_length=120)
    what = models.CharField(max_length=120)
    basis = models.CharField(max_length=10, choices=Basis)
    at = models.DateTimeField()
    recorded_by = models.CharField(max_length=60)


class RequestKind(models.TextChoices):
    """Rights of the person (PIPL §44-50)."""

    ACCESS = "access", _("See my data")
    CORRECTION = "correction", _("Correct my data")
    ERASURE = "erasure", _("Erase my data")


class RequestState(models.TextChoices):
    OPEN = "open", _("To answer")
    DONE = "done", _("Done")
    REFUSED = "refused", _("Refused")


class DataRequest(OfCustomer):
    """A request of the person about the own data, with its deadline and what came of it."""

    customer = ProjectForeignKey("party.Customer", related_name="data_requests")
    kind = models.CharField(max_length=10, choices=RequestKind)
    text = models.CharField(max_length=500, blank=True)
    how = models.CharField(max_length=8, choices=How)
    state = models.CharField(max_length=8, choices=RequestState, default=RequestState.OPEN)
    asked_at = models.DateTimeField()
    asked_by = models.CharField(max_length=60)
    due_at = models.DateTimeField()
    policy_version = models.CharField(max_length=20)
    answered_at = models.DateTimeField(null=True, blank=True)
    answered_by = models.CharField(max_length=60, blank=True)
    answer = models.CharField(max_length=500, blank=True)
    # What the law makes us keep, and until when: [{"what", "until"}].
    kept = models.JSONField(default=list)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["project", "customer", "kind"], condition=Q(state="open"), name="data_request_open_once"
            ),
        ]
        indexes: ClassVar = [
            models.Index(fields=["project", "due_at"], name="data_request_due", condition=Q(state="open")),
        ]
