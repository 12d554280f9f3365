"""Callbacks: created when a case is completed, worked off in tries, ended once."""

from datetime import datetime, timedelta
from typing import Final

from django.utils.translation import gettext_lazy as _

from steward.assurance.models import (
    REACHED,
    AttemptOutcome,
    Callback,
    CallbackAttempt,
    CallbackState,
    CallWish,
    Purpose,
    RatingWay,
)
from steward.assurance.policies import QUIET, RULES, CallbackRule
from steward.assurance.policies import QuietHours as QuietPolicy
from steward.assurance.rain import begin_clock, end_clocks, wait_for_rain
from steward.cases.declare import process_of
from steward.cases.facts import CaseClosed, CaseCompleted, CaseReopened
from steward.cases.models import Case, Urgency
from steward.casework.categories import categories
from steward.kernel import policies
from steward.kernel.actor import Actor, ActorKind
from steward.kernel.clocks import QuietHours, quiet_hours, spread_attempts
from steward.kernel.clocks.row import VOID
from steward.kernel.errors import ConflictError
from steward.kernel.facts import listens
from steward.registers.estate.models import Unit
from steward.registers.org.tree import place
from steward.registers.party.models import Customer
from steward.registers.workforce.areas import AreaMoved
from steward.registers.workforce.staffing import StaffLeaves

URGENT: Final = frozenset({Urgency.P0, Urgency.P1})


@listens(CaseCompleted)
def begin(fact: CaseCompleted) -> None:
    """Start the callbacks of this round; from completion on, never from payment.

    By when is one figure: the process's own callback clock, which the engine has just started.
    """
    case = fact.case
    rule = rule_of(case, fact.at)
    running = (r for r in fact.step.deadlines if r.key == "callback" and r.ended_at is None and r.round == case.round)
    due = next((r.due_at for r in running), None)
    if due is None or not rule.calls:
        return
    rows = [_new(fact, Purpose.COURTESY, due)]
    if rule.after_rain:
        rows.append(_new(fact, Purpose.AFTER_RAIN, due))
        wait_for_rain(rows[-1], at=fact.step.at)
    Callback.objects.bulk_create(rows, ignore_conflicts=True)
    if rule.after_rain and (call := _open(case, Purpose.AFTER_RAIN)) is not None:
        begin_clock(call, at=fact.step.at)


def rule_of(case: Case, at: datetime) -> CallbackRule:
    """The first rule that fits; a case that none fits is called about once."""
    rules = policies.in_force(RULES, lineage=place(case.project_id).lineage, at=at).value
    category = categories().get(case.category_id or 0)
    code, is_leak = (category.code, category.is_leak) if category else ("", False)
    return next((r for r in rules if r.fits(kind=case.kind, category=code, is_leak=is_leak)), CallbackRule())


