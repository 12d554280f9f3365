"""What rings a colleague's phone: danger to life, and escalations from the manager's stage on; all else stays inside."""

import re
from collections import Counter
from collections.abc import Iterator
from datetime import datetime
from typing import Final

from steward.kernel.models import Outbox, OutboxState
from steward.registers.workforce.models import Staff
from tests.week import figures
from tests.week.calculation import Calculation
from tests.week.carried import Provider
from tests.week.compare_more import warned
from tests.week.compound import Compound
from tests.week.times import first_step

#: No landline takes an SMS.
MOBILE: Final = re.compile(r"1\d{10}")
Rung = tuple[str, datetime]


def staff_carried(compound: Compound, found: Calculation, until: datetime, provider: Provider) -> list[str]:
    """Each leaves in the round in which it is due, at any hour, once; in the books and at the provider."""
    phones = dict(Staff.objects.values_list("pk", "phone"))
    due = ((phones[who], first_step(at)) for who, at in _foreseen(found))
    ours = Counter((to, step) for to, step in due if step <= until and MOBILE.fullmatch(to))
    rows = Outbox.objects.in_project(compound.project_id).filter(channel="sms", recipient__startswith="staff:")
    books: Counter[Rung] = Counter()
    wrong = []
    for row in rows:
        if row.state != OutboxState.DONE or row.done_at is None:
            wrong.append(f"{row.event} to {row.recipient} of {row.created_at} never left")
        else:
            books[phones[int(row.recipient.partition(":")[2])], row.done_at] += 1
    taken = Counter((to, at) for at, to, _text in provider.taken if to in phones.values())
    for where, theirs in (("in the books", books), ("at the provider", taken)):
        for sign, rest in (("rung", theirs - ours), ("not rung", ours - theirs)):
            wrong += [f"{where} {sign}: {to} at {at}" for to, at in sorted(rest.elements())]
    return wrong


def _foreseen(found: Calculation) -> Iterator[tuple[int, datetime]]:
    for warning in warned(found):
        if warning.stage >= figures.LEAVES_FROM_STAGE or warning.account.urgency_at(warning.at) == figures.DANGER:
            yield warning.who, warning.at
    for account in found.accounts.values():
        for _name, who, at in account.notes:
            if account.urgency_at(first_step(at)) == figures.DANGER:
                yield who, at
