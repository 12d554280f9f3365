"""A customer's file: verbs that happen once, roles, dates, powers, and the rights of the person."""

import uuid
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.db import connection
from hypothesis import given
from hypothesis import strategies as st

from steward.cases.models import Case, Entry
from steward.casework.erasure import finish
from steward.casework.intake.lookup import household
from steward.kernel import sealed as sealing
from steward.kernel.audit import seal
from steward.kernel.audit.verify import verify
from steward.kernel.errors import ConflictError, InvalidError, NotAllowedError, NotFoundError
from steward.kernel.models import AuditEvent, AuditPersonal
from steward.kernel.privacy import mask_id, mask_name, mask_phone
from steward.registers.billing.models import Charge
from steward.registers.party.contacts import end_expired
from steward.registers.party.models import (
    CareFlag,
    Change,
    ConsentRecord,
    Contact,
    Customer,
    DataRequest,
    Occupancy,
    PowerOfAttorney,
    Vehicle,
)
from steward.registers.party.verbs import VERBS, perform
from tests.world import World


def do(world: World, verb: str, *, who: str = "desk", of: str = "owner", **data: Any) -> Change:
    """A verb on the file of one of the cast."""
    customer = world.company.customers[of]
    return perform(
        project_id=customer.project_id,
        customer_id=customer.pk,
        verb=verb,
        actor=world.actor(who),
        at=world.now,
        client_uuid=data.pop("client_uuid", None) or uuid.uuid4(),
        raw=data,
    )


def daughter(world: World) -> Contact:
    return Contact.objects.in_project(world.project_id).get(name="周晓岚")


def owner(world: World) -> Customer:
    return Customer.objects.in_project(world.project_id).get(pk=world.company.customers["owner"].pk)


def test_the_same_request_twice_is_done_once(world: World) -> None:
    same = uuid.uuid4()
    first = do(world, "add_contact", client_uuid=same, name="顾建平", relation="女婿")
    again = do(world, "add_contact", client_uuid=same, name="顾建平", relation="女婿")
    assert first.pk == again.pk
    assert Contact.objects.in_project(world.project_id).filter(name="顾建平").count() == 1


EACH: dict[str, dict[str, Any]] = {
    "correct": {"name": "王淑芳"},
    "move_in": {"unit": "3-2-1101", "role": "owner"},
    "add_contact": {"name": "顾建平", "relation": "女婿"},
    "add_vehicle": {"plate": "浙A12345"},
    "add_flag": {"kind": "elderly"},
    "met": {"note": "上门走访"},
    "consent": {"purpose": "marketing", "how": "paper"},
    "withdraw": {"purpose": "marketing", "how": "paper"},
    "share": {"recipient": "燃气公司", "what": "电话", "purpose": "维修", "basis": "contract"},
    "request": {"kind": "access", "how": "desk"},
}


@pytest.mark.parametrize("verb", sorted(EACH))
def test_every_verb_leaves_a_line_in_the_audit(world: World, verb: str) -> None:
    do(world, verb, **EACH[verb])
    row = AuditEvent.objects.in_project(world.project_id).get(kind="change", subject_kind="party.customer")
    assert (row.what, row.actor_key, row.subject_id) == (
        f"customer.{verb}",
        world.actor("desk").key,
        str(world.company.customers["owner"].pk),
    )
    assert "王淑芳" not in str(row.personal.values)


@pytest.mark.parametrize("verb", sorted(VERBS))
def test_nobody_outside_the_office_changes_a_file(world: World, verb: str) -> None:
    for who in ("tech", "tenant", "outsider", "foreign_owner"):
        with pytest.raises(NotFoundError):
            do(world, verb, who=who, **EACH.get(verb, {}))
    if not VERBS[verb].by_customer:
        with pytest.raises(NotAllowedError):
            do(world, verb, who="owner", **EACH.get(verb, {}))


