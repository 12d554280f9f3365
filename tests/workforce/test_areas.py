"""Areas of responsibility: the narrowest counts; reassigning moves open work, never history."""

import uuid
from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from steward.assurance.models import Callback
from steward.cases.models import Case, Entry
from steward.casework.accountability import leaving
from steward.insight.areas import board, effect_of
from steward.kernel import reference
from steward.kernel.actor import Role
from steward.kernel.errors import ConflictError, InvalidError, NotAllowedError, NotFoundError
from steward.registers.estate.models import Building, Unit
from steward.registers.org.models import RoleGrant, User
from steward.registers.org.operations import end_grant, grant_role
from steward.registers.workforce import areas, standins
from steward.registers.workforce.models import Area, Staff
from steward.registers.workforce.operations import hire
from tests.cutover.conftest import BUILDINGS, UNITS, loaded, workbook
from tests.processes.test_repair_story import to_settling
from tests.world import World


@pytest.fixture
def second(world: World) -> Staff:
    """Another butler of the estate."""
    node = world.company.nodes["YX"]
    staff = hire(node=node, name="郭晨", post="管家", username="butler2", at=world.now)
    user = User.objects.get(staff_id=staff.pk)
    grant_role(user=user, role=Role.BUTLER, node=node, actor=world.actor("hq"), at=world.now)
    return staff


def building(world: World, code: str = "3") -> int:
    return Building.objects.in_project(world.project_id).get(code=code).pk


def assign(world: World, butler: Staff, who: str = "manager", **more: Any) -> Area:
    more.setdefault("building_id", building(world))
    return areas.assign(project_id=world.project_id, butler_id=butler.pk, actor=world.actor(who), at=world.now, **more)


def butler_of(world: World, label: str) -> int | None:
    return Unit.objects.in_project(world.project_id).get(label=label).butler_staff_id


def test_the_narrowest_area_counts(world: World, second: Staff) -> None:
    first, head = world.company.staff["butler"], world.company.staff["headbutler"]
    assign(world, second)
    assert [butler_of(world, f"3-2-{room}") for room in ("1101", "1201")] == [second.pk, second.pk]
    assert butler_of(world, "2-1-0304") == first.pk
    floor = assign(world, head, entrance="2", floor="12")
    assert [butler_of(world, f"3-2-{room}") for room in ("1101", "1201")] == [second.pk, head.pk]
    areas.end(project_id=world.project_id, area_id=floor.pk, actor=world.actor("manager"), at=world.now)
    assert butler_of(world, "3-2-1201") == second.pk


def test_reassigning_moves_open_work_and_leaves_history(world: World, second: Staff) -> None:
    first = world.company.staff["butler"]
    mine = world.open("owner").case
    waiting = to_settling(world)
    calls = Callback.objects.in_project(world.project_id).filter(case__number=waiting, ended_at__isnull=True)
    assert calls.get().butler_id == first.pk
    assert Case.objects.in_project(world.project_id).get(pk=mine.pk).accountable_id == first.pk
    foreign = world.open("desk", unit="2-1-0304", received_by=first.pk).case
    closed = world.open("owner").case
    Case.objects.in_project(world.project_id).filter(pk=closed.pk).update(closed_at=world.now)
    before = list(Entry.objects.in_project(world.project_id).filter(case=closed).values())
    assign(world, second)
    assert calls.get().butler_id == second.pk
    moved = Case.objects.in_project(world.project_id).get(pk=mine.pk)
    assert moved.accountable_id == second.pk
    line = Entry.objects.in_project(world.project_id).filter(case=mine).latest("seq")
    assert (line.action, line.data["from"], line.data["to"]) == ("force_handover", first.pk, second.pk)
    for other in (foreign, closed):
        assert Case.objects.in_project(world.project_id).get(pk=other.pk).accountable_id == first.pk
    assert list(Entry.objects.in_project(world.project_id).filter(case=closed).values()) == before


