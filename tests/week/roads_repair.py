"""The road of a repair, in its many turns. Times are people's, not the rules': some are quick, some forget."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from tests.week import figures
from tests.week.compound import BUTLERS, DESKS, PREFIX, TECHNICIANS
from tests.week.play import Do, Play, Road, minutes
from tests.week.scene import Scene, scene
from tests.week.times import ZONE

TITLES = ("厨房水管漏水", "卫生间下水慢", "客厅跳闸", "暖气不热", "入户门关不严", "门禁不响", "外墙渗水", "楼道灯不亮")
QUOTES = (("L-VALVE", "P-VALVE"), ("L-PLUMB", "P-DN20", "P-DN20"), ("L-FAUCET", "P-FAUCET"), ("L-LAMP",), ("CALL",))
ALLOWED = {"P0": 4, "P1": 15, "P2": 45, "P3": 600}


def repair(
    play: Play, at: datetime, *, category: str = "", place: str = "", sure: frozenset[str] = frozenset()
) -> Road:
    s = scene(play, at)
    s.sure = sure
    if sure or place:  # what lies in the common parts is nobody's own page
        s.home = replace(s.home, resident="")
    yield from received(s, category, place)
    if s.last.ok:
        yield from handled(s)


def received(s: Scene, category: str, place: str) -> Road:
    rng = s.rng
    weights = {"water": 22, "power": 18, "leak": 9, "drain": 9, "heating": 12, "door": 10, "lift": 3, "wall": 6}
    category = category or rng.choices([*weights, "public", "intercom", "other"], [*weights.values(), 5, 4, 5])[0]
    s.category, s.urgency = category, figures.CATEGORIES[category]
    s.payer = "owner" if "dear" in s.sure else rng.choices(("owner", "common", "developer"), (6, 3, 1))[0]
    data: dict[str, Any] = {"title": rng.choice(TITLES), "description": "请派人来看", "category": category}
    if s.home.resident and s.chance(0.7):
        data |= {"channel": "portal", "unit": s.home.label}
        s.last = yield Do(s.now, s.home.resident, "open", data)
        yield from assessed(s)
        return
    data |= {"channel": rng.choice(("phone", "visit", "wechat")), "payer": s.payer}
    data |= {"place": place, "payer": "common"} if place else {"unit": s.home.label}
    s.payer = data["payer"]
    if category == "drain" and s.payer == "owner" and s.chance(0.5):
        data["flat_rate"] = "F-UNCLOG"
    elif s.payer == "owner" and s.chance(0.4):
        data["flat_rate"] = "CALL"
    if s.chance(0.12):  # heard a while ago, typed in now
        data["received_at"] = s.now - minutes(rng.randrange(4, 50))
    who = s.desk if s.chance(0.8) else s.home.butler
    s.last = yield Do(s.now, who, "open", data)


def assessed(s: Scene) -> Road:
    """The residents' page decides nothing: the desk says how urgent it is and who pays."""
    if s.urgency == "P2" and s.chance(0.15):
        s.urgency = s.rng.choice(("P1", "P3"))
    at = s.later(ALLOWED[s.urgency] / 3)
    s.last = yield Do(at, s.desk, "assess", {"urgency": s.urgency, "payer": s.payer})


def handled(s: Scene) -> Road:
    if not s.sure and s.chance(0.04):
        at = s.later(50)
        s.last = yield Do(at, s.desk, "cancel", {"reason": "住户说自己弄好了"})
        return
    if not s.sure and s.chance(0.03):
        return  # forgotten: the clocks say so
    if s.chance(0.05, "handover"):
        yield from handed_over(s)
    yield from sent(s)
    if s.chance(0.07, "subtask"):
        yield from asked_others(s)
    yield from visit(s)


def handed_over(s: Scene) -> Road:
    """Somebody else is asked to answer for it: yes, no, or no word at all."""
    answers = s.last.body["accountable"]["id"]
    names = (s.home.butler, PREFIX + DESKS[0], PREFIX + DESKS[1])
    receiver = next(name for name in names if s.play.compound.staff[name] != answers)
    data = {"receiver": s.play.compound.staff[receiver], "reason": "下班交接"}
    yield Do(s.later(3), PREFIX + "head", "handover", data)
    how = "accept" if s.sure else s.rng.choices(("accept", "decline", ""), (6, 2, 2))[0]
    if how:
        reason = {"reason": "不在我楼栋"} if how == "decline" else {}
        yield Do(s.later(60), receiver, f"handover/{how}", reason)


