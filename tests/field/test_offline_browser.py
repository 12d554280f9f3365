"""A technician in the basement: works on without network, and everything arrives in order with the times of the taps."""

import contextlib
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.test import Client
from django.utils import timezone
from playwright.sync_api import Browser, BrowserContext, Page, expect
from playwright.sync_api import Error as PlaywrightError
from pytest_django.live_server_helper import LiveServer

from steward.assurance.duty_models import DutyEntry
from steward.cases.models import Entry
from steward.casework.models import CaseFile, Conflict
from steward.demo.cast import build
from steward.kernel import reference
from tests.browsing import browser, keep
from tests.field.conftest import signed_in, to_state
from tests.world import World, picture

__all__ = ["browser"]
pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

STORED = "[data-queue-rows] li"


@pytest.fixture
def world(transactional_db: None) -> Iterator[World]:
    """Calls taken half an hour ago."""
    reference.forget()
    start = timezone.now() - timedelta(minutes=30)
    yield World(build(at=start), start)
    reference.forget()


@pytest.fixture
def phone(browser: Browser, live_server: LiveServer, world: World) -> Iterator[BrowserContext]:
    context = browser.new_context(
        viewport={"width": 360, "height": 740}, locale="zh-CN", base_url=live_server.url, has_touch=True
    )
    enter(context, live_server, signed_in(world, "tech"))
    yield context
    context.set_offline(False)
    context.close()


def enter(context: BrowserContext, live_server: LiveServer, client: Client) -> None:
    keep(context, live_server, settings.SESSION_COOKIE_NAME, client.cookies[settings.SESSION_COOKIE_NAME].value)


def until(page: Page, expression: str) -> None:
    """Playwright's own waiting evaluates text in the page, which its policy forbids."""
    for _attempt in range(150):
        with contextlib.suppress(PlaywrightError):  # the page reloads once its items are sent
            if page.evaluate(expression):
                return
        page.wait_for_timeout(200)
    raise AssertionError(expression)


def open_jobs(context: BrowserContext, *numbers: str) -> Page:
    """My jobs with network, until this phone has stored every job's page and the one for pages it does not have."""
    page = context.new_page()
    page.goto("/field/")
    for path in ("/field/offline/", *(f"/field/jobs/{number}/" for number in numbers)):
        until(page, f"caches.open('field-pages-1').then(c => c.match('{path}')).then(Boolean)")
    until(page, "navigator.serviceWorker.controller !== null")
    return page


def sign(page: Page, step: str) -> None:
    pad = page.locator(f"section[data-view={step}] canvas")
    pad.evaluate("pad => pad.scrollIntoView({block: 'center'})")
    box = pad.bounding_box()
    assert box
    page.mouse.move(box["x"] + 30, box["y"] + 30)
    page.mouse.down()
    page.mouse.move(box["x"] + 150, box["y"] + 70, steps=6)
    page.mouse.up()


def wait_until_sent(page: Page) -> None:
    """The page then turns to what the server knows; only the page after that says how much was sent."""
    expect(page.locator("#flashes .flash", has_text="已提交")).to_be_visible()
    page.wait_for_load_state()


def entries(world: World, number: str) -> list[Entry]:
    rows = Entry.objects.in_project(world.project_id).filter(case__number=number, actor_kind="staff")
    return [e for e in rows.order_by("seq") if e.actor_name == "李建国"]


def big(page: Page, name: str) -> Any:
    return page.locator("footer.thumb-bar:visible").get_by_role("button", name=name)


