"""Absences: entered once, called off, never deleted; whoever is absent is proposed last, and gaps at night show."""

import uuid
from datetime import date, time, timedelta
from typing import Any

import pytest

from steward.cases.models import Case, Deadline, Entry
from steward.casework.accountability import handovers, leaving
from steward.casework.clocks.sweep import due, fire
from steward.casework.intake.proposals import candidates
from steward.kernel.audit.models import AuditEvent
from steward.kernel.errors import ConflictError, InvalidError, NotAllowedError, NotFoundError
from steward.kernel.models import Outbox
from steward.registers.estate.models import Building, Unit
from steward.registers.org.tree import place
from steward.registers.workforce import absences, areas
from steward.registers.workforce.absence_models import Absence
from steward.registers.workforce.absences import AbsenceData, Cancelling
from steward.registers.workforce.away import away_now, told_words
from steward.registers.workforce.models import Area
from steward.registers.workforce.oncall import Entry as Rung
from steward.registers.workforce.oncall import duty_date, gaps, on_call_of, repeat_week, set_on_call
from tests.world import World

TODAY = date(2026, 11, 21)


def pk(world: World, who: str) -> int:
    return world.company.staff[who].pk


def absent(world: World, who: str, *, days: int = 1, ahead: int = 0, by: str = "manager", **more: Any) -> Absence:
    """Whole days, from today or from some days on."""
    since = TODAY + timedelta(days=ahead)
    data = AbsenceData(
        staff=pk(world, who),
        kind=more.pop("kind", "Annual leave"),
        since=since,
        until=since + timedelta(days=days - 1) if days else None,
        **more,
    )
    return absences.enter(data=data, actor=world.actor(by), at=world.now, client_uuid=uuid.uuid4())


def off(world: World, row: Absence, by: str = "manager") -> Absence:
    return absences.cancel(absence_id=row.pk, data=Cancelling(why="计划有变"), actor=world.actor(by), at=world.now)


def gone(world: World, who: str, at: Any = None) -> bool:
    return pk(world, who) in away_now([pk(world, who)], at or world.now)


def test_days_are_whole_and_hours_are_hours(world: World) -> None:
    absent(world, "tech", days=2)
    begin = absences.instants(
        AbsenceData(staff=1, kind="Training", since=TODAY, until=TODAY), place(world.project_id), world.now
    )[0]
    assert gone(world, "tech", begin)
    assert not gone(world, "tech", begin - timedelta(seconds=1))
    assert gone(world, "tech", begin + timedelta(days=2, seconds=-1))
    assert not gone(world, "tech", begin + timedelta(days=2))
    absent(world, "tech2", from_time=time(14), to_time=time(18), kind="Off shift")
    assert not gone(world, "tech2", begin + timedelta(hours=13, minutes=59))
    assert gone(world, "tech2", begin + timedelta(hours=14))
    assert not gone(world, "tech2", begin + timedelta(hours=18))


def test_the_same_form_is_one_absence_and_days_are_taken_once(world: World) -> None:
    data = AbsenceData(staff=pk(world, "tech"), kind="Sick leave", since=TODAY, until=None, reason="发烧")
    asked: dict[str, Any] = {"data": data, "actor": world.actor("manager"), "at": world.now}
    once = uuid.uuid4()
    assert absences.enter(**asked, client_uuid=once).pk == absences.enter(**asked, client_uuid=once).pk
    with pytest.raises(InvalidError) as refused:
        absent(world, "tech", ahead=3)
    assert list(refused.value.fields) == ["since"]
    with pytest.raises(InvalidError):
        absent(world, "tech2", kind="Fishing")
    with pytest.raises(InvalidError):
        absent(world, "tech2", from_time=time(9), to_time=time(8))