def asked_others(s: Scene) -> Road:
    """A part of it is asked of a colleague, of a department, upward, or of a firm; done, declined, or forgotten."""
    head, region = PREFIX + "head", PREFIX + "region"
    staff = s.play.compound.staff
    other = PREFIX + s.rng.choice(TECHNICIANS)
    of, who = s.rng.choice(
        (
            ({"colleague": staff[head]}, head),
            ({"role": "technician"}, other),
            ({"role": "region"}, region),
            ({"contractor": "顺达防水"}, ""),
        )[: 3 if s.sure else 4]
    )
    data: dict[str, Any] = {"what": "请协助处理", **of}
    at = s.later(10)
    if s.chance(0.2):
        data["due_at"] = at + timedelta(hours=s.rng.randrange(2, 20), seconds=s.rng.randrange(60))
    answer = yield Do(at, s.desk, "subtask/ask", data)
    task: dict[str, Any] = {"pk": answer.body.get("id")}
    if who and s.chance(0.75, "subtask"):
        yield from reported_back(s, who, task)
    elif who and s.chance(0.4):
        yield Do(s.later(100), who, "subtask/decline", task | {"reason": "不归我们管"})
    elif s.chance(0.7):
        yield Do(s.later(900), s.desk, "subtask/drop", task | {"reason": "不用了"})


def reported_back(s: Scene, who: str, task: dict[str, Any]) -> Road:
    report = task | {"report": "已处理，见照片"}
    if s.chance(0.6):
        yield Do(s.later(60), who, "subtask/accept", task)
    yield Do(s.later(500), who, "subtask/report", report)
    if s.chance(0.25):
        yield Do(s.later(60), s.desk, "subtask/return", task | {"reason": "还漏"})
        yield Do(s.later(500), who, "subtask/report", report)
    yield Do(s.later(90), s.desk, "subtask/confirm", task)


def sent(s: Scene) -> Road:
    """Dispatched or taken from the pool; sometimes given back and sent to somebody else."""
    wait = ALLOWED[s.urgency] / 3
    if s.chance(0.25):
        at = s.later(wait)
        s.last = yield Do(at, s.tech, "take")
        return
    at = s.later(wait)
    s.last = yield Do(at, s.desk, "dispatch", {"handler": s.play.compound.staff[s.tech]})
    if s.chance(0.04, "swapped"):  # before he said yes somebody nearer is found
        s.tech = PREFIX + s.rng.choice([name for name in TECHNICIANS if PREFIX + name != s.tech])
        s.last = yield Do(s.later(2), s.desk, "dispatch", {"handler": s.play.compound.staff[s.tech]})
    if s.chance(0.06):
        at = s.later(wait)
        s.last = yield Do(at, s.tech, "give_back", {"reason": "手上还有急活"})
        s.tech = PREFIX + s.rng.choice(TECHNICIANS)
        at = s.later(wait)
        s.last = yield Do(at, s.desk, "dispatch", {"handler": s.play.compound.staff[s.tech]})
    at = s.later(wait)
    s.last = yield Do(at, s.tech, "accept")


def visit(s: Scene) -> Road:
    if s.urgency in figures.URGENT:
        s.later(3 if s.urgency == "P0" else 18)
    else:
        s.by_day(150)
    if s.chance(0.06):
        yield from on_hold(s, s.rng.choice(("access", "customer", "capacity")))
    if s.chance(0.1):  # without network in the basement: sent a while later
        happened = s.now
        s.last = yield Do(s.later(12), s.tech, "arrive", happened_at=happened)
    else:
        s.last = yield Do(s.now, s.tech, "arrive")
    photos = [s.play.photo(s.tech)]
    at = s.later(8)
    scope = {"cause": "老化", "scope": "更换", "confirmed_by": "住户", "photos": photos}
    s.last = yield Do(at, s.tech, "confirm_scope", scope)
    if s.chance(0.08, "hold"):
        yield from on_hold(s, s.rng.choice(("parts", "third_party", "weather", "capacity")[: 3 if s.sure else 4]))
    if s.payer in figures.CUSTOMER_PAYS and not _flat(s):
        agreed: list[bool] = []
        yield from quoted(s, agreed)
        if not agreed and s.last.body.get("state") != "agreed":
            yield from after_work(s)
            return
    yield from worked(s)


def _flat(s: Scene) -> bool:
    return s.last.detail.get("flat_rate_kind") == "flat"


def on_hold(s: Scene, reason: str) -> Road:
    promised = s.now + timedelta(hours=s.rng.randrange(3, 40), minutes=s.rng.randrange(60))
    data = {"reason": reason, "promised_at": promised, "customer_told": True}
    at = s.later(5)
    s.last = yield Do(at, s.tech, "suspend", data)
    s.now = max(s.now, promised + timedelta(hours=s.rng.choice((-2, -1, 1, 5)), seconds=0.5))
    s.last = yield Do(s.now, s.tech, "resume")


