"""What the week came to, as a table for docs/week.md."""

from collections import Counter

from steward.kernel.models import Outbox
from steward.registers.billing.models import Charge
from tests.week.calculation import Calculation
from tests.week.compound import Compound
from tests.week.play import Play


def summary(compound: Compound, found: Calculation, play: Play) -> str:
    head = "| kind | cases | closed | clocks | late | warned | escalated | calls | of them made | messages |"
    rows = [head, "|" + "---|" * 10]
    for kind in sorted({a.kind for a in found.accounts.values()}):
        mine = [a for a in found.accounts.values() if a.kind == kind]
        clocks = [c for a in mine for c in a.clocks]
        lines = [line for a in mine for line in a.lines]
        calls = [c for a in mine for c in a.calls]
        figures = (
            len(mine),
            sum(a.state == "closed" for a in mine),
            len(clocks),
            sum(c.outcome == "late" for c in clocks),
            sum(stage == 0 for _key, stage, _at, _to in lines),
            sum(stage > 0 for _key, stage, _at, _to in lines),
            len(calls),
            sum(c.state not in ("open", "void") for c in calls),
            sum(len(a.words) for a in mine),
        )
        rows.append(f"| {kind} | " + " | ".join(map(str, figures)) + " |")
    money = Counter(str(c.state) for c in Charge.objects.in_project(compound.project_id))
    sent = Outbox.objects.in_project(compound.project_id).count()
    rows += [
        "",
        (
            f"{play.requests} requests, {sum(not d.taken for d in play.log)} of them refused as the rules ask; "
            f"{play.rounds} rounds of the worker; {sent} rows in the outbox; charges {dict(sorted(money.items()))}."
        ),
    ]
    return "\n".join(rows)
