"""The second call about a leak: it waits for the first rain after the repair, and not for ever."""

from datetime import date, datetime, time, timedelta

from django.utils import timezone

from steward.assurance.models import Callback, Purpose
from steward.assurance.policies import AFTER_RAIN, QUIET
from steward.kernel import policies
from steward.kernel.clocks import QuietHours, quiet_hours, wait_for_fact
from steward.kernel.facts import listens
from steward.registers.estate.facts import RainRecorded, RainTakenBack
from steward.registers.estate.weather import first_rain_after
from steward.registers.org.tree import place


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


@listens(RainRecorded)
def it_rained(fact: RainRecorded) -> None:
    """Repairs completed before that day; what fell on the day itself may have fallen before. One statement."""
    begin, due = _dates(fact.project_id, fact.day, fact.at)
    day = datetime.combine(fact.day, time(0), place(fact.project_id).tz)
    waiting = Callback.objects.in_project(fact.project_id).filter(
        purpose=Purpose.AFTER_RAIN, waits_for_rain=True, ended_at__isnull=True, started_at__lt=day, attempts_made=0
    )
    waiting.update(waits_for_rain=False, rain_day=fact.day, not_before=begin, due_at=due)


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
