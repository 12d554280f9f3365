"""The residents' pages in Chromium: they fit small phones, nothing typed is lost, choices open what they need."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect
from pytest_django.live_server_helper import LiveServer

from steward.cases.models import Case
from steward.kernel.models import Outbox
from steward.processes.repair.models import Consent
from tests.browsing import browser, complaints, enter, listen, world
from tests.processes.test_repair_story import to_quoted, to_settling
from tests.world import World

__all__ = ["browser", "complaints", "world"]
pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

OVERFLOW = "document.documentElement.scrollWidth - document.documentElement.clientWidth"
# Words of a chip or button that stick out of it.
CUT = """[...document.querySelectorAll('.chip, .btn, .round, .weui-tabbar__item, .service-grid a')]
  .filter(e => e.offsetWidth && e.scrollWidth > e.clientWidth + 1).map(e => e.textContent.trim())"""
SMALL_TARGETS = """[...document.querySelectorAll('main a, main button, main .chip, footer a, footer button')]
  .filter(e => e.offsetWidth && !e.closest('.strip') && e.getBoundingClientRect().height < 40).map(e => e.outerHTML)"""


@pytest.fixture
def page(browser: Browser, complaints: list[str]) -> Iterator[Page]:
    context = browser.new_context(viewport={"width": 360, "height": 780}, locale="zh-CN")
    opened = context.new_page()
    listen(opened, complaints)
    yield opened
    context.close()


def test_every_page_fits_a_small_phone_in_large_type_too(
    page: Page, live_server: LiveServer, world: World, complaints: list[str]
) -> None:
    quoted, settling = to_quoted(world), to_settling(world)
    enter(page.context, live_server, world.company.users["owner"])
    paths = ["", "report/", "ask/", "cases/", "cases/?show=done", "me/"]
    paths += [f"cases/{quoted}/{p}" for p in ("", "quote/", "decline/")]
    paths += [f"cases/{settling}/{p}" for p in ("", "rate/", "reopen/")]
    for large in ("0", "1"):
        page.goto(f"{live_server.url}/portal/")
        page.evaluate(f"localStorage.setItem('large-type', '{large}')")
        for path in paths:
            page.goto(f"{live_server.url}/portal/{path}")
            assert page.evaluate(OVERFLOW) <= 0, (path, large)
            assert page.evaluate(CUT) == [], (path, large)
            assert page.evaluate(SMALL_TARGETS) == [], (path, large)
    assert complaints == []


def test_a_draft_survives_and_leaves_when_it_is_sent(page: Page, live_server: LiveServer, world: World) -> None:
    enter(page.context, live_server, world.company.users["owner"])
    page.goto(f"{live_server.url}/portal/report/")
    page.click("label:has(input[value=bathroom])")
    page.fill("#what", "马桶一直流水")
    page.goto(f"{live_server.url}/portal/")
    page.goto(f"{live_server.url}/portal/report/")
    expect(page.locator("#what")).to_have_value("马桶一直流水")
    expect(page.locator("input[value=bathroom]")).to_be_checked()

    page.click("footer button[type=submit]")
    page.wait_for_url("**/cases/**")
    assert Case.objects.unscoped().get().title == "卫生间：马桶一直流水"
    page.goto(f"{live_server.url}/portal/report/")
    expect(page.locator("#what")).to_have_value("")


def test_the_fee_line_follows_the_place(page: Page, live_server: LiveServer, world: World) -> None:
    enter(page.context, live_server, world.company.users["owner"])
    page.goto(f"{live_server.url}/portal/report/")
    expect(page.locator(".fee-home")).to_be_visible()
    page.click("label:has(input[value=outside])")
    expect(page.locator(".fee-home")).to_be_hidden()
    expect(page.locator(".fee-outside")).to_be_visible()


def test_not_satisfied_opens_what_was_bad(page: Page, live_server: LiveServer, world: World) -> None:
    number = to_settling(world)
    enter(page.context, live_server, world.company.users["owner"])
    page.goto(f"{live_server.url}/portal/cases/{number}/rate/")
    expect(page.locator(".faults")).to_be_hidden()
    page.click(".moods label:has(input[value='1'])")
    expect(page.locator(".faults")).to_be_visible()


def test_a_signature_by_link_without_signing_in(page: Page, live_server: LiveServer, world: World) -> None:
    to_quoted(world)
    rows = Outbox.objects.unscoped().filter(channel="inapp").order_by("-pk")
    path = next(row.payload["path"] for row in rows if row.payload.get("path"))
    referrers: list[str] = []
    page.on("request", lambda request: referrers.append(request.headers.get("referer", "")))
    page.goto(live_server.url + path)
    page.click("label:has(input[value=other])")
    page.fill("input[name=person_name]", "周晓岚")
    page.fill("input[name=relation]", "女儿")
    pad = page.locator(".pad-canvas")
    pad.scroll_into_view_if_needed()
    box = pad.bounding_box()
    assert box is not None
    page.mouse.move(box["x"] + 40, box["y"] + 40)
    page.mouse.down()
    page.mouse.move(box["x"] + 140, box["y"] + 60, steps=8)
    page.mouse.up()
    page.click("footer button[type=submit]")
    expect(page.locator("main")).to_contain_text("周晓岚同意报价")

    given = Consent.objects.unscoped().get()
    assert (given.way, given.person_name, given.relation) == ("link", "周晓岚", "女儿")
    assert given.signature_id is not None
    assert not any(path.strip("/") in sent for sent in referrers)
