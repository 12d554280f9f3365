"""Incidents 事件: one cause, many cases; with what was told to whom, line by line."""

from typing import ClassVar

from django.db import models
from django.db.models import Q
from django.utils.translation import pgettext_lazy

from steward.cases.models import CaseRow, Category, Urgency
from steward.kernel.actor import Actor
from steward.kernel.fields import ProjectForeignKey
from steward.kernel.models import ProjectRow, in_projects
from steward.registers.estate.models import Unit


class Incident(ProjectRow):
    """A place, a cause, and an end that was promised.

    The place narrows down: the whole project (no building), a building, one entrance of it, some of its floors.
    ``cause`` is for the house, ``words`` are for the customers. Clocks of the linked cases stay theirs.
    """

    number = models.CharField(max_length=40)
    title = models.CharField(max_length=80)
    category = models.ForeignKey(Category, models.PROTECT, null=True, blank=True, related_name="+")
    urgency = models.CharField(max_length=2, choices=Urgency, default=Urgency.P1)
    building = ProjectForeignKey("estate.Building", null=True, blank=True, related_name="+")
    entrance = models.CharField(max_length=10, blank=True)
    floor_from = models.SmallIntegerField(null=True, blank=True)
    floor_to = models.SmallIntegerField(null=True, blank=True)
    place = models.CharField(max_length=120)
    cause = models.CharField(max_length=300, blank=True)
    words = models.CharField(max_length=300)
    started_at = models.DateTimeField()
    expected_at = models.DateTimeField(null=True, blank=True)
    handler = models.ForeignKey("workforce.Staff", models.PROTECT, null=True, blank=True, related_name="+")
    # Answers for it until everybody affected is told the end.
    accountable = models.ForeignKey("workforce.Staff", models.PROTECT, null=True, blank=True, related_name="+")
    opened_at = models.DateTimeField()
    closed_at = models.DateTimeField(null=True, blank=True)
    version = models.PositiveIntegerField(default=1)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["project", "number"], name="incident_number"),
            models.CheckConstraint(
                condition=Q(floor_to__isnull=True)
                | Q(floor_from__isnull=True)
                | Q(floor_to__gte=models.F("floor_from")),
                name="incident_floors",
            ),
            models.CheckConstraint(
                condition=Q(closed_at__isnull=True) | Q(closed_at__gte=models.F("started_at")), name="incident_order"
            ),
        ]
        indexes: ClassVar = [
            models.Index(fields=["project", "-opened_at", "-id"], name="incident_project"),
            models.Index(fields=["project"], name="incident_open", condition=Q(closed_at__isnull=True)),
        ]

    @classmethod
    def scope(cls, actor: Actor) -> Q:
        """Residents: those of their own buildings (who lives on which floor is narrowed down in the read)."""
        if not actor.is_resident:
            return super().scope(actor)
        homes = Unit.objects.unscoped().filter(pk__in=[home.unit_id for home in actor.homes])
        mine = Q(building__isnull=True) | Q(building_id__in=homes.values("building_id"))
        return in_projects(actor.project_ids) & mine

    def __str__(self) -> str:
        return self.number


class IncidentCase(CaseRow):
    """A case that has this cause, until somebody finds that it has another."""

    incident = ProjectForeignKey(Incident, related_name="links")
    case = ProjectForeignKey("cases.Case", related_name="incident_links")
    linked_at = models.DateTimeField()
    linked_by_name = models.CharField(max_length=60)
    ended_at = models.DateTimeField(null=True, blank=True)
    ended_why = models.CharField(max_length=200, blank=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["project", "case"], condition=Q(ended_at__isnull=True), name="incident_case_once"
            ),
        ]


class IncidentStep(models.TextChoices):
    OPENED = "opened", pgettext_lazy("incident", "Opened")
    LINKED = "linked", pgettext_lazy("incident", "Case added")
    UNLINKED = "unlinked", pgettext_lazy("incident", "Case taken out")
    ON_SITE = "on_site", pgettext_lazy("incident", "On site")
    UPDATED = "updated", pgettext_lazy("incident", "News")
    CLOSED = "closed", pgettext_lazy("incident", "Over")


#: Steps whose words go to everybody affected.
TOLD = frozenset({IncidentStep.OPENED, IncidentStep.UPDATED, IncidentStep.CLOSED})


class IncidentEntry(ProjectRow):
    """One line of an incident's timeline. (project, actor, client_uuid) makes each request safe to repeat."""

    incident = ProjectForeignKey(Incident, related_name="entries")
    seq = models.PositiveIntegerField()
    step = models.CharField(max_length=10, choices=IncidentStep)
    at = models.DateTimeField()
    actor_key = models.CharField(max_length=60)
    actor_name = models.CharField(max_length=60)
    client_uuid = models.UUIDField()
    payload_hash = models.CharField(max_length=64)
    words = models.CharField(max_length=300, blank=True)
    expected_at = models.DateTimeField(null=True, blank=True)
    case = ProjectForeignKey("cases.Case", null=True, blank=True, related_name="+")
    data = models.JSONField(default=dict)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["project", "incident", "seq"], name="incident_entry_seq"),
            models.UniqueConstraint(fields=["project", "actor_key", "client_uuid"], name="incident_entry_uuid"),
        ]


class KeptApart(CaseRow):
    """Somebody looked at a proposed common cause and said no: this case is not proposed again."""

    case = ProjectForeignKey("cases.Case", related_name="kept_apart")
    at = models.DateTimeField()
    by_key = models.CharField(max_length=60)
    by_name = models.CharField(max_length=60)
    reason = models.CharField(max_length=200, blank=True)

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(fields=["project", "case"], name="kept_apart_once")]
