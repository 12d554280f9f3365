import uuid
from datetime import UTC, date, datetime, timedelta

import pytest

from steward.casework.accountability import leaving
from steward.casework.accountability.oncall import to_ring
from steward.casework.intake.proposals import candidates
from steward.kernel import reference
from steward.kernel.audit import read
from steward.kernel.errors import InvalidError, NotAllowedError
from steward.registers.estate.models import Building
from steward.registers.org.models import RoleGrant
from steward.registers.workforce import areas, standins
from steward.registers.workforce.oncall import (
    Entry,
    Gap,
    duty_date,
    gaps,
    is_night,
    morning,
    on_call,
    on_call_of,
    set_on_call,
    set_post,
)
from tests.world import World

#: Saturday 23:10 and Sunday 02:00 in Hangzhou.
EVENING = datetime(2026, 11, 21, 15, 10, tzinfo=UTC)
SMALL_HOURS = datetime(2026, 11, 21, 18, 0, tzinfo=UTC)


def roster(world: World, who: str = "manager", **posts: Entry) -> None:
    day = duty_date(world.project_id, EVENING)
    set_on_call(project_id=world.project_id, day=day, entries=posts, actor=world.actor(who), at=world.now)


def test_the_night_belongs_to_the_date_it_began_on(world: World) -> None:
    assert not is_night(world.project_id, world.now)
    assert is_night(world.project_id, EVENING)
    assert duty_date(world.project_id, EVENING) == duty_date(world.project_id, SMALL_HOURS)
    assert morning(world.project_id, SMALL_HOURS) == datetime(2026, 11, 22, 0, 0, tzinfo=UTC)


def test_who_is_rung_at_two_in_the_morning(world: World) -> None:
    tech2 = world.company.staff["tech2"].pk
    roster(world, technician=Entry(tech2), lift=Entry(None, "东方电梯", "400-800-1234"))
    rung = on_call(world.project_id, SMALL_HOURS)
    assert [(r.post, r.name, r.phone) for r in rung] == [
        ("technician", "王强", "13600010002"),
        ("lift", "东方电梯", "400-800-1234"),
    ]
    assert on_call(world.project_id, SMALL_HOURS + timedelta(days=1)) == []


def test_at_night_whoever_is_on_call_is_proposed_by_day_the_skill(world: World) -> None:
    roster(world, technician=Entry(world.company.staff["tech2"].pk))
    night = candidates(world.project_id, skill="plumbing", at=SMALL_HOURS)
    assert [c.name for c in night] == ["王强", "李建国"]
    day = candidates(world.project_id, skill="plumbing", at=world.now)
    assert [c.name for c in day] == ["李建国", "王强"]


def test_a_list_needs_a_number_that_rings_and_a_keeper(world: World) -> None:
    with pytest.raises(InvalidError):
        roster(world, lift=Entry(None, "东方电梯", ""))
    with pytest.raises(NotAllowedError):
        roster(world, "tech", technician=Entry(world.company.staff["tech"].pk))
    outsider = world.company.staff["outsider_tech"].pk
    with pytest.raises(InvalidError):
        roster(world, technician=Entry(outsider))


def test_a_night_that_is_over_stays_as_it_was(world: World) -> None:
    roster(world, technician=Entry(world.company.staff["tech2"].pk))
    world.pass_time(days=1)
    with pytest.raises(InvalidError):
        roster(world)
    roster(world, technician=Entry(world.company.staff["tech2"].pk))
    assert [r.name for r in on_call(world.project_id, EVENING)] == ["王强"], "the same again is no change"


def test_gaps_are_posts_and_trades_that_nobody_covers(world: World) -> None:
    staff = world.company.staff
    roster(world, technician=Entry(staff["tech2"].pk))
    found = gaps(world.project_id, on_call(world.project_id, EVENING), EVENING)
    assert found == [Gap("manager"), Gap("plumbing", is_skill=True), Gap("electrical", is_skill=True)]
    assert found[-1].title == "电工"
    roster(world, technician=Entry(staff["tech2"].pk, stand_in_id=staff["tech"].pk), manager=Entry(staff["manager"].pk))
    assert gaps(world.project_id, on_call(world.project_id, EVENING), EVENING) == []


def test_a_post_is_set_for_the_week_and_the_others_stay(world: World) -> None:
    staff, first = world.company.staff, duty_date(world.project_id, EVENING)
    roster(world, manager=Entry(staff["manager"].pk))
    days = [first + timedelta(days=n) for n in range(7)]
    set_post(
        project_id=world.project_id,
        post="technician",
        entries={day: Entry(staff["tech"].pk) for day in days},
        actor=world.actor("headbutler"),
        at=world.now,
    )
    found = on_call_of(world.project_id, days)
    assert [[r.post for r in found[day]] for day in days] == [["technician", "manager"], *[["technician"]] * 6]
    with pytest.raises(InvalidError) as refusal:
        set_post(
            project_id=world.project_id,
            post="technician",
            entries={days[0]: Entry(), days[1]: Entry(staff["tech"].pk, stand_in_id=staff["tech"].pk)},
            actor=world.actor("headbutler"),
            at=world.now,
        )
    assert list(refusal.value.fields) == [days[1].isoformat()]
    assert len(on_call_of(world.project_id, days)[days[0]]) == 2, "all or nothing"


