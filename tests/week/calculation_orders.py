"""What is not asked but ordered, and what a firm reports by its link (DSK-2, DSK-11)."""

from datetime import datetime

from tests.week import figures
from tests.week.calculation import FIRST, REFUSED, STEPS, Calculation
from tests.week.calculation_common import reported as told_back
from tests.week.ledger import Account, Running
from tests.week.play import Done


def passed_on(account: Account, at: datetime, done: Done, _c: Calculation) -> None:
    """From here on the receiver answers for it; an offer that stood open is void (DSK2-4)."""
    for offer in account.offers:
        if offer.ended is None:
            offer.end(at, "void")
    found = figures.allowance("", "handover", account.urgency)
    assert found is not None
    order = Running("handover", account.round, at, found, receiver=done.do.data["receiver"], state="forced")
    order.end(at, "void")
    account.offers.append(order)
    account.accountable = order.receiver


def nobody_asks(account: Account, _done: Done) -> str:
    return "" if any(offer.ended is None for offer in account.offers) else "handover.open"


def link_given(account: Account, _at: datetime, done: Done, _c: Calculation) -> None:
    """A fresh one ends those before."""
    account.links[str(done.do.data["pk"])] = done.made


def over(account: Account, done: Done) -> str:
    """A link serves one report of one sub-task (DSK11-6)."""
    token = done.do.data.get("token")
    return "" if token in (None, account.links.get(str(done.do.data["pk"]))) else "link.single_use"


def reported(account: Account, at: datetime, done: Done, c: Calculation) -> None:
    told_back(account, at, done, c)
    if "token" in done.do.data:
        account.links.pop(str(done.do.data["pk"]), None)
        account.by_link += 1


for _kind in FIRST:
    STEPS[_kind, "handover/order"] = passed_on
    STEPS[_kind, "subtask/link"] = link_given
    STEPS[_kind, "subtask/report"] = reported
REFUSED |= {"handover/accept": nobody_asks, "handover/decline": nobody_asks, "subtask/report": over}