def test_called_off_it_stays_on_record(world: World) -> None:
    coming, now = absent(world, "tech", ahead=2), absent(world, "tech2", days=0)
    off(world, coming)
    assert off(world, coming).cancelled_why == "计划有变", "again: nothing more"
    world.pass_time(hours=2)
    off(world, now)
    assert not gone(world, "tech2")
    assert (Absence.objects.count(), Absence.objects.get(pk=now.pk).until) == (2, world.now)
    world.pass_time(minutes=1)
    assert off(world, now).until == world.now - timedelta(minutes=1), "again: the same answer"
    said = AuditEvent.objects.in_project(world.project_id).filter(what__startswith="absence.")
    assert sorted(said.values_list("what", flat=True)) == [
        "absence.cancel", "absence.end", "absence.enter", "absence.enter",
    ]  # fmt: skip
    assert not any("kind" in e.after or "发烧" in str(e.after) for e in said), "why is nobody's business in the log"


def test_what_is_over_by_itself_is_not_called_off(world: World) -> None:
    row = absent(world, "tech")
    world.pass_time(days=2)
    with pytest.raises(ConflictError):
        off(world, row)


def test_whoever_leads_the_place_keeps_its_register(world: World) -> None:
    for who, refusal in (("desk", NotAllowedError), ("tech2", NotAllowedError), ("outsider", NotFoundError)):
        with pytest.raises(refusal):
            absent(world, "tech", by=who)
    absent(world, "tech", by="headbutler")
    with pytest.raises((NotFoundError, NotAllowedError)):
        absent(world, "region", by="manager")
    absent(world, "region", by="hq")


def test_an_illness_is_absent_to_others(world: World) -> None:
    absent(world, "tech", kind="Sick leave", days=2)
    row = away_now([pk(world, "tech")], world.now)[pk(world, "tech")]
    assert row.words == "不在岗 11-21 至 11-22"
    absent(world, "tech2", kind="Training")
    assert away_now([pk(world, "tech2")], world.now)[pk(world, "tech2")].words == "培训 11-21"


def test_whoever_is_absent_is_proposed_last(world: World) -> None:
    assert candidates(world.project_id, skill="plumbing", at=world.now)[0].name == "李建国"
    absent(world, "tech")
    found = candidates(world.project_id, skill="plumbing", at=world.now)
    assert [(c.name, bool(c.away)) for c in found] == [("王强", False), ("李建国", True)]


def test_nights_on_call_of_somebody_absent_are_gaps(world: World) -> None:
    first = duty_date(world.project_id, world.now)
    days = [first + timedelta(days=n) for n in range(3)]
    for day in days:
        entries = {
            "technician": Rung(pk(world, "tech")),
            "manager": Rung(pk(world, "manager"), stand_in_id=pk(world, "headbutler")),
        }
        set_on_call(project_id=world.project_id, day=day, entries=entries, actor=world.actor("manager"), at=world.now)
    absent(world, "tech", ahead=1, by="headbutler")
    absent(world, "manager", ahead=1, by="hq")
    known = on_call_of(world.project_id, days)
    open_posts = [[g.what for g in gaps(world.project_id, known[d], world.now) if not g.is_skill] for d in days]
    # The night before the day off runs into it; with a stand-in nothing is open.
    assert open_posts == [["technician"], ["technician"], []]
    assert [r.has_stand_in for r in known[days[1]]] == [False, True]
    repeat_week(
        project_id=world.project_id, first=first + timedelta(days=7), actor=world.actor("manager"), at=world.now
    )
    absent(world, "tech", ahead=15, by="headbutler")
    repeat_week(
        project_id=world.project_id, first=first + timedelta(days=14), actor=world.actor("manager"), at=world.now
    )
    later = on_call_of(
        world.project_id, [first + timedelta(days=14), first + timedelta(days=15), first + timedelta(days=16)]
    )
    assert ["technician" in {r.post for r in rows} for rows in later.values()] == [False, False, True]


def area_of(world: World) -> Area:
    building = Building.objects.in_project(world.project_id).get(code="3").pk
    return areas.assign(
        project_id=world.project_id,
        building_id=building,
        butler_id=pk(world, "butler"),
        stand_in_id=pk(world, "headbutler"),
        actor=world.actor("manager"),
        at=world.now,
    )


