"""The Chinese work calendar: Monday to Friday, corrected by public holidays and make-up workdays (调休)."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from types import MappingProxyType
from typing import Final, Self

from chinese_calendar import constants

SATURDAY = 5


@dataclass(frozen=True, slots=True)
class CalendarDayData:
    """One day that differs from Monday-to-Friday or has a name: an English msgid, or the office's own text."""

    day: date
    is_workday: bool
    name: str


@dataclass(frozen=True, eq=False)
class WorkCalendar:
    """Immutable; load it once per version and keep it, because the year tables built from it are cached by identity.

    `days` holds explicit days (True = workday), `holidays` their names, make-up workdays included.
    After `known_until` the government's notice is not out yet: Monday to Friday is assumed, and `falls_back` says so.
    """

    days: Mapping[date, bool]
    holidays: Mapping[date, str]
    known_until: date

    def __post_init__(self) -> None:
        object.__setattr__(self, "days", MappingProxyType(dict(self.days)))
        object.__setattr__(self, "holidays", MappingProxyType(dict(self.holidays)))

    @classmethod
    def from_days(cls, rows: Iterable[CalendarDayData], *, known_until: date) -> Self:
        listed = list(rows)
        return cls(
            days={row.day: row.is_workday for row in listed},
            holidays={row.day: row.name for row in listed if row.name},
            known_until=known_until,
        )

    def is_workday(self, d: date) -> bool:
        explicit = self.days.get(d)
        return d.weekday() < SATURDAY if explicit is None else explicit

    def falls_back(self, d: date) -> bool:
        return d > self.known_until

    def is_makeup_day(self, d: date) -> bool:
        """A weekend day that is worked by decree."""
        return d.weekday() >= SATURDAY and self.days.get(d, False)

    def is_holiday(self, d: date) -> bool:
        """Off by decree; an ordinary weekend is not a holiday."""
        return not self.days.get(d, True)


class EveryDay(WorkCalendar):
    """No day is off: for clocks that only leave out the night."""

    def is_workday(self, d: date) -> bool:
        return True

    def falls_back(self, d: date) -> bool:
        return False


EVERY_DAY: Final = EveryDay(days={}, holidays={}, known_until=date.max)


def seed_calendar(first_year: int, last_year: int) -> list[CalendarDayData]:
    """Public holidays and make-up workdays as the State Council's yearly notices set them, in order.

    Years the package does not know give no rows rather than an error; see `seeded_until`.
    """
    rows = [CalendarDayData(day, False, name) for day, name in constants.holidays.items()]
    rows += [CalendarDayData(day, True, name) for day, name in constants.workdays.items()]
    return sorted((row for row in rows if first_year <= row.day.year <= last_year), key=lambda row: row.day)


def seeded_until() -> date:
    """Last day the installed package knows; later days fall back visibly."""
    return date(max(constants.holidays).year, 12, 31)
