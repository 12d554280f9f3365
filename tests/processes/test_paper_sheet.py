"""补录: a signed sheet entered afterwards counts as if each step had been done when it was."""

import uuid
from datetime import timedelta
from typing import Any

import pytest

from steward.assurance.models import Callback
from steward.cases.engine import Outcome
from steward.cases.models import Case, Entry
from steward.casework.models import CaseFile
from steward.kernel.errors import ConflictError, InvalidError, NotAllowedError
from steward.processes.repair.models import Consent
from steward.processes.repair.paper import enter_case, enter_sheet
from tests.world import World


def sheet(world: World, who: str = "desk", **more: Any) -> dict[str, Any]:
    def ago(**span: float) -> str:
        return (world.now - timedelta(**span)).isoformat()

    return {
        "handler": world.company.staff["tech"].pk,
        "accepted_at": ago(hours=5, minutes=20),
        "arrived_at": ago(hours=5),
        "cause": "接头渗漏",
        "scope": "更换接头",
        "lines": [{"code": "L-PLUMB", "quantity": "1"}],
        "agreed_at": ago(hours=4, minutes=50),
        "person_name": "王淑芬",
        "relation": "本人",
        "finished_at": ago(hours=4),
        "work_done": "更换接头一只",
        "labour_minutes": 50,
        "site_cleaned": True,
        "sheet": [world.photo(who)],
        **more,
    }


def enter(world: World, number: str, who: str = "desk", client_uuid: uuid.UUID | None = None, **more: Any) -> Outcome:
    return enter_sheet(
        project_id=world.project_id,
        number=number,
        actor=world.actor(who),
        at=world.now,
        client_uuid=client_uuid or uuid.uuid4(),
        data=more.pop("data", None) or sheet(world, who, **more),
    )


@pytest.fixture
def number(world: World) -> str:
    """Heard in the morning, entered at noon."""
    found = world.open("desk", urgency="P1", payer="owner").case.number
    world.pass_time(hours=6)
    return found


def test_a_signed_sheet_carries_the_case_to_the_end_of_the_work(world: World, number: str) -> None:
    done = enter(world, number)
    assert (done.case.state, str(done.detail.amount)) == ("settling", "180.00")
    entries = list(Entry.objects.in_project(world.project_id).filter(case=done.case).order_by("seq"))
    assert [e.action for e in entries[1:]] == [
        "dispatch", "accept", "arrive", "confirm_scope", "quote", "consent", "start", "finish", "confirm_amount",
    ]  # fmt: skip
    assert all(e.is_late_entry and e.recorded_at == world.now for e in entries[1:])
    assert entries[3].actor_name == "李建国（周敏补录）"
    assert entries[3].actor_key == world.actor("desk").key
    labels = CaseFile.objects.in_project(world.project_id).filter(case=done.case).values_list("label", flat=True)
    assert set(labels) == {"paper", "signature"}


def test_clocks_stand_as_if_it_had_been_done_then(world: World, number: str) -> None:
    done = enter(world, number)
    clocks = {d.key: d for d in done.deadlines}
    assert clocks["arrival"].ended_at == world.now - timedelta(hours=5)
    assert clocks["completion"].ended_at == done.detail.finished_at == world.now - timedelta(hours=4)
    call = Callback.objects.in_project(world.project_id).get(case=done.case)
    assert call.started_at == world.now - timedelta(hours=4)
    assert Consent.objects.in_project(world.project_id).get().given_at == world.now - timedelta(hours=4, minutes=50)


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("sheet", []),
        ("person_name", ""),
        ("handler", 1),
        ("lines", [{"code": "NOTHING", "quantity": "1"}]),
    ],
)
def test_what_is_missing_is_named_and_nothing_is_written(world: World, number: str, field: str, value: Any) -> None:
    with pytest.raises(InvalidError) as refused:
        enter(world, number, **{field: value})
    assert any(path.startswith(field) for path in refused.value.fields)
    assert Entry.objects.in_project(world.project_id).count() == 1


@pytest.mark.parametrize(
    ("field", "hours"),
    [("arrived_at", 7), ("agreed_at", 6), ("finished_at", 5), ("finished_at", -1), ("accepted_at", 4)],
)
def test_times_follow_each_other_after_the_call_and_before_now(
    world: World, number: str, field: str, hours: float
) -> None:
    more: dict[str, Any] = {"accepted_at": None} if field == "arrived_at" else {}
    with pytest.raises(InvalidError) as refused:
        enter(world, number, **{**more, field: (world.now - timedelta(hours=hours)).isoformat()})
    assert field in refused.value.fields or (field == "arrived_at" and "accepted_at" in refused.value.fields)
    assert Entry.objects.in_project(world.project_id).count() == 1


def test_a_sheet_is_no_way_round_the_price(world: World, number: str) -> None:
    with pytest.raises(ConflictError) as refused:
        enter(world, number, lines=[])
    assert refused.value.rule == "repair.no_work_before_consent"
    with pytest.raises(ConflictError) as refused:
        enter(world, number, amount="500.00")
    assert refused.value.rule == "repair.amount_within_agreed"
    assert Case.objects.in_project(world.project_id).get().state == "received"


def test_nobody_signs_on_paper_but_on_a_sheet(world: World, number: str) -> None:
    world.act("desk", number, "dispatch", handler=world.company.staff["tech"].pk)
    for action in ("accept", "arrive"):
        world.act("tech", number, action)
    world.act("tech", number, "confirm_scope", cause="接头渗漏", scope="更换接头", confirmed_by="王淑芬")
    quoted = world.act("tech", number, "quote", lines=[{"code": "L-PLUMB", "quantity": "1"}]).detail
    with pytest.raises(ConflictError) as refused:
        world.act(
            "tech", number, "consent", quote_hash=quoted.quote_hash, way="paper", person_name="王淑芬", relation="本人",
            signature=world.photo("tech"),
        )  # fmt: skip
    assert refused.value.rule == "repair.consent_witnessed"


def test_the_office_enters_and_only_in_its_projects(world: World) -> None:
    number = world.open("desk", urgency="P1", payer="owner").case.number
    world.act("desk", number, "dispatch", handler=world.company.staff["tech"].pk)
    world.act("tech", number, "accept")
    world.pass_time(hours=6)
    for who in ("tech", "outsider"):
        with pytest.raises(NotAllowedError) as caught:
            enter(world, number, who)
        assert caught.value.rule == "repair.paper_by_office"


def test_entering_twice_is_entering_once(world: World, number: str) -> None:
    key, data = uuid.uuid4(), sheet(world)
    first = enter(world, number, client_uuid=key, data=data)
    again = enter(world, number, client_uuid=key, data=data)
    assert again.replayed
    assert again.case.version == first.case.version


def test_a_day_without_network_begins_with_a_report_on_paper(world: World) -> None:
    data = {
        **sheet(world),
        "unit": "3-2-1201",
        "title": "厨房水管漏水",
        "received_at": (world.now - timedelta(hours=8)).isoformat(),
        "urgency": "P1",
        "payer": "common",
        "lines": [],
    }
    done = enter_case(
        project_id=world.project_id, actor=world.actor("desk"), at=world.now, client_uuid=uuid.uuid4(), data=data
    )
    assert done.case.received_at == world.now - timedelta(hours=8)
    assert done.case.state == "checking"
    assert {d.key: d.outcome for d in done.deadlines}["completion"] == "met"
    first = Entry.objects.in_project(world.project_id).get(case=done.case, seq=1)
    assert first.is_late_entry
