"""`steward history`: bring in another system's request log."""

import os
import tomllib
from datetime import datetime
from pathlib import Path
from typing import Any

import click
from django.utils import timezone
from tqdm import tqdm

from steward.history.load import Summary, load_file
from steward.history.maps import Map, read_map
from steward.history.tables import TableError
from steward.kernel import reference
from steward.kernel.errors import InvalidError
from steward.registers.org.models import Level, Node, ProjectKind
from steward.registers.org.operations import create_node
from steward.registers.org.tree import Place, project_by_code, tree

EXISTING = click.Path(exists=True, dir_okay=False, path_type=Path)


@click.group()
def history() -> None:
    """Requests of the past, from another system."""


@history.command("import")
@click.argument("file", type=EXISTING)
@click.option("--map", "map_file", type=EXISTING, required=True, help="What the columns mean (TOML).")
@click.option("--project", "code", required=True, help="Code of the project the cases belong to.")
@click.option("--create-project", is_flag=True, help="Create the project if there is none of this code.")
@click.option("--rejects", type=click.Path(dir_okay=False, path_type=Path), help="Where rows go that come back.")
@click.option("--quiet", is_flag=True, help="No progress bar.")
def import_command(
    *, file: Path, map_file: Path, code: str, create_project: bool, rejects: Path | None, quiet: bool
) -> None:
    """Load FILE (CSV, CSV.GZ or XLSX) as cases. What was loaded before is left alone."""
    reference.refresh()
    plan, back, at = _plan(map_file), rejects or beside(file), timezone.now()
    project = _project(code, plan, create=create_project)
    with tqdm(total=None, desc=file.name, unit="B", unit_scale=True, disable=quiet, mininterval=0.5) as bar:

        def progress(done: int, size: int) -> None:
            bar.total = size
            bar.update(done - bar.n)

        try:
            total = load_file(path=file, plan=plan, project_id=project.id, rejects=back, at=at, progress=progress)
        except (TableError, OSError) as error:
            raise click.ClickException(str(error)) from error
    _tell(total, back, project, at)


def beside(file: Path) -> Path:
    """``log.csv.gz`` → ``log.rejected.csv``; an Excel file comes back as one. A read-only folder is left alone."""
    name = file.name.removesuffix(".gz")
    stem, dot, suffix = name.rpartition(".")
    back = f"{stem if dot else name}.rejected.{'xlsx' if suffix == 'xlsx' else 'csv'}"
    # The mode counts for root as well, who could write anywhere.
    writable = file.parent.stat().st_mode & 0o222 and os.access(file.parent, os.W_OK)
    return (file.parent if writable else Path.cwd()) / back


def _plan(path: Path) -> Map:
    try:
        return read_map(path)
    except tomllib.TOMLDecodeError as error:
        raise click.ClickException(f"{path.name}: {error}") from error
    except InvalidError as error:
        faults = "\n".join(f"  {name}: {message}" for name, message in error.fields.items())
        raise click.ClickException(f"{path.name}:\n{faults}") from error


def _project(code: str, plan: Map, *, create: bool) -> Place:
    found = project_by_code(code)
    if found is None and not create:
        raise click.ClickException(f"There is no project {code}; --create-project makes one.")
    if found is None:
        found = _create(code, plan)
        click.echo(f"project {code} created, time zone {plan.zone.key}", err=True)
    return found


def _create(code: str, plan: Map) -> Place:
    """A project under the company; an empty database gets its company, too."""
    root = Node.objects.filter(level=Level.HEAD_OFFICE).order_by("pk").first()
    try:
        if code in tree().by_code:
            raise click.ClickException(f"{code} is a {tree().by_code[code].level}, not a project.")
        root = root or create_node(parent=None, level=Level.HEAD_OFFICE, code="HQ", name="Head office")
        new: dict[str, Any] = {"kind": ProjectKind.RESIDENTIAL, "tz": plan.zone.key}
        node = create_node(parent=root, level=Level.PROJECT, code=code, name=plan.source, **new)
    except InvalidError as error:
        raise click.ClickException(str(error)) from error
    return tree().places[node.pk]


def _tell(total: Summary, back: Path, project: Place, at: datetime) -> None:
    click.echo(
        f"{total.rows:,} rows: {total.added:,} added to {project.code}, {total.known:,} were there already, "
        f"{total.refused:,} came back"
    )
    if total.refused:
        click.echo(f"rows that came back, with the reason: {back}")
    if total.compared:
        share = total.agrees / total.compared
        click.echo(
            f"closed with a target: {total.compared:,}; the file's own on-time flag agrees on {total.agrees:,} "
            f"({share:.3%})"
        )
