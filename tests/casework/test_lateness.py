"""Why a clock is late: every sentence true, the sums right, whatever happened in between."""

import re
import uuid
from collections.abc import Iterator
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.utils import translation
from hypothesis import given, settings
from hypothesis import strategies as st

from steward.cases.deadlines import of_case
from steward.cases.declare import REGISTRY
from steward.cases.models import Case, Deadline, Entry
from steward.casework import subtasks
from steward.casework.accountability import handovers
from steward.casework.clocks.lateness import ZERO, Account, Story, account, late
from steward.casework.clocks.latewords import paragraph, sentences
from steward.casework.models import Handover, SubTask
from steward.kernel.clocks import LineKind
from steward.kernel.clocks.policy import Clock
from steward.worker.loop import run_until_idle
from tests.processes import test_complaint as complaint
from tests.rules import road
from tests.world import NOW, World

MINUTE = timedelta(minutes=1)
REPAIR = REGISTRY["repair"]
TOLD = re.compile(r"^全程([^：]+)：(.+)。$")
SPAN = re.compile(r"(?:(\d+)天)?(?:(\d+)小时)?(?:(\d+)分)?$")


def staff(world: World, name: str) -> int:
    return int(world.company.staff[name].pk)


def wait(world: World, **amount: float) -> None:
    """Time passes, the worker awake whenever a clock has something to say."""
    until = world.now + timedelta(**amount)
    while True:
        tables = (Deadline, SubTask, Handover)
        rows = (t.objects.in_project(world.project_id).filter(next_at__lte=until) for t in tables)
        following = [at for found in rows for at in found.values_list("next_at", flat=True) if at is not None]
        if not following:
            break
        world.now = max(world.now, min(following))
        run_until_idle(world.now)
    world.now = until


def story(world: World, number: str, at: datetime | None = None) -> Story:
    case = Case.objects.in_project(world.project_id).get(number=number)
    entries = Entry.objects.in_project(world.project_id).filter(case=case).order_by("seq")
    return Story(case, REGISTRY[case.kind], of_case(case), list(entries), at or world.now)


def told(world: World, number: str, key: str, at: datetime | None = None) -> tuple[Account, str]:
    read = story(world, number, at)
    found = [a for a in late(read) if a.key == key]
    assert found, f"{key} is not late"
    return found[-1], paragraph(found[-1], read.case)


def minutes(text: str) -> int:
    found = SPAN.search(text)
    assert found is not None
    days, hours, left = (int(n or 0) for n in found.groups())
    return (days * 24 + hours) * 60 + left


@pytest.fixture
def slow(world: World) -> str:
    """Ordinary, eight hours to arrive: three to be sent, one until accepted, one put off, never there."""
    number = world.open("desk", urgency="P2", payer="owner").case.number
    wait(world, hours=3)
    world.act("desk", number, "dispatch", handler=staff(world, "tech"))
    wait(world, hours=1)
    world.act("tech", number, "accept")
    promised = world.now + timedelta(hours=2)
    world.act("tech", number, "suspend", reason="access", promised_at=promised, customer_told=True)
    wait(world, hours=1)
    world.act("tech", number, "resume")
    wait(world, hours=5, minutes=26)
    return number


SAID = (
    "“到场”时限 11-21 19:24，至今未完成，已超1小时26分。"
    "从 10:24 起，限8小时（每天 08:00-20:00）。"
    "到期前不计的有：暂停1次共1小时（家中无人）。"
    "全程10小时26分：派单3小时（周敏）、等师傅接单1小时（李建国）、搁置：家中无人1小时（李建国）、上门5小时26分（李建国）。"
    "用时最长的是：上门（李建国）。"
    "其间“接单”限30分，用了4小时。"
    "系统已于 17:48 提醒李建国、19:24 升级给周敏。"
    "现在轮到李建国：上门。"
)


def test_it_says_who_had_it_how_long_what_counted_who_was_told_and_who_is_next(world: World, slow: str) -> None:
    assert told(world, slow, "arrival")[1] == SAID


def test_once_done_it_says_so_and_nobody_is_next(world: World, slow: str) -> None:
    world.act("tech", slow, "arrive")
    _found, text = told(world, slow, "arrival")
    assert text.startswith("“到场”时限 11-21 19:24，实际 20:50，晚了1小时26分。")
    assert "轮到" not in text


def test_a_past_moment_is_judged_by_what_was_known_then(world: World, slow: str) -> None:
    then = world.now
    world.act("tech", slow, "arrive")
    wait(world, hours=30)
    world.act("desk", slow, "redispatch", handler=staff(world, "tech2"))
    assert told(world, slow, "arrival", then - timedelta(seconds=1))[1] == SAID.replace(
        "1小时26分", "1小时25分"
    ).replace("全程10小时26分", "全程10小时25分").replace("上门5小时26分", "上门5小时25分")


