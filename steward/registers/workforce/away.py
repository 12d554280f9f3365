"""Who is not there just now, or in a stretch of time: asked wherever people are offered or sent. One query each."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from typing import Any

from django.db.models import Q
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from steward.registers.org.tree import place
from steward.registers.workforce.absence_models import Absence
from steward.registers.workforce.people import Colleague, colleagues


@dataclass(frozen=True, slots=True)
class Away:
    """``kind`` is said to whoever keeps the register; a private one to nobody else."""

    id: int
    staff_id: int
    kind: str
    is_private: bool
    since: datetime
    until: datetime | None

    def overlaps(self, begin: datetime, end: datetime) -> bool:
        return self.since < end and (self.until is None or self.until > begin)

    @property
    def open_kind(self) -> str:
        """What everybody may read."""
        return _("Absent") if self.is_private else _(self.kind)

    @property
    def told(self) -> dict[str, str | None]:
        """As it goes on record, for :func:`told_words`."""
        until = self.until.isoformat() if self.until else None
        return {"kind": "" if self.is_private else self.kind, "since": self.since.isoformat(), "until": until}

    @property
    def words(self) -> str:
        return f"{self.open_kind} {span_words(self.staff_id, self.since, self.until)}"


def away_between(staff: Collection[int], begin: datetime, end: datetime) -> list[Away]:
    """Absences that touch the stretch, the earliest first."""
    rows = Absence.objects.filter(Q(until__isnull=True) | Q(until__gt=begin), cancelled_at__isnull=True)
    rows = rows.filter(staff_id__in=staff, since__lt=end).order_by("since", "pk")
    return [Away(*row) for row in rows.values_list("pk", "staff_id", "kind", "is_private", "since", "until")]


def away_now(staff: Collection[int], at: datetime) -> dict[int, Away]:
    """Who of them is not there at this moment."""
    return {row.staff_id: row for row in away_between(staff, at, at + timedelta(microseconds=1))}


def there_first(people: Iterable[Colleague], at: datetime) -> tuple[list[Colleague], dict[int, Away]]:
    """The same people, whoever is absent behind the others."""
    found = list(people)
    gone = away_now([c.id for c in found], at)
    return sorted(found, key=lambda c: c.id in gone), gone


def told_words(staff_id: int, told: Mapping[str, Any]) -> str:
    """What stands on record of an absence, in the reader's language."""
    until = datetime.fromisoformat(told["until"]) if told.get("until") else None
    kind = _(told["kind"]) if told.get("kind") else _("Absent")
    return f"{kind} {span_words(staff_id, datetime.fromisoformat(told['since']), until)}"


def span_words(staff_id: int, since: datetime, until: datetime | None) -> str:
    """Whole days by their first and last; hours where it begins or ends within a day."""
    who = colleagues().get(staff_id)
    tz = place(who.node_id).tz if who else since.tzinfo
    first = since.astimezone(tz)
    begin = _moment(first, whole=first.time() == time(0))
    if until is None:
        return _("from %(a)s until further notice") % {"a": begin}
    last = until.astimezone(tz)
    if last.time() == time(0):
        last_day = _moment(last - timedelta(days=1), whole=True)
        return begin if begin == last_day else pgettext("days", "%(a)s to %(b)s") % {"a": begin, "b": last_day}
    end = f"{last:%H:%M}" if last.date() == first.date() else _moment(last, whole=False)
    return pgettext("days", "%(a)s to %(b)s") % {"a": begin, "b": end}


def _moment(at: datetime, *, whole: bool) -> str:
    return date_format(at, "m-d") if whole else f"{date_format(at, 'm-d')} {at:%H:%M}"
