"""The measuring itself: its data hold together, every request it sends is answered, the whole command runs."""

import json
import subprocess
import sys
from pathlib import Path
from random import Random
from typing import Any

import pytest
from click.testing import CliRunner
from django.conf import settings
from django.test import Client
from django.utils.module_loading import import_string

from steward.bench import raw, report
from steward.bench.client import OPERATIONS, own_share
from steward.bench.fill import fill
from steward.cases.models import Case, Deadline, Entry
from steward.kernel import reference


@pytest.fixture
def filled(db: None) -> Any:
    reference.forget()
    yield fill(400)["projects"]
    reference.forget()


def is_built(operation: str) -> bool:
    return operation != "list_html" or "steward.console" in settings.INSTALLED_APPS


def test_every_request_of_the_load_is_answered(filled: list[dict[str, Any]]) -> None:
    dice = Random(3)  # noqa: S311  a load, not a secret
    assert Case.objects.unscoped().count() == 400
    assert Entry.objects.unscoped().count() == 1600
    assert Deadline.objects.unscoped().count() == 1200
    for name, ask in OPERATIONS.items():
        if not is_built(name):
            continue
        for _ in range(3):
            method, path, headers, body = ask(dice.choice(filled), dice)
            answer = Client(headers=headers).generic(method, path, body, content_type="application/json")
            assert 200 <= answer.status_code < 300, (name, path, answer.content[:500])


def test_the_list_holds_the_open_cases_of_one_project(filled: list[dict[str, Any]]) -> None:
    project = filled[0]
    method, path, headers, _body = OPERATIONS["list_json"](project, Random(1))  # noqa: S311
    answer = Client(headers=headers).generic(method, path).json()
    open_there = Case.objects.in_project(project["id"]).filter(closed_at=None).count()
    assert len(answer["items"]) == min(open_there, 50) > 0
    assert {item["project"] for item in answer["items"]} == {project["code"]}
    assert all(item["closed_at"] is None for item in answer["items"])


def test_statements_leave_out_what_is_for_psql() -> None:
    text = "\\set ON_ERROR_STOP 1\n-- words\ncreate table a(b int); insert into a values(1) ;\n"
    assert [" ".join(s.split()) for s in raw.statements(text)] == ["create table a(b int)", "insert into a values(1)"]


def test_scripts_are_sized_to_what_is_loaded(tmp_path: Path) -> None:
    script = tmp_path / "frozen" / "create.sql"
    script.parent.mkdir()
    script.write_text("\\set u random(1,500000)\n\\set t random(1,1000000)\n\\set s random(1,5000)\n")
    made = raw.sized(script, tmp_path, 2000).read_text()
    assert made == "\\set u random(1,1000)\n\\set t random(1,2000)\n\\set s random(1,5000)\n"


def test_the_ratio_is_the_median_of_turns_in_pairs() -> None:
    row = report.Row("list")
    for rate, frozen in ((100.0, 500.0), (10.0, 100.0), (100.0, 800.0)):
        row.product.turns.append(raw.Sample(rate, [1000, 2000, 9000]))
        row.raw.turns.append(raw.Sample(frozen, [100]))
    assert row.ratio(row.raw) == "1/8.0"
    assert row.product.cells() == ["100", "2.0", "9.0"]
    assert row.ratio(row.own) == "–"


@pytest.mark.bench
def test_the_whole_command() -> None:
    command = import_string("steward.bench.cli.bench")
    done = CliRunner().invoke(command, ["--cases", "300", "--seconds", "0.4", "--turns", "1", "--clients", "2"])
    assert done.exit_code == 0, done.output
    for words in ("list, JSON", "detail, JSON", "create", "transition", "SQLite", "of raw"):
        assert words in done.output


def test_jobs_are_plain_json() -> None:
    """The load generator runs without Django and without site packages."""
    client = Path(str(import_string("steward.bench.client.__file__")))
    job = {"world": "/nowhere", "clients": 1, "operation": "detail"}
    done = subprocess.run(
        [sys.executable, "-I", "-S", str(client)], input=json.dumps(job), capture_output=True, text=True, check=False
    )
    assert "No such file" in done.stderr


def test_no_two_clients_dispatch_one_case_and_each_has_some() -> None:
    """Also where a project has fewer waiting cases than there are clients."""
    projects = [{"code": code, "waiting": [f"{code}{n}" for n in range(3)]} for code in "ABCD"]
    shares = [own_share(projects, number, 8) for number in range(8)]
    given = [case for share in shares for project in share for case in project["waiting"]]
    assert sorted(given) == sorted(case for project in projects for case in project["waiting"])
    assert all(project["waiting"] for share in shares for project in share)
    assert all(shares)
