"""The independent calculation: from what was sent to the API, what the rules say must stand in the house."""

from collections.abc import Callable, Iterable
from copy import deepcopy
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import Any

from steward.kernel.actor import Role
from tests.week import figures
from tests.week.compound import Compound
from tests.week.figures import Allowance
from tests.week.ledger import Account, Call, Running, Told, worded
from tests.week.play import Done
from tests.week.times import ZONE, on, out_of


class Calculation:
    def __init__(self, compound: Compound) -> None:
        self.compound = compound
        self.homes = {h.label: h for h in compound.homes}
        self.told = Told(compound.holding(Role.DESK), compound.holding(Role.MANAGER), compound.holding(Role.REGION))
        self.accounts: dict[str, Account] = {}
        self.rain: set[date] = set()
        self.affairs: dict[str, Any] = {}
        self.faults: list[str] = []

    def run(self, log: Iterable[Done], until: datetime) -> None:
        for done in log:
            if not done.number:
                self.faults.append(f"refused at the door: {done}")
            elif (common := COMMON.get(done.do.action)) is not None:
                if not done.taken:
                    self.faults.append(f"{done.number} {done.do.action}: {done.status} {done.rule}, not foreseen")
                else:
                    common(self, done)
            else:
                self._of_a_case(done)
        self._to_the_end(until)

    def _of_a_case(self, done: Done) -> None:
        account = self.accounts.get(done.number)
        if account is not None:
            account.advance(done.do.at, self.told)
        foreseen = self._refused(account, done)
        if done.taken == bool(foreseen):
            self.faults.append(f"{done.number} {done.do.action}: {done.status} {done.rule}, foreseen {foreseen!r}")
        if done.taken:
            self.apply(account, done)

    def _to_the_end(self, until: datetime) -> None:
        for account in self.accounts.values():
            account.advance(until + timedelta(seconds=1), self.told)

    def apply(self, account: Account | None, done: Done) -> Account:
        if account is None:
            account = self._opened(done)
        at = done.do.happened_at or done.do.at
        self._heard(account, at, done)
        after = [around(account, done, self) for around in AROUND]
        STEPS.get((account.kind, done.do.action), nothing)(account, at, done, self)
        for follow in after:
            follow()
        self.next_word(account, at, done)
        if account.state == "closed":  # a closed case needs nobody else to answer for it
            for offer in account.offers:
                if offer.ended is None:
                    offer.end(at, "void")
        return account

    def _heard(self, account: Account, at: datetime, done: Done) -> None:
        """What we do and the customer sees is a word; what he does himself is none (DSK15-1)."""
        if self.staff(done) is not None and done.do.action in figures.SEEN[account.kind]:
            account.end(at, "silence")

    def next_word(self, account: Account, at: datetime, done: Done) -> None:
        """Until the work is done the next word is due; when one was promised, by then (DSK15-3, DSK15-6)."""
        if account.state == "open" and account.customer is not None and account.running("silence") is None:
            heard = account.heard if done.do.action == "open" else at
            said = done.do.data.get("next_at") or (done.do.data.get("promised_at"))
            account.start("silence", heard, promised=said)
        elif account.state != "open":
            account.end(at, "silence")

    def _opened(self, done: Done) -> Account:
        data, at = done.do.data, done.do.at
        home = self.homes.get(data.get("unit", ""))
        who = done.do.who
        accountable = self.compound.staff.get(who) or (self.compound.staff[home.butler] if home else None)
        urgency = data.get("urgency") or figures.CATEGORIES.get(data.get("category", ""), "")
        customer = home.customer_id if home else None
        made = Account(done.number, done.kind, urgency if done.kind == "repair" else "", accountable, customer, at)
        made.butler = self.compound.staff[home.butler] if home else None
        self.accounts[done.number] = made
        return made

    def staff(self, done: Done) -> int | None:
        return self.compound.staff.get(done.do.who)

    def _refused(self, account: Account | None, done: Done) -> str:
        """Why the rules refuse it; empty if they do not."""
        if account is None:
            return ""
        beside = REFUSED.get(done.do.action, let)(account, done)
        if beside or done.do.action.startswith("subtask/"):
            return beside
        found = self._refused_by_the_case(account, done)
        if not found and any(t.state in OWED for t in account.subtasks.values()) and self._closes(account, done):
            return "subtask.none_open"
        return found

    def _closes(self, account: Account, done: Done) -> bool:
        """Would it be over by this step? While somebody still owes a part of it, it is not let."""
        trial, kept = deepcopy(account), {name: deepcopy(own.get(account.number)) for name, own in OWN.items()}
        self.apply(trial, done)
        for name, own in OWN.items():
            if kept[name] is not None:
                own[account.number] = kept[name]
        return trial.state == "closed" and account.state != "closed"

    def _refused_by_the_case(self, account: Account, done: Done) -> str:
        if done.do.action == "callback":
            return call_refused(account, done)
        if done.do.action == "reply" and "ticket" not in account.waits_for:
            return "complaint.reply_to_ticket"
        if done.do.action == "pay" and account.settled.get(_owed_round(account), "") != "":
            return "billing.no_second_payment"
        return ""


