from datetime import UTC, datetime, timedelta

import pytest

from steward.casework.proposals import candidates
from steward.kernel.errors import InvalidError, NotAllowedError
from steward.registers.workforce.oncall import Entry, duty_date, is_night, morning, on_call, set_on_call
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
