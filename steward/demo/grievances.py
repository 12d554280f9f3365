"""Scenes of anger: complaints, the tickets of 12345, many who act together, a household let down again and again."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any, Final

from steward.casework import subtasks
from steward.casework.customer.links import actor_of, find_link
from steward.demo.scenes import Crew
from steward.demo.stage import Scene, Stage
from steward.demo.talks import CHANNELS
from steward.demo.words.complaints import Grievance
from steward.demo.words.repairs import COMMENTS, NO_ANSWER, UNHAPPY
from steward.processes.complaint.models import Member

#: Who approves the plan of a manager.
REGION: Final = {"YX": "region", "RT": "region", "JZ": "north"}
HOTLINE: Final = "12345"
FIRM: Final = {
    "lift": ("恒安电梯服务有限公司", "查明停运原因，更换易损件，交检修记录", "已更换磨损件，检修记录和照片附上"),
    "guard": ("磐石保安服务有限公司", "调当班记录和监控，说明经过，提出整改", "当班人已约谈，巡查改为每两小时一次"),
    "clean": ("净界保洁服务有限公司", "今天清理干净并拍照，说明原频次", "已清理冲洗，清运恢复一天两次"),
}


@dataclass(frozen=True, kw_only=True)
class Plea:
    """A complaint to play. ``stop``: the last action played. ``ticket``: hours left on a ticket of the hotline.

    ``call``: good, bad (opened again, then good), retry or none. ``verdict``: what the hotline was told.
    ``joined``: rooms of those who complain along; the first speaks for all, each is asked in the end.
    """

    project: str
    crew: Crew
    told: Grievance
    start: datetime
    handler: str
    unit: str = ""
    by: str = ""
    slow: float = 1.0
    stop: str = ""
    call: str = "good"
    ticket: float | None = None
    verdict: str = ""
    plan_days: float = 0
    persons: int = 1
    joined: tuple[str, ...] = ()
    firm: bool = False


class Anger:
    """One complaint on its way, as ``scenes.Road`` is one repair."""

    def __init__(self, stage: Stage, plea: Plea) -> None:
        self.stage, self.plea = stage, plea
        self.number = ""
        self.replied = False
        self._last = ""

    def play(self) -> Scene:
        yield self.plea.start
        self._receive()
        for n, home in enumerate(self.plea.joined):
            yield self.stage.after(1, 8)
            self.act(self.plea.crew.desks[0], "join", unit=home, is_spokesperson=n == 0)
        if self.plea.stop != "open":
            yield from self._round()

    def act(self, who: str, name: str, **data: Any) -> str:
        return self.stage.act(who, self.number, name, **data).case.state

    def _receive(self) -> None:
        stage, plea, told = self.stage, self.plea, self.plea.told
        asked = {
            "title": told.title,
            "description": told.words,
            "remedy": told.remedy,
            "category": told.category,
            "unit": plea.unit,
            "persons": plea.persons,
            "channel": "portal" if plea.by else stage.rng.choice(CHANNELS),
        }
        who = plea.by or plea.crew.desk(stage)
        self.number = stage.open(who, project=plea.project, kind="complaint", **asked).case.number

    def _round(self) -> Scene:
        for part in (self._assess, self._look_into, self._solve):
            yield from part()
            if self.stopped:
                return
        yield from self._ask()

    @property
    def stopped(self) -> bool:
        return self.plea.stop != "" and self._last == self.plea.stop

    def _step(self, who: str, name: str, **data: Any) -> None:
        self.act(who, name, **data)
        self._last = name

    def _assess(self) -> Scene:
        stage, plea = self.stage, self.plea
        yield stage.after(6, 80 * plea.slow)
        self._step(plea.crew.desk(stage), "acknowledge", severity=plea.told.severity)
        if self.stopped:
            return
        if plea.ticket is not None and not self.replied:
            yield stage.after(10, 90)
            self._take_ticket(plea.ticket)
        yield stage.by_day(stage.after(5, 120 * plea.slow))
        self._step(plea.crew.manager, "assign", responsible_unit=plea.told.unit, handler=stage.staff_id(plea.handler))

    def _take_ticket(self, hours: float) -> None:
        stage = self.stage
        serial = f"{HOTLINE}{stage.now:%y%m%d}{stage.rng.randrange(10**5):05d}"
        self.act(
            self.plea.crew.desks[0], "take_ticket", source=HOTLINE, ticket_number=serial, due_at=stage.in_(hours=hours)
        )

    def _look_into(self) -> Scene:
        stage, plea, told = self.stage, self.plea, self.plea.told
        if plea.firm and told.helper:
            yield from asked_of_firm(stage, self.number, plea.crew.desks[0], told.helper)
        yield stage.by_day(stage.after(40, 420 * plea.slow))
        found = {"findings": told.findings, "validity": "valid" if told.ours else "invalid", "cause": told.cause}
        photos = [stage.photo(plea.handler, plea.project, "wall")]
        self._step(
            plea.handler,
            "investigate",
            validity_reason=told.reason,
            root_cause=told.root,
            photos=photos,
            **found,
        )
        if self.stopped:
            return
        yield stage.by_day(stage.after(15, 240 * plea.slow))
        self._step(plea.handler, "answer", answer=told.answer)

    def _solve(self) -> Scene:
        stage, plea, told = self.stage, self.plea, self.plea.told
        if plea.plan_days:
            yield from self._plan()
            if self.stopped:
                return
        yield stage.by_day(stage.now + timedelta(hours=stage.rng.uniform(2, 22) * plea.slow))
        said = {"solution": told.solution, "cause": told.cause, "root_cause": told.root}
        self._step(plea.handler, "solve", corrective_action=told.correction, **said)
        yield from self._reply(f"{told.answer}{told.solution}。来电人已电话告知。")

    def _reply(self, text: str) -> Scene:
        """To the hotline, once: with the solution, or with the plan."""
        if self.plea.ticket is not None and not self.replied:
            self.replied = True
            yield self.stage.by_day(self.stage.after(20, 180))
            self.act(self.plea.crew.desks[0], "reply", reply=text)

    def _plan(self) -> Scene:
        stage, plea = self.stage, self.plea
        yield stage.by_day(stage.after(30, 200))
        until = stage.in_(days=plea.plan_days)
        self._step(plea.handler, "ask_plan", plan=f"{plea.told.solution}，由{plea.told.unit}负责", until=until)
        if self.stopped:
            return
        yield stage.by_day(stage.after(60, 400))
        self._step(REGION[plea.project] if plea.handler == plea.crew.manager else plea.crew.manager, "approve_plan")
        yield from self._reply(
            f"{plea.told.answer}方案已批准，按计划 {plea.plan_days:.0f} 天内完成，进展每天告知来电人。"
        )
        share = 1.0 if self.stopped else 0.7
        yield from self._words(stage.now + timedelta(days=plea.plan_days * share))

    def _words(self, until: datetime) -> Scene:
        """While the plan is carried out, the customer hears from us."""
        stage = self.stage
        while (following := stage.by_day(stage.now + timedelta(hours=20))) < until:
            yield following
            soon = stage.by_day(stage.now + timedelta(hours=22)) + timedelta(minutes=30)
            said = stage.rng.choice(
                ("按计划在做，明天再告诉您进展", "配件已下单，到货就装", "今天施工队进场了，照片发您")
            )
            self.act(self.plea.crew.desks[0], "update", word=said, next_at=soon.isoformat())

    def _ask(self) -> Iterator[datetime]:
        stage, plea = self.stage, self.plea
        if plea.call == "none":
            return
        yield stage.callable_from(self.number, stage.after(60 * 4, 60 * 60))
        caller = stage.rng.choice([c for c in plea.crew.callers if c != plea.handler] or [plea.crew.manager])
        if plea.call == "retry":
            self.act(caller, "callback", outcome="no_answer", comment=stage.rng.choice(NO_ANSWER))
            yield stage.callable_from(self.number, stage.after(5, 9))
        if plea.call == "bad":
            self.act(caller, "callback", outcome="unsatisfied", rating=1, comment=stage.rng.choice(UNHAPPY))
            self.plea = self._calmer()
            yield from self._round()
            return
        comment = stage.rng.choice(COMMENTS) if plea.told.ours else "可以理解，谢谢你们跑一趟"
        rating = stage.rng.choices((4, 3, 2), (40, 45, 15))[0]
        state = self.act(caller, "callback", outcome="satisfied", rating=rating, comment=comment)
        for member in self._members():
            yield stage.callable_from(self.number, stage.after(6, 40))
            heard = {"member": member, "outcome": "satisfied", "rating": stage.rng.choice((3, 3, 4))}
            state = self.act(plea.crew.desks[0], "hear", comment=stage.rng.choice(COMMENTS), **heard)
        if plea.verdict and state == "closed":
            yield from self._verdict()

    def _members(self) -> list[int]:
        project_id = self.stage.company.nodes[self.plea.project].pk
        rows = Member.objects.in_project(project_id).filter(case__number=self.number, left_at=None).order_by("pk")
        return list(rows.values_list("pk", flat=True))

    def _calmer(self) -> Plea:
        return replace(self.plea, call="good", slow=0.6, stop="", plan_days=0, firm=False)

    def _verdict(self) -> Scene:
        """The hotline asks the caller itself; not satisfied opens the case again."""
        stage, plea = self.stage, self.plea
        yield stage.by_day(stage.now + timedelta(hours=stage.rng.uniform(20, 70)))
        note = "来电人说处理及时" if plea.verdict == "satisfied" else "来电人说问题还在"
        state = self.act(plea.crew.desks[0], "outside_verdict", verdict=plea.verdict, note=note)
        if state == "received":
            self.plea = replace(self._calmer(), ticket=None, verdict="")
            yield from self._round()


def asked_of_firm(
    stage: Stage,
    number: str,
    desk: str,
    helper: str,
    *,
    stop: str = "",
    within: tuple[float, float] = (60, 500),
) -> Scene:
    """A firm without an account is asked, and reports back by the link it was sent."""
    firm, what, report = FIRM[helper]
    yield stage.after(1, 9)
    row = stage.ask(subtasks.ask_subtask, desk, number, data={"what": what, "contractor": firm})
    if stop == "ask":
        return
    yield stage.after(*within)
    where = {"project_id": row.project_id, "pk": row.pk}
    token = subtasks.subtask_link(**where, actor=stage.actor(desk), at=stage.now)
    by_link = actor_of(find_link(token), stage.now)
    if by_link is None:
        raise AssertionError("a fresh link is valid")
    key = f"firm:{row.pk}"
    stage.cast_as(key, by_link)
    stage.go_on(subtasks.report_subtask, key, row, data={"report": report})
    yield stage.after(3, 30)
    stage.go_on(subtasks.confirm_subtask, desk, row)
