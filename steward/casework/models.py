"""What stands beside a case: pictures, refused replays, links for its customer."""

from typing import ClassVar

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext, pgettext_lazy
from django.utils.translation import gettext_lazy as _

from steward.cases.models import Case, CaseRow, Category, Channel
from steward.kernel.actor import Actor, Role
from steward.kernel.clocks.row import ClockRow
from steward.kernel.fields import ProjectForeignKey
from steward.kernel.models import ProjectRow, in_projects
from steward.registers.org.tree import place
from steward.registers.workforce.people import name_of


class CaseFile(CaseRow):
    """A photo or paper of a case, under a label (before, after, signature …)."""

    case = ProjectForeignKey(Case, related_name="files")
    attachment = ProjectForeignKey("kernel.Attachment", related_name="+")
    label = models.CharField(max_length=12)
    seq = models.PositiveIntegerField()
    is_public = models.BooleanField(default=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["project", "case", "attachment", "label"], name="case_file_once"),
        ]


class Conflict(CaseRow):
    """A replay from a phone that the rules refused: kept whole for the office, nothing typed is lost."""

    case = ProjectForeignKey(Case, related_name="conflicts")
    action = models.CharField(max_length=30)
    actor_key = models.CharField(max_length=60)
    actor_name = models.CharField(max_length=60)
    client_uuid = models.UUIDField()
    happened_at = models.DateTimeField()
    received_at = models.DateTimeField()
    note = models.TextField(blank=True)
    data = models.JSONField(default=dict)
    reason = models.CharField(max_length=300)
    rule = models.CharField(max_length=60, blank=True)
    resolved_at = models.DateTimeField(null=True, blank=True)
    resolved_by = models.CharField(max_length=60, blank=True)
    resolution = models.CharField(max_length=200, blank=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["project", "actor_key", "client_uuid"], name="conflict_once"),
        ]
        indexes: ClassVar = [
            models.Index(
                fields=["project", "received_at"], name="conflict_open", condition=Q(resolved_at__isnull=True)
            ),
        ]

    @classmethod
    def scope(cls, actor: Actor) -> Q:
        """Like its case; whoever sent it follows it even when the case went to somebody else."""
        if not actor.is_staff:
            return super().scope(actor)
        return super().scope(actor) | (in_projects(actor.project_ids) & Q(actor_key=actor.key))


class Link(CaseRow):
    """A single-use, expiring link for a customer: only its hash is kept."""

    case = ProjectForeignKey(Case, related_name="links")
    digest = models.CharField(max_length=64)
    purpose = models.CharField(max_length=20)
    customer = ProjectForeignKey("party.Customer", null=True, related_name="+")
    person_name = models.CharField(max_length=80, blank=True)
    issued_by = models.CharField(max_length=60)
    issued_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    used_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["project", "digest"], name="link_digest"),
        ]


class HandoverState(models.TextChoices):
    OFFERED = "offered", pgettext_lazy("hand-over", "Offered")
    ACCEPTED = "accepted", pgettext_lazy("hand-over", "Accepted")
    DECLINED = "declined", pgettext_lazy("hand-over", "Declined")
    WITHDRAWN = "withdrawn", pgettext_lazy("hand-over", "Withdrawn")
    FORCED = "forced", pgettext_lazy("hand-over", "By order")
    VOID = "void", pgettext_lazy("hand-over", "No longer needed")


class HandoverCause(models.TextChoices):
    """Why a manager may pass a case on over somebody's head (MISSION DSK-2)."""

    SICK = "sick", _("Ill")
    LEFT = "left", _("Has left the company")
    OFF_SHIFT = "off_shift", _("Off shift")
    OTHER = "other", _("Other reason")


class SideClock(CaseRow, ClockRow):
    """A clock beside the case's own: as visible as its case, swept like every other."""

    key: ClassVar[str]

    class Meta:
        abstract = True

    @property
    def tz(self) -> str:
        return place(self.project_id).tz.key

    @property
    def awaits(self) -> tuple[str, str]:
        """What it waits for and from whom, for whoever asks why it is late."""
        raise NotImplementedError


