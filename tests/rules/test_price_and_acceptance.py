"""A ceiling agreed beforehand, the manager's approval above the limit, common parts accepted by ours (DSK-3)."""

import uuid
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest

from steward.cases.engine import Outcome
from steward.cases.models import Entry
from steward.kernel import reference
from steward.kernel.actor import SYSTEM, Role
from steward.kernel.errors import ConflictError, InvalidError, NotAllowedError, NotFoundError
from steward.kernel.models import Outbox
from steward.kernel.policies import set_policy
from steward.processes.repair.models import Consent, Repair
from steward.processes.repair.paper import enter_sheet
from steward.processes.repair.policies import LIMIT
from steward.registers.billing.models import Charge
from steward.registers.org.models import RoleGrant
from tests.rules import road
from tests.world import World

MORE = [*road.LINES, {"code": "P-DN20", "quantity": "3"}]  # 286 + 114 = 400
DEAR = [{"code": "L-PLUMB", "quantity": "12"}]  # 2,160


def told(world: World, number: str, event: str) -> set[str]:
    rows = Outbox.objects.in_project(world.project_id).filter(event__startswith=number, payload__template=event)
    return set(rows.values_list("recipient", flat=True))


def entries(world: World, number: str, action: str) -> list[Entry]:
    return list(Entry.objects.in_project(world.project_id).filter(case__number=number, action=action).order_by("seq"))


def refused(caught: pytest.ExceptionInfo[ConflictError]) -> str:
    return str(caught.value.rule)


# --- not more than … ------------------------------------------------------------------------------


def capped(world: World, ceiling: str = "500.00", **data: Any) -> str:
    number = road.quoted(world)
    road.sign(world, number, ceiling=ceiling, **data)
    world.act("tech", number, "start")
    return number


def test_within_the_ceiling_more_is_added_without_a_new_consent(world: World) -> None:
    number = capped(world)
    after = world.act("tech", number, "quote", lines=MORE)
    assert after.case.state == "working", "nobody is asked again"
    assert (str(after.detail.quote_total), after.detail.consent_hash) == ("400.00", after.detail.quote_hash)
    rows = Consent.objects.in_project(world.project_id).filter(case__number=number).order_by("pk")
    assert [(r.person_name, str(r.amount), str(r.ceiling)) for r in rows] == [
        ("周晓岚", "286.00", "500.00"),
        ("周晓岚", "400.00", "500.00"),
    ]
    sent = Outbox.objects.in_project(world.project_id).filter(event__startswith=number, channel="inapp")
    assert "500.00" in sent.get(event__endswith=":within").body, "but the customer hears of it"
    assert str(road.finish(world, number).detail.amount) == "400.00"


def test_items_are_added_with_the_end_of_the_work(world: World) -> None:
    number = capped(world)
    done = road.finish(world, number, added=[{"code": "P-DN20", "quantity": "3"}])
    assert (done.case.state, str(done.detail.amount)) == ("done", "400.00")
    world.act("owner", number, "confirm_amount", amount="400.00", way="portal", person_name="王淑芬")
    charge = Charge.objects.in_project(world.project_id).get(source=number)
    assert [str(line.amount) for line in charge.lines.order_by("position")] == ["180.00", "76.00", "30.00", "114.00"]


def test_above_the_ceiling_the_amount_is_refused_by_name(world: World) -> None:
    number = capped(world)
    for too_much in ({"amount": "500.01"}, {"added": [{"code": "L-PLUMB", "quantity": "2"}]}):
        with pytest.raises(InvalidError) as caught:
            road.finish(world, number, **too_much)
        assert list(caught.value.fields) == list(too_much)
        assert "超过约定上限 ¥500.00" in str(caught.value.fields[next(iter(too_much))])
    assert road.look(world, number).case.state == "working"


def test_what_is_added_comes_from_the_price_list(world: World) -> None:
    number = capped(world)
    with pytest.raises(InvalidError) as caught:
        road.finish(world, number, amount="450.00")
    assert "¥500.00" in str(caught.value.fields["amount"])


