"""The night in the office: two big buttons on the call screen, whom to ring, the list of the week."""

import re
import uuid
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from pytest_django.fixtures import DjangoAssertNumQueries

from steward.cases.models import Case
from steward.casework.models import Ring
from steward.kernel import reference
from steward.registers.workforce.models import Staff
from steward.registers.workforce.oncall import Entry, duty_date, on_call_of, set_on_call
from tests.console.conftest import Browser, SignIn
from tests.world import World

#: Sunday 02:00 in Hangzhou.
NIGHT = datetime(2026, 11, 21, 18, 0, tzinfo=UTC)


@pytest.fixture
def at_night(world: World) -> World:
    staff = world.company.staff
    set_on_call(
        project_id=world.project_id,
        day=duty_date(world.project_id, NIGHT),
        entries={"technician": Entry(staff["tech"].pk), "second": Entry(staff["tech2"].pk)},
        actor=world.actor("manager"),
        at=world.now,
    )
    world.now = NIGHT
    return world


def save(browser: Browser, then: str, **data: Any) -> Any:
    asked = {"client_uuid": str(uuid.uuid4()), "kind": "repair", "channel": "phone", "unit_label": "3-2-1201", **data}
    return browser.post("/intake/", {**asked, "night": "1", "then": then})


def only(world: World) -> Case:
    return Case.objects.in_project(world.project_id).get()


def test_by_the_hours_of_the_night_or_by_hand(world: World, sign_in: SignIn) -> None:
    desk = sign_in("desk")
    assert "急修，马上派" not in desk.page("/intake/"), "ten in the morning"
    desk.get("/intake/night/on/")
    assert "急修，马上派" in desk.page("/intake/")
    world.now = NIGHT
    desk.get("/intake/night/off/")
    assert "急修，马上派" not in desk.page("/intake/")
    desk.get("/intake/night/auto/")
    page = desk.page("/intake/")
    assert re.search(r'value="urgent" data-key="F6"', page)
    assert re.search(r'value="morning" data-key="F7"', page)
    assert "data-enter-submits" not in page, "Enter chooses neither"


def test_urgent_sends_and_shows_whom_to_ring(at_night: World, sign_in: SignIn) -> None:
    desk = sign_in("desk")
    words = desk.page("/intake/then/?kind=repair&category=leak&night=1")
    assert "呼叫李建国" in words
    assert "10 分钟没回应，自动通知王强和值班经理" in words
    answer = save(desk, "urgent", category="leak", description="水管爆了")
    case = only(at_night)
    assert (answer.status_code, answer["Location"]) == (303, f"/cases/{case.number}/on-call/")
    assert (case.urgency, case.state) == ("P1", "dispatched")
    page = desk.page(answer["Location"])
    assert 'href="tel:13600010001"' in page
    assert "02:10 前没有回应" in page
    assert "没人接，打给王强" in page
    at_night.pass_time(minutes=2)
    again = {"client_uuid": str(uuid.uuid4()), "outcome": "no_answer", "seen": "1"}
    desk.post(f"/cases/{case.number}/on-call/ring/", again)
    late = desk.post(f"/cases/{case.number}/on-call/ring/", {**again, "client_uuid": str(uuid.uuid4())})
    assert late.status_code == 409
    assert "其他同事 02:02 起正在呼叫王强" in late.content.decode(), "somebody else was faster"
    assert 'name="seen" value="2"' in late.content.decode(), "the page as it is now"
    desk.post(f"/cases/{case.number}/on-call/comes/", {"client_uuid": str(uuid.uuid4()), "seen": "2"})
    page = desk.page(f"/cases/{case.number}/on-call/")
    assert "王强 02:02 确认前往" in page
    assert "无人接听" in page
    timeline = desk.page(f"/cases/{case.number}/")
    assert f'href="/cases/{case.number}/on-call/"' in timeline
    assert "呼叫值班人员" in timeline
    assert "值班人员确认前往" in timeline


def test_in_the_morning_is_told_and_leads_to_the_next_call(at_night: World, sign_in: SignIn) -> None:
    desk = sign_in("desk")
    assert "最迟 09:00" in desk.page("/intake/then/?kind=repair&category=door&night=1&customer_id=1")
    answer = save(desk, "morning", category="door", description="门锁松了")
    assert (answer.status_code, answer["Location"]) == (303, "/intake/")
    assert "已告知业户最迟 09:00 有人打电话" in desk.page("/intake/")
    case = only(at_night)
    assert case.deadlines.get(key="silence", ended_at__isnull=True).due_at == NIGHT + timedelta(hours=7)
    assert not Ring.objects.in_project(at_night.project_id).exists()


def test_danger_is_refused_beside_the_buttons_with_everything_kept(at_night: World, sign_in: SignIn) -> None:
    answer = save(sign_in("desk"), "morning", category="lift", description="3栋电梯困人")
    page = answer.content.decode()
    assert answer.status_code == 422
    assert "有生命危险的事不能等到早上" in page
    assert "3栋电梯困人" in page
    assert not Case.objects.in_project(at_night.project_id).exists()


def test_a_number_rings_and_the_list_names_its_gaps(at_night: World, sign_in: SignIn) -> None:
    page = sign_in("desk").page("/on-call/")
    assert "今晚值班经理无人值班" in page
    assert 'href="tel:13600010001"' in page
    assert "今晚电工无人值班" not in page, "李建国 knows power"
    assert "沿用上周" not in page, "the desk reads it, managers keep it"


