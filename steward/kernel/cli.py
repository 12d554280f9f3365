"""`steward facts`."""

import click

from steward.kernel import facts as kernel_facts


@click.command()
def facts() -> None:
    """List every fact and who listens to it."""
    heard: dict[str, list[str]] = {name: [] for name in kernel_facts.known()}
    for name, listener in kernel_facts.table():
        heard[name].append(listener)
    for name, listeners in sorted(heard.items()):
        click.echo(name)
        for listener in listeners or ["nobody listens"]:
            click.echo(f"    {listener}")