def test_the_same_tie_to_a_room_runs_once_at_a_time(world: World) -> None:
    do(world, "move_in", unit="3-2-1101", role="tenant", since="2026-10-01")
    with pytest.raises(ConflictError):
        do(world, "move_in", unit="3-2-1101", role="tenant", since="2026-11-01")
    row = Occupancy.objects.in_project(world.project_id).get(unit__label="3-2-1101")
    with pytest.raises(InvalidError):
        do(world, "move_out", occupancy=row.pk, until="2026-09-30")
    do(world, "move_out", occupancy=row.pk, until="2026-11-01")
    with pytest.raises(ConflictError):
        do(world, "move_in", unit="3-2-1101", role="tenant", since="2026-10-15")
    do(world, "move_in", unit="3-2-1101", role="tenant", since="2026-11-01")


def test_somebody_elses_rows_cannot_be_named(world: World) -> None:
    theirs = Occupancy.objects.in_project(world.project_id).get(customer=world.company.customers["tenant"])
    with pytest.raises(NotFoundError):
        do(world, "move_out", occupancy=theirs.pk)
    for verb in ("end_contact", "end_power"):
        with pytest.raises(NotFoundError):
            do(world, verb, of="tenant", contact=daughter(world).pk)


# --- powers --------------------------------------------------------------------------------------------
def test_a_power_ends_on_its_day(world: World) -> None:
    do(world, "end_power", contact=daughter(world).pk)
    assert not daughter(world).may_consent
    do(world, "grant_power", contact=daughter(world).pk, matter="quotes", until="2026-12-01")
    assert daughter(world).may_consent
    world.pass_time(days=9)
    assert end_expired(at=world.now) == 0
    world.pass_time(days=2)
    assert end_expired(at=world.now) == 1
    assert end_expired(at=world.now) == 0
    assert not daughter(world).may_consent


def test_a_power_in_other_matters_is_none_over_quotes(world: World) -> None:
    do(world, "grant_power", contact=daughter(world).pk, matter="goods")
    assert not daughter(world).may_consent


def test_a_new_power_replaces_the_old_one(world: World) -> None:
    for matter in ("quotes", "payment"):
        do(world, "grant_power", contact=daughter(world).pk, matter=matter)
    powers = PowerOfAttorney.objects.in_project(world.project_id)
    assert powers.filter(ended_at__isnull=True).get().matters == ["payment"]
    assert powers.count() == 2


def test_a_contact_taken_off_leaves_the_evidence_of_the_power(world: World) -> None:
    do(world, "grant_power", contact=daughter(world).pk, matter="quotes")
    do(world, "end_contact", contact=daughter(world).pk)
    assert not Contact.objects.in_project(world.project_id).exists()
    power = PowerOfAttorney.objects.in_project(world.project_id).get()
    assert (power.agent_name, power.ended_at) == ("周晓岚", world.now)


# --- sealed values -------------------------------------------------------------------------------------
def test_an_identity_number_is_unreadable_in_the_database(world: World) -> None:
    do(world, "correct", id_number="310105195203041234")
    with connection.cursor() as cursor:
        cursor.execute("SELECT id_number, id_found_by FROM party_customer WHERE id = %s", [owner(world).pk])
        stored, found_by = cursor.fetchone()
    assert "310105195203041234" not in stored + found_by
    assert owner(world).id_number == "310105195203041234"
    assert len(found_by) == 32


# --- consent -------------------------------------------------------------------------------------------
def test_health_is_noted_with_consent_only(world: World) -> None:
    with pytest.raises(ConflictError) as refused:
        do(world, "add_flag", kind="disabled", note="轮椅")
    assert refused.value.rule == "party.care_consent"
    do(world, "add_flag", kind="disabled", note="轮椅", agreed="paper")
    assert ConsentRecord.objects.in_project(world.project_id).get().purpose == "care"
    do(world, "withdraw", purpose="care", how="phone")
    flag = CareFlag.objects.in_project(world.project_id).get()
    assert (flag.ended_at, flag.note) == (world.now, "")
    with pytest.raises(ConflictError):
        do(world, "add_flag", kind="disabled")


