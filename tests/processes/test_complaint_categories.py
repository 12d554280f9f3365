"""Two levels of categories: shipped codes, loaded once."""

from steward.casework.categories import of_kind
from steward.kernel.actor import SYSTEM
from steward.processes.complaint.categories import TREE, load_categories
from tests.world import World


def test_both_levels_are_loaded_once(world: World) -> None:
    load_categories(actor=SYSTEM, at=world.now)
    assert load_categories(actor=SYSTEM, at=world.now) == 0
    rows = {c.code: c for c in of_kind("complaint", world.project_id)}
    assert set(rows) == set(TREE) | {
        f"{code}{n}" for code, (_z, _e, below) in TREE.items() for n in range(1, len(below) + 1)
    }
    assert rows["D1"].parent_id == rows["D"].id
