"""Whoever types faster than the network answers: no key is lost, none goes astray, nothing is sent twice."""

from collections.abc import Callable

import pytest
from django.conf import settings
from django.test import Client
from playwright.sync_api import Page, Request, Route, expect
from pytest_django.live_server_helper import LiveServer

from steward.assurance.duty import reads
from steward.cases.models import Case, Entry
from steward.casework.shipped import load_categories
from steward.kernel.actor import SYSTEM
from tests.browsing import browser, complaints, world
from tests.console.test_console_browser import page
from tests.console.test_pin import SECRET, ready
from tests.world import World

__all__ = ["browser", "complaints", "page", "world"]
pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


def slowly(page: Page, *addresses: str, ms: int = 400) -> None:
    """The answers from there take their time."""

    def late(route: Route) -> None:
        page.wait_for_timeout(ms)
        route.continue_()

    for address in addresses:
        page.route(address, late)


def posts(page: Page) -> Callable[[], list[str]]:
    seen: list[Request] = []
    page.on("request", lambda request: seen.append(request) if request.method == "POST" else None)
    return lambda: [request.url for request in seen]


def said(case: Case) -> list[str]:
    return list(Entry.objects.in_project(case.project_id).filter(case=case).values_list("action", flat=True))


def test_a_whole_call_is_typed_in_one_breath(page: Page, world: World, complaints: list[str]) -> None:
    """From another case, where a "1" tells its customer something: the room, Enter, type, category, Enter."""
    other = world.open("desk", urgency="P1", payer="owner", category="leak").case
    before = said(other)
    page.goto(f"/cases/{other.number}/")
    slowly(page, "**/intake/", "**/intake/units/*", "**/intake/household/*", "**/intake/then/*")
    page.keyboard.press("F2")
    page.keyboard.type("13800016621")
    for key in ("Enter", "b", "2", "Enter"):
        page.keyboard.press(key)
    page.wait_for_url("**/cases/**", wait_until="commit")
    page.wait_for_url(lambda url: other.number not in url)
    expect(page.locator("h1 .state").first).to_contain_text("待接单")
    case = Case.objects.in_project(world.project_id).exclude(pk=other.pk).get()
    assert (case.title, case.unit_label, case.reporter_name) == ("漏水", "3-2-1201", "王淑芬")
    assert case.handler_id == world.company.staff["tech"].pk, "urgent: sent with the same Enter"
    assert said(other) == before, "nothing was said to the other customer"
    assert complaints == []


def test_a_part_of_a_category_takes_one_key_more(page: Page, world: World, complaints: list[str]) -> None:
    """Complaint, equipment, lift: typed in one breath, as a repair is."""
    load_categories("complaint", actor=SYSTEM, at=world.now)
    page.goto("/intake/")
    slowly(page, "**/intake/units/*", "**/intake/household/*", "**/intake/then/*")
    page.keyboard.type("13800016621")
    for key in ("Enter", "t", "2", "1", "Enter"):
        page.keyboard.press(key)
    page.wait_for_url("**/cases/**", wait_until="commit")
    case = Case.objects.in_project(world.project_id).get()
    assert (case.kind, case.title, case.category and case.category.code) == ("complaint", "电梯", "B1")
    assert complaints == []


def test_backspace_goes_up_and_every_part_has_a_key(page: Page, world: World) -> None:
    load_categories("complaint", actor=SYSTEM, at=world.now)
    page.goto("/intake/")
    page.locator("#what").focus()
    trail = page.locator("[data-trail=category]")
    for key in ("t", "2", "7"):
        page.keyboard.press(key)
    expect(page.locator("[name=category]:checked")).to_have_value("B7")
    expect(trail).to_have_text("2 7")
    expect(page.locator("[data-below]:visible")).to_have_count(1)
    page.keyboard.press("Backspace")
    expect(page.locator("[name=category]:checked")).to_have_count(0)
    expect(page.locator("[data-below]:visible")).to_have_count(0)
    for keys, code in (("-", "Z"), ("2", "Z2"), ("1", "Z1"), ("Backspace", ""), ("0", "K"), ("3", "K3")):
        page.keyboard.press(keys)
        expect(page.locator("[name=category]:checked")).to_have_count(1 if code else 0)
        if code:
            expect(page.locator("[name=category]:checked")).to_have_value(code)
    for keys, code in (("b", ""), ("2", "leak"), ("t", ""), ("1", "A"), ("1", "A1")):
        page.keyboard.press(keys)
        if code:
            expect(page.locator("fieldset:not([hidden]) [name=category]:checked")).to_have_value(code)


def test_a_refused_complaint_comes_back_with_its_part(page: Page, world: World) -> None:
    load_categories("complaint", actor=SYSTEM, at=world.now)
    page.goto("/intake/?kind=complaint&category=B2")
    expect(page.locator("[data-below]:visible [name=category]:checked")).to_have_value("B2")
    expect(page.locator("[data-trail=category]")).to_have_text("2 2")


def test_a_pin_is_never_typed_into_what_stands_behind(page: Page, world: World, live_server: LiveServer) -> None:
    ready(world, "desk", "desk2", "butler")
    client = Client()
    for who in ("butler", "desk", "desk2"):
        client.post("/sign-in/", {"username": who, "password": SECRET})
    for name in (settings.SESSION_COOKIE_NAME, "steward_desk"):
        page.context.add_cookies([{"name": name, "value": client.cookies[name].value, "url": live_server.url}])
    page.goto("/intake/")
    page.locator("#what").fill("水管")
    slowly(page, "**/pin/*")
    page.keyboard.press("F4")
    page.keyboard.type("12580")
    assert page.input_value("#what") == "水管"
    page.keyboard.press("Enter")
    expect(page.locator(".me strong").first).to_have_text("周敏")