def _new(fact: CaseCompleted, purpose: Purpose, due: datetime) -> Callback:
    case = fact.case
    return Callback(
        project_id=case.project_id,
        case=case,
        round=case.round,
        purpose=purpose,
        is_urgent=case.urgency in URGENT and purpose == Purpose.COURTESY,
        started_at=fact.at,
        due_at=due,
        not_before=quiet_hours(_quiet(case.project_id, case.customer, fact.at)[0], fact.at),
        butler_id=_butler(case),
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


@listens(StaffLeaves)
def pass_on(fact: StaffLeaves) -> None:
    """Calls still to be made by somebody who leaves go to the home's butler or whoever answers for the case now."""
    rows = Callback.objects.unscoped().filter(ended_at__isnull=True, butler_id=fact.staff_id).select_related("case")
    for row in rows:
        now = _butler(row.case)
        Callback.objects.in_project(row.project_id).filter(pk=row.pk).update(
            butler_id=now if now != fact.staff_id else None
        )


@listens(CaseReopened)
def void_reopened(fact: CaseReopened) -> None:
    """A reopened case is not completed: the call still open from the round before is not needed."""
    _void(fact.case, fact.at, before_round=fact.case.round)


@listens(CaseClosed)
def void_closed(fact: CaseClosed) -> None:
    """A cancelled case needs no call; a finished one still waits for the rain. (Its courtesy call ended before.)"""
    process = process_of(fact.case.kind)
    finished = process is not None and fact.case.state in process.completed_in
    _void(fact.case, fact.at, before_round=fact.case.round + (0 if finished else 1))


def _void(case: Case, at: datetime, *, before_round: int) -> None:
    """Most closes find nothing, by one statement."""
    rows = Callback.objects.in_project(case.project_id).filter(
        case_id=case.pk, round__lt=before_round, ended_at__isnull=True
    )
    found = dict(rows.values_list("pk", "purpose"))
    if not found:
        return
    rain = [pk for pk, purpose in found.items() if purpose == Purpose.AFTER_RAIN]
    if rain:
        end_clocks(case.project_id, rain, at=at, outcome=VOID)
    rows.update(state=CallbackState.VOID, ended_at=at)


def record_attempt(
    *,
    case: Case,
    outcome: AttemptOutcome,
    note: str,
    rating: int | None,
    actor: Actor,
    at: datetime,
    purpose: str = "",
) -> Callback:
    """One try. Ends the callback when the customer was reached, or after the last try in vain.

    ``purpose`` empty: the courtesy call before the one after rain. Raises ConflictError in quiet hours, too soon
    after the last try, before it rained, or when nothing is open.
    """
    callback = open_callback(case, purpose)
    if callback.waits_for_rain and at < callback.not_before:
        raise ConflictError(_("Not now: this call waits for the first rain."), rule="callback.rain")
    must_be_callable(project_id=case.project_id, customer=case.customer, not_before=callback.not_before, at=at)
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
        if rating is not None:
            callback.rating_way, callback.rated_by_name = RatingWay.CALL, actor.name
    else:
        again = _again(callback, case.customer, at)
        if again is None:
            _end(callback, CallbackState.UNREACHABLE, at, None)
        else:
            callback.not_before = again
    callback.save()
    return callback


def must_be_callable(*, project_id: int, customer: Customer | None, not_before: datetime | None, at: datetime) -> None:
    """Raises ConflictError too soon after the last try, and in the project's or the customer's quiet hours."""
    said = _("Not now: quiet hours, or too soon after the last try.")
    if not_before is not None and at < not_before:
        raise ConflictError(said, rule="callback.spacing")
    if quiet_hours(_quiet(project_id, customer, at)[0], at) > at:
        raise ConflictError(said, rule="callback.quiet_hours")


def _again(callback: Callback, customer: Customer | None, at: datetime) -> datetime | None:
    made, is_urgent = callback.attempts_made, callback.is_urgent
    return next_try(project_id=callback.project_id, customer=customer, is_urgent=is_urgent, made=made, at=at)


def next_try(
    *, project_id: int, customer: Customer | None, is_urgent: bool, made: int, at: datetime
) -> datetime | None:
    """After a try in vain. Urgent: tries at least 3 h apart; else on different days. None: that was the last."""
    hours, quiet = _quiet(project_id, customer, at)
    if made >= quiet.attempts:
        return None
    if is_urgent:
        gap = timedelta(minutes=quiet.urgent_gap_minutes)
        return spread_attempts(at, [at], min_gap=gap, quiet=hours)
    return spread_attempts(at, [at], different_days=True, quiet=hours)


def self_rated(*, case: Case, rating: int, at: datetime, actor: Actor | None = None) -> Callback | None:
    """The resident's own rating counts as the courtesy call; silence never does, and rain has still to fall."""
    callback = _open(case, Purpose.COURTESY)
    if callback is not None:
        _end(callback, CallbackState.SELF_RATED, at, rating)
        link = actor is not None and actor.kind is ActorKind.LINK
        callback.rating_way = RatingWay.LINK if link else RatingWay.PORTAL
        callback.rated_by_name = actor.name if actor else ""
        callback.save()
    return callback


def callable_from(callback: Callback, *, at: datetime) -> datetime:
    """The earliest instant, from ``at`` on, at which the next try may be made.

    No query where case, customer and ``call_wish`` are loaded with the callback.
    """
    case = callback.case
    hours, _policy = _quiet(case.project_id, case.customer, at)
    return quiet_hours(hours, max(callback.not_before, at))


def open_callback(case: Case, purpose: str = "") -> Callback:
    found = _open(case, purpose)
    if found is None:
        raise ConflictError(_("There is no callback open on this case."), rule="callback.open")
    return found


def _open(case: Case, purpose: str = "") -> Callback | None:
    """The courtesy call before the one after rain."""
    rows = Callback.objects.in_project(case.project_id).filter(case_id=case.pk, ended_at__isnull=True)
    found = {row.purpose: row for row in rows}
    if purpose:
        return found.get(purpose)
    return found.get(Purpose.COURTESY) or found.get(Purpose.AFTER_RAIN)


def _end(callback: Callback, state: CallbackState, at: datetime, rating: int | None) -> None:
    callback.state, callback.ended_at, callback.rating = state, at, rating
    if callback.purpose == Purpose.AFTER_RAIN:
        end_clocks(callback.project_id, [callback.pk], at=at)


def _quiet(project_id: int, customer: Customer | None, at: datetime) -> tuple[QuietHours, QuietPolicy]:
    """The project's quiet hours, and the customer's own."""
    where = place(project_id)
    policy = policies.in_force(QUIET, lineage=where.lineage, at=at).value
    wish: CallWish | None = getattr(customer, "call_wish", None)
    own = wish.not_at.split(",") if wish is not None else []
    return QuietHours.of(*policy.spans, *own, tz=where.tz.key), policy


def _butler(case: Case) -> int | None:
    if case.unit_id is None:
        return case.accountable_id
    butler = Unit.objects.in_project(case.project_id).filter(pk=case.unit_id).values_list("butler_staff_id", flat=True)
    return butler.first() or case.accountable_id
