"""What `steward run` does before it serves: texts compiled, database up to date, the demo company loaded."""

import os
from pathlib import Path

import click

from steward.cli import load
from steward.cli.messages import compile_stale

ROOT = Path(__file__).resolve().parent.parent.parent


@click.command(hidden=True)
@click.option("--demo", is_flag=True)
def prepare(*, demo: bool) -> None:
    """Whatever a start needs; a second start finds nothing to do and is quick."""
    import django
    from django.core.management import call_command
    from django.db import connection, connections
    from django.db.migrations.executor import MigrationExecutor

    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    compile_stale(ROOT)
    django.setup()
    executor = MigrationExecutor(connection)
    if executor.migration_plan(executor.loader.graph.leaf_nodes()):
        call_command("migrate", interactive=False, verbosity=1)
    company = load("demo") if demo else None
    if company is not None:
        company.main(["load", "--if-empty"], prog_name="steward demo", standalone_mode=False)
    connections.close_all()
    from steward.papers import health

    for problem in health.problems():
        click.echo(problem, err=True)
