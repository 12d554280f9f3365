"""From the work to the closing. Numbers in docs/rules.md."""

import uuid
from datetime import timedelta

import pytest

from steward.assurance.models import Callback, CallbackAttempt
from steward.cases.models import Entry
from steward.casework.customer.links import actor_of, find_link, issue_link
from steward.casework.models import Conflict, Link
from steward.kernel.actor import SYSTEM, Role
from steward.kernel.errors import ConflictError, InvalidError, NotAllowedError, NotFoundError, RefusalError
from steward.kernel.models import Outbox
from steward.registers.billing.models import Charge, LedgerLine, Payment, Receipt
from steward.registers.org.operations import grant_role
from tests.rules import road
from tests.world import World


def refused(caught: pytest.ExceptionInfo[RefusalError]) -> str:
    return caught.value.rule


@pytest.mark.parametrize(
    ("data", "rule"),
    [
        ({"promised_at": "2026-11-20T10:00:00+08:00", "customer_told": True}, "repair.new_time_ahead"),
        ({"promised_at": "2026-11-23T10:00:00+08:00", "customer_told": False}, "repair.customer_told"),
    ],
)
def test_not_now_needs_a_new_time_and_a_word(world: World, data: dict[str, object], rule: str) -> None:
    number = road.working(world)
    with pytest.raises(ConflictError) as caught:
        world.act("tech", number, "suspend", reason="parts", **data)
    assert refused(caught) == rule
    with pytest.raises(InvalidError) as missing:
        world.act("tech", number, "suspend")
    assert set(missing.value.fields) == {"reason", "promised_at", "customer_told"}


@pytest.mark.parametrize(("reason", "pauses"), [("parts", True), ("customer", True), ("capacity", False)])
def test_only_an_allowed_reason_stops_the_clock(world: World, reason: str, *, pauses: bool) -> None:
    number = road.working(world)
    before = next(d.due_at for d in road.look(world, number).deadlines if d.key == "completion")
    told = {"promised_at": "2026-11-23T10:00:00+08:00", "customer_told": True}
    world.act("tech", number, "suspend", reason=reason, **told)
    world.pass_time(hours=3)
    resumed = world.act("tech", number, "resume")
    assert resumed.case.state == "working"
    after = next(d.due_at for d in resumed.deadlines if d.key == "completion")
    assert before is not None
    assert after == before + (timedelta(hours=3) if pauses else timedelta(0))


def test_never_more_than_agreed(world: World) -> None:
    number = road.working(world)
    with pytest.raises(ConflictError) as caught:
        road.finish(world, number, amount="286.01")
    assert refused(caught) == "repair.amount_within_agreed"
    assert str(road.finish(world, number, amount="200.00").detail.amount) == "200.00"


def test_pictures_before_and_after_and_a_clean_site(world: World) -> None:
    number = road.on_site(world)
    world.act("tech", number, "confirm_scope", cause="渗漏", scope="换接头", confirmed_by="王淑芬", payer="common")
    world.act("tech", number, "start")
    with pytest.raises(ConflictError) as caught:
        road.finish(world, number)
    assert refused(caught) == "repair.photo_before"
    before = [world.photo("tech")]
    with pytest.raises(ConflictError) as caught:
        road.finish(world, number, photos_before=before, site_cleaned=False)
    assert refused(caught) == "repair.site_cleaned"
    with pytest.raises(InvalidError) as missing:
        road.finish(world, number, photos_before=before, photos_after=[])
    assert list(missing.value.fields) == ["photos_after"]


def test_the_customer_confirms_the_very_amount(world: World) -> None:
    number = road.working(world)
    road.finish(world, number)
    with pytest.raises(ConflictError) as caught:
        world.act("owner", number, "confirm_amount", amount="280.00", way="portal", person_name="王淑芬")
    assert refused(caught) == "repair.amount_confirmed"
    assert not Charge.objects.in_project(world.project_id).exists()


@pytest.mark.parametrize("who", ["tech", "butler", "desk", "manager", "headbutler", "region", "owner"])
def test_only_the_cashier_takes_money(world: World, who: str) -> None:
    number = road.settling(world)
    with pytest.raises(NotAllowedError):
        road.pay(world, number, who=who)
    assert not Payment.objects.in_project(world.project_id).exists()


def test_nobody_pays_twice(world: World) -> None:
    number = road.settling(world)
    first = uuid.uuid4()
    road.pay(world, number, client_uuid=first)
    assert road.pay(world, number, client_uuid=first).replayed
    with pytest.raises(ConflictError) as caught:
        road.pay(world, number)
    assert refused(caught) == "billing.no_second_payment"
    assert "000001" in str(caught.value), "it says which receipt"
    assert Receipt.objects.in_project(world.project_id).count() == 1


