"""`steward audit`: seal, verify, and the head to keep outside."""

import sys
from datetime import datetime

import click
from django.apps import apps
from django.utils import timezone

from steward.kernel import reference
from steward.kernel.audit import seal as sealer
from steward.kernel.audit.verify import Proof
from steward.kernel.audit.verify import head as last_head
from steward.kernel.audit.verify import verify as prove

SHOWN = 20


@click.group()
def audit() -> None:
    """The sealed record of who did what."""


@audit.command()
def seal() -> None:
    """Seal everything that waits (the worker does so every five minutes)."""
    reference.refresh()
    total = 0
    while done := sealer.seal(at=timezone.now(), anchor=True):
        total += done
    click.echo(f"{total} rows sealed")


@audit.command()
def head() -> None:
    """Print the head of the company's chain. Kept outside, it proves later that nothing was cut off or written anew."""
    found = last_head()
    if not found:
        raise click.ClickException("Nothing is sealed yet: `steward audit seal`.")
    click.echo(found)


@audit.command()
@click.option("--project", "code", help="Code of one project; without it all of them.")
@click.option("--since", type=click.DateTime(["%Y-%m-%d", "%Y-%m-%dT%H:%M:%S"]), help="Read rows sealed from then on.")
@click.option("--head", "kept", default="", help="A head printed earlier and kept outside.")
def verify(code: str | None, since: datetime | None, kept: str) -> None:
    """Prove that nothing was changed, removed or put in afterwards. Exit code 1 names what was."""
    proof = prove(
        project_ids=_projects(code), since=timezone.make_aware(since) if since is not None else None, head=kept
    )
    _print(proof)
    sys.exit(1 if proof.faults else 0)


def _projects(code: str | None) -> list[int]:
    nodes = apps.get_model("org", "Node")._default_manager.filter(level="project")  # noqa: SLF001  a floor above
    ids = list((nodes.filter(code=code) if code else nodes).order_by("pk").values_list("pk", flat=True))
    if code and not ids:
        raise click.BadParameter(f"there is no project {code}", param_hint="--project")
    return ids


def _print(proof: Proof) -> None:
    for fault in proof.faults[:SHOWN]:
        click.echo(f"BROKEN {fault}", err=True)
    if len(proof.faults) > SHOWN:
        click.echo(f"… and {len(proof.faults) - SHOWN} more", err=True)
    click.echo(
        f"{proof.rows} rows in {proof.links} links: {len(proof.faults)} faults; {proof.rewritten} rewritten on record, "
        f"{proof.waiting} not sealed yet"
    )
    if proof.late:
        click.echo(f"{proof.late} rows say they are over an hour older than a run of the sealer that did not see them")