def butler_of(world: World, label: str = "3-2-1201") -> int | None:
    return Unit.objects.in_project(world.project_id).get(label=label).butler_staff_id


def test_the_butlers_stand_in_takes_over_and_gives_back(world: World) -> None:
    area_of(world)
    row = absent(world, "butler", days=3)
    assert butler_of(world) == pk(world, "headbutler")
    kept = Area.objects.in_project(world.project_id).get(until__isnull=True, stand_in__isnull=False)
    assert (kept.cover_from, kept.cover_until) == (TODAY, TODAY + timedelta(days=3))
    off(world, row)
    assert butler_of(world) == pk(world, "butler")


def test_homes_come_back_from_whoever_followed_the_stand_in(world: World) -> None:
    area_of(world)
    row = absent(world, "butler", days=3)
    leaving.leave(
        staff_id=pk(world, "headbutler"),
        data=leaving.Leave(receiver=pk(world, "butler"), reason="合同到期"),
        actor=world.actor("hq"),
        at=world.now,
        client_uuid=uuid.uuid4(),
    )
    assert butler_of(world) == pk(world, "manager")
    off(world, row)
    assert butler_of(world) == pk(world, "butler")


def test_what_another_absence_planned_since_stays(world: World) -> None:
    area = area_of(world)
    row = absent(world, "butler", days=3)
    by: dict[str, Any] = {"actor": world.actor("manager"), "at": world.now}
    areas.end(project_id=world.project_id, area_id=area.pk, **by)
    area_of(world)
    assert absent(world, "butler", days=3, ahead=10).covering
    off(world, row)
    kept = Area.objects.in_project(world.project_id).get(until__isnull=True, stand_in__isnull=False)
    assert kept.cover_from == TODAY + timedelta(days=10)


def test_a_stand_in_who_is_absent_takes_nothing_over(world: World) -> None:
    area_of(world)
    absent(world, "headbutler", days=5)
    assert absent(world, "butler", days=2).covering == []
    assert butler_of(world) == pk(world, "butler")


def test_for_hours_or_unasked_nobody_changes_hands(world: World) -> None:
    area_of(world)
    assert absent(world, "butler", from_time=time(9), to_time=time(12)).covering == []
    assert absent(world, "butler", ahead=2, cover=False).covering == []


def test_what_a_resident_reports_waits_for_nobody_absent(world: World) -> None:
    absent(world, "butler")
    case = world.open("owner").case
    assert case.accountable_id == pk(world, "desk")
    absent(world, "desk")
    assert world.open("owner").case.accountable_id == pk(world, "desk2")


def test_a_forced_hand_over_names_the_absence(world: World) -> None:
    number = world.open("desk").case.number
    absent(world, "desk", kind="Training", days=2)
    handovers.force_handover(
        project_id=world.project_id,
        number=number,
        data={"receiver": pk(world, "butler"), "reason": "周敏培训", "cause": "off_shift"},
        actor=world.actor("manager"),
        at=world.now,
        client_uuid=uuid.uuid4(),
    )
    line = Entry.objects.in_project(world.project_id).get(action="force_handover")
    assert told_words(line.data["from"], line.data["absent"]) == "培训 11-21 至 11-22"


def test_an_alarm_reaches_whoever_is_there(world: World) -> None:
    """The technician with the job is absent: the first rung goes to whoever answers for the case."""
    number = world.open("desk", urgency="P1", payer="owner").case.number
    world.act("desk", number, "dispatch", handler=pk(world, "tech"))
    absent(world, "tech")
    case = Case.objects.in_project(world.project_id).get(number=number)
    row = Deadline.objects.in_project(world.project_id).filter(case_id=case.pk, ended_at__isnull=True).order_by("next_at").first()  # fmt: skip
    assert row is not None
    assert row.next_at is not None
    world.now = row.next_at
    for project_id, clock in due(world.now):
        fire(project_id, clock, world.now)
    told = Outbox.objects.in_project(world.project_id).filter(
        payload__case=number, payload__template__startswith="deadline"
    )
    assert {m.recipient for m in told} == {f"staff:{pk(world, 'desk')}"}
