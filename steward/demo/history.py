"""Months of believable work: what came when, and how it went. What is in hand just now stands in ``present``."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from random import Random
from typing import Any, Final

from steward.casework.accountability import handovers
from steward.demo import incidents, office, present
from steward.demo.aftermath import cancelled, rework
from steward.demo.arrivals import Arrivals, rain_of
from steward.demo.grievances import Anger, Plea, asked_of_firm
from steward.demo.present import JZ, RT, YX, at, homes_of
from steward.demo.scenes import Crew, Order, Road
from steward.demo.stage import ZONE, Scene, Stage
from steward.demo.talks import inquiry, praise, service, suggestion
from steward.demo.words.complaints import COLD, GRIEVANCES, LIFTS, PATIENCE
from steward.demo.words.repairs import COMMON, HOMES, OFFICES, TOWER, WARRANTY, Job
from steward.demo.words.talks import FOUND_OUT, IDEAS, KNOWLEDGE, SERVICES, THANKS, TOWER_SERVICES

#: Days and cases of a whole demo.
DAYS: Final = 100
CASES: Final = 560
#: Who looks into what at each place; else the manager.
HANDLERS: Final = {
    "工程部": "yx_eng",
    "客服部": "headbutler",
    "环境部": "butler",
    "财务部": "cashier",
    "秩序部": "yx_guard",
}
#: A household of the story that came back and back, and went to the hotline.
TRIED: Final = "9-2-1502"


@dataclass(frozen=True)
class Mix:
    """How many cases of each kind a project had, of ``CASES`` in all."""

    project: str
    crew: Crew
    repairs: int
    questions: int
    complaints: int
    ideas: int
    thanks: int
    services: int
    services_of: Sequence[Any] = SERVICES
    hands: tuple[str, ...] = field(default=())


MIXES: Final = (
    Mix("YX", YX, 202, 46, 20, 12, 16, 25, hands=("tech2", "butler", "yx_butler2", "yx_butler3")),
    Mix("RT", RT, 54, 9, 6, 0, 0, 14, TOWER_SERVICES, ("rt_tech1", "tower_desk")),
    Mix("JZ", JZ, 102, 22, 11, 5, 5, 8, hands=("jz_tech2", "jz_desk2")),
)


def scenes(stage: Stage, *, days: int = DAYS, cases: int = CASES) -> list[Scene]:
    """Everything that happens, past and present. ``cases``: about how many of them are finished ones."""
    arrivals = Arrivals(stage, days, rain_of(days, Random("rain")))  # noqa: S311  a story, not a secret
    share = cases / CASES
    played: list[Scene] = []
    for mix in MIXES:
        past = Past(stage, arrivals, mix, homes_of(stage, mix.project))
        played += past.scenes(share)
    if cases:
        played += _angry(stage, days) + _passed_on(stage, days)
    return [
        *played,
        *office.scenes(stage, days=days, rain=arrivals.rain),
        *present.scenes(stage),
        *incidents.scenes(stage, days=days if cases else 0, rain=arrivals.rain),
    ]


@dataclass
class Past:
    """The finished work of one project."""

    stage: Stage
    arrivals: Arrivals
    mix: Mix
    homes: list[str]

    def scenes(self, share: float) -> list[Scene]:
        def times(count: int) -> range:
            return range(round(count * share))

        mix = self.mix
        return [
            *(self._repair() for _n in times(mix.repairs)),
            *self._questions(len(times(mix.questions))),
            *self._complaints(len(times(mix.complaints))),
            *self._ideas(len(times(mix.ideas))),
            *self._thanks(len(times(mix.thanks))),
            *(self._service() for _n in times(mix.services)),
        ]

    def _home(self) -> str:
        return self.stage.rng.choice(self.homes)

    # --- repairs --------------------------------------------------------------------------------
    def _repair(self) -> Scene:
        rng, is_tower = self.stage.rng, self.mix.project == "RT"
        if rng.random() < 0.22:
            return self._common(rng.choice(TOWER if is_tower else COMMON))
        more: dict[str, Any] = {}
        if rng.random() < 0.08 and not is_tower:
            job = rng.choice(WARRANTY)
            more = {"payer": "developer", "payer_name": "开发商维保部", "hold": rng.choice(("", "weather"))}
        else:
            job = rng.choice(OFFICES if is_tower else HOMES)
            more = {"payer": "owner" if job.lines or job.flat else "common"}
        order = self._order(job, unit=self._home(), **more)
        chance = rng.random()
        if chance < 0.04:
            return cancelled(self.stage, order)
        return rework(self.stage, order) if chance < 0.065 else Road(self.stage, order).play()

    def _common(self, job: Job) -> Scene:
        place = self.stage.rng.choice(job.places)
        order = self._order(job, place=place, channel="patrol", payer="common", late_entry=0)
        if job.category == "lift" and self.mix.project == "YX":
            return with_firm(self.stage, order, "lift")
        return Road(self.stage, order).play()

    def _order(self, job: Job, **more: Any) -> Order:
        rng = self.stage.rng
        chosen: dict[str, Any] = {
            "channel": rng.choice(("phone", "phone", "phone", "wechat", "wechat", "visit")),
            "late_entry": rng.choice((0, 0, 0, 0, 2, 4)),
            "slow": rng.choices((1.0, 3.0, 9.0), (90, 7, 3))[0],
            "consent": rng.choices(("signature", "call", "link"), (70, 18, 12))[0],
            "settle": rng.choices(("pay", "bill", "waive"), (78, 18, 4))[0],
            "call": rng.choices(("good", "self", "retry", "bad", "late", "never"), (50, 20, 12, 7, 6, 5))[0],
            "hold": rng.choices(("", "parts", "customer", "capacity"), (88, 6, 4, 2))[0],
            "hold_hours": rng.choice((18, 26, 44, 70)),
            "answer": "no" if job.lines and rng.random() < 0.06 else "yes",
        }
        if chosen["answer"] == "no":
            chosen["call"] = "good"
        start = self.arrivals.moment(wet=job.wet)
        chosen |= {k: v for k, v in more.items() if v != ""}
        mix = self.mix
        return Order(project=mix.project, job=job, crew=mix.crew, start=start, retold=True, **chosen)

    # --- words ----------------------------------------------------------------------------------
    def _questions(self, count: int) -> list[Scene]:
        """First those that stand in the knowledge base, each wording once; some that nobody could answer at once."""
        rng = self.stage.rng
        asked = [(k, (k.category, said, k.answer)) for k in KNOWLEDGE for said in k.asked]
        known = rng.sample(asked, min(len(asked), round(count * 0.85)))
        hard = rng.sample(FOUND_OUT[1:], min(len(FOUND_OUT) - 1, count - len(known)))
        return [
            *(self._question(topic, known=entry) for entry, topic in known),
            *(self._question(topic, passed_to=self._who("财务部" if topic[0] == "fees" else "")) for topic in hard),
        ]

    def _question(self, topic: tuple[str, str, str], **more: Any) -> Scene:
        rng, mix = self.stage.rng, self.mix
        slow = rng.random() < 0.12 or "passed_to" in more
        minutes = rng.uniform(90, 1700) if slow else rng.uniform(1, 9)
        unit = self._home() if rng.random() < 0.8 else ""
        scene = inquiry(
            self.stage,
            mix.crew,
            project=mix.project,
            topic=topic,
            unit=unit,
            answered_after=minutes,
            again=rng.random() < 0.05,
            **more,
        )
        return at(self.arrivals.in_office_hours(), scene)

    def _who(self, unit: str) -> str:
        return HANDLERS.get(unit, self.mix.crew.manager) if self.mix.project == "YX" else self.mix.crew.manager

    def _complaints(self, count: int) -> list[Scene]:
        rng = self.stage.rng
        return [self._complaint(told) for told in rng.sample(GRIEVANCES, min(len(GRIEVANCES), count))]

    def _complaint(self, told: Any) -> Scene:
        rng, mix = self.stage.rng, self.mix
        ticket = rng.choice((30.0, 54.0, 78.0)) if rng.random() < 0.22 else None
        plea = Plea(
            project=mix.project,
            crew=mix.crew,
            told=told,
            start=self.arrivals.moment(wet=told.wet),
            handler=self._who(told.unit),
            unit=self._home(),
            slow=rng.choices((0.6, 1.0, 4.0), (40, 45, 15))[0],
            call=rng.choices(("good", "retry", "bad"), (72, 12, 16))[0],
            ticket=ticket,
            verdict=rng.choices(("satisfied", "unsatisfied"), (80, 20))[0] if ticket else "",
            plan_days=rng.choice((0, 0, 0, 0, 4)),
            firm=mix.project == "YX",
        )
        return Anger(self.stage, plea).play()

    def _ideas(self, count: int) -> list[Scene]:
        rng, mix = self.stage.rng, self.mix
        ideas = [idea for n, idea in enumerate(IDEAS) if n not in present.IDEAS_NOW]
        chosen = ideas[:count] if mix.project == "YX" else ideas[-count:] if count else []
        return [
            at(
                self.arrivals.moment(),
                suggestion(
                    self.stage,
                    mix.crew,
                    project=mix.project,
                    idea=idea,
                    unit=self._home() if rng.random() < 0.8 else "",
                    handler=self._who(idea.unit),
                ),
            )
            for idea in chosen
        ]

    def _thanks(self, count: int) -> list[Scene]:
        mix = self.mix
        thanks = [t for n, t in enumerate(THANKS) if n not in present.THANKS_NOW]
        fits = thanks if mix.project == "YX" else [t for t in thanks if not t[2]]
        return [
            at(
                self.arrivals.moment(),
                praise(self.stage, mix.crew, project=mix.project, thanks=kind, unit=self._home()),
            )
            for kind in fits[:count]
        ]

    def _service(self) -> Scene:
        rng, mix = self.stage.rng, self.mix
        scene = service(
            self.stage,
            mix.crew,
            project=mix.project,
            service=rng.choice(mix.services_of),
            unit=self._home(),
            doer=rng.choice(mix.hands),
            settle=rng.choices(("pay", "bill"), (75, 25))[0],
        )
        return at(self.arrivals.in_office_hours(), scene)


def with_firm(stage: Stage, order: Order, helper: str) -> Scene:
    """A repair whose case is open while a firm is asked for its part."""
    road = Road(stage, order)
    steps = road.play()
    yield next(steps)
    following = next(steps, None)
    yield from asked_of_firm(stage, road.number, order.crew.desks[0], helper, within=(8, 20))
    while following is not None:
        yield max(following, stage.now)
        following = next(steps, None)


def _angry(stage: Stage, days: int) -> list[Scene]:
    """Seventeen households against a lift, a compound that froze, and one household's long story."""
    floors = [h for h in homes_of(stage, "YX") if h.startswith("4-")]
    cold = [h for h in homes_of(stage, "JZ") if h.startswith("6-")]

    def plea(told: Any, start: datetime, project: str = "YX", crew: Crew = YX, **more: Any) -> Scene:
        return Anger(stage, Plea(project=project, crew=crew, told=told, start=start, **more)).play()

    def early(wanted: int) -> int:
        return min(days, wanted)

    mine: dict[str, Any] = {"unit": TRIED, "handler": "yx_eng"}
    leak = Order(project="YX", job=WARRANTY[0], start=stage.day(early(76), 9, 40), crew=YX, unit=TRIED, tech="tech2",
                 payer="developer", payer_name="开发商维保部", call="bad", call_after_hours=30)  # fmt: skip
    many: dict[str, Any] = {"handler": "yx_eng", "unit": floors[0], "persons": 17, "joined": tuple(floors[1:60:7])}
    return [
        Road(stage, leak).play(),
        plea(PATIENCE[0], stage.day(early(61), 8, 5), call="bad", slow=3.0, ticket=96, verdict="unsatisfied", **mine),
        plea(PATIENCE[1], stage.day(early(52), 20, 50), handler="headbutler", unit=TRIED, slow=2.0),
        plea(LIFTS, stage.day(early(26), 19, 30), slow=0.5, plan_days=34, ticket=120, stop="approve_plan", **many),
        plea(COLD, stage.day(early(48), 10, 10), "JZ", JZ, handler="jz_manager", unit=cold[-1], persons=12,
             joined=tuple(cold[-9:-1:2]), ticket=100, verdict="satisfied"),
    ]  # fmt: skip


