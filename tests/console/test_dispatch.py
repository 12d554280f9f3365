import uuid
from typing import Any

from django.db import connection
from django.test.utils import CaptureQueriesContext

from steward.cases.models import Case, Entry
from tests.console.conftest import Browser, SignIn
from tests.world import World

SEND = "/dispatch/send/"


def send(browser: Browser, number: str, step: str = "dispatch", **data: Any) -> Any:
    return browser.post(SEND, {"client_uuid": str(uuid.uuid4()), "number": number, "step": step, **data})


def case_of(world: World, number: str) -> Case:
    return Case.objects.in_project(world.project_id).get(number=number)


def test_the_most_urgent_comes_first(world: World, sign_in: SignIn) -> None:
    world.open("tenant", title="厨房下水反味")
    world.open("desk", title="门锁打不开", urgency="P1", unit="7-1-0603")
    page = sign_in("desk").page("/dispatch/")
    assert page.index("门锁打不开") < page.index("厨房下水反味")


def test_who_does_not_fit_stays_with_the_reason(world: World, sign_in: SignIn) -> None:
    world.open("desk", category="door", urgency="P2", payer="owner")
    page = sign_in("desk").page("/dispatch/")
    plumber, carpenter = (world.company.staff[name].pk for name in ("tech", "tech2"))
    assert f'<li class="no" data-staff="{plumber}"' in page
    assert f'<li class="fit" data-staff="{carpenter}"' in page
    assert "无门窗木工技能" in page
    assert page.index(f'value="{carpenter}"') < page.index(f'value="{plumber}"')


def test_sending_goes_through_the_engine(world: World, sign_in: SignIn) -> None:
    number = world.open("desk", category="water", urgency="P2", payer="owner").case.number
    staff = world.company.staff["tech"].pk
    answer = send(sign_in("headbutler"), number, handler=staff, appointment_at="2026-11-21T14:00")
    assert answer.status_code == 303
    case = case_of(world, number)
    assert (case.state, case.handler_id) == ("dispatched", staff)
    page = sign_in("headbutler").page("/dispatch/")
    assert 'data-vars="s:14.0 e:15.0 t:0"' in page
    assert "未接单" in page


def test_urgency_and_payer_are_asked_first(world: World, sign_in: SignIn) -> None:
    number = world.open("owner").case.number
    browser = sign_in("desk")
    page = browser.page("/dispatch/")
    assert 'name="step" value="assess"' in page
    assert 'name="handler"' not in page
    refused = send(browser, number, "assess", urgency="P1")
    assert refused.status_code == 422
    assert 'value="P1" checked' in refused.content.decode()
    answer = send(browser, number, "assess", urgency="P1", payer="owner")
    assert answer.status_code == 303
    assert 'name="step" value="dispatch"' in browser.page(answer["Location"])


def test_a_refusal_stands_at_the_card_with_what_was_typed(world: World, sign_in: SignIn) -> None:
    number = world.open("owner").case.number
    staff = world.company.staff["tech"].pk
    answer = sign_in("desk").client.post(
        SEND,
        {
            "client_uuid": str(uuid.uuid4()),
            "number": number,
            "step": "dispatch",
            "handler": staff,
            "appointment_at": "2026-11-21T15:30",
            "note": "会修锁",
        },
        headers={"HX-Request": "true"},
    )
    text = answer.content.decode()
    assert answer.status_code == 409
    assert text.lstrip().startswith(f'<li id="card-{number}"')
    assert "15:30" in text
    assert "会修锁" in text
    assert f'value="{staff}" selected' in text


def test_sent_but_not_accepted_can_be_sent_again(world: World, sign_in: SignIn) -> None:
    number = world.open("desk", category="water", urgency="P2", payer="owner").case.number
    browser = sign_in("desk")
    send(browser, number, handler=world.company.staff["tech"].pk)
    assert send(browser, number, handler=world.company.staff["tech2"].pk, note="先去看").status_code == 303
    assert case_of(world, number).handler_id == world.company.staff["tech2"].pk
    last = Entry.objects.in_project(world.project_id).filter(case__number=number).order_by("-seq").first()
    assert last is not None
    assert last.note == "先去看"


def test_two_appointments_at_once_are_refused_with_the_other_job(world: World, sign_in: SignIn) -> None:
    staff = world.company.staff["tech"].pk
    first, second = (world.open("desk", category="water", urgency="P2", payer="owner").case.number for _ in range(2))
    browser = sign_in("desk")
    assert send(browser, first, handler=staff, appointment_at="2026-11-21T14:00").status_code == 303
    clash = send(browser, second, handler=staff, appointment_at="2026-11-21T14:30")
    assert clash.status_code == 409
    assert f"此时段已有安排：{first}" in clash.content.decode()
    assert "T14:30" in clash.content.decode()
    assert case_of(world, second).handler_id is None
    assert send(browser, second, handler=staff, appointment_at="2026-11-21T15:00").status_code == 303
    moved = send(browser, first, handler=staff, appointment_at="2026-11-21T13:45")
    assert moved.status_code == 303


def test_the_same_form_twice_is_one_request(world: World, sign_in: SignIn) -> None:
    number = world.open("desk", urgency="P2", payer="owner").case.number
    browser, same = sign_in("desk"), str(uuid.uuid4())
    for _ in range(2):
        answer = send(browser, number, handler=world.company.staff["tech"].pk, client_uuid=same)
        assert answer.status_code == 303
    assert case_of(world, number).version == 2


def test_only_those_who_dispatch_have_the_board(world: World, sign_in: SignIn) -> None:
    number = world.open("desk", urgency="P2", payer="owner").case.number
    for username in ("tech", "butler", "cashier", "owner"):
        assert sign_in(username).get("/dispatch/").status_code == 404
    assert number not in sign_in("outsider").page("/dispatch/")
    assert send(sign_in("outsider"), number, handler=1).status_code == 404
    looking = sign_in("region").page(f"/dispatch/?case={number}&project=YX")
    assert number in looking
    assert 'name="handler"' not in looking


def test_odd_addresses_do_no_harm(world: World, sign_in: SignIn) -> None:
    browser = sign_in("desk")
    for query in ("day=x", "day=9999-12-31", "case=%00", "project=%F0", "day=2026-11-22"):
        assert browser.get(f"/dispatch/?{query}").status_code == 200
    assert send(browser, "BX-YX-261121-9999").status_code == 404
    assert send(browser, "x", "cancel").status_code == 404


def test_as_many_statements_for_thirty_as_for_one(world: World, sign_in: SignIn) -> None:
    browser = sign_in("desk")
    counts = []
    for rows in (1, 30):
        for n in range(rows):
            number = world.open("desk", category="water", urgency="P2", payer="owner").case.number
            if n % 2:
                world.act("desk", number, "dispatch", handler=world.company.staff["tech"].pk)
        browser.page("/dispatch/")
        with CaptureQueriesContext(
            connection,
        ) as seen:
            browser.page("/dispatch/")
        counts.append(len(seen))
    assert counts[0] == counts[1] <= 10
