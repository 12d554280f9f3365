"""Handing over accountability 首问: offered, accepted or declined, ordered by a manager; counted."""

import uuid
from datetime import timedelta
from typing import Any

import pytest
from django.db import transaction
from hypothesis import given, settings
from hypothesis import strategies as st

from steward.cases.models import Case, Entry
from steward.casework.accountability import handovers
from steward.casework.models import Handover, HandoverState
from steward.kernel.errors import ConflictError, InvalidError, NotAllowedError, NotFoundError, RefusalError
from steward.kernel.models import Outbox
from steward.worker.loop import run_until_idle
from tests.world import NOW, World


def staff(world: World, name: str) -> int:
    return int(world.company.staff[name].pk)


def do(world: World, who: str, verb: str, number: str, **data: Any) -> Handover:
    asked: dict[str, Any] = {"client_uuid": data.pop("client_uuid", None) or uuid.uuid4()}
    if data:
        asked["data"] = data
    found: Handover = getattr(handovers, f"{verb}_handover")(
        project_id=world.project_id, number=number, actor=world.actor(who), at=world.now, **asked
    )
    return found


def offer(world: World, number: str, to: str = "butler", who: str = "desk", **data: Any) -> Handover:
    return do(world, who, "offer", number, **{"receiver": staff(world, to), "reason": "我去培训", **data})


def order(world: World, number: str, to: str = "desk2", who: str = "manager", **data: Any) -> Handover:
    asked = {"receiver": staff(world, to), "reason": "今天没来", "cause": "sick", **data}
    return do(world, who, "force", number, **asked)


def case_of(world: World, number: str) -> Case:
    return Case.objects.in_project(world.project_id).get(number=number)


def lines(world: World, number: str) -> list[str]:
    rows = Entry.objects.in_project(world.project_id).filter(case__number=number).order_by("seq")
    assert [row.seq for row in rows] == list(range(1, len(rows) + 1))
    assert case_of(world, number).version == len(rows)
    return [row.action for row in rows]


@pytest.fixture
def number(world: World) -> str:
    return world.open("desk", urgency="P2", payer="owner").case.number


def test_nothing_changes_until_it_is_accepted(world: World, number: str) -> None:
    offer(world, number)
    assert case_of(world, number).accountable_id == staff(world, "desk")
    do(world, "butler", "accept", number)
    assert case_of(world, number).accountable_id == staff(world, "butler")
    assert lines(world, number) == ["open", "offer_handover", "accept_handover"]


def test_a_declined_offer_leaves_it_where_it_was_and_says_why(world: World, number: str) -> None:
    offer(world, number)
    row = do(world, "butler", "decline", number, reason="今天我休息")
    assert (row.state, row.outcome) == (HandoverState.DECLINED, "met")
    assert case_of(world, number).accountable_id == staff(world, "desk")
    told = Outbox.objects.in_project(world.project_id).get(payload__template="handover_declined")
    assert (told.recipient, told.body) == (f"staff:{staff(world, 'desk')}", "今天我休息")


def test_only_the_receiver_answers(world: World, number: str) -> None:
    offer(world, number)
    for who in ("desk", "desk2", "manager", "tech"):
        with pytest.raises(RefusalError):
            do(world, who, "accept", number)
    with pytest.raises(NotAllowedError) as refused:
        do(world, "manager", "decline", number, reason="不行")
    assert refused.value.rule == "handover.receiver_answers"


def test_only_whoever_answers_for_it_or_leads_offers_it(world: World, number: str) -> None:
    with pytest.raises(NotAllowedError):
        offer(world, number, "butler", who="desk2")
    assert offer(world, number, "butler", who="headbutler").state == HandoverState.OFFERED


@pytest.mark.parametrize("to", ["tech", "cashier", "desk", "outsider_tech"])
def test_it_is_offered_to_those_who_can_answer_here(world: World, number: str, to: str) -> None:
    with pytest.raises(InvalidError) as refused:
        offer(world, number, to)
    assert list(refused.value.fields) == ["receiver"]


