"""Another person at the desk in three seconds, by keys alone; what follows is theirs."""

import time

import pytest
from django.conf import settings
from django.test import Client
from playwright.sync_api import Page, expect
from pytest_django.live_server_helper import LiveServer

from steward.cases.models import Case
from tests.browsing import browser, complaints, world
from tests.console.test_console_browser import page
from tests.console.test_pin import SECRET, ready
from tests.stopwatch import calm_seconds
from tests.world import World

__all__ = ["browser", "complaints", "page", "world"]
pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
SECONDS = 3.0


def take_over(page: Page, name: str) -> None:
    """From the one key to the page of the next person: F4, 1, four digits, Enter."""
    page.keyboard.press("F4")
    expect(page.locator("#pin[open] [data-pin-people]")).to_be_visible()
    page.keyboard.press("1")
    page.keyboard.type("2580")
    page.keyboard.press("Enter")
    expect(page.locator(".me strong").first).to_have_text(name)


def test_three_seconds_by_keys_alone(page: Page, world: World, live_server: LiveServer, complaints: list[str]) -> None:
    ready(world, "desk", "desk2", "butler")
    client = Client()
    for who in ("butler", "desk", "desk2"):
        client.post("/sign-in/", {"username": who, "password": SECRET})
    page.context.clear_cookies(name=settings.SESSION_COOKIE_NAME)
    for name in (settings.SESSION_COOKIE_NAME, "steward_desk"):
        page.context.add_cookies([{"name": name, "value": client.cookies[name].value, "url": live_server.url}])
    page.goto("/intake/")
    expect(page.locator(".me strong").first).to_have_text("吴芳")
    page.locator("#what").fill("写到一半")
    next_one = iter(("周敏", "吴芳", "周敏"))
    took = calm_seconds(lambda: take_over(page, next(next_one)), clock=time.monotonic)
    assert took < SECONDS, took
    expect(page.locator("#what")).to_have_value("")

    page.locator("#what").focus()
    page.keyboard.press("b")
    page.keyboard.press("5")
    page.keyboard.press("Enter")
    page.wait_for_url("**/cases/**")
    assert Case.objects.in_project(world.project_id).get().accountable_id == world.company.staff["desk"].pk
    assert complaints == []
