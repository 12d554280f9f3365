"""The rules of a repair, step by step (docs/rules.md R1 to R60)."""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from tests.week import figures
from tests.week.calculation import OWN, REFUSED, STEPS, Calculation, amount_of, begin_calls, closes
from tests.week.calculation import reopened as a_new_round
from tests.week.ledger import Account, worded
from tests.week.play import Done


@dataclass
class Job:
    """What a repair needs to know beyond its clocks."""

    payer: str = ""
    rate: str = ""
    category: str = ""
    quote: Decimal | None = None
    agreed: Decimal | None = None
    # What was agreed to in this round, or carried into it: declining more leaves it as it was.
    kept: Decimal | None = None
    ceiling: Decimal | None = None
    approved: Decimal = Decimal(0)
    # Who paid before a rework made it free.
    first: str = ""
    phase: str = ""
    amount: Decimal = Decimal(0)
    worked: bool = False
    asked: bool = False
    on_hold: bool = False


JOBS: dict[str, Job] = {}
OWN["repair"] = JOBS


def job(account: Account) -> Job:
    return JOBS.setdefault(account.number, Job())


def opened(account: Account, at: datetime, done: Done, c: Calculation) -> None:
    data = done.do.data
    JOBS[account.number] = Job(data.get("payer", ""), data.get("flat_rate", ""), data.get("category", ""))
    OPENED(account, at, done, c)


OPENED = STEPS["repair", "open"]


def assessed(account: Account, at: datetime, done: Done, _c: Calculation) -> None:
    job(account).payer = done.do.data["payer"]
    if done.do.data["urgency"] != account.urgency:
        account.rerate(done.do.data["urgency"], at)


def dispatched(account: Account, at: datetime, done: Done, _c: Calculation) -> None:
    account.handler = done.do.data["handler"]


def accepted(account: Account, at: datetime, done: Done, c: Calculation) -> None:
    account.handler = c.staff(done)
    account.end(at, "response")
    worded(account, "repair.coming", done.do.at)


def given_back(account: Account, at: datetime, done: Done, _c: Calculation) -> None:
    account.handler = None


def arrived(account: Account, at: datetime, done: Done, _c: Calculation) -> None:
    account.end(at, "arrival")


def quoted(account: Account, at: datetime, done: Done, _c: Calculation) -> None:
    mine = job(account)
    mine.quote, mine.agreed = amount_of(done.do.data["lines"]), None
    if mine.quote > max(figures.APPROVED_ABOVE, mine.approved):
        mine.approved, mine.phase = Decimal(0), "approving"
        account.void(at, "consent")
        account.start("approval", at)
        return
    account.end(at, "silence")
    put(account, at, done, mine)


def put(account: Account, at: datetime, done: Done, mine: Job) -> None:
    """Within the ceiling agreed to, work goes on and the customer is told; else he is asked."""
    if mine.ceiling is not None and mine.quote is not None and mine.quote <= mine.ceiling:
        mine.agreed = mine.kept = mine.quote
        account.end(at, "consent")
        worded(account, "repair.within_ceiling", done.do.at)
        return
    mine.phase = "quoted"
    if account.running("consent") is None:
        account.start("consent", at)
    worded(account, "repair.quoted", done.do.at, joins=False)


def approved(account: Account, at: datetime, done: Done, _c: Calculation) -> None:
    mine = job(account)
    mine.approved = mine.quote or Decimal(0)
    account.end(at, "approval")
    put(account, at, done, mine)


def not_approved(account: Account, at: datetime, done: Done, _c: Calculation) -> None:
    mine = job(account)
    account.end(at, "approval")
    mine.quote = mine.agreed = mine.kept
    mine.phase = "agreed" if mine.kept is not None else ""


def consented(account: Account, at: datetime, done: Done, _c: Calculation) -> None:
    mine = job(account)
    mine.agreed = mine.kept = mine.quote
    ceiling = done.do.data.get("ceiling")
    mine.ceiling = Decimal(ceiling) if ceiling else None
    mine.phase = "agreed"
    account.end(at, "consent")


def started(account: Account, at: datetime, done: Done, _c: Calculation) -> None:
    job(account).phase = "working"


def declined(account: Account, at: datetime, done: Done, c: Calculation) -> None:
    """What was agreed before stands. Else no work; the call-out fee only if it was told and accepted at reporting."""
    mine = job(account)
    account.end(at, "consent")
    if mine.kept is not None:
        mine.quote = mine.agreed = mine.kept
        mine.phase = "agreed"
        return
    owed = mine.rate == "CALL" and mine.payer in figures.CUSTOMER_PAYS
    mine.amount = figures.PRICES["CALL"] if owed else Decimal(0)
    mine.quote = mine.agreed = None
    mine.worked = False
    completed(account, at, done, mine, c)


def finished(account: Account, at: datetime, done: Done, c: Calculation) -> None:
    mine = job(account)
    pays = mine.payer in figures.CUSTOMER_PAYS
    if added := done.do.data.get("added"):
        mine.quote = mine.agreed = mine.kept = (mine.agreed or Decimal(0)) + amount_of(added)
    if pays and mine.quote is not None:
        mine.amount = mine.agreed or Decimal(0)
    else:
        mine.amount = figures.PRICES[mine.rate] if pays and mine.rate in figures.FLAT else Decimal(0)
    mine.worked = True
    completed(account, at, done, mine, c)


