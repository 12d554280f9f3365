import re
import uuid
from datetime import timedelta
from typing import Any
from urllib.parse import quote

import pytest
from pytest_django.fixtures import DjangoAssertNumQueries

from steward.assurance.incidents.verbs import open_incident
from steward.cases.models import Case
from steward.kernel.models import Outbox
from tests.console.conftest import Browser, SignIn
from tests.world import World


def save(browser: Browser, **data: Any) -> Any:
    data = {"client_uuid": str(uuid.uuid4()), "kind": "repair", "channel": "phone", **data}
    return browser.post("/intake/", data)


def only(world: World) -> Case:
    return Case.objects.in_project(world.project_id).get()


def test_the_box_finds_by_the_end_of_a_phone_and_by_pinyin(world: World, sign_in: SignIn) -> None:
    desk = sign_in("desk")
    for typed in ("6621", "wang", "3-2-1201"):
        items = desk.get(f"/intake/units/?q={typed}").json()["items"]
        assert items, typed
        assert "13800016621" not in str(items)
    assert sign_in("outsider").get("/intake/units/?q=6621").json()["items"] == []


def test_the_card_shows_who_lives_there_and_what_is_open(world: World, sign_in: SignIn) -> None:
    world.open("desk", title="露台渗水")
    desk = sign_in("desk")
    address = desk.get("/intake/units/?q=6621").json()["items"][0]["value"]
    page = desk.page(address)
    assert "听力弱，请打给女儿周晓岚" in page
    assert "露台渗水" in page
    assert "13800016621" not in page
    assert "露台渗水" not in sign_in("outsider").page(address)


def test_type_category_and_enter_are_enough(world: World, sign_in: SignIn) -> None:
    answer = save(sign_in("desk"), category="leak", unit_label="3-2-1201", then="step")
    case = only(world)
    assert (answer.status_code, answer["Location"]) == (303, f"/cases/{case.number}/?do=assess")
    assert (case.title, case.urgency, case.customer_name) == ("漏水", "P1", "王淑芬")


def test_with_the_payer_known_the_next_step_is_dispatch(world: World, sign_in: SignIn) -> None:
    answer = save(sign_in("desk"), category="leak", unit_label="3-2-1201", payer="owner", then="step")
    assert answer["Location"].endswith("?do=dispatch")


def test_the_first_line_is_the_title_and_the_clock_starts_when_heard(world: World, sign_in: SignIn) -> None:
    heard = world.now - timedelta(minutes=50)
    local = (heard + timedelta(hours=8)).strftime("%Y-%m-%dT%H:%M")
    save(
        sign_in("desk"), description="主卧吊顶滴水\n已用盆接", category="leak", received_at=local, unit_label="3-2-1201"
    )
    case = only(world)
    assert case.title == "主卧吊顶滴水"
    assert case.received_at.replace(second=0) == heard.replace(second=0)
    assert case.recorded_at == world.now
    assert case.next_due_at is not None
    assert case.next_due_at < world.now


def test_a_refused_one_keeps_everything_typed(world: World, sign_in: SignIn) -> None:
    desk = sign_in("desk")
    answer = save(
        desk, reporter_name="周晓岚", reporter_phone="13900010417", received_at="2031-01-01T10:00", category="leak"
    )
    page = answer.content.decode()
    assert answer.status_code == 422
    assert 'value="周晓岚"' in page
    assert 'value="13900010417"' in page
    assert re.search(r'value="leak" checked', page)
    assert "field-error" in page


def test_nothing_said_is_refused_beside_the_box(world: World, sign_in: SignIn) -> None:
    answer = save(sign_in("desk"))
    assert answer.status_code == 422
    assert "请简单说明是什么事" in answer.content.decode()


def test_a_double_click_is_one_case(world: World, sign_in: SignIn) -> None:
    desk, same = sign_in("desk"), str(uuid.uuid4())
    first = save(desk, category="leak", client_uuid=same)
    assert save(desk, category="leak", client_uuid=same)["Location"] == first["Location"]
    assert only(world).title == "漏水"


def test_an_inquiry_is_taken_the_same_way(world: World, sign_in: SignIn) -> None:
    answer = save(
        sign_in("desk"), kind="inquiry", description="装修押金怎么退", category="fitout", payer="owner", then="step"
    )
    assert answer.status_code == 303
    assert answer["Location"].endswith("?do=answer")


def test_a_flat_rate_told_and_accepted_is_kept(world: World, sign_in: SignIn) -> None:
    assert "疏通地漏，一口价 ¥80.00" in sign_in("desk").page("/intake/")
    save(sign_in("desk"), category="drain", payer="owner", flat_rate="F-UNCLOG", unit_label="3-2-1201")
    assert only(world).repair.flat_rate_code == "F-UNCLOG"


