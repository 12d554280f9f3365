"""The roads of everything that is no repair, and the week's arrivals."""

from collections.abc import Callable
from datetime import datetime, timedelta
from random import Random
from typing import Any, Final

from tests.week import figures
from tests.week.compound import BUTLERS, PREFIX
from tests.week.play import Do, Play, Road, minutes
from tests.week.roads_common import incidents, rains
from tests.week.roads_orders import orders
from tests.week.roads_repair import asked_others, called_by_staff, handed_over, repair
from tests.week.scene import Scene, scene
from tests.week.times import MONDAY

MANAGER: Final = PREFIX + "manager"
HEAD: Final = PREFIX + "head"
CHANNELS: Final = ("phone", "visit", "wechat")


def opened(s: Scene, **data: Any) -> Road:
    """By the resident's own hand, or by the desk."""
    data = {"description": "住户来说", "unit": s.home.label, **data}
    if s.home.resident and s.chance(0.6):
        s.last = yield Do(s.now, s.home.resident, "open", data | {"channel": "portal"})
        return
    data["channel"] = s.rng.choice(CHANNELS)
    if s.chance(0.08):
        data["received_at"] = s.now - minutes(s.rng.randrange(4, 50))
    s.last = yield Do(s.now, s.desk, "open", data)


def word(s: Scene) -> Road:
    """One tap: what comes next, and by when we speak again."""
    next_at = s.now + timedelta(hours=s.rng.randrange(2, 30))
    s.last = yield Do(s.later(3), s.desk, "update", {"word": "正在查，明天回复您", "next_at": next_at})


def inquiry(play: Play, at: datetime) -> Road:
    s = scene(play, at)
    yield from opened(s, title="问物业费怎么交")
    if s.chance(0.55):
        s.last = yield Do(s.later(4), s.desk, "answer", {"answer": "前台、微信都可以交"})
    elif s.chance(0.97):
        if s.chance(0.1):
            yield from handed_over(s)
        handler = play.compound.staff[s.home.butler]
        s.last = yield Do(s.later(20), s.desk, "pass_on", {"handler": handler})
        if s.chance(0.2):
            yield from word(s)
        s.last = yield Do(s.later(400), s.home.butler, "answer", {"answer": "查过了，是这样"})
    if s.last.body.get("state") == "answered" and s.chance(0.05):
        s.last = yield Do(s.later(300), s.desk, "ask_again", {"answer": "还是不明白"})
        s.last = yield Do(s.later(300), s.desk, "answer", {"answer": "再说一遍"})


def suggestion(play: Play, at: datetime) -> Road:
    s = scene(play, at)
    yield from opened(s, title="建议多装几盏灯")
    if s.chance(0.05):
        s.last = yield Do(s.later(500), MANAGER, "cancel")
        return
    if s.chance(0.7):
        data = {"responsible_unit": "工程部", "handler": play.compound.staff[HEAD]}
        s.last = yield Do(s.later(600), s.desk, "route", data)
        s.last = yield Do(s.later(2500), HEAD, "answer", {"decision": "later", "answer": "列入明年计划"})
    elif s.chance(0.6):
        s.last = yield Do(s.later(700), s.desk, "answer", {"decision": "adopted", "answer": "这周就装"})


def praise(play: Play, at: datetime) -> Road:
    s = scene(play, at)
    yield from opened(s, title="师傅很好", about="修水管的师傅")
    if s.chance(0.9):
        data = {"staff": play.compound.staff[s.tech], "verified": "属实"}
        s.last = yield Do(s.later(1200), s.desk, "pass_on", data)


def service_order(play: Play, at: datetime, *, sure: frozenset[str] = frozenset()) -> Road:
    s = scene(play, at)
    s.sure = sure
    code, quantity = s.rng.choice((("S-CLEAN", 3), ("S-GLASS", 12), ("S-MOVE", 2), ("S-WATER", 4)))
    told = str(figures.PRICES[code] * quantity)
    data: dict[str, Any] = {"title": "预约上门", "item": code, "quantity": str(quantity), "told_amount": told}
    start = s.now + timedelta(hours=1 if sure else s.rng.randrange(6, 60))
    if s.chance(0.5):
        data |= {"wanted_from": start, "wanted_until": start + timedelta(hours=3)}
    yield from opened(s, **data)
    if not sure and s.chance(0.06):
        s.last = yield Do(s.later(60), s.desk, "cancel", {"reason": "住户改主意了"})
        return
    yield from fulfilled(s, start, first=True)


def fulfilled(s: Scene, start: datetime, *, first: bool) -> Road:
    handler = s.play.compound.staff[s.tech]
    data = {"handler": handler, "appointment_at": max(start, s.now + timedelta(hours=1))}
    s.last = yield Do(s.later(120), s.desk, "arrange", data)
    s.now = max(s.now, start)
    s.last = yield Do(s.later(170), s.tech, "finish", {"result": "做完了"})
    amount = s.last.detail.get("amount")
    if first and s.chance(0.9):
        cashier = PREFIX + "cashier"
        if s.chance(0.8):
            s.last = yield Do(s.by_day(200), cashier, "pay", {"method": "wechat", "amount": amount})
        else:
            s.last = yield Do(s.by_day(200), cashier, "put_on_bill")
    if s.last.body.get("state") == "done":
        yield from called_by_staff(s)
    if s.last.body.get("state") == "received" and first:
        yield from fulfilled(s, s.now, first=False)


