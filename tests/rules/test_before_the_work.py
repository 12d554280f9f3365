"""From the call to the consent. Numbers in docs/rules.md."""

from datetime import UTC, datetime, timedelta

import pytest

from steward.cases.engine import Outcome
from steward.cases.models import Entry
from steward.kernel import reference
from steward.kernel.errors import ConflictError, InvalidError, NotAllowedError, NotFoundError
from steward.processes.repair.models import Consent, Quote, QuoteLine
from tests.rules import road
from tests.world import World


def clock(outcome: Outcome, key: str) -> datetime | None:
    return next(d.due_at for d in outcome.deadlines if d.key == key)


def test_clocks_run_from_the_moment_received(world: World) -> None:
    heard = world.now - timedelta(minutes=20)
    outcome = world.open("desk", urgency="P1", received_at=heard.isoformat())
    assert clock(outcome, "arrival") == heard + timedelta(minutes=30)
    assert clock(outcome, "completion") == heard + timedelta(hours=24)
    assert (outcome.case.received_at, outcome.case.recorded_at) == (heard, world.now)


def test_received_cannot_lie_ahead_or_far_back(world: World) -> None:
    for moved in (timedelta(hours=1), -timedelta(days=31)):
        with pytest.raises(InvalidError) as caught:
            world.open("desk", received_at=(world.now + moved).isoformat())
        assert list(caught.value.fields) == ["received_at"]


def test_the_first_responder_stays_accountable(world: World) -> None:
    number = road.working(world)
    assert road.look(world, number).case.accountable_id == world.company.staff["desk"].pk


def test_received_by_one_entered_by_another(world: World) -> None:
    guard = world.company.staff["desk2"]
    case = world.open("desk", received_by=guard.pk).case
    assert case.accountable_id == guard.pk


def test_received_only_by_somebody_who_still_works_here(world: World) -> None:
    left = world.company.staff["desk2"]
    left.is_active = False
    left.save(update_fields=["is_active"])
    reference.forget()
    for who in (left.pk, world.company.staff["outsider"].pk, 999_999):
        with pytest.raises(InvalidError) as caught:
            world.open("desk", received_by=who)
        assert set(caught.value.fields) == {"received_by"}


def test_what_residents_report_is_their_butlers(world: World) -> None:
    assert world.open("owner").case.accountable_id == world.company.staff["butler"].pk


def test_urgency_and_payer_are_decided_before_anybody_goes(world: World) -> None:
    number = world.open("desk").case.number
    for who, action, data in (
        ("desk", "dispatch", {"handler": world.company.staff["tech"].pk}),
        ("tech", "take", {}),
    ):
        with pytest.raises(ConflictError) as caught:
            world.act(who, number, action, **data)
        assert caught.value.rule == "repair.payer_decided"
    world.act("desk", number, "assess", urgency="P2", payer="developer")
    assert world.act("tech", number, "take").case.state == "accepted"


@pytest.mark.parametrize("who", ["butler", "cashier", "outsider_tech"])
def test_only_technicians_of_the_project_are_sent(world: World, who: str) -> None:
    number = road.received(world)
    with pytest.raises(ConflictError) as caught:
        world.act("desk", number, "dispatch", handler=world.company.staff[who].pk)
    assert caught.value.rule == "repair.handler_is_technician"


def test_only_the_handler_moves_the_job_on(world: World) -> None:
    number = road.received(world)
    world.act("desk", number, "dispatch", handler=world.company.staff["tech"].pk)
    with pytest.raises(NotFoundError):
        world.act("tech2", number, "accept")
    with pytest.raises(NotAllowedError):
        world.act("desk", number, "accept")


def test_work_is_confirmed_together_before_the_quote(world: World) -> None:
    number = road.on_site(world)
    with pytest.raises(ConflictError) as caught:
        world.act("tech", number, "quote", lines=road.LINES)
    assert caught.value.rule == "case.state"


