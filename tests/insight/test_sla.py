"""`steward report sla`: cases of our own and of other systems, one yardstick."""

import csv
import json
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result
from hypothesis import given
from hypothesis import strategies as st

from steward.cases.declare import REGISTRY
from steward.casework.history import Import
from steward.insight import sla
from steward.insight.cli import report
from steward.kernel import reference
from tests.world import World

DAY = timedelta(days=1)
START = datetime(2026, 3, 1, tzinfo=UTC)
Past = Callable[..., None]


@pytest.fixture
def past(world: World) -> Past:
    """Cases of another system in the tower project, where nothing else happens."""
    count = 0
    target = Import(project_id=world.company.nodes["RT"].pk, source="old", at=world.now)

    def add(*, day: float = 0, target_days: float | None = None, closed_days: float | None = None, **more: Any) -> None:
        nonlocal count
        count += 1
        opened = START + day * DAY
        raw = {
            "number": f"N{count}",
            "kind": "repair",
            "opened": opened,
            "target": None if target_days is None else opened + target_days * DAY,
            "closed": None if closed_days is None else opened + closed_days * DAY,
            "title": "x",
            **more,
        }
        assert target.load([(count, raw)]).added == 1

    return add


def run(*arguments: str, code: str = "RT", fails: bool = False) -> Result:
    result = CliRunner().invoke(report, ["sla", "--project", code, *arguments])
    assert bool(result.exit_code) is fails, result.output
    return result


def figures(*arguments: str, code: str = "RT") -> dict[str, Any]:
    read: dict[str, Any] = json.loads(run("--json", *arguments, code=code).stdout)
    return read


def test_closed_by_the_target_open_at_the_instant_asked_for(past: Past) -> None:
    past(target_days=2, closed_days=1)
    past(target_days=2, closed_days=2)
    past(target_days=2, closed_days=3)
    past(closed_days=8)
    past(target_days=5)
    past()
    before = figures("--as-of", (START + 4 * DAY).isoformat())
    assert (before["total"], before["closed"], before["open"]) == (6, 4, 2)
    assert before["closed_with_target"] == {"on_time": 2, "overdue": 1}, "the very instant is on time"
    assert before["open_with_target"] == {"on_time": 1, "overdue": 0}
    assert before["median_hours_to_close"] == 60
    after = figures("--as-of", (START + 6 * DAY).isoformat())
    assert after["open_with_target"] == {"on_time": 0, "overdue": 1}


def test_the_same_by_kind_and_category(past: Past) -> None:
    past(category=("Housing", "Heat"), closed_days=1, target_days=2)
    past(category=("Housing", "Heat"))
    past(category=("Housing", "Pests"))
    past(kind="inquiry")
    found = figures()
    assert {name: f["total"] for name, f in found["by_kind"].items()} == {"repair": 3, "inquiry": 1}
    assert {name: f["total"] for name, f in found["by_category"].items()} == {
        "Housing / Heat": 2,
        "Housing / Pests": 1,
        "": 1,
    }
    heat = found["by_category"]["Housing / Heat"]
    assert heat["closed_with_target"] == {"on_time": 1, "overdue": 0}
    assert heat["median_hours_to_close"] == 24


def test_the_period_is_the_projects_own_day_and_ends_before_its_end(past: Past) -> None:
    # The tower stands in Shanghai: its day begins at 16:00 UTC of the day before.
    past(day=-9 / 24)
    past(day=-8 / 24)
    past(day=15.99 / 24)
    past(day=16 / 24)
    assert figures("--from", "2026-03-01", "--to", "2026-03-02")["total"] == 2
    assert figures("--from", "2026-03-02")["total"] == 1
    assert figures("--to", "2026-03-01T00:00:00+08:00")["total"] == 1


