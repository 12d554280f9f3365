"""Papers of a contractor: the contract as signed, policies, certificates and identity papers of those it sends."""

from typing import ClassVar

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from steward.kernel.actor import Actor, Role
from steward.kernel.fields import ProjectForeignKey
from steward.kernel.models import ProjectRow, in_projects
from steward.registers.party.models import office_projects

#: Who keeps contractors, and reads what is between the firm and us, or personal.
KEEPING = (Role.MANAGER, Role.REGION, Role.HQ)


class PaperKind(models.TextChoices):
    CONTRACT = "contract", _("Contract")
    INSURANCE = "insurance", _("Insurance policy")
    CERTIFICATE = "certificate", pgettext_lazy("paper", "Certificate")
    IDENTITY = "identity", _("Identity paper")


#: Papers of a person: whoever opens one is written down.
PERSONAL = (PaperKind.CERTIFICATE, PaperKind.IDENTITY)
#: For the office; the rest is the keepers' alone.
OPEN = (PaperKind.INSURANCE, PaperKind.CERTIFICATE)


class ContractorPaper(ProjectRow):
    """One paper of some pages. The next of its kind takes its place; the line is never deleted.

    ``erased_at``: when the files of its pages went, their time being over.
    """

    contractor = ProjectForeignKey("workforce.Contractor", related_name="papers")
    person = ProjectForeignKey("workforce.ContractorStaff", null=True, blank=True, related_name="papers")
    kind = models.CharField(max_length=12, choices=PaperKind)
    valid_until = models.DateField(null=True, blank=True)
    added_at = models.DateTimeField()
    added_by = models.CharField(max_length=60)
    added_name = models.CharField(max_length=60)
    client_uuid = models.UUIDField()
    # In force no more, and why: empty where the next paper took its place.
    ended_at = models.DateTimeField(null=True, blank=True)
    end_reason = models.CharField(max_length=300, blank=True)
    erased_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["project", "added_by", "client_uuid"], name="contractor_paper_once"),
            models.UniqueConstraint(
                fields=["project", "contractor", "kind"],
                condition=Q(ended_at__isnull=True, person__isnull=True),
                name="contractor_paper_one_in_force",
            ),
            models.UniqueConstraint(
                fields=["project", "person", "kind"],
                condition=Q(ended_at__isnull=True, person__isnull=False),
                name="contractor_paper_one_of_person",
            ),
            models.CheckConstraint(
                condition=Q(kind__in=PERSONAL, person__isnull=False) | (~Q(kind__in=PERSONAL) & Q(person__isnull=True)),
                name="contractor_paper_of",
            ),
        ]

    @property
    def is_personal(self) -> bool:
        return self.kind in PERSONAL

    @classmethod
    def scope(cls, actor: Actor) -> Q:
        if actor.is_system:
            return Q()
        if not actor.is_staff:
            return Q(pk__in=[])
        keeps = in_projects(actor.projects_with(*KEEPING))
        return keeps | (in_projects(office_projects(actor)) & Q(kind__in=OPEN))


class ContractorPage(ProjectRow):
    """A page, or a file of several."""

    paper = ProjectForeignKey(ContractorPaper, related_name="pages")
    attachment = ProjectForeignKey("kernel.Attachment", related_name="+")
    number = models.PositiveSmallIntegerField()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["project", "paper", "number"], name="contractor_page_once"),
        ]

    @classmethod
    def scope(cls, actor: Actor) -> Q:
        """Through its paper."""
        return Q(paper__in=ContractorPaper.objects.visible_to(actor))
