"""A morning at the desk by keyboard alone, in a real browser (docs/pictures/morning is made so).

More than twelve calls and messages of every kind, a burst pipe with nine callers, the shift handed over at noon;
then nothing open is without somebody who answers for it, nor without a next word due to the customer.
"""

from collections import Counter
from collections.abc import Iterator

import pytest
from django.conf import settings
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from playwright.sync_api import Browser, expect
from pytest_django.live_server_helper import LiveServer

from steward.assurance.duty import reads
from steward.assurance.duty_models import DutyEntry, ShiftHandover
from steward.assurance.models import Incident, IncidentCase
from steward.cases.models import Case, Deadline
from steward.casework.clocks.nextword import SILENCE
from steward.casework.models import DeskContact
from steward.demo.cast import build
from steward.kernel import reference
from steward.kernel.models import Outbox
from steward.processes.complaint.models import Ticket
from steward.registers.org.models import User
from steward.registers.workforce.people import colleagues
from tests.console.test_pin import SECRET, ready
from tests.story.conftest import DESK, Stage
from tests.story.morning import CHAT, COPIED, RISER, Clock, Keyboard, people
from tests.world import World

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

BUDGET = 10


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    clock = Clock()
    monkeypatch.setattr(timezone, "now", clock)
    return clock


@pytest.fixture
def world(transactional_db: None, clock: Clock) -> Iterator[World]:
    reference.forget()
    made = World(build(at=clock()), clock())
    people(made.company, made.actor("desk"), clock())
    yield made
    reference.forget()


@pytest.fixture
def k(browser: Browser, live_server: LiveServer, world: World, stage: Stage) -> Keyboard:
    """The desk's one PC: both colleagues gave their password here once, 周敏 sits at it."""
    ready(world, "desk", "desk2")
    client = Client()
    for who in ("desk2", "desk"):
        client.post("/sign-in/", {"username": who, "password": SECRET})
    context = browser.new_context(viewport=DESK, locale="zh-CN", base_url=live_server.url)
    context.grant_permissions(["clipboard-read", "clipboard-write"])
    for name in (settings.SESSION_COOKIE_NAME, "steward_desk"):
        context.add_cookies([{"name": name, "value": client.cookies[name].value, "url": live_server.url}])
    page = context.new_page()
    page.on("pageerror", lambda error: stage.complaints.append(str(error)))
    page.goto("/")
    return Keyboard(page)


def test_a_morning_at_the_desk(k: Keyboard, world: World, clock: Clock, stage: Stage) -> None:
    the_shift_begins(k, clock)
    a_repair_in_three_keys(k, clock, stage)
    an_urgent_one_sent_with_the_same_enter(k, world, clock, stage)
    a_complaint_at_the_counter(k, clock)
    a_question_answered_at_once(k, clock, stage)
    a_question_nobody_here_can_answer(k, clock)
    a_suggestion_and_praise(k, clock)
    a_service_at_its_price(k, clock, stage)
    a_chat_becomes_a_case(k, world, clock, stage)
    a_ticket_of_12345(k, clock, stage)
    somebody_who_asks_again_and_a_wrong_number(k, clock, stage)
    a_word_before_it_is_due(k, clock)
    the_pipe_bursts(k, clock, stage)
    the_others_join_with_one_key(k, world, clock, stage)
    everybody_hears_the_honest_new_time(k, clock, stage)
    the_shift_is_handed_over(k, clock, stage)
    nothing_is_left_without_somebody(k, world, clock, stage)
    assert stage.complaints == []


def the_shift_begins(k: Keyboard, clock: Clock) -> None:
    clock.set("08:00")
    k.menu("/duty/")
    k.press("g")
    k.done("您已当班")


def a_repair_in_three_keys(k: Keyboard, clock: Clock, stage: Stage) -> None:
    """Type, category, Enter; then who pays, and who goes."""
    clock.set("08:12")
    k.call("2-1-0304")
    k.press("b", "5")
    expect(k.page.locator("#script")).to_contain_text("2-1-0304，门窗锁具")
    stage.picture(k.page, "a-repair-in-three-keys")
    k.press("Enter")
    case = k.saved()
    assert k.pressed == 3
    assert (case.title, case.unit_label, case.urgency) == ("门窗锁具", "2-1-0304", "P2")
    who_pays_and_who_goes(k)
    case.refresh_from_db()
    assert case.handler is not None
    assert (case.state, case.handler.name) == ("dispatched", "王强")