def test_one_open_offer_at_a_time(world: World, number: str) -> None:
    offer(world, number)
    with pytest.raises(ConflictError) as refused:
        offer(world, number, "headbutler")
    assert refused.value.rule == "handover.one_open_offer"
    do(world, "desk", "withdraw", number)
    assert offer(world, number, "headbutler").state == HandoverState.OFFERED


def test_a_handler_never_becomes_accountable_by_being_sent(world: World, number: str) -> None:
    world.act("desk", number, "dispatch", handler=staff(world, "tech"))
    assert case_of(world, number).accountable_id == staff(world, "desk")


def test_unanswered_it_is_warned_then_escalated_to_the_manager(world: World) -> None:
    number = world.open("desk", urgency="P1", payer="owner").case.number
    offer(world, number)
    done = []
    for minutes in (23, 24, 29, 30, 60):
        run_until_idle(NOW + timedelta(minutes=minutes))
        rows = Entry.objects.in_project(world.project_id).filter(case__number=number, data__deadline="handover")
        done.append([(row.action, row.data["to"]) for row in rows.order_by("seq")])
    warned = ("warn", [f"staff:{staff(world, 'butler')}"])
    manager = ("escalate", [f"staff:{staff(world, 'manager')}"])
    region = ("escalate", [f"staff:{staff(world, 'region')}"])
    assert done == [[], [warned], [warned], [warned, manager], [warned, manager, region]]
    world.pass_time(minutes=61)
    assert do(world, "butler", "accept", number).outcome == "late"


def test_a_manager_orders_it_with_cause_and_reason(world: World, number: str) -> None:
    offer(world, number)
    row = order(world, number)
    assert case_of(world, number).accountable_id == staff(world, "desk2")
    assert (row.state, row.cause, row.answered_by) == ("forced", "sick", f"staff:{staff(world, 'manager')}")
    voided = Handover.objects.in_project(world.project_id).get(state="void")
    assert voided.ended_at == world.now
    entry = Entry.objects.in_project(world.project_id).get(action="force_handover")
    assert (entry.note, entry.data["cause"]) == ("今天没来", "sick")
    with pytest.raises(ConflictError):
        do(world, "butler", "accept", number)


def told(world: World, template: str) -> set[str]:
    rows = Outbox.objects.in_project(world.project_id).filter(channel="inapp", payload__template=template)
    return {row.recipient for row in rows}


def test_whoever_was_asked_before_hears_that_it_is_ordered_otherwise(world: World, number: str) -> None:
    offer(world, number)
    order(world, number)
    assert told(world, "handover_withdrawn") == {f"staff:{staff(world, 'butler')}"}
    assert told(world, "handover_forced") == {f"staff:{staff(world, name)}" for name in ("desk", "desk2")}


def test_nobody_hears_of_a_hand_over_of_their_own_doing(world: World, number: str) -> None:
    offer(world, number, "headbutler", who="headbutler")
    do(world, "headbutler", "withdraw", number)
    order(world, number, "manager")
    assert told(world, "handover_offered") == told(world, "handover_withdrawn") == set()
    assert told(world, "handover_forced") == {f"staff:{staff(world, 'desk')}"}


def test_nobody_but_a_manager_orders_it(world: World, number: str) -> None:
    for who in ("desk", "butler", "headbutler", "cashier"):
        with pytest.raises(NotAllowedError):
            order(world, number, who=who)
    with pytest.raises(InvalidError):
        order(world, number, reason="")


def test_all_open_cases_of_whoever_leaves_go_to_another(world: World) -> None:
    numbers = [world.open("desk", urgency="P2", payer="owner").case.number for _ in range(3)]
    others = world.open("desk2", urgency="P2", payer="owner").case
    closed = world.open("desk").case.number
    world.act("desk", closed, "cancel", reason="误报")
    asked: dict[str, Any] = {
        "project_id": world.project_id,
        "giver_id": staff(world, "desk"),
        "data": {"receiver": staff(world, "butler"), "reason": "月底离职", "cause": "left"},
        "actor": world.actor("manager"),
        "at": world.now,
        "client_uuid": uuid.uuid4(),
    }
    assert len(handovers.force_all(**asked)) == 3
    assert handovers.force_all(**asked) == []
    assert {case_of(world, n).accountable_id for n in numbers} == {staff(world, "butler")}
    assert case_of(world, others.number).accountable_id == staff(world, "desk2")
    assert case_of(world, closed).accountable_id == staff(world, "desk")


