"""The drawn processes: true to the declarations, and checked so that they stay true."""

import dataclasses
import re
from pathlib import Path

import pytest
from click.testing import CliRunner
from django.utils import translation

from steward.cases.declare import REGISTRY
from steward.casework import draw
from steward.casework.cli import processes
from steward.kernel.cli import facts

ARROW = re.compile(r"    (\[\*\]|\w+) --> (\[\*\]|\w+)( : [\w, ]+)?")
STATE = re.compile(r"    (\w+) : .+")


def test_the_documentation_shows_the_processes_as_they_are() -> None:
    """Red after a change of a process: run `steward processes --draw`."""
    assert draw.stale() == []


@pytest.mark.parametrize("kind", sorted(REGISTRY))
def test_every_line_of_the_diagram_is_mermaid_about_known_states(kind: str) -> None:
    process = REGISTRY[kind]
    lines = list(draw.diagram(process))
    assert lines[0] == "stateDiagram-v2"
    known, seen = {*process.states.values, "[*]"}, set()
    for line in lines[1:]:
        arrow = ARROW.fullmatch(line)
        state = STATE.fullmatch(line) if arrow is None else None
        assert arrow or state, line
        names = arrow.groups()[:2] if arrow else state.groups() if state else ()
        assert set(names) <= known, line
        seen |= set(names)
    assert seen == known


@pytest.mark.parametrize("kind", sorted(REGISTRY))
def test_every_action_rule_and_clock_stands_on_the_page(kind: str) -> None:
    process = REGISTRY[kind]
    page = draw.pages()[f"{kind}.md"]
    with translation.override("en"):
        for action in process.actions:
            row = next(line for line in page.splitlines() if line.startswith(f"| `{action.name}` |"))
            assert draw.who(action.by) in row
            assert all(f"`{guard.rule}`" in row for guard in action.guards)
        for rule in process.deadlines:
            assert f"| `{rule.key}` | {rule.title} |" in page
            given = "to a given time" if rule.until is not None else draw.allowance(rule.policy.preset)
            assert given in page
    assert not re.search(r"[一-鿿]", page), "the documentation is English"


def test_a_changed_process_makes_its_page_stale(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert [path.name for path in draw.draw(tmp_path)] == sorted(f"{kind}.md" for kind in REGISTRY)
    assert draw.stale(tmp_path) == []
    assert draw.draw(tmp_path) == []
    changed = dataclasses.replace(REGISTRY["inquiry"], prefix="QQ")
    monkeypatch.setitem(REGISTRY, "inquiry", changed)
    (tmp_path / "gone.md").write_text("a process that is no more")
    assert draw.stale(tmp_path) == ["gone.md", "inquiry.md"]


def test_check_fails_and_names_the_page(monkeypatch: pytest.MonkeyPatch) -> None:
    assert CliRunner().invoke(processes, ["--check"]).exit_code == 0
    monkeypatch.setitem(REGISTRY, "inquiry", dataclasses.replace(REGISTRY["inquiry"], prefix="QQ"))
    answer = CliRunner().invoke(processes, ["--check"])
    assert answer.exit_code == 1
    assert "inquiry.md" in answer.output


def test_the_list_and_the_facts_name_everything() -> None:
    listed = CliRunner().invoke(processes).output
    assert all(line in listed for line in ("repair\tRepair\tBX\t", "inquiry\tInquiry\tWX\t"))
    told = CliRunner().invoke(facts).output
    assert "CaseCompleted\n    steward.assurance.callbacks.begin" in told
    assert "CaseOpened" in told