def test_a_whole_visit_without_network(phone: BrowserContext, world: World, tmp_path: Path) -> None:
    number = to_state(world, "dispatched")
    page = open_jobs(phone, number)
    phone.set_offline(True)
    page.reload()
    page.get_by_role("button", name="接单").click()
    expect(page.locator(STORED)).to_have_count(1)
    page.wait_for_timeout(1500)  # the taps lie apart: their times must too
    page.goto(f"/field/jobs/{number}/")
    big(page, "我到了").click()
    expect(page.locator(STORED)).to_have_count(2)

    page.get_by_role("link", name="和业主确认问题").click()
    shot = tmp_path / "leak.png"
    shot.write_bytes(picture("blue"))
    page.set_input_files("section[data-view=confirm_scope] input[type=file]", shot)
    page.wait_for_selector("section[data-view=confirm_scope] figure[data-chosen]")
    page.fill("#f-confirm_scope-cause", "第3路接头渗漏")
    page.fill("#f-confirm_scope-scope", "更换接头")
    big(page, "已与业主确认").click()
    page.get_by_role("link", name="问题已确认，报价").click()
    page.click("[data-add=L-PLUMB]")
    page.click("[data-add=P-DN20]")
    page.click("[data-item=P-DN20] [data-step-by='1']")
    expect(page.locator("[data-total]")).to_have_text("¥286.00")  # with the call-out fee told at reporting
    big(page, "请业主看价签字").click()

    expect(page.locator("[data-quote-total]")).to_have_text("¥286.00")
    expect(page.locator("footer:visible [data-sign-button]")).to_be_disabled()
    sign(page, "consent")
    big(page, "同意，开始修").click()
    big(page, "开工").click()
    expect(page.locator(STORED)).to_have_count(6)
    assert entries(world, number) == []

    phone.set_offline(False)
    wait_until_sent(page)
    done = entries(world, number)
    assert [e.action for e in done] == ["accept", "arrive", "confirm_scope", "quote", "consent", "start"]
    times = [e.happened_at for e in done]
    assert times == sorted(times)
    assert (times[1] - times[0]).total_seconds() > 1
    assert done[-1].to_state == "working"
    assert CaseFile.objects.in_project(world.project_id).filter(label="before").count() == 1
    assert not Conflict.objects.in_project(world.project_id).exists()
    expect(page.locator("[data-queue]")).to_be_hidden()
    page.wait_for_selector("text=完工")


def test_what_was_refused_is_shown_and_kept(phone: BrowserContext, world: World) -> None:
    number = to_state(world, "accepted")
    page = open_jobs(phone, number)
    phone.set_offline(True)
    page.get_by_role("button", name="我到了").click()
    expect(page.locator(STORED)).to_have_count(1)
    world.now = timezone.now()
    world.act("tech", number, "give_back", reason="另有急活")
    world.act("desk", number, "dispatch", handler=world.company.staff["tech2"].pk)

    phone.set_offline(False)
    wait_until_sent(page)
    kept = Conflict.objects.in_project(world.project_id).get()
    assert (kept.action, kept.actor_name) == ("arrive", "李建国")
    page.goto("/field/")
    expect(page.locator(".queue.soon").first).to_contain_text("办公室在看")
    expect(page.locator(".queue.soon").first).to_contain_text("主卧卫生间吊顶滴水")


def test_a_killed_page_loses_nothing_and_opens_again_without_network(phone: BrowserContext, world: World) -> None:
    number = to_state(world, "dispatched")
    page = open_jobs(phone, number)
    phone.set_offline(True)
    page.get_by_role("button", name="接单").click()
    expect(page.locator(STORED)).to_have_count(1)
    page.close(run_before_unload=False)

    again = phone.new_page()
    again.goto("/field/")
    expect(again.locator(STORED)).to_have_count(1)
    again.goto(f"/field/jobs/{number}/")
    expect(again.locator("[data-state-badge]")).to_contain_text("待上门")
    again.goto("/field/never-opened/")
    expect(again.locator("h1, strong").first).to_be_visible()
    again.goto("/field/")
    phone.set_offline(False)
    wait_until_sent(again)
    assert [e.action for e in entries(world, number)] == ["accept"]


