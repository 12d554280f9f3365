"""Ceiling, approval and acceptance on the staff phone."""

import uuid
from typing import Any

from django.test import Client

from tests.field.conftest import signed_in
from tests.rules import road
from tests.rules.test_price_and_acceptance import asked, capped
from tests.world import World


def tap(client: Client, path: str, **data: Any) -> Any:
    return client.post(path, {"client_uuid": str(uuid.uuid4()), **data}, headers={"Accept": "application/json"})


def test_a_butler_accepts_on_the_phone_and_whoever_did_it_does_not(world: World) -> None:
    number = road.checking(world)
    butler, tech = signed_in(world, "butler"), signed_in(world, "tech")
    assert f"/field/jobs/{number}/" in butler.get("/field/").content.decode()
    page = butler.get(f"/field/jobs/{number}/").content.decode()
    assert f"/field/jobs/{number}/accept_work/" in page
    assert f"/field/jobs/{number}/refuse_work/" in page
    mine = tech.get(f"/field/jobs/{number}/").content.decode()
    assert f"/field/jobs/{number}/accept_work/" not in mine
    assert "等管家或工程师验收" in mine
    assert tap(tech, f"/field/jobs/{number}/accept_work/").status_code == 403
    assert tap(butler, f"/field/jobs/{number}/accept_work/", remark="合格").json()["status"] == "done"
    assert road.look(world, number).detail.checked_by == "陈悦"
    assert f"/field/jobs/{number}/" not in butler.get("/field/").content.decode()


def test_refused_on_the_phone_it_is_the_technicians_again(world: World) -> None:
    number = road.checking(world)
    assert tap(signed_in(world, "butler"), f"/field/jobs/{number}/refuse_work/", reason="还不亮").status_code == 200
    page = signed_in(world, "tech").get("/field/").content.decode()
    assert f"/field/jobs/{number}/" in page.split("data-tab-panel", 2)[1]


def test_above_the_limit_the_phone_offers_no_signature(world: World) -> None:
    number, _outcome = asked(world)
    tech = signed_in(world, "tech")
    page = tech.get(f"/field/jobs/{number}/").content.decode()
    assert 'data-limit="2000' in page
    assert "须经理批准后才发给业主" in page
    assert "待经理批准" in tech.get("/field/?tab=paused").content.decode()
    refused = tap(tech, f"/field/jobs/{number}/consent/", way="signature", person_name="王淑芬", relation="本人")
    assert refused.status_code in (409, 422)
    assert tap(tech, f"/field/jobs/{number}/share/", purpose="consent").status_code == 409
    assert tap(tech, f"/field/jobs/{number}/take_back_quote/").json()["status"] == "done"


def test_the_ceiling_stands_on_the_job_and_is_taken_with_the_signature(world: World) -> None:
    number = capped(world)
    page = signed_in(world, "tech").get(f"/field/jobs/{number}/").content.decode()
    assert 'data-ceiling="500.00"' in page
    assert "约定上限 ¥500.00" in page
    other = road.quoted(world)
    tech = signed_in(world, "tech")
    sent = {
        "way": "signature",
        "quote_hash": road.look(world, other).detail.quote_hash,
        "person_name": "王淑芬",
        "relation": "本人",
        "signature": str(world.photo("tech")),
    }
    refused = tap(tech, f"/field/jobs/{other}/consent/", ceiling="100", **sent)
    assert "约定上限不能低于报价" in refused.json()["fields"]["ceiling"]
    assert tap(tech, f"/field/jobs/{other}/consent/", ceiling="300", **sent).json()["status"] == "done"
    more = {"lines-0-code": "L-PLUMB", "lines-0-quantity": "1", "lines-1-code": "P-DN20", "lines-1-quantity": "3"}
    answer = tap(tech, f"/field/jobs/{other}/quote/", **{**more, "then": "sign"})
    assert "step=" not in answer.json()["next"], "nobody is asked again"
    assert road.look(world, other).case.state == "agreed"