def test_a_closed_case_still_explains_itself(world: World) -> None:
    number = complaint.received(world)
    wait(world, hours=30)
    world.act("desk", number, "acknowledge", severity="minor")
    world.act("desk", number, "assign", responsible_unit="环境部", handler=staff(world, "headbutler"))
    world.act("headbutler", number, "investigate", **complaint.INVESTIGATION)
    world.act("headbutler", number, "answer", answer="经查属实，今天下午完成清扫")
    world.act("headbutler", number, "solve", **complaint.SOLUTION)
    world.pass_time(hours=18)
    world.act("desk", number, "callback", outcome="satisfied", rating=4)
    wait(world, days=9)
    found, text = told(world, number, "answer")
    assert found.ended
    assert text.startswith("“答复”时限 11-22 10:24，实际 16:24，晚了6小时。")
    assert [(part.who, part.span) for part in found.parts] == [("周敏", timedelta(hours=30))]
    assert story(world, number).case.closed_at is not None


def test_put_off_for_want_of_staff_counts(world: World) -> None:
    number = road.on_site(world)
    promised = world.now + timedelta(hours=30)
    world.act("tech", number, "suspend", reason="capacity", promised_at=promised, customer_told=True)
    wait(world, hours=25)
    found, text = told(world, number, "completion")
    assert found.paused == ()
    assert "搁置1次共1天1小时（暂无人手），照常计时。" in text


def test_hours_that_do_not_count_are_named_before_the_due_time_only(world: World) -> None:
    wait(world, hours=8)
    number = world.open("desk", urgency="P2", payer="owner").case.number
    wait(world, days=3)
    found, text = told(world, number, "arrival")
    assert found.allowed + found.rest == found.due_at - found.started_at
    assert "到期前不计的有：不计时的时段" in text


def test_what_was_asked_of_others_and_offered_to_others_is_told(world: World, slow: str) -> None:
    asked: dict[str, Any] = {"project_id": world.project_id, "actor": world.actor("desk"), "at": world.now}
    row = subtasks.ask_subtask(
        number=slow,
        data={"what": "请查水泵", "colleague": staff(world, "tech2")},
        client_uuid=uuid.uuid4(),
        **asked,
    )
    offer = {"receiver": staff(world, "butler"), "reason": "我去培训"}
    handovers.offer_handover(number=slow, data=offer, client_uuid=uuid.uuid4(), **asked)
    wait(world, hours=5)
    _found, text = told(world, slow, "arrival")
    assert "20:50 请王强协办“请查水泵”，至今未回报。" in text
    assert "20:50 周敏请陈悦接手首问，至今未答复。" in text
    world.pass_time(hours=20)
    (own,) = late(story(world, slow), subtasks.of_case(row.case))
    said = paragraph(own, row.case)
    assert "全程1天1小时：接手1天1小时（王强）。" in said
    assert said.endswith("现在轮到王强：接手。")


def test_whoever_took_over_has_it_from_then_on(world: World) -> None:
    number = world.open("desk", kind="suggestion", title="中心花园加装路灯").case.number
    world.pass_time(days=2)
    given = {"receiver": staff(world, "butler"), "reason": "今天没来", "cause": "sick"}
    handovers.force_handover(
        project_id=world.project_id,
        number=number,
        data=given,
        actor=world.actor("manager"),
        at=world.now,
        client_uuid=uuid.uuid4(),
    )
    world.pass_time(days=6)
    found, text = told(world, number, "answer")
    assert [(part.who, part.span) for part in found.parts] == [
        ("周敏", timedelta(days=2)),
        ("陈悦", timedelta(days=6)),
    ]
    assert "现在轮到陈悦" in text


def test_a_broken_promise_on_the_way_is_named(world: World) -> None:
    number = world.open("desk", urgency="P1", payer="owner").case.number
    wait(world, hours=2)
    world.act("desk", number, "dispatch", handler=staff(world, "tech"))
    world.act("tech", number, "accept")
    world.act("tech", number, "arrive")
    wait(world, hours=23)
    assert "其间“到场”限30分，用了2小时。" in told(world, number, "completion")[1]


def test_it_speaks_english_too(world: World, slow: str) -> None:
    with translation.override("en"):
        _found, text = told(world, slow, "arrival")
    assert text.startswith("On site: due 11-21 19:24, not done yet, 1 h 26 min past it.")
    assert "10 h 26 min in all: Dispatch 3 h (周敏), " in text
    assert text.endswith("Now it is up to 李建国: Visit.")


