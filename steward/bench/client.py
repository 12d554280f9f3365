"""The load generator: a few processes, one connection each, standard library only.

Reads a job as JSON from standard input and prints what it measured as JSON: latencies in microseconds and refused
requests. It stays outside Django so that it takes as little as possible of the processor it shares with the server.
"""

import json
import os
import random
import socket
import sys
import time
import uuid
from collections.abc import Callable
from typing import Any, Final

Request = tuple[str, str, dict[str, str], bytes]
#: Above what anybody waits for; a run never hangs on a broken server.
PATIENCE: Final = 30.0


def _bearer(project: dict[str, Any]) -> dict[str, str]:
    return {"Authorization": f"Bearer {project['token']}"}


def list_json(project: dict[str, Any], _dice: random.Random) -> Request:
    """The newest 50 open cases of one project."""
    return "GET", f"/api/v1/cases?project={project['code']}&open=true&limit=50", _bearer(project), b""


def list_html(project: dict[str, Any], _dice: random.Random) -> Request:
    return "GET", "/cases/?state=open", {"Cookie": f"sessionid={project['session']}"}, b""


def detail(project: dict[str, Any], dice: random.Random) -> Request:
    return "GET", f"/api/v1/cases/{dice.choice(project['numbers'])}", _bearer(project), b""


def timeline(project: dict[str, Any], dice: random.Random) -> Request:
    return "GET", f"/api/v1/cases/{dice.choice(project['numbers'])}/timeline", _bearer(project), b""


def create(project: dict[str, Any], dice: random.Random) -> Request:
    """A leak, reported by telephone for a unit: household, clocks and a message to the customer follow from it."""
    body = {
        "client_uuid": str(uuid.UUID(int=dice.getrandbits(128), version=4)),
        "project": project["code"],
        "kind": "repair",
        "title": "厨房水管漏水需要上门维修",
        "description": "业主反映厨房水槽下方水管接头处渗水，已影响楼下住户，请尽快安排工程人员上门处理。",
        "channel": "phone",
        "unit": dice.choice(project["units"]),
        "category": "leak",
        "payer": "owner",
    }
    return "POST", "/api/v1/cases", _bearer(project), json.dumps(body).encode()


def transition(project: dict[str, Any], dice: random.Random) -> Request:
    """Dispatched to another technician: guards, clocks, timeline, a message to the technician."""
    body = {
        "client_uuid": str(uuid.UUID(int=dice.getrandbits(128), version=4)),
        "data": {"handler": dice.choice(project["technicians"])},
    }
    path = f"/api/v1/cases/{dice.choice(project['waiting'])}/actions/dispatch"
    return "POST", path, _bearer(project), json.dumps(body).encode()


OPERATIONS: Final[dict[str, Callable[[dict[str, Any], random.Random], Request]]] = {
    "list_json": list_json,
    "list_html": list_html,
    "detail": detail,
    "timeline": timeline,
    "create": create,
    "transition": transition,
}


class Connection:
    """Keep-alive HTTP/1.1 over one socket; reads a response by its Content-Length."""

    def __init__(self, host: str, port: int) -> None:
        self.host = f"{host}:{port}"
        self.socket = socket.create_connection((host, port), timeout=PATIENCE)
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)

    def send(self, request: Request) -> tuple[int, bytes]:
        method, path, headers, body = request
        lines = [f"{method} {path} HTTP/1.1", f"Host: {self.host}", *(f"{k}: {v}" for k, v in headers.items())]
        if body:
            lines += ["Content-Type: application/json", f"Content-Length: {len(body)}"]
        self.socket.sendall("\r\n".join([*lines, "", ""]).encode() + body)
        return self._answer()

    def _answer(self) -> tuple[int, bytes]:
        got = b""
        while b"\r\n\r\n" not in got:
            got += self._more()
        head, _, body = got.partition(b"\r\n\r\n")
        length = next(
            (int(line[15:]) for line in head.split(b"\r\n") if line[:15].lower() == b"content-length:"),
            None,
        )
        if length is None:
            raise ConnectionError(f"no Content-Length: {head[:200]!r}")
        while len(body) < length:
            body += self._more()
        return int(head[9:12]), body

    def _more(self) -> bytes:
        chunk = self.socket.recv(262_144)
        if not chunk:
            raise ConnectionError("the server closed the connection")
        return chunk


def one_client(job: dict[str, Any], projects: list[dict[str, Any]], seed: int) -> dict[str, Any]:
    """Warm up, then request after request until the time is over."""
    dice, ask = random.Random(seed), OPERATIONS[job["operation"]]  # noqa: S311  a load, not a secret
    connection = Connection(job["host"], job["port"])
    latencies: list[int] = []
    sent = 0
    refused: list[str] = []
    start = time.monotonic() + job["warm"]
    end = start + job["seconds"]
    while (now := time.monotonic()) < end:
        status, body = connection.send(ask(dice.choice(projects), dice))
        sent += 1
        if now < start:
            continue
        latencies.append(int((time.monotonic() - now) * 1e6))
        if not 200 <= status < 300:
            refused.append(f"{status} {body[:300].decode(errors='replace')}")
    return {"sent": sent, "latencies": latencies, "refused": len(refused), "refusal": refused[0] if refused else ""}


def own_share(projects: list[dict[str, Any]], number: int, clients: int) -> list[dict[str, Any]]:
    """No two clients dispatch the same case: that the second is refused is right, and no measure of speed.

    Counted over all projects: one alone may have fewer waiting cases than there are clients.
    """
    mine: dict[int, list[str]] = {}
    every = [(index, case) for index, project in enumerate(projects) for case in project["waiting"]]
    for index, case in every[number::clients]:
        mine.setdefault(index, []).append(case)
    return [{**projects[index], "waiting": cases} for index, cases in mine.items()]


def run(job: dict[str, Any]) -> list[dict[str, Any]]:
    with open(job["world"], encoding="utf-8") as handle:  # noqa: PTH123  pathlib costs the start of each run
        projects = json.load(handle)["projects"]
    pipes = []
    shares = job["operation"] == "transition"
    for number in range(job["clients"]):
        mine = own_share(projects, number, job["clients"]) if shares else projects
        reader, writer = os.pipe()
        if os.fork() == 0:
            os.close(reader)
            _child(job, mine, job["seed"] * 1000 + number, writer)
        os.close(writer)
        pipes.append(reader)
    answers = []
    for reader in pipes:
        with os.fdopen(reader, "rb") as pipe:
            answers.append(
                json.loads(pipe.read() or b'{"sent": 0, "latencies": [], "refused": 1, "refusal": "client died"}')
            )
    for _ in pipes:
        os.wait()
    return answers


def _child(job: dict[str, Any], projects: list[dict[str, Any]], seed: int, writer: int) -> None:
    try:
        answer = one_client(job, projects, seed)
    except (OSError, ValueError) as error:
        answer = {"sent": 0, "latencies": [], "refused": 1, "refusal": f"{type(error).__name__}: {error}"}
    with os.fdopen(writer, "wb") as pipe:
        pipe.write(json.dumps(answer).encode())
    os._exit(0)


if __name__ == "__main__":
    sys.stdout.write(json.dumps(run(json.load(sys.stdin))))