def test_the_amount_due_is_taken_no_other(world: World) -> None:
    number = road.settling(world)
    with pytest.raises(InvalidError) as caught:
        road.pay(world, number, amount="200.00")
    assert list(caught.value.fields) == ["amount"]


def test_receipts_have_no_gaps(world: World) -> None:
    for _n in range(3):
        number = road.settling(world)
        with pytest.raises(InvalidError):
            road.pay(world, number, amount="1.00")
        road.pay(world, number)
    serials = Receipt.objects.in_project(world.project_id).order_by("serial").values_list("serial", flat=True)
    assert list(serials) == [1, 2, 3]


def test_the_ledger_balances(world: World) -> None:
    road.pay(world, road.settling(world))
    world.act("manager", road.settling(world), "waive", reason="业主投诉属实")
    lines = list(LedgerLine.objects.in_project(world.project_id))
    assert sum(x.amount for x in lines) == 0
    assert sum(x.amount for x in lines if x.account == "receivable") == 0


@pytest.mark.parametrize("who", ["cashier", "desk", "headbutler", "butler"])
def test_only_the_manager_waives(world: World, who: str) -> None:
    with pytest.raises(NotAllowedError):
        world.act(who, road.settling(world), "waive", reason="熟人")


@pytest.mark.parametrize(("urgency", "category", "hours"), [("P1", "leak", 24), ("P2", "water", 168)])
def test_callbacks_start_at_completion(world: World, urgency: str, category: str, hours: int) -> None:
    number = road.working(world, urgency=urgency, category=category)
    done = world.now
    road.finish(world, number)
    callback = Callback.objects.in_project(world.project_id).get(case__number=number)
    assert (callback.started_at, callback.due_at) == (done, done + timedelta(hours=hours))
    clock = next(d for d in road.look(world, number).deadlines if d.key == "callback")
    assert clock.due_at == callback.due_at


def test_whoever_repaired_does_not_call_back(world: World) -> None:
    number = road.settling(world)
    grant_role(
        user=world.company.users["tech"],
        role=Role.BUTLER,
        node=world.company.project(),
        actor=SYSTEM,
        at=world.now,
    )
    world._actors.pop("tech")
    world.pass_time(hours=5)
    with pytest.raises(ConflictError) as caught:
        world.act("tech", number, "callback", outcome="satisfied")
    assert refused(caught) == "repair.callback_by_another"


def test_no_call_in_quiet_hours(world: World) -> None:
    number = road.settling(world)
    world.pass_time(hours=2)  # 12:24 local, between 12:00 and 14:00
    with pytest.raises(ConflictError) as caught:
        world.act("butler", number, "callback", outcome="no_answer")
    assert refused(caught) == "callback.quiet_hours"


def test_three_tries_well_spaced_then_unreachable(world: World) -> None:
    number = road.settling(world)
    world.act("butler", number, "callback", outcome="no_answer")
    world.pass_time(hours=1)
    with pytest.raises(ConflictError) as caught:
        world.act("butler", number, "callback", outcome="no_answer")
    assert refused(caught) == "callback.spacing"
    world.pass_time(hours=4)
    world.act("butler", number, "callback", outcome="no_answer")
    world.pass_time(hours=3.5)
    last = world.act("butler", number, "callback", outcome="no_answer")
    assert CallbackAttempt.objects.in_project(world.project_id).count() == 3
    callback = Callback.objects.in_project(world.project_id).get(case__number=number)
    assert (callback.state, last.detail.callback_ended_at) == ("unreachable", world.now)


def test_ordinary_tries_fall_on_different_days(world: World) -> None:
    number = road.settling(world, urgency="P2", category="water")
    world.act("butler", number, "callback", outcome="no_answer")
    world.pass_time(hours=6)
    with pytest.raises(ConflictError) as caught:
        world.act("butler", number, "callback", outcome="no_answer")
    assert refused(caught) == "callback.spacing"
    world.pass_time(hours=18)
    assert world.act("butler", number, "callback", outcome="satisfied").case.state == "settling"


def test_the_residents_own_rating_counts(world: World) -> None:
    number = road.settling(world)
    road.pay(world, number)
    assert world.act("owner", number, "rate", rating=4).case.state == "closed"
    callback = Callback.objects.in_project(world.project_id).get(case__number=number)
    assert callback.state == "self_rated"


def test_silence_is_not_satisfaction(world: World) -> None:
    number = road.settling(world)
    road.pay(world, number)
    world.pass_time(days=30)
    assert road.look(world, number).case.state == "settling"


