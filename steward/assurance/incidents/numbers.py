"""Incident numbers: ``SJ-YX-261121-0003``, as those of cases."""

import secrets
from datetime import datetime
from typing import Final

from steward.assurance.models import Incident
from steward.casework.intake.numbers import day_of, spell
from steward.kernel.db import attempt

PREFIX: Final = "SJ"


def next_number(project_id: int, at: datetime) -> str:
    """The next free number of the day; two at once collide on the unique constraint and try again."""
    start = day_of(PREFIX, project_id, at)
    rows = Incident.objects.in_project(project_id).filter(number__gte=f"{start}0", number__lte=f"{start}Z999999")
    last = rows.order_by("-number").values_list("number", flat=True).first()
    serial = int(last.rsplit("-", 1)[1].lstrip("Z")) if last else 0
    return start + spell(serial + 1 + secrets.randbelow(2 ** attempt()))
