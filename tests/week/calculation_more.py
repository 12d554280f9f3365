"""The rules of complaints, inquiries, suggestions, praise and services on request (DSK-4 to DSK-7)."""

from datetime import datetime
from decimal import Decimal

from tests.week import figures
from tests.week.calculation import STEPS, Calculation, answers, begin_calls, closes
from tests.week.ledger import Account, worded
from tests.week.play import Done

Handed = tuple[Account, datetime, Done, Calculation]


def handled_by(account: Account, _at: datetime, done: Done, _c: Calculation) -> None:
    account.handler = done.do.data["handler"]


def acknowledged(account: Account, at: datetime, _done: Done, _c: Calculation) -> None:
    account.end(at, "acknowledge")


def complaint_answered(account: Account, at: datetime, done: Done, _c: Calculation) -> None:
    account.end(at, "answer")
    worded(account, "complaint.answered", done.do.at)


def plan_asked(account: Account, _at: datetime, done: Done, _c: Calculation) -> None:
    account.dates["plan"] = done.do.data["until"]


def plan_approved(account: Account, at: datetime, done: Done, _c: Calculation) -> None:
    """Instead of the solution: its clock is not needed any more, unless it was late already."""
    solution = account.running("solution")
    if solution is not None:
        due = solution.due
        solution.end(at, "" if due is not None and due < at else "void")
    account.start("plan", at, promised=account.dates["plan"])
    worded(account, "complaint.planned", done.do.at)


def solved(account: Account, at: datetime, done: Done, _c: Calculation) -> None:
    account.end(at, "answer", "solution", "plan")
    begin_calls(account, at, done.do.at)
    worded(account, "complaint.solved", done.do.at)


def ticket_taken(account: Account, at: datetime, done: Done, _c: Calculation) -> None:
    """The official deadline counts from when the complaint was heard, and knows no rounds of ours."""
    account.waits_for.add("ticket")
    account.start("official", account.heard if account.round == 1 else at, promised=done.do.data["due_at"])


def ticket_answered(account: Account, at: datetime, _done: Done, _c: Calculation) -> None:
    account.waits_for.discard("ticket")
    account.end(at, "official")
    if account.state == "finished":
        closes(account, at)


def asked_again(account: Account, at: datetime, _done: Done, _c: Calculation) -> None:
    account.round += 1
    account.state = "open"
    account.start("answer", at)


def ordered(account: Account, at: datetime, done: Done, c: Calculation) -> None:
    data = done.do.data
    OPENED(account, at, done, c)
    account.dates["amount"] = figures.PRICES[data["item"]] * Decimal(data["quantity"])
    if "wanted_until" in data:
        account.start("fulfil", account.heard, promised=data["wanted_until"])


OPENED = STEPS["service_order", "open"]


def arranged(account: Account, at: datetime, done: Done, c: Calculation) -> None:
    handled_by(account, at, done, c)
    account.end(at, "arrange")
    if account.running("fulfil") is None:
        first = account.round == 1
        account.start("fulfil", account.heard if first else at, promised=done.do.data["appointment_at"])
    worded(account, "service_order.arranged", done.do.at)


def fulfilled(account: Account, at: datetime, done: Done, _c: Calculation) -> None:
    """What was ordered was agreed to once: doing it again costs nothing."""
    account.end(at, "fulfil")
    begin_calls(account, at, done.do.at)
    if account.round == 1:
        account.charged[1] = account.dates["amount"]
    worded(account, "service_order.done", done.do.at, joins=False)


for _key, _step in {
    ("complaint", "acknowledge"): acknowledged,
    ("complaint", "assign"): handled_by,
    ("complaint", "answer"): complaint_answered,
    ("complaint", "ask_plan"): plan_asked,
    ("complaint", "approve_plan"): plan_approved,
    ("complaint", "solve"): solved,
    ("complaint", "take_ticket"): ticket_taken,
    ("complaint", "reply"): ticket_answered,
    ("inquiry", "pass_on"): handled_by,
    ("inquiry", "answer"): answers("answer", "inquiry.answered"),
    ("inquiry", "ask_again"): asked_again,
    ("suggestion", "route"): handled_by,
    ("suggestion", "answer"): answers("answer", "suggestion.answered"),
    ("praise", "pass_on"): answers("pass_on", "praise.passed_on"),
    ("service_order", "open"): ordered,
    ("service_order", "arrange"): arranged,
    ("service_order", "finish"): fulfilled,
}.items():
    STEPS[_key] = _step
