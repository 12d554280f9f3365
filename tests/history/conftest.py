"""Small logs, written by the tests themselves."""

import gzip
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result
from django.utils.translation import override

from steward.history.cli import history
from steward.kernel import reference

ROOT = Path(__file__).resolve().parents[2]
BOSTON = ROOT / "examples" / "boston311.toml"
SMALLTOWN = Path(__file__).parent / "smalltown.toml"

HEADER = (
    "CASE_ENQUIRY_ID,OPEN_DT,TARGET_DT,CLOSED_DT,OnTime_Status,CASE_STATUS,CLOSURE_REASON,CASE_TITLE,SUBJECT,REASON,"
    "TYPE,QUEUE,Department,Location,neighborhood,Source"
)


def line(
    number: str = "101",
    opened: str = "2015-06-01 08:00:00",
    target: str = "2015-06-08 08:00:00",
    closed: str = "2015-06-03 08:00:00",
    *,
    flag: str = "ONTIME",
    status: str = "Closed",
    reason: str = "Case Closed",
    title: str = "No heat",
    subject: str = "Inspectional Services",
    source: str = "Self Service",
) -> str:
    rest = ["Housing", "Heat", "ISD_Housing", "ISD", "1 Beacon St", "Back Bay", source]
    return ",".join([number, opened, target, closed, flag, status, reason, title, subject, *rest])


@pytest.fixture
def boston(tmp_path: Path) -> Callable[..., Path]:
    """A log in Boston's form."""

    def write(*lines: str, name: str = "log.csv") -> Path:
        text = "\n".join([HEADER, *lines, ""]).encode()
        path = tmp_path / name
        path.write_bytes(gzip.compress(text) if name.endswith(".gz") else text)
        return path

    return write


@pytest.fixture
def load(db: None) -> Iterator[Callable[..., Result]]:
    """The command as an operator calls it."""
    reference.forget()

    def run(path: Path, *extra: str, plan: Path = BOSTON, code: str = "BOS", fails: bool = False) -> Result:
        arguments: list[Any] = ["import", str(path), "--map", str(plan), "--project", code, "--create-project", *extra]
        result = CliRunner().invoke(history, arguments)
        assert bool(result.exit_code) is fails, result.output
        return result

    yield run
    reference.forget()


@pytest.fixture
def english() -> Iterator[None]:
    with override("en"):
        yield