def test_enter_never_chooses_from_the_list_of_what_stood_there_before(page: Page, world: World) -> None:
    page.goto("/intake/")
    page.locator("#ask").press_sequentially("3-2-1")
    expect(page.locator(".suggest-list [role=option]").first).to_be_visible()
    slowly(page, "**/intake/units/*")
    page.locator("#ask").fill("2-1-0304")
    page.keyboard.press("Enter")
    expect(page.locator("#who input[name=unit_label]:checked")).to_have_value("2-1-0304")


def test_of_two_dialogs_the_one_asked_for_last_opens(page: Page, world: World) -> None:
    number = world.open("desk", urgency="P1", payer="owner", category="leak").case.number
    page.goto(f"/cases/{number}/")
    slowly(page, "**/actions/dispatch/", ms=1000)
    page.locator('.acts [hx-get$="/actions/dispatch/"]').click()
    page.locator('[hx-post*="share"]').first.click()
    expect(page.locator("#share-text")).to_be_visible()
    page.wait_for_load_state("networkidle")
    expect(page.locator("#share-text")).to_be_visible()


def test_esc_gives_up_a_dialog_on_its_way(page: Page, world: World) -> None:
    number = world.open("desk", urgency="P1", payer="owner", category="leak").case.number
    page.goto(f"/cases/{number}/")
    slowly(page, "**/actions/dispatch/")
    page.keyboard.press("d")
    page.keyboard.press("Escape")
    page.wait_for_load_state("networkidle")
    expect(page.locator("dialog[open]")).to_have_count(0)


def test_a_step_pressed_twice_is_sent_once(page: Page, world: World) -> None:
    number = world.open("desk", urgency="P1", payer="owner", category="leak").case.number
    page.goto(f"/cases/{number}/?do=dispatch")
    page.locator("dialog[open] [name=handler]").first.check()
    sent = posts(page)
    slowly(page, "**/actions/dispatch/")
    page.locator("dialog[open] button[type=submit]").dblclick()
    expect(page.locator("h1 .state").first).to_contain_text("待接单")
    assert len(sent()) == 1


def test_a_plain_button_pressed_twice_is_sent_once(page: Page, world: World) -> None:
    page.goto("/duty/")
    sent = posts(page)
    page.evaluate(
        "addEventListener('submit', ({ target }) => setTimeout(() => target.requestSubmit(), 60), { once: true })"
    )
    page.keyboard.press("g")
    expect(page.locator("#flashes")).to_contain_text("您已当班")
    assert len(sent()) == 1
    assert reads.on_duty(world.project_id) is not None


def test_a_late_part_of_a_form_leaves_the_cursor_alone(page: Page, world: World) -> None:
    number = world.open("desk", kind="inquiry", title="装修押金怎么退").case.number
    page.goto(f"/cases/{number}/")
    slowly(page, "**/knowledge/beside/*", ms=800)
    page.locator('.acts [hx-get$="/actions/answer/"]').click()
    expect(page.locator("dialog[open] textarea[name=answer]")).to_be_focused()
    page.locator("dialog[open] [data-close]").first.focus()
    page.wait_for_load_state("networkidle")
    expect(page.locator("dialog[open] [data-close]").first).to_be_focused()


def test_enter_of_an_input_method_saves_nothing(page: Page, world: World) -> None:
    """Safari tells no composition any more when its Enter comes: only the code 229."""
    page.goto("/intake/")
    page.locator("#what").fill("shuiguan")
    kept = (
        "field => field.dispatchEvent(new KeyboardEvent('keydown', {key: 'Enter', keyCode: %s, isComposing: %s,"
        " bubbles: true, cancelable: true}))"
    )
    what = page.locator("#what")
    assert what.evaluate(kept % (229, "false"))
    assert what.evaluate(kept % (13, "true"))
    assert not what.evaluate(kept % (13, "false"))


def test_news_of_the_board_wait_for_whoever_has_begun(page: Page, world: World, live_server: LiveServer) -> None:
    client = Client()
    client.force_login(world.company.users["headbutler"], backend="django.contrib.auth.backends.ModelBackend")
    name = settings.SESSION_COOKIE_NAME
    page.context.add_cookies([{"name": name, "value": client.cookies[name].value, "url": live_server.url}])
    world.open("desk", urgency="P1", payer="owner", category="leak")
    page.clock.install()
    page.goto("/dispatch/")
    asked: list[str] = []

    def late(route: Route) -> None:
        asked.append(route.request.url)
        page.locator("#dispatch .lanes .man").last.click()
        route.continue_()

    page.route("**/dispatch/?*", late)
    chosen = page.locator("#dispatch .lanes > li[data-staff]").last.get_attribute("data-staff")
    with page.expect_response("**/dispatch/?*"):
        page.clock.run_for(61_000)
    page.wait_for_load_state("networkidle")
    assert len(asked) == 1
    expect(page.locator("#dispatch [aria-selected=true] select[name=handler]")).to_have_value(str(chosen))