def test_the_week_is_kept_by_manager_and_head_butler(world: World, sign_in: SignIn) -> None:
    tech, tech2 = (world.company.staff[n].pk for n in ("tech", "tech2"))
    head = sign_in("headbutler")
    page = head.page("/on-call/technician/")
    days = re.findall(r'name="staff-([\d-]+)"', page)
    assert (len(days), days[0], days[-1]) == (7, "2026-11-21", "2026-11-27"), "tonight and the six after it"
    form = {f"staff-{d}": str(tech) for d in days} | {f"instead-{d}": str(tech2) for d in days}
    answer = head.post("/on-call/technician/", {**form, "from": "2026-11-21"})
    assert (answer.status_code, answer["Location"]) == (303, "/on-call/?from=2026-11-21")
    again = {f"staff-{d}": str(tech) for d in days} | {f"instead-{days[0]}": str(tech)}
    refused = head.post("/on-call/technician/", {**again, "from": "2026-11-21"})
    assert refused.status_code == 422
    assert "替班人不能是同一个人" in refused.content.decode()
    assert head.post("/on-call/repeat/", {"from": "2026-11-28"}).status_code == 303
    first = duty_date(world.project_id, world.now)
    week = on_call_of(world.project_id, [first + timedelta(days=n) for n in range(15)])
    assert [len(rows) for rows in week.values()] == [1] * 14 + [0]
    changes = sign_in("manager").page("/on-call/")
    assert "值班维修 — → 李建国" in changes
    assert sign_in("desk").get("/on-call/technician/").status_code == 404
    assert sign_in("desk").post("/on-call/repeat/", {}).status_code == 403


def test_saving_the_week_again_keeps_the_numbers_of_the_night(world: World, sign_in: SignIn) -> None:
    """A stand-in who is rung at home stays rung at home; a number of the staff list goes with its colleague."""
    staff, day = world.company.staff, duty_date(world.project_id, world.now)
    line = Entry(staff["tech"].pk, "", "0571-8800", staff["tech2"].pk, "0571-8801")
    set_on_call(
        project_id=world.project_id, day=day, entries={"technician": line}, actor=world.actor("manager"), at=world.now
    )
    head = sign_in("headbutler")
    page = head.page("/on-call/technician/")
    form = {
        **dict(re.findall(r'<input [^>]*name="([a-z-]+-[\d-]+)" value="([^"]*)"', page)),
        f"staff-{day}": str(staff["tech"].pk),
        f"instead-{day}": str(staff["tech2"].pk),
    }
    head.post("/on-call/technician/", {**form, "from": day.isoformat()})
    kept = on_call_of(world.project_id, [day])[day][0]
    assert (kept.phone, kept.stand_in_phone) == ("0571-8800", "0571-8801")
    listed = {**form, f"phone-{day}": "", f"instead-phone-{day}": ""}
    head.post("/on-call/technician/", {**listed, "from": day.isoformat()})
    assert "136000" not in re.sub(r"<option.*?</option>", "", head.page("/on-call/technician/"))


def test_nights_that_name_somebody_gone_are_shown_and_not_dialled(at_night: World, sign_in: SignIn) -> None:
    staff, day = at_night.company.staff["tech"], duty_date(at_night.project_id, NIGHT)
    Staff.objects.filter(pk=staff.pk).update(is_active=False)
    reference.bump()
    page = sign_in("manager").page("/on-call/")
    assert f"李建国已离职或不在岗，名单上仍排了班：{day:%m-%d}" in page
    assert "今晚值班维修无人值班" in page
    assert 'href="tel:13600010001"' not in page
    assert "不在岗" in page


def test_a_form_is_kept_where_it_was_filled_in(world: World, sign_in: SignIn) -> None:
    """Whoever leads several projects chose another one in a second tab since."""
    region = sign_in("region")
    region.get("/project/YX/")
    page = region.page("/on-call/lift/")
    form = dict(re.findall(r'type="hidden" name="(project|from)" value="([^"]+)"', page))
    region.get("/project/RT/")
    night = form["from"]
    said = {f"name-{night}": "东方电梯", f"phone-{night}": "400-800-1234"}
    assert region.post("/on-call/lift/", {**form, **said}).status_code == 303
    day = duty_date(world.project_id, world.now)
    assert [row.name for row in on_call_of(world.project_id, [day])[day]] == ["东方电梯"]
    assert on_call_of(world.company.nodes["RT"].pk, [day])[day] == []
    assert region.post("/on-call/lift/", {**form, **said, "project": "JZ"}).status_code == 404


@pytest.mark.parametrize("count", [1, 20])
def test_statements_of_the_pages(
    at_night: World, sign_in: SignIn, django_assert_num_queries: DjangoAssertNumQueries, count: int
) -> None:
    desk = sign_in("desk")
    for _n in range(count):
        save(desk, "urgent", category="leak", description="水管爆了")
    number = Ring.objects.in_project(at_night.project_id).select_related("case")[0].case.number
    desk.page("/on-call/")
    with django_assert_num_queries(4):
        desk.page("/on-call/")
    with django_assert_num_queries(9):
        desk.page(f"/cases/{number}/on-call/")
    with django_assert_num_queries(9):
        desk.page("/intake/")
