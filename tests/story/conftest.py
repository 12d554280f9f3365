"""The stage of the stories: the cast at this very hour, a browser, and who is in front of which screen.

PICTURES=folder keeps a picture of each scene (docs/pictures is made so).
"""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.utils import timezone
from PIL import Image
from playwright.sync_api import Browser, Page, ViewportSize
from pytest_django.live_server_helper import LiveServer

from steward.assurance.policies import QUIET, QuietHours
from steward.console.reception import night
from steward.demo.cast import build
from steward.kernel import reference
from steward.kernel.actor import SYSTEM
from steward.kernel.policies import set_policy
from tests.browsing import browser, enter, keep
from tests.world import World

__all__ = ["browser"]
DESK, PHONE = ViewportSize(width=1440, height=900), ViewportSize(width=390, height=844)


@pytest.fixture
def world(transactional_db: None) -> Iterator[World]:
    """The cast at this very hour; calling hours are set so that the story can be told at night, too."""
    reference.forget()
    now = timezone.now()
    made = World(build(at=now), now)
    open_all_day = QuietHours(spans=())
    set_policy(QUIET, value=open_all_day, node_id=made.project_id, actor=SYSTEM, effective_from=now, at=now)
    yield made
    reference.forget()


class Stage:
    """Who is in front of which screen; each picture has its number and a name.

    Nobody leaves before the end: closing a window while its service worker still works can hang the browser.
    """

    def __init__(self, browser: Browser, server: LiveServer, world: World, tmp_path: Path) -> None:
        self.browser, self.server, self.world = browser, server, world
        self.folder = Path(os.environ.get("PICTURES", tmp_path))
        self.folder.mkdir(parents=True, exist_ok=True)
        self.scene = 0
        self.complaints: list[str] = []

    def enter(self, username: str, path: str, *, phone: bool = False) -> Page:
        context = self.browser.new_context(
            viewport=PHONE if phone else DESK, locale="zh-CN", base_url=self.server.url, has_touch=phone
        )
        enter(context, self.server, self.world.company.users[username])
        # The story is told by day, whatever the hour.
        keep(context, self.server, night.COOKIE, "off")
        page = context.new_page()
        page.on("pageerror", lambda error: self.complaints.append(str(error)))
        page.goto(path)
        return page

    def picture(self, page: Page, name: str) -> None:
        self.scene += 1
        if "PICTURES" not in os.environ:
            return
        page.wait_for_timeout(250)
        path = self.folder / f"{self.scene:02d}-{name}.png"
        page.screenshot(path=path)
        with Image.open(path) as taken:  # 128 colours are enough for a page, and half the bytes
            taken.convert("RGB").quantize(128, dither=Image.Dither.NONE).save(path, optimize=True)


@pytest.fixture
def stage(browser: Browser, live_server: LiveServer, world: World, tmp_path: Path) -> Stage:
    return Stage(browser, live_server, world, tmp_path)
