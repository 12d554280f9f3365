"""`steward estate`: lists in and out of a project from the command line."""

import sys
import uuid
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

import click
from django.utils import timezone, translation

from steward.kernel import reference
from steward.kernel.actor import SYSTEM
from steward.kernel.errors import RefusalError
from steward.registers.cutover import operations, workbooks
from steward.registers.cutover.models import FileKind, ImportRun, ImportState
from steward.registers.org.tree import Place, project_by_code

PROJECT: Final = click.option("--project", required=True, metavar="CODE", help="The project's code.")


@click.group()
def estate() -> None:
    """Buildings, units and customers by workbook."""


@estate.command()
@click.argument("target", type=click.Path(dir_okay=False, path_type=Path))
def template(target: Path) -> None:
    """Write an empty workbook with every column and an example."""
    with translation.override("zh-hans"):
        target.write_bytes(workbooks.template())
    click.echo(str(target))


@estate.command("import")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@PROJECT
@click.option("--preview", is_flag=True, help="Only tell what it would do.")
def import_(file: Path, project: str, *, preview: bool) -> None:
    """Load FILE, all of it or nothing. Errors are written beside it, row by row."""
    where, at = _place(project), timezone.now()
    run = _told(
        lambda: operations.give(
            project_id=where.id,
            actor=SYSTEM,
            name=file.name,
            content=file.read_bytes(),
            client_uuid=uuid.uuid4(),
            at=at,
        )
    )
    run = operations.check(project_id=where.id, run_id=run.pk, at=at)
    _show(run)
    if run.state == ImportState.FAULTY:
        _errors(run, file)
    if preview:
        operations.drop(project_id=where.id, run_id=run.pk, actor=SYSTEM)
        return
    operations.confirm(project_id=where.id, run_id=run.pk, actor=SYSTEM, at=at)
    run = operations.load(project_id=where.id, run_id=run.pk, at=at)
    click.echo(f"import {run.pk}: {ImportState(run.state).label}")
    sys.exit(_refused(run) or run.state != ImportState.DONE)


@estate.command()
@click.argument("run", type=int)
@PROJECT
def undo(run: int, project: str) -> None:
    """Take import number RUN back, unless newer facts hang on its rows."""
    where, at = _place(project), timezone.now()
    _told(lambda: operations.ask_undo(project_id=where.id, run_id=run, actor=SYSTEM, at=at))
    done = operations.undo(project_id=where.id, run_id=run, at=at)
    click.echo(f"import {run}: {ImportState(done.state).label}")
    sys.exit(_refused(done))


def _place(code: str) -> Place:
    reference.refresh()
    translation.activate("zh-hans")
    found = project_by_code(code)
    if found is None:
        raise click.ClickException(f"There is no project {code}.")
    return found


def _told(verb: Callable[[], Any]) -> Any:
    try:
        return verb()
    except RefusalError as error:
        raise click.ClickException(str(error)) from error


def _show(run: ImportRun) -> None:
    for row in run.found.get("lists", ()):
        click.echo(
            "{name}\t{rows} rows: {new} new, {changed} changed, {same} unchanged, {faulty} with errors".format(**row)
        )
    for fault in run.found.get("faults", ()):
        click.echo("{sheet} {row}\t{column}\t{message}".format(**fault), err=True)
    _refused(run)


def _refused(run: ImportRun) -> bool:
    for sentence in run.refused:
        click.echo(sentence, err=True)
    return bool(run.refused)


def _errors(run: ImportRun, file: Path) -> None:
    if run.found:
        target = file.with_name(f"{file.stem}.errors.xlsx")
        target.write_bytes(operations.content_of(run, FileKind.ANNOTATED))
        click.echo(f"{run.found['fault_count']} errors, written to {target}", err=True)
    operations.drop(project_id=run.project_id, run_id=run.pk, actor=SYSTEM)
    sys.exit(1)
