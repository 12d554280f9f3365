"""A clock says icon, word, colour, remainder and the clock time, in the reader's language."""

from datetime import UTC, datetime, timedelta

import pytest
from django.utils import translation
from hypothesis import given
from hypothesis import strategies as st

from steward.design.clockface import clock_face, duration, when

NOW = datetime(2026, 11, 21, 2, 24, tzinfo=UTC)  # 10:24 in Shanghai


@pytest.fixture(autouse=True)
def _english() -> object:
    with translation.override("en"):
        yield


@pytest.mark.parametrize(
    ("minutes", "tone", "icon", "word", "amount", "detail"),
    [
        (-35, "late", "alert-triangle", "Late", "35 min", "due 09:49"),
        (72, "soon", "alarm", "Left", "1 h 12 min", "until 11:36"),
        (120, "soon", "alarm", "Left", "2 h", "until 12:24"),
        (121, "ok", "clock", "Left", "2 h 01 min", "until 12:25"),
        (24 * 60, "ok", "clock", "Left", "1 d", "until tomorrow 10:24"),
        (76 * 60, "ok", "clock", "Left", "3 d 4 h", "until 11-24 14:24"),
    ],
)
def test_a_running_clock(minutes: int, tone: str, icon: str, word: str, amount: str, detail: str) -> None:
    face = clock_face(NOW + timedelta(minutes=minutes), NOW)

    assert (face.tone, face.icon, face.word, face.amount, face.detail) == (tone, icon, word, amount, detail)


def test_a_paused_clock_says_why_and_never_late() -> None:
    face = clock_face(NOW - timedelta(days=1), NOW, paused=True, reason="waiting for parts")

    assert (face.tone, face.word, face.amount, face.detail) == ("wait", "Paused", "", "waiting for parts")


def test_a_clock_met_in_time_is_kept_however_late_it_is_looked_at() -> None:
    due = NOW - timedelta(hours=3)

    assert clock_face(due, NOW, met_at=due).tone == "ok"
    assert clock_face(due, NOW, met_at=due + timedelta(minutes=5)).amount == "5 min"


def test_no_deadline_is_said_not_hidden() -> None:
    assert clock_face(None, NOW).word == "No deadline"


def test_times_are_those_of_the_project() -> None:
    assert when(datetime(2026, 11, 21, 16, 30, tzinfo=UTC), NOW) == "tomorrow 00:30"
    assert when(datetime(2025, 11, 25, 1, 0, tzinfo=UTC), NOW) == "2025-11-25 09:00"


@given(st.integers(min_value=0, max_value=400 * 24 * 3600))
def test_a_duration_has_at_most_two_units_and_is_never_empty(seconds: int) -> None:
    with translation.override("en"):
        units = [word for word in duration(timedelta(seconds=seconds)).split() if word.isalpha()]

    assert 1 <= len(units) <= 2


@given(st.integers(min_value=-(10**6), max_value=10**6))
def test_late_exactly_when_the_due_instant_has_passed(seconds: int) -> None:
    face = clock_face(NOW + timedelta(seconds=seconds), NOW)

    assert (face.tone == "late") == (seconds < 0)