def test_signed_out_meanwhile_the_queue_waits_for_the_same_person(
    phone: BrowserContext, world: World, live_server: LiveServer
) -> None:
    number = to_state(world, "dispatched")
    page = open_jobs(phone, number)
    phone.set_offline(True)
    page.get_by_role("button", name="接单").click()
    expect(page.locator(STORED)).to_have_count(1)
    phone.clear_cookies(name=settings.SESSION_COOKIE_NAME)
    phone.set_offline(False)
    expect(page.locator("[data-queue-title] a")).to_be_visible()

    enter(phone, live_server, signed_in(world, "tech2"))
    page.goto("/field/me/")
    expect(page.locator("[data-queue-others]")).to_contain_text("1 项")
    assert entries(world, number) == []

    enter(phone, live_server, signed_in(world, "tech"))
    page.goto("/field/")
    wait_until_sent(page)
    assert [e.action for e in entries(world, number)] == ["accept"]


def test_the_customer_holds_the_phone_and_sees_nothing_else(phone: BrowserContext, world: World) -> None:
    number = to_state(world, "quoted")
    page = open_jobs(phone, number)
    page.goto(f"/field/jobs/{number}/")
    page.get_by_role("link", name="请业主看价签字").click()
    page.go_back()
    expect(page.locator("section[data-view=consent]")).to_be_visible()
    page.goto("/field/")
    page.wait_for_url("**/?step=consent")
    page.get_by_role("button", name="交还师傅").click()
    page.get_by_role("link", name="我是师傅").click()
    expect(page.locator("section[data-view=consent]")).to_be_hidden()

    page.get_by_role("link", name="请业主看价签字").click()
    page.locator("section[data-view=consent] .chip", has_text="女儿").click()
    sign(page, "consent")
    big(page, "同意，开始修").click()
    big(page, "开工").wait_for()
    consent = entries(world, number)[-1]
    assert (consent.action, consent.data["person_name"], consent.data["relation"]) == ("consent", "周晓岚", "女儿")


def test_wrong_input_stands_beside_its_field_and_keeps_what_was_typed(phone: BrowserContext, world: World) -> None:
    number = to_state(world, "on_site")
    page = open_jobs(phone, number)
    page.goto(f"/field/jobs/{number}/?step=confirm_scope")
    page.fill("#f-confirm_scope-cause", "老化")
    big(page, "已与业主确认").click()
    expect(page.locator("[data-field=scope] .field-error")).to_be_visible()
    assert page.input_value("#f-confirm_scope-cause") == "老化"
    page.fill("#f-confirm_scope-scope", "更换接头")
    big(page, "已与业主确认").click()
    page.get_by_role("link", name="问题已确认，报价").wait_for()


def test_the_link_for_wechat_is_copied(phone: BrowserContext, world: World) -> None:
    number = to_state(world, "quoted")
    page = open_jobs(phone, number)
    page.goto(f"/field/jobs/{number}/?step=share")
    page.get_by_role("button", name="生成文字并复制").click()
    expect(page.locator("#share-text")).to_be_visible()
    assert "/l/" in page.input_value("#share-text")
    assert "您同意后才动工" in page.input_value("#share-text")


def test_a_number_dialled_without_network_is_on_record_afterwards(phone: BrowserContext, world: World) -> None:
    number = to_state(world, "accepted")
    page = open_jobs(phone, number)
    page.goto(f"/field/jobs/{number}/")
    until(page, "document.querySelectorAll('a[data-dialled]').length > 0")
    page.evaluate("document.addEventListener('click', (event) => event.preventDefault())")  # no telephone here
    phone.set_offline(True)
    page.evaluate("document.querySelector('a[data-dialled]').click()")
    lines = Entry.objects.in_project(world.project_id).filter(case__number=number, action="reveal")
    assert not lines.exists()
    phone.set_offline(False)
    until(page, "localStorage.getItem('field-dialled') === '[]'")
    assert lines.count() == 1


