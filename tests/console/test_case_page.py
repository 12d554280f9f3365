import re
import uuid
from typing import Any

import pytest
from pytest_django.fixtures import DjangoAssertNumQueries

from steward.cases.models import Case, Entry
from steward.casework import subtasks
from steward.casework.accountability import handovers, oncall
from steward.casework.customer.links import actor_of, find_link
from steward.casework.models import Link
from tests.console.conftest import Browser, SignIn, to_quoted, to_settling
from tests.party.test_files import daughter, do
from tests.world import World


def send(browser: Browser, number: str, action: str, **data: Any) -> Any:
    data.setdefault("client_uuid", str(uuid.uuid4()))
    return browser.post(f"/cases/{number}/actions/{action}/", data)


def state(world: World, number: str) -> str:
    return Case.objects.in_project(world.project_id).get(number=number).state


def test_the_page_says_whose_turn_it_is(world: World, sign_in: SignIn) -> None:
    number = to_quoted(world)
    assert "轮到我：请业户确认报价 ¥286.00" in sign_in("desk").page(f"/cases/{number}/")
    assert "等待李建国／王淑芬" in sign_in("cashier").page(f"/cases/{number}/")


def test_the_chain_shows_lines_versions_and_payment(world: World, sign_in: SignIn) -> None:
    number = to_settling(world)
    page = sign_in("desk").page(f"/cases/{number}/")
    assert "分水器接头 DN20 × 2 只" in page
    assert "周晓岚（女儿）" in page
    world.act("cashier", number, "pay", method="cash", amount="286.00", tendered="300")
    assert "收据 000001" in sign_in("desk").page(f"/cases/{number}/")


@pytest.mark.parametrize("notes", [1, 30])
def test_statements_of_the_page(
    world: World, sign_in: SignIn, django_assert_num_queries: DjangoAssertNumQueries, notes: int
) -> None:
    number = to_settling(world)
    for n in range(notes):
        world.act("desk", number, "say", text=f"第{n}条")
    desk = sign_in("desk")
    desk.page(f"/cases/{number}/")
    # session, case, clocks, entries, files, quotes, consent, charges, contacts
    with django_assert_num_queries(10):
        desk.page(f"/cases/{number}/")


def test_a_late_clock_says_why_beside_it(world: World, sign_in: SignIn) -> None:
    number = world.open("desk", urgency="P1", payer="owner").case.number
    desk = sign_in("desk")
    assert "为什么超时" not in desk.page(f"/cases/{number}/")
    world.pass_time(minutes=20)
    page = desk.page(f"/cases/{number}/")
    assert page.count("为什么超时") == 1
    assert "“接单”时限 11-21 10:39，至今未完成，已超5分。" in page
    world.pass_time(minutes=20)
    world.act("desk", number, "dispatch", handler=world.company.staff["tech"].pk)
    world.act("tech", number, "accept")
    assert "实际 11:04，晚了25分。" in desk.page(f"/cases/{number}/"), "and still once it is done"


def test_a_late_subtask_says_why_beside_it(world: World, sign_in: SignIn) -> None:
    number = world.open("desk", urgency="P1", payer="owner").case.number
    subtasks.ask_subtask(
        project_id=world.project_id,
        number=number,
        data={"what": "请查水泵", "contractor": "东升水泵"},
        actor=world.actor("desk"),
        at=world.now,
        client_uuid=uuid.uuid4(),
    )
    world.pass_time(hours=5)
    assert "全程5小时：接手5小时（东升水泵）。" in sign_in("desk").page(f"/cases/{number}/")


def test_a_late_hand_over_says_why_among_the_clocks(world: World, sign_in: SignIn) -> None:
    number = world.open("desk", kind="suggestion", title="加装路灯", urgency="P1").case.number
    desk = sign_in("desk")
    hand_over(world, number)
    world.pass_time(minutes=30)
    assert "首问移交答复" not in desk.page(f"/cases/{number}/"), "in time it stands with the people"
    world.pass_time(minutes=11)
    said = "“首问移交答复”时限 11-21 10:54，至今未完成，已超11分。"
    page = clocks_of(desk.page(f"/cases/{number}/"))
    assert "首问移交答复：陈悦" in page
    assert said in page
    assert "现在轮到陈悦：等答复。" in page
    handovers.accept_handover(**asked(world, "butler", number))
    page = clocks_of(desk.page(f"/cases/{number}/"))
    assert "实际 11:05，晚了11分。" in page, "and still once it is answered"


