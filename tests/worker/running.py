"""Real processes on the test database, for tests that kill them."""

import os
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit, urlunsplit

from django.db import connection

ROOT = Path(__file__).resolve().parents[2]
#: Seconds: it bounds a hang, not a measurement.
PATIENCE = 180.0


def until(is_so: Callable[[], bool], what: str, patience: float = PATIENCE) -> None:
    end = time.monotonic() + patience
    while not is_so():
        assert time.monotonic() < end, f"waited too long: {what}"
        time.sleep(0.02)


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def database_url() -> str:
    """Of the database the tests themselves use."""
    name = str(connection.settings_dict["NAME"])
    if connection.vendor == "sqlite":
        return f"sqlite:///{name}"
    parts = urlsplit(os.environ["DATABASE_URL"])
    return urlunsplit(parts._replace(path=f"/{name}"))


@contextmanager
def process(*arguments: str, var: Path, mail_port: int = 1, **options: Any) -> Iterator["subprocess.Popen[str]"]:
    """``python -m …`` beside the tests; killed at the end if it still runs."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("STEWARD_")}
    environment = {
        **kept,
        "STEWARD_ENV": "test",
        "STEWARD_VAR": str(var),
        "DATABASE_URL": database_url(),
        "EMAIL_URL": f"smtp://127.0.0.1:{mail_port}",
        "PYTHONUNBUFFERED": "1",
    }
    command = [sys.executable, "-m", *arguments]
    one = subprocess.Popen(command, cwd=ROOT, env=environment, text=True, **options)
    try:
        yield one
    finally:
        one.kill()
        one.wait()
        for pipe in (one.stdout, one.stderr):
            if pipe is not None:
                pipe.close()