Step = Callable[[Account, datetime, Done, Calculation], None]
#: What concerns several cases: the rain, an incident.
COMMON: dict[str, Callable[[Calculation, Done], None]] = {}
#: What the rules of a kind keep of a case beside its account.
OWN: dict[str, dict[str, Any]] = {}
#: What is refused beside the case: a hand-over that nobody asked for, a link that served already.
REFUSED: dict[str, Callable[[Account, Done], str]] = {}
#: What looks at a case before a step and again after it.
AROUND: list[Callable[[Account, Done, Calculation], Callable[[], None]]] = []
#: States of a sub-task in which something is still owed.
OWED = frozenset({"asked", "accepted", "reported"})


def let(account: Account, done: Done) -> str:
    """Nothing beside the case forbids it."""
    return ""


def nothing(account: Account, at: datetime, done: Done, _calculation: Calculation) -> None:
    """Nothing that a clock, a call or a message hangs on."""


def _owed_round(account: Account) -> int:
    open_rounds = [r for r in account.charged if r not in account.settled]
    return min(open_rounds, default=max(account.charged, default=0))


# --- what all kinds share -------------------------------------------------------------------------------------


def wait_for_rain(call: Call, rained: Iterable[date], at: datetime) -> None:
    """For the first rain on a later day than the repair, if it is on record; else for the fallback date."""
    done_on = call.started.astimezone(ZONE).date()
    first = min((day for day in rained if day > done_on), default=None)
    call.waits, call.rain_day = first is None, first
    if first is not None:
        rain_shown(call, first, at)
        return
    _due_from(call, call.started + timedelta(days=figures.RAIN_FALLBACK_DAYS))


def rain_shown(call: Call, day: date, at: datetime) -> None:
    """From the morning after, or from when it was known; due 72 h later."""
    call.waits, call.rain_day = False, day
    _due_from(call, max(on(day + timedelta(days=1), time(0)), at))


def _due_from(call: Call, at: datetime) -> None:
    """From the first hour at which customers are called; its clock begins anew with it."""
    call.not_before = out_of(at, figures.NO_CALLS)
    call.due = call.not_before + timedelta(hours=figures.RAIN_HOURS)
    assert call.clock is not None
    call.clock = Running(
        "after_rain", call.round, call.not_before, Allowance(60 * figures.RAIN_HOURS), butler=call.clock.butler
    )


def begin_calls(
    account: Account, at: datetime, recorded: datetime, *, rain: bool = False, rained: Iterable[date] = ()
) -> None:
    """From completion on, never from payment: 24 h for urgent repairs, else a week."""
    account.state = "finished"
    urgent = account.urgency in figures.URGENT
    account.start("callback", at)
    clock = account.running("callback")
    assert clock is not None
    due = clock.due
    assert due is not None
    account.calls.append(Call(account.round, "courtesy", urgent, due, at, out_of(at, figures.NO_CALLS)))
    if rain:
        clock = Running("after_rain", account.round, at, Allowance(0), butler=account.butler or account.accountable)
        account.calls.append(Call(account.round, "after_rain", False, due, at, at, clock=clock))
        wait_for_rain(account.calls[-1], rained, recorded)


def open_call(account: Account) -> Call | None:
    waiting = [c for c in account.calls if c.ended is None]
    return min(waiting, key=lambda c: c.purpose != "courtesy", default=None)


def call_refused(account: Account, done: Done) -> str:
    call, at = open_call(account), done.do.at
    if call is None:
        return "callback.open"
    if at < call.not_before:
        return "callback.spacing"
    return "callback.quiet_hours" if out_of(at, figures.NO_CALLS) > at else ""


def call_made(account: Account, at: datetime, done: Done, _c: Calculation) -> None:
    call, outcome = open_call(account), done.do.data["outcome"]
    assert call is not None
    call.tries += 1
    if outcome in ("satisfied", "unsatisfied"):
        _call_ends(account, call, outcome, at)
        if outcome == "unsatisfied":
            reopened(account, at, done, _c)
    elif call.tries == figures.TRIES:
        _call_ends(account, call, "unreachable", at)
    else:
        gap = at + timedelta(hours=figures.URGENT_GAP_HOURS)
        next_day = (at.astimezone(out_of(at, ()).tzinfo) + timedelta(days=1)).replace(
            hour=0, minute=0, second=0, microsecond=0
        )
        call.not_before = out_of(gap if call.urgent else next_day, figures.NO_CALLS)


