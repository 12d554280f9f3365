import re
from datetime import datetime
from decimal import Decimal
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from babel.messages.pofile import read_po
from django.utils.translation import override

from steward.kernel import clocks
from steward.kernel.clocks import ClockRule, Hours, Line, Pause, due_at, explain
from steward.kernel.clocks.explain import HOLIDAY_NAMES, TEXTS
from tests.kernel.clocks.oracle import CALENDAR

SHANGHAI = ZoneInfo("Asia/Shanghai")
OFFICE = Hours.of("08:30-12:00", "13:30-17:30")
CATALOGUE = Path(clocks.__file__).parents[1] / "locale/zh_Hans/LC_MESSAGES/django.po"


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=SHANGHAI)


def told(lines: list[Line]) -> list[tuple[str, str, int, str]]:
    """Kind, local start, counted minutes and English text of each line."""
    with override("en"):
        return [(line.kind.value, f"{line.start:%m-%d %H:%M}", line.minutes, line.text) for line in lines]


def test_national_day_explained() -> None:
    rule = ClockRule(8 * 60, "working", OFFICE, escalations=(Decimal(1),))
    pause = Pause(at("2025-10-09 09:00"), at("2025-10-09 14:00"), "waiting for the customer")
    as_of = at("2025-10-10 09:00")
    lines = explain(rule, CALENDAR, at("2025-09-30 16:00"), [pause], as_of=as_of)
    assert told(lines) == [
        ("start", "09-30 16:00", 0, "The clock starts"),
        ("work", "09-30 16:00", 90, "Working time"),
        ("rest", "09-30 17:30", 0, "Outside working hours"),
        ("holiday", "10-01 00:00", 0, "Public holiday: National Day"),
        ("holiday", "10-06 00:00", 0, "Public holiday: Mid-autumn Festival"),
        ("holiday", "10-07 00:00", 0, "Public holiday: National Day"),
        ("rest", "10-09 00:00", 0, "Outside working hours"),
        ("work", "10-09 08:30", 30, "Working time"),
        ("pause", "10-09 09:00", 0, "Paused: waiting for the customer"),
        ("work", "10-09 14:00", 210, "Working time"),
        ("rest", "10-09 17:30", 0, "Outside working hours"),
        ("work", "10-10 08:30", 30, "Working time"),
        ("work", "10-10 09:00", 24, "Working time"),
        ("warn", "10-10 09:24", 0, "Warning: 80% of the allowance (6 h 24 min) is used"),
        ("work", "10-10 09:24", 96, "Working time"),
        ("due", "10-10 11:00", 0, "Due: the allowance of 8 h is used up"),
        ("escalation", "10-10 11:00", 0, "Escalation step 1: 100% of the allowance (8 h) is used"),
    ]
    assert [line.ahead for line in lines] == [False] * 12 + [True] * 5
    assert lines[-1].total_minutes == 480


def test_weekend_and_makeup_day_have_their_own_lines() -> None:
    rule = ClockRule(60, "working", OFFICE)
    before = explain(rule, CALENDAR, at("2025-10-10 17:00"), [], as_of=at("2025-10-10 17:00"))
    assert ("makeup_day", "10-11 08:30", 18, "Make-up workday: National Day") in told(before)
    weekend = explain(rule, CALENDAR, at("2025-11-21 17:00"), [], as_of=at("2025-11-21 17:00"))
    assert ("rest", "11-22 00:00", 0, "Weekend") in told(weekend)


def test_the_end_of_what_is_known_is_said() -> None:
    rule = ClockRule(60, "working", OFFICE)
    lines = told(explain(rule, CALENDAR, at("2026-12-31 17:00"), [], as_of=at("2026-12-31 17:00")))
    note = ("fallback", "01-01 00:00", 0, "No holiday notice known after 2026-12-31: Monday to Friday assumed")
    assert note in lines
    assert lines.index(note) < lines.index(("due", "01-01 09:00", 0, "Due: the allowance of 1 h is used up"))
    known = told(explain(rule, CALENDAR, at("2026-12-30 09:00"), [], as_of=at("2026-12-30 09:00")))
    assert "fallback" not in [line[0] for line in known]


