"""Yesterday's rain from a weather service, where a project has coordinates and the house has a service."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal, InvalidOperation
from typing import Any, Final

import httpx
from django.conf import settings
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from pydantic import BaseModel, ConfigDict, Field

from steward.kernel import outbox, policies
from steward.kernel.actor import SYSTEM
from steward.kernel.cron import recurs
from steward.kernel.db import write
from steward.kernel.models import Outbox
from steward.kernel.outbox import Message, handles
from steward.kernel.policies import Policy
from steward.registers.estate import weather
from steward.registers.estate.weather_models import RainSource
from steward.registers.org.models import Level
from steward.registers.org.tree import place, tree

TOPIC: Final = "weather"
#: A service corrects the last days; more than these are not asked for again.
DAYS: Final = 3


class Coordinates(BaseModel):
    model_config = ConfigDict(frozen=True)

    latitude: float = Field(ge=-90, le=90)
    longitude: float = Field(ge=-180, le=180)


WHERE: Final[Policy[Coordinates | None]] = Policy(
    key="weather.coordinates",
    title=_("Where the project lies, for the weather service"),
    type=Coordinates | None,
    preset=None,
    source="Steward's preset: no service is asked until a project says where it lies",
)


class FeedError(OSError):
    """The service does not answer as agreed; worth another try."""


@dataclass(frozen=True)
class HttpFeed:
    """``GET url?latitude=&longitude=&start_date=&end_date=&daily=precipitation_sum`` answers
    ``{"daily": {"time": [day, …], "precipitation_sum": [mm | null, …]}}``; a day without a figure is left out."""

    url: str
    timeout: float = 10.0

    def daily(self, *, latitude: float, longitude: float, since: date, until: date) -> list[weather.Rain]:
        query: dict[str, str | float] = {
            "latitude": latitude,
            "longitude": longitude,
            "start_date": since.isoformat(),
            "end_date": until.isoformat(),
            "daily": "precipitation_sum",
            "timezone": "auto",
        }
        try:
            answer = httpx.get(self.url, params=query, timeout=self.timeout, trust_env=False).raise_for_status()
            return _read(answer.json())
        except (httpx.HTTPError, ValueError, TypeError, KeyError, InvalidOperation) as error:
            raise FeedError(f"the weather service: {type(error).__name__} {error}") from error


def _read(body: Any) -> list[weather.Rain]:
    daily = body["daily"]
    days, figures = daily["time"], daily["precipitation_sum"]
    if len(days) != len(figures):
        raise ValueError("days and figures do not match")
    pairs = zip(days, figures, strict=True)
    return [
        weather.Rain(date.fromisoformat(d), Decimal(str(mm)).quantize(Decimal("0.1")))
        for d, mm in pairs
        if mm is not None
    ]


# 22:30 UTC is half past six in the morning in China: before the first calls.
@recurs("weather", every=timedelta(days=1), offset=timedelta(hours=22, minutes=30))
def ask_for_rain(at: datetime) -> None:
    """Promise one question for each project that can be asked about."""
    if not settings.WEATHER_URL:
        return
    for here in tree().places.values():
        if here.level == Level.PROJECT and policies.in_force(WHERE, lineage=here.lineage, at=at).value is not None:
            day = timezone.localtime(at, here.tz).date().isoformat()
            message = Message(event=f"weather:{day}", recipient="system", channel="feed", topic=TOPIC)
            outbox.post([message], project_id=here.id, at=at)


@handles(TOPIC, resends=True)
def fetch(row: Outbox, at: datetime) -> None:
    """Asked again after a failure it records the same days."""
    here = place(row.project_id)
    where = policies.in_force(WHERE, lineage=here.lineage, at=at).value
    if where is None or not settings.WEATHER_URL:
        return
    until = timezone.localtime(at, here.tz).date() - timedelta(days=1)
    feed: weather.WeatherFeed = HttpFeed(settings.WEATHER_URL)
    since = until - timedelta(days=DAYS - 1)
    found = feed.daily(latitude=where.latitude, longitude=where.longitude, since=since, until=until)
    rows = [rain for rain in found if since <= rain.day <= until and 0 <= rain.millimetres <= weather.MOST]
    with write():
        weather.record_days(project_id=here.id, rows=rows, source=RainSource.FEED, actor=SYSTEM, at=at)