def hand_over(world: World, number: str) -> None:
    data = {"receiver": world.company.staff["butler"].pk, "reason": "我去培训"}
    handovers.offer_handover(data=data, **asked(world, "desk", number))


def asked(world: World, who: str, number: str) -> dict[str, Any]:
    return {
        "project_id": world.project_id,
        "number": number,
        "actor": world.actor(who),
        "at": world.now,
        "client_uuid": uuid.uuid4(),
    }


def clocks_of(page: str) -> str:
    return page.partition('id="clocks"')[2].partition("</section>")[0]


def test_a_late_ring_says_why_among_the_clocks(world: World, sign_in: SignIn) -> None:
    """Whoever took the job on the phone has answered, before the worker looks or not."""
    number = world.open("desk", urgency="P0", payer="owner", category="leak").case.number
    desk = sign_in("desk")
    ringing = oncall.ring_on_call(data={}, **asked(world, "desk", number)).ring
    assert ringing is not None
    world.pass_time(minutes=8)
    page = clocks_of(desk.page(f"/cases/{number}/"))
    assert f"值班人员回应：{ringing.name}" in page
    assert "“值班人员回应”时限 11-21 10:27，至今未完成，已超5分。" in page
    assert f"全程8分：等答复8分（{ringing.name}）。" in page
    world.act("tech", number, "accept")
    assert "“值班人员回应”时限 11-21 10:27，实际 10:32，晚了5分。" in clocks_of(desk.page(f"/cases/{number}/"))


def test_taken_on_the_phone_in_time_a_ring_was_never_late(world: World, sign_in: SignIn) -> None:
    number = world.open("desk", urgency="P0", payer="owner", category="leak").case.number
    oncall.ring_on_call(data={}, **asked(world, "desk", number))
    world.pass_time(minutes=2)
    world.act("tech", number, "accept")
    world.pass_time(minutes=6)
    assert "值班人员回应" not in clocks_of(sign_in("desk").page(f"/cases/{number}/"))


