"""Chromium, who is signed in there, and what it complains about. Imported by the tests that look at pages."""

from collections.abc import Iterator
from datetime import UTC, datetime

import pytest
from django.conf import settings
from django.test import Client
from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright
from pytest_django.live_server_helper import LiveServer

from steward.kernel import reference
from steward.registers.org.models import User
from tests.world import World, build_world

__all__ = ["browser", "complaints", "enter", "listen", "world"]

FLAGS = ["--no-sandbox", "--headless", "--disable-gpu", "--disable-background-networking", "--no-first-run"]


@pytest.fixture
def world(transactional_db: None) -> Iterator[World]:
    """The cast at this very moment: pages tell the time by the clock on the wall."""
    reference.forget()
    made = build_world()
    made.now = datetime.now(UTC).replace(microsecond=0)
    yield made
    reference.forget()


@pytest.fixture(scope="module")
def browser(browser_path: str) -> Iterator[Browser]:
    with pytest.MonkeyPatch.context() as patch, sync_playwright() as playwright:
        patch.setenv("DJANGO_ALLOW_ASYNC_UNSAFE", "1")  # Playwright keeps a loop in this thread
        opened = playwright.chromium.launch(executable_path=browser_path, args=FLAGS)
        yield opened
        opened.close()


@pytest.fixture
def complaints() -> list[str]:
    return []


def listen(page: Page, complaints: list[str]) -> None:
    """Errors and whatever the page's policy blocked."""
    page.on("console", lambda message: complaints.append(message.text) if message.type == "error" else None)
    page.on("pageerror", lambda error: complaints.append(str(error)))


def enter(context: BrowserContext, server: LiveServer, user: User) -> None:
    client = Client()
    client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
    keep(context, server, settings.SESSION_COOKIE_NAME, client.cookies[settings.SESSION_COOKIE_NAME].value)


def keep(context: BrowserContext, server: LiveServer, name: str, value: str) -> None:
    """A cookie of ours."""
    context.add_cookies([{"name": name, "value": value, "url": server.url}])
