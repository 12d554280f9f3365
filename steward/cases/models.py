"""The case 受理单: base row, timeline, deadlines."""

from typing import ClassVar

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from steward.cases.declare import REGISTRY
from steward.kernel.actor import FIELD_ONLY, Actor, ActorKind
from steward.kernel.asking import asked_of
from steward.kernel.clocks.row import ClockRow
from steward.kernel.fields import ProjectForeignKey
from steward.kernel.models import ProjectRow, in_projects
from steward.registers.org.tree import place


class Channel(models.TextChoices):
    PHONE = "phone", _("Hotline")
    VISIT = "visit", _("At the desk")
    WECHAT = "wechat", _("WeChat")
    PORTAL = "portal", _("Residents' page")
    PATROL = "patrol", _("Staff patrol")
    EMAIL = "email", _("E-mail")
    LETTER = "letter", _("Letter")
    OTHER = "other", _("Other")


class Urgency(models.TextChoices):
    """P0 life and safety · P1 urgent · P2 ordinary · P3 planned (DOMAIN-RULES 2.1)."""

    P0 = "P0", _("Danger to life")
    P1 = "P1", _("Urgent")
    P2 = "P2", _("Ordinary")
    P3 = "P3", _("Planned")


class Category(models.Model):
    """What a case is about; a reference row per kind of case."""

    kind = models.CharField(max_length=20)
    code = models.CharField(max_length=40)
    name = models.CharField(max_length=80)
    name_en = models.CharField(max_length=80, blank=True)
    parent = models.ForeignKey("self", models.PROTECT, null=True, blank=True, related_name="children")
    urgency = models.CharField(max_length=2, choices=Urgency, default=Urgency.P2)
    skill = models.CharField(max_length=20, blank=True)
    is_leak = models.BooleanField(default=False)
    position = models.PositiveSmallIntegerField(default=0)
    # Set for categories that came with another system's history: they belong to that project only.
    node = models.ForeignKey("org.Node", models.PROTECT, null=True, blank=True, related_name="+")

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["kind", "code", "node"], name="category_code"),
        ]

    def __str__(self) -> str:
        return self.name


class Case(ProjectRow):
    """A promise to somebody. Lists read this row alone; rules read the typed detail.

    ``accountable`` is the first responder 首问: answerable until the customer is answered.
    ``version`` counts timeline rows: a transition is a compare-and-swap on it.
    """

    number = models.CharField(max_length=40)
    kind = models.CharField(max_length=20)
    process_version = models.PositiveSmallIntegerField(default=1)
    state = models.CharField(max_length=20)
    version = models.PositiveIntegerField(default=1)
    title = models.CharField(max_length=120)
    description = models.TextField(blank=True)
    channel = models.CharField(max_length=10, choices=Channel)
    urgency = models.CharField(max_length=2, choices=Urgency, blank=True)
    category = models.ForeignKey(Category, models.PROTECT, null=True, blank=True, related_name="+")
    unit = ProjectForeignKey("estate.Unit", null=True, blank=True, related_name="cases")
    unit_label = models.CharField(max_length=40, blank=True)
    place = models.CharField(max_length=200, blank=True)
    customer = ProjectForeignKey("party.Customer", null=True, blank=True, related_name="cases")
    customer_name = models.CharField(max_length=80, blank=True)
    reporter_name = models.CharField(max_length=60, blank=True)
    reporter_relation = models.CharField(max_length=20, blank=True)
    reporter_phone = models.CharField(max_length=20, blank=True)
    accountable = models.ForeignKey("workforce.Staff", models.PROTECT, null=True, blank=True, related_name="+")
    handler = models.ForeignKey("workforce.Staff", models.PROTECT, null=True, blank=True, related_name="+")
    received_at = models.DateTimeField()
    recorded_at = models.DateTimeField()
    updated_at = models.DateTimeField()
    closed_at = models.DateTimeField(null=True, blank=True)
    next_due_at = models.DateTimeField(null=True, blank=True)
    next_due_key = models.CharField(max_length=20, blank=True)
    promised_at = models.DateTimeField(null=True, blank=True)
    round = models.PositiveSmallIntegerField(default=1)
    origin = ProjectForeignKey("self", null=True, blank=True, related_name="reworks")
    external_source = models.CharField(max_length=40, blank=True)
    external_number = models.CharField(max_length=60, blank=True)
    imported_target_at = models.DateTimeField(null=True, blank=True)
    is_imported = models.BooleanField(default=False)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["project", "number"], name="case_number"),
            models.UniqueConstraint(
                fields=["project", "external_number", "external_source"],
                condition=~Q(external_number=""),
                name="case_external_number",
            ),
        ]
        indexes: ClassVar = [
            models.Index(fields=["project", "-received_at", "-id"], name="case_project"),
            models.Index(
                fields=["project", "-received_at", "-id"], name="case_open", condition=Q(closed_at__isnull=True)
            ),
            models.Index(fields=["unit", "-received_at"], name="case_unit"),
            models.Index(fields=["customer", "-received_at"], name="case_customer"),
            models.Index(fields=["handler", "next_due_at"], name="case_handler", condition=Q(closed_at__isnull=True)),
            models.Index(
                fields=["accountable", "next_due_at"], name="case_accountable", condition=Q(closed_at__isnull=True)
            ),
            # Work in order of time left. Open history of another system is no work, and may be most of the rows.
            models.Index(
                fields=["project", "next_due_at"],
                name="case_due",
                condition=Q(closed_at__isnull=True, is_imported=False),
            ),
            # Newest of many projects: a region, the head office.
            models.Index(fields=["-received_at", "-id"], name="case_received"),
        ]

    def __str__(self) -> str:
        return self.number

    @classmethod
    def scope(cls, actor: Actor) -> Q:
        """Office staff: their projects. Field staff: own work, the pool, what is asked of their role.

        Residents: what they reported, and shared cases of a unit since they moved in.
        A link: its one case.
        """
        if actor.kind is ActorKind.LINK:
            return Q(pk=actor.case_id) & in_projects(actor.project_ids)
        if actor.is_resident:
            return _of_homes(actor)
        if actor.is_staff:
            return _of_staff(actor)
        return super().scope(actor)


