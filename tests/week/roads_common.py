"""The roads of what concerns many at once: incidents, from the first call to the closing, and the rain."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any, Final

from tests.week.compound import PREFIX, Home
from tests.week.play import Do, Play, Road, minutes
from tests.week.roads_repair import called_by_staff, sent, visit
from tests.week.scene import Scene, scene
from tests.week.times import MONDAY, ZONE

BURST: Final[dict[str, Any]] = {
    "title": "3栋2单元水管爆裂",
    "words": "3栋2单元水管爆裂，正在抢修",
    "category": "leak",
    "urgency": "P1",
    "building": "3",
    "entrance": "2",
    "floor_to": 12,
}
POWER: Final[dict[str, Any]] = {**BURST, "title": "6栋停电", "words": "6栋停电，正在查", "category": "power"}
POWER.update(urgency="P2", building="6", entrance="1")
#: The caller from elsewhere hears what the house hears; whose cause is another goes an own way.
BURST_CALLERS: Final = 12
POWER_CALLERS: Final = 3
LIFT_CALLERS: Final = 1
LIFT: Final[dict[str, Any]] = {**BURST, "title": "7栋电梯困人", "words": "正在救援", "category": "lift"}
LIFT.update(urgency="P0", building="7", entrance="", floor_to=99)


def incidents(play: Play, burst: datetime, days: int) -> int:
    """A burst pipe in the evening; power gone in the morning, without a promise; a lift in the night. How many call."""
    play.add("incident", burst_pipe(play, burst))
    play.add("incident", no_promise(play, MONDAY + timedelta(hours=9, minutes=5, seconds=3), POWER, POWER_CALLERS))
    night = MONDAY + timedelta(days=min(3, days - 1), hours=2, minutes=31, seconds=3)
    play.add("incident", no_promise(play, night, LIFT, LIFT_CALLERS))
    return BURST_CALLERS + POWER_CALLERS + LIFT_CALLERS


def near(play: Play, start: str, n: int) -> list[Home]:
    """Homes that call; what they do on their own page is another road's."""
    homes = [replace(h, resident="") for h in play.compound.homes if h.label.startswith(start) and h.customer_id]
    return play.rng.sample(homes, n)


def own(play: Play, home: Home, at: datetime, **more: Any) -> Scene:
    return replace(scene(play, at), home=home, urgency="P1", category="leak", **more)


def of(number: str, road: Road) -> Road:
    """The road goes on for that case."""
    following = next(road, None)
    while following is not None:
        answer = yield replace(following, on=number)
        try:
            following = road.send(answer)
        except StopIteration:
            return


def burst_pipe(play: Play, at: datetime) -> Road:
    head, desk = PREFIX + "head", PREFIX + "desk1"
    homes = [*near(play, "3-2-", BURST_CALLERS - 1), *near(play, "5-", 1)]
    cases: list[str] = []
    for home in homes[:2]:
        case = {"title": "楼道喷水", "description": "水往下流", "category": "leak", "channel": "phone"}
        case |= {"unit": home.label, "payer": "common", "kind": "repair"}
        answer = yield Do(at, desk, "open", case)
        cases.append(answer.body["number"])
        at += minutes(2)
    incident = BURST | {"cases": list(cases), "expected_at": at + timedelta(hours=2)}
    number = (yield Do(at + minutes(4), desk, "incident/open", incident)).body["number"]
    at += minutes(5)
    for home in homes[2:]:
        at += minutes(2)
        body = {"unit": home.label, "channel": "phone", "description": "家里也漏"}
        cases.append((yield Do(at, desk, "incident/callers", body, on=number)).body["case"])
    play.add("repair", of(cases[3], quoted_meanwhile(own(play, homes[3], at + minutes(1)))))
    yield Do(at + minutes(6), head, "incident/on-site", {}, on=number)
    yield Do(at + minutes(9), desk, "incident/leave", {"case": cases[4], "reason": "是自家热水器"}, on=number)
    play.add("repair", of(cases[4], own_way(own(play, homes[4], at + minutes(12)))))
    news = {"words": "还要一小时", "expected_at": at + timedelta(hours=3)}
    yield Do(at + minutes(88), head, "incident/news", news, on=number)
    closing = {"words": "修好了，已通水", "cause": "接头老化"}
    answer = yield Do(at + minutes(150), head, "incident/close", closing, on=number)
    called_each(play, answer.body["done"], at + minutes(160))
    for first in cases[:2]:  # the work on the common parts, which the closing says is done
        play.add("repair", of(first, looked_at(scene(play, at + minutes(200)))))


