"""The weather log: typed in, from a file, from a service; corrected with a record; announced once a day."""

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, timedelta
from decimal import Decimal
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from django.test import override_settings

from steward.kernel import outbox, policies
from steward.kernel.actor import SYSTEM
from steward.kernel.audit.models import AuditEvent
from steward.kernel.errors import InvalidError, NotAllowedError
from steward.kernel.models import Outbox
from steward.registers.estate import weather
from steward.registers.estate.facts import RainRecorded
from steward.registers.estate.weather_models import RainDay
from steward.worker.weather import WHERE, Coordinates, FeedError, HttpFeed, ask_for_rain
from tests.world import World

DAY = date(2026, 11, 20)


@pytest.fixture
def heard(monkeypatch: pytest.MonkeyPatch) -> list[date]:
    days: list[date] = []

    def hear(fact: Any) -> None:
        if isinstance(fact, RainRecorded):
            days.append(fact.day)

    monkeypatch.setattr(weather, "announce", hear)
    return days


def rain(world: World, mm: str, day: date = DAY, who: str = "desk", **more: Any) -> RainDay:
    return weather.record_rain(
        project_id=world.project_id, day=day, millimetres=Decimal(mm), actor=world.actor(who), at=world.now, **more
    )


def test_enough_rain_is_announced_once_for_a_day(world: World, heard: list[date]) -> None:
    rain(world, "1.9")
    assert heard == []
    rain(world, "2.0", reason="雨量计补记")
    rain(world, "7.4", reason="再次补记")
    assert heard == [DAY]


def test_a_correction_says_why_and_stays_on_record(world: World) -> None:
    rain(world, "8")
    with pytest.raises(InvalidError) as refused:
        rain(world, "0")
    assert "reason" in refused.value.fields
    rain(world, "0", reason="读数有误")
    kept = AuditEvent.objects.in_project(world.project_id).get(what="weather.correct")
    assert (kept.before, kept.after, kept.reason) == (
        {"millimetres": "8.0", "source": "typed"},
        {"millimetres": "0.0", "source": "typed"},
        "读数有误",
    )


def test_what_cannot_be_is_refused(world: World) -> None:
    with pytest.raises(NotAllowedError):
        rain(world, "3", who="tech")
    for mm, day in (("-1", DAY), ("3000", DAY), ("NaN", DAY), ("3", DAY + timedelta(days=2))):
        with pytest.raises(InvalidError):
            rain(world, mm, day)
    assert not RainDay.objects.in_project(world.project_id).exists()


def test_a_file_twice_changes_nothing_and_bad_lines_come_back(world: World, heard: list[date]) -> None:
    content = "日期,降水量\n2026-11-18,0\n2026-11-19,12.5\nsometime,3\n2026-11-19,2\n2030-01-01,3\n".encode("gb18030")
    for n in range(2):
        sheet, done = weather.import_rain(
            project_id=world.project_id, content=content, actor=world.actor("desk"), at=world.now
        )
        assert list(sheet.errors) == [4, 5, 6]
        assert (done.added, done.same, done.corrected) == ((2, 0, 0) if n == 0 else (0, 2, 0))
    assert heard == [date(2026, 11, 19)]


FILE = "日期,降水量\n2026-11-18,4\n2026-11-19,12.5\n2026-11-20,0\n".encode()


def take_over(world: World, **answer: Any) -> tuple[weather.Sheet, weather.Recorded]:
    return weather.import_rain(
        project_id=world.project_id, content=FILE, actor=world.actor("desk"), at=world.now, **answer
    )


def on_record(world: World) -> dict[int, str]:
    return {r.day.day: str(r.millimetres) for r in RainDay.objects.in_project(world.project_id)}


def test_a_file_corrects_nothing_that_somebody_typed_in_without_a_reason(world: World, heard: list[date]) -> None:
    rain(world, "8", date(2026, 11, 19), who="desk2")
    rain(world, "0", DAY)
    world.pass_time(minutes=5)
    sheet, done = take_over(world)
    (differs,) = sheet.differing
    assert (differs.known.day.day, str(differs.known.millimetres), str(differs.millimetres)) == (19, "8.0", "12.5")
    assert differs.known.entered_by_name == world.actor("desk2").name
    assert (on_record(world), done.added, heard) == ({19: "8.0", 20: "0.0"}, 0, [date(2026, 11, 19)])
    with pytest.raises(InvalidError) as refused:
        take_over(world, against=weather.Against.CORRECT, seen=sheet.seen)
    assert list(refused.value.fields) == ["reason"]
    _sheet, done = take_over(world, against=weather.Against.KEEP, seen=sheet.seen)
    assert (done.added, done.kept, done.same, done.corrected) == (1, 1, 1, 0)
    assert on_record(world) == {18: "4.0", 19: "8.0", 20: "0.0"}
    assert not AuditEvent.objects.in_project(world.project_id).filter(what="weather.correct").exists()
    _sheet, done = take_over(world, against=weather.Against.CORRECT, seen=sheet.seen, reason="以气象站为准")
    assert (done.corrected, on_record(world)[19]) == (1, "12.5")
    said = AuditEvent.objects.in_project(world.project_id).get(what="weather.correct")
    assert (said.before["millimetres"], said.after["millimetres"], said.reason) == ("8.0", "12.5", "以气象站为准")


