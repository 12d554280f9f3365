"""Take the pictures of README and docs from a fresh demo company: `make pictures`.

The pictures of the stories come from their tests, with PICTURES=folder: see the Makefile.
"""

import os
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from playwright.sync_api import Browser, sync_playwright

ROOT = Path(__file__).resolve().parent.parent
FOLDER = ROOT / "docs" / "pictures"
FLAGS = ["--no-sandbox", "--headless", "--disable-gpu", "--disable-background-networking", "--no-first-run"]
DESK, PHONE = (1440, 900), (390, 844)
#: name → (who, where, window). A place beginning with @ is a case by its title.
PAGES = {
    "workbench": ("desk", "/", DESK),
    "case": ("desk", "@主卧卫生间吊顶滴水", DESK),
    "intake": ("desk", "/intake/", DESK),
    "dispatch": ("headbutler", "/dispatch/", DESK),
    "cases": ("manager", "/cases/", DESK),
    "cashier": ("cashier", "/cashier/", DESK),
    "callbacks": ("butler", "/callbacks/", DESK),
    "field": ("tech", "/field/", PHONE),
    "portal": ("owner", "/portal/", PHONE),
    "sign-in": ("", "/sign-in/", DESK),
}


@contextmanager
def served(port: int) -> Iterator[str]:
    with tempfile.TemporaryDirectory() as folder:
        environment = {**os.environ, "STEWARD_VAR": folder, "DATABASE_URL": f"sqlite:///{folder}/demo.sqlite3"}
        command = [sys.executable, "-m", "steward", "run", "--demo", "--port", str(port)]
        server = subprocess.Popen(command, cwd=ROOT, env=environment, stdout=subprocess.DEVNULL)
        try:
            address = f"http://127.0.0.1:{port}"
            until_up(f"{address}/health")
            yield address
        finally:
            server.terminate()
            server.wait(timeout=30)


def until_up(address: str) -> None:
    for _second in range(600):
        try:
            urllib.request.urlopen(address, timeout=2).close()  # noqa: S310  our own server
        except OSError:
            time.sleep(1)
        else:
            return
    raise SystemExit("the server did not come up")


def take(browser: Browser, address: str, name: str) -> None:
    who, where, (width, height) = PAGES[name]
    context = browser.new_context(viewport={"width": width, "height": height}, locale="zh-CN")
    page = context.new_page()
    if who:
        page.goto(f"{address}/sign-in/")
        page.click(f'form[action="/sign-in/as/{who}/"] button')
        page.wait_for_load_state()
    if where.startswith("@"):
        page.goto(f"{address}/cases/")
        page.locator(f"text={where[1:]}").first.click()
        page.wait_for_load_state()
    else:
        page.goto(address + where)
    page.wait_for_timeout(500)
    page.screenshot(path=FOLDER / f"{name}.png")
    print(f"docs/pictures/{name}.png")
    context.close()


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def main(wanted: list[str]) -> None:
    FOLDER.mkdir(parents=True, exist_ok=True)
    browser_path = os.environ.get("CHROMIUM", "/usr/bin/chromium")
    with served(free_port()) as address, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=browser_path, args=FLAGS)
        for name in wanted or PAGES:
            take(browser, address, name)
        browser.close()


if __name__ == "__main__":
    main(sys.argv[1:])
