"""Recurring jobs of the house itself."""

from datetime import datetime, timedelta
from typing import Final

from steward.kernel.audit import seal
from steward.kernel.cron import recurs
from steward.kernel.db import count_anew
from steward.kernel.models import CronSlot
from steward.registers.org.models import Session

KEEP_SLOTS: Final = timedelta(days=60)
CHUNK: Final = 5000


# 19:30 UTC is half past three in the night in China.
@recurs("tidy", every=timedelta(days=1), offset=timedelta(hours=19, minutes=30))
def tidy(at: datetime) -> None:
    """Sessions that ended and slots long done are of no use to anybody."""
    ended = Session.objects.filter(expire_date__lt=at).values_list("pk", flat=True)[:CHUNK]
    Session.objects.filter(pk__in=list(ended)).delete()
    CronSlot.objects.filter(slot__lt=at - KEEP_SLOTS).delete()


@recurs("seal", every=timedelta(minutes=5))
def seal_audit(at: datetime) -> None:
    """What stood for five minutes is chained; a long backlog (an import) takes several runs."""
    seal.seal(at=at)


@recurs("statistics", every=timedelta(hours=1), offset=timedelta(minutes=7))
def know_the_tables(at: datetime) -> None:
    """Whatever a case looks up is found by its index, however many other cases there are."""
    count_anew()