def test_prices_come_from_the_list(world: World) -> None:
    number = road.quoted(world)
    quote = Quote.objects.in_project(world.project_id).get(case__number=number)
    lines = QuoteLine.objects.in_project(world.project_id).filter(quote=quote).order_by("position")
    assert [(str(x.unit_price), str(x.amount)) for x in lines] == [
        ("180.00", "180.00"),
        ("38.00", "76.00"),
        ("30.00", "30.00"),
    ]
    for wrong in ({"code": "FREE", "quantity": "1"}, {"code": "CALL", "quantity": "1", "unit_price": "1.00"}):
        with pytest.raises(InvalidError):
            world.act("tech", number, "quote", lines=[wrong])


def test_consent_binds_the_quote_that_was_seen(world: World) -> None:
    number = road.quoted(world)
    seen = road.look(world, number).detail.quote_hash
    world.act("tech", number, "quote", lines=road.LINES[:1])
    with pytest.raises(ConflictError) as caught:
        road.sign(world, number, quote_hash=seen)
    assert caught.value.rule == "repair.consent_binds_quote"


def test_a_changed_quote_voids_the_consent(world: World) -> None:
    number = road.working(world)
    world.act("tech", number, "quote", lines=road.LINES[:1])
    with pytest.raises(ConflictError) as caught:
        world.act("tech", number, "start")
    assert caught.value.rule == "case.state"
    detail = road.look(world, number).detail
    assert detail.consent_hash != detail.quote_hash


@pytest.mark.parametrize(
    ("who", "data"),
    [
        ("tech", {"way": "signature"}),
        ("tech", {"way": "call", "call_reference": "R-1"}),
        ("tech", {"way": "portal"}),
        ("desk", {"way": "portal"}),
        ("desk", {"way": "call"}),
        ("desk", {"way": "signature"}),
        ("owner", {"way": "call", "call_reference": "R-1"}),
        ("owner", {"way": "flat_rate"}),
    ],
)
def test_consent_needs_a_witness(world: World, who: str, data: dict[str, str]) -> None:
    number = road.quoted(world)
    seen = road.look(world, number).detail.quote_hash
    with pytest.raises(ConflictError) as caught:
        world.act(who, number, "consent", quote_hash=seen, person_name="王淑芬", relation="本人", **data)
    assert caught.value.rule == "repair.consent_witnessed"


@pytest.mark.parametrize(
    ("who", "data"), [("desk", {"way": "call", "call_reference": "R-20261121-7"}), ("owner", {"way": "portal"})]
)
def test_other_ways_to_agree(world: World, who: str, data: dict[str, str]) -> None:
    number = road.quoted(world)
    seen = road.look(world, number).detail.quote_hash
    given = {"quote_hash": seen, "person_name": "王淑芬", "relation": "本人", **data}
    assert world.act(who, number, "consent", **given).case.state == "agreed"


def test_no_work_before_consent(world: World) -> None:
    number = road.scoped(world)
    with pytest.raises(ConflictError) as caught:
        world.act("tech", number, "start")
    assert caught.value.rule == "repair.no_work_before_consent"


@pytest.mark.parametrize("payer", ["common", "developer", "fund", "utility"])
def test_free_work_starts_and_is_recorded_as_free(world: World, payer: str) -> None:
    number = road.scoped(world, payer=payer)
    started = world.act("tech", number, "start")
    assert (started.case.state, started.detail.is_free) == ("working", True)


def test_containment_is_for_emergencies(world: World) -> None:
    urgent, ordinary = road.on_site(world), road.on_site(world, urgency="P2", category="water")
    contained = world.act("tech", urgent, "contain", what="关阀", photos=[])
    assert (contained.case.state, contained.detail.containment) == ("on_site", "关阀")
    with pytest.raises(ConflictError) as caught:
        world.act("tech", ordinary, "contain", what="关阀")
    assert caught.value.rule == "repair.containment_emergency_only"