def _call_ends(account: Account, call: Call, state: str, at: datetime) -> None:
    call.stop(state, at)
    account.end(at, "callback")
    closes(account, at)


def rated(account: Account, at: datetime, done: Done, c: Calculation) -> None:
    call = next((x for x in account.calls if x.ended is None and x.purpose == "courtesy"), None)
    rating = done.do.data["rating"]
    if call is not None:
        _call_ends(account, call, "self_rated", at)
    if rating == 1:
        reopened(account, at, done, c)


def closes(account: Account, at: datetime) -> None:
    """Over when the call has ended and nothing is owed; then no clock runs any more."""
    called = all(c.ended is not None for c in account.calls if c.purpose == "courtesy")
    owed = [r for r in account.charged if r not in account.settled]
    unconfirmed = account.state == "unconfirmed"
    if account.calls and called and not owed and not unconfirmed and not account.waits_for:
        account.state = "closed"
        account.void(at)


def reopened(account: Account, at: datetime, done: Done, c: Calculation) -> None:
    """A new round: the old clocks count no more, new ones begin now, nobody handles it."""
    account.void(at, *(c.key for c in account.clocks if c.key != "official"))
    for call in account.calls:
        if call.ended is None:
            call.stop("void", at)
    account.round += 1
    account.state, account.handler = "open", None
    for key in FIRST[account.kind]:
        account.start(key, at)


FIRST = {
    "repair": ("response", "arrival", "completion"),
    "complaint": ("acknowledge", "answer", "solution"),
    "inquiry": ("answer",),
    "suggestion": ("answer",),
    "praise": ("pass_on",),
    "service_order": ("arrange",),
}


def opened(account: Account, _at: datetime, done: Done, _c: Calculation) -> None:
    account.heard = done.do.data.get("received_at", done.do.at)
    for key in FIRST[account.kind]:
        account.start(key, account.heard)
    if account.kind != "inquiry":
        worded(account, f"{account.kind}.received", done.do.at)


def cancelled(account: Account, at: datetime, done: Done, c: Calculation) -> None:
    account.state = "closed"
    account.void(at)
    for call in account.calls:
        if call.ended is None:
            call.stop("void", at)
    if c.staff(done) is not None and account.kind in ("repair", "service_order"):
        worded(account, f"{account.kind}.cancelled", done.do.at)


def settles(how: str) -> Step:
    def step(account: Account, at: datetime, done: Done, _c: Calculation) -> None:
        owed = _owed_round(account)
        if owed in account.charged:
            account.settled[owed] = how
        if account.state == "unconfirmed":
            account.state = "finished"
        if not [r for r in account.charged if r not in account.settled]:
            account.end(at, "payment")
        closes(account, at)

    return step


def answers(key: str, template: str) -> Step:
    def step(account: Account, at: datetime, done: Done, _c: Calculation) -> None:
        account.end(at, key)
        account.state = "closed"
        worded(account, template, done.do.at)

    return step


STEPS: dict[tuple[str, str], Step] = {}


def offered(account: Account, at: datetime, done: Done, _c: Calculation) -> None:
    found = figures.allowance("", "handover", account.urgency)
    assert found is not None
    account.offers.append(Running("handover", account.round, at, found, receiver=done.do.data["receiver"]))


def taken_over(account: Account, at: datetime, _done: Done, _c: Calculation) -> None:
    """From here on the receiver answers for it, and nobody else (DSK-2)."""
    offer = account.offers[-1]
    offer.end(at)
    account.accountable = offer.receiver


def not_taken_over(account: Account, at: datetime, _done: Done, _c: Calculation) -> None:
    account.offers[-1].end(at)


def updated(account: Account, _at: datetime, done: Done, _c: Calculation) -> None:
    worded(account, "case.next_word", done.do.at)


for _kind in FIRST:
    STEPS[_kind, "update"] = updated
    STEPS[_kind, "handover"] = offered
    STEPS[_kind, "handover/accept"] = taken_over
    STEPS[_kind, "handover/decline"] = not_taken_over
    STEPS[_kind, "open"] = opened
    STEPS[_kind, "callback"] = call_made
    STEPS[_kind, "rate"] = rated
    STEPS[_kind, "reopen"] = reopened
    STEPS[_kind, "cancel"] = cancelled
    STEPS[_kind, "pay"] = settles("paid")
    STEPS[_kind, "waive"] = settles("waived")
    STEPS[_kind, "put_on_bill"] = settles("billed")


def amount_of(lines: Iterable[dict[str, Any]]) -> Decimal:
    return sum((figures.PRICES[x["code"]] * Decimal(x["quantity"]) for x in lines), Decimal(0))