def test_again_is_the_same_and_the_old_area_stays_on_record(world: World, second: Staff) -> None:
    first = world.company.staff["butler"]
    row = assign(world, first)
    assert assign(world, first).pk == row.pk
    world.pass_time(days=1)
    assign(world, second)
    rows = Area.objects.in_project(world.project_id).order_by("pk")
    assert [(a.butler_id, a.until) for a in rows] == [(first.pk, world.now), (second.pk, None)]


def test_ended_twice_it_is_ended_once(world: World, second: Staff) -> None:
    """Sent again it answers the same; unless somebody was given the homes since: that area was not meant."""
    row = assign(world, second)
    end: dict[str, Any] = {"project_id": world.project_id, "area_id": row.pk, "actor": world.actor("manager")}
    first = areas.end(at=world.now, **end)
    again = areas.end(at=world.pass_time(minutes=1), **end)
    assert (again.pk, again.until) == (first.pk, first.until)
    replaced = assign(world, second)
    assign(world, world.company.staff["headbutler"])
    with pytest.raises(ConflictError):
        areas.end(at=world.now, **{**end, "area_id": replaced.pk})


@pytest.mark.parametrize("gone", ["left", "elsewhere"])
def test_nobody_stands_in_who_does_not_serve_any_more(world: World, second: Staff, gone: str) -> None:
    row = assign(world, world.company.staff["butler"], stand_in_id=second.pk)
    if gone == "left":
        Staff.objects.filter(pk=second.pk).update(is_active=False)
    else:
        RoleGrant.objects.filter(user_id=second.user_id or 0).update(ended_at=world.now)
    reference.bump()
    asked: dict[str, Any] = {"project_id": world.project_id, "area_id": row.pk, "actor": world.actor("manager")}
    with pytest.raises(ConflictError) as refused:
        standins.cover(on=True, at=world.now, **asked)
    assert refused.value.rule == "area.stand_in_serves"
    with pytest.raises(ConflictError):
        days(world, row, 2, 4)
    assert butler_of(world, "3-2-1201") == world.company.staff["butler"].pk


def test_the_stand_in_takes_over_and_gives_back(world: World, second: Staff) -> None:
    first, manager = world.company.staff["butler"], world.actor("manager")
    row = assign(world, first, stand_in_id=second.pk)
    for on, who in ((True, second), (True, second), (False, first)):
        standins.cover(project_id=world.project_id, area_id=row.pk, on=on, actor=manager, at=world.now)
        assert butler_of(world, "3-2-1201") == who.pk
    alone = assign(world, first, building_id=building(world, "2"))
    with pytest.raises(ConflictError):
        standins.cover(project_id=world.project_id, area_id=alone.pk, on=True, actor=manager, at=world.now)


def test_who_may_and_what_makes_no_sense(world: World, second: Staff) -> None:
    for who, refusal in (("desk", NotAllowedError), ("butler", NotAllowedError), ("outsider", NotFoundError)):
        with pytest.raises(refusal):
            assign(world, second, who)
    foreign = Building.objects.in_project(world.company.nodes["JZ"].pk).get(code="1").pk
    for wrong in ({"building_id": foreign}, {"entrance": "9"}, {"floor": "77"}, {"stand_in_id": second.pk}):
        with pytest.raises(InvalidError):
            assign(world, second, **wrong)
    with pytest.raises(InvalidError):
        assign(world, world.company.staff["tech"])
    assert not Area.objects.visible_to(world.actor("outsider")).exists()


def test_imported_homes_have_their_butler_from_the_start(world: World, second: Staff) -> None:
    assign(world, second)
    loaded(world, workbook({"房产": (UNITS, ("3", "1", "2", "0202", "", "", "", "")), "楼栋": (BUILDINGS,)}))
    assert butler_of(world, "3-1-0202") == second.pk


KEYS = [("", ""), ("1", ""), ("2", ""), ("", "3"), ("1", "3"), ("2", "3")]


