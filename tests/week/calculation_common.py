"""The rules of what goes beside the case: sub-tasks, the rain, incidents (DSK-11, DSK-9, DSK-12)."""

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from decimal import Decimal

from tests.week import figures
from tests.week.calculation import COMMON, FIRST, STEPS, Calculation, begin_calls, rain_shown, wait_for_rain
from tests.week.calculation_repair import job
from tests.week.ledger import Account, Running
from tests.week.play import Do, Done
from tests.week.times import ZONE, first_step

# --- sub-tasks ------------------------------------------------------------------------------------------------


def asked(account: Account, at: datetime, done: Done, c: Calculation) -> None:
    """A clock of its own; asked of the region or of head office, one in working time."""
    data = done.do.data
    role = data.get("role", "")
    key = "subtask_upward" if role in ("region", "hq") else "subtask"
    found = figures.allowance("", key, account.urgency)
    assert found is not None
    people = frozenset({data["colleague"]}) if "colleague" in data else c.compound.role(role) if role else frozenset()
    due = data.get("due_at")  # asked back by then: due then, to the second
    task = Running("subtask", account.round, at, found, due, asked=people, asker=c.staff(done), state="asked")
    account.subtasks[done.made] = task


def _task(account: Account, done: Done) -> Running:
    return account.subtasks[str(done.do.data["pk"])]


def taken(account: Account, _at: datetime, done: Done, c: Calculation) -> None:
    task = _task(account, done)
    task.asked, task.state = frozenset({p for p in [c.staff(done)] if p is not None}), "accepted"


def reported(account: Account, at: datetime, done: Done, c: Calculation) -> None:
    task = _task(account, done)
    if len(task.asked or ()) > 1:
        taken(account, at, done, c)
    task.state = "reported"
    task.end(at)


def sent_back(account: Account, _at: datetime, done: Done, _c: Calculation) -> None:
    """What was reported was no answer: the clock goes on from its start."""
    task = _task(account, done)
    task.state, task.ended, task.outcome = "accepted", None, ""


def confirmed(account: Account, _at: datetime, done: Done, _c: Calculation) -> None:
    _task(account, done).state = "confirmed"


def given_up(account: Account, at: datetime, done: Done, _c: Calculation) -> None:
    task = _task(account, done)
    task.state = "declined" if done.do.action.endswith("decline") else "dropped"
    if task.ended is None:
        task.end(at, "void")


for _kind in FIRST:
    for _verb, _step in {
        "ask": asked,
        "accept": taken,
        "report": reported,
        "return": sent_back,
        "confirm": confirmed,
        "decline": given_up,
        "drop": given_up,
    }.items():
        STEPS[_kind, f"subtask/{_verb}"] = _step

# --- rain -----------------------------------------------------------------------------------------------------


def rain(c: Calculation, done: Done) -> None:
    """Enough of it on a later day than the repair: the call comes the next morning. Once; and taken back if dry."""
    day, at = done.do.data["day"], done.do.at
    enough = Decimal(done.do.data["millimetres"]) >= figures.RAIN_FROM
    if enough == (day in c.rain):
        return
    waiting = []
    for account in c.accounts.values():
        calls = [x for x in account.calls if x.purpose == "after_rain" and x.ended is None]
        if calls:
            account.advance(at, c.told)
        waiting += calls
    if enough:
        c.rain.add(day)
        for call in waiting:
            if call.waits and not call.tries and call.started.astimezone(ZONE).date() < day:
                rain_shown(call, day, at)
        return
    c.rain.discard(day)
    for call in waiting:
        if call.rain_day == day and not call.tries:
            wait_for_rain(call, c.rain, at)


COMMON["rain"] = rain

# --- incidents ------------------------------------------------------------------------------------------------


@dataclass
class Notice:
    """Words for everybody affected; each customer hears a notice once, also whoever joins later."""

    template: str
    seq: int
    told: dict[int, datetime]


@dataclass
class Affair:
    """An incident as the rules describe it."""

    number: str
    title: str
    category: str
    urgency: str
    accountable: int | None
    place: frozenset[int]
    expected: datetime | None
    told_at: datetime
    cases: list[str]
    seq: int = 1
    closed: datetime | None = None
    notices: list[Notice] = field(default_factory=list)
    reminders: dict[datetime, datetime] = field(default_factory=dict)
    seen: datetime | None = None

    def remind(self, until: datetime) -> None:
        """Before a promised end passes, or after a silence, whoever answers for it is asked for news: once."""
        due = self.told_at + timedelta(hours=figures.NEWS_SILENT_HOURS)
        if self.expected is not None:
            due = self.expected - timedelta(minutes=figures.NEWS_BEFORE_MINUTES)
        at = first_step(max(due, self.seen or due))
        if at < until and self.closed is None:
            self.reminders.setdefault(due.replace(second=0, microsecond=0), at)
        self.seen = until