def who_pays_and_who_goes(k: Keyboard) -> None:
    k.form("[name=payer]")
    k.press("Space", "Enter")
    k.done("定紧急程度和付费方")
    k.press("d")
    k.form("[name=handler]")
    k.press("Space", "Enter")
    k.done("派单")


def on_the_phones(world: World, clock: Clock, at: str, who: str, number: str, *steps: str) -> None:
    """What technicians do meanwhile; their own pages have their own stories."""
    clock.set(at)
    world.now = clock()
    for step in steps:
        world.act(who, number, step)


def an_urgent_one_sent_with_the_same_enter(k: Keyboard, world: World, clock: Clock, stage: Stage) -> None:
    clock.set("08:20")
    k.call("6621")
    k.press("b", "2", "Tab")
    k.type("主卧卫生间吊顶滴水，已用盆接着")
    expect(k.page.locator("#script")).to_contain_text("已用盆接着")
    expect(k.page.locator("#then")).to_contain_text("李建国")
    stage.picture(k.page, "an-urgent-one-is-sent-with-the-same-enter")
    k.press("Enter")
    case = k.saved()
    k.done("已派 李建国")
    assert case.handler is not None
    assert (case.state, case.urgency, case.handler.name) == ("dispatched", "P1", "李建国")
    on_the_phones(world, clock, "08:23", "tech", case.number, "accept")
    on_the_phones(world, clock, "08:24", "tech2", only("门窗锁具").number, "accept")
    on_the_phones(world, clock, "08:43", "tech", case.number, "arrive")


def only(title: str) -> Case:
    return Case.objects.unscoped().get(title=title)


def a_complaint_at_the_counter(k: Keyboard, clock: Clock) -> None:
    """L is the next channel: from the telephone to the counter."""
    clock.set("08:31")
    k.call("hanbing")
    k.press("l", "t", "4", "Tab")
    k.type("保洁三天没拖楼道，电梯口有污渍")
    k.press("Enter")
    case = k.saved()
    k.form("[name=severity]")
    k.press("Space", "Enter")
    k.done("确认受理")
    k.press("d")
    k.form("[name=responsible_unit]")
    k.type("环境部")
    k.press("Tab")
    k.choose("林静")
    k.press("Control+Enter")
    k.done("分派")
    case.refresh_from_db()
    assert (case.kind, case.channel, case.state) == ("complaint", "visit", "assigned")


def a_question_answered_at_once(k: Keyboard, clock: Clock, stage: Stage) -> None:
    """What the knowledge base knows stands beside the question; Alt+6 takes it over."""
    clock.set("08:46")
    k.call("1103")
    k.press("w", "2", "Tab")
    k.type("装修押金什么时候能退")
    expect(k.page.locator("[data-article]")).to_have_count(1)
    k.press("Alt+6")
    expect(k.page.locator("#said")).to_have_value(
        "完工满三个月、复查没有问题，凭收据到前台办理，五个工作日内原路退回。"
    )
    stage.picture(k.page, "a-question-answered-from-the-knowledge-base")
    k.press("Control+Enter")
    case = k.saved()
    k.done("已受理并当场答复")
    assert (case.state, case.inquiry.at_first_contact) == ("answered", True)
    assert case.inquiry.article is not None
    assert case.inquiry.article.question == "装修押金怎么退？"


def a_question_nobody_here_can_answer(k: Keyboard, clock: Clock) -> None:
    clock.set("08:51")
    k.call("0902")
    k.press("w", "0", "Tab")
    k.type("地库充电桩明年能不能装")
    k.press("Enter")
    case = k.saved()
    k.form("[name=answer]")
    expect(k.page.locator("form#act")).to_contain_text("知识库里还没有与这个问题相近的内容")
    k.away()
    k.press("y")
    k.form("[name=handler]")
    k.choose("陈悦")
    k.press("Control+Enter")
    k.done("转交")
    case.refresh_from_db()
    assert (case.state, case.accountable_id == case.handler_id) == ("passed_on", False)


