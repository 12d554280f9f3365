"""What `steward run` does before it serves: texts compiled, database up to date, the demo company loaded."""

import contextlib
import os
from typing import Any

import click

from steward.cli import load, waiting
from steward.cli.messages import compile_stale
from steward.cli.waiting import ROOT, Progress


@click.command(hidden=True)
@click.option("--demo", is_flag=True)
@click.option("--host", default="127.0.0.1")
@click.option("--port", type=int, help="Where a page says how far it is.")
def prepare(*, demo: bool, host: str, port: int | None) -> None:
    """Whatever a start needs; a second start finds nothing to do and is quick."""
    progress = Progress(steps=tuple(waiting.STEPS) if demo else ("texts", "database"))
    with waiting.page(progress, host, port) if port else contextlib.nullcontext():
        try:
            _prepare(progress, demo=demo, address=f"http://{host}:{port}")
        except BaseException:
            progress.fail()
            raise


def _prepare(progress: Progress, *, demo: bool, address: str) -> None:
    import django
    from django.db import connection, connections
    from django.db.migrations.executor import MigrationExecutor

    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    compile_stale(ROOT)
    django.setup()
    progress.tell("database")
    executor = MigrationExecutor(connection)
    if plan := executor.migration_plan(executor.loader.graph.leaf_nodes()):
        click.echo(f"Preparing; {address} shows how far it is.", err=True)
        _migrate(progress, len(plan))
    company = load("demo") if demo else None
    if company is not None:
        company.main(["load", "--if-empty"], prog_name="steward demo", standalone_mode=False, obj=progress.tell)
    connections.close_all()
    from steward.papers import health

    for problem in health.problems():
        click.echo(problem, err=True)


def _migrate(progress: Progress, steps: int) -> None:
    from django.core.management import call_command
    from django.core.management.commands.migrate import Command

    done = 0

    class Told(Command):
        def migration_progress_callback(self, action: str, *arguments: Any, **more: Any) -> None:
            nonlocal done
            super().migration_progress_callback(action, *arguments, **more)
            if action == "apply_success":
                done += 1
                progress.tell("database", done / steps)

    call_command(Told(), interactive=False, verbosity=1)
