"""What a resident reports is heard by whoever answers for it: every one, by its number, whatever the kind."""

import pytest

from steward.kernel.models import Outbox
from tests.world import World

ORDER = {"item": "S-CLEAN", "quantity": "2", "told_amount": "100.00"}


def heard(world: World, template: str, name: str) -> list[str]:
    rows = Outbox.objects.in_project(world.project_id).filter(channel="inapp", payload__template=template)
    return [row.about for row in rows.filter(recipient=f"staff:{world.company.staff[name].pk}").order_by("pk")]


@pytest.mark.parametrize("kind", ["repair", "complaint", "inquiry", "suggestion", "praise", "service_order"])
def test_each_report_of_a_resident_is_heard(world: World, kind: str) -> None:
    more = ORDER if kind == "service_order" else {}
    numbers = [world.open("owner", kind=kind, title=f"第{n}件", **more).case.number for n in (1, 2)]
    world.open("butler", kind=kind, **more)
    assert heard(world, "ordered" if kind == "service_order" else "reported", "butler") == numbers


def test_whoever_a_question_is_passed_on_to_hears_of_it(world: World) -> None:
    number = world.open("desk", kind="inquiry").case.number
    world.act("desk", number, "pass_on", handler=world.company.staff["cashier"].pk)
    own = world.open("desk", kind="inquiry").case.number
    world.act("desk", own, "pass_on", handler=world.company.staff["desk"].pk)
    assert (heard(world, "assigned", "cashier"), heard(world, "assigned", "desk")) == ([number], [])


def test_asked_again_those_whose_answer_did_not_help_hear_of_it(world: World) -> None:
    number = world.open("owner", kind="inquiry").case.number
    world.act("desk", number, "pass_on", handler=world.company.staff["cashier"].pk)
    world.act("cashier", number, "answer", answer="十八点")
    world.act("owner", number, "ask_again", answer="还没有来水")
    assert [heard(world, "asked_again", name) for name in ("butler", "cashier", "desk")] == [[number], [number], []]