@given(st.dictionaries(st.sampled_from(KEYS), st.integers(1, 9)), st.sampled_from("12"), st.sampled_from("34"))
def test_of_several_areas_one_always_counts(chosen: dict[tuple[str, str], int], stair: str, floor: str) -> None:
    found = areas.narrowest({(1, *key): who for key, who in chosen.items()}, 1, stair, floor)
    covering = [k for k in chosen if k[0] in ("", stair) and k[1] in ("", floor)]
    narrow = max(covering, key=lambda k: (bool(k[1]), bool(k[0])), default=None)
    assert found == (chosen[narrow] if narrow is not None else None)


def days(world: World, row: Area, since: int, until: int | None, who: str = "manager") -> Area:
    today = date(2026, 11, 21)
    return standins.cover_between(
        project_id=world.project_id,
        area_id=row.pk,
        since=today + timedelta(days=since),
        until=today + timedelta(days=until) if until is not None else None,
        actor=world.actor(who),
        at=world.now,
    )


def test_a_stand_in_of_some_days_comes_and_goes_with_the_open_work(world: World, second: Staff) -> None:
    first = world.company.staff["butler"]
    mine = world.open("owner").case
    row = assign(world, first, stand_in_id=second.pk)
    days(world, row, 2, 9)
    answering = Case.objects.in_project(world.project_id)
    for day, who in ((1, first), (2, second), (8, second), (9, first), (10, first)):
        for _again in range(2):
            standins.take_turns(world.now + timedelta(days=day))
        assert butler_of(world, "3-2-1201") == who.pk, day
        assert answering.get(pk=mine.pk).accountable_id == who.pk, day
    row.refresh_from_db()
    assert (row.covered, row.cover_from, row.cover_until, row.until) == (False, None, None, None)


def leave(world: World, who: Staff, receiver: Staff) -> None:
    leaving.leave(
        staff_id=who.pk,
        data=leaving.Leave(receiver=receiver.pk, reason="合同到期"),
        actor=world.actor("manager"),
        at=world.now,
        client_uuid=uuid.uuid4(),
    )


@pytest.mark.parametrize(("receiver", "taker"), [("headbutler", "headbutler"), ("butler", "headbutler")])
def test_a_stand_in_who_leaves_is_followed_by_whoever_is_there(
    world: World, second: Staff, receiver: str, taker: str
) -> None:
    """The homes do not go back to the butler who is away, whoever is named; days that were set stay."""
    first, staff = world.company.staff["butler"], world.company.staff
    mine = world.open("owner").case
    row = assign(world, first, stand_in_id=second.pk)
    days(world, row, 0, 9)
    planned = assign(world, first, building_id=building(world, "2"), stand_in_id=second.pk)
    days(world, planned, 3, 9)
    leave(world, second, staff[receiver])
    assert butler_of(world, "3-2-1201") == staff[taker].pk
    answers = Case.objects.in_project(world.project_id).get(pk=mine.pk).accountable_id
    assert answers == staff[receiver].pk, "the cases go to whoever was named"
    rows = Area.objects.in_project(world.project_id).order_by("pk")
    today = date(2026, 11, 21)
    assert [(a.butler_id, a.stand_in_id, a.covered, a.until) for a in rows] == [
        (first.pk, second.pk, True, world.now),
        (first.pk, second.pk, False, world.now),
        (first.pk, staff[taker].pk, True, None),
        (first.pk, staff[taker].pk, False, None),
    ]
    assert [a.cover_from for a in rows[2:]] == [today, today + timedelta(days=3)]
    standins.take_turns(world.now + timedelta(days=9))
    assert butler_of(world, "3-2-1201") == first.pk, "back on the day that was set"


def test_without_head_butler_the_manager_stands_in(world: World, second: Staff) -> None:
    first, staff = world.company.staff["butler"], world.company.staff
    days(world, assign(world, first, stand_in_id=second.pk), 0, 9)
    for grant in RoleGrant.objects.filter(user_id=staff["headbutler"].user_id or 0, ended_at__isnull=True):
        end_grant(grant=grant, actor=world.actor("hq"), at=world.now)
    leave(world, second, first)
    assert butler_of(world, "3-2-1201") == staff["manager"].pk


