"""The span of days a page of figures looks at, and the tabs from one page to the next."""

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any, Final
from urllib.parse import urlencode

from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from steward.console.menu import CALLERS
from steward.console.shell import Desk
from steward.kernel.errors import NotFoundError

MONTHS: Final = 6
#: A longer span is a job for an export, not for a page.
LONGEST: Final = timedelta(days=3 * 366)
PAGES: Final = ("complaint-figures", "responders", "never-silent", "coverage")


@dataclass(frozen=True)
class Period:
    """Days, both included, in the zone of the project in sight."""

    since: date
    until: date
    desk: Desk

    @property
    def begins(self) -> datetime:
        return datetime.combine(self.since, time.min, self.desk.tz)

    @property
    def ends(self) -> datetime:
        return datetime.combine(self.until + timedelta(days=1), time.min, self.desk.tz)

    @property
    def asked(self) -> dict[str, Any]:
        """What every count is asked with."""
        return {
            "actor": self.desk.actor,
            "projects": self.desk.projects,
            "since": self.begins,
            "until": self.ends,
            "at": self.desk.at,
        }

    def query(self, **more: str) -> str:
        days = {"since": self.since.isoformat(), "until": self.until.isoformat()}
        return "?" + urlencode({**days, **{k: v for k, v in more.items() if v}})

    def month(self, key: str) -> str:
        """The days of one month (2026-11) that lie within these."""
        first = date.fromisoformat(f"{key}-01")
        last = months_back(first, -1) - timedelta(days=1)
        days = {"since": max(first, self.since).isoformat(), "until": min(last, self.until).isoformat()}
        return "?" + urlencode(days)

    @property
    def filters(self) -> list[dict[str, Any]]:
        return [
            {"name": "since", "label": _("Received from"), "value": self.since.isoformat(), "kind": "date"},
            {"name": "until", "label": _("Received until"), "value": self.until.isoformat(), "kind": "date"},
        ]


def period_of(request: HttpRequest, desk: Desk) -> Period:
    """As asked for; this month and the five before where nothing is said or nothing sensible."""
    today = timezone.localtime(desk.at).date()
    until = _day(request.GET.get("until", "")) or today
    since = _day(request.GET.get("since", "")) or months_back(min(until, today), MONTHS - 1)
    return Period(max(min(since, until), until - LONGEST), until, desk)


def months_back(day: date, n: int) -> date:
    """The first day of the month ``n`` months before."""
    months = day.year * 12 + day.month - 1 - n
    return date(months // 12, months % 12 + 1, 1)


def _day(text: str) -> date | None:
    try:
        found = date.fromisoformat(text)
    except ValueError:
        return None
    return found if 1970 <= found.year <= 2200 else None


def tabs(here: str) -> list[dict[str, Any]]:
    words = {
        "complaint-figures": _("Complaints"),
        "responders": _("First responders"),
        "never-silent": _("Never silent"),
        "coverage": _("Callback coverage"),
    }
    return [{"label": words[n], "url": reverse(f"console:{n}"), "current": n == here} for n in PAGES]


def ensure_office(desk: Desk) -> None:
    """Raises NotFoundError for whoever has no use for figures."""
    if not any(grant.role in CALLERS for grant in desk.actor.grants):
        raise NotFoundError(_("There is no such page."))
