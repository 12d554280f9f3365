"""Scenes: how a repair goes, step by step, through the verbs alone."""

import math
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any, Final

from steward.assurance.models import Callback
from steward.cases.engine import Outcome
from steward.cases.models import Case
from steward.casework.customer.links import actor_of, find_link, issue_link
from steward.casework.shipped import SHIPPED
from steward.demo.stage import ZONE, Scene, Stage
from steward.demo.words.repairs import COMMENTS, NO_ANSWER, TOO_DEAR, UNHAPPY, WAITED, Job

SKILLS: Final = {row.code: row.skill for row in SHIPPED["repair"]}
#: After so many calls in vain a customer counts as not reached.
TRIES: Final = 3
#: Who stands by where nobody lives.
PATROL: Final = "物业巡查"
CUSTOMER_PAYS: Final = frozenset({"owner", "orderer"})
#: How often a customer who is content says more than a number.
SAYS_SOMETHING: Final = 0.6
#: Minutes from dispatch to arrival, by urgency.
ROAD: Final = {"P0": (1, 3), "P1": (6, 17), "P2": (40, 330), "P3": (1500, 4000)}
#: Who is home in the evening is seen the same evening; by night only the duty engineer is left, and quick.
OFF_HOURS: Final = (12, 75)
DAY: Final = (8, 20)


@dataclass(frozen=True)
class Crew:
    """Who serves a project."""

    desks: tuple[str, ...]
    techs: tuple[str, ...]
    callers: tuple[str, ...]
    cashier: str
    manager: str
    night: tuple[str, ...] = ()
    butlers: tuple[str, ...] = ()

    @property
    def accepting(self) -> tuple[str, ...]:
        """Who looks at finished work on common parts."""
        return self.butlers or (self.manager,)

    def desk(self, stage: Stage) -> str:
        """Who sits at the desk at this hour."""
        by_night = self.night and not DAY[0] <= stage.now.astimezone(ZONE).hour < DAY[1]
        return stage.rng.choice(self.night if by_night else self.desks)


@dataclass(frozen=True, kw_only=True)
class Order:
    """A repair to play. ``stop``: the last action that is played (empty: to the end).

    ``settle``: pay, waive, bill or none. ``call``: good, bad, retry, self (the customer rates by the link), late, never
    (three calls in vain) or none.
    ``slow`` stretches the road to the job, ``retold`` picks the words somebody else would use.
    """

    project: str
    job: Job
    start: datetime
    crew: Crew
    unit: str = ""
    place: str = ""
    by: str = ""
    tech: str = ""
    channel: str = "phone"
    urgency: str = ""
    payer: str = "owner"
    payer_name: str = ""
    settle: str = "pay"
    call: str = "good"
    consent: str = "signature"
    ceiling: str = ""
    stop: str = ""
    hold: str = ""
    hold_hours: float = 30
    contain: str = ""
    answer: str = "yes"
    origin: str = ""
    slow: float = 1.0
    late_entry: int = 0
    call_after_hours: float | None = None
    retold: bool = False