def test_what_rests_on_the_contract_is_not_withdrawn(world: World) -> None:
    with pytest.raises(ConflictError) as refused:
        do(world, "withdraw", purpose="service", how="desk")
    assert refused.value.rule == "party.contract_basis"


def test_the_family_acts_no_more_when_that_consent_is_withdrawn(world: World) -> None:
    do(world, "withdraw", who="owner", purpose="family")
    assert not daughter(world).may_consent
    assert ConsentRecord.objects.in_project(world.project_id).get().how == "portal"


def test_data_go_out_by_consent_only_where_it_was_given(world: World) -> None:
    told = {"recipient": "保险公司", "what": "电话", "purpose": "理赔", "basis": "consent"}
    with pytest.raises(ConflictError):
        do(world, "share", **told)
    do(world, "consent", purpose="third_party", how="paper")
    do(world, "share", **told)
    do(world, "withdraw", purpose="third_party", how="paper")
    with pytest.raises(ConflictError):
        do(world, "share", **told)


# --- requests ------------------------------------------------------------------------------------------
def test_a_request_has_a_deadline_and_one_answer(world: World) -> None:
    do(world, "request", who="owner", kind="correction", text="手机号换了")
    row = DataRequest.objects.in_project(world.project_id).get()
    assert (row.due_at - row.asked_at, row.policy_version, row.how) == (timedelta(days=15), "preset", "portal")
    with pytest.raises(ConflictError):
        do(world, "request", kind="correction", how="desk")
    with pytest.raises(NotAllowedError):
        do(world, "answer", request=row.pk, outcome="done", answer="已更正")
    do(world, "answer", who="manager", request=row.pk, outcome="done", answer="已更正")
    with pytest.raises(NotFoundError):
        do(world, "answer", who="manager", request=row.pk, outcome="refused", answer="不行")


def moved_out(world: World) -> DataRequest:
    """The owner sold, and asks to be forgotten."""
    row = Occupancy.objects.in_project(world.project_id).get(customer=owner(world))
    do(world, "move_out", occupancy=row.pk)
    world.pass_time(days=1)
    do(world, "request", kind="erasure", how="phone", text="王淑芬要求删除")
    return DataRequest.objects.in_project(world.project_id).get()


def erase(world: World, row: DataRequest) -> None:
    do(world, "answer", who="manager", request=row.pk, outcome="done", answer="已删除")


def test_nobody_is_erased_who_still_lives_here(world: World) -> None:
    do(world, "request", kind="erasure", how="phone")
    row = DataRequest.objects.in_project(world.project_id).get()
    with pytest.raises(ConflictError) as refused:
        erase(world, row)
    assert refused.value.rule == "party.erase_after_moving_out"
    row.refresh_from_db()
    assert row.state == "open"


def every_text(world: World) -> str:
    """All rows of the register, as they lie in the database."""
    tables = [t for t in connection.introspection.table_names() if t.startswith(("party_", "kernel_auditpersonal"))]
    found = []
    with connection.cursor() as cursor:
        for table in tables:
            cursor.execute(f'SELECT * FROM "{table}"')  # noqa: S608  names from the catalogue
            found.append(
                str([tuple(bytes(v) if isinstance(v, memoryview) else v for v in r) for r in cursor.fetchall()])
            )
    return "\n".join(found)


def test_an_erasure_leaves_no_trace_of_the_person_in_the_register(world: World) -> None:
    do(world, "correct", id_number="310105195203041234", salutation="王阿姨")
    do(world, "add_vehicle", plate="浙A12K62")
    do(world, "met", note="王阿姨希望加扶手")
    do(world, "grant_power", contact=daughter(world).pk, matter="quotes")
    erase(world, moved_out(world))
    text = every_text(world)
    for word in ("王淑芬", "王阿姨", "13800016621", "周晓岚", "13900010417", "浙A12K62", "wangshufen", "听力弱"):
        assert word not in text, word
    assert not Contact.objects.in_project(world.project_id).exists()
    assert not Vehicle.objects.in_project(world.project_id).exists()
    # As text: the database keeps Chinese in JSON escaped, and would find nothing.
    quoted = str(list(AuditPersonal.objects.in_project(world.project_id).values_list("values", flat=True)))
    assert "王" not in quoted
    assert "周" not in quoted
    with pytest.raises(ConflictError):
        do(world, "correct", name="王淑芬")


