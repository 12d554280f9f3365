"""The second call about a leak: it waits for the first rain after the repair, and not for ever."""

from collections.abc import Iterable
from datetime import date, datetime, time, timedelta
from typing import Final

from django.utils import timezone

from steward.assurance.models import Callback, Purpose, RainClock
from steward.assurance.policies import AFTER_RAIN, QUIET, RAIN_CLOCK
from steward.cases.models import Case
from steward.casework.clocks.sweep import WATCHES, Watch, climb, here, leaders
from steward.kernel import policies
from steward.kernel.clocks import QuietHours, quiet_hours, wait_for_fact
from steward.kernel.clocks.row import COLUMNS
from steward.kernel.cron import one_by_one, recurs
from steward.kernel.facts import listens
from steward.registers.estate.facts import RainRecorded, RainTakenBack
from steward.registers.estate.weather import first_rain_after
from steward.registers.org.tree import place

#: In one slot; the rest in the next.
AT_ONCE: Final = 500


def hours_of(project_id: int, at: datetime) -> QuietHours:
    where = place(project_id)
    return QuietHours.of(*policies.in_force(QUIET, lineage=where.lineage, at=at).value.spans, tz=where.tz.key)


def wait_for_rain(callback: Callback, *, at: datetime) -> None:
    """Set the dates of a new callback: by the rain on record (a late entry), else by the fallback."""
    rain = first_rain_after(callback.project_id, _day(callback.project_id, callback.started_at))
    rule = policies.in_force(AFTER_RAIN, lineage=place(callback.project_id).lineage, at=at).value
    if rain is not None:
        callback.waits_for_rain, callback.rain_day = False, rain
        callback.not_before, callback.due_at = _dates(callback.project_id, rain, at)
        return
    fallback = wait_for_fact(rule.fallback_days).fallback_at(callback.started_at)
    callback.waits_for_rain, callback.rain_day = True, None
    callback.not_before = quiet_hours(hours_of(callback.project_id, at), fallback)
    callback.due_at = callback.not_before + timedelta(hours=rule.hours)


def _dates(project_id: int, rain: date, at: datetime) -> tuple[datetime, datetime]:
    """From the morning after the rain, or from when we knew of it; due some hours later."""
    where = place(project_id)
    morning = datetime.combine(rain + timedelta(days=1), time(0), where.tz)
    begins = quiet_hours(hours_of(project_id, at), max(morning, at))
    hours = policies.in_force(AFTER_RAIN, lineage=where.lineage, at=at).value.hours
    return begins, begins + timedelta(hours=hours)


def _day(project_id: int, at: datetime) -> date:
    return timezone.localtime(at, place(project_id).tz).date()


def begin_clock(callback: Callback, *, at: datetime) -> None:
    """Begun with the callback, and once more whenever its dates move. Ends with it (``end_clock``)."""
    clock = _clock(callback, at)
    known = RainClock.objects.in_project(callback.project_id).filter(callback_id=callback.pk).first()
    if known is None:
        clock.save(force_insert=True)
    else:
        clock.pk = known.pk
        clock.save(force_update=True)


def _clock(callback: Callback, at: datetime) -> RainClock:
    """Due when the callback is; from the policy of clocks only the warning and the ladder."""
    found = policies.in_force(RAIN_CLOCK, lineage=place(callback.project_id).lineage, at=at)
    minutes = int((callback.due_at - callback.not_before).total_seconds() // 60)
    row = RainClock.begin(
        found.value.default.model_copy(update={"minutes": minutes, "mode": "natural"}),
        version=found.version,
        started_at=callback.not_before,
        at=at,
        project_id=callback.project_id,
        case_id=callback.case_id,
        callback=callback,
    )
    assert isinstance(row, RainClock)
    return row


@recurs("rain.clocks", every=timedelta(hours=1))
def catch_up(at: datetime) -> None:
    """Calls of before they had a clock of their own: it runs from when they may be made, and says what is late."""
    rows = Callback.objects.unscoped().filter(
        purpose=Purpose.AFTER_RAIN, ended_at__isnull=True, clock__isnull=True, case__is_imported=False
    )
    one_by_one(rows.order_by("pk")[:AT_ONCE], lambda row: begin_clock(row, at=at))


def end_clocks(project_id: int, callbacks: Iterable[int], *, at: datetime, outcome: str | None = None) -> None:
    """The calls were made or given up, or are not needed any more (``outcome`` void)."""
    for row in RainClock.objects.in_project(project_id).filter(callback_id__in=callbacks, ended_at__isnull=True):
        row.end(at=at, outcome=outcome)
        row.save(update_fields=["ended_at", "outcome", "next_at"])


def _told(row: RainClock, case: Case, stage: int) -> list[str]:
    """The home's butler is warned, then it climbs."""
    return climb(row, case, stage) if stage else here(row.callback.butler_id, case.accountable_id) or leaders(case)


WATCHES[RainClock.key] = Watch(RainClock, _told, needs=("callback",))


@listens(RainRecorded)
def it_rained(fact: RainRecorded) -> None:
    """Repairs completed before that day; what fell on the day itself may have fallen before. Four statements."""
    begin, due = _dates(fact.project_id, fact.day, fact.at)
    day = datetime.combine(fact.day, time(0), place(fact.project_id).tz)
    waiting = Callback.objects.in_project(fact.project_id).filter(
        purpose=Purpose.AFTER_RAIN, waits_for_rain=True, ended_at__isnull=True, started_at__lt=day, attempts_made=0
    )
    ids = list(waiting.values_list("pk", flat=True))
    if not ids:
        return
    rows = Callback.objects.in_project(fact.project_id).filter(pk__in=ids)
    rows.update(waits_for_rain=False, rain_day=fact.day, not_before=begin, due_at=due)
    clock = _clock(rows[0], fact.at)  # all begin and end alike
    clocks = RainClock.objects.in_project(fact.project_id).filter(callback_id__in=ids)
    clocks.update(**{name: getattr(clock, name) for name in COLUMNS})


@listens(RainTakenBack)
def it_was_dry(fact: RainTakenBack) -> None:
    """Who was not called yet waits again, or for a later rain that is on record."""
    rows = Callback.objects.in_project(fact.project_id).filter(
        purpose=Purpose.AFTER_RAIN, rain_day=fact.day, ended_at__isnull=True, attempts_made=0
    )
    changed = list(rows)
    for row in changed:
        wait_for_rain(row, at=fact.at)
    rows.bulk_update(changed, ["waits_for_rain", "rain_day", "not_before", "due_at"])
    for row in changed:
        begin_clock(row, at=fact.at)
