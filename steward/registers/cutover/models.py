"""Taking over a company's own lists: each import with its file, what it found and every row it touched."""

from typing import ClassVar

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from steward.kernel.actor import Actor, Role
from steward.kernel.fields import ProjectForeignKey
from steward.kernel.models import ProjectRow, in_projects

#: A company's whole list of customers with their phones: for whoever answers for the project.
IMPORTERS = (Role.MANAGER, Role.REGION, Role.HQ)


class ImportState(models.TextChoices):
    CHECKING = "checking", _("Being checked")
    FAULTY = "faulty", _("Has errors")
    READY = "ready", _("Checked, waits for your word")
    LOADING = "loading", _("Being loaded")
    LOADED = "loaded", _("Loaded, search follows")
    DONE = "done", _("Loaded")
    DROPPED = "dropped", _("Dropped")
    UNDOING = "undoing", _("Being undone")
    UNDONE = "undone", _("Undone")


class ImporterRow(ProjectRow):
    class Meta:
        abstract = True

    @classmethod
    def scope(cls, actor: Actor) -> Q:
        return Q() if actor.is_system else in_projects(actor.projects_with(*IMPORTERS))


class ImportRun(ImporterRow):
    """One workbook on its way in. ``found`` is what the check counted (see ``plan.summary``)."""

    name = models.CharField(max_length=200)
    digest = models.CharField(max_length=64)
    state = models.CharField(max_length=10, choices=ImportState, default=ImportState.CHECKING)
    language = models.CharField(max_length=10, default="zh-hans")
    found = models.JSONField(default=dict)
    # Why the last step was refused: a sentence, and the rows that newer facts hang on.
    refused = models.JSONField(default=list)
    given_by = models.CharField(max_length=60)
    given_by_name = models.CharField(max_length=60)
    given_at = models.DateTimeField()
    confirmed_at = models.DateTimeField(null=True, blank=True)
    loaded_at = models.DateTimeField(null=True, blank=True)
    undone_by_name = models.CharField(max_length=60, blank=True)
    undone_at = models.DateTimeField(null=True, blank=True)
    client_uuid = models.UUIDField()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["project", "given_by", "client_uuid"], name="import_once"),
        ]
        indexes: ClassVar = [models.Index(fields=["project", "-id"], name="import_latest")]


class FileKind(models.TextChoices):
    GIVEN = "given", _("As given")
    ANNOTATED = "annotated", _("With the errors")


class ImportFile(ImporterRow):
    """A workbook of an import; apart from the run, so that lists do not read megabytes."""

    run = ProjectForeignKey(ImportRun, related_name="files")
    kind = models.CharField(max_length=10, choices=FileKind)
    content = models.BinaryField()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["project", "run", "kind"], name="import_file_once"),
        ]


class ImportChange(ImporterRow):
    """What an import wrote, some thousand rows at a time, packed: the way back.

    ``content``: see ``journal``. ``made``: rows that are new; else rows that were changed, with what stood before.
    """

    run = ProjectForeignKey(ImportRun, related_name="changes")
    seq = models.PositiveIntegerField()
    table = models.CharField(max_length=40)
    made = models.BooleanField()
    content = models.BinaryField()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["project", "run", "seq"], name="import_change_seq"),
        ]
