"""Callbacks: created when a case is completed, worked off in tries, ended once."""

from datetime import datetime, timedelta
from typing import Final

from django.utils.translation import gettext_lazy as _
from pydantic import BaseModel, ConfigDict

from steward.assurance.models import REACHED, AttemptOutcome, Callback, CallbackAttempt, CallbackState
from steward.assurance.policies import QUIET
from steward.assurance.policies import QuietHours as QuietPolicy
from steward.cases.facts import CaseClosed, CaseCompleted, CaseReopened
from steward.cases.models import Case, Urgency
from steward.kernel import policies
from steward.kernel.actor import Actor
from steward.kernel.clocks import QuietHours, quiet_hours, spread_attempts
from steward.kernel.errors import ConflictError
from steward.kernel.facts import listens
from steward.kernel.policies import Policy
from steward.registers.estate.models import Unit
from steward.registers.org.tree import place
from steward.registers.workforce.areas import AreaMoved

URGENT: Final = frozenset({Urgency.P0, Urgency.P1})


class CallbackDue(BaseModel):
    """Hours from completion by which the customer must have been called."""

    model_config = ConfigDict(frozen=True)

    urgent_hours: int = 24
    other_hours: int = 7 * 24


DUE: Final = Policy(
    key="callback.due",
    title=_("Callbacks: by when"),
    type=CallbackDue,
    preset=CallbackDue(),
    source="seed 003: urgent repairs within 24 h, other repairs and complaints within a week",
)


@listens(CaseCompleted)
def begin(fact: CaseCompleted) -> None:
    """Start the callback of this round; from completion on, never from payment."""
    case = fact.case
    where = place(case.project_id)
    due = policies.in_force(DUE, lineage=where.lineage, at=fact.at).value
    urgent = case.urgency in URGENT
    hours = due.urgent_hours if urgent else due.other_hours
    Callback.objects.bulk_create(
        [
            Callback(
                project_id=case.project_id,
                case=case,
                round=case.round,
                is_urgent=urgent,
                started_at=fact.at,
                due_at=fact.at + timedelta(hours=hours),
                not_before=quiet_hours(_quiet(case, fact.at)[0], fact.at),
                butler_id=_butler(case),
            )
        ],
        ignore_conflicts=True,
    )


@listens(AreaMoved)
def move(fact: AreaMoved) -> None:
    """Calls not made yet go along with the homes; those made keep their butler."""
    by_butlers: dict[tuple[int | None, int | None], list[int]] = {}
    for unit, old, new in fact.moved:
        by_butlers.setdefault((old, new), []).append(unit)
    for (old, new), units in by_butlers.items():
        waiting = Callback.objects.in_project(fact.project_id).filter(ended_at__isnull=True, butler_id=old)
        if old is not None and new is not None:
            waiting.filter(case__unit_id__in=units).update(butler_id=new)


@listens(CaseReopened)
def void_reopened(fact: CaseReopened) -> None:
    """A reopened case is not completed: the call still open from the round before is not needed."""
    _void(fact.case, fact.at, before_round=fact.case.round)


@listens(CaseClosed)
def void_closed(fact: CaseClosed) -> None:
    """A cancelled case needs no call. (A finished one ends its callback before it closes.)"""
    _void(fact.case, fact.at, before_round=fact.case.round + 1)


def _void(case: Case, at: datetime, *, before_round: int) -> None:
    rows = Callback.objects.in_project(case.project_id).filter(
        case_id=case.pk, round__lt=before_round, ended_at__isnull=True
    )
    rows.update(state=CallbackState.VOID, ended_at=at)


def record_attempt(
    *, case: Case, outcome: AttemptOutcome, note: str, rating: int | None, actor: Actor, at: datetime
) -> Callback:
    """One try. Ends the callback when the customer was reached, or after the last try in vain.

    Raises ConflictError in quiet hours, too soon after the last try, or when nothing is open.
    """
    callback = open_callback(case)
    if at < callback.not_before:
        raise ConflictError(_("Not now: quiet hours, or too soon after the last try."), rule="callback.spacing")
    hours, quiet = _quiet(case, at)
    if quiet_hours(hours, at) > at:
        raise ConflictError(_("Not now: quiet hours, or too soon after the last try."), rule="callback.quiet_hours")
    callback.attempts_made += 1
    CallbackAttempt.objects.create(
        project_id=case.project_id,
        case=case,
        callback=callback,
        number=callback.attempts_made,
        made_at=at,
        made_by=actor.key,
        made_by_name=actor.name,
        outcome=outcome,
        note=note,
    )
    if outcome in REACHED:
        _end(callback, CallbackState(outcome.value), at, rating)
    elif callback.attempts_made >= quiet.attempts:
        _end(callback, CallbackState.UNREACHABLE, at, None)
    else:
        callback.not_before = _next_try(callback, quiet, hours, at)
    callback.save()
    return callback


def _next_try(callback: Callback, quiet: QuietPolicy, hours: QuietHours, at: datetime) -> datetime:
    """Urgent: tries at least 3 h apart; else on different days."""
    if callback.is_urgent:
        gap = timedelta(minutes=quiet.urgent_gap_minutes)
        return spread_attempts(at, [at], min_gap=gap, quiet=hours)
    return spread_attempts(at, [at], different_days=True, quiet=hours)


def self_rated(*, case: Case, rating: int, at: datetime) -> Callback | None:
    """The resident's own rating counts as the callback. Silence does not."""
    callback = Callback.objects.in_project(case.project_id).filter(case_id=case.pk, ended_at__isnull=True).first()
    if callback is not None:
        _end(callback, CallbackState.SELF_RATED, at, rating)
        callback.save()
    return callback


def callable_from(callback: Callback, *, at: datetime) -> datetime:
    """The earliest instant, from ``at`` on, at which the next try may be made. No query: the case is loaded."""
    hours, _policy = _quiet(callback.case, at)
    return quiet_hours(hours, max(callback.not_before, at))


def open_callback(case: Case) -> Callback:
    found = Callback.objects.in_project(case.project_id).filter(case_id=case.pk, ended_at__isnull=True).first()
    if found is None:
        raise ConflictError(_("There is no callback open on this case."), rule="callback.open")
    return found


def _end(callback: Callback, state: CallbackState, at: datetime, rating: int | None) -> None:
    callback.state, callback.ended_at, callback.rating = state, at, rating


def _quiet(case: Case, at: datetime) -> tuple[QuietHours, QuietPolicy]:
    where = place(case.project_id)
    policy = policies.in_force(QUIET, lineage=where.lineage, at=at).value
    return QuietHours.of(*policy.spans, tz=where.tz.key), policy


def _butler(case: Case) -> int | None:
    if case.unit_id is None:
        return case.accountable_id
    butler = Unit.objects.in_project(case.project_id).filter(pk=case.unit_id).values_list("butler_staff_id", flat=True)
    return butler.first() or case.accountable_id
