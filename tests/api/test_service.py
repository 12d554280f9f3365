import uuid
from collections.abc import Callable

import pytest

from tests.api.conftest import Api
from tests.world import World

Speak = Callable[..., Api]


def sent(**data: object) -> dict[str, object]:
    return {"client_uuid": str(uuid.uuid4()), **data}


def test_handed_over_by_offer_and_answer(api: Speak, world: World) -> None:
    desk, butler = api("desk"), api("butler")
    number = desk.open(urgency="P2", payer="owner").json()["number"]
    offer = sent(receiver=world.company.staff["butler"].pk, reason="我去培训")
    assert desk.post(f"/cases/{number}/handover", offer).json()["state"] == "offered"
    assert [row["case"] for row in butler.get("/handovers").json()] == [number]
    assert butler.post(f"/cases/{number}/handover/accept", sent()).json()["state"] == "accepted"
    assert desk.get(f"/cases/{number}").json()["accountable"]["name"] == "陈悦"


def test_the_next_word_and_sentences_at_hand(api: Speak) -> None:
    desk = api("desk")
    number = desk.open(unit="3-2-1201", urgency="P1", payer="owner").json()["number"]
    found = desk.get(f"/cases/{number}/next-word").json()
    assert found["by"]
    ready = found["ready"][0]
    assert desk.act(number, "update", **ready).status_code == 200
    assert desk.get(f"/cases/{number}/next-word").json()["text"] == ready["word"]
    assert desk.get("/reports/silence").json()["cases"] >= 1


@pytest.mark.parametrize("who", ["outsider", "foreign_owner"])
def test_out_of_scope_nothing_of_it_is_there(api: Speak, world: World, who: str) -> None:
    desk, foreign = api("desk"), api(who)
    number = desk.open(unit="3-2-1201", urgency="P1", payer="owner").json()["number"]
    offer = sent(receiver=world.company.staff["butler"].pk, reason="我去培训")
    answers = [
        foreign.post(f"/cases/{number}/handover", offer),
        foreign.get(f"/cases/{number}/next-word"),
    ]
    assert [answer.status_code for answer in answers] == [404] * 2