def test_a_line_of_the_duty_log_waits_for_the_network(browser: Browser, live_server: LiveServer, world: World) -> None:
    context = browser.new_context(
        viewport={"width": 360, "height": 740}, locale="zh-CN", base_url=live_server.url, has_touch=True
    )
    enter(context, live_server, signed_in(world, "butler"))
    page = open_jobs(context)
    until(page, "caches.open('field-pages-1').then(c => c.match('/field/duty/')).then(Boolean)")
    context.set_offline(True)
    page.goto("/field/duty/")
    page.locator("textarea[name=text]").fill("地下二层积水已清")
    page.locator("form[data-action=duty_entry] button[type=submit]").click()
    expect(page.locator(STORED)).to_have_count(1)
    expect(page.locator("textarea[name=text]")).to_have_value("")
    context.set_offline(False)
    until(page, "document.querySelectorAll('[data-queue-rows] li').length === 0")
    assert DutyEntry.objects.unscoped().get().text == "地下二层积水已清"
    context.close()


def written_down() -> list[str]:
    return list(DutyEntry.objects.unscoped().order_by("pk").values_list("text", flat=True))


WRITE = "form[data-action=duty_entry]"
#: Once the line is there, until the next page is.
TAPPING = """() => {
  const real = window.fetch;
  window.fetch = async (...asked) => {
    const answer = await real(...asked);
    if (asked[1]?.method === "POST") setInterval(() => document.querySelector("form[data-action=duty_entry]").requestSubmit(), 4);
    return answer;
  };
}"""


def test_a_tap_repeated_before_the_next_page_is_there_is_one_line(
    browser: Browser, live_server: LiveServer, world: World
) -> None:
    context = browser.new_context(locale="zh-CN", base_url=live_server.url, has_touch=True, service_workers="block")
    enter(context, live_server, signed_in(world, "butler"))
    page = context.new_page()
    page.goto("/field/duty/")
    sent: list[str] = []
    page.on("request", lambda request: sent.append(request.url) if request.method == "POST" else None)

    page.evaluate(TAPPING)
    page.locator("textarea[name=text]").fill("地下二层积水已清")
    with page.expect_navigation():
        page.locator(f"{WRITE} button[type=submit]").click(no_wait_after=True)
    assert written_down() == ["地下二层积水已清"]
    assert len(sent) == 1
    context.close()


def test_what_is_being_typed_is_not_turned_away_when_the_stored_lines_are_sent(
    browser: Browser, live_server: LiveServer, world: World
) -> None:
    context = browser.new_context(locale="zh-CN", base_url=live_server.url, has_touch=True)
    enter(context, live_server, signed_in(world, "butler"))
    page = open_jobs(context)
    until(page, "caches.open('field-pages-1').then(c => c.match('/field/duty/')).then(Boolean)")
    page.goto("/field/duty/")
    context.set_offline(True)
    page.locator("textarea[name=text]").fill("地下二层积水已清")
    page.locator(f"{WRITE} button[type=submit]").click()
    expect(page.locator(STORED)).to_have_count(1)
    page.locator("textarea[name=text]").press_sequentially("3栋门禁")
    context.set_offline(False)
    until(page, "document.querySelectorAll('[data-queue-rows] li').length === 0")
    page.wait_for_timeout(1500)
    expect(page.locator("textarea[name=text]")).to_have_value("3栋门禁")
    assert written_down() == ["地下二层积水已清"]
    context.close()


TOLD = """async (pages) => {
  const { port1, port2 } = new MessageChannel();
  const told = [];
  port1.onmessage = ({ data }) => told.push(data);
  navigator.serviceWorker.controller.postMessage({ type: "keep", shell: [], pages }, [port2]);
  for (let n = 0; n < 100 && told.length < 1; n += 1) await new Promise((later) => setTimeout(later, 100));
  return told;
}"""


def test_a_page_that_did_not_come_is_asked_for_again(phone: BrowserContext, world: World) -> None:
    """Else whoever goes down to the basement too soon stands there without the job, today and tomorrow."""
    number = to_state(world, "dispatched")
    page = open_jobs(phone, number)
    assert page.evaluate(TOLD, ["/field/jobs/none/", f"/field/jobs/{number}/"]) == [f"/field/jobs/{number}/"]
    kept = f"JSON.parse(localStorage.getItem('field-kept'))['/field/jobs/{number}/']"
    until(page, f"Boolean({kept})")