STATES = ("received", "dispatched", "accepted", "waiting", "on_site", "done")


@st.composite
def histories(draw: st.DrawFn) -> dict[str, Any]:
    """A clock of any figure, pauses anywhere, steps anywhere, asked at any moment."""
    moments = st.integers(0, 6 * 24 * 60 * 60)
    steps = sorted(draw(st.lists(moments, max_size=8)))
    bounds = sorted(draw(st.lists(moments, max_size=6)))
    pauses: list[tuple[int, int | None]] = [(a, b) for a, b in zip(bounds[::2], bounds[1::2], strict=False)]
    if draw(st.booleans()) and len(bounds) % 2:
        pauses.append((bounds[-1], None))
    return {
        "minutes": draw(st.integers(0, 3 * 24 * 60)),
        "mode": draw(st.sampled_from(["natural", "working", "daily"])),
        "steps": [(at, draw(st.sampled_from(STATES)), draw(st.sampled_from([None, "tech", "tech2"]))) for at in steps],
        "pauses": pauses,
        "ended": draw(st.none() | moments),
        "asked": draw(moments),
    }


def built(world: World, drawn: dict[str, Any]) -> tuple[Deadline, Story]:
    case = Case(
        project_id=world.project_id,
        kind="repair",
        state=drawn["steps"][-1][1] if drawn["steps"] else "received",
        received_at=NOW,
        updated_at=NOW,
        accountable_id=staff(world, "desk"),
        customer_name="王淑芬",
    )
    clock = Clock(minutes=drawn["minutes"], mode=drawn["mode"], hours="08:00-12:00,13:30-17:30")
    row = Deadline.begin(clock, version="1", started_at=NOW, at=NOW, project_id=case.project_id, key="completion")
    assert isinstance(row, Deadline)
    ends = None if drawn["ended"] is None else NOW + timedelta(seconds=drawn["ended"])
    for start, end in drawn["pauses"]:
        since = NOW + timedelta(seconds=start)
        if ends is None or since < ends:
            row.pause(since=since, reason="access")
            if end is not None:
                row.resume(until=min(NOW + timedelta(seconds=end), ends or NOW + timedelta(days=400)))
    if ends is not None:
        row.end(at=ends)
    entries, before = [], "received"
    for seq, (at, state, handler) in enumerate(drawn["steps"], start=2):
        data = {"handler": staff(world, handler) if handler else None}
        entries.append(
            Entry(
                seq=seq,
                action="x",
                from_state=before,
                to_state=state,
                happened_at=_at(at),
                recorded_at=_at(at),
                data=data,
            )
        )
        before = state
    return row, Story(case, REPAIR, [row], entries, _at(drawn["asked"]))


def _at(seconds: int) -> datetime:
    return NOW + timedelta(seconds=seconds)


@given(histories())
@settings(max_examples=300)
def test_the_sums_hold_and_the_clock_agrees(world: World, drawn: dict[str, Any]) -> None:
    row, read = built(world, drawn)
    found = account(row, read)
    lines = row.explanation(as_of=read.as_of)
    assert (found is not None and found.is_late) is any(line.kind is LineKind.LATE for line in lines)
    if found is None:
        return
    due = [line.start for line in lines if line.kind is LineKind.DUE]
    assert due == [found.due_at]
    assert sum((part.span for part in found.parts), ZERO) == found.gross
    assert sum(part.minutes for part in found.parts) == found.gross // MINUTE
    paused = sum((hold.span for hold in found.paused), ZERO)
    if found.is_late:
        assert found.allowed + paused + found.rest + found.over == found.gross
    for said in sentences(found, read.case):
        course = TOLD.match(said)
        if course:
            assert minutes(course[1]) == found.gross // MINUTE == sum(said_minutes(course[2]))


def said_minutes(parts: str) -> Iterator[int]:
    """The parts as a reader adds them up."""
    for part in parts.split("、"):
        yield minutes(re.sub(r"（[^）]*）$", "", part))


def test_a_tenth_of_a_rung_is_told_as_it_is(world: World) -> None:
    """A ladder may begin before the due time: then it is not late, and does not say so."""
    number = world.open("desk", kind="suggestion", title="加装路灯").case.number
    read = story(world, number)
    row = next(r for r in read.deadlines if r.key == "answer")
    row.ladder = f"{Decimal('0.9')}:accountable"
    found = account(row, Story(read.case, read.process, read.deadlines, read.entries, NOW + timedelta(days=6)))
    assert found is not None
    assert not found.is_late
    assert "尚未完成，还剩1天。" in paragraph(found, read.case)
