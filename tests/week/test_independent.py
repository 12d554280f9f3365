"""The second calculation has its own arithmetic: of the product it knows the names of roles, nothing else."""

import ast
from pathlib import Path

import pytest

HERE = Path(__file__).parent
CALCULATING = sorted([*HERE.glob("calculation*.py"), HERE / "figures.py", HERE / "ledger.py", HERE / "times.py"])


@pytest.mark.parametrize("path", CALCULATING, ids=lambda p: p.stem)
def test_it_takes_nothing_from_what_it_checks(path: Path) -> None:
    tree = ast.parse(path.read_text(encoding="utf-8"))
    found = {node.module for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)}
    found |= {name.name for node in ast.walk(tree) if isinstance(node, ast.Import) for name in node.names}
    assert {name for name in found if name and name.startswith(("steward", "django"))} <= {"steward.kernel.actor"}