def quoted(s: Scene, agreed: list[bool]) -> Road:
    lines = [{"code": code, "quantity": "1"} for code in s.rng.choice(QUOTES)]
    at = s.later(6)
    s.last = yield Do(at, s.tech, "quote", {"lines": lines})
    if s.chance(0.08):
        lines.append({"code": "L-LAMP", "quantity": "2"})
        s.last = yield Do(s.later(6), s.tech, "quote", {"lines": lines})
    if "dear" not in s.sure and s.chance(0.1):
        s.last = yield Do(s.later(30), s.desk, "decline_quote", {"person_name": "住户", "reason": "嫌贵"})
        return
    if s.chance(0.05, "dear"):
        yield from too_dear(s, lines)
    if s.last.body.get("state") != "quoted":
        return
    agreed.append(True)
    yield from answered(s)


def too_dear(s: Scene, lines: list[dict[str, str]]) -> Road:
    """Above the company's limit: the manager says yes, no, or nothing."""
    s.last = yield Do(s.later(6), s.tech, "quote", {"lines": [*lines, {"code": "L-PLUMB", "quantity": "12"}]})
    how = "approve" if s.sure else s.rng.choices(("approve", "refuse", ""), (5, 3, 2))[0]
    manager = PREFIX + "manager"
    if how == "approve":
        s.last = yield Do(s.later(150), manager, "approve_quote")
    elif how == "refuse":
        s.last = yield Do(s.later(150), manager, "refuse_quote", {"reason": "工时算多了"})
        s.last = yield Do(s.later(10), s.tech, "quote", {"lines": lines})


def answered(s: Scene, *, capped: bool = True) -> Road:
    """Agreed to, now and then with a ceiling up to which nobody is asked again."""
    data: dict[str, Any] = {"quote_hash": s.last.detail.get("quote_hash"), "person_name": "住户", "relation": "本人"}
    if capped and s.chance(0.25, "dear"):
        data["ceiling"] = str(Decimal(s.last.detail["quote_total"]) + ROOM)
    if s.home.resident and s.chance(0.8):
        s.last = yield Do(s.later(40), s.home.resident, "consent", data | {"way": "portal"})
    elif s.chance(0.3):
        data |= {"way": "signature", "signature": s.play.photo(s.tech, fresh=True)}
        s.last = yield Do(s.later(5), s.tech, "consent", data)
    else:
        data |= {"way": "call", "call_reference": "录音"}
        s.last = yield Do(s.later(20), s.desk, "consent", data)


def more_needed(s: Scene) -> Road:
    """Within the ceiling work goes on; above it the customer is asked again."""
    quantity = "1" if s.sure else s.rng.choice(("1", "1", "2", "9"))
    lines = [{"code": "L-PLUMB", "quantity": "1"}, {"code": "P-DN20", "quantity": quantity}]
    s.last = yield Do(s.later(12), s.tech, "quote", {"lines": lines})
    if s.last.body.get("state") == "quoted":
        yield from answered(s, capped=False)
        s.last = yield Do(s.later(4), s.tech, "start")


def worked(s: Scene) -> Road:
    s.last = yield Do(s.later(4), s.tech, "start")
    if s.last.detail.get("ceiling") and s.chance(0.6, "dear"):
        yield from more_needed(s)
    if s.chance(0.05):
        yield from on_hold(s, "parts")
    data = {
        "work_done": "换好，试过",
        "labour_minutes": 40,
        "photos_after": [s.play.photo(s.tech)],
        "site_cleaned": True,
    }
    seen = s.last.detail
    room = Decimal(seen["ceiling"]) - Decimal(seen["quote_total"]) if seen.get("ceiling") else Decimal(0)
    if room >= figures.PRICES["L-LAMP"] and s.chance(0.5, "dear"):
        data["added"] = [{"code": "L-LAMP", "quantity": "1"}]
    s.later(45)
    if s.chance(0.1):
        happened = s.now
        s.last = yield Do(s.later(15), s.tech, "finish", data, happened_at=happened)
    else:
        s.last = yield Do(s.now, s.tech, "finish", data)
    if not s.last.ok:  # more than the manager approved: without what was added
        data = {name: value for name, value in data.items() if name != "added"}
        s.last = yield Do(s.later(5), s.tech, "finish", data)
    yield from after_work(s)


def after_work(s: Scene) -> Road:
    """The money and the call go beside each other; here one after the other, in either order."""
    amount = s.last.detail.get("amount")
    state = s.last.body.get("state")
    if state == "done" and amount:
        if s.chance(0.04):
            s.last = yield Do(s.later(300), PREFIX + "manager", "waive", {"reason": "老客户，免收"})
        elif s.chance(0.95):
            yield from confirmed(s, amount)
            if s.chance(0.85):
                yield from paid(s, amount)
    if s.last.body.get("state") == "checking":
        yield from accepted_by_us(s)
    if s.last.body.get("state") in ("checking", "done", "settling"):
        yield from called(s)
    if s.category == "wall":
        yield from called_after_rain(s)
    if s.last.body.get("state") == "closed" and s.chance(0.04):
        s.last = yield Do(s.later(600), s.desk, "reopen", {"reason": "又坏了"})
    if s.last.body.get("state") == "received" and s.last.body.get("round", 1) <= MOST_ROUNDS:
        s.payer = "common"
        yield from again(s)


