"""Technicians signed in, and repairs brought to any state by the verbs."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from steward.demo.cast import build
from steward.kernel import reference
from tests.world import World

LINES = [
    {"code": "L-PLUMB", "quantity": "1"},
    {"code": "P-DN20", "quantity": "2"},
    {"code": "CALL", "quantity": "1"},
]
ROAD = ("received", "dispatched", "accepted", "on_site", "scoped", "quoted", "agreed", "working", "done", "settling")


@pytest.fixture
def world(db: None) -> Iterator[World]:
    """The cast at this very hour: pages ask the clock, and "today" is today."""
    reference.forget()
    yield World(build(at=timezone.now()), timezone.now())
    reference.forget()


@pytest.fixture
def tech(world: World) -> Client:
    return signed_in(world, "tech")


@pytest.fixture
def tech2(world: World) -> Client:
    return signed_in(world, "tech2")


def signed_in(world: World, username: str) -> Client:
    client = Client()
    client.force_login(world.company.users[username], backend="django.contrib.auth.backends.ModelBackend")
    return client


def to_state(world: World, state: str, **data: Any) -> str:
    """A repair of the owner, brought to ``state`` by the technician ``tech``."""
    data = {"category": "leak", "urgency": "P1", "payer": "owner", "flat_rate": "CALL", **data}
    number: str = world.open("desk", **data).case.number
    if state == "waiting":
        bring(world, number, "accepted")
        world.act(
            "tech",
            number,
            "suspend",
            reason="parts",
            promised_at=(world.now + timedelta(days=30)).isoformat(),
            customer_told=True,
        )
        return number
    bring(world, number, state)
    return number


def bring(world: World, number: str, state: str) -> None:
    for reached in ROAD[1 : ROAD.index(state) + 1]:
        move(world, number, reached)


def move(world: World, number: str, state: str) -> None:
    """One step of the road."""
    signature = {"way": "signature", "person_name": "王淑芬", "relation": "本人"}
    match state:
        case "dispatched":
            world.act("desk", number, "dispatch", handler=world.company.staff["tech"].pk)
        case "accepted":
            world.act("tech", number, "accept")
        case "on_site":
            world.act("tech", number, "arrive")
        case "scoped":
            world.act("tech", number, "confirm_scope", cause="接头渗漏", scope="更换接头", confirmed_by="王淑芬")
        case "quoted":
            world.act("tech", number, "quote", lines=LINES)
        case "agreed":
            digest = world.act("tech", number, "say", text="等业主").detail.quote_hash
            world.act("tech", number, "consent", quote_hash=digest, signature=world.photo("tech"), **signature)
        case "working":
            world.act("tech", number, "start")
        case "done":
            photo = world.photo("tech")
            done = {"work_done": "更换接头2只", "labour_minutes": 55, "photos_after": [photo], "photos_before": [photo]}
            done |= {"site_cleaned": True}
            world.act("tech", number, "finish", **done)
        case "settling":
            world.act("tech", number, "confirm_amount", amount="286.00", signature=world.photo("tech"), **signature)