def a_suggestion_and_praise(k: Keyboard, clock: Clock) -> None:
    clock.set("08:56")
    k.call("hezhiqiang")
    k.press("j", "2", "Tab")
    k.type("北门早高峰请加一个人疏导")
    k.press("Enter")
    suggestion = k.saved()
    k.form("[name=responsible_unit]")
    k.type("秩序部")
    k.press("Tab")
    k.choose("赵伟")
    k.press("Control+Enter")
    k.done("转办")
    clock.set("09:02")
    k.call("qianyong")
    k.press("y", "Tab")
    k.type("李师傅")
    k.press("Tab")
    k.type("大雨天帮我把轮椅推到电梯口")
    k.press("Enter")
    praise = k.saved()
    k.form("[name=staff]")
    k.choose("李建国")
    k.press("Control+Enter")
    k.done("转达")
    praise.refresh_from_db()
    suggestion.refresh_from_db()
    assert (praise.state, praise.praise.about, suggestion.state) == ("passed_on", "李师傅", "routed")


def a_service_at_its_price(k: Keyboard, clock: Clock, stage: Stage) -> None:
    clock.set("09:10")
    k.call("luojianjun")
    k.press("f", "1", "Tab")
    k.choose("家政保洁")
    k.press("Tab")
    k.type("3")
    expect(k.page.locator("[name=told_amount]")).to_have_value("150.00")
    k.reach("#what")
    k.type("周六上午，两居室，窗户也擦")
    expect(k.page.locator("#script")).to_contain_text("窗户也擦")
    stage.picture(k.page, "a-service-at-its-published-price")
    k.press("Enter")
    case = k.saved()
    k.form("[name=handler]")
    k.choose("王强")
    k.date("#act-appointment_at", "2026-11-28T09:30")
    k.press("Control+Enter")
    k.done("安排")
    assert (case.kind, str(case.service_order.amount)) == ("service_order", "150.00")


def a_chat_becomes_a_case(k: Keyboard, world: World, clock: Clock, stage: Stage) -> None:
    """Ctrl+V, a look, Enter; and the reply with its link is ready for the same chat."""
    clock.set("09:22")
    k.phone_rings()
    k.page.evaluate(COPIED, CHAT)
    k.press("Control+v")
    expect(k.page.locator("#who h2")).to_contain_text("唐婉")
    expect(k.page.locator("[data-pictures]")).to_have_text("1")
    k.reach("[name=kind]", key="Shift+Tab")
    k.press("b", "3")
    expect(k.page.locator("#script")).to_contain_text("电气照明")
    stage.picture(k.page, "a-chat-with-its-picture-is-read")
    k.press("Enter")
    case = k.saved()
    assert (case.title, case.channel, case.files.count()) == ("客厅的灯不亮了", "wechat", 1)
    expect(k.page.locator("#share-text")).to_contain_text("/l/")
    stage.picture(k.page, "and-gives-back-a-reply-with-a-link")
    k.page.locator("dialog[open] .btn-primary:focus").wait_for()
    k.press("Enter")
    k.page.wait_for_function(
        "async (number) => (await navigator.clipboard.readText()).includes(number)", arg=case.number
    )
    k.away()
    k.press("u")
    who_pays_and_who_goes(k)
    on_the_phones(world, clock, "09:31", "tech", case.number, "accept")


def a_ticket_of_12345(k: Keyboard, clock: Clock, stage: Stage) -> None:
    clock.set("09:40")
    k.call("7-1-0603")
    k.press("t", "5", "Tab")
    k.type("物业电话连续两天打不通")
    k.press("Enter")
    case = k.saved()
    k.form("[name=severity]")
    k.away()
    k.press("t")
    k.form("[name=source]")
    k.type("12345")
    k.press("Tab")
    k.type("HZ20261123-00871")
    k.date("#act-due_at", "2026-11-25T17:00")
    k.press("Control+Enter")
    k.done("登记外部工单")
    expect(k.page.locator("#clocks + *, .box:has(#clocks)").first).to_contain_text("回复外部工单")
    k.press("a")
    k.form("[name=severity]")
    k.press("ArrowRight")
    k.press("Enter")
    k.done("确认受理")
    stage.picture(k.page, "a-ticket-of-12345-with-its-official-deadline")
    ticket = Ticket.objects.unscoped().get()
    assert (ticket.case_id, ticket.source, ticket.number) == (case.pk, "12345", "HZ20261123-00871")
    assert timezone.localtime(ticket.due_at).strftime("%m-%d %H:%M") == "11-25 17:00"