def _affair(c: Calculation, done: Done) -> Affair:
    found: Affair = c.affairs[done.number]
    found.remind(done.do.at)
    found.seq += 1
    for number in found.cases:
        c.accounts[number].advance(done.do.at, c.told)
    return found


def _tell(c: Calculation, affair: Affair, template: str, at: datetime) -> None:
    callers = {c.accounts[n].customer for n in affair.cases}
    people = affair.place | {p for p in callers if p is not None}
    affair.notices.append(Notice(template, affair.seq, dict.fromkeys(people, at)))
    affair.told_at = at


def _along(c: Calculation, account: Account, at: datetime, *meets: str) -> None:
    """The case hears of it: a word to its customer, and the clocks that this answers."""
    if account.state != "open":
        return
    account.end(at, "silence", *meets)
    c.next_word(account, at, Done(Do(at, "", "with_incident"), account.kind, account.number, 200, ""))


def begun(c: Calculation, done: Done) -> None:
    data, at = done.do.data, done.do.at
    place = c.compound.living(data["building"], data.get("entrance", ""), data.get("floor_to", 99))
    who = c.staff(done)
    made = Affair(
        done.number, data["title"], data["category"], data["urgency"], who, place, data.get("expected_at"), at, []
    )
    c.affairs[done.number] = made
    for number in data["cases"]:
        account = c.accounts[number]
        account.advance(at, c.told)
        _join(c, made, account, at)
    _tell(c, made, "incident.opened", at)


def _join(c: Calculation, affair: Affair, account: Account, at: datetime) -> None:
    affair.cases.append(account.number)
    account.incident = affair.number
    _along(c, account, at, "response")


def called_too(c: Calculation, done: Done) -> None:
    """One more who calls: a case of their own, linked at once; they hear what the others heard."""
    affair = _affair(c, done)
    data = {**done.do.data, "category": affair.category, "urgency": affair.urgency}
    opening = Done(replace(done.do, action="open", data=data), "repair", done.made, done.status, "")
    account = c.apply(None, opening)
    account.advance(done.do.at, c.told)
    _join(c, affair, account, done.do.at)
    if account.customer is not None:
        affair.notices[-1].told.setdefault(account.customer, done.do.at)


def left(c: Calculation, done: Done) -> None:
    affair = _affair(c, done)
    account = c.accounts[done.do.data["case"]]
    affair.cases.remove(account.number)
    account.incident = ""
    _along(c, account, done.do.at)


def there(c: Calculation, done: Done) -> None:
    for number in _affair(c, done).cases:
        _along(c, c.accounts[number], done.do.at, "arrival")


def news(c: Calculation, done: Done) -> None:
    affair, at = _affair(c, done), done.do.at
    affair.expected = done.do.data.get("expected_at")
    for number in affair.cases:
        _along(c, c.accounts[number], at)
    _tell(c, affair, "incident.updated", at)


def over(c: Calculation, done: Done) -> None:
    """Each case is completed and keeps its callback; where a price is on the table it stays open.

    Work on common parts is still to be accepted (DSK12-21).
    """
    affair, at = _affair(c, done), done.do.at
    _tell(c, affair, "incident.closed", at)
    affair.closed = at
    for number in affair.cases:
        account = c.accounts[number]
        account.incident = ""
        mine = job(account)
        if account.state == "open" and (mine.on_hold or not mine.phase):
            mine.amount, mine.worked, mine.asked = Decimal(0), True, False
            account.end(at, "silence", "response", "arrival", "consent", "completion", "promise")
            begin_calls(account, at, at, rain=mine.category in figures.AFTER_RAIN, rained=c.rain)
            if mine.payer == "common" and mine.first in ("", "common"):
                _to_accept(account, at, c)


def _to_accept(account: Account, at: datetime, c: Calculation) -> None:
    """Whoever may accept it is asked, and whoever answers for it hears that it is not over; the closer as well."""
    account.waits_for.add("acceptance")
    account.start("acceptance", at)
    leading = c.compound.role("head_butler")
    may = leading | c.compound.role("butler") | c.compound.role("manager")
    near = [who for who in (account.butler, account.accountable) if who in may]
    people = {*(near[:1] or leading), account.accountable}
    account.notes += [("to_accept", who, at) for who in sorted(who for who in people if who is not None)]


COMMON |= {
    "incident/open": begun,
    "incident/callers": called_too,
    "incident/leave": left,
    "incident/on-site": there,
    "incident/news": news,
    "incident/close": over,
}


def affairs(c: Calculation, until: datetime) -> Iterable[Affair]:
    for affair in c.affairs.values():
        affair.remind(until + timedelta(seconds=1))
        yield affair