def test_the_same_request_again_is_answered_like_the_first_time(world: World, number: str) -> None:
    key = uuid.uuid4()
    first = offer(world, number, client_uuid=key)
    do(world, "butler", "accept", number)
    assert offer(world, number, client_uuid=key).pk == first.pk
    with pytest.raises(InvalidError):
        offer(world, number, client_uuid=key, reason="另一个理由")
    assert lines(world, number).count("offer_handover") == 1


def test_a_closed_case_voids_the_offer(world: World, number: str) -> None:
    offer(world, number)
    world.act("desk", number, "cancel", reason="误报")
    row = Handover.objects.in_project(world.project_id).get()
    assert (row.state, row.outcome, row.next_at) == ("void", "void", None)
    with pytest.raises(ConflictError):
        offer(world, number)


def test_out_of_scope_it_does_not_exist(world: World, number: str) -> None:
    for who in ("outsider", "outsider_tech", "tech2"):
        with pytest.raises(RefusalError) as refused:
            offer(world, number, who=who)
        assert isinstance(refused.value, (NotFoundError, NotAllowedError))


def test_what_a_guard_heard_is_at_once_the_butlers(world: World) -> None:
    """Received by somebody without an account, entered by another."""
    case = world.open("desk", receiver_name="保安老赵", urgency="P2", payer="owner").case
    assert case.accountable_id == staff(world, "butler")
    entry = Entry.objects.in_project(world.project_id).get(case=case, action="open")
    assert (entry.data["receiver_name"], entry.actor_name) == ("保安老赵", "周敏")
    with pytest.raises(InvalidError):
        world.open("owner", receiver_name="保安老赵")


PEOPLE = ("desk", "desk2", "butler", "headbutler", "manager")
STEPS = st.tuples(
    st.sampled_from(("offer", "accept", "decline", "withdraw", "force", "dispatch", "pass")),
    st.sampled_from((*PEOPLE, "tech", "owner")),
    st.sampled_from(PEOPLE),
)


@settings(max_examples=25)
@given(steps=st.lists(STEPS, min_size=3, max_size=14))
def test_exactly_one_is_accountable_whatever_happens(world: World, steps: list[tuple[str, str, str]]) -> None:
    """Changed only by an acceptance or an order, to the receiver named; never two open offers."""
    with transaction.atomic():
        world.now = NOW
        number = world.open("desk", urgency="P1", payer="owner").case.number
        holder = staff(world, "desk")
        for verb, who, other in steps:
            world.pass_time(minutes=7)
            holder = _walk(world, number, holder, verb, who, other)
            assert case_of(world, number).accountable_id == holder
            rows = Handover.objects.in_project(world.project_id).filter(case__number=number)
            assert rows.filter(state="offered").count() <= 1
            assert rows.filter(state="offered", ended_at__isnull=False).count() == 0
            assert rows.exclude(state="offered").filter(ended_at__isnull=True).count() == 0
        lines(world, number)
        transaction.set_rollback(True)


def _walk(world: World, number: str, holder: int, verb: str, who: str, other: str) -> int:
    """Who must be accountable after this step, by our own reckoning."""
    waiting = handovers.open_offer(case_of(world, number))
    try:
        if verb == "offer":
            offer(world, number, other, who=who)
        elif verb == "force":
            order(world, number, other, who=who)
            return staff(world, other)
        elif verb == "dispatch":
            world.act(who, number, "dispatch", handler=staff(world, "tech"))
        elif verb == "pass":
            run_until_idle(world.pass_time(hours=1))
        else:
            do(world, who, verb, number, **({"reason": "不方便"} if verb == "decline" else {}))
            if verb == "accept":
                assert waiting is not None
                return int(waiting.receiver_id)
    except RefusalError:
        pass
    return holder
