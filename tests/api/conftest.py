"""A client of the API for each of the cast."""

import json
import uuid
from collections.abc import Callable
from typing import Any

import pytest
from django.http import HttpResponse
from django.test import Client

from steward.registers.org.operations import create_token
from tests.world import World


class Api:
    """Speaks JSON with a bearer token."""

    def __init__(self, token: str = "") -> None:
        self.client = Client(raise_request_exception=False)
        self.headers = {"Authorization": f"Bearer {token}"} if token else {}

    def get(self, path: str, **query: Any) -> Any:
        return self.client.get(f"/api/v1{path}", query, headers=self.headers)

    def post(self, path: str, body: Any = None, raw: bytes | None = None) -> Any:
        content = raw if raw is not None else json.dumps(body).encode()
        return self.client.post(f"/api/v1{path}", content, content_type="application/json", headers=self.headers)

    def open(self, **more: Any) -> Any:
        body = {
            "client_uuid": str(uuid.uuid4()),
            "project": "YX",
            "kind": "repair",
            "title": "漏水",
            "description": "厨房水管",
            "channel": "phone",
            **more,
        }
        return self.post("/cases", body)

    def act(self, number: str, action: str, *, client_uuid: str = "", **data: Any) -> Any:
        body = {"client_uuid": client_uuid or str(uuid.uuid4()), "data": data}
        return self.post(f"/cases/{number}/actions/{action}", body)


@pytest.fixture
def api(world: World) -> Callable[[str], Api]:
    def as_(username: str) -> Api:
        return Api(create_token(user=world.company.users[username], label="test", at=world.now))

    return as_


__all__ = ["Api", "HttpResponse", "api"]
