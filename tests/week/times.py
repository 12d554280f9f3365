"""A second arithmetic of time, written from the rules' words and from nothing in the product.

Natural time counts every minute. Working time counts from eight to eight, Monday to Friday, and daily
time on Saturday and Sunday too; the simulated week has no holiday and no make-up workday. All instants are aware; the compound's zone is UTC+8 without summer time.
"""

from datetime import date, datetime, time, timedelta, timezone
from decimal import Decimal
from typing import Final

ZONE: Final = timezone(timedelta(hours=8))
MONDAY: Final = datetime(2026, 11, 23, tzinfo=ZONE)
SUNDAY_NIGHT: Final = MONDAY + timedelta(days=7)
STEP: Final = timedelta(minutes=10)
WORKDAYS: Final = 5
EVERY_DAY: Final = 7
Span = tuple[time, time]


def first_step(at: datetime) -> datetime:
    """The worker looks round every ten minutes: the first round at or after an instant."""
    passed = at - MONDAY
    return MONDAY + -(-passed // STEP) * STEP


def on(day: date, clock: time) -> datetime:
    return datetime.combine(day, clock, ZONE)


def after(start: datetime, share: Decimal, minutes: int, working: tuple[Span, ...], days: int) -> datetime:
    """The instant at which a share of an allowance is used up."""
    return later(start, timedelta(seconds=float(share * minutes * 60)), working, days)


def counted(start: datetime, end: datetime, working: tuple[Span, ...], days: int) -> timedelta:
    """How much of a pause would have counted."""
    if not working:
        return end - start
    first, last = start.astimezone(ZONE).date(), end.astimezone(ZONE).date()
    dates = [first + timedelta(days=n) for n in range((last - first).days + 1)]
    spans = [(on(d, opens), on(d, closes)) for d in dates if d.weekday() < days for opens, closes in working]
    return sum((max(min(end, to) - max(start, since), timedelta(0)) for since, to in spans), timedelta(0))


def later(start: datetime, need: timedelta, working: tuple[Span, ...], days: int) -> datetime:
    """So much counted time after an instant; none at all is that instant, even if nobody works then."""
    if not working or not need:
        return start + need
    day = start.astimezone(ZONE).date()
    while True:
        for opens, closes in working if day.weekday() < days else ():
            begin, end = max(start, on(day, opens)), on(day, closes)
            if begin < end:
                if need <= end - begin:
                    return begin + need
                need -= end - begin
        day += timedelta(days=1)


def inside(at: datetime, span: Span) -> bool:
    """Half-open; a span may go over midnight."""
    now, (begin, end) = at.astimezone(ZONE).time(), span
    return begin <= now < end if begin <= end else (now >= begin or now < end)


def out_of(at: datetime, spans: tuple[Span, ...]) -> datetime:
    """The first instant from here on that lies in none of the spans."""
    local = at.astimezone(ZONE)
    while found := next((s for s in spans if inside(local, s)), None):
        day = local.date() + timedelta(days=1 if local.time() >= found[1] else 0)
        local = on(day, found[1])
    return local
