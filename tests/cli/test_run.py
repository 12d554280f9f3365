"""`steward run` with real processes: what one start promises, and that no half of it lives on alone."""

import os
import signal
import sqlite3
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import psutil
import pytest

from tests.stopwatch import slowness
from tests.worker.running import PATIENCE, free_port, until

ROOT = Path(__file__).resolve().parents[2]
pytestmark = pytest.mark.skipif(
    os.environ.get("STEWARD_TEST_ON") == "postgres", reason="processes, not databases: once is enough"
)


class Running:
    """One `steward run` in a folder of its own."""

    def __init__(self, var: Path, *arguments: str) -> None:
        self.port = free_port()
        kept = {name: value for name, value in os.environ.items() if not name.startswith("STEWARD_")}
        environment = {**kept, "STEWARD_VAR": str(var), "DATABASE_URL": f"sqlite:///{var}/run.sqlite3"}
        command = [sys.executable, "-m", "steward", "run", "--port", str(self.port), *arguments]
        self.process = subprocess.Popen(command, cwd=ROOT, env=environment, stderr=subprocess.PIPE, text=True)

    def page(self) -> tuple[int, str]:
        """As a browser gets it; status 0 when nobody answers."""
        request = urllib.request.Request(f"http://127.0.0.1:{self.port}/", headers={"Accept": "text/html"})
        try:
            with urllib.request.urlopen(request, timeout=PATIENCE) as answer:  # noqa: S310  our own server
                return answer.status, answer.read().decode()
        except urllib.error.HTTPError as error:
            return error.code, error.read().decode()
        except OSError:
            return 0, ""

    def answers(self) -> bool:
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{self.port}/health", timeout=5) as answer:
                return bool(answer.read() == b"ok")
        except OSError:
            return False

    def family(self) -> list[psutil.Process]:
        return list(psutil.Process(self.process.pid).children(recursive=True))

    def child(self, word: str) -> psutil.Process:
        """The worker starts once the first page is served: give it a moment."""
        until(lambda: bool(self.children(word)), f"process {word}")
        return self.children(word)[0]

    def children(self, word: str) -> list[psutil.Process]:
        return [one for one in psutil.Process(self.process.pid).children() if word in one.cmdline()]

    def end(self) -> tuple[int, str]:
        _out, err = self.process.communicate(timeout=PATIENCE)
        return self.process.returncode, err


