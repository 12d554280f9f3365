"""Who is not there in the demo: a technician in a course, a butler on leave next week."""

import uuid
from datetime import datetime, timedelta
from typing import Final

from steward.demo.cast import Company
from steward.registers.org.actors import of_user
from steward.registers.org.tree import place
from steward.registers.workforce.absences import AbsenceData, enter

SPACE: Final = uuid.UUID("5d1c9a54-2f0e-4a57-9e7d-9b6f1c2f7a10")
#: who, kind, first day from today, days
ABSENT: Final = (("tech2", "Training", 0, 2), ("yx_butler3", "Annual leave", 5, 5))


def fill(company: Company, *, at: datetime) -> None:
    node = company.nodes["YX"]
    today = at.astimezone(place(node.pk).tz).date()
    for who, kind, ahead, days in ABSENT:
        first = today + timedelta(days=ahead)
        staff = company.staff[who].pk
        data = AbsenceData(staff=staff, kind=kind, since=first, until=first + timedelta(days=days - 1))
        once = uuid.uuid5(SPACE, f"{who}:{first}")
        enter(data=data, actor=of_user(company.users["manager"]), at=at, client_uuid=once)