def test_a_flat_rate_accepted_at_reporting_is_consent(world: World) -> None:
    number = road.scoped(world, flat_rate="F-UNCLOG")
    assert world.act("tech", number, "start").case.state == "working"
    given = Consent.objects.in_project(world.project_id).get(case__number=number)
    assert (given.way, str(given.amount), given.given_at) == ("flat_rate", "80.00", world.now)
    assert str(road.finish(world, number).detail.amount) == "80.00"


def test_a_call_out_fee_is_no_consent_to_work(world: World) -> None:
    number = road.scoped(world, flat_rate="CALL")
    with pytest.raises(ConflictError) as caught:
        world.act("tech", number, "start")
    assert caught.value.rule == "repair.no_work_before_consent"


def test_only_published_rates_can_be_accepted(world: World) -> None:
    for code in ("P-DN20", "NONE"):
        with pytest.raises(InvalidError) as caught:
            world.open("owner", flat_rate=code)
        assert list(caught.value.fields) == ["flat_rate"]


@pytest.mark.parametrize(("told", "owed"), [("CALL", "30.00"), ("", "0.00")])
def test_declining_owes_only_the_fee_that_was_told(world: World, told: str, owed: str) -> None:
    number = road.quoted(world, flat_rate=told)
    declined = world.act("owner", number, "decline_quote", person_name="王淑芬")
    assert f"{declined.detail.amount:.2f}" == owed
    assert declined.case.state == ("done" if told else "settling")


def test_the_consenter_is_not_the_payer(world: World) -> None:
    number = road.received(world)
    world.act("desk", number, "assess", urgency="P1", payer="orderer", payer_name="周晓岚")
    world.act("desk", number, "dispatch", handler=world.company.staff["tech"].pk)
    for action in ("accept", "arrive"):
        world.act("tech", number, action)
    photos = [world.photo("tech")]
    world.act("tech", number, "confirm_scope", cause="渗漏", scope="换接头", confirmed_by="保姆", photos=photos)
    world.act("tech", number, "quote", lines=road.LINES)
    road.sign(world, number, person_name="张阿姨", relation="保姆")
    given = Consent.objects.in_project(world.project_id).get(case__number=number)
    assert (given.person_name, given.relation) == ("张阿姨", "保姆")
    assert road.look(world, number).detail.payer_name == "周晓岚"


def test_happened_at_is_bounded_and_flagged(world: World) -> None:
    number = road.received(world)
    world.pass_time(hours=2)
    world.act("desk", number, "dispatch", handler=world.company.staff["tech"].pk)
    tapped = world.now + timedelta(hours=1)
    world.pass_time(hours=2)
    world.act("tech", number, "accept", happened_at=tapped)
    outcome = road.look(world, number)
    assert next(d for d in outcome.deadlines if d.key == "response").ended_at == tapped
    for wrong in (world.now + timedelta(hours=1), datetime(2020, 1, 1, tzinfo=UTC)):
        with pytest.raises(InvalidError) as caught:
            world.act("tech", number, "arrive", happened_at=wrong)
        assert list(caught.value.fields) == ["happened_at"]


def test_nothing_happens_before_the_step_that_led_to_it(world: World) -> None:
    number = road.received(world)
    world.pass_time(hours=2)
    world.act("desk", number, "dispatch", handler=world.company.staff["tech"].pk)
    world.act("tech", number, "accept")
    world.act("tech", number, "arrive")
    world.pass_time(hours=2)
    photos = [world.photo("tech")]
    told = {"cause": "渗漏", "scope": "换接头", "confirmed_by": "王淑芬", "photos": photos}
    with pytest.raises(InvalidError) as caught:
        world.act("tech", number, "confirm_scope", happened_at=world.now - timedelta(hours=3), **told)
    assert list(caught.value.fields) == ["happened_at"]
    before = world.now - timedelta(hours=2, minutes=2)
    done = world.act("tech", number, "confirm_scope", happened_at=before, **told)
    entry = Entry.objects.in_project(world.project_id).get(case=done.case, action="confirm_scope")
    assert entry.happened_at == world.now - timedelta(hours=2), "a phone's clock may be a little slow"