def test_what_is_late_beside_costs_one_statement_a_kind(
    world: World, sign_in: SignIn, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    number = world.open("desk", urgency="P0", payer="owner", category="leak").case.number
    desk = sign_in("desk")
    hand_over(world, number)
    for seen in (None, 1, 2):
        world.pass_time(minutes=4)
        oncall.ring_on_call(data={"seen": seen}, **asked(world, "desk", number))
    world.pass_time(hours=1)
    assert clocks_of(desk.page(f"/cases/{number}/")).count("至今未完成") > 2
    # session, case, care, clocks, entries, files, contacts; hand-overs, rings
    with django_assert_num_queries(9):
        desk.page(f"/cases/{number}/")


def test_actions_are_posted_through_the_engine(world: World, sign_in: SignIn) -> None:
    number = world.open("desk", payer="owner", category="water").case.number
    desk = sign_in("desk")
    form = desk.page(f"/cases/{number}/actions/dispatch/")
    assert "李建国 · 水电" in form or "李建国" in form
    answer = send(desk, number, "dispatch", handler=world.company.staff["tech"].pk)
    assert (answer.status_code, answer["Location"]) == (303, f"/cases/{number}/")
    assert state(world, number) == "dispatched"


def test_a_double_click_is_one_action(world: World, sign_in: SignIn) -> None:
    number = world.open("desk").case.number
    same = str(uuid.uuid4())
    desk = sign_in("desk")
    for _ in range(2):
        assert send(desk, number, "say", text="已致电", client_uuid=same).status_code == 303
    assert Entry.objects.in_project(world.project_id).filter(action="say").count() == 1


def test_what_was_refused_stays_typed(world: World, sign_in: SignIn) -> None:
    number = world.open("desk", payer="owner", category="water").case.number
    desk = sign_in("desk")
    send(desk, number, "dispatch", handler=world.company.staff["tech"].pk)
    world.act("tech", number, "accept")
    answer = send(desk, number, "suspend", reason="parts", promised_at="昨天下午", customer_told="on")
    assert answer.status_code == 422
    page = answer.content.decode()
    assert "field-error" in page
    assert 'value="昨天下午"' in page
    assert re.search(r'value="parts" checked', page)


def test_a_guard_answers_409_with_its_words(world: World, sign_in: SignIn) -> None:
    number = to_quoted(world)
    desk = sign_in("desk")
    page = desk.page(f"/cases/{number}/actions/consent/")
    digest = re.search(r'name="quote_hash" value="(\w+)"', page)
    assert digest
    answer = send(desk, number, "consent", quote_hash=digest[1], way="call", person_name="周晓岚", relation="女儿")
    assert answer.status_code == 409
    assert 'value="周晓岚"' in answer.content.decode()
    assert state(world, number) == "quoted"
    given = send(
        desk,
        number,
        "consent",
        quote_hash=digest[1],
        way="call",
        person_name="周晓岚",
        relation="女儿",
        call_reference="L-7",
    )
    assert given.status_code == 303
    assert state(world, number) == "agreed"


def test_an_action_out_of_turn_is_refused(world: World, sign_in: SignIn) -> None:
    number = world.open("desk").case.number
    assert sign_in("cashier").get(f"/cases/{number}/actions/dispatch/").status_code == 403
    assert sign_in("desk").get(f"/cases/{number}/actions/consent/").status_code == 409
    assert sign_in("desk").get(f"/cases/{number}/actions/nothing/").status_code == 404
    assert sign_in("outsider").get(f"/cases/{number}/").status_code == 404
    assert sign_in("outsider").get(f"/cases/{number}/actions/dispatch/").status_code == 404
    assert send(sign_in("cashier"), number, "dispatch", handler=1).status_code == 403
    assert send(sign_in("outsider"), number, "say", text="x").status_code == 404


def test_the_technician_quotes_from_the_list_with_errors_in_their_rows(world: World, sign_in: SignIn) -> None:
    number = to_quoted(world)
    tech = sign_in("tech")
    form = tech.page(f"/cases/{number}/actions/quote/")
    assert "更换球阀，人工 ¥60.00/次" in form
    bad = send(tech, number, "quote", **{"lines-0-code": "L-VALVE", "lines-0-quantity": "viele"})
    assert bad.status_code == 422
    assert 'value="viele"' in bad.content.decode()
    good = send(tech, number, "quote", **{"lines-0-code": "L-VALVE", "lines-0-quantity": "2"})
    assert good.status_code == 303
    assert "¥120.00" in tech.page(f"/cases/{number}/")


def test_copying_makes_one_link_that_fits_the_state(world: World, sign_in: SignIn) -> None:
    number = to_quoted(world)
    before = Link.objects.in_project(world.project_id).count()
    text = sign_in("desk").post(f"/cases/{number}/share/", {}).content.decode()
    token = re.search(r"/l/([\w.-]+)/", text)
    assert token
    link = find_link(token[1])
    assert link.purpose == "consent"
    assert actor_of(link, world.now) is not None
    assert Link.objects.in_project(world.project_id).count() == before + 1
    assert sign_in("outsider").post(f"/cases/{number}/share/", {}).status_code == 404


def test_without_anything_to_answer_the_link_shows_how_far_it_is(world: World, sign_in: SignIn) -> None:
    number = world.open("desk").case.number
    text = sign_in("desk").post(f"/cases/{number}/share/", {}).content.decode()
    token = re.search(r"/l/([\w.-]+)/", text)
    assert token
    assert find_link(token[1]).purpose == "follow"
    assert "云栖花园" in text
    world.act("desk", number, "cancel", reason="业主来电，已自行修好")
    assert "/l/" not in sign_in("desk").post(f"/cases/{number}/share/", {}).content.decode()


def test_an_inquiry_has_the_same_page(world: World, sign_in: SignIn) -> None:
    number = world.open("desk", kind="inquiry", title="问装修押金").case.number
    desk = sign_in("desk")
    assert "报价到金额" not in desk.page(f"/cases/{number}/")
    assert send(desk, number, "answer", answer="凭押金单和身份证到前台退").status_code == 303
    assert "凭押金单和身份证到前台退" in desk.page(f"/cases/{number}/")


def test_phone_numbers_are_masked(world: World, sign_in: SignIn) -> None:
    number = to_quoted(world)
    page = sign_in("desk").page(f"/cases/{number}/")
    assert "138****6621" in page
    assert "13800016621" not in page


def test_english_is_complete(world: World, sign_in: SignIn) -> None:
    number = to_quoted(world)
    user = world.company.users["desk"]
    user.language = "en"
    user.save(update_fields=["language"])
    page = sign_in("desk").page(f"/cases/{number}/")
    assert "My turn: ask the customer to agree to ¥286.00" in page
    assert "剩余" not in page


def test_whoever_looks_at_a_number_is_written_down(world: World, sign_in: SignIn) -> None:
    number = to_quoted(world)
    desk = sign_in("desk")
    assert "13800016621" in desk.post(f"/cases/{number}/phone/reporter/", {}).content.decode()
    entry = Entry.objects.in_project(world.project_id).get(action="reveal")
    assert (entry.actor_name, entry.is_public, entry.data) == ("周敏", False, {"whose": "王淑芬"})
    assert "查看了电话号码" in desk.page(f"/cases/{number}/")
    assert desk.post(f"/cases/{number}/phone/nobody/", {}).status_code == 404
    assert sign_in("outsider").post(f"/cases/{number}/phone/reporter/", {}).status_code == 404
    assert Entry.objects.in_project(world.project_id).filter(action="reveal").count() == 1


def test_a_closed_case_keeps_its_numbers(world: World, sign_in: SignIn) -> None:
    number = world.open("desk").case.number
    world.act("desk", number, "cancel", reason="重复报修")
    assert sign_in("desk").post(f"/cases/{number}/phone/reporter/", {}).status_code == 409


def dialled(page: str) -> str:
    """The number offered beside whose turn it is, with its name; "" where none is."""
    found = re.search(r'<div class="dial">.*?</div>', page)
    return found[0] if found else ""


def test_whoever_is_to_be_rung_stands_beside_whose_turn_it_is(world: World, sign_in: SignIn) -> None:
    number = to_quoted(world)
    assert "王淑芬" in dialled(sign_in("desk").page(f"/cases/{number}/"))
    do(world, "add_flag", kind="child_helps", note="找女儿", contact=daughter(world).pk, agreed="paper")
    offered = dialled(sign_in("desk").page(f"/cases/{number}/"))
    assert "周晓岚" in offered
    assert "139****0417" in offered
    shown = sign_in("desk").post(f"/cases/{number}/phone/{daughter(world).pk}/", {})
    assert "13900010417" in shown.content.decode()
    Case.objects.in_project(world.project_id).filter(number=number).update(closed_at=world.now)
    assert not dialled(sign_in("desk").page(f"/cases/{number}/"))


def test_care_stands_where_one_is_about_to_dial_and_kept_clocks_fold(world: World, sign_in: SignIn) -> None:
    number = world.open("desk", urgency="P1", payer="owner").case.number
    world.act("desk", number, "dispatch", handler=world.company.staff["tech"].pk)
    world.act("tech", number, "accept")
    page = sign_in("desk").page(f"/cases/{number}/")
    assert "听力弱，请打给女儿周晓岚" in page[: page.index('id="timeline"')]
    running, _kept, folded = page.partition('<details class="kept">')
    assert "<span>到场</span>" in running
    assert "<span>接单</span>" not in running
    assert "<span>接单</span>" in folded