def test_above_the_ceiling_the_customer_is_asked_again(world: World) -> None:
    number = capped(world)
    dearer = world.act("tech", number, "quote", lines=[*road.LINES, *road.LINES])
    assert (dearer.case.state, dearer.detail.consent_hash) == ("quoted", "")
    with pytest.raises(ConflictError):
        world.act("tech", number, "start")
    road.sign(world, number)
    world.act("tech", number, "start")
    assert str(road.finish(world, number).detail.amount) == "572.00"


def test_a_new_consent_brings_its_own_ceiling_or_none(world: World) -> None:
    number = capped(world)
    world.act("tech", number, "quote", lines=[*road.LINES, *road.LINES])
    assert road.sign(world, number).detail.ceiling is None
    world.act("tech", number, "start")
    assert world.act("tech", number, "quote", lines=[*road.LINES, *MORE]).case.state == "quoted"


def test_declining_more_leaves_the_agreed_ceiling(world: World) -> None:
    number = capped(world)
    world.act("tech", number, "quote", lines=[*road.LINES, *road.LINES])
    back = world.act("tech", number, "decline_quote", person_name="周晓岚")
    assert (str(back.detail.quote_total), str(back.detail.ceiling)) == ("286.00", "500.00")
    world.act("tech", number, "start")
    assert world.act("tech", number, "quote", lines=MORE).case.state == "working"


def test_a_ceiling_is_no_lower_price(world: World) -> None:
    number = road.quoted(world)
    with pytest.raises(InvalidError) as caught:
        road.sign(world, number, ceiling="285.99")
    assert "¥286.00" in str(caught.value.fields["ceiling"])


# --- the manager approves above the limit ------------------------------------------------------------


def asked(world: World, lines: list[dict[str, str]] = DEAR) -> tuple[str, Outcome]:
    number = road.scoped(world)
    return number, world.act("tech", number, "quote", lines=lines)


def test_above_the_limit_the_quote_waits_for_the_manager(world: World) -> None:
    number, outcome = asked(world)
    assert outcome.case.state == "approving"
    clocks = {d.key: d for d in outcome.deadlines if d.ended_at is None}
    assert {"approval", "completion"} <= set(clocks)
    assert not clocks["completion"].is_paused, "the customer's clock runs on"
    assert "consent" not in clocks
    assert told(world, number, "approval_asked") == {f"staff:{world.company.staff['manager'].pk}"}
    assert not told(world, number, "repair.quoted"), "not put to the customer"
    for who, action in (("owner", "consent"), ("tech", "consent"), ("desk", "decline_quote")):
        with pytest.raises(ConflictError) as caught:
            world.act(who, number, action)
        assert refused(caught) == "case.state"


def test_at_the_limit_nobody_is_asked(world: World) -> None:
    long_ago = world.now - timedelta(days=1)
    set_policy(LIMIT, value=Decimal(286), node_id=world.project_id, actor=SYSTEM, effective_from=long_ago, at=world.now)
    assert asked(world, road.LINES)[1].case.state == "quoted"
    assert asked(world, MORE)[1].case.state == "approving"


def test_approved_it_goes_to_the_customer(world: World) -> None:
    number, _outcome = asked(world)
    key = uuid.uuid4()
    done = world.act("manager", number, "approve_quote", client_uuid=key)
    assert (done.case.state, done.detail.approved_by, str(done.detail.approved_total)) == ("quoted", "赵伟", "2160.00")
    assert world.act("manager", number, "approve_quote", client_uuid=key).replayed
    assert len(entries(world, number, "approve_quote")) == 1
    assert told(world, number, "repair.quoted")
    assert told(world, number, "approved") == {f"staff:{world.company.staff['tech'].pk}"}
    road.sign(world, number)
    assert world.act("tech", number, "start").case.state == "working"


def test_refused_it_goes_back_with_the_reason(world: World) -> None:
    number, _outcome = asked(world)
    back = world.act("manager", number, "refuse_quote", reason="工时算多了")
    assert (back.case.state, back.detail.quote_hash) == ("scoped", "")
    assert entries(world, number, "refuse_quote")[0].data["reason"] == "工时算多了"
    assert told(world, number, "approval_refused") == {f"staff:{world.company.staff['tech'].pk}"}
    with pytest.raises(ConflictError):
        world.act("tech", number, "start")
    assert world.act("tech", number, "quote", lines=road.LINES).case.state == "quoted"


