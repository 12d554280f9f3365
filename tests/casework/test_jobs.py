"""Jobs in hand of whoever is gone: one request gives them to a colleague, or back to the dispatcher."""

import uuid
from typing import Any

import pytest

from steward.cases import engine
from steward.cases.models import Case, Entry
from steward.casework.accountability import jobs, leaving
from steward.casework.accountability.jobs import PassJobs
from steward.kernel.errors import ConflictError, InvalidError
from tests.world import World

ONCE = uuid.UUID("6f8f3c52-5d5a-4d55-8d1c-3a2f5d1e9b10")


@pytest.fixture
def busy(world: World) -> World:
    """李建国: one job to accept (at nine on Monday), one in the middle of the work, one done but for the money."""
    when = "2026-11-23T01:00:00Z"
    for unit, steps in (("3-2-1201", ()), ("2-1-0304", ("accept", "arrive"))):
        number = world.open("desk", unit=unit, urgency="P2", payer="owner", category="leak").case.number
        more = {} if steps else {"appointment_at": when}
        world.act("desk", number, "dispatch", handler=world.company.staff["tech"].pk, **more)
        for step in steps:
            world.act("tech", number, step)
    return world


def give(world: World, to: str = "", who: str = "manager", once: uuid.UUID = ONCE) -> list[jobs.Passed]:
    return jobs.pass_jobs(
        staff_id=world.company.staff["tech"].pk,
        data=asked(world, to),
        actor=world.actor(who),
        at=world.now,
        client_uuid=once,
    )


def asked(world: World, to: str = "") -> PassJobs:
    return PassJobs(receiver=world.company.staff[to].pk if to else None, reason="李建国离职")


def cases(world: World) -> list[Case]:
    return list(Case.objects.in_project(world.project_id).select_related("repair").order_by("pk"))


def last(case: Case) -> Entry:
    return Entry.objects.in_project(case.project_id).filter(case_id=case.pk).latest("seq")


def test_one_request_gives_all_jobs_to_a_colleague(busy: World) -> None:
    taker = busy.company.staff["tech2"].pk
    before = cases(busy)[0].repair.appointment_at
    assert before is not None
    told = jobs.preview(staff_id=busy.company.staff["tech"].pk, data=asked(busy, "tech2"), actor=busy.actor("manager"))
    assert [(j.action, j.fits) for j in told] == [("dispatch", False), ("redispatch", False)], "another trade"
    assert [c.handler_id for c in cases(busy)] != [taker, taker], "a look is no step"
    assert [p.refusal for p in give(busy, "tech2", "desk")] == ["", ""]
    found = cases(busy)
    assert [(c.handler_id, c.state) for c in found] == [(taker, "dispatched")] * 2
    assert found[0].repair.appointment_at == before, "the customer was promised this hour"
    lines = [last(c) for c in found]
    assert [(e.action, e.note, e.actor_name) for e in lines] == [
        (a, "李建国离职", busy.actor("desk").name) for a in ("dispatch", "redispatch")
    ]
    busy.act("tech2", found[0].number, "accept")
    assert give(busy, "tech2", "desk") == [], "the same again finds nothing left"
    assert len(Entry.objects.in_project(busy.project_id).filter(action="dispatch", note="李建国离职")) == 1


def test_stopped_half_way_the_same_request_does_the_rest(busy: World, monkeypatch: pytest.MonkeyPatch) -> None:
    act, calls = engine.act, []

    def breaks(**given: Any) -> Any:
        calls.append(given["number"])
        if len(calls) == 2:
            raise RuntimeError("the power went")
        return act(**given)

    monkeypatch.setattr(engine, "act", breaks)
    with pytest.raises(RuntimeError):
        give(busy, "tech2")
    assert len(give(busy, "tech2")) == 1
    assert {c.handler_id for c in cases(busy)} == {busy.company.staff["tech2"].pk}


def test_back_to_the_dispatcher_as_far_as_nobody_went_yet(busy: World) -> None:
    assert [bool(p.refusal) for p in give(busy)] == [False, True], "begun work needs a name"
    waiting, begun = cases(busy)
    assert (waiting.handler_id, waiting.state) == (None, "received")
    assert (last(waiting).action, last(waiting).data["reason"]) == ("give_back", "李建国离职")
    assert (begun.handler_id, begun.state) == (busy.company.staff["tech"].pk, "on_site")


def test_what_the_rules_refuse_stays_and_says_why(busy: World) -> None:
    """Nobody is promised to two customers at the same hour; no colleague of elsewhere; no technician sends."""
    other = busy.open("desk", unit="2-1-0304", urgency="P2", payer="owner").case.number
    tech2 = busy.company.staff["tech2"].pk
    busy.act("desk", other, "dispatch", handler=tech2, appointment_at="2026-11-23T01:00:00Z")
    assert [bool(p.refusal) for p in give(busy, "tech2")] == [True, False]
    assert other in give(busy, "tech2", once=uuid.uuid4())[0].refusal
    with pytest.raises(InvalidError):
        give(busy, "tech")
    assert all(p.refusal for p in give(busy, "outsider_tech"))
    assert all(p.refusal for p in give(busy, "tech2", "tech"))
    assert give(busy, "tech2", "outsider") == [], "out of sight there is nothing"


def test_who_answers_for_a_case_and_handles_it_leaves_neither_behind(world: World) -> None:
    """Handing over who answers is not handing over the work."""
    desk = world.company.staff["desk"].pk
    number = world.open("desk", kind="inquiry", description="物业费怎么算").case.number
    world.act("desk", number, "pass_on", handler=desk)
    form = leaving.Leave(receiver=world.company.staff["headbutler"].pk, reason="合同到期")
    leave: dict[str, Any] = {"staff_id": desk, "data": form, "actor": world.actor("manager"), "at": world.now}
    with pytest.raises(ConflictError):
        leaving.leave(client_uuid=uuid.uuid4(), **leave)
    case = Case.objects.in_project(world.project_id).get(number=number)
    assert (case.accountable_id, case.handler_id) == (desk, desk), "nothing was handed over half-way"
    passed = jobs.pass_jobs(
        staff_id=desk,
        data=asked(world, "headbutler"),
        actor=world.actor("manager"),
        at=world.now,
        client_uuid=uuid.uuid4(),
    )
    assert [p.refusal for p in passed] == [""]
    assert not leaving.leave(client_uuid=uuid.uuid4(), **leave).is_active