def test_days_that_make_no_sense_and_days_called_off(world: World, second: Staff) -> None:
    row = assign(world, world.company.staff["butler"], stand_in_id=second.pk)
    for since, until in ((-1, 3), (0, 0), (5, 4), (400, None), (1, 500)):
        with pytest.raises(InvalidError):
            days(world, row, since, until)
    with pytest.raises(NotAllowedError):
        days(world, row, 0, 3, "butler")
    days(world, row, 0, None)
    assert butler_of(world, "3-2-1201") == second.pk
    standins.cover(project_id=world.project_id, area_id=row.pk, on=False, actor=world.actor("manager"), at=world.now)
    standins.take_turns(world.now + timedelta(days=30))
    assert butler_of(world, "3-2-1201") != second.pk


def test_an_area_that_cannot_turn_holds_up_no_other(world: World, second: Staff) -> None:
    """Whoever stands in lost the post meanwhile: the cases cannot go there."""
    first, head = world.company.staff["butler"], world.company.staff["headbutler"]
    mine = world.open("owner").case
    days(world, assign(world, first, stand_in_id=second.pk), 2, 9)
    days(world, assign(world, first, building_id=building(world, "2"), stand_in_id=head.pk), 2, 9)
    for grant in RoleGrant.objects.filter(user_id=second.user_id or 0, ended_at__isnull=True):
        end_grant(grant=grant, actor=world.actor("hq"), at=world.now)
    standins.take_turns(world.now + timedelta(days=2))
    assert butler_of(world, "2-1-0304") == head.pk
    assert butler_of(world, "3-2-1201") == first.pk
    assert Case.objects.in_project(world.project_id).get(pk=mine.pk).accountable_id == first.pk


def test_what_is_announced_before_is_what_moves(world: World, second: Staff) -> None:
    """The preview counts; the verb then moves just these."""
    manager = world.actor("manager")
    world.open("owner")
    world.open("desk", unit="2-1-0304", received_by=world.company.staff["butler"].pk)
    waiting = to_settling(world)
    where: dict[str, Any] = {"project_id": world.project_id, "building_id": building(world), "butler_id": second.pk}
    moves = areas.would_move(actor=manager, **where)
    effect = effect_of(world.project_id, moves, manager)
    cases = Case.objects.in_project(world.project_id).filter(accountable_id=second.pk)
    calls = Callback.objects.in_project(world.project_id).filter(butler_id=second.pk, case__number=waiting)
    assert not cases.exists()
    row = assign(world, second)
    homes = Unit.objects.in_project(world.project_id).filter(butler_staff_id=second.pk)
    assert (effect.homes, effect.cases, effect.callbacks) == (homes.count(), cases.count(), calls.count())
    assert min(effect.homes, effect.cases, effect.callbacks) > 0
    assert areas.would_move(actor=manager, **where) == []
    ended = effect_of(
        world.project_id, areas.would_end(project_id=world.project_id, area_id=row.pk, actor=manager), manager
    )
    assert (ended.unattended, ended.cases) == (effect.homes, 0)
    with pytest.raises(NotAllowedError):
        areas.would_move(actor=world.actor("desk"), **where)


def test_the_board_names_what_nobody_looks_after(world: World, second: Staff) -> None:
    manager = world.actor("manager")
    units = Unit.objects.in_project(world.project_id)
    units.update(butler_staff_id=second.pk)
    assert board(world.project_id, manager).gaps == []
    Unit.objects.create(
        project_id=world.project_id,
        building_id=building(world),
        entrance="1",
        floor="01",
        room="0101",
        label="3-1-0101",
        butler_staff_id=second.pk,
    )
    units.filter(label="3-2-1101").update(butler_staff_id=None)
    gap = board(world.project_id, manager).gaps
    assert [(g.building.code, g.entrance, g.unattended) for g in gap] == [("3", "2", 1)]
    Staff.objects.filter(pk=second.pk).update(is_active=False)
    reference.bump()
    reference.refresh()
    gone = board(world.project_id, manager)
    assert sum(g.unattended for g in gone.gaps) == units.count() == gone.homes
    assert board(world.project_id, world.actor("outsider")).homes == 0
