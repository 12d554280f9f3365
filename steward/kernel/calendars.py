"""The company's work calendar as reference data, seeded once from the published holidays."""

from datetime import date

from steward.kernel import reference
from steward.kernel.clocks import CalendarDayData, WorkCalendar, seed_calendar, seeded_until
from steward.kernel.db import write
from steward.kernel.models import CalendarDay


@reference.cached
def work_calendar() -> WorkCalendar:
    """The calendar rows; before they are seeded, what the package knows."""
    rows = [CalendarDayData(d.date, d.is_workday, d.name) for d in CalendarDay.objects.order_by("date")]
    known = max((row.day for row in rows), default=seeded_until())
    return WorkCalendar.from_days(rows or seed_calendar(2004, 2100), known_until=max(known, date(known.year, 12, 31)))


def load_calendar() -> int:
    """Write the published holidays and make-up workdays that are not there yet; returns how many."""
    rows = seed_calendar(2004, 2100)
    with write():
        before = CalendarDay.objects.count()
        CalendarDay.objects.bulk_create(
            [CalendarDay(date=r.day, is_workday=r.is_workday, name=r.name, source="chinesecalendar") for r in rows],
            ignore_conflicts=True,
        )
        reference.bump()
        return CalendarDay.objects.count() - before