@pytest.mark.parametrize("who", ["tech", "desk", "headbutler", "butler", "hq"])
def test_only_manager_level_approves(world: World, who: str) -> None:
    number, _outcome = asked(world)
    for action in ("approve_quote", "refuse_quote"):
        with pytest.raises(NotAllowedError):
            world.act(who, number, action, **({"reason": "不行"} if action == "refuse_quote" else {}))


def made_manager(world: World, who: str) -> None:
    """The duties are kept apart already when roles are given; this one came by another road."""
    RoleGrant.objects.create(
        user=world.company.users[who],
        role=Role.MANAGER,
        node=world.company.project(),
        granted_by="import",
        granted_at=world.now,
    )
    reference.bump()
    world._actors.pop(who, None)


def test_who_quoted_does_not_approve(world: World) -> None:
    made_manager(world, "tech")
    number, _outcome = asked(world)
    with pytest.raises(ConflictError) as caught:
        world.act("tech", number, "approve_quote")
    assert refused(caught) == "repair.quote_approved_by_another"
    assert f"staff:{world.company.staff['region'].pk}" in told(world, number, "approval_asked")
    assert world.act("region", number, "approve_quote").case.state == "quoted"


def test_sent_to_somebody_else_who_quoted_still_does_not_approve(world: World) -> None:
    """Whoever made the quote, though another does the work by now."""
    made_manager(world, "tech")
    number, _outcome = asked(world)
    row = Repair.objects.in_project(world.project_id).get(case__number=number)
    row.case.handler_id = world.company.staff["tech2"].pk
    row.case.save(update_fields=["handler"])
    with pytest.raises(ConflictError) as caught:
        world.act("tech", number, "approve_quote")
    assert refused(caught) == "repair.quote_approved_by_another"


def test_a_higher_quote_withdraws_the_approval(world: World) -> None:
    number, _outcome = asked(world)
    world.act("manager", number, "approve_quote")
    assert world.act("tech", number, "quote", lines=DEAR).case.state == "quoted", "the same sum was approved"
    higher = world.act("tech", number, "quote", lines=[{"code": "L-PLUMB", "quantity": "13"}])
    assert (higher.case.state, higher.detail.approved_total, higher.detail.approved_by) == ("approving", None, "")
    assert world.act("tech", number, "take_back_quote").case.state == "scoped"
    assert world.act("tech", number, "quote", lines=DEAR).case.state == "approving", "and it is gone"


def test_a_ceiling_does_not_lift_the_limit(world: World) -> None:
    number = capped(world, ceiling="5000.00")
    assert world.act("tech", number, "quote", lines=DEAR).case.state == "approving"
    other = capped(world, ceiling="5000.00")
    with pytest.raises(InvalidError) as caught:
        road.finish(world, other, added=DEAR)
    assert list(caught.value.fields) == ["added"]
    back = world.act("manager", number, "approve_quote")
    assert (back.case.state, back.detail.consent_hash) == ("agreed", back.detail.quote_hash)


def test_the_customer_does_not_see_the_price_before(world: World) -> None:
    number, _outcome = asked(world)
    assert not entries(world, number, "quote")[0].is_public
    row = Repair.objects.in_project(world.project_id).select_related("case").get(case__number=number)
    assert {"quote_total", "quote_hash", "approved_by"} <= row.STAFF_ONLY
    world.act("manager", number, "approve_quote")
    row.refresh_from_db(from_queryset=Repair.objects.in_project(world.project_id).select_related("case"))
    assert "quote_total" not in row.STAFF_ONLY


def sheet(world: World, **data: Any) -> dict[str, Any]:
    ago = {name: (world.now - timedelta(hours=n)).isoformat() for name, n in (("arrived_at", 4), ("finished_at", 2))}
    return {
        "handler": world.company.staff["tech"].pk,
        "cause": "老化",
        "scope": "换分水器",
        "lines": DEAR,
        "person_name": "王淑芬",
        "relation": "本人",
        "work_done": "换好",
        "labour_minutes": 90,
        "site_cleaned": True,
        "sheet": [world.photo("desk")],
        **ago,
        **data,
    }


