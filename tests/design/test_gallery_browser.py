"""The components in Chromium: nothing overflows, nothing is blocked, keys, dialogs, pads and pictures work."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect
from pytest_django.live_server_helper import LiveServer

from tests.browsing import browser, complaints, listen

__all__ = ["browser", "complaints"]
pytestmark = pytest.mark.browser

WIDTHS = ((1440, 900), (1280, 800), (360, 780))
PAGES = ("", "intake/", "dispatch/", "counter/", "phone/", "plain/")
# The console's page scrolls inside <main>: looked at too.
OVERFLOW = "Math.max(...['html', 'main'].map(s => document.querySelector(s)).map(e => e.scrollWidth - e.clientWidth))"


@pytest.fixture
def page(browser: Browser, complaints: list[str]) -> Iterator[Page]:
    context = browser.new_context(viewport={"width": 1280, "height": 800}, locale="zh-CN")
    opened = context.new_page()
    listen(opened, complaints)
    yield opened
    context.close()


def test_pages_fit_and_nothing_is_blocked(live_server: LiveServer, page: Page, complaints: list[str]) -> None:
    for width, height in WIDTHS:
        page.set_viewport_size({"width": width, "height": height})
        for path in PAGES:
            page.goto(f"{live_server.url}/design/{path}")
            assert page.evaluate(OVERFLOW) <= 0, (path, width)
    assert complaints == []


def test_large_type_fits_a_small_phone(live_server: LiveServer, page: Page) -> None:
    page.set_viewport_size({"width": 360, "height": 780})
    page.goto(f"{live_server.url}/design/phone/")
    page.click("[data-large-type]")

    assert page.evaluate("getComputedStyle(document.documentElement).fontSize") == "20px"
    assert page.evaluate(OVERFLOW) <= 0
    page.reload()
    assert page.evaluate("document.documentElement.classList.contains('large-type')")


def test_keys_work_but_not_while_typing(live_server: LiveServer, page: Page) -> None:
    page.goto(f"{live_server.url}/design/")
    page.evaluate("document.activeElement.blur()")
    selected = "[...document.querySelectorAll('[data-rows] tbody tr')].findIndex(r => r.ariaSelected === 'true')"
    before = page.evaluate(selected)
    page.keyboard.press("j")
    assert page.evaluate(selected) == before + 1
    page.keyboard.press("Control+k")
    assert page.evaluate("document.activeElement.name") == "q"
    page.keyboard.press("j")
    assert page.evaluate(selected) == before + 1
    assert page.input_value("[name=q]") == "j"


def test_a_letter_chooses_while_the_cursor_is_in_the_amount(live_server: LiveServer, page: Page) -> None:
    page.goto(f"{live_server.url}/design/counter/")
    page.focus(".received input")
    page.keyboard.press("w")

    assert page.is_checked("[name=way][value=W]")
    assert page.input_value(".received input") == "1,000.00"


def test_dialog_copy_and_offline_bar(live_server: LiveServer, page: Page) -> None:
    page.goto(f"{live_server.url}/design/")
    page.click("[data-dialog=more]")
    expect(page.locator("#more")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.locator("#more")).to_be_hidden()
    page.click("[data-copy]")
    page.wait_for_selector("[data-copy]:has-text('已复制')")
    page.context.set_offline(True)
    page.wait_for_selector("[data-offline-bar]:visible")


def test_lines_add_up_and_a_stroke_is_a_signature(live_server: LiveServer, page: Page) -> None:
    page.goto(f"{live_server.url}/design/")
    page.click("[data-lines-add]")
    page.select_option("[name=lines-2-item]", "P03")
    page.fill("[name=lines-2-quantity]", "2")
    assert page.inner_text("[data-lines-total]") == "¥240.00"

    pad = page.locator("canvas")
    pad.scroll_into_view_if_needed()
    box = pad.bounding_box()
    assert box
    page.mouse.move(box["x"] + 30, box["y"] + 30)
    page.mouse.down()
    page.mouse.move(box["x"] + 150, box["y"] + 90, steps=6)
    page.mouse.up()
    assert page.input_value("[name=signature]").startswith("data:image/png;base64,")
    page.click("[data-signature-clear]")
    assert page.input_value("[name=signature]") == ""


def test_pictures_shrink_before_they_travel(live_server: LiveServer, page: Page, tmp_path: Path) -> None:
    from PIL import Image  # noqa: PLC0415 - only this test draws

    large = tmp_path / "large.png"
    Image.effect_noise((2400, 1800), 60).save(large)
    page.goto(f"{live_server.url}/design/")
    page.set_input_files("input[type=file]", [large, large])
    page.wait_for_selector(".photos figure[data-chosen] >> nth=1")
    files = page.evaluate("[...document.querySelector('input[type=file]').files].map(f => [f.type, f.size])")
    assert [kind for kind, _ in files] == ["image/jpeg", "image/jpeg"]
    assert all(size < large.stat().st_size for _, size in files)
    page.click(".photos .remove >> nth=0")
    assert page.evaluate("document.querySelector('input[type=file]').files.length") == 1


def test_the_field_follows_the_phone_into_the_dark(live_server: LiveServer, page: Page) -> None:
    page.emulate_media(color_scheme="dark")
    page.goto(f"{live_server.url}/design/phone/")

    assert page.get_attribute("body", "data-weui-theme") == "dark"
    assert page.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(14, 20, 24)"


def test_a_refused_form_stays_in_its_dialog_with_what_was_typed(
    live_server: LiveServer, page: Page, complaints: list[str]
) -> None:
    page.goto(f"{live_server.url}/design/")
    page.click("[hx-get='/design/part/']")
    page.fill("dialog[open] textarea", "下午再来")
    page.click("dialog[open] [type=submit]")
    page.wait_for_selector("dialog[open] .field-error")

    assert page.inner_text("dialog[open] h2") == "改约"
    assert page.input_value("dialog[open] textarea") == "下午再来"
    assert page.evaluate("document.activeElement.name") == "reason"
    assert [text for text in complaints if "422" not in text] == []


def test_a_room_is_found_by_typing_and_forgotten_when_the_text_changes(live_server: LiveServer, page: Page) -> None:
    page.goto(f"{live_server.url}/design/")
    page.locator("[data-field=unit] [role=combobox]").press_sequentially("3-2")
    page.wait_for_selector("[role=option] >> nth=1")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    assert page.input_value("[name=unit]") == "8"
    assert page.input_value("[data-field=unit] [role=combobox]") == "3-2-1202"

    page.keyboard.press("Backspace")
    assert page.input_value("[name=unit]") == ""
