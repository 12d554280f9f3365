"""An import that was cut off is run again; two at once add each row once."""

from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import Result

from steward.cases.models import Case, Entry
from steward.casework import history
from steward.history import load as loading
from tests.history.conftest import line

Load = Callable[..., Result]
Boston = Callable[..., Path]


@pytest.fixture(autouse=True)
def _small_chunks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(loading, "CHUNK", 10)


def test_cut_off_and_run_again(load: Load, boston: Boston, monkeypatch: pytest.MonkeyPatch) -> None:
    log = boston(*(line(str(n)) for n in range(100, 135)))
    write, calls = history.Import._write, []

    def cut(self: history.Import, good: list[history.PastCase]) -> int:
        calls.append(len(good))
        if len(calls) == 3:
            raise KeyboardInterrupt
        return write(self, good)

    with monkeypatch.context() as patched:
        patched.setattr(history.Import, "_write", cut)
        load(log, fails=True)
    assert Case.objects.unscoped().count() == 20, "two chunks whole, the third not at all"
    assert "15 added to BOS, 20 were there already" in load(log).output
    numbers = list(Case.objects.unscoped().order_by("number").values_list("number", flat=True))
    assert [n[-4:] for n in numbers] == [f"{n:04d}" for n in range(1, 36)]
    assert Entry.objects.unscoped().count() == 35


def test_somebody_else_was_faster(load: Load, boston: Boston, monkeypatch: pytest.MonkeyPatch) -> None:
    """Another import of the same log commits between our look and our write: its rows stay, ours are the rest."""
    log = boston(*(line(str(n)) for n in range(100, 110)))
    load(boston(*(line(str(n)) for n in range(100, 105)), name="part.csv"))
    known, looks = history.Import._known, []

    def late(self: history.Import) -> set[str]:
        looks.append(1)
        return set() if len(looks) == 1 else known(self)

    monkeypatch.setattr(history.Import, "_known", late)
    assert "5 added to BOS, 5 were there already" in load(log).output
    assert len(looks) == 2
    assert Case.objects.unscoped().count() == 10
