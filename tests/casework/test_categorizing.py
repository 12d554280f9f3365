"""Categories: added, reworded, ordered, retired; never deleted."""

from typing import Any

import pytest

from steward.cases.models import Category, Urgency
from steward.casework.categories import categories, category_by_code, keys, of_kind
from steward.casework.categorizing import (
    CategoryData,
    NewCategoryData,
    add_category,
    place_category,
    restore_category,
    retire_category,
    save_category,
)
from steward.kernel.audit.models import AuditEvent, CompanyEvent
from steward.kernel.errors import ConflictError, InvalidError, NotAllowedError, NotFoundError
from steward.registers.workforce.models import Skill
from tests.world import World

SOLAR = NewCategoryData(code="solar", name="太阳能热水", urgency=Urgency.P2, skill=Skill.PLUMBING)


def pk_of(code: str, kind: str = "repair") -> int:
    return Category.objects.get(kind=kind, code=code, node=None).pk


def by(world: World, who: str = "hq") -> dict[str, Any]:
    return {"actor": world.actor(who), "at": world.now}


def names(world: World, kind: str = "repair") -> list[str]:
    return [c.name for c in of_kind(kind, world.project_id)]


def test_a_new_one_stands_before_the_rest_and_twice_is_once(world: World) -> None:
    ask = {"kind": "repair", "node_id": None, "data": SOLAR, **by(world)}
    assert add_category(**ask).pk == add_category(**ask).pk
    assert names(world)[-2:] == ["太阳能热水", "其他"]
    case = world.open("desk", category="solar").case
    assert (case.urgency, case.category_id) == ("P2", pk_of("solar"))
    assert CompanyEvent.objects.filter(what="category.add").count() == 1
    with pytest.raises(InvalidError) as caught:
        add_category(**{**ask, "data": SOLAR.model_copy(update={"name": "别的"})})
    assert "太阳能热水" in str(caught.value.fields["code"])
    with pytest.raises(InvalidError):
        add_category(**{**ask, "data": SOLAR.model_copy(update={"code": "太阳"})})


def test_a_retired_one_is_offered_no_more_and_cases_keep_its_word(world: World) -> None:
    old = world.open("desk", category="drain").case
    assert retire_category(category_id=pk_of("drain"), note="并入给排水", **by(world))
    assert not retire_category(category_id=pk_of("drain"), **by(world))
    assert "下水堵塞" not in names(world)
    assert category_by_code("repair", "drain", world.project_id) is None
    with pytest.raises(InvalidError) as caught:
        world.open("desk", category="drain", urgency="P2")
    assert list(caught.value.fields) == ["category"]
    assert categories()[old.category_id or 0].name == "下水堵塞"
    assert Category.objects.filter(pk=old.category_id or 0).exists()
    assert CompanyEvent.objects.get(what="category.retire").reason == "并入给排水"
    assert restore_category(category_id=pk_of("drain"), **by(world))
    assert not restore_category(category_id=pk_of("drain"), **by(world))
    assert world.open("desk", category="drain").case.urgency == "P1"


def test_with_the_first_level_goes_the_second(world: World) -> None:
    below = NewCategoryData(code="B1", name="电梯", parent=pk_of("B", "complaint"))
    add_category(kind="complaint", node_id=None, data=below, **by(world))
    deeper = NewCategoryData(code="B11", name="困人", parent=pk_of("B1", "complaint"))
    with pytest.raises(InvalidError) as caught:
        add_category(kind="complaint", node_id=None, data=deeper, **by(world))
    assert list(caught.value.fields) == ["parent"]
    rows = of_kind("complaint", world.project_id)
    assert [c.code for c in rows][:4] == ["A", "B", "B1", "C"]
    assert keys(rows)[pk_of("C", "complaint")] == "3"
    retire_category(category_id=pk_of("B", "complaint"), **by(world))
    assert not {"B", "B1"} & {c.code for c in of_kind("complaint", world.project_id)}
    with pytest.raises(ConflictError):
        restore_category(category_id=pk_of("B1", "complaint"), **by(world))


def test_the_order_decides_the_digits(world: World) -> None:
    assert place_category(category_id=pk_of("power"), position=1, **by(world))
    assert not place_category(category_id=pk_of("power"), position=1, **by(world))
    rows = of_kind("repair", world.project_id)
    found = keys(rows)
    assert [found[pk_of(code)] for code in ("power", "water", "leak", "other")] == ["1", "2", "3", "0"]
    assert place_category(category_id=pk_of("power"), position=99, **by(world))
    assert names(world)[-1] == "电气照明"


def test_a_change_holds_for_what_comes(world: World) -> None:
    old = world.open("desk", category="water").case
    now = CategoryData(name="给水排水", urgency=Urgency.P1, skill=Skill.HVAC, is_leak=True)
    save_category(category_id=pk_of("water"), data=now, **by(world))
    save_category(category_id=pk_of("water"), data=now, **by(world))
    old.refresh_from_db()
    assert old.urgency == "P2"
    assert world.open("desk", category="water").case.urgency == "P1"
    told = CompanyEvent.objects.get(what="category.set")
    assert told.before == {
        "name": "给排水",
        "name_en": "Water and drains",
        "urgency": "P2",
        "skill": "plumbing",
        "is_leak": False,
    }
    # What is no work in the field has neither urgency nor skill.
    save_category(category_id=pk_of("fees", "inquiry"), data=now, **by(world))
    row = categories()[pk_of("fees", "inquiry")]
    assert (row.name, row.urgency, row.skill, row.is_leak) == ("给水排水", "", "", False)


@pytest.mark.parametrize("who", ["manager", "region", "desk", "tech", "owner"])
def test_those_of_the_company_are_the_head_offices(world: World, who: str) -> None:
    verbs: list[Any] = [
        lambda: add_category(kind="repair", node_id=None, data=SOLAR, **by(world, who)),
        lambda: save_category(category_id=pk_of("water"), data=CategoryData(name="新名"), **by(world, who)),
        lambda: retire_category(category_id=pk_of("water"), **by(world, who)),
        lambda: place_category(category_id=pk_of("water"), position=3, **by(world, who)),
    ]
    for verb in verbs:
        with pytest.raises(NotAllowedError) as refused:
            verb()
        assert refused.value.rule == "settings.decider"


def test_a_project_has_words_of_its_own(world: World) -> None:
    row = add_category(kind="repair", node_id=world.project_id, data=SOLAR, **by(world, "manager"))
    assert AuditEvent.objects.in_project(world.project_id).filter(what="category.add").count() == 1
    assert names(world)[-1] == "太阳能热水"
    elsewhere = world.company.nodes["JZ"].pk
    assert "太阳能热水" not in [c.name for c in of_kind("repair", elsewhere)]
    with pytest.raises(NotAllowedError):
        add_category(kind="repair", node_id=elsewhere, data=SOLAR, **by(world, "manager"))
    with pytest.raises(NotFoundError):
        retire_category(category_id=row.pk, **by(world, "outsider"))
