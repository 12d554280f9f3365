"""`steward processes`."""

import click
from django.utils import translation

from steward.cases.declare import REGISTRY
from steward.casework import draw as drawing


@click.command()
@click.option("--draw", is_flag=True, help="Write docs/processes: a diagram and the tables of each process.")
@click.option("--check", is_flag=True, help="Fail when docs/processes is not what --draw would write.")
def processes(*, draw: bool, check: bool) -> None:
    """List the business processes; they were checked when they were loaded."""
    if draw:
        for path in drawing.draw():
            click.echo(f"drew {path.name}")
    if check:
        found = drawing.stale()
        if found:
            raise click.ClickException(f"out of date, run `steward processes --draw`: {', '.join(found)}")
    if not draw and not check:
        _list()


def _list() -> None:
    with translation.override("en"):
        for kind, process in sorted(REGISTRY.items()):
            counts = f"{len(process.states)} states, {len(process.actions)} actions, {len(process.deadlines)} clocks"
            click.echo(f"{kind}\t{process.title}\t{process.prefix}\t{counts}")
