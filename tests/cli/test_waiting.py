"""What is answered while Steward is prepared: asked through a real socket, as a browser would."""

import threading
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator

import pytest

from steward.cli import waiting
from steward.cli.waiting import Progress
from tests.worker.running import free_port

BROWSER = {"Accept": "text/html,*/*;q=0.8"}
Ask = Callable[..., tuple[int, str, dict[str, str]]]


@pytest.fixture
def progress() -> Progress:
    return Progress(steps=tuple(waiting.STEPS))


@pytest.fixture
def ask(progress: Progress) -> Iterator[Ask]:
    port = free_port()

    def ask(path: str = "/", *, method: str = "GET", **headers: str) -> tuple[int, str, dict[str, str]]:
        address = f"http://127.0.0.1:{port}{path}"
        request = urllib.request.Request(address, method=method, headers=headers)
        try:
            answer = urllib.request.urlopen(request, timeout=10)  # noqa: S310  our own server
        except urllib.error.HTTPError as error:
            answer = error
        with answer:
            return answer.status, answer.read().decode(), dict(answer.headers)

    with waiting.page(progress, "127.0.0.1", port):
        yield ask


def test_the_page_tells_the_step_and_how_far_it_is(ask: Ask, progress: Progress) -> None:
    progress.tell("work", 0.371)
    status, page, headers = ask("/cases/", **BROWSER, **{"Accept-Language": "zh-CN,zh;q=0.9,en;q=0.8"})
    assert status == 503
    assert headers["Content-Type"] == "text/html; charset=utf-8"
    assert headers["Cache-Control"] == "no-store"
    assert page.count('<li class="done">') == 4
    assert "<span>演示公司：一百天的工单、走访和照片</span><small>37%</small>" in page
    assert "管家正在准备" in page


def test_a_step_nobody_can_measure_claims_no_share(ask: Ask, progress: Progress) -> None:
    progress.tell("homes")
    _status, page, _headers = ask(**BROWSER)
    assert "<small></small><progress></progress>" in page


@pytest.mark.parametrize(
    ("languages", "lang"),
    [
        ("", "zh-Hans"),
        ("en-GB,en;q=0.9", "en"),
        ("zh-TW,en;q=0.5", "zh-Hans"),
        ("de,en;q=0.7", "en"),
        ("fr", "zh-Hans"),
    ],
)
def test_the_page_speaks_as_the_browser_asks(ask: Ask, languages: str, lang: str) -> None:
    _status, page, _headers = ask(**BROWSER, **{"Accept-Language": languages})
    assert f'<html lang="{lang}">' in page
    assert ("Steward is being prepared" in page) == (lang == "en")


def test_the_page_asks_for_nothing_else(ask: Ask) -> None:
    _status, page, _headers = ask(**BROWSER)
    assert "--st-brand: #0f6b63" in page
    assert not [word for word in ("http://", "https://", 'src="/', 'href="/', "url(", "$") if word in page]


@pytest.mark.parametrize(("path", "method"), [("/health", "GET"), ("/api/v1/cases", "POST"), ("/x", "DELETE")])
def test_machines_get_a_line_and_are_told_to_come_again(ask: Ask, progress: Progress, path: str, method: str) -> None:
    progress.tell("database", 0.5)
    accept = BROWSER if path == "/health" else {"Accept": "application/json"}
    status, line, headers = ask(path, method=method, **accept)
    assert (status, line) == (503, "Steward is being prepared: database 50%\n")
    assert headers["Retry-After"] == "2"


def test_a_failure_waits_for_the_open_page_to_see_it(ask: Ask, progress: Progress) -> None:
    progress.tell("database")
    ask(**BROWSER)
    failing = threading.Thread(target=progress.fail)
    failing.start()
    failing.join(0.1)
    assert failing.is_alive()
    _status, page, _headers = ask(**BROWSER, **{"Accept-Language": "en"})
    failing.join(2)
    assert not failing.is_alive()
    assert 'data-failed="yes"' in page
    assert '<li class="failed">' in page
    assert "the terminal says why" in page
    assert 'http-equiv="refresh"' not in page


def test_a_failure_nobody_watches_is_told_at_once(progress: Progress) -> None:
    begun = time.monotonic()
    progress.fail()
    assert time.monotonic() - begun < 1