def no_promise(play: Play, at: datetime, incident: dict[str, Any], callers: int) -> Road:
    """Nobody dared to name a time: after two hours in silence whoever answers for it is asked for news."""
    desk = PREFIX + "desk2"
    number = (yield Do(at, desk, "incident/open", incident | {"cases": []})).body["number"]
    for home in near(play, f"{incident['building']}-{incident['entrance']}", callers):
        at += minutes(3)
        yield Do(at, desk, "incident/callers", {"unit": home.label, "channel": "phone"}, on=number)
    yield Do(at + minutes(150), desk, "incident/news", {"words": "还在查"}, on=number)
    answer = yield Do(at + minutes(170), desk, "incident/close", {"words": "好了"}, on=number)
    called_each(play, answer.body["done"], at + minutes(175))


def looked_at(s: Scene) -> Road:
    s.last = yield Do(s.by_day(30), PREFIX + "head", "accept_work", {"remark": "接头已换，不再漏"})


def called_each(play: Play, numbers: Sequence[str], at: datetime) -> None:
    for number in numbers:
        play.add("repair", of(number, called_by_staff(replace(scene(play, at), urgency="P1"))))


def quoted_meanwhile(s: Scene) -> Road:
    """The technician finds a tap of their own to be changed: agreed with the customer, it stays open at the closing."""
    s.payer, s.sure = "owner", frozenset({"steady"})
    s.last = yield Do(s.now, s.desk, "assess", {"urgency": "P1", "payer": "owner"})
    yield from sent(s)
    s.last = yield Do(s.later(3), s.tech, "arrive")
    scope = {"cause": "龙头坏", "scope": "换龙头", "confirmed_by": "住户", "photos": [s.play.photo(s.tech)]}
    s.last = yield Do(s.later(3), s.tech, "confirm_scope", scope)
    s.last = yield Do(s.later(3), s.tech, "quote", {"lines": [{"code": "L-FAUCET", "quantity": "1"}]})


def own_way(s: Scene) -> Road:
    s.payer = "common"
    s.last = yield Do(s.now, s.desk, "assess", {"urgency": "P1", "payer": "common"})
    yield from sent(s)
    yield from visit(s)


#: Day of the week, millimetres, typed in so many hours after its midnight; a correction says why.
RAINS: Final = (
    (1, "6.5", 33, ""),
    (2, "1.5", 33, ""),
    (3, "9.0", 33, ""),
    (3, "0.0", 39, "雨量筒读错了"),
    (4, "12.0", 20, ""),
    (5, "20.0", 33, ""),
)


def rains(play: Play, days: int) -> None:
    """In a short play it has rained already in the evening of the second day."""
    for day, mm, hours, reason in (
        RAINS if days > 3 else ((1, "6.5", 18, ""), (1, "0.0", 20, "读错了"), (1, "6.5", 21, "没错"))
    ):
        at = MONDAY + timedelta(days=day, hours=hours, seconds=5)
        data: dict[str, Any] = {"day": (MONDAY + timedelta(days=day)).astimezone(ZONE).date(), "millimetres": mm}
        if reason:
            data["reason"] = reason
        play.add("rain", iter_of(Do(at, PREFIX + "desk1", "rain", data, on="rain")))


def iter_of(do: Do) -> Road:
    yield do
