"""`steward demo`: the demo company, for trying Steward out."""

import time
from collections.abc import Callable

import click
from django.conf import settings
from django.utils import timezone

from steward.demo import company
from steward.demo.cast import CAST


@click.group()
def demo() -> None:
    """The demo company and its cast."""


@demo.command()
@click.option("--if-empty", is_flag=True, help="Do nothing when there already is a company.")
@click.pass_obj
def load(told: Callable[[str, float | None], None] | None, /, *, if_empty: bool) -> None:
    """Load the demo company into an empty database."""
    if settings.PRODUCTION:
        raise click.ClickException("The demo company is refused when STEWARD_ENV=production.")
    if not company.is_empty():
        if if_empty:
            return
        raise click.ClickException("There already is a company in this database; the demo needs an empty one.")
    begun = time.monotonic()

    def tell(step: str, share: float | None = None) -> None:
        if told is not None:
            told(step, share)
        if share == 1:
            click.echo(f"demo: {company.STEPS[step]} ({time.monotonic() - begun:.1f} s)", err=True)

    company.load(at=timezone.now(), tell=tell)


@demo.command("cast")
def show_cast() -> None:
    """List the names the demo's sign-in page offers."""
    for member in CAST:
        click.echo(f"{member.username:<12}{member.name}  {member.title}  {member.description}")