def nights(world: World, count: int = 2, **posts: Entry) -> list[date]:
    first = duty_date(world.project_id, world.now)
    days = [first + timedelta(days=n) for n in range(count)]
    for day in days:
        set_on_call(project_id=world.project_id, day=day, entries=posts, actor=world.actor("manager"), at=world.now)
    return days


def leave(world: World, who: str, nights: str = "", by: str = "manager") -> None:
    staff = world.company.staff
    leaving.leave(
        staff_id=staff[who].pk,
        data=leaving.Leave(nights=staff[nights].pk if nights else None, reason="合同到期"),
        actor=world.actor(by),
        at=world.now,
        client_uuid=uuid.uuid4(),
    )


def on_list(world: World, days: list[date]) -> list[list[tuple[str, str, str]]]:
    rows = on_call_of(world.project_id, days)
    return [[(r.post, r.name, r.stand_in_name) for r in rows[day]] for day in days]


def test_a_night_that_names_somebody_gone_is_a_gap(world: World) -> None:
    """By whatever way they went: here the grants ended, and nobody asked about the nights."""
    staff = world.company.staff
    day = nights(
        world, 1, technician=Entry(staff["tech2"].pk, stand_in_id=staff["tech"].pk), desk=Entry(staff["desk"].pk)
    )[0]
    for who in ("tech2", "desk"):
        RoleGrant.objects.filter(user_id=world.company.users[who].pk).update(ended_at=world.now)
    reference.bump()
    technician, desk = on_call_of(world.project_id, [day])[day]
    assert (technician.is_away, technician.has_stand_in, technician.is_empty) == (True, True, False)
    assert (desk.is_away, desk.is_empty) == (True, True)
    assert [g.what for g in gaps(world.project_id, [technician, desk], world.now)] == ["manager", "desk"]
    rung = to_ring(world.project_id, category_id=None, at=EVENING)
    assert [c.name for c in rung] == ["李建国", "赵伟"], "the stand-in has the post; who is gone is not rung"
    RoleGrant.objects.filter(user_id=world.company.users["tech"].pk).update(ended_at=world.now)
    reference.bump()
    assert "technician" in [g.what for g in gaps(world.project_id, on_call_of(world.project_id, [day])[day], EVENING)]


def test_whoever_is_stood_in_for_is_not_counted_on_at_night(world: World) -> None:
    staff, manager = world.company.staff, world.actor("manager")
    first, second, third = nights(world, 3, manager=Entry(staff["butler"].pk))
    building = Building.objects.in_project(world.project_id).get(code="3").pk
    area = areas.assign(
        project_id=world.project_id,
        building_id=building,
        butler_id=staff["butler"].pk,
        stand_in_id=staff["headbutler"].pk,
        actor=manager,
        at=world.now,
    )
    standins.cover_between(
        project_id=world.project_id, area_id=area.pk, since=second, until=third, actor=manager, at=world.now
    )
    found = on_call_of(world.project_id, [first, second, third])
    assert [found[day][0].is_empty for day in (first, second, third)] == [False, True, False]


def test_who_leaves_names_who_takes_the_nights(world: World) -> None:
    staff = world.company.staff
    days = nights(
        world, 2, technician=Entry(staff["tech"].pk, stand_in_id=staff["tech2"].pk), second=Entry(staff["tech2"].pk)
    )
    with pytest.raises(InvalidError) as refused:
        leave(world, "tech2", "outsider_tech")
    assert "nights" in refused.value.fields
    leave(world, "tech2", "tech")
    assert on_list(world, days) == [[("technician", "李建国", ""), ("second", "李建国", "")]] * 2


def test_nobody_named_the_gap_is_on_record(world: World) -> None:
    staff = world.company.staff
    days = nights(
        world, 2, technician=Entry(staff["tech2"].pk, stand_in_id=staff["tech"].pk), second=Entry(staff["tech2"].pk)
    )
    leave(world, "tech2")
    assert on_list(world, days) == [[("technician", "李建国", "")]] * 2
    wanted = read.Wanted(projects=frozenset({world.project_id}), what="oncall.set")
    told = next(e for e in read.events(world.actor("manager"), wanted, limit=9).items if e.subject_id == str(days[0]))
    assert ((told.before or {})["second"], told.after) == (staff["tech2"].pk, {"technician": staff["tech"].pk})
