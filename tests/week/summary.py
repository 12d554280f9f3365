"""What the week came to, as a table for docs/week.md."""

from collections import Counter

from steward.kernel.models import Outbox
from steward.registers.billing.models import Charge
from tests.week.calculation import FIRST, Calculation
from tests.week.compound import Compound
from tests.week.play import Play


def mixture(found: Calculation) -> dict[str, int]:
    """What a play must hold, with how often it came up."""
    accounts = found.accounts.values()
    clocks = [c for a in accounts for c in a.clocks]
    calls = [c for a in accounts for c in a.calls]
    lines = [line for a in accounts for line in a.lines]
    offers = [o for a in accounts for o in a.offers]
    tasks = [t for a in accounts for t in a.subtasks.values()]
    notices = [n for affair in found.affairs.values() for n in affair.notices]
    return {
        **{f"cases: {kind}": sum(a.kind == kind for a in accounts) for kind in FIRST},
        "callers of the largest incident": max((len(a.cases) for a in found.affairs.values()), default=0),
        "notices of incidents, by customer": sum(len(n.told) for n in notices),
        "asked for news of an incident": sum(len(a.reminders) for a in found.affairs.values()),
        "hand-overs offered": len(offers),
        "hand-overs accepted": sum(not o.state and o.receiver == a.accountable for a in accounts for o in a.offers),
        "hand-overs ordered": sum(o.state == "forced" for o in offers),
        "sub-tasks": len(tasks),
        "sub-tasks reported": sum(t.outcome in ("met", "late") for t in tasks),
        "reports by a firm's link": sum(a.by_link for a in accounts),
        "messages to colleagues beside warnings": sum(len(a.notes) for a in accounts),
        "clocks of outside tickets": sum(c.key == "official" for c in clocks),
        "clocks to the next word": sum(c.key == "silence" for c in clocks),
        "next words promised": sum(c.key == "silence" and c.promised is not None for c in clocks),
        "prices decided by the manager": sum(c.key == "approval" and c.ended is not None for c in clocks),
        "work on common parts accepted": sum(c.key == "acceptance" and c.ended is not None for c in clocks),
        "of it done with an incident": sum(
            c.key == "acceptance"
            for affair in found.affairs.values()
            for n in affair.cases
            for c in found.accounts[n].clocks
        ),
        "relieved before they went": sum(name == "relieved" for a in accounts for name, _who, _at in a.notes),
        "services done again": sum(a.round - 1 for a in accounts if a.kind == "service_order"),
        "more within a ceiling": sum(w.template == "repair.within_ceiling" for a in accounts for w in a.words),
        "pauses": sum(len(c.pauses) for c in clocks),
        "new rounds": sum(a.round - 1 for a in accounts),
        "calls after rain, waiting": sum(c.waits for c in calls),
        "calls after rain, since it rained": sum(c.rain_day is not None for c in calls),
        "warnings": sum(stage == 0 for _key, stage, _at, _to in lines),
        "escalations to the region": sum(stage == 3 for _key, stage, _at, _to in lines),
    }


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
        "",
        "; ".join(f"{name} {n}" for name, n in mixture(found).items() if not name.startswith("cases")) + ".",
    ]
    return "\n".join(rows)
