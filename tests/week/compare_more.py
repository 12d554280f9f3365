"""What goes beside the cases, as it stands in the house and as it was foreseen: sub-tasks, incidents, warnings."""

from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from steward.assurance.models import Incident, IncidentCase
from steward.cases.models import Case
from steward.casework.models import SubTask
from steward.kernel.models import Outbox
from tests.week.calculation import Calculation
from tests.week.calculation_common import affairs
from tests.week.compound import Compound
from tests.week.ledger import Account

TO_STAFF = {"deadline_warn", "deadline_late"}


def more_differences(compound: Compound, found: Calculation, until: datetime) -> list[str]:
    wrong = _subtasks(compound, found) + _incidents(compound, found, until)
    return wrong + _notices(compound, found) + _warnings(compound, found)


def _subtasks(compound: Compound, found: Calculation) -> list[str]:
    rows: dict[str, list[SubTask]] = defaultdict(list)
    for row in SubTask.objects.in_project(compound.project_id).select_related("case"):
        rows[row.case.number].append(row)
    wrong = []
    for number, account in found.accounts.items():
        theirs = {str(r.pk): (r.state, r.due_at, r.ended_at, r.outcome) for r in rows[number]}
        ours = {pk: (t.state, t.due, t.ended, t.outcome) for pk, t in account.subtasks.items()}
        if theirs != ours:
            wrong.append(f"{number}: sub-tasks {theirs}, foreseen {ours}")
    return wrong


def _incidents(compound: Compound, found: Calculation, until: datetime) -> list[str]:
    """Those asked for news before a promised end passes, or after a silence; once."""
    rows = {r.number: r for r in Incident.objects.in_project(compound.project_id)}
    asked: dict[str, list[tuple[str, datetime]]] = defaultdict(list)
    for told in Outbox.objects.in_project(compound.project_id).filter(channel="inapp", topic="message"):
        if told.payload.get("template") == "incident_news":
            asked[told.payload["incident"]].append((told.recipient, told.created_at))
    wrong = [f"{number}: only on one side" for number in set(rows) ^ set(found.affairs)]
    linked = IncidentCase.objects.in_project(compound.project_id).filter(ended_at__isnull=True)
    known = {(link.incident.number, link.case.number) for link in linked.select_related("incident", "case")}
    foreseen = {(a.incident, a.number) for a in found.accounts.values() if a.incident}
    if known != foreseen:
        wrong.append(f"linked {known ^ foreseen}")
    for affair in affairs(found, until):
        row = rows[affair.number]
        if (row.closed_at, row.expected_at, row.version) != (affair.closed, affair.expected, affair.seq):
            wrong.append(f"{row.number}: {row.closed_at, row.expected_at, row.version}, foreseen {affair}")
        ours = sorted((f"staff:{affair.accountable}", at) for at in affair.reminders.values())
        if sorted(asked[row.number]) != ours:
            wrong.append(f"{row.number}: asked for news {asked[row.number]}, foreseen {ours}")
    return wrong + _promised_still(compound, found)


def _promised_still(compound: Compound, found: Calculation) -> list[str]:
    """What is done with its incident carries no promise of it any more."""
    over = [number for affair in found.affairs.values() if affair.closed for number in affair.cases]
    done = [n for n in over if found.accounts[n].state != "open" and found.accounts[n].round == 1]
    rows = Case.objects.in_project(compound.project_id).filter(number__in=done, promised_at__isnull=False)
    return [f"{number}: promised still" for number in rows.values_list("number", flat=True)]


def _notices(compound: Compound, found: Calculation) -> list[str]:
    """Each customer in the place, and each caller, hears each notice once."""
    rows = Outbox.objects.in_project(compound.project_id).filter(channel="inapp", recipient__startswith="customer:")
    theirs = Counter(
        (r.event, r.payload["template"], r.recipient, r.created_at) for r in rows if r.payload.get("incident")
    )
    ours = Counter(
        (f"{affair.number}:{notice.seq}", notice.template, f"customer:{who}", at)
        for affair in found.affairs.values()
        for notice in affair.notices
        for who, at in notice.told.items()
    )
    if theirs == ours:
        return []
    return [f"notices {list((theirs - ours).elements())[:5]}, foreseen {list((ours - theirs).elements())[:5]}"]


@dataclass(frozen=True)
class Warned:
    who: int
    stage: int
    at: datetime
    account: Account


def warned(found: Calculation) -> Iterator[Warned]:
    """Of the cases of an incident, once for all of them."""
    known: set[tuple[str, str, int, int]] = set()
    rung = [(at, key, stage, to, name, a) for a in found.accounts.values() for (key, stage, at, to), name in a.rung]
    for at, key, stage, to, name, account in sorted(rung, key=lambda one: one[:-1]):
        for who in to:
            if not name or (name, key, stage, who) not in known:
                yield Warned(who, stage, at, account)
            if name:
                known.add((name, key, stage, who))


def _warnings(compound: Compound, found: Calculation) -> list[str]:
    """Whoever is warned has it in the app at that round; of the cases of an incident, once for all of them."""
    rows = Outbox.objects.in_project(compound.project_id).filter(channel="inapp", recipient__startswith="staff:")
    theirs = Counter(
        (r.recipient, r.payload["stage"], r.created_at) for r in rows if r.payload.get("template") in TO_STAFF
    )
    ours = Counter((f"staff:{w.who}", w.stage, w.at) for w in warned(found))
    if theirs == ours:
        return []
    return [f"warned {list((theirs - ours).elements())[:5]}, foreseen {list((ours - theirs).elements())[:5]}"]
