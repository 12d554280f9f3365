from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from steward.kernel.clocks import QuietHours, quiet_hours, spread_attempts
from tests.kernel.clocks.oracle import STEP, ZONES, starts

SHANGHAI = ZoneInfo("Asia/Shanghai")
QUIET = QuietHours.of("12:00-14:00", "20:00-08:00")


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=SHANGHAI)


@pytest.mark.parametrize(
    ("asked", "allowed"),
    [
        ("2026-11-21 08:00", "2026-11-21 08:00"),
        ("2026-11-21 11:59", "2026-11-21 11:59"),
        ("2026-11-21 12:00", "2026-11-21 14:00"),
        ("2026-11-21 13:59", "2026-11-21 14:00"),
        ("2026-11-21 20:00", "2026-11-22 08:00"),
        ("2026-11-21 23:59", "2026-11-22 08:00"),
        ("2026-11-22 00:00", "2026-11-22 08:00"),
        ("2026-11-22 07:59", "2026-11-22 08:00"),
    ],
)
def test_nobody_is_called_at_noon_or_at_night(asked: str, allowed: str) -> None:
    assert quiet_hours(QUIET, at(asked)) == at(allowed)


def test_no_quiet_hours_allow_everything_and_all_day_is_refused() -> None:
    assert quiet_hours(QuietHours(), at("2026-11-21 03:00")) == at("2026-11-21 03:00")
    for spans in (("00:00-24:00",), ("08:00-08:00",), ("20:00-09:00", "08:00-21:00")):
        with pytest.raises(ValueError, match="no time to call"):
            QuietHours.of(*spans)


@settings(max_examples=150)
@given(st.data(), starts(), st.sampled_from(ZONES))
def test_the_answer_is_the_first_allowed_step(data: st.DataObject, asked: datetime, tz: str) -> None:
    walls = st.integers(0, 287).map(lambda n: (datetime(2026, 1, 1, tzinfo=UTC) + n * STEP).time())
    spans = tuple(data.draw(st.lists(st.tuples(walls, walls).filter(lambda span: span[0] != span[1]), max_size=3)))
    try:
        quiet = QuietHours(spans, tz)
    except ValueError:
        assert all(_disturbs(spans, (datetime(2026, 1, 1, tzinfo=UTC) + n * STEP).time()) for n in range(288))
        return
    expected = asked
    while _disturbs(spans, expected.astimezone(ZoneInfo(tz)).time()):
        expected += STEP
    assert quiet_hours(quiet, asked) == expected


def _disturbs(spans: tuple[tuple[time, time], ...], wall: time) -> bool:
    return any(start <= wall < end if start < end else wall >= start or wall < end for start, end in spans)


def test_urgent_tries_keep_three_hours_and_the_quiet_hours() -> None:
    gap = timedelta(hours=3)
    tries: list[datetime] = []
    moment = at("2026-11-21 09:00")
    for expected in ("2026-11-21 09:00", "2026-11-21 14:00", "2026-11-21 17:00", "2026-11-22 08:00"):
        moment = spread_attempts(moment, tries, min_gap=gap, quiet=QUIET)
        assert moment == at(expected)
        tries.append(moment)


def test_other_tries_fall_on_different_local_days() -> None:
    last = at("2026-11-21 09:00")
    assert spread_attempts(last, [last], different_days=True, quiet=QUIET) == at("2026-11-22 08:00")
    assert spread_attempts(last, [last], different_days=True) == at("2026-11-22 00:00")
    late = at("2026-11-24 10:30")
    assert spread_attempts(late, [last], different_days=True, quiet=QUIET) == late
    # 23:30 in Shanghai is still the same day there, though 15:30 in UTC
    assert spread_attempts(at("2026-11-21 23:30"), [last], different_days=True) == at("2026-11-22 00:00")


def test_the_last_try_counts_whatever_the_order() -> None:
    tries = [at("2026-11-21 16:00"), at("2026-11-21 09:00")]
    assert spread_attempts(at("2026-11-21 16:30"), tries, min_gap=timedelta(hours=3)) == at("2026-11-21 19:00")


def test_a_spread_must_be_asked_for() -> None:
    with pytest.raises(ValueError, match="gap or over days"):
        spread_attempts(at("2026-11-21 09:00"), [])
