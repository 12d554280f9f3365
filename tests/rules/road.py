"""A repair brought to a point of its road in one line."""

from typing import Any

from steward.cases.engine import Outcome
from tests.world import World

LINES = [{"code": "L-PLUMB", "quantity": "1"}, {"code": "P-DN20", "quantity": "2"}, {"code": "CALL", "quantity": "1"}]


def received(world: World, who: str = "desk", **data: Any) -> str:
    return world.open(who, **{"urgency": "P1", "payer": "owner", "category": "leak", **data}).case.number


def on_site(world: World, **data: Any) -> str:
    number = received(world, **data)
    world.act("desk", number, "dispatch", handler=world.company.staff["tech"].pk)
    world.act("tech", number, "accept")
    world.act("tech", number, "arrive")
    return number


def scoped(world: World, **data: Any) -> str:
    number = on_site(world, **data)
    photos = [world.photo("tech")]
    world.act("tech", number, "confirm_scope", cause="渗漏", scope="换接头", confirmed_by="王淑芬", photos=photos)
    return number


def quoted(world: World, **data: Any) -> str:
    number = scoped(world, **data)
    world.act("tech", number, "quote", lines=LINES)
    return number


def look(world: World, number: str) -> Outcome:
    """The case as it stands, by way of an internal note."""
    return world.act("manager", number, "say", text="看一下")


def sign(world: World, number: str, **data: Any) -> Outcome:
    seen = data.pop("quote_hash", None) or look(world, number).detail.quote_hash
    given = {"way": "signature", "person_name": "周晓岚", "relation": "女儿", "signature": world.photo("tech"), **data}
    return world.act(data.pop("who", "tech"), number, "consent", quote_hash=seen, **given)


def working(world: World, **data: Any) -> str:
    number = quoted(world, **data)
    sign(world, number)
    world.act("tech", number, "start")
    return number


def finish(world: World, number: str, **data: Any) -> Outcome:
    done = {
        "work_done": "换好，试压合格",
        "labour_minutes": 40,
        "photos_after": [world.photo("tech")],
        "site_cleaned": True,
        **data,
    }
    return world.act("tech", number, "finish", **done)


def checking(world: World, **data: Any) -> str:
    """Work on common parts that waits to be accepted."""
    number = scoped(world, payer="common", **data)
    world.act("tech", number, "start")
    finish(world, number)
    return number


def settling(world: World, **data: Any) -> str:
    number = working(world, **data)
    finish(world, number)
    world.act("owner", number, "confirm_amount", amount="286.00", way="portal", person_name="王淑芬")
    return number


def pay(world: World, number: str, who: str = "cashier", amount: str = "286.00", **data: Any) -> Outcome:
    return world.act(who, number, "pay", method="cash", amount=amount, **data)