@pytest.mark.parametrize("order", [("pay", "callback"), ("callback", "pay")])
def test_closed_when_both_are_done_in_any_order(world: World, order: tuple[str, str]) -> None:
    number = road.settling(world)
    steps = {
        "pay": lambda: road.pay(world, number),
        "callback": lambda: world.act("butler", number, "callback", outcome="satisfied"),
    }
    assert steps[order[0]]().case.closed_at is None
    last = steps[order[1]]()
    assert (last.case.state, last.case.closed_at) == ("closed", world.now)


@pytest.mark.parametrize(
    ("who", "action", "data"), [("manager", "waive", {"reason": "减免"}), ("cashier", "put_on_bill", {})]
)
def test_waived_or_on_a_bill_is_settled_too(world: World, who: str, action: str, data: dict[str, str]) -> None:
    number = road.settling(world)
    world.act("butler", number, "callback", outcome="satisfied")
    assert world.act(who, number, action, **data).case.state == "closed"


@pytest.mark.parametrize(
    ("who", "action", "data"), [("butler", "callback", {"outcome": "unsatisfied"}), ("owner", "rate", {"rating": 1})]
)
def test_unsatisfied_reopens_with_new_clocks(world: World, who: str, action: str, data: dict[str, object]) -> None:
    number = road.settling(world)
    again = world.act(who, number, action, **data)
    assert (again.case.state, again.case.round, again.case.handler_id) == ("received", 2, None)
    fresh = {d.key: d.started_at for d in again.deadlines if d.ended_at is None}
    assert fresh == dict.fromkeys(("response", "arrival", "completion", "silence"), world.now)


def test_rework_is_free_and_the_first_amount_stays_owed(world: World) -> None:
    number = road.settling(world)
    world.act("butler", number, "callback", outcome="unsatisfied")
    world.act("desk", number, "dispatch", handler=world.company.staff["tech"].pk)
    for action in ("accept", "arrive"):
        world.act("tech", number, action)
    world.act("tech", number, "confirm_scope", cause="密封圈", scope="换密封圈", confirmed_by="王淑芬")
    world.act("tech", number, "start")
    done = road.finish(world, number)
    assert (str(done.detail.amount), done.detail.settled_as) == ("0", "")
    world.pass_time(hours=5)
    assert world.act("butler", number, "callback", outcome="satisfied").case.state == "settling"
    assert road.pay(world, number).case.state == "closed"


def test_rework_points_to_the_original(world: World) -> None:
    number = road.settling(world)
    again = world.open("desk", origin=number).case
    assert again.origin is not None
    assert again.origin.number == number
    with pytest.raises(InvalidError) as caught:
        world.open("desk", origin="BX-YX-261121-9999")
    assert list(caught.value.fields) == ["origin"]


def test_a_link_serves_once_for_one_purpose(world: World) -> None:
    number = road.quoted(world)
    case = road.look(world, number).case
    token = issue_link(case=case, purpose="consent", person_name="周晓岚", actor=world.actor("tech"), at=world.now)
    holder = actor_of(find_link(token), world.now)
    assert holder is not None
    world._actors["link"] = holder
    seen = road.look(world, number).detail.quote_hash
    given = {"quote_hash": seen, "way": "link", "person_name": "周晓岚", "relation": "女儿"}
    other = issue_link(case=case, purpose="rate", person_name="周晓岚", actor=world.actor("tech"), at=world.now)
    rater = actor_of(find_link(other), world.now)
    assert rater is not None
    world._actors["rater"] = rater
    with pytest.raises(NotAllowedError):
        world.act("rater", number, "consent", **given)
    for action, data in (("cancel", {"reason": "不修了"}), ("rate", {"rating": 4})):
        with pytest.raises(NotAllowedError):
            world.act("link", number, action, **data)
    assert world.act("link", number, "consent", **given).case.state == "agreed"
    world.act("tech", number, "quote", lines=road.LINES)
    given["quote_hash"] = road.look(world, number).detail.quote_hash
    with pytest.raises(ConflictError) as caught:
        world.act("link", number, "consent", **given)
    assert refused(caught) == "link.single_use"
    assert actor_of(find_link(token), world.now) is None


def test_a_link_expires_and_reaches_no_other_case(world: World) -> None:
    number, other = road.quoted(world), road.quoted(world, unit="2-1-0304")
    case = road.look(world, number).case
    token = issue_link(case=case, purpose="consent", person_name="周晓岚", actor=world.actor("tech"), at=world.now)
    link = find_link(token)
    assert actor_of(link, world.now + timedelta(hours=73)) is None
    holder = actor_of(link, world.now)
    assert holder is not None
    world._actors["link"] = holder
    with pytest.raises(NotFoundError):
        world.act("link", other, "decline_quote", person_name="周晓岚")
    assert token.split(".")[1] not in "".join(Link.objects.unscoped().values_list("digest", flat=True))