# --- an erasure and what others keep ---------------------------------------------------------------------
def finished_case(world: World) -> Case:
    """A case of hers with her name and number in row, timeline and text, closed."""
    case = world.open("owner", title="卫生间漏水", description="我是王淑芬，请打13800016621", unit="3-2-1201").case
    world.act("desk", case.number, "tell", text="王淑芬女士您好，稍后打您13800016621")
    world.act("desk", case.number, "cancel", reason="王淑芬说不用了")
    return Case.objects.in_project(world.project_id).get(pk=case.pk)


def words_of(case: Case) -> str:
    rows = Entry.objects.in_project(case.project_id).filter(case=case)
    columns = ("title", "description", "customer_name", "reporter_name", "reporter_phone")
    return str([getattr(case, c) for c in columns] + [(e.actor_name, e.note, e.data) for e in rows])


def test_a_case_within_retention_keeps_the_name_and_loses_the_number(world: World) -> None:
    case = finished_case(world)
    row = moved_out(world)
    erase(world, row)
    case.refresh_from_db()
    assert "王淑芬" in words_of(case)
    assert "13800016621" not in words_of(case)
    row.refresh_from_db()
    assert row.kept == [{"what": "cases", "until": "2029-11-21"}]


def test_after_retention_the_worker_takes_the_name_too(world: World) -> None:
    case = finished_case(world)
    erase(world, moved_out(world))
    seal.seal(at=world.pass_time(hours=1))
    finish(world.pass_time(days=3 * 365 - 30))
    case.refresh_from_db()
    assert "王淑芬" in words_of(case)
    finish(world.pass_time(days=31))
    case.refresh_from_db()
    assert "王淑芬" not in words_of(case)
    assert case.customer_name == f"已删除业户 {case.customer_id}"
    assert (case.number, case.state, case.version) == (case.number, "cancelled", 3)
    assert verify(project_ids=[world.project_id]).faults == []


def test_an_old_case_loses_the_name_at_once(world: World) -> None:
    case = finished_case(world)
    world.pass_time(days=4 * 365)
    erase(world, moved_out(world))
    case.refresh_from_db()
    assert "王淑芬" not in words_of(case)


def test_nobody_is_erased_with_an_open_case_or_a_debt(world: World) -> None:
    number = world.open("desk").case.number
    row = moved_out(world)
    with pytest.raises(ConflictError) as refused:
        erase(world, row)
    assert refused.value.rule == "party.erase_after_cases"
    world.act("desk", number, "cancel", reason="不用了")
    charge = Charge.objects.create(
        project_id=world.project_id,
        source_kind="case",
        source=number,
        customer=owner(world),
        payer_name="王淑芬",
        description="更换接头",
        amount=Decimal(80),
        raised_at=world.now,
        raised_by="staff:1",
    )
    with pytest.raises(ConflictError) as refused:
        erase(world, row)
    assert refused.value.rule == "party.erase_after_payment"
    Charge.objects.in_project(world.project_id).filter(pk=charge.pk).update(state="paid")
    erase(world, row)
    charge.refresh_from_db()
    assert (charge.amount, charge.payer_name) == (Decimal(80), "王淑芬")
    row.refresh_from_db()
    assert {"what": "money", "until": "2056-11-22"} in row.kept


# --- masks ---------------------------------------------------------------------------------------------
@given(st.text(alphabet="0123456789", min_size=5, max_size=18))
def test_a_masked_number_never_tells_more_than_seven_digits(number: str) -> None:
    shown = mask_phone(number)
    assert len(shown) == len(number)
    assert sum(c != "*" for c in shown) <= 7
    assert number not in shown


