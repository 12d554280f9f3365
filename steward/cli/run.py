"""`steward run`: bring the database up to date, then web server and worker together until one of them ends."""

import contextlib
import ctypes
import http.client
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from types import FrameType

import click

ROOT = Path(__file__).resolve().parent.parent.parent
#: Seconds a process gets to finish its requests before it is killed.
GRACE = 15.0
#: Heaps of glibc: one for each thread, as it would take, costs the web server 30 MB and gains nothing.
ARENAS = {"MALLOC_ARENA_MAX": "2"}
_PR_SET_PDEATHSIG = 1


@click.command()
@click.option("--host", default="127.0.0.1", show_default=True, help="Address to listen on.")
@click.option("--port", default=8000, show_default=True, envvar="PORT", type=click.IntRange(1, 65535))
@click.option("--threads", default=8, show_default=True, type=click.IntRange(1, 200), help="Requests at a time.")
@click.option(
    "--processes",
    default=1,
    show_default=True,
    type=click.IntRange(1, 64),
    help="Web processes of so many threads; up to one a core, some 100 MB each.",
)
@click.option("--demo", is_flag=True, help="Load the demo company into an empty database; every page says so.")
def run(*, host: str, port: int, threads: int, processes: int, demo: bool) -> None:
    """Serve Steward: web server and worker."""
    os.environ["PORT"] = str(port)
    if demo:
        os.environ["STEWARD_DEMO"] = "1"
    refuse_taken_port(host, port)
    commands = {"prepare": preparation(host, port, demo=demo), **children(host, port, threads, processes)}
    sys.exit(Supervisor(commands, host, port).run())


def refuse_taken_port(host: str, port: int) -> None:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as error:
            message = f"{host}:{port} cannot be used ({error.strerror}); choose another PORT."
            raise click.ClickException(message) from error


def preparation(host: str, port: int, *, demo: bool) -> list[str]:
    """In a process of its own, which gives its memory back; until the web server takes the port, a page there tells."""
    command = [sys.executable, "-m", "steward", "prepare", "--host", host, "--port", str(port)]
    return [*command, *(["--demo"] if demo else [])]


def children(host: str, port: int, threads: int, processes: int) -> dict[str, list[str]]:
    web = [sys.executable, "-m", "granian", "--interface", "wsgi", "--host", host, "--port", str(port)]
    web += ["--no-ws", "--blocking-threads", str(threads), "--workers", str(processes)]
    web += ["--workers-kill-timeout", "10", "--log-level", "error"]
    return {
        "web": [*web, "config.wsgi:application"],
        "worker": [sys.executable, "-m", "steward", "worker"],
    }


class Supervisor:
    """Starts the processes; when one ends or somebody asks to stop, all end. A half-running Steward helps nobody."""

    def __init__(self, commands: dict[str, list[str]], host: str, port: int) -> None:
        self.commands = commands
        self.address = (host, port)
        self.processes: dict[str, subprocess.Popen[bytes]] = {}
        self.asked = False

    def run(self) -> int:
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, self._ask)
        if not self._prepared():
            return 0 if self.asked else 1
        self._start("web")
        ended = self._watch(until=self._answers)
        if not ended and not self.asked:
            click.echo(f"Steward is ready: http://{self.address[0]}:{self.address[1]}", err=True)
            # After the first page, so that the two do not slow each other's start.
            self._start("worker")
            ended = self._watch()
        self._stop()
        if self.asked:
            return 0
        click.echo(f"steward: {ended} ended unexpectedly; everything was stopped.", err=True)
        return 1

    def _prepared(self) -> bool:
        self._start("prepare")
        self._watch()
        self._stop()
        code = self.processes.pop("prepare").returncode
        if code and not self.asked:
            click.echo("steward: preparing failed, see above; nothing was started.", err=True)
        return code == 0 and not self.asked

    def _start(self, name: str) -> None:
        """In a session of its own: Ctrl-C reaches only us, and we stop the children in order."""
        self.processes[name] = subprocess.Popen(
            self.commands[name],
            cwd=ROOT,
            env={**ARENAS, **os.environ},
            start_new_session=True,
            preexec_fn=_die_with_us,  # noqa: PLW1509 - one thread, one system call
        )

    def _ask(self, _number: int, _frame: FrameType | None) -> None:
        self.asked = True

    def _watch(self, until: Callable[[], bool] = lambda: False) -> str:
        """The name of the process that ended; empty when somebody asked to stop or ``until`` came true."""
        while not self.asked and not until():
            for name, process in self.processes.items():
                if process.poll() is not None:
                    return name
            time.sleep(0.1)
        return ""

    def _answers(self) -> bool:
        """Any answer will do: the port is open before the application is loaded."""
        connection = http.client.HTTPConnection(*self.address, timeout=1)
        try:
            connection.request("GET", "/health")
            connection.getresponse()
        except (OSError, http.client.HTTPException):
            return False
        finally:
            connection.close()
        return True

    def _stop(self) -> None:
        for process in self.processes.values():
            process.terminate()
        until = time.monotonic() + GRACE
        for process in self.processes.values():
            with contextlib.suppress(subprocess.TimeoutExpired):
                process.wait(max(0.1, until - time.monotonic()))
            # What a killed web server leaves behind would keep the port; the group is the child's own.
            with contextlib.suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
            process.wait()


def _die_with_us() -> None:
    """On Linux the kernel ends the child when the supervisor is killed: no orphan keeps the port."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGTERM)
