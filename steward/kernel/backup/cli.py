"""`steward backup PATH` and `steward restore PATH`."""

import time
from pathlib import Path

import click
from django.conf import settings
from django.utils import timezone

from steward.kernel.backup import make as making
from steward.kernel.backup import restore as restoring
from steward.kernel.backup.archive import ArchiveError, Manifest


@click.command()
@click.argument("path", type=click.Path(path_type=Path))
def backup(path: Path) -> None:
    """Write everything (rows and uploads) into one new file, while the product runs."""
    begun = time.monotonic()
    try:
        manifest = making.make(path, at=timezone.now())
    except ArchiveError as error:
        raise click.ClickException(str(error)) from error
    click.echo(f"{path}: {told(manifest)}, {path.stat().st_size / 1e6:.1f} MB in {time.monotonic() - begun:.1f} s")


@click.command()
@click.argument("path", type=click.Path(path_type=Path, exists=True))
@click.option("--check", is_flag=True, help="Only read the file and prove its sums; no database is touched.")
def restore(path: Path, *, check: bool) -> None:
    """Put a backup into the empty database that DATABASE_URL names; its uploads into STEWARD_VAR."""
    begun = time.monotonic()
    try:
        manifest = restoring.check(path) if check else restoring.restore(path, at=timezone.now())
    except ArchiveError as error:
        raise click.ClickException(str(error)) from error
    done = "is whole" if check else f"restored into {settings.DATABASES['default']['NAME']}"
    click.echo(f"{path} {done}: {told(manifest)} of {manifest.made_at} in {time.monotonic() - begun:.1f} s")


def told(manifest: Manifest) -> str:
    return f"{manifest.rows} rows in {len(manifest.tables)} tables, {len(manifest.files)} files"
