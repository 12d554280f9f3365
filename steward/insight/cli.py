"""`steward report`: figures for people and scripts."""

import csv
import json
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import Any

import click
from django.utils import timezone

from steward.insight.sla import Judged
from steward.insight.sla import report as sla_report
from steward.kernel import reference
from steward.registers.org.tree import Place, project_by_code


@click.group()
def report() -> None:
    """Figures over cases."""


@report.command("sla")
@click.option("--project", "code", required=True, help="Code of the project.")
@click.option("--from", "since", help="Received from this day or instant on.")
@click.option("--to", "until", help="Received before this day or instant.")
@click.option("--as-of", "as_of", help="Open cases are judged at this instant. Default: now.")
@click.option("--rows", type=click.Path(dir_okay=False, path_type=Path), help="Write each case's verdict (CSV).")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def sla(
    *, code: str, since: str | None, until: str | None, as_of: str | None, rows: Path | None, as_json: bool
) -> None:
    """Were promises kept? By the moment received; days are the project's own, the end is not included."""
    reference.refresh()
    project = project_by_code(code)
    if project is None:
        raise click.ClickException(f"There is no project {code}.")
    period = {"since": instant(since, "--from", project), "until": instant(until, "--to", project)}
    now = instant(as_of, "--as-of", project) or timezone.now()
    with _row_file(rows) as each:
        figures = sla_report(project_id=project.id, as_of=now, each=each, **period).as_dict()
    head = {
        "project": code,
        "from": _local(period["since"], project),
        "to": _local(period["until"], project),
        "as_of": _local(now, project),
    }
    if as_json:
        click.echo(json.dumps({**head, **figures}, ensure_ascii=False, indent=2))
    else:
        _print(figures)


def instant(text: str | None, option: str, project: Place) -> datetime | None:
    """An instant, or the beginning of a day, in the project's time zone unless it carries an offset."""
    if text is None:
        return None
    try:
        found = datetime.fromisoformat(text)
        return found if found.tzinfo else found.replace(tzinfo=project.tz)
    except ValueError as error:
        message = f"{option}: {text!r} is neither a day (2015-01-31) nor an instant (2015-01-31T08:30)."
        raise click.ClickException(message) from error


def _local(at: datetime | None, project: Place) -> str | None:
    return at.astimezone(project.tz).isoformat() if at else None


@contextmanager
def _row_file(path: Path | None) -> Iterator[Any]:
    """Writes a line per case: its number in the system it came from (our own number where it is ours), the verdict."""
    if path is None:
        yield lambda _case: None
        return
    try:
        with path.open("w", encoding="utf-8", newline="") as file:
            out = csv.writer(file)
            out.writerow(["external_number", "verdict"])

            def write(case: Judged) -> None:
                out.writerow([case.number, case.verdict])

            yield write
    except OSError as error:
        raise click.ClickException(str(error)) from error


def _print(figures: dict[str, Any]) -> None:
    """A table for the eye: everything, then kinds and categories by size."""
    line = "{:<50.50} {:>9} {:>9} {:>9} {:>9} {:>9} {:>9} {:>9}"
    click.echo(line.format("", "total", "closed", "on time", "overdue", "open", "overdue", "median h"))
    groups = {"all": figures, **figures["by_kind"], **figures["by_category"]}
    for name, f in groups.items():
        done, waiting, hours = f["closed_with_target"], f["open_with_target"], f["median_hours_to_close"]
        shown = "-" if hours is None else f"{hours:,.1f}"
        counts = [f["total"], f["closed"], done["on_time"], done["overdue"], f["open"], waiting["overdue"]]
        click.echo(line.format(name or "(none)", *(f"{n:,}" for n in counts), shown))
