"""Group robots through a real HTTP server that answers as theirs do: refusals come with HTTP 200."""

import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from pytest_django import Settings

from steward.kernel import outbox
from steward.kernel.models import Outbox, OutboxState
from steward.worker.loop import run_until_idle
from tests.world import World

KEYS = {"YX:wecom": "wx-key-1", "YX:dingtalk": "SECabc@dingtoken", "*:feishu": "fs-token"}
FINE = {
    "wecom": '{"errcode":0,"errmsg":"ok"}',
    "dingtalk": '{"errcode":0,"errmsg":"ok"}',
    "feishu": '{"code":0,"msg":"success","data":{}}',
}
PATHS = {
    "wecom": "/cgi-bin/webhook/send",
    "dingtalk": "/robot/send",
    "feishu": "/open-apis/bot/v2/hook/fs-token/",
}


class Group:
    """What was said in it, and how it answers next: (status, body), or None: dies after reading."""

    def __init__(self) -> None:
        self.said: list[tuple[str, dict[str, list[str]], dict[str, Any]]] = []
        self.answers: list[tuple[int, str] | None] = []


@pytest.fixture
def group(settings: Settings) -> Iterator[Group]:
    found = Group()

    class Handler(BaseHTTPRequestHandler):
        def log_message(self, *_args: Any) -> None:
            pass

        def do_POST(self) -> None:
            parts = urlsplit(self.path)
            body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            found.said.append((parts.path, parse_qs(parts.query), body))
            answer = found.answers.pop(0)
            if answer is None:
                self.close_connection = True
                return
            status, text = answer
            self.send_response(status)
            self.send_header("Content-Length", str(len(text.encode())))
            self.end_headers()
            self.wfile.write(text.encode())

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()
    settings.ROBOTS = KEYS
    settings.ROBOT_HOSTS = dict.fromkeys(FINE, f"http://127.0.0.1:{server.server_port}")
    yield found
    server.shutdown()
    server.server_close()


def say(world: World, via: str) -> Outbox:
    message = outbox.Message(
        event="e", recipient="group", channel=via, subject="YX-1 已超时", body="请处理", payload={"to": "group"}
    )
    outbox.post([message], project_id=world.project_id, at=world.now)
    run_until_idle(world.now)
    return Outbox.objects.in_project(world.project_id).get(channel=via)


@pytest.mark.parametrize("via", FINE)
def test_each_robot_says_it_in_its_groups_words(world: World, group: Group, via: str) -> None:
    group.answers = [(200, FINE[via])]
    assert say(world, via).state == OutboxState.DONE
    ((path, query, body),) = group.said
    assert path == PATHS[via]
    text = body["content"]["text"] if via == "feishu" else body["text"]["content"]
    assert text == "YX-1 已超时\n请处理"
    if via == "wecom":
        assert query == {"key": ["wx-key-1"]}
    if via == "dingtalk":
        assert query["access_token"] == ["dingtoken"]
        assert set(query) == {"access_token", "timestamp", "sign"}


@pytest.mark.parametrize(
    ("via", "answer", "state"),
    [
        ("wecom", (200, '{"errcode":93000,"errmsg":"invalid webhook url"}'), OutboxState.DEAD),
        ("wecom", (200, '{"errcode":45009,"errmsg":"api freq out of limit"}'), OutboxState.PENDING),
        ("dingtalk", (200, '{"errcode":310000,"errmsg":"sign not match"}'), OutboxState.DEAD),
        ("dingtalk", (200, '{"errcode":130101,"errmsg":"send too fast"}'), OutboxState.PENDING),
        ("feishu", (200, '{"code":19021,"msg":"sign match fail"}'), OutboxState.DEAD),
        ("feishu", (200, '{"code":11232,"msg":"frequency limited"}'), OutboxState.PENDING),
        ("wecom", (502, ""), OutboxState.PENDING),
        ("wecom", (404, ""), OutboxState.DEAD),
        ("wecom", (200, "<html>"), OutboxState.UNKNOWN),
        ("wecom", None, OutboxState.UNKNOWN),
    ],
)
def test_a_refusal_with_http_200_is_a_refusal(
    world: World, group: Group, via: str, answer: tuple[int, str] | None, state: str
) -> None:
    group.answers = [answer]
    row = say(world, via)
    assert row.state == state
    assert "wx-key-1" not in row.error


def test_an_escalation_for_several_people_is_said_once_in_the_group(world: World, group: Group) -> None:
    group.answers = [(200, FINE["wecom"])] * 50
    number = world.open("desk", urgency="P0").case.number
    for _ in range(8):
        run_until_idle(world.pass_time(minutes=5))
    rows = Outbox.objects.in_project(world.project_id).filter(channel="wecom", about=number)
    assert rows
    assert len(rows) == len({row.event for row in rows})
    assert {row.recipient for row in rows} == {"group"}
