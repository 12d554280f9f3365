"""`steward worker`: run it once or several times beside the web server."""

import logging
import signal
import threading
from types import FrameType

import click
from django.db import connections
from django.utils import timezone

from steward.kernel import outbox
from steward.worker.loop import Worker, serve

log = logging.getLogger(__name__)


@click.command()
@click.option("--once", is_flag=True, help="Do what is due now, then end.")
@click.option("--status", is_flag=True, help="Only print how many messages wait, are unclear or failed.")
def worker(*, once: bool, status: bool) -> None:
    """Send messages, watch deadlines, do recurring jobs. SIGTERM ends it after the message in hand."""
    if status:
        for state, count in outbox.standing().items():
            click.echo(f"{state}\t{count}")
        return
    stop = threading.Event()

    def ask(_number: int, _frame: FrameType | None) -> None:
        stop.set()

    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, ask)
    if once:
        done = Worker(timezone.now, stop.is_set).until_idle()
        click.echo(f"clocks {done.clocks}, jobs {done.jobs}, messages {done.messages}")
    else:
        log.info("worker ready")
        serve(timezone.now, stop)
        log.info("worker stopped")
    connections.close_all()
