"""Scenes beside the repair: questions, suggestions, praise, services on request."""

from datetime import timedelta
from decimal import Decimal
from typing import Any, Final

from steward.demo.scenes import SAYS_SOMETHING, Crew
from steward.demo.stage import Scene, Stage
from steward.demo.words.repairs import COMMENTS
from steward.demo.words.talks import Idea, Known, Service

#: How often the customer of a service hears once more before the day.
ANNOUNCED: Final = 0.9
CHANNELS: Final = ("phone", "phone", "phone", "visit", "visit", "wechat", "wechat", "wechat")


def inquiry(
    stage: Stage,
    crew: Crew,
    *,
    project: str,
    topic: tuple[str, str, str],
    unit: str = "",
    known: Known | None = None,
    answered_after: float | None = 4,
    passed_to: str = "",
    again: bool = False,
    by: str = "",
) -> Scene:
    """A question: answered at once, out of the knowledge base if it stands there, or by whoever finds out."""
    category, title, answer = topic
    desk = by or stage.rng.choice(crew.desks)
    channel = "portal" if by else stage.rng.choice(CHANNELS)
    asked = {"title": title, "category": category, "channel": channel, "unit": unit}
    number = stage.open(desk, project=project, kind="inquiry", **asked).case.number
    who = stage.rng.choice(crew.desks) if by else desk
    said: dict[str, Any] = {"answer": answer}
    if known is not None:
        said["article"] = stage.articles.get(known.question)
    if passed_to:
        yield stage.after(5, 20)
        stage.act(who, number, "pass_on", handler=stage.staff_id(passed_to))
    if answered_after is None:
        return
    yield stage.by_day(stage.now + timedelta(minutes=answered_after))
    stage.act(who, number, "answer", **said)
    if again:
        yield stage.by_day(stage.after(60, 600))
        stage.act(crew.desks[0], number, "ask_again", answer="还是没看明白，能不能说具体一点")
        yield stage.by_day(stage.after(20, 120))
        stage.act(crew.desks[0], number, "answer", answer=f"已电话逐条说明：{answer}")


def suggestion(
    stage: Stage,
    crew: Crew,
    *,
    project: str,
    idea: Idea,
    unit: str,
    handler: str,
    by: str = "",
    stop: str = "",
    silent: bool = False,
) -> Scene:
    """An idea: routed, decided on, answered with the reason."""
    asked = {"title": idea.title, "description": idea.words, "category": idea.category, "unit": unit}
    channel = "portal" if by else stage.rng.choice(CHANNELS)
    who = by or stage.rng.choice(crew.desks)
    number = stage.open(who, project=project, kind="suggestion", channel=channel, **asked).case.number
    if stop == "open":
        return
    yield stage.by_day(stage.after(20, 300))
    stage.act(crew.desks[0], number, "route", responsible_unit=idea.unit, handler=stage.staff_id(handler))
    hours = stage.rng.uniform(20, 150)
    if unit and not silent:
        yield stage.after(20, 90)
        stage.act(handler, number, "update", word="收到，和相关部门商量后答复您", next_at=stage.in_(hours=hours + 6))
    if stop == "route":
        return
    yield stage.by_day(stage.now + timedelta(hours=hours))
    stage.act(handler, number, "answer", decision=idea.decision, answer=idea.answer)


def praise(
    stage: Stage,
    crew: Crew,
    *,
    project: str,
    thanks: tuple[str, str, str, str, str],
    unit: str,
    by: str = "",
    stop: str = "",
) -> Scene:
    """Kind words: thanked for, looked into, written into the record of the person or the team."""
    title, words, part, team, way = thanks
    desk = stage.rng.choice([d for d in crew.desks if d != part] or list(crew.desks))
    asked = {"title": title, "description": words, "unit": unit, "way": way, "about": team}
    channel = "portal" if by else stage.rng.choice(CHANNELS)
    number = stage.open(by or desk, project=project, kind="praise", channel=channel, **asked).case.number
    if stop:
        return
    yield stage.by_day(stage.after(60, 60 * 26))
    whom: dict[str, Any] = {"staff": stage.staff_id(part)} if part else {"team": team}
    stage.act(desk, number, "pass_on", verified="已与当班核实，情况属实", **whom)


def service(
    stage: Stage,
    crew: Crew,
    *,
    project: str,
    service: Service,
    unit: str,
    doer: str,
    wanted_in: tuple[float, float] = (5, 70),
    by: str = "",
    stop: str = "",
    settle: str = "pay",
) -> Scene:
    """Ordered at the published price, arranged, done, paid, asked how it was."""
    rng = stage.rng
    quantity = rng.choice(service.quantities)
    begin = stage.by_day(stage.now + timedelta(hours=rng.uniform(*wanted_in))).replace(minute=0)
    asked = {
        "title": service.title,
        "description": service.words,
        "category": service.category,
        "unit": unit,
        "channel": "portal" if by else rng.choice(CHANNELS),
        "item": service.item,
        "quantity": quantity,
        "told_amount": str(Decimal(service.price) * Decimal(quantity)),
        "wanted_from": begin.isoformat(),
        "wanted_until": (begin + timedelta(hours=3)).isoformat(),
    }
    number = stage.open(by or rng.choice(crew.desks), project=project, kind="service_order", **asked).case.number
    if stop == "open":
        return
    yield stage.by_day(stage.after(8, 110))
    stage.act(crew.desks[0], number, "arrange", handler=stage.staff_id(doer), appointment_at=begin.isoformat())
    if stage.rng.random() < ANNOUNCED and begin - stage.now > timedelta(hours=10):
        yield stage.after(3, 20)
        stage.act(crew.desks[0], number, "update", word="已安排好，按约定时间上门", next_at=begin.isoformat())
    if stop == "arrange":
        return
    yield max(stage.after(20, 40), begin + timedelta(minutes=rng.randrange(60, 170)))
    stage.act(doer, number, "finish", result=service.result, photos=[stage.photo(doer, project, "done")])
    yield from _after_service(stage, crew, number, doer, settle)


def _after_service(stage: Stage, crew: Crew, number: str, doer: str, settle: str) -> Scene:
    rng = stage.rng
    if settle == "none":
        return
    yield stage.by_day(stage.after(15, 60 * 20))
    if settle == "bill":
        stage.act(crew.cashier, number, "put_on_bill")
    else:
        amount = stage.detail(number, "service_order").amount
        reference = f"{rng.randrange(10**17, 10**18)}"
        stage.act(crew.cashier, number, "pay", method="wechat", amount=str(amount), reference=reference)
    yield stage.callable_from(number, stage.after(60, 60 * 60))
    caller = rng.choice([c for c in crew.callers if c != doer] or [crew.manager])
    rating = rng.choices((4, 3), (75, 25))[0]
    comment = rng.choice(COMMENTS) if rng.random() < SAYS_SOMETHING else ""
    stage.act(caller, number, "callback", outcome="satisfied", rating=rating, comment=comment)