def somebody_who_asks_again_and_a_wrong_number(k: Keyboard, clock: Clock, stage: Stage) -> None:
    clock.set("09:47")
    k.call("8-1-0202")
    expect(k.page.locator("#more")).to_contain_text("窗户也擦")
    stage.picture(k.page, "somebody-asks-again")
    k.press("Alt+1")
    k.done("已记录业户催问")
    expect(k.page.locator(".events")).to_contain_text("业户催问")
    clock.set("09:51")
    k.phone_rings()
    k.press("F9")
    k.done("今日第 1 通")
    found = DeskContact.objects.unscoped().values_list("outcome", flat=True)
    assert Counter(found) == {"wrong_number": 1, "asked_again": 1}


def open_row(k: Keyboard, words: str) -> None:
    """The workbench, J down to the row, Enter."""
    k.menu("/")
    chosen = k.page.locator("[data-rows] tr[aria-selected=true]")
    for _row in range(30):
        if words in chosen.inner_text():
            break
        k.press("j")
    k.press("Enter")
    expect(k.page.locator("h1")).to_contain_text(words)
    k.page.wait_for_load_state()


def a_word_before_it_is_due(k: Keyboard, clock: Clock) -> None:
    """The leak is urgent: two hours after he arrived the customer must hear again."""
    clock.set("09:56")
    open_row(k, "主卧卫生间吊顶滴水")
    k.press("n")
    k.form("[name=word]")
    k.type("李师傅正在查漏点，修之前先报价给您")
    k.date("#act-next_at", "2026-11-23T13:30")
    k.press("Control+Enter")
    k.done("告知下一步")
    expect(k.page.locator(".box:has(#next-word)")).to_contain_text("先报价给您")


def the_pipe_bursts(k: Keyboard, clock: Clock, stage: Stage) -> None:
    """The third caller makes it clear; a person decides that it is one cause."""
    said = ("家里突然停水了", "停水了，楼道里在喷水", "家里停水了，电梯厅有水流下来")
    for n, (home, words) in enumerate(zip(RISER[:3], said, strict=True)):
        clock.set(f"10:0{2 + 2 * n}")
        k.call(home.unit)
        k.press("b", "1", "Tab")
        k.type(words)
        k.press("Enter")
        k.saved()
        k.form("[name=payer]")
        k.away()
    expect(k.page.locator("#flashes")).to_contain_text("疑似同一原因：3栋，3户")
    k.menu("/")
    stage.picture(k.page, "three-callers-one-cause")
    k.press("i")
    k.page.locator("[name=title]:focus").wait_for()
    k.type("3栋1单元停水")
    k.reach("[name=entrance]")
    k.type("1")
    k.reach("[name=cause]")
    k.type("2号泵房立管接头爆裂")
    k.reach("[name=words]")
    k.type("2号泵房立管爆裂，已关阀抢修，楼道积水正在清扫")
    k.reach("[name=handler]")
    k.press("Space")
    stage.picture(k.page, "an-incident-tells-everybody-once")
    k.press("Control+Enter")
    k.done("已通知受影响住户")
    incident = Incident.objects.unscoped().get()
    assert (incident.place, incident.category.code if incident.category else "") == ("3栋1单元", "water")


def the_others_join_with_one_key(k: Keyboard, world: World, clock: Clock, stage: Stage) -> None:
    for n, home in enumerate(RISER[3:]):
        clock.set(f"10:{11 + n}")
        k.call(home.unit)
        expect(k.page.locator("#known")).to_contain_text("3栋1单元停水")
        if n == 0:
            stage.picture(k.page, "the-next-caller-joins-with-one-key")
        k.press("F8")
        k.done("并照常回访")
        assert k.pressed == 1
    clock.set("10:20")
    k.call(RISER[0].unit)
    k.press("b", "5", "Enter")  # the lock has nothing to do with it: Enter saves, it does not join
    other = k.saved()
    who_pays_and_who_goes(k)
    k.press("1")  # the sentence at hand: one key tells the customer and promises the next word
    k.done("告知下一步")
    on_the_phones(world, clock, "10:26", "tech2", other.number, "accept")
    linked = IncidentCase.objects.unscoped()
    assert linked.filter(ended_at__isnull=True).count() == len(RISER)
    assert not linked.filter(case=other).exists()