def test_what_was_not_seen_is_not_corrected(world: World) -> None:
    rain(world, "8", date(2026, 11, 19))
    sheet, _done = take_over(world)
    rain(world, "3", DAY)
    again, _done = take_over(world, against=weather.Against.CORRECT, seen=sheet.seen, reason="以气象站为准")
    assert [d.known.day.day for d in again.differing] == [20, 19]
    assert on_record(world) == {19: "8.0", 20: "3.0"}


@pytest.mark.data
def test_seven_years_of_shanghai(world: World, data_folder: Path) -> None:
    content = (data_folder / "weather" / "shanghai_daily.csv").read_bytes()
    sheet, done = weather.import_rain(
        project_id=world.project_id, content=content, actor=world.actor("desk"), at=world.now
    )
    assert (len(sheet.rows), sheet.errors, done.added) == (2587, {}, 2587)
    wet = RainDay.objects.in_project(world.project_id).filter(millimetres__gt=0).count()
    assert wet == 1220
    assert done.rain == RainDay.objects.in_project(world.project_id).filter(millimetres__gte=2).count()


# --- the service --------------------------------------------------------------------------------------
class Service:
    """Answers as a weather service does, unless told otherwise."""

    def __init__(self) -> None:
        self.asked: list[dict[str, list[str]]] = []
        self.body = ""
        self.status = 200
        self.url = ""


@contextmanager
def serving() -> Iterator[Service]:
    service = Service()

    class Handler(BaseHTTPRequestHandler):
        def log_message(self, *_args: Any) -> None:
            pass

        def do_GET(self) -> None:
            service.asked.append(parse_qs(urlsplit(self.path).query))
            self.send_response(service.status)
            self.end_headers()
            self.wfile.write(service.body.encode())

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    service.url = f"http://127.0.0.1:{server.server_address[1]}/v1/daily"
    try:
        yield service
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def answer(*pairs: tuple[str, float | None]) -> str:
    return json.dumps({"daily": {"time": [d for d, _ in pairs], "precipitation_sum": [mm for _, mm in pairs]}})


def test_the_service_is_asked_each_morning_and_asked_again_after_a_failure(world: World, heard: list[date]) -> None:
    policies.set_policy(
        WHERE,
        value=Coordinates(latitude=30.27, longitude=120.15),
        node_id=world.project_id,
        actor=SYSTEM,
        effective_from=world.now,
        at=world.now,
    )
    rain(world, "0", date(2026, 11, 19))  # typed in: stands above the service
    with serving() as service, override_settings(WEATHER_URL=service.url):
        ask_for_rain(world.now)
        ask_for_rain(world.now)
        row = Outbox.objects.in_project(world.project_id).get(topic="weather")
        service.status = 500
        outbox.run_one(row.project_id, row.pk, world.now)
        service.status, service.body = 200, answer(("2026-11-18", None), ("2026-11-19", 9.0), ("2026-11-20", 11.26))
        outbox.run_one(row.project_id, row.pk, world.now + timedelta(minutes=5))
    assert service.asked[0]["latitude"] == ["30.27"]
    assert (service.asked[0]["start_date"], service.asked[0]["end_date"]) == (["2026-11-18"], ["2026-11-20"])
    days = {r.day.day: (r.millimetres, r.source) for r in RainDay.objects.in_project(world.project_id)}
    assert days == {19: (Decimal("0.0"), "typed"), 20: (Decimal("11.3"), "feed")}
    assert heard == [DAY]


@pytest.mark.parametrize("body", ["", "[]", '{"daily": {"time": ["2026-11-20"], "precipitation_sum": []}}'])
def test_an_answer_in_other_words_is_no_weather(body: str) -> None:
    with serving() as service:
        service.body = body
        with pytest.raises(FeedError):
            HttpFeed(service.url).daily(latitude=1, longitude=2, since=DAY, until=DAY)
