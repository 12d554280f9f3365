import click
from django.utils import timezone

from steward.registers.org.models import User
from steward.registers.org.operations import create_token


@click.group()
def token() -> None:
    """Bearer tokens of the API."""


@token.command()
@click.argument("username")
@click.option("--label", default="", help="What the token is for.")
def create(username: str, label: str) -> None:
    """Print a new token for USERNAME, and nothing else. It is shown only once."""
    user = User.objects.filter(username=username, is_active=True).first()
    if user is None:
        raise click.ClickException(f"There is no active user {username}.")
    click.echo(create_token(user=user, label=label[:60], at=timezone.now()))
