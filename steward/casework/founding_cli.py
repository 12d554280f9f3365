"""`steward company`: the very first step in an empty database."""

import click
from django.utils import timezone, translation

from steward.casework.founding import found_company
from steward.kernel.errors import RefusalError


@click.group()
def company() -> None:
    """The company that this database is for."""


@company.command()
@click.option("--name", prompt="Name of the company")
@click.option("--project", prompt="Name of its first project")
@click.option("--code", prompt="Code of that project, for instance YX (stands in every case number)")
@click.option("--person", prompt="Your name")
@click.option("--username", prompt="Your sign-in name (small letters and digits)")
def found(*, name: str, project: str, code: str, person: str, username: str) -> None:
    """Found the company in an empty database; prints a link by which its first colleague chooses a password."""
    with translation.override("en"):
        try:
            made = found_company(
                name=name, code=code, project=project, person=person, username=username, at=timezone.now()
            )
        except RefusalError as error:
            raise click.ClickException(str(error)) from error
    click.echo(f"{made.company.name} with {made.project.name} ({made.project.code}). Choose a password here:", err=True)
    click.echo(made.link)
