"""Contractors: dates, insurance, people; what runs out is told in time."""

from datetime import date, timedelta
from typing import Any

import pytest

from steward.kernel.errors import ConflictError, InvalidError, NotAllowedError, NotFoundError
from steward.kernel.models import AuditEvent
from steward.kernel.schema import parse
from steward.registers.workforce import contractors
from steward.registers.workforce.contractors import ContractorData, StaffData
from steward.registers.workforce.models import Contractor
from tests.world import World

LIFT = {
    "name": "恒安电梯有限公司", "trade": "lift", "contract_from": "2025-01-01", "contract_until": "2027-12-31",
    "insured_until": "2026-12-31", "scope_of_work": "18 台客梯维保", "phone": "0571-88001122",
}  # fmt: skip


def engage(world: World, who: str = "manager", **more: str) -> Contractor:
    data = parse(ContractorData, {**LIFT, **more})
    return contractors.engage(project_id=world.project_id, data=data, actor=world.actor(who), at=world.now)


def test_the_same_contract_again_is_brought_up_to_date(world: World) -> None:
    row = engage(world)
    again = engage(world, insured_until="2027-12-31")
    assert again.pk == row.pk
    assert Contractor.objects.in_project(world.project_id).get().insured_until == date(2027, 12, 31)


def test_what_runs_out_is_told_the_nearest_first(world: World) -> None:
    row, manager = engage(world), world.actor("manager")
    engage(world, name="绿野园林", trade="greening", contract_until="2026-11-20", insured_until="2029-01-01")
    engage(world, name="净界保洁", trade="cleaning", insured_until="2027-06-01")
    contractors.send_staff(
        project_id=world.project_id,
        contractor_id=row.pk,
        data=StaffData(name="贺师傅", certificate="电梯作业证", certified_until=date(2027, 1, 20)),
        actor=manager,
        at=world.now,
    )
    told = contractors.expiring(project_id=world.project_id, actor=manager, at=world.now)
    assert [(e.what, e.subject, e.left) for e in told] == [
        ("contract", "绿野园林", -1), ("insurance", "恒安电梯有限公司", 40), ("certificate", "贺师傅", 60),
    ]  # fmt: skip
    contractors.end_contract(project_id=world.project_id, contractor_id=row.pk, actor=manager, at=world.now)
    assert [e.subject for e in contractors.expiring(project_id=world.project_id, actor=manager, at=world.now)] == [
        "绿野园林"
    ]
    with pytest.raises(ConflictError):
        contractors.send_staff(
            project_id=world.project_id, contractor_id=row.pk, data=StaffData(name="x"), actor=manager, at=world.now
        )


def test_how_near_a_day_is(world: World) -> None:
    notice = contractors.notice_of(world.project_id, world.now)
    tones = [notice.tone(notice.today + timedelta(days=n)) for n in (-3, 0, 30, 31, 90, 91)]
    assert tones == ["late", "late", "late", "soon", "soon", ""]
    assert notice.tone(None) == ""


def test_what_has_ended_is_left_alone(world: World) -> None:
    row, manager = engage(world), world.actor("manager")
    asked: dict[str, Any] = {"project_id": world.project_id, "contractor_id": row.pk, "actor": manager, "at": world.now}
    person = contractors.send_staff(data=StaffData(name="贺师傅"), **asked)
    for _twice in range(2):
        contractors.end_contract(**asked)
    told = AuditEvent.objects.in_project(world.project_id).filter(what="contractor.end")
    assert told.count() == 1
    data = parse(ContractorData, {**LIFT, "policy_no": "7"})
    for refused in (
        lambda: contractors.amend(data=data, **asked),
        lambda: contractors.send_staff(data=StaffData(name="贺师傅"), **asked),
        lambda: engage(world, insured_until="2028-12-31"),
    ):
        with pytest.raises(ConflictError) as caught:
            refused()
        assert caught.value.rule == "contractor.open"
    contractors.withdraw_staff(project_id=world.project_id, staff_id=person.pk, actor=manager, at=world.now)
    with pytest.raises(NotFoundError):
        contractors.withdraw_staff(
            project_id=world.project_id, staff_id=person.pk, actor=world.actor("outsider"), at=world.now
        )


def test_nobody_writes_over_what_somebody_else_changed_since(world: World) -> None:
    row, manager = engage(world), world.actor("manager")
    seen = contractors.mark_of(row)

    def amend(seen: str, **more: str) -> Contractor:
        data = parse(ContractorData, {**LIFT, **more})
        return contractors.amend(
            project_id=world.project_id, contractor_id=row.pk, data=data, actor=manager, at=world.now, seen=seen
        )

    amend(seen, insured_until="2027-12-31")
    with pytest.raises(ConflictError) as refused:
        amend(seen, phone="0571-88001199")
    assert refused.value.rule == "contractor.as_seen"
    kept = Contractor.objects.in_project(world.project_id).get()
    assert (kept.insured_until, kept.phone) == (date(2027, 12, 31), LIFT["phone"])
    assert amend(seen, insured_until="2027-12-31").pk == row.pk, "the same again is no second change"
    amend(contractors.mark_of(kept), phone="0571-88001199", insured_until="2027-12-31")
    told = AuditEvent.objects.in_project(world.project_id).filter(what="contractor.amend")
    assert told.count() == 2


def test_two_contracts_of_one_firm_do_not_become_one(world: World) -> None:
    first, later = engage(world), engage(world, contract_from="2026-12-31")
    asked: dict[str, Any] = {"project_id": world.project_id, "actor": world.actor("manager"), "at": world.now}
    with pytest.raises(InvalidError) as refused:
        contractors.amend(contractor_id=later.pk, data=parse(ContractorData, LIFT), **asked)
    assert "contract_from" in refused.value.fields
    assert contractors.amend(contractor_id=first.pk, data=parse(ContractorData, LIFT), **asked).pk == first.pk


def test_a_firm_is_known_by_the_beginning_of_its_name() -> None:
    said = ("恒安电梯有限公司", "恒安", "恒", "净界保洁", "")
    assert [contractors.goes_by("恒安电梯有限公司", words) for words in said] == [True, True, False, False, False]


def test_who_may_keep_them(world: World) -> None:
    for who, refusal in (("desk", NotAllowedError), ("outsider", NotFoundError)):
        with pytest.raises(refusal):
            engage(world, who)
    row = engage(world)
    with pytest.raises(NotFoundError):
        contractors.get(project_id=world.project_id, contractor_id=row.pk, actor=world.actor("outsider"))
    with pytest.raises(InvalidError):
        engage(world, contract_until="2024-01-01")