class Road:
    """One repair on its way. Each method plays some steps and yields when the next is due."""

    def __init__(self, stage: Stage, order: Order) -> None:
        self.stage, self.order = stage, order
        self.number = ""
        self.person = ""
        self.urgency = ""
        self.tech = order.tech or _skilled(stage, order)
        self.state = ""
        self.owed = Decimal(0)
        self.over = self.decided = self.declined = False

    def play(self) -> Scene:
        yield self.order.start
        self._receive()
        for part in (self._send, self._visit, self._agree, self._work, self._settle):
            if self.over:
                return
            yield from part()

    def _ended(self, step: str) -> bool:
        self.over = self.over or step == self.order.stop
        return self.over

    def _act(self, who: str, name: str, **data: Any) -> Outcome:
        outcome = self.stage.act(who, self.number, name, **data)
        self.state = outcome.case.state
        if name in ("finish", "decline_quote") and outcome.detail.amount:
            self.owed = outcome.detail.amount
        return outcome

    def _photo(self, subject: str) -> int:
        return self.stage.photo(self.tech, self.order.project, subject)

    def _receive(self) -> None:
        stage, order = self.stage, self.order
        who = order.by or order.crew.desk(stage)
        title, words = stage.rng.choice(self._tellings())
        data: dict[str, Any] = {
            "title": title,
            "description": words,
            "category": order.job.category,
            "channel": order.channel,
            "unit": order.unit,
            "place": order.place,
        }
        if order.job.flat or order.answer == "no":
            data["flat_rate"] = order.job.flat or "CALL"
        if not order.by:
            data |= {"payer": order.payer, "urgency": order.urgency or None, "origin": order.origin}
            if order.late_entry:
                data["received_at"] = stage.now - timedelta(minutes=order.late_entry)
        case = stage.open(who, project=order.project, **data).case
        self.number, self.person, self.urgency = case.number, case.customer_name or PATROL, case.urgency
        self.decided = not order.by
        self._ended("open")

    def _tellings(self) -> tuple[tuple[str, str], ...]:
        job = self.order.job
        return ((job.title, job.words), *(job.others if self.order.retold else ()))

    def _road(self) -> tuple[float, float]:
        """Minutes to the place, at this hour."""
        urgency = self.urgency or "P2"
        day = 6 <= self.stage.now.astimezone(ZONE).hour < 17
        return ROAD[urgency] if day or urgency != "P2" or not self.order.retold else OFF_HOURS

    def _send(self) -> Scene:
        stage, order = self.stage, self.order
        if self.urgency == "P0":
            yield stage.after(0, 1)
        else:
            yield stage.after(1, 4) if self.urgency == "P1" else stage.after(2, 14 * order.slow)
        desk = order.crew.desk(stage)
        if not self.decided or order.payer_name:
            urgency = order.urgency or self.urgency
            self._act(desk, "assess", urgency=urgency, payer=order.payer, payer_name=order.payer_name)
            self.urgency = urgency
        self._act(desk, "dispatch", handler=stage.staff_id(self.tech))
        if self._ended("dispatch"):
            return
        yield (
            stage.after(0, 1)
            if self.urgency == "P0"
            else stage.after(1, (4 if self.urgency == "P1" else 9) * order.slow)
        )
        self._act(self.tech, "accept")
        self._ended("accept")

    def _visit(self) -> Scene:
        stage, order = self.stage, self.order
        low, high = self._road()
        yield stage.after(low, high * order.slow)
        self._act(self.tech, "arrive")
        if self._ended("arrive"):
            return
        if order.contain and self.urgency in ("P0", "P1"):
            yield stage.after(2, 6)
            self._act(self.tech, "contain", what=order.contain, photos=[self._photo(order.job.photo)])
            if self._ended("contain"):
                return
        yield stage.after(4, 12)
        self._act(
            self.tech,
            "confirm_scope",
            cause=order.job.cause,
            scope=order.job.scope,
            confirmed_by=self.person,
            photos=[self._photo(order.job.photo)],
        )
        if self._ended("confirm_scope"):
            return
        if order.hold:
            yield from self._pause()

    def _pause(self) -> Scene:
        stage, order = self.stage, self.order
        yield stage.after(2, 8)
        promised = stage.now + timedelta(hours=order.hold_hours)
        self._act(self.tech, "suspend", reason=order.hold, promised_at=promised.isoformat(), customer_told=True)
        if order.unit and order.retold:
            yield stage.after(10, 60)
            self._say_when(promised)
        if self._ended("suspend"):
            return
        yield promised - timedelta(minutes=stage.rng.choice((-90, 10, 25, 40, 40)))
        self._act(self.tech, "resume")

    def _say_when(self, promised: datetime) -> None:
        """One tap: what we wait for, and when the customer hears of us again."""
        stage, order = self.stage, self.order
        word = stage.rng.choice(WAITED[order.hold])
        self._act(order.crew.desk(stage), "update", word=word, next_at=(promised + timedelta(hours=2)).isoformat())

    def _agree(self) -> Scene:
        stage, order = self.stage, self.order
        if order.payer not in CUSTOMER_PAYS or order.job.flat:
            return
        yield stage.after(3, 10)
        lines = [{"code": code, "quantity": quantity} for code, quantity in order.job.lines]
        detail = self._act(self.tech, "quote", lines=lines).detail
        if self._ended("quote"):
            return
        yield stage.after(4, 45)
        if order.answer == "no":
            self._act(self.tech, "decline_quote", person_name=self.person, reason=stage.rng.choice(TOO_DEAR))
            self.declined = True
            return
        self._consent(detail.quote_hash)
        self._ended("consent")

    def _consent(self, quote_hash: str) -> None:
        order, who = self.order, {"person_name": self.person, "relation": "本人"}
        if order.ceiling:
            who["ceiling"] = order.ceiling
        if order.consent == "portal":
            self._act(order.by, "consent", quote_hash=quote_hash, way="portal", **who)
        elif order.consent == "call":
            self._act(
                order.crew.desks[0], "consent", quote_hash=quote_hash, way="call", call_reference=self._call(), **who
            )
        elif order.consent == "link":
            self._by_link("consent", quote_hash=quote_hash, way="link", **who)
        else:
            signature = self._photo("signature")
            self._act(self.tech, "consent", quote_hash=quote_hash, way="signature", signature=signature, **who)

    def _call(self) -> str:
        return f"{self.stage.now.astimezone(ZONE):%Y%m%d-%H%M}-{self.stage.rng.randrange(100, 999)}"

    def _by_link(self, name: str, **data: object) -> None:
        """The customer opens the link in the message and answers."""
        stage, order = self.stage, self.order
        if name == "consent":
            self._act(self.tech, "say", text="已把链接发给业主")
        case = Case.objects.in_project(stage.company.nodes[order.project].pk).get(number=self.number)
        token = issue_link(
            case=case, purpose=name, person_name=self.person, actor=stage.actor(order.crew.desks[0]), at=stage.now
        )
        customer = actor_of(find_link(token), stage.now)
        if customer is None:
            raise AssertionError("a fresh link is valid")
        key = f"link:{case.pk}"
        stage.cast_as(key, customer)
        self._act(key, name, **data)

    def _work(self) -> Scene:
        stage, order = self.stage, self.order
        if self.declined:
            return
        yield stage.after(1, 5)
        self._act(self.tech, "start")
        if self._ended("start"):
            return
        yield stage.after(order.job.minutes * 0.8, order.job.minutes * 1.3)
        self._act(
            self.tech,
            "finish",
            work_done=order.job.done,
            labour_minutes=order.job.minutes,
            photos_after=[self._photo("done")],
            parts=[{"code": code, "quantity": n} for code, n in order.job.lines if code.startswith("P-")],
            site_cleaned=True,
        )
        self._ended("finish")

    def _settle(self) -> Scene:
        stage = self.stage
        finished = stage.now
        if self.state == "checking":
            yield from self._accepted()
        if self.state == "done":
            yield stage.after(2, 9)
            self._confirm()
            if self._ended("confirm_amount"):
                return
            yield from self._both(finished, owes=True)
        else:
            yield from self._both(finished, owes=False)

    def _accepted(self) -> Scene:
        """Common parts have no customer: a butler looks at the work, by day."""
        stage, who = self.stage, self.order.crew.accepting
        local = (stage.now + timedelta(minutes=35)).astimezone(ZONE)
        if not DAY[0] <= local.hour < DAY[1]:
            local = (local + timedelta(hours=12)).replace(hour=8, minute=40)
        yield local
        self._act(who[len(self.order.place) % len(who)], "accept_work", remark="现场看过，合格")

    def _confirm(self) -> None:
        data = {"amount": str(self.owed), "person_name": self.person, "relation": "本人"}
        if self.order.consent == "portal":
            self._act(self.order.by, "confirm_amount", way="portal", **data)
        else:
            signed: dict[str, Any] = {"way": "signature"}
            if self.order.consent == "call":
                who, signed = self.order.crew.desk(self.stage), {"way": "call", "call_reference": self._call()}
            else:
                who, signed["signature"] = self.tech, self._photo("signature")
            self._act(who, "confirm_amount", **signed, **data)

    def _both(self, finished: datetime, *, owes: bool) -> Scene:
        """Payment and callback run side by side; whichever is due first is played first."""
        waiting = [(self._call_time(finished), "call")] if self.order.call != "none" else []
        if owes and self.order.settle != "none":
            waiting.append((self._pay_time(), "pay"))
        for at, what in sorted(waiting):
            yield max(at, self.stage.now)
            if what == "pay":
                self._money()
            else:
                yield from self._phone()

    def _pay_time(self) -> datetime:
        """At the counter, in office hours."""
        at = self.stage.after(10, 60 * 40).astimezone(ZONE)
        minute = self.stage.rng.randrange(60)
        if at.hour >= 17:
            return at.replace(hour=9, minute=minute) + timedelta(days=1)
        return at.replace(hour=9, minute=minute) + timedelta(hours=max(0, at.hour - 9))

    def _money(self) -> None:
        stage, order = self.stage, self.order
        if order.settle == "waive":
            self._act(order.crew.manager, "waive", reason="上次没修好，耽误了住户一天")
        elif order.settle == "bill":
            self._act(order.crew.cashier, "put_on_bill")
        else:
            amount = self.owed
            method = stage.rng.choice(("wechat", "wechat", "alipay", "cash", "pos"))
            data = {"method": method, "amount": str(amount)}
            if method == "cash":
                data["tendered"] = str(math.ceil(amount / 100) * 100)
            elif method != "pos":
                data["reference"] = f"{stage.rng.randrange(10**17, 10**18)}"
            self._act(order.crew.cashier, "pay", **data)

    def _call_time(self, finished: datetime) -> datetime:
        hours = self.order.call_after_hours
        if hours is None:
            hours = self.stage.rng.uniform(2, 18) if self.urgency in ("P0", "P1") else self.stage.rng.uniform(18, 110)
        if self.order.call == "late":
            hours += 20 if self.urgency in ("P0", "P1") else 90
        return self.stage.callable_from(self.number, finished + timedelta(hours=hours))

    def _phone(self) -> Iterator[datetime]:
        stage, order = self.stage, self.order
        caller = stage.rng.choice(order.crew.callers)
        for n in range({"retry": 1, "never": TRIES}.get(order.call, 0)):
            if n:
                caller = stage.rng.choice(order.crew.callers)
            self._act(caller, "callback", outcome="no_answer", comment=stage.rng.choice(NO_ANSWER))
            if not self._callback_open():
                return
            yield stage.callable_from(self.number, stage.now + timedelta(minutes=5))
        if order.call == "bad":
            self._act(caller, "callback", outcome="unsatisfied", rating=1, comment=stage.rng.choice(UNHAPPY))
            yield from self._again()
            return
        rating = stage.rng.choices((4, 3, 2), (70, 25, 5))[0]
        comment = stage.rng.choice(COMMENTS) if stage.rng.random() < SAYS_SOMETHING else ""
        if order.call == "self" and order.unit and self._callback_open():
            self._by_link("rate", rating=rating, on_time=rating > 2, price_first=True, cleaned=True, comment=comment)
            return
        if order.by in ("owner", "tenant") and self._callback_open():
            self._act(order.by, "rate", rating=rating, on_time=True, price_first=True, cleaned=True, comment=comment)
        else:
            self._act(caller, "callback", outcome="satisfied", rating=rating, comment=comment)

    def _callback_open(self) -> bool:
        project_id = self.stage.company.nodes[self.order.project].pk
        return Callback.objects.in_project(project_id).filter(case__number=self.number, ended_at__isnull=True).exists()

    def _again(self) -> Scene:
        """Not satisfied: the case is open again, the second round is free."""
        self.order = replace(self.order, payer="common", call="good", settle="none", payer_name="", hold="", stop="")
        self.decided = True
        self.declined = False
        for part in (self._send, self._visit, self._work, self._settle):
            yield from part()


def _skilled(stage: Stage, order: Order) -> str:
    """Somebody of the crew who knows the trade; anybody where nobody does."""
    skill = SKILLS[order.job.category]
    able = [t for t in order.crew.techs if skill in stage.company.staff[t].skills]
    return stage.rng.choice(able or order.crew.techs)
