"""Plays the week: everybody acts through the API at their time, and between them the worker looks round.

A road is a generator: it yields what somebody does next and is given the answer. Nothing here knows the rules.
"""

import heapq
import io
import json
import uuid
from collections.abc import Generator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import count
from random import Random
from typing import Any

import time_machine
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from PIL import Image

from steward.worker.loop import run_until_idle
from tests.week import pages
from tests.week.compound import CODE, Compound
from tests.week.times import MONDAY, STEP


@dataclass(frozen=True)
class Do:
    """What somebody does, and when. ``action`` is open, an action of the case, handover/<what>, subtask/<what>,
    incident/<what> or rain. ``on``: the number it is done to, where that is not the road's own. ``who`` is empty
    for a firm without account, which has a link."""

    at: datetime
    who: str
    action: str
    data: dict[str, Any] = field(default_factory=dict)
    happened_at: datetime | None = None
    on: str = ""


@dataclass(frozen=True)
class Done:
    """One line of the log: what was sent to the API, and whether it was taken. ``made``: what came of it."""

    do: Do
    kind: str
    number: str
    status: int
    rule: str
    made: str = ""

    @property
    def taken(self) -> bool:
        return self.status in (200, 201)


@dataclass
class Answer:
    status: int
    body: dict[str, Any]

    @property
    def ok(self) -> bool:
        return self.status in (200, 201)

    @property
    def detail(self) -> dict[str, Any]:
        found: dict[str, Any] = self.body.get("detail") or {}
        return found


Road = Generator[Do, Answer, None]


@dataclass
class Play:
    compound: Compound
    rng: Random
    until: datetime
    log: list[Done] = field(default_factory=list)
    requests: int = 0
    rounds: int = 0
    _client: Client = field(default_factory=lambda: Client(raise_request_exception=True))
    _photos: dict[str, int] = field(default_factory=dict)
    _queue: list[tuple[datetime, int, Do, str, Road, str]] = field(default_factory=list)
    _order: Any = field(default_factory=count)

    def add(self, kind: str, road: Road) -> None:
        first = next(road, None)
        if first is not None:  # some do nothing at all
            self._push(kind, road, first, "")

    def _push(self, kind: str, road: Road, do: Do, number: str) -> None:
        heapq.heappush(self._queue, (do.at, next(self._order), do, kind, road, number))

    def run(self) -> None:
        """To the end of the week; what would come later stays undone, its clocks running."""
        # Who acts at the instant of a round acts before it.
        step = MONDAY
        with time_machine.travel(MONDAY, tick=False) as clock:
            while step <= self.until:
                while self._queue and self._queue[0][0] <= step:
                    self._next(clock)
                clock.move_to(step)
                run_until_idle(step)
                self.rounds += 1
                step += STEP

    def _next(self, clock: Any) -> None:
        at, _n, do, kind, road, number = heapq.heappop(self._queue)
        clock.move_to(at)
        answer = self._send(kind, do.on or number, do)
        opened = str(answer.body.get("number", "")) if do.action in ("open", "incident/open") else ""
        number = number or opened or do.on
        made = str(answer.body.get("case" if do.action == "incident/callers" else "id", ""))
        why = answer.body.get("rule") or " ".join(answer.body.get("fields") or ())
        rule, of = str(why), do.data.get("kind", kind)
        self.log.append(Done(do, of, opened or do.on or number, answer.status, rule, made))
        try:
            following = road.send(answer)
        except StopIteration:
            return
        self._push(kind, road, following, number)

    def _send(self, kind: str, number: str, do: Do) -> Answer:
        body: dict[str, Any] = {"client_uuid": self.uuid()}
        if do.action == "open":
            path = "/cases"
            body |= {"project": CODE, "kind": kind, **do.data}
        elif do.action == "rain":
            path = f"/rain/{CODE}"
            body |= do.data
        elif do.action == "incident/open":
            path = "/incidents"
            body |= {"project": CODE, **do.data}
        elif do.action.startswith("incident/"):
            path = f"/incidents/{number}/{do.action.removeprefix('incident/')}"
            body |= do.data
        elif do.action == "subtask/link" or "token" in do.data:  # no API: what the desk and the firm do in their pages
            self.requests += 1
            status, made = pages.link(self.compound, do) if do.who else pages.report(do)
            return Answer(status, {"id": made} if made else {})
        elif do.action.startswith("subtask/"):
            verb = do.action.removeprefix("subtask/")
            path = f"/cases/{number}/sub-tasks" if verb == "ask" else f"/sub-tasks/{CODE}/{do.data['pk']}/{verb}"
            body |= {name: value for name, value in do.data.items() if name != "pk"}
        elif do.action.startswith("handover"):
            path = f"/cases/{number}/{do.action}"
            body |= do.data
        else:
            path = f"/cases/{number}/actions/{do.action}"
            body["data"] = do.data
            if do.happened_at is not None:
                body["happened_at"] = do.happened_at.isoformat()
        return self._post(do.who, path, json.dumps(body, default=str).encode(), "application/json")

    def _post(self, who: str, path: str, body: Any, content_type: str) -> Answer:
        self.requests += 1
        headers = {"Authorization": f"Bearer {self.compound.tokens[who]}"}
        made = self._client.post(f"/api/v1{path}", body, content_type=content_type, headers=headers)
        return Answer(made.status_code, made.json())

    def uuid(self) -> str:
        return str(uuid.UUID(int=self.rng.getrandbits(128), version=4))

    def photo(self, who: str, *, fresh: bool = False) -> int:
        """A picture of somebody's own, taken once: the rules ask that there is one, not what it shows."""
        if fresh:  # a signature is given for one thing
            return self._upload(who)
        if who not in self._photos:
            self._photos[who] = self._upload(who)
        return self._photos[who]

    def _upload(self, who: str) -> int:
        self.requests += 1
        out = io.BytesIO()
        Image.frombytes("RGB", (8, 8), self.rng.randbytes(192)).save(out, "PNG")  # no two alike
        body = {"project": CODE, "client_uuid": self.uuid(), "file": SimpleUploadedFile("p.png", out.getvalue())}
        headers = {"Authorization": f"Bearer {self.compound.tokens[who]}"}
        made = self._client.post("/api/v1/files", body, headers=headers)
        assert made.status_code == 201, made.content
        return int(made.json()["id"])


def minutes(amount: float) -> timedelta:
    return timedelta(seconds=round(amount * 60) + 0.5)


__all__ = ["Answer", "Do", "Done", "Play", "Road", "minutes"]
