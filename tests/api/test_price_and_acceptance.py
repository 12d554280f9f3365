"""Approval, ceiling and acceptance through the API; what waits for the manager is not read out to the customer."""

from collections.abc import Callable
from typing import Any

from tests.api.conftest import Api
from tests.rules import road
from tests.rules.test_price_and_acceptance import asked
from tests.world import World

As = Callable[[str], Api]


def test_a_price_above_the_limit_is_approved(world: World, api: As) -> None:
    number, _outcome = asked(world)
    seen = api("owner").get(f"/cases/{number}").json()
    assert "quote_total" not in seen["detail"]
    assert "2160" not in api("owner").get(f"/cases/{number}/timeline").content.decode()
    refused = api("desk").act(number, "approve_quote")
    assert (refused.status_code, refused.json()["rule"]) == (403, "case.role")
    key = "4c7d7a52-6f5b-4f0e-8f2e-0d5f6f0a9b11"
    for _again in range(2):
        done = api("manager").act(number, "approve_quote", client_uuid=key)
        assert (done.status_code, done.json()["state"]) == (200, "quoted")
    assert done.json()["detail"]["approved_by"] == "赵伟"
    assert api("owner").get(f"/cases/{number}").json()["detail"]["quote_total"] == "2160.00"


def test_a_ceiling_is_named_in_the_refusal(world: World, api: As) -> None:
    number = road.quoted(world)
    sent = {"way": "portal", "person_name": "王淑芬", "relation": "本人", "ceiling": "500.00"}
    digest = road.look(world, number).detail.quote_hash
    assert api("owner").act(number, "consent", quote_hash=digest, **sent).json()["detail"]["ceiling"] == "500.00"
    assert api("tech").act(number, "start").status_code == 200
    work: dict[str, Any] = {
        "work_done": "换好",
        "labour_minutes": 40,
        "photos_after": [world.photo("tech")],
        "site_cleaned": True,
    }
    refused = api("tech").act(number, "finish", amount="500.01", **work)
    assert refused.status_code == 422
    assert "¥500.00" in refused.json()["fields"]["amount"]


def test_work_on_common_parts_is_accepted(world: World, api: As) -> None:
    number = road.checking(world)
    assert api("tech").act(number, "accept_work").status_code == 403
    done = api("butler").act(number, "accept_work", remark="合格", photos=[world.photo("butler")])
    assert (done.status_code, done.json()["detail"]["checked_by"]) == (200, "陈悦")
