"""The clock against an independent step-by-step oracle, and the laws it must obey."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from itertools import pairwise

from hypothesis import given, settings
from hypothesis import strategies as st

from steward.kernel.clocks import (
    ClockRule,
    LineKind,
    Pause,
    due_at,
    elapsed,
    escalation_at,
    explain,
    remaining,
    warn_at,
)
from tests.kernel.clocks import oracle
from tests.kernel.clocks.oracle import CALENDAR, STEP, pause_lists, rules, starts, steps

FAR = datetime(2030, 1, 1, tzinfo=UTC)
thorough = settings(max_examples=150)
ZERO = timedelta(0)


@thorough
@given(st.data(), rules(), starts())
def test_elapsed_is_what_the_oracle_counts(data: st.DataObject, rule: ClockRule, start: datetime) -> None:
    pauses = data.draw(pause_lists(start))
    until = start + data.draw(steps(-50, 10 * 288))
    assert elapsed(rule, CALENDAR, start, pauses, until) == oracle.elapsed(rule, start, pauses, until)


@thorough
@given(st.data(), rules(), starts())
def test_due_is_where_the_oracle_arrives(data: st.DataObject, rule: ClockRule, start: datetime) -> None:
    pauses = data.draw(pause_lists(start))
    due = due_at(rule, CALENDAR, start, pauses, as_of=FAR)
    limit = start + timedelta(days=12)
    expected = oracle.due(rule, start, pauses, limit)
    assert due == expected or (expected is None and (due is None or due > limit))


@thorough
@given(st.data(), rules(), starts())
def test_the_whole_allowance_has_counted_when_it_is_due(data: st.DataObject, rule: ClockRule, start: datetime) -> None:
    pauses = data.draw(pause_lists(start))
    due = due_at(rule, CALENDAR, start, pauses, as_of=FAR)
    if due is None:
        assert remaining(rule, CALENDAR, start, pauses, FAR) > ZERO
        return
    assert remaining(rule, CALENDAR, start, pauses, due) == ZERO
    if rule.minutes:
        assert remaining(rule, CALENDAR, start, pauses, due - timedelta(microseconds=1)) == timedelta(microseconds=1)


@thorough
@given(st.data(), rules(), starts())
def test_elapsed_never_falls_and_adds_up(data: st.DataObject, rule: ClockRule, start: datetime) -> None:
    pauses = data.draw(pause_lists(start))
    middle = start + data.draw(steps(0, 3000))
    end = middle + data.draw(steps(0, 3000))
    first = elapsed(rule, CALENDAR, start, pauses, middle)
    second = elapsed(rule, CALENDAR, middle, pauses, end)
    assert ZERO <= first <= middle - start
    assert first + second == elapsed(rule, CALENDAR, start, pauses, end)


@thorough
@given(st.data(), rules(), starts())
def test_a_longer_allowance_is_due_later(data: st.DataObject, rule: ClockRule, start: datetime) -> None:
    pauses = data.draw(pause_lists(start, may_be_open=False))
    longer = ClockRule(rule.minutes + data.draw(st.integers(1, 600)), rule.mode, rule.hours, tz=rule.tz)
    sooner, later = (due_at(each, CALENDAR, start, pauses, as_of=FAR) for each in (rule, longer))
    assert sooner is not None
    assert later is not None
    assert sooner < later


@thorough
@given(st.data(), rules(), starts())
def test_another_pause_never_hurries(data: st.DataObject, rule: ClockRule, start: datetime) -> None:
    pauses = data.draw(pause_lists(start, may_be_open=False))
    more = [*pauses, *data.draw(pause_lists(start, may_be_open=False))]
    before, after = (due_at(rule, CALENDAR, start, each, as_of=FAR) for each in (pauses, more))
    assert before is not None
    assert after is not None
    assert before <= after


@thorough
@given(st.data(), st.integers(1, 5000), starts(), st.sampled_from(oracle.ZONES))
def test_a_pause_moves_a_natural_due_time_by_its_length(
    data: st.DataObject, minutes: int, start: datetime, tz: str
) -> None:
    rule = ClockRule(minutes, tz=tz)
    first = start + timedelta(minutes=data.draw(st.integers(0, minutes - 1)))
    length = timedelta(seconds=data.draw(st.integers(0, 500_000)))
    due = due_at(rule, CALENDAR, start, [Pause(first, first + length)], as_of=FAR)
    assert due == start + timedelta(minutes=minutes) + length


@thorough
@given(st.data(), rules(), starts())
def test_a_past_day_is_judged_by_what_was_known_then(data: st.DataObject, rule: ClockRule, start: datetime) -> None:
    """Replays the table as it stood: pauses are opened and closed one after the other, and each state is remembered."""
    recorded: list[Pause] = []
    moment, answers = start, []
    for gap, length in data.draw(st.lists(st.tuples(steps(1, 200), steps(1, 200)), max_size=4)):
        opened, closed = moment + gap, moment + gap + length
        open_state = [*recorded, Pause(opened, None)]
        asked = opened + data.draw(st.integers(0, length // STEP - 1)) * STEP
        answers.append((asked, due_at(rule, CALENDAR, start, open_state, as_of=asked)))
        recorded = [*recorded, Pause(opened, closed)]
        answers.append((closed, due_at(rule, CALENDAR, start, recorded, as_of=closed)))
        moment = closed
    for asked, answer in answers:
        assert due_at(rule, CALENDAR, start, recorded, as_of=asked) == answer


@thorough
@given(st.data(), rules(), starts())
def test_warning_and_escalations_stand_in_order(data: st.DataObject, rule: ClockRule, start: datetime) -> None:
    pauses = data.draw(pause_lists(start, may_be_open=False))
    ladder = ClockRule(
        rule.minutes, rule.mode, rule.hours, escalations=(Decimal(1), Decimal("1.5"), Decimal(2)), tz=rule.tz
    )
    due = due_at(ladder, CALENDAR, start, pauses, as_of=FAR)
    warn = warn_at(ladder, CALENDAR, start, pauses, as_of=FAR)
    rungs = [escalation_at(ladder, CALENDAR, start, pauses, n, as_of=FAR) for n in (1, 2, 3)]
    assert warn is not None
    assert due is not None
    assert warn <= due
    assert rungs[0] == due
    assert rungs == sorted(rung for rung in rungs if rung is not None)


@thorough
@given(st.data(), rules(), starts())
def test_the_lines_of_the_explanation_sum_to_elapsed(data: st.DataObject, rule: ClockRule, start: datetime) -> None:
    pauses = data.draw(pause_lists(start))
    as_of = start + data.draw(steps(0, 4 * 288))
    ended_at = data.draw(st.none() | steps(0, 4 * 288).map(lambda after: start + after))
    until = as_of if ended_at is None else min(as_of, ended_at)
    lines = explain(rule, CALENDAR, start, pauses, as_of=as_of, ended_at=ended_at)

    past = [line for line in lines if not line.ahead]
    assert sum((line.counted for line in past), ZERO) == elapsed(rule, CALENDAR, start, pauses, until)
    assert sum(line.minutes for line in past) == elapsed(rule, CALENDAR, start, pauses, until) // timedelta(minutes=1)
    assert lines[0].kind is LineKind.START
    for former, latter in pairwise(lines):
        assert latter.total == former.total + latter.counted
    for line in lines:
        assert line.counted in (ZERO, _utc(line.end) - _utc(line.start) if line.end else ZERO)


@thorough
@given(st.data(), rules(), starts())
def test_the_lines_cover_the_time_without_gap(data: st.DataObject, rule: ClockRule, start: datetime) -> None:
    pauses = data.draw(pause_lists(start))
    as_of = start + data.draw(steps(0, 4 * 288))
    lines = explain(rule, CALENDAR, start, pauses, as_of=as_of)
    due = due_at(rule, CALENDAR, start, pauses, as_of=as_of)
    stretches = [(_utc(line.start), _utc(line.end) if line.end else as_of) for line in lines if line.kind.takes_time]
    assert all(former[1] == latter[0] for former, latter in pairwise(stretches))
    assert (stretches[0][0], stretches[-1][1]) if stretches else (start, start) == (start, max(as_of, due or as_of))
    if due is not None and due > as_of:
        assert sum((line.counted for line in lines), ZERO) == rule.allowance
    assert [_utc(line.start) for line in lines if line.kind is LineKind.DUE] == ([due] if due else [])


def _utc(at: datetime) -> datetime:
    return at.astimezone(UTC)
