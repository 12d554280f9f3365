"""The console in Chromium, by keyboard alone: three keys save a case, a letter opens its step, nothing is blocked."""

from collections.abc import Iterator

import pytest
from django.conf import settings
from django.test import Client
from playwright.sync_api import Browser, Page, expect
from pytest_django.live_server_helper import LiveServer

from steward.cases.models import Case
from steward.casework.models import DeskContact
from steward.console.reception import night
from steward.kernel.schema import parse
from steward.registers.estate.models import Unit
from steward.registers.workforce import contractors
from steward.registers.workforce.models import Area
from tests.browsing import browser, complaints, enter, keep, listen, world
from tests.processes.test_repair_story import to_quoted
from tests.world import World

__all__ = ["browser", "complaints", "world"]
pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

FIRM = {"name": "恒安电梯", "trade": "lift", "contract_from": "2026-01-01", "contract_until": "2026-12-31"}
OVERFLOW = """(() => { const main = document.querySelector("main");
  return Math.max(document.documentElement.scrollWidth - innerWidth, main.scrollWidth - main.clientWidth); })()"""


@pytest.fixture
def page(browser: Browser, complaints: list[str], live_server: LiveServer, world: World) -> Iterator[Page]:
    context = browser.new_context(viewport={"width": 1280, "height": 800}, locale="zh-CN", base_url=live_server.url)
    enter(context, live_server, world.company.users["desk"])
    # The call screen as by day, whatever the hour; the night has a test of its own.
    keep(context, live_server, night.COOKIE, "off")
    opened = context.new_page()
    listen(opened, complaints)
    yield opened
    context.close()


def test_a_call_is_saved_and_sent_by_keyboard_alone(page: Page, world: World, complaints: list[str]) -> None:
    page.goto("/")
    page.keyboard.press("n")
    page.wait_for_url("**/intake/")
    page.keyboard.type("6621", delay=20)
    expect(page.locator(".suggest-list [role=option]")).to_have_count(1)
    page.keyboard.press("Enter")
    expect(page.locator("#who h2")).to_contain_text("王淑芬")
    expect(page.locator("[name=reporter_name]")).to_have_value("王淑芬")
    page.evaluate(
        "window.pressed = 0; addEventListener('keydown', () => sessionStorage.pressed = ++window.pressed, true)"
    )
    page.keyboard.press("b")
    page.keyboard.press("2")
    expect(page.locator("#then")).to_contain_text("李建国")
    expect(page.locator("#script")).to_contain_text("3-2-1201，漏水")
    page.keyboard.press("Enter")
    page.wait_for_url("**/cases/**")
    assert page.evaluate("sessionStorage.pressed") == "3", "type, category, Enter"
    case = Case.objects.in_project(world.project_id).get()
    assert (case.title, case.unit_label, case.reporter_name) == ("漏水", "3-2-1201", "王淑芬")
    # urgent: somebody is on the way already
    assert (case.state, case.handler_id) == ("dispatched", world.company.staff["tech"].pk)
    expect(page.locator("h1 .state").first).to_contain_text("待接单")
    assert complaints == []


def test_asked_again_and_wrong_number_are_one_key_each(page: Page, world: World, complaints: list[str]) -> None:
    number = world.open("desk2").case.number
    page.goto("/console/call/?number=13800016621")
    expect(page.locator("[data-talk]")).to_be_visible()
    page.keyboard.press("Alt+1")
    page.wait_for_url(f"**/cases/{number}/")
    expect(page.locator(".events")).to_contain_text("业户催问")
    page.goto("/console/call/?number=13311112222")
    page.keyboard.press("F9")
    page.wait_for_url("**/intake/")
    assert sorted(DeskContact.objects.in_project(world.project_id).values_list("outcome", flat=True)) == [
        "asked_again",
        "wrong_number",
    ]
    assert complaints == []


def test_what_was_refused_stays_in_its_dialog(page: Page, world: World) -> None:
    number = to_quoted(world)
    page.goto(f"/cases/{number}/?do=consent")
    page.fill("dialog[open] [name=person_name]", "周晓岚")
    page.click("dialog[open] button[type=submit]")
    expect(page.locator("dialog[open] [role=alert]")).to_be_visible()
    expect(page.locator("dialog[open] [name=person_name]")).to_have_value("周晓岚")
    page.fill("dialog[open] [name=call_reference]", "L-20261121-7")
    page.click("dialog[open] button[type=submit]")
    expect(page.locator("h1 .state").first).not_to_contain_text("待业户确认")


def test_rows_follow_the_keys_and_the_filter_hides(page: Page, world: World, complaints: list[str]) -> None:
    number = to_quoted(world)
    world.open("desk", title="门锁打不开", unit="7-1-0603")
    page.goto("/")
    selected = "[...document.querySelectorAll('[data-rows] tbody tr')].findIndex(r => r.ariaSelected === 'true')"
    assert page.evaluate(selected) == 0
    page.keyboard.press("j")
    assert page.evaluate(selected) == 1
    page.goto(f"/cases/{number}/")
    everything = page.locator(".events > li[data-kinds]:visible").count()
    page.click("[data-show=money]")
    assert 0 < page.locator(".events > li[data-kinds]:visible").count() < everything
    page.locator(".clocks details summary").first.click()
    expect(page.locator(".clocks details[open] li").first).to_be_visible()
    assert complaints == []