def _passed_on(stage: Stage, days: int) -> list[Scene]:
    """The end of a shift: an open case is offered to the other desk; taken, declined, or ordered by the manager."""
    return [_one_passed_on(stage, ago, n) for n, ago in enumerate(range(3, days, 5))]


def _one_passed_on(stage: Stage, ago: int, n: int) -> Scene:
    yield stage.day(ago, 19, 40 + n % 15)
    giver, receiver = ("desk", "desk2") if n % 2 else ("desk2", "desk")
    number = stage.open_of(giver, "YX")
    if number is None:
        return
    reasons = ("明天轮休，业主要求明天回话", "转夜班跟进，业主晚上才在家", "这位业主认识你，你来跟更顺")
    data = {"receiver": stage.staff_id(receiver), "reason": reasons[n % 3]}
    stage.ask(handovers.offer_handover, giver, number, data=data)
    yield stage.after(4, 15)
    if stage.is_closed(number):
        return
    if n % 7 == 5:
        why = {"reason": "我手上有两单投诉，接不过来"}
        stage.ask(handovers.decline_handover, receiver, number, data=why)
        yield stage.after(5, 10)
        if not stage.is_closed(number):
            stage.ask(
                handovers.force_handover,
                "manager",
                number,
                data={**data, "cause": "off_shift", "reason": "排班调整，由当班跟到底"},
            )
    else:
        stage.ask(handovers.accept_handover, receiver, number)


def first_day(now: datetime, days: int = DAYS) -> datetime:
    """When the company's data begin: before the first case."""
    return now.astimezone(ZONE).replace(hour=6, minute=0, second=0, microsecond=0) - timedelta(days=days + 60)
