"""Two people at once: exactly one wins, nobody's request is done twice. Real threads, real database."""

import uuid
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import Any

import pytest
from django.db import connection

from steward.cases import engine
from steward.cases.models import Case, Entry
from steward.casework.accountability.oncall import ring_on_call
from steward.casework.models import Ring
from steward.kernel import reference
from steward.kernel.errors import ConflictError, NotFoundError, RefusalError
from steward.kernel.models import AuditEvent
from steward.kernel.schema import parse
from steward.registers.billing.models import Payment, Receipt
from steward.registers.workforce import contractors
from steward.registers.workforce.contractors import ContractorData
from steward.registers.workforce.oncall import Entry as Line
from steward.registers.workforce.oncall import duty_date, set_on_call
from tests.processes.test_repair_story import to_settling
from tests.world import World, build_world

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def town() -> World:
    reference.forget()
    return build_world()


def together(*calls: Callable[[], Any]) -> list[Any]:
    """Start all calls at the same instant; their answers, refusals included."""
    gate = Barrier(len(calls))

    def run(call: Callable[[], Any]) -> Any:
        gate.wait()
        try:
            return call()
        except RefusalError as refusal:
            return refusal
        finally:
            connection.close()

    with ThreadPoolExecutor(len(calls)) as pool:
        return list(pool.map(run, calls))


def test_two_technicians_take_one_job(town: World) -> None:
    number = town.open("desk", urgency="P2", payer="owner").case.number
    for name in ("tech", "tech2"):
        town.actor(name)
    answers = together(lambda: town.act("tech", number, "take"), lambda: town.act("tech2", number, "take"))
    won = [a for a in answers if isinstance(a, engine.Outcome)]
    lost = [a for a in answers if isinstance(a, (ConflictError, NotFoundError))]
    assert (len(won), len(lost)) == (1, 1)
    case = Case.objects.in_project(town.project_id).get(number=number)
    assert case.handler_id == won[0].case.handler_id
    assert Entry.objects.in_project(town.project_id).filter(case=case, action="take").count() == 1


def test_one_tap_sent_four_times_is_one_action(town: World) -> None:
    number = town.open("desk", urgency="P2", payer="owner").case.number
    key = uuid.uuid4()
    town.actor("tech")
    answers = together(*[lambda: town.act("tech", number, "take", client_uuid=key)] * 4)
    assert all(isinstance(a, engine.Outcome) for a in answers), answers
    assert sum(not a.replayed for a in answers) == 1


def test_nobody_pays_twice(town: World) -> None:
    number = to_settling(town)
    town.actor("cashier")
    pay = {"method": "cash", "amount": "286.00"}
    answers = together(*[lambda: town.act("cashier", number, "pay", **pay)] * 3)
    assert sum(isinstance(a, engine.Outcome) for a in answers) == 1
    refused = [a for a in answers if isinstance(a, ConflictError)]
    assert {r.rule for r in refused} <= {"billing.no_second_payment", "case.state", "case.compare_and_swap"}
    assert (
        Payment.objects.in_project(town.project_id).count() == Receipt.objects.in_project(town.project_id).count() == 1
    )


def test_two_at_the_desk_ring_the_next_one_together(town: World) -> None:
    """Both saw the first ring fail: the next colleague is rung once, and not counted as missed."""
    staff = town.company.staff
    names = {"technician": "tech", "second": "tech2", "manager": "manager"}
    set_on_call(
        project_id=town.project_id,
        day=duty_date(town.project_id, town.now),
        entries={post: Line(staff[name].pk) for post, name in names.items()},
        actor=town.actor("manager"),
        at=town.now,
    )
    number = town.open("desk", urgency="P1", payer="owner").case.number
    ring = {"project_id": town.project_id, "number": number, "at": town.now}
    ring_on_call(**ring, actor=town.actor("desk"), client_uuid=uuid.uuid4(), data={})

    def next_one(who: str) -> Any:
        return ring_on_call(**ring, actor=town.actor(who), client_uuid=uuid.uuid4(), data={"seen": 1})

    town.actor("headbutler")
    answers = together(lambda: next_one("desk"), lambda: next_one("headbutler"))
    assert sorted(a.rule if isinstance(a, ConflictError) else a.ring.name for a in answers) == [
        "oncall.as_seen",
        "王强",
    ]
    rings = Ring.objects.in_project(town.project_id).order_by("serial").values_list("name", "state")
    assert list(rings) == [("李建国", "no_answer"), ("王强", "ringing")]


def test_two_correct_one_contract_and_neither_is_lost(town: World) -> None:
    """Both opened the form before the other saved: one wins, the other is told."""
    told = {"name": "恒安电梯", "trade": "lift", "contract_from": "2025-01-01", "contract_until": "2027-12-31"}
    manager = town.actor("manager")
    where: dict[str, Any] = {"project_id": town.project_id, "actor": manager, "at": town.now}
    row = contractors.engage(data=parse(ContractorData, told), **where)
    seen = contractors.mark_of(row)

    def amend(**more: str) -> Any:
        return contractors.amend(contractor_id=row.pk, data=parse(ContractorData, {**told, **more}), seen=seen, **where)

    answers = together(lambda: amend(policy_no="P-7"), lambda: amend(contract_no="C-9"))
    assert [type(a).__name__ for a in answers].count("ConflictError") == 1
    row.refresh_from_db()
    assert (row.policy_no, row.contract_no) in (("P-7", ""), ("", "C-9"))
    assert AuditEvent.objects.in_project(town.project_id).filter(what="contractor.amend").count() == 1


def test_case_numbers_stay_unique_under_load(town: World) -> None:
    town.actor("desk")
    answers = together(*[lambda: town.open("desk").case.number] * 8)
    assert all(isinstance(a, str) for a in answers), answers
    assert len(set(answers)) == 8


def test_the_loser_of_a_race_writes_nothing(town: World) -> None:
    """Somebody moves the case on between our reading and our writing: our write must not land on top."""
    number = town.open("desk", urgency="P2", payer="owner").case.number
    tech2 = town.actor("tech2")
    town.actor("tech")
    read, stale = engine.load, [engine.load(town.project_id, number, town.actor("tech"))]
    town.act("tech2", number, "take")
    with pytest.MonkeyPatch.context() as patch:
        # The first reading is from before the other's write; the verb then tries again and sees the truth.
        patch.setattr(engine, "load", lambda *given: stale.pop() if stale else read(*given))
        with pytest.raises((ConflictError, NotFoundError)):
            town.act("tech", number, "take")
    assert not stale
    case = Case.objects.in_project(town.project_id).get(number=number)
    assert (case.handler_id, case.version) == (tech2.staff_id, 2)