def test_verdicts() -> None:
    rule, start = ClockRule(120), at("2025-11-17 09:00")

    def last(as_of: str, ended_at: str | None = None) -> tuple[str, str, int, str]:
        ended = at(ended_at) if ended_at else None
        past = [line for line in explain(rule, CALENDAR, start, [], as_of=at(as_of), ended_at=ended) if not line.ahead]
        return told(past)[-1]

    assert last("2025-11-17 15:00", "2025-11-17 10:30") == ("met", "11-17 10:30", 0, "Done in time, 30 min left")
    assert last("2025-11-17 15:00", "2025-11-17 11:00") == ("met", "11-17 11:00", 0, "Done in time, 0 min left")
    assert last("2025-11-17 15:00", "2025-11-17 12:30")[3] == "Done 1 h 30 min after the due time"
    assert last("2025-11-17 12:00")[::3] == ("late", "Not done yet, 1 h past the due time")
    assert last("2025-11-17 10:00", "2025-11-17 10:30")[0] == "work"  # not known then


def test_an_open_pause_stands_without_end_and_without_due_time() -> None:
    rule, waiting = ClockRule(120), Pause(at("2025-11-17 10:00"), None, "waiting for parts")
    lines = explain(rule, CALENDAR, at("2025-11-17 09:00"), [waiting], as_of=at("2025-11-18 10:00"))
    assert told(lines)[-1] == ("pause", "11-17 10:00", 0, "Paused, the clock stands: waiting for parts")
    assert lines[-1].end is None
    assert lines[-1].total_minutes == 60
    assert not any(line.ahead for line in lines)


def test_an_open_pause_parted_by_the_end_of_the_calendar_is_open_once() -> None:
    rule, start = ClockRule(0, "working", OFFICE), at("2026-12-30 09:00")
    lines = explain(rule, CALENDAR, start, [Pause(start, None)], as_of=at("2027-01-02 09:00"))
    pauses = [line for line in lines if line.kind == "pause"]
    assert [(line.start, line.end) for line in pauses] == [
        (start, at("2027-01-01 00:00")),
        (at("2027-01-01 00:00"), None),
    ]


def test_an_explanation_for_a_past_day_does_not_change() -> None:
    rule, start = ClockRule(24 * 60, "working", OFFICE), at("2025-11-17 09:00")
    opened, closed = at("2025-11-18 10:00"), at("2025-11-19 10:00")
    for asked, known in (
        ("2025-11-18 09:00", []),
        ("2025-11-18 15:00", [Pause(opened, None)]),
        ("2025-11-19 10:00", [Pause(opened, closed)]),
    ):
        now = [Pause(opened, closed), Pause(at("2025-11-20 10:00"), None)]
        then, today = (explain(rule, CALENDAR, start, pauses, as_of=at(asked)) for pauses in (known, now))
        assert then == today


def test_a_mark_stands_where_the_functions_say() -> None:
    rule, start = ClockRule(24 * 60, "working", OFFICE), at("2026-02-10 09:00")
    lines = explain(rule, CALENDAR, start, [], as_of=start)
    assert [line.start for line in lines if line.kind == "due"] == [due_at(rule, CALENDAR, start, [], as_of=start)]


@pytest.mark.parametrize(("mode", "most"), [("natural", 5), ("working", 1400)])
def test_a_year_is_explained_in_bounds(mode: str, most: int) -> None:
    rule = ClockRule(250 * 450, mode, OFFICE)  # type: ignore[arg-type]
    assert len(explain(rule, CALENDAR, at("2025-03-03 09:00"), [], as_of=at("2025-03-03 09:00"))) <= most


def test_every_text_is_in_the_chinese_catalogue_with_its_placeholders() -> None:
    with CATALOGUE.open("rb") as file:
        catalogue = {str(message.id): str(message.string) for message in read_po(file, locale="zh_Hans") if message.id}
    with override(None):
        wanted = [str(text) for text in (*TEXTS.values(), *HOLIDAY_NAMES)]
    wanted += ["%(hours)s h %(minutes)s min", "%(hours)s h", "%(minutes)s min"]
    assert [text for text in wanted if not re.search("[\u4e00-\u9fff]", catalogue.get(text, ""))] == []
    names = re.compile(r"%\(\w+\)s|%%")
    assert [text for text in wanted if sorted(names.findall(text)) != sorted(names.findall(catalogue[text]))] == []