class Handover(SideClock):
    """Accountability 首问 offered by one colleague to another; until it is accepted nothing changes."""

    key: ClassVar[str] = "handover"

    case = ProjectForeignKey(Case, related_name="handovers")
    giver = models.ForeignKey("workforce.Staff", models.PROTECT, null=True, blank=True, related_name="+")
    receiver = models.ForeignKey("workforce.Staff", models.PROTECT, related_name="+")
    state = models.CharField(max_length=10, choices=HandoverState, default=HandoverState.OFFERED)
    cause = models.CharField(max_length=10, choices=HandoverCause, blank=True)
    reason = models.CharField(max_length=300)
    offered_by = models.CharField(max_length=60)
    offered_at = models.DateTimeField()
    answered_by = models.CharField(max_length=60, blank=True)
    answered_at = models.DateTimeField(null=True, blank=True)
    answer = models.CharField(max_length=300, blank=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["project", "case"], condition=Q(state="offered"), name="handover_one_open_offer"
            ),
            models.CheckConstraint(
                condition=Q(state="offered", answered_at__isnull=True)
                | (~Q(state="offered") & Q(answered_at__isnull=False)),
                name="handover_answered",
            ),
        ]
        indexes: ClassVar = [
            models.Index(fields=["next_at"], name="handover_next", condition=Q(ended_at__isnull=True)),
            models.Index(fields=["receiver", "offered_at"], name="handover_to_answer", condition=Q(state="offered")),
            models.Index(fields=["project", "answered_at"], name="handover_measured"),
        ]

    @property
    def awaits(self) -> tuple[str, str]:
        return gettext("an answer"), name_of(self.receiver_id)


class ContactOutcome(models.TextChoices):
    """What became of somebody's call or visit."""

    CASE = "case", _("A new case")
    ASKED_AGAIN = "asked_again", _("Asked after a case")
    WRONG_NUMBER = "wrong_number", _("Wrong number")
    NO_CASE = "no_case", _("Settled without a case")


class DeskContact(ProjectRow):
    """Somebody turned to the desk, whether a case came of it or not.

    ``visit`` holds the matters of one visitor together: one visit, one receiver.
    """

    channel = models.CharField(max_length=10, choices=Channel)
    outcome = models.CharField(max_length=12, choices=ContactOutcome)
    staff = models.ForeignKey("workforce.Staff", models.PROTECT, null=True, related_name="+")
    actor_key = models.CharField(max_length=60)
    client_uuid = models.UUIDField()
    at = models.DateTimeField()
    case = ProjectForeignKey(Case, null=True, related_name="contacts")
    visit = models.UUIDField(null=True)
    who = models.CharField(max_length=60, blank=True)
    note = models.CharField(max_length=500, blank=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["project", "actor_key", "client_uuid"], name="desk_contact_once"),
        ]
        indexes: ClassVar = [models.Index(fields=["project", "-at"], name="desk_contact_at")]


class SubTaskState(models.TextChoices):
    ASKED = "asked", pgettext_lazy("sub-task", "Asked")
    ACCEPTED = "accepted", pgettext_lazy("sub-task", "At work")
    REPORTED = "reported", pgettext_lazy("sub-task", "Reported back")
    CONFIRMED = "confirmed", pgettext_lazy("sub-task", "Confirmed")
    DECLINED = "declined", pgettext_lazy("sub-task", "Declined")
    DROPPED = "dropped", pgettext_lazy("sub-task", "Dropped")


#: Somebody still owes something: the case cannot be closed.
SUBTASK_OPEN = (SubTaskState.ASKED, SubTaskState.ACCEPTED, SubTaskState.REPORTED)


