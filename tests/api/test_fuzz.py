"""Hostile requests generated from the OpenAPI document: a refusal, never a failure."""

import json
from collections.abc import Callable
from typing import Any

import pytest
import requests
import schemathesis
from django.test import Client
from hypothesis import HealthCheck, Phase, settings

from steward.api.views import api as ninja
from tests.api.conftest import Api
from tests.world import World

schema = schemathesis.openapi.from_dict(json.loads(json.dumps(ninja.get_openapi_schema(), default=str)))
CODES = {200, 201, 400, 401, 403, 404, 405, 409, 413, 415, 422}


@pytest.fixture
def token(api: Callable[[str], Api], world: World) -> str:
    world.open("desk", unit="3-2-1201", urgency="P1", payer="owner")
    return api("desk").headers["Authorization"]


def send(case: Any, token: str) -> Any:
    """Through the test client, which leaves the test's transaction open."""
    given = case.as_transport_kwargs(base_url="http://testserver", headers={"Authorization": token})
    given.pop("allow_redirects", None), given.pop("timeout", None)
    sent = requests.Request(**{k: v for k, v in given.items() if v is not None}).prepare()
    headers = {k: str(v) for k, v in sent.headers.items() if k.lower() != "content-length"}
    kind = headers.pop("Content-Type", "application/octet-stream")
    body = sent.body.encode() if isinstance(sent.body, str) else sent.body or b""
    client = Client(raise_request_exception=False)
    return client.generic(sent.method or "GET", sent.path_url, body, content_type=kind, headers=headers)


@schema.parametrize()
@settings(
    max_examples=25,
    deadline=None,
    suppress_health_check=list(HealthCheck),
    phases=[Phase.explicit, Phase.generate],
    derandomize=True,
)
def test_nothing_breaks_it(case: Any, token: str) -> None:
    answer = send(case, token)
    assert answer.status_code in CODES, answer.content
    if answer.status_code >= 400 and answer.status_code != 405:
        assert answer.json()["message"], "a refusal says why"


def test_the_document_is_openapi_3_1(api: Callable[[str], Api]) -> None:
    document = Api().get("/openapi.json").json()
    assert document["openapi"].startswith("3.1")
    problems = document["paths"]["/api/v1/cases"]["post"]["responses"]
    assert {"201", "401", "403", "404", "409", "422"} <= set(problems)
