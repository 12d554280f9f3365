"""Roads of those who are not asked, and of those without an account: ordered hand-overs, a firm's link, a colleague
of the asker's own department."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any, Final

from tests.week.compound import BUTLERS, DESKS, PREFIX
from tests.week.play import Do, Play, Road
from tests.week.roads_repair import received, sent, visit
from tests.week.scene import Scene, scene
from tests.week.times import MONDAY

MANAGER: Final = PREFIX + "manager"
CAUSES: Final = ("sick", "left", "off_shift")


def ordered_away(s: Scene) -> Road:
    """Ill, or gone: passed on without asking, sometimes over the head of somebody who was asked and did not answer."""
    staff, answers = s.play.compound.staff, s.last.body["accountable"]["id"]
    names = [name for name in (*(PREFIX + d for d in DESKS), s.home.butler, MANAGER) if staff[name] != answers]
    left_lying, receiver = s.rng.sample(names[:-1], 2) if s.chance(0.7) else (names[0], MANAGER)
    offered = s.chance(0.5, "offered")
    if offered:
        data = {"receiver": staff[left_lying], "reason": "请您接手"}
        yield Do(s.later(10), PREFIX + "head", "handover", data)
    order: dict[str, Any] = {"receiver": staff[receiver], "reason": "今天没来", "cause": s.rng.choice(CAUSES)}
    yield Do(s.later(60), s.rng.choice((MANAGER, PREFIX + "region")), "handover/order", order)
    if offered:  # too late
        yield Do(s.later(5), left_lying, "handover/accept", {})
    yield from sent(s)


def by_firm(s: Scene) -> Road:
    """The desk sends the link into the firm's chat; a lost one is sent anew, what is not done yet needs another."""
    yield from sent(s)
    data = {"what": "外墙防水请尽快来看", "contractor": "顺达防水"}
    task: dict[str, Any] = {"pk": (yield Do(s.later(10), s.desk, "subtask/ask", data)).body["id"]}
    chat = yield Do(s.later(2), s.desk, "subtask/link", task)
    if s.chance(0.4, "anew"):
        lost, chat = chat, (yield Do(s.later(30), s.desk, "subtask/link", task))
        yield told(s, task, lost.body.get("id", "none"))
    yield told(s, task, chat.body.get("id", "none"))
    if s.chance(0.4, "anew"):
        yield Do(s.later(30), s.desk, "subtask/return", task | {"reason": "还渗"})
        yield told(s, task, chat.body.get("id", "none"))
        chat = yield Do(s.later(5), s.desk, "subtask/link", task)
        yield told(s, task, chat.body.get("id", "none"))
    yield Do(s.later(60), s.desk, "subtask/confirm", task)


def told(s: Scene, task: dict[str, Any], token: str) -> Do:
    report = {"report": "两遍防水做完，已试水", "token": token, "client_uuid": s.play.uuid()}
    return Do(s.later(200), "", "subtask/report", task | report)


def among_themselves(s: Scene) -> Road:
    """Asked of the department one belongs to oneself; and by the technician of whoever answers for the case."""
    yield from sent(s)
    asker = s.home.butler
    other = s.rng.choice([name for name in (PREFIX + b for b in BUTLERS) if name != asker])
    answer = yield Do(s.later(10), asker, "subtask/ask", {"what": "请帮我上门解释一下", "role": "butler"})
    yield from done_by(s, {"pk": answer.body["id"]}, other, asker)
    answers = s.last.body["accountable"]["id"]
    known = next(name for name, pk in s.play.compound.staff.items() if pk == answers)
    answer = yield Do(s.later(10), s.tech, "subtask/ask", {"what": "请联系上门时间", "colleague": answers})
    yield from done_by(s, {"pk": answer.body["id"]}, known, s.tech)


def done_by(s: Scene, task: dict[str, Any], who: str, asker: str) -> Road:
    if s.chance(0.5):
        yield Do(s.later(20), who, "subtask/accept", task)
    yield Do(s.later(100), who, "subtask/report", task | {"report": "已说好"})
    yield Do(s.later(60), asker, "subtask/confirm", task)


ROADS: Final[tuple[Callable[[Scene], Road], ...]] = (ordered_away, by_firm, among_themselves)


def orders(play: Play, moments: list[datetime]) -> int:
    """Each of them once for certain, early enough to come to an end; the rest when it comes. How many."""
    for n, road in enumerate(ROADS):
        early = MONDAY + timedelta(hours=9, minutes=40 + n, seconds=0.5)
        play.add("repair", on_the_way(play, early, road, frozenset({"offered", "anew"})))
    for at in moments:
        play.add("repair", on_the_way(play, at, play.rng.choice(ROADS), frozenset()))
    return len(ROADS) + len(moments)


def on_the_way(play: Play, at: datetime, road: Callable[[Scene], Road], sure: frozenset[str]) -> Road:
    s = scene(play, at)
    s.sure = sure
    yield from received(s, "wall" if sure else "", "")
    if s.last.ok:
        yield from road(s)
        yield from visit(s)
