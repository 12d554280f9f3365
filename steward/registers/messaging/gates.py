"""What the outbox asks: does a message leave the app, and may it leave now? Neither needs a query."""

from datetime import datetime, time, timedelta
from typing import Final

from steward.kernel import outbox
from steward.kernel.models import Outbox
from steward.kernel.policies import in_force
from steward.registers.messaging import policies
from steward.registers.messaging.ways import configured, is_customers
from steward.registers.org.tree import place

DAY: Final = timedelta(days=1)


def quiet_until(window: str, local: datetime) -> datetime | None:
    """The end of the quiet hours ``22:00-08:00`` if ``local`` lies in them (half-open), else None."""
    start, end = (time.fromisoformat(part) for part in window.split("-"))
    now = local.time()
    inside = start <= now < end if start <= end else (now >= start or now < end)
    if not inside:
        return None
    day = local.date() + (DAY if now >= end else timedelta(0))
    return datetime.combine(day, end, tzinfo=local.tzinfo)


@outbox.gate
def not_at_night(row: Outbox, at: datetime) -> datetime | None:
    """Held until the quiet hours end, however often it was tried before; what cannot wait goes at once."""
    if row.channel in outbox.INSIDE or not is_customers(row.recipient) or row.payload.get("urgent"):
        return None
    here = place(row.project_id)
    window = in_force(policies.QUIET, lineage=here.lineage, at=at).value
    return quiet_until(window, at.astimezone(here.tz))


@outbox.leaves
def goes_out(message: outbox.Message, project_id: int, at: datetime) -> bool:
    """Customers' messages always; colleagues' where the project has a way for them."""
    if is_customers(message.recipient):
        return True
    if not message.recipient.startswith("staff:"):
        return False
    here = place(project_id)
    wanted = {
        *in_force(policies.STAFF_URGENT, lineage=here.lineage, at=at).value,
        *in_force(policies.STAFF_ORDINARY, lineage=here.lineage, at=at).value,
    }
    return bool(wanted & configured(here))
