"""Finds the ways out for a message that stands in the app; the words and rules are the register's."""

from datetime import datetime

from django.conf import settings

from steward.cases.models import Case
from steward.kernel import outbox
from steward.kernel.db import write
from steward.kernel.models import Outbox
from steward.kernel.outbox import ROUTE, handles
from steward.registers.messaging.routing import Out, ways
from steward.registers.messaging.ways import is_customers


@handles(ROUTE, resends=True)
def route(row: Outbox, at: datetime) -> None:
    """Asked twice, it promises the same messages under the same keys."""
    with write():
        out = Out(row=row, urgency=_urgency(row), link=_link(row))
        outbox.post(ways(out, at), project_id=row.project_id, at=at)


def _urgency(row: Outbox) -> str:
    said = str(row.payload.get("urgency") or "")
    if said or not row.about:
        return said
    cases = Case.objects.in_project(row.project_id).filter(number=row.about)
    return cases.values_list("urgency", flat=True).first() or ""


def _link(row: Outbox) -> str:
    """A single-use link where the message brings one, else the case's page of whoever reads it."""
    path = str(row.payload.get("path") or "")
    if not path and row.about:
        path = f"/portal/cases/{row.about}/" if is_customers(row.recipient) else f"/cases/{row.about}/"
    return f"{settings.PUBLIC_URL}{path}" if path else ""
