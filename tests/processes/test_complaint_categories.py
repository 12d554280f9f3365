"""Two levels of categories: shipped codes, loaded once."""

from steward.cases.models import Category
from steward.casework.categories import of_kind
from steward.casework.categorizing import retire_category
from steward.casework.shipped import SHIPPED, load_categories, missing
from steward.kernel import reference
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


def test_nothing_is_hung_below_a_retired_word_or_as_a_third_level(world: World) -> None:
    """A company retired the first level, and uses another of the shipped codes on its second."""
    company = Category.objects.filter(kind="complaint", node=None)
    retire_category(category_id=company.get(code="B").pk, actor=world.actor("hq"), at=world.now)
    company.filter(code="C").update(parent=company.get(code="A"))
    reference.bump()
    load_categories("complaint", actor=SYSTEM, at=world.now)
    codes = set(company.values_list("code", flat=True))
    assert {"A1", "D1"} <= codes
    assert not {"B1", "C1"} & codes
    assert not missing("complaint"), "the button goes away"
    assert load_categories("complaint", actor=SYSTEM, at=world.now) == 0
