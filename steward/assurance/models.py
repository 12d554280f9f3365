"""Callbacks 回访: one for each round of a completed case, with its attempts."""

from typing import ClassVar

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext, pgettext_lazy
from django.utils.translation import gettext_lazy as _

from steward.assurance.duty_models import DailyCheck, Duty, DutyEntry, ShiftHandover
from steward.assurance.incident_models import Incident, IncidentCase, IncidentEntry, IncidentStep, KeptApart
from steward.cases.models import CaseRow
from steward.casework.models import SideClock
from steward.kernel.fields import ProjectForeignKey, ProjectOneToOne
from steward.kernel.models import ProjectRow
from steward.registers.workforce.people import name_of


class CallbackState(models.TextChoices):
    OPEN = "open", _("To call back")
    SATISFIED = "satisfied", _("Satisfied")
    UNSATISFIED = "unsatisfied", _("Not satisfied")
    UNREACHABLE = "unreachable", _("Not reached")
    SELF_RATED = "self_rated", _("Rated by the resident")
    VOID = "void", _("Not needed")


class Purpose(models.TextChoices):
    COURTESY = "courtesy", pgettext_lazy("callback", "After the work")
    AFTER_RAIN = "after_rain", pgettext_lazy("callback", "After the rain")


class RatingWay(models.TextChoices):
    CALL = "call", pgettext_lazy("rating", "In the call")
    PORTAL = "portal", _("Residents' page")
    LINK = "link", pgettext_lazy("rating", "By link")


class Callback(CaseRow):
    """Starts at completion, never at payment; due when the process's own callback clock is.

    A case may have two: a courtesy call, and for a leak that lets rain in one more, which waits for the first rain.
    While it waits, ``not_before`` is the fallback date; rain moves both dates forward.
    """

    case = ProjectForeignKey("cases.Case", related_name="callbacks")
    round = models.PositiveSmallIntegerField()
    purpose = models.CharField(max_length=10, choices=Purpose, default=Purpose.COURTESY)
    waits_for_rain = models.BooleanField(default=False)
    rain_day = models.DateField(null=True, blank=True)
    is_urgent = models.BooleanField()
    started_at = models.DateTimeField()
    due_at = models.DateTimeField()
    not_before = models.DateTimeField()
    state = models.CharField(max_length=12, choices=CallbackState, default=CallbackState.OPEN)
    ended_at = models.DateTimeField(null=True, blank=True)
    butler = models.ForeignKey("workforce.Staff", models.PROTECT, null=True, blank=True, related_name="+")
    attempts_made = models.PositiveSmallIntegerField(default=0)
    rating = models.PositiveSmallIntegerField(null=True, blank=True)
    # A rating that counts says who gave or took it, and by which way.
    rating_way = models.CharField(max_length=6, choices=RatingWay, blank=True)
    rated_by_name = models.CharField(max_length=60, blank=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["project", "case", "round", "purpose"], name="callback_round"),
            models.CheckConstraint(
                condition=Q(rating__isnull=True) | Q(rating__gte=1, rating__lte=4), name="callback_rating"
            ),
        ]
        indexes: ClassVar = [
            models.Index(fields=["project", "due_at"], name="callback_due", condition=Q(ended_at__isnull=True)),
            models.Index(
                fields=["project", "started_at"],
                name="callback_rain",
                condition=Q(ended_at__isnull=True, waits_for_rain=True),
            ),
        ]


class RainClock(SideClock):
    """The clock of a call after rain: from the first hour at which it may be made, or from the fallback date.

    It runs on when the case is closed: the promise is kept by the second call only.
    """

    key: ClassVar[str] = "after_rain"

    case = ProjectForeignKey("cases.Case", related_name="rain_clocks")
    callback = ProjectOneToOne(Callback, related_name="clock")

    class Meta:
        indexes: ClassVar = [
            models.Index(fields=["next_at"], name="rain_clock_next", condition=Q(ended_at__isnull=True)),
        ]

    @property
    def awaits(self) -> tuple[str, str]:
        return gettext("call again after the rain"), name_of(self.callback.butler_id)


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


class CallWish(ProjectRow):
    """When a customer does not want to be called, beside the project's quiet hours: ``12:00-15:00,18:00-19:00``."""

    customer = ProjectOneToOne("party.Customer", related_name="call_wish")
    not_at = models.CharField(max_length=120)
    set_at = models.DateTimeField()
    set_by_name = models.CharField(max_length=60)


__all__ = [
    "REACHED",
    "AttemptOutcome",
    "CallWish",
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
    "Purpose",
    "RainClock",
    "RatingWay",
    "ShiftHandover",
]