def test_what_saving_sets_in_motion(world: World, sign_in: SignIn) -> None:
    words = sign_in("desk").page("/intake/then/?kind=repair&category=leak")
    assert "10:39" in words, "accepted within 15 minutes of 10:24"
    earlier = sign_in("desk").page("/intake/then/?kind=repair&category=leak&received_at=2026-11-21T09:36")
    assert "自 09:36 接听起算" in earlier
    assert "09:51" in earlier


def test_head_office_chooses_the_project(world: World, sign_in: SignIn) -> None:
    hq = sign_in("hq")
    refused = save(hq, category="leak")
    assert refused.status_code == 422
    assert "请选择项目" in refused.content.decode()
    foreign = str(world.company.nodes["JZ"].pk)
    assert save(sign_in("region"), category="leak", project=foreign).status_code == 422


def test_technicians_have_no_intake(world: World, sign_in: SignIn) -> None:
    assert sign_in("tech").get("/intake/").status_code == 404


@pytest.mark.parametrize("count", [1, 30])
def test_statements_of_the_call_screen(
    world: World, sign_in: SignIn, django_assert_num_queries: DjangoAssertNumQueries, count: int
) -> None:
    for _ in range(count):
        world.open("desk")
    desk = sign_in("desk")
    unit = world.company.units["YX:3-2-1201"].pk
    desk.page("/intake/")
    with django_assert_num_queries(2):
        desk.page("/intake/")
    with django_assert_num_queries(10):
        desk.page(f"/intake/?project={world.project_id}&unit={unit}")


def test_a_phone_system_opens_the_caller(world: World, sign_in: SignIn) -> None:
    desk = sign_in("desk")
    for number in ("13800016621", "+86 138-0001-6621", "008613800016621"):
        answer = desk.get(f"/console/call/?number={quote(number)}")
        assert answer.status_code == 302
        page = desk.page(answer["Location"])
        assert "王淑芬" in page
        assert 'value="13800016621"' in page, "the caller's own number goes along"
    daughter = desk.page(desk.get("/console/call/?number=13900010417")["Location"])
    assert re.search(r'data-caller="周晓岚"[^>]* checked', daughter)


def test_a_number_that_nobody_knows_is_kept(world: World, sign_in: SignIn) -> None:
    desk = sign_in("desk")
    page = desk.page(desk.get("/console/call/?number=13311112222")["Location"])
    assert "新来电人" in page
    assert "<b>13311112222</b>" in page
    assert re.search(r'name="reporter_phone"[^>]*value="13311112222"', page)
    assert desk.get("/console/call/?number=1")["Location"] == "/intake/"


def test_the_clock_runs_from_the_moment_the_call_was_taken(world: World, sign_in: SignIn) -> None:
    taken = world.now - timedelta(minutes=4)
    save(sign_in("desk"), category="leak", begun=taken.isoformat())
    assert only(world).received_at == taken
    save(sign_in("desk"), category="leak", begun=(world.now - timedelta(hours=9)).isoformat())
    last = Case.objects.in_project(world.project_id).order_by("-pk")[0]
    assert last.received_at == world.now, "a screen left open overnight is no call"


def test_wrong_number_and_asking_again_are_one_post_each(world: World, sign_in: SignIn) -> None:
    desk = sign_in("desk")
    answer = desk.post("/intake/wrong-number/", {"client_uuid": str(uuid.uuid4())})
    assert (answer.status_code, answer["Location"]) == (303, "/intake/")
    number = world.open("desk2").case.number
    answer = desk.post(f"/cases/{number}/asked-again/", {"client_uuid": str(uuid.uuid4()), "note": "问几点来"})
    assert (answer.status_code, answer["Location"]) == (303, f"/cases/{number}/")
    page = desk.page(f"/cases/{number}/")
    assert "业户催问" in page
    assert "问几点来" in page


def test_every_kind_has_its_own_letter(world: World, sign_in: SignIn) -> None:
    page = sign_in("desk").page("/intake/")
    letters = re.findall(r'class="chip" data-key="([A-Z])"><input type="radio" name="kind"', page)
    assert len(letters) == len(set(letters)) == page.count('name="kind"')
    assert not set(letters) & set("ASR"), "letters of the screen's own buttons"


