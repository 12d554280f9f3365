"""The real log of a city: every row accounted for, every verdict as the city's own."""

import csv
import gzip
import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from steward.casework import queries
from steward.casework.queries import CaseFilter
from steward.insight.cli import report
from steward.kernel.actor import Role
from tests.history.test_import import staff
from tests.stopwatch import calm_seconds

pytestmark = pytest.mark.data
Load = Callable[..., Result]


def verdicts(path: Path, code: str, *extra: str) -> tuple[dict[str, str], dict[str, object]]:
    result = CliRunner().invoke(report, ["sla", "--project", code, "--json", "--rows", str(path), *extra])
    assert result.exit_code == 0, result.output
    with path.open(encoding="utf-8", newline="") as file:
        return {row["external_number"]: row["verdict"] for row in csv.DictReader(file)}, json.loads(result.stdout)


def flags(path: Path) -> list[dict[str, str]]:
    with gzip.open(path, "rt", encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


FLAG = {"ONTIME": "on_time", "OVERDUE": "overdue"}


def agreement(log: list[dict[str, str]], ours: dict[str, str]) -> tuple[int, int]:
    """Closed rows with a target that were loaded: how many, and on how many the city's flag says the same."""
    rows = [r for r in log if r["CLOSED_DT"] and r["TARGET_DT"] and r["CASE_ENQUIRY_ID"] in ours]
    return len(rows), sum(FLAG.get(r["OnTime_Status"]) == ours[r["CASE_ENQUIRY_ID"]] for r in rows)


def test_housing_and_building_agree_on_every_row(load: Load, data_folder: Path, tmp_path: Path) -> None:
    path = data_folder / "boston311" / "housing_building_2015.csv.gz"
    output = load(path, "--rejects", str(tmp_path / "back.csv")).output
    assert "18,093 rows: 18,092 added to BOS, 0 were there already, 1 came back" in output
    ours, figures = verdicts(tmp_path / "rows.csv", "BOS")
    assert agreement(flags(path), ours) == (12317, 12317)
    assert figures["total"] == 18092
    assert figures["closed"] == 12317
    assert figures["closed_with_target"] == {"on_time": 6638, "overdue": 5679}
    open_rows_agree_at_the_instant_the_log_was_drawn(path, tmp_path)
    assert "0 added to BOS, 18,092 were there already" in load(path, "--rejects", str(tmp_path / "back.csv")).output


def open_rows_agree_at_the_instant_the_log_was_drawn(path: Path, tmp_path: Path) -> None:
    """The last open row that the city calls overdue was due on 2016-01-12, the first on time on 2016-01-13."""
    ours, figures = verdicts(tmp_path / "rows.csv", "BOS", "--as-of", "2016-01-13")
    waiting = [r for r in flags(path) if not r["CLOSED_DT"]]
    assert [FLAG[r["OnTime_Status"]] for r in waiting] == [ours[r["CASE_ENQUIRY_ID"]] for r in waiting]
    assert figures["open_with_target"] == {"on_time": 1304, "overdue": 4471}


def test_the_whole_year_loads_in_a_minute(load: Load, data_folder: Path, tmp_path: Path) -> None:
    path = data_folder / "boston311" / "all_2015.csv.gz"
    shown: list[str] = []
    took = calm_seconds(lambda: shown.append(load(path, "--rejects", str(tmp_path / "back.csv")).output), rounds=1)
    output = shown[0]
    assert "121,145 rows: 120,948 added to BOS, 0 were there already, 197 came back" in output
    with (tmp_path / "back.csv").open(encoding="utf-8-sig", newline="") as file:
        back = list(csv.DictReader(file))
    assert len(back) == 197
    assert all(row["CLOSED_DT"] < row["OPEN_DT"] for row in back)
    ours, figures = verdicts(tmp_path / "rows.csv", "BOS")
    compared, same = agreement(flags(path), ours)
    assert compared == 79151
    assert same / compared >= 0.998
    assert figures["total"] == 120948
    assert took < 60, f"{took:.0f} s"
    lists_are_served_by_their_indexes()


def lists_are_served_by_their_indexes() -> None:
    """None of them looks through the 120,948 rows."""
    desk = staff(Role.DESK)
    here = CaseFilter(projects=desk.project_ids)
    newest = ("-received_at", "-id")
    some_pages_on = queries.list_cases(desk, here, limit=200).next_cursor or ""
    at, _pk = queries.decode_cursor(some_pages_on)
    plans = {
        # With one project in the table the index over all projects reads the same rows.
        "case_project|case_received": queries.find(desk, here).order_by(*newest),
        "case_open": queries.find(desk, replace(here, is_open=True)).order_by(*newest),
        "case_external_number": queries.find(desk, replace(here, text="101001240754")).order_by(*newest),
        "case_due": queries.find(desk, replace(here, overdue_at=at)).order_by("next_due_at"),
    }
    for indexes, rows in plans.items():
        plan = rows[:51].explain()
        assert any(index in plan for index in indexes.split("|")), (indexes, plan)
    assert queries.queue(desk, here) == []