def test_rows_name_every_case_and_its_verdict(past: Past, tmp_path: Path) -> None:
    past(target_days=1, closed_days=1)
    past(target_days=1)
    past(closed_days=1)
    rows = tmp_path / "rows.csv"
    run("--rows", str(rows), "--as-of", "2026-04-01")
    with rows.open(encoding="utf-8", newline="") as file:
        assert list(csv.reader(file)) == [
            ["external_number", "verdict"],
            ["N1", "on_time"],
            ["N2", "overdue"],
            ["N3", ""],
        ]


def test_nothing_yet_is_nothing(world: World) -> None:
    found = figures()
    assert (found["total"], found["median_hours_to_close"], found["by_kind"]) == (0, None, {})


@pytest.mark.parametrize("wrong", ["yesterday", "2026-02-30", "", "2026-01-01T25:00"])
def test_what_is_no_instant_is_refused_in_a_line(world: World, wrong: str) -> None:
    assert "neither a day" in run("--as-of", wrong, fails=True).output


def test_an_unknown_project_is_refused(world: World) -> None:
    assert "no project NOPE" in run(code="NOPE", fails=True).output


def own(world: World) -> dict[str, Any]:
    return figures("--as-of", world.now.isoformat(), code="YX")


def test_our_own_cases_are_judged_by_their_own_clock(world: World) -> None:
    number = world.open("desk", kind="inquiry", title="问停车费", category="fees").case.number
    late = world.open("desk", kind="inquiry", title="问装修").case.number
    assert own(world)["open_with_target"] == {"on_time": 2, "overdue": 0}
    world.pass_time(hours=1)
    world.act("desk", number, "answer", answer="每月 300 元")
    world.pass_time(hours=24)
    assert own(world)["open_with_target"] == {"on_time": 0, "overdue": 1}
    world.act("desk", late, "answer", answer="请看装修须知")
    found = own(world)
    assert found["closed_with_target"] == {"on_time": 1, "overdue": 1}
    assert found["median_hours_to_close"] == 13
    assert found["by_category"]["Charges"]["total"] == 1


def test_a_clock_on_hold_is_late_only_if_it_had_run_out_before(world: World) -> None:
    in_time, too_late = (world.open("desk", category="power", urgency="P2").case.number for _ in range(2))
    for number in (in_time, too_late):
        world.act("desk", number, "assess", urgency="P2", payer="owner")
        world.act("tech", number, "take")
    hold = {"reason": "parts", "promised_at": (world.now + 200 * DAY).isoformat(), "customer_told": True}
    world.act("tech", in_time, "suspend", **hold)
    world.pass_time(days=60)
    world.act("tech", too_late, "suspend", **hold)
    world.pass_time(days=60)
    assert own(world)["open_with_target"] == {"on_time": 1, "overdue": 1}


def test_two_statements_however_many_cases(past: Past, world: World, django_assert_num_queries: Any) -> None:
    project = world.company.nodes["RT"].pk
    for _ in range(3):
        past(target_days=1)
    sla.report(project_id=project, as_of=world.now)
    with django_assert_num_queries(2):
        sla.report(project_id=project, as_of=world.now)


def test_every_process_says_which_clock_stands_for_its_resolution() -> None:
    assert [p.kind for p in REGISTRY.values() if not any(p.deadline(key) for key in sla.RESOLUTION)] == []


@given(target=st.none() | st.integers(0, 100), closed=st.none() | st.integers(0, 100), as_of=st.integers(0, 100))
def test_a_verdict_is_given_once_and_never_better_later(target: int | None, closed: int | None, as_of: int) -> None:
    def at(day: int | None) -> datetime | None:
        return None if day is None else START + day * DAY

    now, later = sla.verdict(at(target), at(closed), at(as_of)), sla.verdict(at(target), at(closed), at(as_of + 1))
    assert (now == "") is (target is None)
    assert (now, later) != ("overdue", "on_time")
    if closed is not None:
        assert now == later, "what is closed is judged by its end alone"


@pytest.fixture(autouse=True)
def _fresh() -> Iterator[None]:
    yield
    reference.forget()
