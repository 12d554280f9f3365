"""``kill -9`` of the web server under load, through HTTP: an answered request is kept, an unanswered one can be sent again."""

import json
import os
import signal
import socket
import subprocess
import threading
import urllib.error
import urllib.request
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from steward.cases.models import Case, Deadline, Entry
from steward.kernel import outbox
from steward.kernel.models import Outbox
from steward.registers.org.operations import create_token
from tests.worker.mailbox import Mailbox
from tests.worker.running import PATIENCE, process, until
from tests.world import World

CLIENTS = 4
ENOUGH = 40


@dataclass
class Client:
    """A desk that keeps opening cases: what it sent, and what it was answered."""

    address: str
    token: str
    sent: dict[str, dict[str, Any]] = field(default_factory=dict)
    answered: dict[str, str] = field(default_factory=dict)

    def open_until_cut_off(self) -> None:
        while True:
            key = str(uuid.uuid4())
            self.sent[key] = {
                "client_uuid": key,
                "project": "YX",
                "kind": "repair",
                "title": "厨房水管漏水",
                "description": "",
                "channel": "phone",
                "unit": "3-2-1201",
            }
            try:
                self.answered[key] = self.post(self.sent[key])
            except OSError:
                return

    def post(self, body: dict[str, Any]) -> str:
        headers = {"Authorization": f"Bearer {self.token}", "Content-Type": "application/json"}
        request = urllib.request.Request(f"{self.address}/api/v1/cases", json.dumps(body).encode(), headers)  # noqa: S310  our own server
        try:
            with urllib.request.urlopen(request, timeout=PATIENCE) as answer:  # noqa: S310
                assert answer.status == 201
                return str(json.load(answer)["number"])
        except urllib.error.HTTPError as error:
            raise AssertionError(error.read()) from error


@contextmanager
def server(var: Path) -> Iterator[tuple[str, "subprocess.Popen[str]"]]:
    """The web server as `steward run` starts it, in a process group of its own."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    command = ["granian", "--interface", "wsgi", "--host", "127.0.0.1", "--port", str(port), "--no-ws"]
    command += ["--blocking-threads", "4", "--log-level", "error", "config.wsgi:application"]
    with process(*command, var=var, start_new_session=True) as one:
        address = f"http://127.0.0.1:{port}"
        try:
            until(lambda: is_up(address), "the server's first answer")
            yield address, one
        finally:
            kill(one)


def is_up(address: str) -> bool:
    try:
        with urllib.request.urlopen(f"{address}/health", timeout=5) as answer:  # noqa: S310
            return bool(answer.status == 200)
    except OSError:
        return False


def kill(one: "subprocess.Popen[str]") -> None:
    """The master and its workers, at once and without a word."""
    if one.poll() is None:
        os.killpg(one.pid, signal.SIGKILL)
        one.wait()


def test_a_killed_server_loses_no_answered_request_and_replays_double_none(
    shared_world: World, mailbox: Mailbox, tmp_path: Path
) -> None:
    token = create_token(user=shared_world.company.users["desk"], label="test", at=shared_world.now)
    with server(tmp_path) as (address, one):
        clients = [Client(address, token) for _ in range(CLIENTS)]
        threads = [threading.Thread(target=client.open_until_cut_off) for client in clients]
        for thread in threads:
            thread.start()
        until(lambda: sum(len(client.answered) for client in clients) >= ENOUGH, "enough answers")
        kill(one)
        for thread in threads:
            thread.join(60)
    sent = {key: body for client in clients for key, body in client.sent.items()}
    answered = {key: number for client in clients for key, number in client.answered.items()}
    assert ENOUGH <= len(answered) < len(sent)

    cases = {case.number: case for case in Case.objects.in_project(shared_world.project_id)}
    assert set(answered.values()) <= set(cases)
    assert len(set(answered.values())) == len(answered)
    for case in cases.values():
        assert Entry.objects.in_project(case.project_id).filter(case=case).count() == 1
        assert Deadline.objects.in_project(case.project_id).filter(case=case).count() == 4

    with server(tmp_path) as (address, _one):
        again = Client(address, token)
        numbers = {key: again.post(body) for key, body in sent.items()}
    assert {key: numbers[key] for key in answered} == answered
    assert Case.objects.in_project(shared_world.project_id).count() == len(sent) == len(set(numbers.values()))

    with process("steward", "worker", "--once", var=tmp_path, mail_port=mailbox.port) as worker:
        assert worker.wait(60) == 0
    assert outbox.standing() == {}
    promised = Outbox.objects.in_project(shared_world.project_id).filter(channel="email")
    assert {row.payload["case"] for row in promised} == set(numbers.values())
    assert {str(row.provider_key) for row in promised} == {key[1:].partition("@")[0] for key in mailbox.keys}
    assert len(mailbox.keys) == len(sent)