@given(st.text(min_size=1, max_size=20).filter(str.strip))
def test_a_masked_name_shows_one_character_and_an_identity_number_six(text: str) -> None:
    assert sum(c != "*" for c in mask_name(text.replace("*", ""))) <= 1
    assert len(mask_id(text.replace("*", "")).replace("*", "")) <= 6


@given(st.text(max_size=60))
def test_a_sealed_value_opens_again_and_is_not_in_its_seal(text: str) -> None:
    stored = sealing.seal(text)
    assert sealing.unseal(stored) == text
    assert len(text) < 4 or text not in stored
    assert sealing.fingerprint(text) == sealing.fingerprint(text)


def test_a_key_customer_has_a_plan_and_one_of_ours_who_answers(world: World) -> None:
    for stranger in (world.company.staff["outsider"].pk, 999_999):
        with pytest.raises(InvalidError) as caught:
            do(world, "make_key", who="manager", plan="每月走访", responsible=stranger)
        assert set(caught.value.fields) == {"responsible"}
    with pytest.raises(InvalidError) as caught:
        do(world, "make_key", who="manager", plan=" ", responsible=world.company.staff["butler"].pk)
    assert set(caught.value.fields) == {"plan"}
    do(world, "make_key", who="manager", plan="每月走访", responsible=world.company.staff["butler"].pk)
    assert (owner(world).is_key, owner(world).key_staff_id) == (True, world.company.staff["butler"].pk)


def test_who_speaks_the_dialect_is_one_of_ours(world: World) -> None:
    with pytest.raises(InvalidError) as caught:
        do(world, "add_flag", kind="dialect", speaker=world.company.staff["outsider"].pk)
    assert set(caught.value.fields) == {"speaker"}
    do(world, "add_flag", kind="dialect", speaker=world.company.staff["desk"].pk)


def test_the_child_who_helps_is_one_of_the_contacts(world: World) -> None:
    with pytest.raises(InvalidError) as caught:
        do(world, "add_flag", kind="child_helps")
    assert set(caught.value.fields) == {"contact"}
    do(world, "add_flag", kind="child_helps", contact=daughter(world).pk)


def test_notes_on_health_end_with_the_consent_to_them(world: World) -> None:
    do(world, "add_flag", kind="hearing", note="按门铃两次", agreed="paper")
    do(world, "withdraw", purpose="care", how="paper")
    flag = CareFlag.objects.in_project(world.project_id).get(kind="hearing")
    assert (flag.ended_at, flag.note) == (world.now, "")


# --- moving in and out on a day ahead -------------------------------------------------------------------
def lives_there(world: World) -> list[str]:
    """Who is met when somebody calls about 2-1-0304, and who is told when its water is cut off."""
    unit = world.company.units["YX:2-1-0304"]
    card = household(world.actor("desk"), world.project_id, unit_id=unit.pk, at=world.now)
    return [person.name for person in card.occupants]


def test_until_the_last_day_the_tenant_lives_there(world: World) -> None:
    stay = Occupancy.objects.in_project(world.project_id).get(customer=world.company.customers["tenant"])
    do(world, "move_out", of="tenant", occupancy=stay.pk, until=f"{world.now + timedelta(days=7):%Y-%m-%d}")
    assert lives_there(world) == ["刘洋", "高建民"]
    assert world.open("desk", unit="2-1-0304").case.customer_name == "刘洋"
    world.pass_time(days=8)
    assert lives_there(world) == ["高建民"]
    assert world.open("desk", unit="2-1-0304").case.customer_name == "高建民"


def test_before_the_first_day_nobody_is_a_tenant(world: World) -> None:
    do(world, "move_in", unit="2-1-0304", role="tenant", since=f"{world.now + timedelta(days=7):%Y-%m-%d}")
    assert "王淑芬" not in lives_there(world)
    with pytest.raises(InvalidError):
        world.open("desk", unit="2-1-0304", customer=world.company.customers["owner"].pk)
    world.pass_time(days=8)
    assert "王淑芬" in lives_there(world)
