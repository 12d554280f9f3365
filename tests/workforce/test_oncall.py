from datetime import UTC, datetime, timedelta

import pytest

from steward.casework.intake.proposals import candidates
from steward.kernel.errors import InvalidError, NotAllowedError
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
