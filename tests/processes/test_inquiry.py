"""The second process: small, and everything of the engine works for it without a line elsewhere."""

import pytest

from steward.cases.models import Case
from steward.casework.queries import CaseFilter, list_cases
from steward.kernel.errors import ConflictError, InvalidError, NotAllowedError, NotFoundError
from tests.world import World


def test_answered_at_once(world: World) -> None:
    number = world.open("desk", kind="inquiry", title="装修押金怎么退").case.number
    assert number.startswith("WX-YX-261121-")
    done = world.act("desk", number, "answer", answer="验收合格三个月后，凭收据到前台办理")
    assert (done.case.state, done.case.closed_at) == ("answered", world.now)
    assert done.deadlines[0].outcome == "met"


def test_passed_on_and_late(world: World) -> None:
    number = world.open("desk", kind="inquiry", title="车位续租").case.number
    world.act("desk", number, "pass_on", handler=world.company.staff["cashier"].pk)
    world.pass_time(hours=25)
    assert list_cases(world.actor("desk"), CaseFilter(overdue_at=world.now)).items[0]["number"] == number
    done = world.act("cashier", number, "answer", answer="续租到十二月底，月租三百")
    assert done.deadlines[0].outcome == "late"
    assert done.case.accountable_id == world.company.staff["desk"].pk


def test_a_resident_may_ask_again(world: World) -> None:
    number = world.open("owner", kind="inquiry", title="停水到几点").case.number
    world.act("butler", number, "answer", answer="十八点")
    again = world.act("owner", number, "ask_again", answer="还没有来水")
    assert (again.case.state, again.case.closed_at) == ("received", None)
    with pytest.raises(NotAllowedError):
        world.act("owner", number, "answer", answer="我自己答")


def test_an_inquiry_is_not_shared_with_the_household(world: World) -> None:
    """Unlike a repair, a question stays with whoever asked it."""
    number = world.open("tenant", kind="inquiry", unit="2-1-0304").case.number
    Case.objects.in_project(world.project_id).filter(number=number).update(customer=world.company.customers["owner"])
    with pytest.raises(NotFoundError):
        world.act("tenant", number, "ask_again", answer="?")


def test_answered_twice_is_refused(world: World) -> None:
    number = world.open("desk", kind="inquiry").case.number
    world.act("desk", number, "answer", answer="好")
    world.pass_time(minutes=1)
    with pytest.raises(ConflictError) as caught:
        world.act("desk", number, "answer", answer="再答")
    assert caught.value.rule == "case.state"


@pytest.mark.parametrize("who", ["outsider", "outsider_tech"])
def test_it_is_passed_on_only_to_those_who_see_it(world: World, who: str) -> None:
    number = world.open("desk", kind="inquiry").case.number
    for stranger in (world.company.staff[who].pk, 999_999):
        with pytest.raises(InvalidError) as caught:
            world.act("desk", number, "pass_on", handler=stranger)
        assert set(caught.value.fields) == {"handler"}