class SubTask(SideClock):
    """A part of a case asked of somebody else: a colleague, a department (whoever holds its role), a contractor
    without account, or upward of region and head office. With a reply clock of its own."""

    key: ClassVar[str] = "subtask"

    case = ProjectForeignKey(Case, related_name="subtasks")
    serial = models.PositiveSmallIntegerField()
    state = models.CharField(max_length=10, choices=SubTaskState, default=SubTaskState.ASKED)
    role = models.CharField(max_length=20, choices=Role, blank=True)
    assignee = models.ForeignKey("workforce.Staff", models.PROTECT, null=True, blank=True, related_name="+")
    contractor = models.CharField(max_length=80, blank=True)
    what = models.CharField(max_length=300)
    asked_by = models.ForeignKey("workforce.Staff", models.PROTECT, null=True, blank=True, related_name="+")
    asked_at = models.DateTimeField()
    accepted_at = models.DateTimeField(null=True, blank=True)
    report = models.TextField(blank=True)
    reported_by = models.CharField(max_length=80, blank=True)
    reported_at = models.DateTimeField(null=True, blank=True)
    settled_at = models.DateTimeField(null=True, blank=True)
    reason = models.CharField(max_length=300, blank=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["project", "case", "serial"], name="subtask_serial"),
            models.CheckConstraint(
                condition=(~Q(role="") & Q(contractor=""))
                | (Q(role="") & Q(assignee__isnull=False, contractor=""))
                | (Q(role="", assignee__isnull=True) & ~Q(contractor="")),
                name="subtask_asked_of",
            ),
        ]
        indexes: ClassVar = [
            models.Index(fields=["next_at"], name="subtask_next", condition=Q(ended_at__isnull=True)),
            models.Index(fields=["assignee", "due_at"], name="subtask_mine", condition=Q(settled_at__isnull=True)),
            models.Index(fields=["project", "role"], name="subtask_pool", condition=Q(settled_at__isnull=True)),
        ]

    @property
    def awaits(self) -> tuple[str, str]:
        of_whom = self.contractor or name_of(self.assignee_id)
        return gettext("do it"), of_whom or (str(Role(self.role).label) if self.role in Role.values else "")

    @classmethod
    def scope(cls, actor: Actor) -> Q:
        """Like its case; and whoever it is asked of sees it, even where he would not see the case."""
        if not actor.is_staff:
            return super().scope(actor) if actor.is_system else Q(pk__in=[])
        asked = Q(assignee_id=actor.staff_id) if actor.staff_id else Q(pk__in=[])
        for grant in actor.grants:
            asked |= Q(role=grant.role, assignee__isnull=True) & in_projects(grant.projects)
        return super().scope(actor) | (in_projects(actor.project_ids) & asked)


class RingState(models.TextChoices):
    RINGING = "ringing", pgettext_lazy("on call", "Rung, no word yet")
    COMING = "coming", pgettext_lazy("on call", "Comes")
    NO_ANSWER = "no_answer", pgettext_lazy("on call", "No answer")
    DECLINED = "declined", pgettext_lazy("on call", "Cannot come")
    VOID = "void", pgettext_lazy("on call", "No longer needed")


class Ring(SideClock):
    """Somebody on call rung for a case at night, with a clock on the answer. Without staff: a company outside."""

    key: ClassVar[str] = "on_call"

    case = ProjectForeignKey(Case, related_name="rings")
    serial = models.PositiveSmallIntegerField()
    post = models.CharField(max_length=12, blank=True)
    staff = models.ForeignKey("workforce.Staff", models.PROTECT, null=True, blank=True, related_name="+")
    name = models.CharField(max_length=60)
    phone = models.CharField(max_length=30)
    state = models.CharField(max_length=10, choices=RingState, default=RingState.RINGING)
    rung_at = models.DateTimeField()
    rung_by = models.CharField(max_length=60)
    answered_at = models.DateTimeField(null=True, blank=True)
    note = models.CharField(max_length=200, blank=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["project", "case", "serial"], name="ring_serial"),
            models.UniqueConstraint(
                fields=["project", "case"], condition=Q(state="ringing"), name="ring_one_at_a_time"
            ),
        ]
        indexes: ClassVar = [
            models.Index(fields=["next_at"], name="ring_next", condition=Q(ended_at__isnull=True)),
            models.Index(fields=["project", "-rung_at"], name="ring_at"),
        ]

    @property
    def awaits(self) -> tuple[str, str]:
        return gettext("an answer"), self.name


class RetiredCategory(models.Model):
    """A category that is offered no more; cases keep its words. A reference row beside the engine's own."""

    category = models.OneToOneField(Category, models.PROTECT, primary_key=True, related_name="retired")
    at = models.DateTimeField()