@pytest.fixture(scope="module")
def var(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Shared by the starts of this file: only the first one has to migrate."""
    return tmp_path_factory.mktemp("var")


@pytest.fixture
def running(var: Path) -> Iterator[Running]:
    one = Running(var)
    try:
        until(lambda: one.answers() and len(one.family()) > 2, "the first answer, and the worker after it")
        yield one
    finally:
        one.process.kill()
        one.process.communicate()


def are_gone(family: list[psutil.Process]) -> bool:
    return not any(one.is_running() and one.status() != psutil.STATUS_ZOMBIE for one in family)


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_asked_to_stop_while_preparing_it_ends_and_the_next_start_goes_on(var: Path, number: signal.Signals) -> None:
    """Stands first in this file: the database is still empty."""
    one = Running(var, "--demo")
    try:
        begun = time.monotonic()
        until(lambda: one.page()[0] == 503, "the page of who waits")
        assert time.monotonic() - begun < 10 * slowness(time.monotonic), "long before the demo company is there"
        assert not one.answers(), "/health: not yet"
        until(lambda: "升级数据库</span><small>" in one.page()[1], "migrations are counted")
        family = one.family()
        one.process.send_signal(number)
        assert one.end()[0] == 0
        assert are_gone(family)
        assert one.page()[0] == 0
    finally:
        one.process.kill()
        one.process.communicate()


def test_what_cannot_be_prepared_is_said_on_the_page_and_in_the_terminal(tmp_path: Path) -> None:
    (tmp_path / "run.sqlite3").write_text("no database" * 100)
    one = Running(tmp_path)
    seen = [""]
    while one.process.poll() is None:
        seen.append(one.page()[1] or seen[-1])
    code, err = one.end()
    assert code == 1
    assert "管家没有准备成功" in seen[-1]
    assert "file is not a database" in err
    assert err.endswith("steward: preparing failed, see above; nothing was started.\n")


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_asked_to_stop_it_ends_cleanly_with_everything_it_started(running: Running, number: signal.Signals) -> None:
    family = running.family()
    assert len(family) > 2, "web server with its worker process, and our worker"
    running.process.send_signal(number)
    code, _err = running.end()
    assert code == 0
    assert are_gone(family)
    assert not running.answers()


def test_several_web_processes_answer_and_end_together(var: Path) -> None:
    many = Running(var, "--processes", "2")
    try:
        until(lambda: many.answers() and len(many.child("granian").children()) == 2, "two web processes")
        family = many.family()
        many.process.terminate()
        assert many.end()[0] == 0
        assert are_gone(family)
    finally:
        many.process.kill()
        many.process.communicate()


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux says what is shared")
def test_the_whole_product_fits_into_300_megabytes(running: Running) -> None:
    with urllib.request.urlopen(f"http://127.0.0.1:{running.port}/sign-in/", timeout=PATIENCE) as answer:
        assert answer.status == 200
    everybody = [psutil.Process(running.process.pid), *running.family()]
    held = {" ".join(one.cmdline()[1:4]): one.memory_full_info().pss / 2**20 for one in everybody}
    assert sum(held.values()) < 300, held


@pytest.mark.parametrize(("name", "word"), [("web", "granian"), ("worker", "worker")])
def test_when_one_process_dies_everything_stops(running: Running, name: str, word: str) -> None:
    family = running.family()
    running.child(word).kill()
    code, err = running.end()
    assert code == 1
    assert f"{name} ended unexpectedly" in err
    assert are_gone(family)


def test_killed_itself_it_leaves_nobody_behind(running: Running) -> None:
    family = running.family()
    running.process.kill()
    running.end()
    until(lambda: are_gone(family), "the children end with their supervisor")


def test_a_demo_cut_short_leaves_no_half_of_a_company(running: Running, var: Path, tmp_path: Path) -> None:
    """Else the next start would find a company and take it for whole."""
    kept = tmp_path / "run.sqlite3"
    with closing(sqlite3.connect(var / "run.sqlite3")) as migrated, closing(sqlite3.connect(kept)) as empty:
        migrated.backup(empty)
    one = Running(tmp_path, "--demo")
    try:
        until(lambda: "演示公司：楼栋、房屋、业户</span><small>" in one.page()[1], "homes are being made")
        family = one.family()
    finally:
        one.process.kill()
        one.process.communicate()
    until(lambda: are_gone(family), "who prepared ends too")
    with closing(sqlite3.connect(kept)) as left:
        assert left.execute("SELECT count(*) FROM org_node").fetchone() == (0,)


def test_a_taken_port_is_named(running: Running, var: Path) -> None:
    command = [sys.executable, "-m", "steward", "run", "--port", str(running.port)]
    found = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=PATIENCE, check=False)
    assert found.returncode == 1
    assert f"127.0.0.1:{running.port} cannot be used" in found.stderr


@pytest.mark.parametrize(
    ("variable", "value"), [("STEWARD_ENV", "live"), ("DATABASE_URL", "mysql://x/y"), ("STEWARD_SECRET_KEY", "abc")]
)
def test_a_wrong_setting_stops_the_start_in_one_line(variable: str, value: str) -> None:
    command = [sys.executable, "-m", "steward", "run", "--port", "1024"]
    environment = {**os.environ, "STEWARD_ENV": "development", variable: value}
    found = subprocess.run(
        command, cwd=ROOT, env=environment, capture_output=True, text=True, timeout=PATIENCE, check=False
    )
    assert found.returncode == 1
    assert found.stderr.startswith(f"Error: {variable}")
    assert "Traceback" not in found.stderr
