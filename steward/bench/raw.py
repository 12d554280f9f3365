"""The denominator: the frozen schema and its four operations, run by pgbench beside the product."""

import re
import subprocess
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import psycopg

from steward.bench.servers import Postgres

# Sizes as the frozen scripts have them written out.
UNITS = 500_000
TICKETS = 1_000_000


@dataclass(frozen=True)
class Sample:
    """One run: requests per second, latencies in microseconds, the web server's processor seconds per request."""

    rate: float
    latencies: list[int]
    worked: float = 0.0


def build(url: str, folder: Path, cases: int) -> None:
    """Load the frozen schema with as many tickets as the product has cases."""
    units = max(cases // 2, 100)
    with psycopg.connect(url, autocommit=True) as link:
        for name in ("schema.sql", "load.sql", "index.sql"):
            for statement in statements((folder / name).read_text(encoding="utf-8")):
                sized = re.sub(r"(?<!:):(n|u|c)\b", lambda m: str(cases if m[1] == "n" else units), statement)
                link.execute(sized.encode())
        link.execute("CREATE SEQUENCE IF NOT EXISTS num_seq")


def statements(text: str) -> Iterator[str]:
    """Without psql's own commands and comments; the frozen files hold no semicolon inside a string."""
    lines = [line.split("--")[0] for line in text.splitlines() if not line.startswith("\\")]
    for statement in "\n".join(lines).split(";"):
        if statement.strip():
            yield statement


def sized(script: Path, folder: Path, cases: int) -> Path:
    """A script whose random numbers stay within the data that were loaded."""
    text = script.read_text(encoding="utf-8")
    text = text.replace(f"random(1,{TICKETS})", f"random(1,{cases})")
    text = text.replace(f"random(1,{UNITS})", f"random(1,{max(cases // 2, 100)})")
    made = folder / script.name
    made.write_text(text, encoding="utf-8")
    return made


@dataclass(frozen=True)
class Pgbench:
    program: str
    server: Postgres
    database: str
    clients: int

    def run(self, scripts: list[Path], seconds: float) -> Sample:
        with tempfile.TemporaryDirectory(prefix="steward-pgbench-") as logs:
            command = [self.program, "-n", "-M", "prepared", "-c", str(self.clients), "-j", "2"]
            command += ["-T", str(max(1, round(seconds))), "-l", "--log-prefix", f"{logs}/log"]
            for script in scripts:
                command += ["-f", str(script)]
            done = subprocess.run(
                command, env=self.server.environment(self.database), check=False, capture_output=True, text=True
            )
            if done.returncode:
                raise RuntimeError(f"pgbench: {done.stderr.strip()[-2000:]}")
            latencies = [
                int(line.split()[2])
                for log in Path(logs).iterdir()
                for line in log.read_text().splitlines()
                if line.split()[2].isdigit()
            ]
        found = re.search(r"tps = ([\d.]+) \(without", done.stdout)
        return Sample(float(found[1]) if found else 0.0, latencies)
