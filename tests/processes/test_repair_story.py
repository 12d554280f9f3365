"""One repair from the first call to the callback, through the verbs alone."""

from datetime import timedelta
from decimal import Decimal

from steward.assurance.models import Callback
from steward.cases.models import Entry
from steward.registers.billing.models import LedgerLine, Receipt
from tests.world import World


def to_quoted(world: World) -> str:
    number = world.open("desk", category="leak", urgency="P1", payer="owner", flat_rate="CALL").case.number
    world.pass_time(minutes=4)
    world.act("desk", number, "dispatch", handler=world.company.staff["tech"].pk)
    world.pass_time(minutes=3)
    world.act("tech", number, "accept")
    world.pass_time(minutes=9)
    world.act("tech", number, "arrive")
    world.act("tech", number, "contain", what="关闭第3路阀门", photos=[world.photo("tech")])
    world.act("tech", number, "confirm_scope", cause="接头渗漏", scope="更换接头", confirmed_by="王淑芬")
    world.act(
        "tech",
        number,
        "quote",
        lines=[
            {"code": "L-PLUMB", "quantity": "1"},
            {"code": "P-DN20", "quantity": "2"},
            {"code": "CALL", "quantity": "1"},
        ],
    )
    return number


def to_settling(world: World) -> str:
    number = to_quoted(world)
    detail = world.act("tech", number, "say", text="等业主").detail
    world.act(
        "tech",
        number,
        "consent",
        quote_hash=detail.quote_hash,
        way="signature",
        person_name="周晓岚",
        relation="女儿",
        signature=world.photo("tech"),
    )
    world.act("tech", number, "start")
    world.pass_time(hours=1)
    world.act(
        "tech",
        number,
        "finish",
        work_done="更换接头2只，试压合格",
        labour_minutes=55,
        photos_after=[world.photo("tech")],
        site_cleaned=True,
    )
    world.act("owner", number, "confirm_amount", amount="286.00", way="portal", person_name="王淑芬", relation="本人")
    return number


def test_the_whole_road(world: World) -> None:
    number = to_quoted(world)
    assert world.act("tech", number, "say", text="已报价").detail.quote_total == Decimal("286.00")
    number = to_settling(world)
    assert world.act("tech", number, "say", text="完工").case.state == "settling"

    paid = world.act("cashier", number, "pay", method="wechat", amount="286.00")
    assert paid.case.state == "settling"
    assert paid.case.closed_at is None
    world.pass_time(hours=5)
    ended = world.act("butler", number, "callback", outcome="satisfied", rating=4)
    assert ended.case.state == "closed"
    assert {d.key: d.outcome for d in ended.deadlines if d.key != "silence"} == {
        "response": "met",
        "arrival": "met",
        "completion": "met",
        "consent": "met",
        "callback": "met",
        "payment": "met",
    }
    assert Receipt.objects.in_project(world.project_id).get().serial == 1
    assert sum(line.amount for line in LedgerLine.objects.in_project(world.project_id)) == 0
    entries = list(Entry.objects.in_project(world.project_id).filter(case=ended.case).order_by("seq"))
    assert [e.seq for e in entries] == list(range(1, ended.case.version + 1))


def test_callback_starts_at_completion_not_at_payment(world: World) -> None:
    number = to_settling(world)
    callback = Callback.objects.in_project(world.project_id).get(case__number=number)
    assert callback.due_at == world.now + timedelta(hours=24)
    assert callback.is_urgent


def test_unsatisfied_reopens_with_a_new_round(world: World) -> None:
    number = to_settling(world)
    world.pass_time(hours=5)
    again = world.act("butler", number, "callback", outcome="unsatisfied", comment="又漏了")
    assert (again.case.state, again.case.round) == ("received", 2)
    running = {d.key for d in again.deadlines if d.ended_at is None}
    assert running == {"response", "arrival", "completion", "silence"}