def everybody_hears_the_honest_new_time(k: Keyboard, clock: Clock, stage: Stage) -> None:
    clock.set("11:05")
    k.menu("/incidents/")
    k.press("Enter")
    k.page.wait_for_url("**/incidents/SJ-*/")
    k.press("s")
    k.done("已到场")
    k.press("m")
    k.page.locator("#news-words:focus").wait_for()
    k.type("接头已换好，正在试压")
    k.date("#news-expected_at", "2026-11-23T13:00")
    k.press("Control+Enter")
    k.done("已通知受影响住户")
    stage.picture(k.page, "everybody-hears-the-new-time")
    number = Incident.objects.unscoped().get().number
    told = [row for row in Outbox.objects.unscoped().filter(channel="inapp") if row.payload.get("incident") == number]
    assert set(Counter((row.event, row.recipient) for row in told).values()) == {1}, "each once"
    assert set(Counter(row.event for row in told).values()) == {len(RISER)}, "everybody, and nobody else"


def the_shift_is_handed_over(k: Keyboard, clock: Clock, stage: Stage) -> None:
    """At noon: a line in the log, what stands open, and the receiver signs at the same PC."""
    clock.set("11:52")
    k.menu("/duty/")
    k.press("w")
    k.page.locator("#write-text:focus").wait_for()
    k.type("10:02 起3栋1单元立管爆裂，9户来电，已并为一件事件，泵房钥匙在李师傅手上")
    k.press("Control+Enter")
    k.done("已记录")
    clock.set("11:55")
    k.press("h")
    k.reach("[name=receiver]")
    k.press("Space")
    k.reach("[name=items]")
    k.type("13:00 盯住3栋来水；12345 工单今天先回访孙女士")
    k.reach("[name=keys]")
    k.type("前台钥匙1串、对讲机2部")
    k.press("Control+Enter")
    k.done("等待签收")
    clock.set("12:00")
    switch(k, "吴芳")
    stage.picture(k.page, "the-shift-with-what-stands-open")
    k.press("y")
    k.done("现在由您当班")
    handover = ShiftHandover.objects.unscoped().get()
    assert handover.state == "accepted"
    kinds = Counter(item["kind"] for item in handover.open_items)
    assert kinds["incident"] == 1
    assert Ticket.objects.unscoped().get().case.number in {item["number"] for item in handover.open_items}
    assert DutyEntry.objects.unscoped().count() == 1


def switch(k: Keyboard, name: str) -> None:
    """F4, four digits, Enter."""
    k.press("F4")
    k.page.locator("#pin-digits:focus").wait_for()
    k.press("2", "5", "8", "0", "Enter")
    expect(k.page.locator(".me strong").first).to_have_text(name)
    k.page.wait_for_load_state()


def nothing_is_left_without_somebody(k: Keyboard, world: World, clock: Clock, stage: Stage) -> None:
    duty = reads.on_duty(world.project_id)
    assert duty is not None
    assert duty.staff_id == world.company.staff["desk2"].pk
    still_open = list(Case.objects.unscoped().filter(closed_at__isnull=True))
    assert len(still_open) == 9 + len(RISER)
    for case in still_open:
        who = colleagues().get(case.accountable_id or 0)
        assert who is not None, case.number
        assert who.is_active, case.number
        word = Deadline.objects.unscoped().get(case=case, key=SILENCE, ended_at__isnull=True)
        assert word.due_at is not None, case.number
        assert word.due_at > clock(), (case.number, word.due_at)
    switch(k, "周敏")
    k.menu("/")
    mine = k.page.locator("main").inner_text()
    for case in still_open:
        assert case.number in mine, case.title
    followed = k.page.locator("section:has(> header #followed)")
    for case in (c for c in still_open if c.handler_id):
        expect(followed).to_contain_text(case.number)
    stage.picture(k.page, "and-everything-open-has-somebody")
    pages_stay_cheap()


def pages_stay_cheap() -> None:
    """However full the morning was."""
    client = Client()
    user = User.objects.get(username="desk")  # with the password given above
    client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
    for path in ("/", "/intake/", "/cases/", "/duty/", "/incidents/", "/dispatch/"):
        with CaptureQueriesContext(connection) as seen:
            assert client.get(path).status_code == 200
        assert len(seen) <= BUDGET, (path, len(seen))