def test_an_urgent_one_is_sent_with_the_key_that_saves_it(world: World, sign_in: SignIn) -> None:
    desk = sign_in("desk")
    words = desk.page("/intake/then/?kind=repair&category=leak")
    chosen = re.search(r'name="send_to"[^>]*value="(\d+)" checked', words)
    assert chosen
    assert chosen[1] == str(world.company.staff["tech"].pk), "the plumber, not whoever has least to do"
    save(desk, category="leak", unit_label="3-2-1201", send_to=chosen[1], then="step")
    case = only(world)
    assert (case.state, case.handler_id) == ("dispatched", world.company.staff["tech"].pk)
    assert case.repair.payer == "owner"
    told = Outbox.objects.in_project(world.project_id).filter(recipient=f"staff:{case.handler_id}", channel="inapp")
    assert told.exists()


def test_an_ordinary_one_is_not_sent_blindly(world: World, sign_in: SignIn) -> None:
    assert 'name="send_to"' not in sign_in("desk").page("/intake/then/?kind=repair&category=door")
    save(
        sign_in("desk"),
        category="leak",
        unit_label="3-2-1201",
        send_to=str(world.company.staff["tech"].pk),
        then="case",
    )
    assert only(world).state == "received", "only save means only save"


def test_sending_refused_keeps_the_case(world: World, sign_in: SignIn) -> None:
    answer = save(sign_in("desk"), category="leak", send_to=str(world.company.staff["butler"].pk), then="step")
    assert answer.status_code == 303
    assert only(world).state == "received"


def test_an_inquiry_is_answered_on_the_phone(world: World, sign_in: SignIn) -> None:
    desk = sign_in("desk")
    refused = save(desk, kind="inquiry", description="装修押金怎么退", then="answer")
    assert refused.status_code == 422
    assert "请写下答复的内容" in refused.content.decode()
    assert not Case.objects.in_project(world.project_id).exists()
    save(desk, kind="inquiry", description="装修押金怎么退", answer="验收合格后十个工作日内原路退回", then="answer")
    case = only(world)
    assert case.state == "answered"
    assert case.closed_at == world.now


def test_the_incident_comes_first_and_one_key_joins(world: World, sign_in: SignIn) -> None:
    incident = open_incident(
        project_id=world.project_id,
        actor=world.actor("desk"),
        at=world.now,
        client_uuid=uuid.uuid4(),
        data={"title": "3栋停水", "words": "正在换阀门"},
    )
    desk = sign_in("desk")
    page = desk.page(f"/intake/?project={world.project_id}&unit={world.company.units['YX:3-2-1201'].pk}")
    assert page.index("3栋停水") < page.index("王淑芬")
    answer = desk.post(
        "/intake/join/",
        {"client_uuid": str(uuid.uuid4()), "incident": incident.number, "unit_label": "3-2-1201", "channel": "phone"},
    )
    assert answer.status_code == 303
    assert only(world).unit_label == "3-2-1201"
    assert only(world).incident_links.count() == 1


def test_what_to_say_speaks_of_this_call(world: World, sign_in: SignIn) -> None:
    words = sign_in("desk").page(
        "/intake/then/?kind=repair&category=leak&unit_label=3-2-1201&description=%E4%B8%BB%E5%8D%A7%E6%BB%B4%E6%B0%B4"
    )
    assert "我复述一遍：3-2-1201，漏水，主卧滴水，对吗" in words
    assert "李建国师傅上门" in words
    assert "水有没有碰到灯或插座" in words


def test_a_pasted_chat_is_read_into_the_form_and_a_reply_comes_back(world: World, sign_in: SignIn) -> None:
    desk = sign_in("desk")
    pasted = "王淑芬 2026-11-21 09:31\n三栋2单元1201卫生间滴水，电话138 0001 6621\n[图片]\n周敏 09:32\n收到"
    found = desk.post("/intake/paste/", {"text": pasted}).json()
    assert found["reporter_phone"] == "13800016621"
    assert found["description"] == "三栋2单元1201卫生间滴水，电话138 0001 6621"
    assert "王淑芬" in desk.page(found["household"])
    answer = save(desk, channel="wechat", description=found["description"], unit_label="3-2-1201", category="leak")
    case = only(world)
    assert answer["Location"] == f"/cases/{case.number}/?do=share"
    assert re.search(r"data-do-now[^>]*>", desk.page(answer["Location"]))
    assert case.number in desk.post(f"/cases/{case.number}/share/", {}).content.decode()


def test_a_strange_room_is_asked_for_not_guessed(world: World, sign_in: SignIn) -> None:
    found = sign_in("desk").post("/intake/paste/", {"text": "老张: 88栋9单元9901\n灯坏了"}).json()
    assert (found["household"], found["place"], found["ask"]) == ("", "88-9-9901", "88-9-9901")