def _kinds(trait: str) -> list[str]:
    return [kind for kind, process in REGISTRY.items() if getattr(process, trait)]


def _of_staff(actor: Actor) -> Q:
    office = frozenset(p for g in actor.grants if g.role not in FIELD_ONLY for p in g.projects)
    field = actor.projects_with(*FIELD_ONLY) - office
    if not field:
        return in_projects(office)
    mine = Q(handler_id=actor.staff_id) | Q(accountable_id=actor.staff_id)
    pool = Q(kind__in=_kinds("is_pooled"), handler__isnull=True, closed_at__isnull=True, is_imported=False)
    work = in_projects(field) & (mine | pool) | asked_of(actor, field)
    return (in_projects(office) | work) if office else work


def _of_homes(actor: Actor) -> Q:
    visible = Q(pk__in=[])
    for home in actor.homes:
        here = Q(project_id=home.project_id)
        visible |= here & Q(customer_id=home.customer_id)
        visible |= here & Q(unit_id=home.unit_id, received_at__gte=home.since, kind__in=_kinds("is_shared"))
    return visible


class CaseRow(ProjectRow):
    """Base of rows that hang on a case: as visible as their case."""

    class Meta:
        abstract = True

    @classmethod
    def scope(cls, actor: Actor) -> Q:
        if actor.is_system:
            return Q()
        return in_projects(actor.project_ids) & Q(case__in=Case.objects.visible_to(actor).values("pk"))


class Entry(CaseRow):
    """One line of the timeline; it *is* the audit row. (case, seq) is unique: a double click is refused.

    ``happened_at`` is claimed by whoever was there (bounded), ``recorded_at`` is ours.
    """

    case = ProjectForeignKey(Case, related_name="entries")
    seq = models.PositiveIntegerField()
    action = models.CharField(max_length=30)
    from_state = models.CharField(max_length=20, blank=True)
    to_state = models.CharField(max_length=20)
    actor_kind = models.CharField(max_length=10)
    actor_key = models.CharField(max_length=60)
    actor_name = models.CharField(max_length=60)
    client_uuid = models.UUIDField()
    payload_hash = models.CharField(max_length=64)
    happened_at = models.DateTimeField()
    recorded_at = models.DateTimeField()
    note = models.TextField(blank=True)
    data = models.JSONField(default=dict)
    is_public = models.BooleanField(default=False)
    is_late_entry = models.BooleanField(default=False)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["project", "case", "seq"], name="entry_seq"),
            models.UniqueConstraint(fields=["project", "actor_key", "client_uuid"], name="entry_client_uuid"),
        ]


class Deadline(CaseRow, ClockRow):
    """A promise of this case with its clock; one open at a time for each key."""

    case = ProjectForeignKey(Case, related_name="deadlines")
    key = models.CharField(max_length=20)
    round = models.PositiveSmallIntegerField(default=1)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["project", "case", "key"], condition=Q(ended_at__isnull=True), name="deadline_open_once"
            ),
        ]
        indexes: ClassVar = [
            models.Index(fields=["next_at"], name="deadline_next", condition=Q(ended_at__isnull=True)),
        ]

    @property
    def tz(self) -> str:
        return place(self.project_id).tz.key
