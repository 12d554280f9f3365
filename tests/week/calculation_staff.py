"""Who in the house hears of what was done: at the instant it is entered, once each, nobody of their own doing."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from steward.kernel.actor import Role
from tests.week import figures
from tests.week.calculation import AROUND, FIRST, Calculation
from tests.week.calculation_repair import job
from tests.week.ledger import Account, Running
from tests.week.play import Done
from tests.week.times import MONDAY

People = Iterable[int | None]


@dataclass(frozen=True)
class Moment:
    """A step that was taken, with those who had the case before it."""

    account: Account
    done: Done
    c: Calculation
    handler: int | None
    accountable: int | None
    round: int

    @property
    def data(self) -> dict[str, Any]:
        return self.done.do.data

    @property
    def anew(self) -> bool:
        return self.account.round > self.round

    @property
    def task(self) -> Running:
        return self.account.subtasks[self.done.made or str(self.data["pk"])]

    def holding(self, *names: str) -> frozenset[int]:
        return frozenset(who for name in names for who in self.c.compound.role(name))


Ear = Callable[[Moment], People]


def answering(m: Moment) -> People:
    return [m.accountable]


def given(m: Moment) -> People:
    return [m.account.handler]


def both(m: Moment) -> People:
    return [m.handler, m.accountable]


def taken_from(m: Moment) -> People:
    """Whoever had the job and has it no longer need not go."""
    return [m.handler] if m.handler != m.account.handler else []


def receiver(m: Moment) -> People:
    return [m.data["receiver"]]


def giver_and_receiver(m: Moment) -> People:
    """Ordered: it is taken from one and given to another, and neither was asked."""
    return [m.accountable, m.data["receiver"]]


def no_longer_asked(m: Moment) -> People:
    """Whose answer is not needed any more, because a manager ordered otherwise; the new one hears that it is theirs."""
    waiting = [o.receiver for o in m.account.offers if o.outcome == "void" and o.ended == m.done.do.at]
    return [who for who in waiting[:-1] if who != m.data["receiver"]]


def asked(m: Moment) -> People:
    """Of a firm without account nobody hears in the app: it has its link."""
    return m.task.asked or ()


def asking(m: Moment) -> People:
    return [m.task.asker, m.accountable]


def when_anew(who: Ear) -> Ear:
    return lambda m: who(m) if m.anew else ()


def all_who_complained_to(m: Moment) -> People:
    return [*both(m), *m.holding("manager")]


def further_up(m: Moment) -> People:
    """The worse, the further up; said again only if it is judged anew (DSK4-20)."""
    severity, before = m.data["severity"], m.account.dates.get("severity")
    m.account.dates["severity"] = severity
    return m.holding(*figures.SEVERE.get(severity, ())) if severity != before else ()


def approving(m: Moment) -> People:
    """What a manager asks for another approves, or the region."""
    by_manager = m.c.staff(m.done) in m.holding("manager")
    return m.holding("manager", "region") if by_manager else m.holding("manager")


def too_dear(m: Moment) -> People:
    return approving(m) if job(m.account).phase == "approving" else ()


def accepting(m: Moment) -> People:
    """The butler of the home, or who answers for it if they may accept; else whoever leads the butlers."""
    if "acceptance" not in m.account.waits_for:
        return ()
    may = m.holding("butler", "head_butler", "manager")
    near = [who for who in (m.account.butler, m.accountable) if who in may]
    return near[:1] or m.holding("head_butler")


def from_a_resident(m: Moment) -> People:
    return [m.account.accountable] if m.c.staff(m.done) is None else []


#: What is said in any kind of case.
ALWAYS: Final[dict[str, tuple[tuple[str, Ear], ...]]] = {
    "handover": (("handover_offered", receiver),),
    "handover/accept": (("handover_accepted", answering),),
    "handover/decline": (("handover_declined", answering),),
    "handover/order": (("handover_forced", giver_and_receiver), ("handover_withdrawn", no_longer_asked)),
    "subtask/ask": (("subtask_asked", asked),),
    "subtask/accept": (("subtask_accepted", asking),),
    "subtask/report": (("subtask_reported", asking),),
    "subtask/decline": (("subtask_declined", asking),),
    "subtask/return": (("subtask_returned", asked),),
    "subtask/confirm": (("subtask_confirmed", asked),),
    "subtask/drop": (("subtask_dropped", asked),),
}
NOT_FIXED: Final = (("not_fixed", when_anew(answering)),)
NOT_SATISFIED: Final = (("not_satisfied", when_anew(all_who_complained_to)),)
SERVED_BADLY: Final = (("not_satisfied", when_anew(answering)),)
SAID: Final[dict[tuple[str, str], tuple[tuple[str, Ear], ...]]] = {
    **{(kind, action): said for kind in FIRST for action, said in ALWAYS.items()},
    **{(kind, "open"): (("reported", from_a_resident),) for kind in FIRST},
    ("service_order", "open"): (("ordered", from_a_resident),),
    ("repair", "dispatch"): (("relieved", taken_from), ("assigned", given)),
    ("repair", "give_back"): (("given_back", answering),),
    ("repair", "consent"): (("answered", given),),
    ("repair", "decline_quote"): (("answered", given),),
    ("repair", "quote"): (("approval_asked", too_dear),),
    ("repair", "approve_quote"): (("approved", given),),
    ("repair", "refuse_quote"): (("approval_refused", given),),
    ("repair", "finish"): (("to_accept", accepting),),
    ("repair", "refuse_work"): (("work_refused", lambda m: [m.handler]), *NOT_FIXED),
    ("repair", "cancel"): (("called_off", both),),
    ("repair", "callback"): NOT_FIXED,
    ("repair", "rate"): NOT_FIXED,
    ("repair", "reopen"): NOT_FIXED,
    ("complaint", "acknowledge"): (("severe", further_up),),
    ("complaint", "assign"): (("assigned", given),),
    ("complaint", "ask_plan"): (("plan_asked", approving),),
    ("complaint", "approve_plan"): (("planned", given),),
    ("complaint", "cancel"): (("withdrawn", both),),
    ("complaint", "callback"): NOT_SATISFIED,
    ("complaint", "reopen"): NOT_SATISFIED,
    ("inquiry", "pass_on"): (("assigned", given),),
    ("inquiry", "ask_again"): (("asked_again", both),),
    ("suggestion", "route"): (("assigned", given),),
    ("praise", "pass_on"): (("praised", lambda m: [m.data["staff"]]),),
    ("service_order", "arrange"): (("assigned", given),),
    ("service_order", "cancel"): (("called_off", both),),
    ("service_order", "callback"): SERVED_BADLY,
}


def around(account: Account, done: Done, c: Calculation) -> Callable[[], None]:
    """Remembers who had the case; called after the step, it says who heard of it."""
    handler, accountable, rounds = account.handler, account.accountable, account.round

    def after() -> None:
        moment = Moment(account, done, c, handler, accountable, rounds)
        me = c.staff(done)
        for template, ear in SAID.get((account.kind, done.do.action), ()):
            people = {who for who in ear(moment) if who is not None and who != me}
            account.notes += [(template, who, done.do.at) for who in sorted(people)]

    return after


AROUND.append(around)


def briefs(c: Calculation, until: datetime) -> list[tuple[int, datetime]]:
    """To every manager, every morning, once."""
    first = MONDAY + timedelta(hours=figures.BRIEF_HOUR)
    days = range(max((until - first) // timedelta(days=1) + 1, 0))
    return [(who, first + timedelta(days=day)) for day in days for who in c.compound.holding(Role.MANAGER)]
