"""The command line tool `steward`. A room adds a line to ``COMMANDS``; its module is loaded when it is called."""

import os
from importlib import import_module
from importlib.util import find_spec

import click
import django
from django.core.exceptions import ImproperlyConfigured

#: name → "module:command". Loaded with Django set up.
COMMANDS: dict[str, str] = {
    "demo": "steward.demo.cli:demo",
    "worker": "steward.worker.cli:worker",
    "token": "steward.api.cli:token",
    "history": "steward.history.cli:history",
    "report": "steward.insight.cli:report",
    "processes": "steward.casework.cli:processes",
    "company": "steward.casework.founding_cli:company",
    "estate": "steward.registers.cutover.cli:estate",
    "facts": "steward.kernel.cli:facts",
    "audit": "steward.kernel.audit.cli:audit",
    "backup": "steward.kernel.backup.cli:backup",
    "restore": "steward.kernel.backup.cli:restore",
    "bench": "steward.bench.cli:bench",
}
#: The tool's own commands; they set Django up themselves, or do without.
OWN: dict[str, str] = {
    "run": "steward.cli.run:run",
    "prepare": "steward.cli.prepare:prepare",
    "messages": "steward.cli.messages:messages",
}


def is_there(dotted: str) -> bool:
    try:
        return find_spec(dotted) is not None
    except ModuleNotFoundError:
        return False


def load(name: str) -> click.Command | None:
    """The command of that name, or nothing when its room is not there."""
    module, _, attribute = {**COMMANDS, **OWN}.get(name, "").partition(":")
    if not module or not is_there(module):
        return None
    if name in COMMANDS:
        os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
        django.setup()
    found: click.Command = getattr(import_module(module), attribute)
    return found


class Rooms(click.Group):
    def invoke(self, ctx: click.Context) -> object:
        """A refused setting is one line for the operator, not a traceback."""
        try:
            return super().invoke(ctx)
        except ImproperlyConfigured as error:
            raise click.ClickException(str(error)) from error

    def list_commands(self, _ctx: click.Context) -> list[str]:
        known = {**COMMANDS, **OWN}
        return sorted(name for name, target in known.items() if is_there(target.partition(":")[0]))

    def get_command(self, _ctx: click.Context, name: str) -> click.Command | None:
        return load(name)


@click.group(cls=Rooms)
@click.version_option(package_name="steward")
def main() -> None:
    """Steward: property management where every promise has a name and a deadline."""
