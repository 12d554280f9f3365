"""What stands in the house beside what the calculation says; every difference in one line."""

from collections import Counter, defaultdict
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from typing import Any

from steward.assurance.models import Callback, RainClock
from steward.cases.models import Case, Deadline, Entry
from steward.casework.models import Handover
from steward.kernel.models import Outbox
from steward.registers.billing.models import Charge
from tests.week.calculation import Calculation
from tests.week.compound import Compound
from tests.week.ledger import Account

FAR = datetime(9999, 1, 1, tzinfo=UTC)
#: The database keeps microseconds; shares of an allowance may end between two.
CLOSE = timedelta(milliseconds=1)


def differences(compound: Compound, found: Calculation) -> list[str]:
    cases = {c.number: c for c in Case.objects.in_project(compound.project_id)}
    wrong = [f"{number}: only on one side" for number in set(cases) ^ set(found.accounts)]
    accounts = [found.accounts[number] for number in sorted(cases) if number in found.accounts]
    wrong += _cases(cases, accounts)
    wrong += _clocks(compound, accounts)
    wrong += _lines(compound, accounts)
    wrong += _offers(compound, accounts)
    wrong += _calls(compound, accounts)
    wrong += _rain_clocks(compound, accounts)
    wrong += _words(compound, accounts)
    return wrong + _money(compound, accounts)


def _by_case(rows: Iterable[Any]) -> dict[str, list[Any]]:
    found: dict[str, list[Any]] = defaultdict(list)
    for row in rows:
        found[row.case.number].append(row)
    return found


def _same(one: datetime | None, other: datetime | None) -> bool:
    return one == other if one is None or other is None else abs(one - other) < CLOSE


def _cases(cases: dict[str, Case], accounts: list[Account]) -> list[str]:
    wrong = []
    for account in accounts:
        case = cases[account.number]
        if case.accountable_id is None:
            wrong.append(f"{case.number}: nobody is accountable")
        if (case.accountable_id, case.handler_id) != (account.accountable, account.handler):
            wrong.append(
                f"{case.number}: people {case.accountable_id, case.handler_id}, {account.accountable, account.handler}"
            )
        if (case.closed_at is not None) != (account.state == "closed"):
            wrong.append(f"{case.number}: is {case.state}, foreseen {account.state}")
        if (case.round, case.urgency) != (account.round, account.urgency):
            wrong.append(
                f"{case.number}: round {case.round} {case.urgency}, foreseen {account.round} {account.urgency}"
            )
    return wrong


def _clocks(compound: Compound, accounts: list[Account]) -> list[str]:
    rows = _by_case(Deadline.objects.in_project(compound.project_id).select_related("case").order_by("pk"))
    wrong = []
    for account in accounts:
        ours = sorted(account.clocks, key=lambda c: (c.key, c.round, c.ended or FAR))
        theirs = sorted(rows[account.number], key=lambda r: (r.key, r.round, r.ended_at or FAR))
        if [(c.key, c.round) for c in ours] != [(r.key, r.round) for r in theirs]:
            wrong.append(
                f"{account.number}: clocks {[(r.key, r.round, r.outcome) for r in theirs]}, "
                f"foreseen {[(c.key, c.round, c.outcome) for c in ours]}"
            )
            continue
        for clock, row in zip(ours, theirs, strict=True):
            if clock.outcome != "void" and not _same(clock.due, row.due_at):
                wrong.append(f"{account.number} {clock.key}: due {row.due_at}, foreseen {clock.due}")
            if not _same(clock.ended, row.ended_at) or clock.outcome != row.outcome:
                wrong.append(
                    f"{account.number} {clock.key}: {row.outcome} {row.ended_at}, foreseen {clock.outcome} {clock.ended}"
                )
    return wrong


def _lines(compound: Compound, accounts: list[Account]) -> list[str]:
    rows = Entry.objects.in_project(compound.project_id).filter(action__in=("warn", "escalate"))
    said = _by_case(rows.select_related("case"))
    wrong = []
    for account in accounts:
        theirs = Counter(
            (
                r.data["deadline"],
                r.data["stage"],
                r.recorded_at,
                frozenset(int(k.partition(":")[2]) for k in r.data["to"]),
            )
            for r in said[account.number]
        )
        ours = Counter(account.lines)
        if theirs != ours:
            wrong.append(
                f"{account.number}: said {list((theirs - ours).elements())}, foreseen {list((ours - theirs).elements())}"
            )
    return wrong


def _offers(compound: Compound, accounts: list[Account]) -> list[str]:
    rows = _by_case(Handover.objects.in_project(compound.project_id).select_related("case").order_by("pk"))
    wrong = []
    for account in accounts:
        theirs = [(r.receiver_id, r.started_at, r.due_at, r.ended_at, r.outcome) for r in rows[account.number]]
        ours = [(o.receiver, o.started, o.due, o.ended, o.outcome) for o in account.offers]
        if theirs != ours:
            wrong.append(f"{account.number}: offers {theirs}, foreseen {ours}")
    return wrong


def _calls(compound: Compound, accounts: list[Account]) -> list[str]:
    rows = _by_case(Callback.objects.in_project(compound.project_id).select_related("case").order_by("pk"))
    wrong = []
    for account in accounts:
        theirs = sorted(
            (r.round, r.purpose, r.is_urgent, r.due_at, r.not_before, r.state, r.attempts_made, r.ended_at, r.rain_day)
            for r in rows[account.number]
        )
        ours = sorted(
            (c.round, c.purpose, c.urgent, c.due, c.not_before, c.state, c.tries, c.ended, c.rain_day)
            for c in account.calls
        )
        if theirs != ours:
            wrong.append(f"{account.number}: calls {theirs}, foreseen {ours}")
    return wrong


def _rain_clocks(compound: Compound, accounts: list[Account]) -> list[str]:
    rows = _by_case(RainClock.objects.in_project(compound.project_id).select_related("case").order_by("pk"))
    wrong = []
    for account in accounts:
        theirs = sorted((r.started_at, r.due_at, r.ended_at or FAR, r.outcome) for r in rows[account.number])
        clocks = [c.clock for c in account.calls if c.clock is not None]
        ours = sorted((c.started, c.due, c.ended or FAR, c.outcome) for c in clocks)
        if theirs != ours:
            wrong.append(f"{account.number}: clocks after rain {theirs}, foreseen {ours}")
    return wrong


def _words(compound: Compound, accounts: list[Account]) -> list[str]:
    rows = Outbox.objects.in_project(compound.project_id).filter(channel="inapp", recipient__startswith="customer:")
    said: dict[str, list[Outbox]] = defaultdict(list)
    for row in rows:
        said[row.about].append(row)
    wrong = []
    for account in accounts:
        theirs = Counter((r.payload["template"], r.recipient, r.created_at) for r in said[account.number])
        ours = Counter((w.template, f"customer:{account.customer}", w.at) for w in account.words)
        if theirs != ours:
            wrong.append(
                f"{account.number}: told {list((theirs - ours).elements())}, foreseen {list((ours - theirs).elements())}"
            )
    return wrong


def _money(compound: Compound, accounts: list[Account]) -> list[str]:
    rows: dict[str, list[Charge]] = defaultdict(list)
    for row in Charge.objects.in_project(compound.project_id):
        rows[row.source].append(row)
    wrong = []
    for account in accounts:
        theirs = sorted((r.round, r.amount, str(r.state)) for r in rows[account.number])
        ours = sorted((n, amount, account.settled.get(n, "open")) for n, amount in account.charged.items())
        if theirs != ours:
            wrong.append(f"{account.number}: owes {theirs}, foreseen {ours}")
    return wrong