def test_a_refused_replay_is_kept_whole(world: World) -> None:
    number = road.received(world)
    world.act("desk", number, "dispatch", handler=world.company.staff["tech"].pk)
    photo, key = world.photo("tech"), uuid.uuid4()
    data = {"what": "关了总阀", "photos": [photo]}
    for _again in range(2):
        with pytest.raises(ConflictError):
            world.act("tech", number, "contain", replay=True, client_uuid=key, note="没信号", **data)
    kept = Conflict.objects.in_project(world.project_id).get()
    assert (kept.data, kept.note, kept.rule) == (data, "没信号", "case.state")


def test_the_same_request_again_is_the_first_answer(world: World) -> None:
    number, key = road.received(world), uuid.uuid4()
    world.act("desk", number, "say", client_uuid=key, text="一次")
    assert world.act("desk", number, "say", client_uuid=key, text="一次").replayed
    assert Entry.objects.in_project(world.project_id).filter(action="say").count() == 1
    with pytest.raises(InvalidError) as caught:
        world.act("desk", number, "say", client_uuid=key, text="两次")
    assert list(caught.value.fields) == ["client_uuid"]


def test_only_ones_own_pictures(world: World) -> None:
    number, foreign = road.on_site(world), world.photo("desk")
    with pytest.raises(InvalidError) as caught:
        world.act("tech", number, "say", text="看图", photos=[foreign])
    assert list(caught.value.fields) == ["photos"]


@pytest.mark.parametrize("role", [Role.TECHNICIAN, Role.BUTLER])
def test_who_takes_money_does_no_other_work(world: World, role: Role) -> None:
    with pytest.raises(ConflictError) as caught:
        grant_role(
            user=world.company.users["cashier"], role=role, node=world.company.project(), actor=SYSTEM, at=world.now
        )
    assert refused(caught) == "org.separation_of_duties"


def test_the_customer_is_asked_to_rate_when_all_is_said(world: World) -> None:
    """By a link of its own purpose, after the amount is confirmed or when there is nothing to confirm."""
    number = road.settling(world)
    sent = Outbox.objects.in_project(world.project_id).get(
        event__startswith=number, event__endswith=":rate", channel="inapp"
    )
    link = find_link(sent.payload["path"].split("/")[2])
    world._actors["link"] = actor_of(link, world.now)  # type: ignore[assignment]
    assert world.act("link", number, "rate", rating=4).detail.rating == 4
    free = road.scoped(world, payer="common")
    world.act("tech", free, "start")
    road.finish(world, free)
    world.act("butler", free, "accept_work")
    events = Outbox.objects.in_project(world.project_id).filter(event__startswith=f"{free}:", channel="inapp")
    assert {row.event.split(":")[2] for row in events} == {"assigned", "received", "coming", "to_accept", "rate"}


def test_a_promise_made_on_hold_has_its_own_clock(world: World) -> None:
    """All other clocks stand; the new time warns and escalates by itself."""
    number = road.working(world)
    promised = world.now + timedelta(hours=10)
    told = {"promised_at": promised.isoformat(), "customer_told": True}
    held = world.act("tech", number, "suspend", reason="parts", **told)
    assert (held.case.next_due_at, held.case.next_due_key) == (promised, "promise")
    row = next(d for d in held.deadlines if d.key == "promise")
    assert row.next_at == world.now + timedelta(hours=8)
    resumed = world.act("tech", number, "resume")
    assert next(d for d in resumed.deadlines if d.key == "promise").outcome == "met"
    again = world.act("tech", number, "suspend", reason="customer", **told)
    assert again.case.next_due_key == "promise"


def test_declining_more_work_leaves_what_was_agreed(world: World) -> None:
    number = road.working(world)
    world.act("tech", number, "quote", lines=[*road.LINES, {"code": "L-PIPE", "quantity": "1"}])
    back = world.act("owner", number, "decline_quote", person_name="王淑芬")
    assert (back.case.state, str(back.detail.quote_total)) == ("agreed", "286.00")
    world.act("tech", number, "start")
    assert str(road.finish(world, number).detail.amount) == "286.00"
    world.act("owner", number, "confirm_amount", amount="286.00", way="portal", person_name="王淑芬")
    assert str(Charge.objects.in_project(world.project_id).get().amount) == "286.00"
