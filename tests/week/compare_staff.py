"""What colleagues read in the app, beside what was foreseen; what nobody foresaw is a difference too."""

from collections import Counter
from datetime import datetime

from steward.kernel.models import Outbox
from tests.week.calculation import Calculation
from tests.week.calculation_staff import briefs
from tests.week.compare_more import TO_STAFF
from tests.week.compound import Compound

#: Compared elsewhere: warnings, and the question for news of an incident.
ELSEWHERE = TO_STAFF | {"incident_news"}
BRIEF = "brief"
Heard = tuple[str, str, str, datetime]


def staff_differences(compound: Compound, found: Calculation, until: datetime) -> list[str]:
    theirs: Counter[Heard] = Counter()
    wrong = []
    for row in Outbox.objects.unscoped().filter(channel="inapp"):
        template = str(row.payload.get("template") or row.event.partition(":")[0])
        if row.project_id != compound.project_id:
            wrong += [] if template == BRIEF else [f"outside the compound: {row.event} to {row.recipient}"]
        elif row.recipient.startswith("staff:"):
            if template not in ELSEWHERE:
                theirs[row.about, template, row.recipient, row.created_at] += 1
        elif not (row.recipient.startswith("customer:") and (row.about in found.accounts or row.payload["incident"])):
            wrong.append(f"to nobody known: {row.event} to {row.recipient}")
    ours = Counter((a.number, name, f"staff:{who}", at) for a in found.accounts.values() for name, who, at in a.notes)
    ours.update(("", BRIEF, f"staff:{who}", at) for who, at in briefs(found, until))
    for sign, rest in (("told", theirs - ours), ("not told", ours - theirs)):
        wrong += [f"{about}: {sign} {name} to {to} at {at}" for about, name, to, at in sorted(rest.elements())]
    return wrong
