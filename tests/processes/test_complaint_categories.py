"""Two levels of categories: shipped codes, loaded once."""

from steward.casework.categories import of_kind
from steward.casework.shipped import SHIPPED, load_categories, missing
from steward.kernel.actor import SYSTEM
from tests.world import World


def test_both_levels_are_loaded_once(world: World) -> None:
    assert missing("complaint")
    load_categories("complaint", actor=SYSTEM, at=world.now)
    assert load_categories("complaint", actor=SYSTEM, at=world.now) == 0
    assert not missing("complaint")
    rows = {c.code: c for c in of_kind("complaint", world.project_id)}
    assert set(rows) == {one.code for row in SHIPPED["complaint"] for one in (row, *row.children())}
    assert rows["D1"].parent_id == rows["D"].id
