"""Case numbers: ``BX-YX-261121-0042`` = process, project, day, serial. Unique in the company, gaps allowed."""

import re
import secrets
from datetime import datetime
from typing import Final

from steward.cases.models import Case
from steward.kernel.db import attempt
from steward.kernel.prepared import Prepared
from steward.registers.org.tree import Place, place, project_by_code

NUMBER: Final = re.compile(r"[A-Z]{2,4}-([A-Z][A-Z0-9]{1,11})-\d{6}-Z?\d{4,6}", re.ASCII)
DIGITS: Final = 9999
_LAST: Final = Prepared(
    lambda project, low, high: (
        Case.objects.in_project(project)
        .filter(number__gte=low, number__lte=high)
        .order_by("-number")
        .values_list("number")[:1]
    )
)


def next_number(prefix: str, project_id: int, at: datetime) -> str:
    """The next free number of the day; two at once collide on the unique constraint and try again."""
    start = day_of(prefix, project_id, at)
    serial = last_serial(start, project_id) + 1
    # Whoever collided steps aside at random: gaps are allowed, a queue of writers is not.
    return start + spell(serial + secrets.randbelow(2 ** attempt()))


def day_of(prefix: str, project_id: int, at: datetime) -> str:
    """How the numbers of a kind, project and local day begin."""
    where = place(project_id)
    return f"{prefix}-{where.code}-{at.astimezone(where.tz):%y%m%d}-"


def last_serial(start: str, project_id: int) -> int:
    """The highest serial given out under this beginning; 0 if none was."""
    # Bounds of digits and a letter: right under any collation, and served by the unique index.
    last = _LAST(project_id, f"{start}0", f"{start}Z999999")
    return int(last[0][0].rsplit("-", 1)[1].lstrip("Z")) if last else 0


def spell(serial: int) -> str:
    """Four digits; beyond them a Z in front keeps the order of the index."""
    return f"{serial:04d}" if serial <= DIGITS else f"Z{serial:06d}"


def project_of(number: str) -> Place | None:
    """The project named in a case number; None if the number cannot be ours."""
    found = NUMBER.fullmatch(number)
    return project_by_code(found[1]) if found else None