def above_the_limit(account: Account, done: Done) -> str:
    """A ceiling does not lift the company's limit (DSK3-25): what is added goes to the manager first."""
    if account.kind != "repair" or not done.do.data.get("added"):
        return ""
    mine = job(account)
    total = (mine.agreed or Decimal(0)) + amount_of(done.do.data["added"])
    return "repair.limit" if total > max(figures.APPROVED_ABOVE, mine.approved) else ""


def completed(account: Account, at: datetime, done: Done, mine: Job, c: Calculation) -> None:
    account.end(at, "arrival", "completion")
    mine.phase = ""
    begin_calls(account, at, done.do.at, rain=mine.category in figures.AFTER_RAIN, rained=c.rain)
    mine.asked = False
    if mine.amount:
        account.state = "unconfirmed"
        worded(account, "repair.finished" if mine.worked else "repair.declined_fee", done.do.at, joins=False)
    elif mine.worked and {mine.payer, mine.first} <= {"common", ""}:
        account.waits_for.add("acceptance")
        account.start("acceptance", at)
    elif mine.worked:
        worded(account, "repair.rate", done.do.at, waits=True, joins=False)
    else:
        worded(account, "repair.declined", done.do.at)
    if not mine.amount:
        _owed_from_before(account, at)


def accepted_work(account: Account, at: datetime, done: Done, _c: Calculation) -> None:
    """By a butler: only now is the customer asked how it was, and only now may the case end."""
    account.waits_for.discard("acceptance")
    account.end(at, "acceptance")
    worded(account, "repair.rate", done.do.at, waits=True, joins=False)
    closes(account, at)


def work_refused(account: Account, at: datetime, done: Done, c: Calculation) -> None:
    """The same technician goes on in a new round: the clock of the work runs again, nothing else of the beginning."""
    handler = account.handler
    a_new_round(account, at, done, c)
    account.handler = handler
    for clock in account.clocks:
        if clock.ended is None and clock.key in ("response", "arrival"):
            account.clocks = [x for x in account.clocks if x is not clock]
    new_round(account, job(account))
    job(account).phase = "working"


def _owed_from_before(account: Account, at: datetime) -> None:
    """An amount of an earlier round that nobody paid keeps its clock: a new one for the new round."""
    if [r for r in account.charged if r not in account.settled]:
        account.start("payment", at)


def confirmed(account: Account, at: datetime, done: Done, _c: Calculation) -> None:
    mine = job(account)
    mine.asked = True
    account.state = "finished"
    account.charged[account.round] = mine.amount
    account.start("payment", at)
    worded(account, "repair.rate", done.do.at, waits=True, joins=False)


def waived(account: Account, at: datetime, done: Done, c: Calculation) -> None:
    job(account).asked = True
    WAIVED(account, at, done, c)


WAIVED = STEPS["repair", "waive"]


def on_hold(account: Account, at: datetime, done: Done, _c: Calculation) -> None:
    data = done.do.data
    job(account).on_hold = True
    account.start("promise", at, promised=data["promised_at"])
    if data["reason"] in figures.PAUSING:
        for key in figures.PAUSED_ON_HOLD:
            if (clock := account.running(key)) is not None:
                clock.pauses.append((at, None))
    worded(account, "repair.on_hold", done.do.at)


def resumed(account: Account, at: datetime, done: Done, _c: Calculation) -> None:
    account.end(at, "promise")
    job(account).on_hold = False
    for clock in account.clocks:
        if clock.ended is None and clock.paused:
            clock.resume(at)


def told(account: Account, at: datetime, done: Done, _c: Calculation) -> None:
    worded(account, "repair.word", done.do.at)


def new_round(account: Account, mine: Job) -> None:
    """Rework is free once the first work was asked for; what was agreed to and never charged stays agreed."""
    account.waits_for.discard("acceptance")
    if mine.worked and (mine.asked or not mine.amount):
        mine.first, mine.ceiling, mine.approved = mine.first or mine.payer, None, Decimal(0)
        mine.payer, mine.rate, mine.quote, mine.agreed = "common", "", None, None
    mine.kept, mine.phase = mine.agreed, ""
    mine.amount, mine.asked = Decimal(0), False


def with_new_round(action: str) -> None:
    before = STEPS["repair", action]

    def step(account: Account, at: datetime, done: Done, c: Calculation) -> None:
        rounds = account.round
        before(account, at, done, c)
        if account.round > rounds:
            new_round(account, job(account))

    STEPS["repair", action] = step


REFUSED["finish"] = above_the_limit
for _action in ("callback", "rate", "reopen"):
    with_new_round(_action)
for _name, _step in {
    "open": opened,
    "assess": assessed,
    "dispatch": dispatched,
    "take": accepted,
    "accept": accepted,
    "give_back": given_back,
    "arrive": arrived,
    "quote": quoted,
    "approve_quote": approved,
    "refuse_quote": not_approved,
    "accept_work": accepted_work,
    "refuse_work": work_refused,
    "consent": consented,
    "decline_quote": declined,
    "start": started,
    "finish": finished,
    "confirm_amount": confirmed,
    "waive": waived,
    "suspend": on_hold,
    "resume": resumed,
    "tell": told,
}.items():
    STEPS["repair", _name] = _step

__all__ = ["a_new_round", "closes"]