def entered(world: World, number: str, **data: Any) -> Outcome:
    return enter_sheet(
        project_id=world.project_id,
        number=number,
        actor=world.actor("desk"),
        at=world.now,
        client_uuid=uuid.uuid4(),
        data=sheet(world, **data),
    )


def test_a_paper_sheet_above_the_limit_names_the_manager_who_signed(world: World) -> None:
    number = road.received(world)
    world.pass_time(hours=5)
    for approver in (None, world.company.staff["headbutler"].pk):
        with pytest.raises(InvalidError) as caught:
            entered(world, number, approver=approver)
        assert list(caught.value.fields) == ["approver"]
    manager = world.company.staff["manager"].pk
    done = entered(world, number, approver=manager, ceiling="3000.00")
    assert (done.case.state, str(done.detail.ceiling)) == ("settling", "3000.00")
    assert "赵伟" in done.detail.approved_by
    assert told(world, number, "approved_on_paper") == {f"staff:{manager}"}


# --- common parts are accepted by ours --------------------------------------------------------------


def test_work_on_common_parts_waits_to_be_accepted(world: World) -> None:
    number = road.checking(world)
    outcome = road.look(world, number)
    assert outcome.case.state == "checking"
    assert {"acceptance", "callback"} <= {d.key for d in outcome.deadlines if d.ended_at is None}
    assert {d.key: d.outcome for d in outcome.deadlines}["completion"] == "met", "the work is done"
    assert told(world, number, "to_accept") == {f"staff:{world.company.staff['butler'].pk}"}
    world.pass_time(days=1)
    world.act("desk", number, "callback", outcome="satisfied", rating=4)
    assert road.look(world, number).case.closed_at is None, "not confirmed before it is accepted"
    photo = world.photo("butler")
    done = world.act("butler", number, "accept_work", remark="灯都亮了", photos=[photo])
    assert done.case.state == "closed"
    assert (done.detail.checked_by, done.detail.checked_at) == ("陈悦", world.now)
    assert {d.key: d.outcome for d in done.deadlines}["acceptance"] == "met"


@pytest.mark.parametrize("who", ["desk", "tech2", "cashier", "owner", "hq"])
def test_only_butler_or_engineer_accepts(world: World, who: str) -> None:
    number = road.checking(world)
    with pytest.raises((NotAllowedError, NotFoundError)):
        world.act(who, number, "accept_work")


def test_not_good_enough_it_is_done_again(world: World) -> None:
    number = road.checking(world)
    again = world.act("butler", number, "refuse_work", reason="还有一盏不亮")
    assert (again.case.state, again.case.round) == ("working", 2)
    assert again.case.handler_id == world.company.staff["tech"].pk
    assert "completion" in {d.key for d in again.deadlines if d.ended_at is None}
    assert told(world, number, "work_refused") == {f"staff:{world.company.staff['tech'].pk}"}
    road.finish(world, number, parts=[{"name": "灯管", "quantity": "1"}])
    assert world.act("headbutler", number, "accept_work").case.state == "settling"


@pytest.mark.parametrize("payer", ["developer", "fund", "utility"])
def test_other_free_work_has_somebody_else_to_ask(world: World, payer: str) -> None:
    number = road.scoped(world, payer=payer)
    world.act("tech", number, "start")
    assert road.finish(world, number).case.state == "settling"


def test_a_rework_in_the_own_home_is_the_customers_to_judge(world: World) -> None:
    number = road.settling(world)
    world.act("owner", number, "reopen", reason="又漏了")
    world.act("desk", number, "dispatch", handler=world.company.staff["tech"].pk)
    world.act("tech", number, "accept")
    world.act("tech", number, "arrive")
    photos = [world.photo("tech")]
    world.act("tech", number, "confirm_scope", cause="渗漏", scope="重做", confirmed_by="王淑芬", photos=photos)
    world.act("tech", number, "start")
    assert road.finish(world, number).case.state == "settling"


def test_a_linked_rework_is_judged_as_its_first_case(world: World) -> None:
    for payer, state in (("owner", "settling"), ("common", "checking")):
        first = road.received(world, payer=payer)
        number = road.scoped(world, origin=first, payer=None)
        world.act("tech", number, "start")
        assert road.finish(world, number).case.state == state
