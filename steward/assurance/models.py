"""Callbacks 回访: one for each round of a completed case, with its attempts."""

from typing import ClassVar

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from steward.assurance.duty_models import DailyCheck, Duty, DutyEntry, ShiftHandover
from steward.assurance.incident_models import Incident, IncidentCase, IncidentEntry, IncidentStep, KeptApart
from steward.cases.models import CaseRow
from steward.kernel.fields import ProjectForeignKey


class CallbackState(models.TextChoices):
    OPEN = "open", _("To call back")
    SATISFIED = "satisfied", _("Satisfied")
    UNSATISFIED = "unsatisfied", _("Not satisfied")
    UNREACHABLE = "unreachable", _("Not reached")
    SELF_RATED = "self_rated", _("Rated by the resident")
    VOID = "void", _("Not needed")


class Callback(CaseRow):
    """Starts at completion, never at payment. Urgent repairs: 24 h; everything else: a week (seed 003)."""

    case = ProjectForeignKey("cases.Case", related_name="callbacks")
    round = models.PositiveSmallIntegerField()
    is_urgent = models.BooleanField()
    started_at = models.DateTimeField()
    due_at = models.DateTimeField()
    not_before = models.DateTimeField()
    state = models.CharField(max_length=12, choices=CallbackState, default=CallbackState.OPEN)
    ended_at = models.DateTimeField(null=True, blank=True)
    butler = models.ForeignKey("workforce.Staff", models.PROTECT, null=True, blank=True, related_name="+")
    attempts_made = models.PositiveSmallIntegerField(default=0)
    rating = models.PositiveSmallIntegerField(null=True, blank=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["project", "case", "round"], name="callback_round"),
            models.CheckConstraint(
                condition=Q(rating__isnull=True) | Q(rating__gte=1, rating__lte=4), name="callback_rating"
            ),
        ]
        indexes: ClassVar = [
            models.Index(fields=["project", "due_at"], name="callback_due", condition=Q(ended_at__isnull=True)),
        ]


class AttemptOutcome(models.TextChoices):
    SATISFIED = "satisfied", _("Satisfied")
    UNSATISFIED = "unsatisfied", _("Not satisfied")
    NO_ANSWER = "no_answer", _("No answer")
    BUSY = "busy", _("Asked to call later")
    WRONG_NUMBER = "wrong_number", _("Wrong number")


REACHED = frozenset({AttemptOutcome.SATISFIED, AttemptOutcome.UNSATISFIED})


class CallbackAttempt(CaseRow):
    case = ProjectForeignKey("cases.Case", related_name="callback_attempts")
    callback = ProjectForeignKey(Callback, related_name="attempts")
    number = models.PositiveSmallIntegerField()
    made_at = models.DateTimeField()
    made_by = models.CharField(max_length=60)
    made_by_name = models.CharField(max_length=60)
    outcome = models.CharField(max_length=12, choices=AttemptOutcome)
    note = models.TextField(blank=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["project", "callback", "number"], name="callback_attempt_number"),
        ]


__all__ = [
    "REACHED",
    "AttemptOutcome",
    "Callback",
    "CallbackAttempt",
    "CallbackState",
    "DailyCheck",
    "Duty",
    "DutyEntry",
    "Incident",
    "IncidentCase",
    "IncidentEntry",
    "IncidentStep",
    "KeptApart",
    "ShiftHandover",
]