def complaint(play: Play, at: datetime, *, sure: frozenset[str] = frozenset()) -> Road:
    s = scene(play, at)
    s.sure = sure
    yield from opened(s, title=s.rng.choice(("楼上半夜装修", "门岗态度不好", "垃圾没人收")))
    if s.chance(0.1, "ticket"):
        yield from ticket(s)
    yield from dealt_with(s)
    if s.last.body.get("state") == "received" and s.last.body.get("round") == 2:
        yield from dealt_with(s)


def ticket(s: Scene) -> Road:
    data = {"source": "12345", "ticket_number": s.play.uuid()[:13], "due_at": s.now + timedelta(days=3)}
    s.last = yield Do(s.later(5), s.desk, "take_ticket", data)


def dealt_with(s: Scene) -> Road:
    if not s.sure and s.chance(0.04):
        return  # nobody listens: the clocks do
    severity = s.rng.choices(("minor", "important", "major"), (7, 3, 1))[0]
    s.last = yield Do(s.later(40), s.desk, "acknowledge", {"severity": severity})
    if s.chance(0.05) and not s.last.body.get("external_number"):
        s.last = yield Do(s.later(200), MANAGER, "cancel", {"reason": "住户撤回"})
        return
    handler = s.rng.choice((HEAD, s.home.butler))
    if s.chance(0.15):
        yield from handed_over(s)
    data = {"responsible_unit": "秩序部", "handler": s.play.compound.staff[handler]}
    s.last = yield Do(s.later(60), s.desk, "assign", data)
    if s.chance(0.3, "word"):
        yield from word(s)
    if s.chance(0.08):
        yield from asked_others(s)
    found = {"findings": "查了监控", "validity": "valid", "validity_reason": "确有其事", "root_cause": "没交代清楚"}
    s.last = yield Do(s.later(200), handler, "investigate", found)
    s.last = yield Do(s.later(60), handler, "answer", {"answer": "向您道歉，已整改"})
    if s.chance(0.12):
        yield from planned(s, handler)
    solution = {"solution": "换岗，重新培训", "corrective_action": "每月检查"}
    s.last = yield Do(s.later(500), handler, "solve", solution)
    if s.last.body.get("external_number") and s.chance(0.9):
        s.last = yield Do(s.later(100), MANAGER, "reply", {"reply": "已办结"})
    yield from called_by_staff(s, callers=("head",) if handler != HEAD else BUTLERS)


def planned(s: Scene, handler: str) -> Road:
    until = s.now + timedelta(hours=s.rng.randrange(30, 90))
    s.last = yield Do(s.later(30), handler, "ask_plan", {"plan": "分两步整改", "until": until})
    s.last = yield Do(s.later(100), MANAGER, "approve_plan")


KINDS: Final[dict[str, tuple[Callable[[Play, datetime], Road], int]]] = {
    "repair": (repair, 24),
    "inquiry": (inquiry, 33),
    "complaint": (complaint, 13),
    "suggestion": (suggestion, 11),
    "praise": (praise, 9),
    "service_order": (service_order, 10),
}
#: Calls by the hour of the day: a morning peak, one at noon, one when people come home; the night is never empty.
HOURS: Final = (1, 1, 1, 1, 1, 2, 4, 8, 14, 13, 10, 9, 12, 7, 6, 6, 7, 9, 12, 10, 7, 4, 3, 2)
#: What must be in every play, however small.
CERTAIN: Final = (
    ("repair", 8, {"category": "wall", "sure": frozenset({"hold"})}),
    ("repair", 8.2, {"category": "wall", "sure": frozenset({"subtask"})}),
    ("repair", 8.4, {"category": "wall", "sure": frozenset({"handover"})}),
    ("repair", 8.6, {"category": "wall", "sure": frozenset({"quiet"})}),
    ("repair", 9, {"category": "public", "place": "3栋大堂", "sure": frozenset({"subtask", "hold"})}),
    ("complaint", 9.3, {"sure": frozenset({"ticket", "word"})}),
    ("repair", 9.1, {"category": "heating", "sure": frozenset({"dear"})}),
    ("repair", 9.5, {"category": "water", "sure": frozenset({"unhappy"})}),
    ("repair", 8.8, {"category": "drain", "sure": frozenset({"swapped"})}),
    ("service_order", 8.3, {"sure": frozenset({"unhappy"})}),
)


def arrivals(play: Play, cases: int, days: int) -> None:
    """``cases`` over the days, the weekend a little calmer; on Wednesday at seven in the evening a pipe bursts."""
    rng = play.rng
    roads: dict[str, Callable[..., Road]] = {
        "repair": repair,
        "complaint": complaint,
        "service_order": service_order,
    }
    for kind, hour, more in CERTAIN:
        play.add(kind, roads[kind](play, MONDAY + timedelta(hours=hour, seconds=0.5), **more))
    burst = MONDAY + timedelta(days=min(2, days - 1), hours=19, seconds=0.5)
    common = incidents(play, burst, days)
    rains(play, days)
    common += orders(play, [_moment(rng, days) for _n in range(cases // 50)])
    for _n in range(cases - len(CERTAIN) - common):
        at = _moment(rng, days)
        kind = rng.choices([*KINDS], [weight for _road, weight in KINDS.values()])[0]
        play.add(kind, KINDS[kind][0](play, at))


def _moment(rng: Random, days: int) -> datetime:
    day = rng.choices(range(days), [10, 9, 9, 9, 10, 7, 7][:days])[0]
    hour = rng.choices(range(24), HOURS)[0]
    return MONDAY + timedelta(days=day, hours=hour, minutes=rng.randrange(60), seconds=rng.randrange(60) + 0.5)
