"""Pictures by their address: only for those who may see them, and never an error of ours."""

import pytest

from tests.contract.test_access import client_of
from tests.rules import road
from tests.world import World


@pytest.mark.parametrize("path", [f"/files/{10**40}/1/", f"/files/1/{10**40}/", "/files/0/0/"])
def test_impossible_addresses_are_not_found(world: World, path: str) -> None:
    assert client_of(world, "desk").get(path).status_code == 404


def test_a_picture_of_an_internal_note_stays_inside(world: World) -> None:
    number = road.received(world)
    inside, outside = world.photo("desk"), world.photo("desk")
    world.act("desk", number, "say", text="内部", photos=[inside])
    world.act("desk", number, "tell", text="您好", photos=[outside])
    owner = client_of(world, "owner")
    assert owner.get(f"/files/{world.project_id}/{inside}/").status_code == 404
    shown = owner.get(f"/files/{world.project_id}/{outside}/")
    assert shown.status_code == 200
    shown.close()
