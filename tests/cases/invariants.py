"""What must be true of every case after every step, whoever did it. Told from the rows, not from the engine's code."""

from collections import Counter
from decimal import Decimal
from itertools import pairwise
from typing import Any

from steward.assurance.models import Callback
from steward.cases.declare import Process
from steward.cases.models import Case, Deadline, Entry
from steward.processes.repair.models import CUSTOMER_PAYS, Consent, Quote, Repair
from steward.registers.billing.models import Account, Charge, LedgerEntry, Payment, Receipt
from tests.world import World

#: The walks quote about so much: some need the manager, some do not.
LIMIT = Decimal(250)


def check(world: World, process: Process, case: Case) -> None:
    history(process, case)
    clocks(case)
    money(world, case)
    if process.kind == "repair":
        repair(case, Repair.objects.in_project(case.project_id).get(case=case))


def history(process: Process, case: Case) -> None:
    """The timeline has no gap, hangs together, and folding it gives the state the case is in."""
    entries = list(Entry.objects.in_project(case.project_id).filter(case=case).order_by("seq"))
    assert [e.seq for e in entries] == list(range(1, case.version + 1))
    assert (entries[0].action, entries[0].from_state, entries[0].to_state) == ("open", "", process.initial)
    for before, after in pairwise(entries):
        assert after.from_state == before.to_state
        action = process.action(after.action)
        if action is None:
            assert after.action in ("warn", "escalate")
            assert after.from_state == after.to_state
        else:
            assert after.from_state in action.source, after.action
            assert after.to_state in action.reaches(), after.action
    assert entries[-1].to_state == case.state
    assert (case.closed_at is not None) == (case.state in process.terminal)


def clocks(case: Case) -> None:
    rows = list(Deadline.objects.in_project(case.project_id).filter(case=case))
    running = [row for row in rows if row.ended_at is None]
    assert not [key for key, n in Counter(row.key for row in running).items() if n > 1]
    due = [row.due_at for row in running if row.due_at is not None]
    assert case.next_due_at == (min(due) if due else None)
    if case.closed_at is not None:
        assert not running
    for row in rows:
        assert row.ended_at is None or row.ended_at >= row.started_at, row.key
        assert (row.outcome == "") == (row.ended_at is None)
        paused = bool(row.pauses) and row.pauses[-1]["end"] is None
        assert not paused or (row.next_at is None and row.due_at is None)
        assert all(p["end"] is not None for p in row.pauses[:-1])


def money(world: World, case: Case) -> None:
    project_id = case.project_id
    cashier = f"staff:{world.company.staff['cashier'].pk}"
    for charge in Charge.objects.in_project(project_id).filter(source=case.number):
        assert charge.amount > 0
        paid = list(Payment.objects.in_project(project_id).filter(charge=charge))
        assert sum((p.amount for p in paid), Decimal(0)) in (0, charge.amount)
        assert {p.taken_by for p in paid} <= {cashier}
        for entry in LedgerEntry.objects.in_project(project_id).filter(lines__charge=charge).distinct():
            assert sum(line.amount for line in entry.lines.all()) == 0, entry.event
        owed = sum(line.amount for line in charge.ledger_lines.all() if line.account == Account.RECEIVABLE)
        assert owed == (charge.amount if charge.state in ("open", "billed") else 0)
    serials = Receipt.objects.in_project(project_id).order_by("serial").values_list("serial", flat=True)
    assert list(serials) == list(range(1, len(serials) + 1))


def repair(case: Case, detail: Repair) -> None:
    if case.state == "working":
        assert may_be_worked_on(case, detail), (detail.payer, detail.quote_version, detail.consent_hash)
    for amount in (detail.amount, detail.quote_total, detail.flat_rate_amount):
        assert amount is None or amount >= 0
    open_calls = Callback.objects.in_project(case.project_id).filter(case=case, ended_at__isnull=True)
    assert open_calls.count() == (
        1 if case.state in ("checking", "done", "settling") and not detail.callback_ended_at else 0
    )
    unapproved = (detail.quote_total or 0) > LIMIT and (detail.approved_total or 0) < detail.quote_total
    assert not (unapproved and case.state in ("quoted", "agreed", "working")), "put to the customer unapproved"
    assert (case.state == "approving") <= unapproved
    if detail.consent_hash and detail.ceiling is not None:
        assert detail.quote_total <= detail.ceiling
    assert not (case.state == "checking" and detail.checked_at)
    common = detail.payer == "common" and detail.first_payer in ("", "common") and detail.work_done
    if case.state in ("settling", "closed") and common and detail.finished_at and detail.amount == 0:
        assert detail.checked_at or Entry.objects.in_project(case.project_id).filter(case=case, action="with_incident")
    if case.state == "closed":
        owed = Charge.objects.in_project(case.project_id).filter(source=case.number, state="open")
        assert not owed.exists()
        assert detail.callback_ended_at is not None
        assert detail.settled_as


def may_be_worked_on(case: Case, detail: Repair) -> bool:
    """Free for the customer, a flat rate accepted at reporting, or consent to exactly the quote in force."""
    if detail.payer not in CUSTOMER_PAYS:
        return True
    quote: Any = None
    if detail.quote_hash:
        quote = Quote.objects.in_project(case.project_id).get(case=case, version=detail.quote_version)
    if quote is None:
        return detail.flat_rate_kind == "flat"
    consents = Consent.objects.in_project(case.project_id).filter(case=case, quote=quote, quote_hash=quote.digest)
    return bool(quote.total == 0) or consents.filter(round=case.round).exists()