def accepted_by_us(s: Scene) -> Road:
    """Common parts: a butler or who leads them looks at it; not good enough, good, or forgotten."""
    who = PREFIX + s.rng.choice((*BUTLERS, "head"))
    if not s.sure and s.chance(0.06):
        return
    if not s.sure and s.chance(0.12):
        s.last = yield Do(s.by_day(200), who, "refuse_work", {"reason": "还有一处没弄好"})
        if s.last.body.get("state") == "working":
            data = {"work_done": "补好了", "labour_minutes": 20, "photos_after": [s.play.photo(s.tech)]}
            s.last = yield Do(s.later(90), s.tech, "finish", data | {"site_cleaned": True})
    if s.last.body.get("state") == "checking":
        s.last = yield Do(s.by_day(300), who, "accept_work", {"remark": "合格"})


def called_after_rain(s: Scene) -> Road:
    """Each day at half past ten, until it has rained and somebody answers; before that the rules do not let us."""
    for _n in range(4):
        day = s.now.astimezone(ZONE) + timedelta(days=1)
        s.now = day.replace(hour=10, minute=s.rng.randrange(60), second=7)
        outcome = s.rng.choices(("satisfied", "unsatisfied", "no_answer"), (8, 2, 2))[0]
        said = {"satisfied": 4, "unsatisfied": 1}.get(outcome)
        answer = yield Do(s.now, PREFIX + s.rng.choice(BUTLERS), "callback", {"outcome": outcome, "rating": said})
        if answer.ok:
            s.last = answer
            if said is not None:
                return


MOST_ROUNDS = 3
#: How much a ceiling lies above the quote.
ROOM = Decimal(150)


def again(s: Scene) -> Road:
    """Not fixed: somebody is sent again, and pays nothing."""
    s.tech = PREFIX + s.rng.choice(TECHNICIANS)
    s.payer = str(s.last.detail.get("payer") or "common")
    at = s.later(30)
    s.last = yield Do(at, s.desk, "dispatch", {"handler": s.play.compound.staff[s.tech]})
    s.last = yield Do(s.later(20), s.tech, "accept")
    yield from visit(s)


def confirmed(s: Scene, amount: str) -> Road:
    data = {"amount": amount, "person_name": "住户"}
    if s.home.resident:
        s.last = yield Do(s.later(60), s.home.resident, "confirm_amount", data | {"way": "portal"})
    else:
        data |= {"way": "call", "call_reference": "录音"}
        s.last = yield Do(s.later(30), s.desk, "confirm_amount", data)


def paid(s: Scene, amount: str) -> Road:
    cashier = PREFIX + "cashier"
    if s.chance(0.12):
        s.last = yield Do(s.by_day(600), cashier, "put_on_bill")
        return
    data = {"method": s.rng.choice(("wechat", "cash", "alipay")), "amount": amount}
    s.last = yield Do(s.by_day(400), cashier, "pay", data)
    if s.chance(0.06):  # the same amount once more: refused
        yield Do(s.later(3), cashier, "pay", data)


def called(s: Scene) -> Road:
    """Rated by the resident, or called: at night in vain, not reached, reached, or not satisfied."""
    if s.home.resident and s.chance(0.6):
        rating = s.rng.choices((1, 2, 3, 4), (1, 2, 5, 10))[0]
        s.last = yield Do(s.later(200), s.home.resident, "rate", {"rating": rating})
        return
    yield from called_by_staff(s)


def called_by_staff(s: Scene, callers: Sequence[str] = (*BUTLERS, "desk1", "desk2")) -> Road:
    caller = PREFIX + s.rng.choice(callers)
    hours = 4 if s.sure else 8 if s.urgency in figures.URGENT else 30
    if not s.sure and s.chance(0.05):
        return  # nobody calls
    for _n in range(figures.TRIES):
        at = s.calling_time(hours) if s.chance(0.93) else s.later(hours * 60)
        outcome = s.rng.choices(("satisfied", "unsatisfied", "no_answer", "busy"), (70, 5, 18, 7))[0]
        if "unhappy" in s.sure:
            outcome, s.sure = "unsatisfied", s.sure - {"unhappy"}
        said = {"satisfied": 4, "unsatisfied": 1}.get(outcome)
        answer = yield Do(at, caller, "callback", {"outcome": outcome, "rating": said})
        if answer.ok:
            s.last = answer
        if answer.ok and said is not None:
            return
        hours = 4 if s.urgency in figures.URGENT else 22