def test_copying_for_the_customer_brings_words_and_a_link(page: Page, world: World) -> None:
    number = to_quoted(world)
    page.goto(f"/cases/{number}/")
    page.evaluate("addEventListener('focusin', (event) => (window.focused ??= []).push(event.target.id))")
    page.keyboard.press("c")
    expect(page.locator("#share-text")).to_be_visible()
    assert "share-text" not in page.evaluate("window.focused"), "an Enter pressed at once would be lost"
    assert "/l/" in page.input_value("#share-text")
    assert number in page.input_value("#share-text")
    page.keyboard.press("Enter")
    page.wait_for_selector("dialog[open] button:has-text('已复制')")


def test_a_gap_is_closed_by_keyboard_alone(
    page: Page, world: World, complaints: list[str], live_server: LiveServer
) -> None:
    """From the row with J and Enter to the form, to the preview, to the butler; both pages fit."""
    head, manager = world.company.staff["headbutler"], Client()
    Unit.objects.in_project(world.project_id).filter(label="3-2-1201").update(butler_staff_id=None)
    contractors.engage(
        project_id=world.project_id,
        data=parse(contractors.ContractorData, FIRM),
        actor=world.actor("manager"),
        at=world.now,
    )
    manager.force_login(world.company.users["manager"], backend="django.contrib.auth.backends.ModelBackend")
    name = settings.SESSION_COOKIE_NAME
    page.context.add_cookies([{"name": name, "value": manager.cookies[name].value, "url": live_server.url}])
    for width in (1440, 360):
        page.set_viewport_size({"width": width, "height": 800})
        for path in ("/settings/contractors/", "/settings/areas/"):
            page.goto(path)
            assert page.evaluate(OVERFLOW) <= 0, (path, width)
    page.set_viewport_size({"width": 1280, "height": 800})
    rows = page.locator("[data-rows] tbody tr").all_inner_texts()
    for _row in range(next(n for n, text in enumerate(rows) if text.startswith("3栋"))):
        page.keyboard.press("j")
    page.keyboard.press("Enter")
    page.wait_for_url("**/assign/**")
    page.locator(f"input[name=butler][value='{head.pk}']").focus()
    page.keyboard.press("Space")
    page.keyboard.press("Enter")
    expect(page.locator("[role=status] .note").first).to_contain_text("更换管家")
    page.locator(".form-foot button[type=submit]").focus()
    page.keyboard.press("Enter")
    page.wait_for_url("**/settings/areas/?project=YX")
    assert Area.objects.in_project(world.project_id).get().butler_id == head.pk
    assert complaints == []


def test_pages_fit_in_both_languages(page: Page, world: World, complaints: list[str]) -> None:
    number = to_quoted(world)
    user = world.company.users["desk"]
    for language in ("zh-hans", "en"):
        user.language = language
        user.save(update_fields=["language"])
        for width, height in ((1440, 900), (1280, 800), (360, 780)):
            page.set_viewport_size({"width": width, "height": height})
            for path in (
                "/",
                "/?done=1",
                "/intake/night/on/",
                "/intake/night/off/",
                "/cases/",
                "/cases/?q=nothing",
                f"/cases/{number}/",
            ):
                page.goto(path)
                assert page.evaluate(OVERFLOW) <= 0, (path, width, language)
    assert complaints == []


def found(page: Page) -> None:
    page.locator("#ask").fill("6621")
    expect(page.locator(".suggest-list [role=option]")).to_have_count(1)
    page.keyboard.press("Enter")
    expect(page.locator("#who h2")).to_contain_text("王淑芬")


def test_at_night_one_key_sends_and_one_key_puts_off(page: Page, world: World, complaints: list[str]) -> None:
    page.goto("/intake/night/on/")
    found(page)
    expect(page.locator("[data-match]")).to_have_text("手机尾号")
    page.keyboard.press("2")
    expect(page.locator(".night-now")).to_contain_text("李建国")
    page.keyboard.press("Enter")  # on a type or a category it chooses neither, too
    page.wait_for_timeout(500)
    assert not Case.objects.unscoped().exists()
    page.locator("#what").fill("水管爆了")
    page.keyboard.press("Enter")  # a new line: it chooses neither
    expect(page.locator(".night-now")).to_contain_text("李建国")
    page.keyboard.press("F6")
    page.wait_for_url("**/on-call/")
    expect(page.locator(".ring-number")).to_contain_text("13600010001")
    page.keyboard.press("x")
    expect(page.locator(".ring-number")).to_contain_text("13600010002")
    page.keyboard.press("y")
    expect(page.locator(".note.ok")).to_contain_text("王强")
    page.keyboard.press("n")
    page.wait_for_url("**/intake/")

    found(page)
    page.keyboard.press("5")
    page.locator("#what").fill("门锁松了")
    page.keyboard.press("F7")
    page.wait_for_url("**/intake/")
    expect(page.locator("#flashes")).to_contain_text("有人打电话")
    states = Case.objects.unscoped().order_by("pk").values_list("title", "state", "urgency")
    assert list(states) == [("水管爆了", "dispatched", "P1"), ("门锁松了", "received", "P2")]
    assert complaints == []
