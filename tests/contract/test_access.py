"""Deny by default: every operation of the API and every page, as everybody, against three objects.

own: a case of the person's own household or hands · neighbour: the same project, another household and
handler · foreign: another region's project. An operation that nobody declared here fails the build.
"""

import json
import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest
from django.conf import settings
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver

from steward.api.views import api as ninja
from steward.cases.declare import REGISTRY
from steward.registers.org.operations import create_token
from steward.registers.org.sessions import SessionStore
from steward.web.views import MODEL_BACKEND
from tests.api.conftest import Api
from tests.world import World

OWN, NEIGHBOUR, FOREIGN = "own", "neighbour", "foreign"
#: Who sees which of the three.
SEES = {
    "desk": {OWN, NEIGHBOUR},
    "tech": {OWN},
    "butler": {OWN, NEIGHBOUR},
    "headbutler": {OWN, NEIGHBOUR},
    "cashier": {OWN, NEIGHBOUR},
    "manager": {OWN, NEIGHBOUR},
    "region": {OWN, NEIGHBOUR},
    "hq": {OWN, NEIGHBOUR, FOREIGN},
    "owner": {OWN},
    "tenant": {NEIGHBOUR},  # the neighbour's case is the tenant's own
    "outsider": {FOREIGN},
    "foreign_owner": {FOREIGN},
}
NOBODY = ""


@dataclass(frozen=True)
class Street:
    """Three cases that look alike and belong to different people."""

    world: World
    numbers: dict[str, str]


@pytest.fixture
def street(world: World) -> Street:
    numbers = {}
    for where, unit, handler in ((OWN, "3-2-1201", "tech"), (NEIGHBOUR, "2-1-0304", "tech2")):
        numbers[where] = world.open("desk", unit=unit, urgency="P2", payer="owner").case.number
        world.act("desk", numbers[where], "dispatch", handler=world.company.staff[handler].pk)
    foreign = world.open("outsider", project="JZ", unit="1-1-0101", urgency="P2", payer="owner").case
    numbers[FOREIGN] = foreign.number
    return Street(world, numbers)


def client_of(world: World, username: str) -> Client:
    """Signed in without the sign-in page."""
    client = Client(raise_request_exception=False)
    if username:
        user = world.company.users[username]
        store = SessionStore()
        store[SESSION_KEY], store[BACKEND_SESSION_KEY] = str(user.pk), MODEL_BACKEND
        store[HASH_SESSION_KEY] = user.get_session_auth_hash()
        store.save()
        client.cookies[settings.SESSION_COOKIE_NAME] = str(store.session_key)
    return client


def speaker(world: World, username: str) -> Api:
    if not username:
        return Api()
    return Api(create_token(user=world.company.users[username], label="t", at=world.now))


# --- the API -----------------------------------------------------------------------------------

#: operation → does it address a case?
OPERATIONS = {
    "GET /api/v1/me": False,
    "GET /api/v1/processes": False,
    "GET /api/v1/processes/{kind}": False,
    "GET /api/v1/cases": False,
    "POST /api/v1/cases": False,
    "POST /api/v1/files": False,
    "GET /api/v1/cases/{number}": True,
    "GET /api/v1/cases/{number}/timeline": True,
    "GET /api/v1/cases/{number}/late": True,
    "POST /api/v1/cases/{number}/actions/{action}": True,
    "GET /api/v1/cases/{number}/next-word": True,
    "GET /api/v1/handovers": False,
    "GET /api/v1/reports/silence": False,
    # Writes with a body of their own: out of scope they are 404 too (tests/api/test_service.py).
    "POST /api/v1/handovers/order-all": False,
    "POST /api/v1/cases/{number}/handover": False,
    "POST /api/v1/cases/{number}/handover/accept": False,
    "POST /api/v1/cases/{number}/handover/decline": False,
    "POST /api/v1/cases/{number}/handover/withdraw": False,
    "POST /api/v1/cases/{number}/handover/order": False,
    # Sub-tasks: out of scope they are 404 too (tests/casework/test_subtasks.py).
    "GET /api/v1/sub-tasks": False,
    "GET /api/v1/cases/{number}/sub-tasks": True,
    "POST /api/v1/cases/{number}/sub-tasks": False,
    "POST /api/v1/sub-tasks/{project}/{pk}/accept": False,
    "POST /api/v1/sub-tasks/{project}/{pk}/confirm": False,
    "POST /api/v1/sub-tasks/{project}/{pk}/decline": False,
    "POST /api/v1/sub-tasks/{project}/{pk}/drop": False,
    "POST /api/v1/sub-tasks/{project}/{pk}/report": False,
    "POST /api/v1/sub-tasks/{project}/{pk}/return": False,
    # The night: out of scope they are 404 too (tests/api/test_oncall.py).
    "GET /api/v1/on-call": False,
    "POST /api/v1/on-call/{project}/{day}": False,
    "GET /api/v1/cases/{number}/on-call": True,
    "POST /api/v1/cases/{number}/on-call/ring": False,
    "POST /api/v1/cases/{number}/on-call/comes": False,
    "POST /api/v1/night/urgent": False,
    "POST /api/v1/night/morning": False,
    # Incidents and rain: out of scope they are 404 too (tests/api/test_incidents.py).
    "GET /api/v1/incidents": False,
    "POST /api/v1/incidents": False,
    "GET /api/v1/incidents/{number}": False,
    "POST /api/v1/incidents/{number}/callers": False,
    "POST /api/v1/incidents/{number}/cases": False,
    "POST /api/v1/incidents/{number}/close": False,
    "POST /api/v1/incidents/{number}/leave": False,
    "POST /api/v1/incidents/{number}/news": False,
    "POST /api/v1/incidents/{number}/on-site": False,
    "POST /api/v1/rain/{project}": False,
    # The organisation: out of scope it is 404 too (tests/api/test_organisation.py).
    "GET /api/v1/areas": False,
    "POST /api/v1/areas": False,
    "POST /api/v1/areas/preview": False,
    "POST /api/v1/areas/{project}/{pk}/back": False,
    "POST /api/v1/areas/{project}/{pk}/end": False,
    "POST /api/v1/areas/{project}/{pk}/stand-in": False,
    "GET /api/v1/contractors": False,
    "GET /api/v1/contractors/expiring": False,
    "POST /api/v1/contractors": False,
    "POST /api/v1/contractors/{project}/{pk}/end": False,
    "GET /api/v1/contractors/{project}/{pk}/staff": False,
    "POST /api/v1/contractors/{project}/{pk}/staff": False,
    "GET /api/v1/contractors/{project}/{pk}/papers": False,
    "POST /api/v1/contractors/{project}/{pk}/papers": False,
    "GET /api/v1/contractors/{project}/papers/{paper}/pages/{number}": False,
    "POST /api/v1/contractors/{project}/papers/{paper}/withdraw": False,
    # Colleagues who leave: out of reach they are 404 too (tests/api/test_staff.py).
    "GET /api/v1/absences": False,
    "POST /api/v1/absences": False,
    "POST /api/v1/absences/{pk}/cancel": False,
    "GET /api/v1/staff/{pk}/open-work": False,
    "POST /api/v1/staff/{pk}/jobs": False,
    "POST /api/v1/staff/{pk}/jobs/preview": False,
    "POST /api/v1/staff/{pk}/leave": False,
}


def documented() -> set[str]:
    paths = ninja.get_openapi_schema()["paths"]
    return {f"{method.upper()} {path}" for path, methods in paths.items() for method in methods}


def test_every_operation_is_declared_here(db: None) -> None:
    assert documented() == set(OPERATIONS)


def call(api: Api, operation: str, number: str) -> Any:
    method, _space, path = operation.partition(" ")
    path = path.removeprefix("/api/v1").format(
        number=number, action="say", kind="repair", project=1, pk=1, paper=1, day="2026-11-21"
    )
    if method == "GET":
        return api.get(path)
    return api.post(path, {"client_uuid": str(uuid.uuid4()), "data": {"text": "x"}})


@pytest.mark.parametrize("operation", sorted(OPERATIONS))
def test_nobody_without_a_token(street: Street, operation: str) -> None:
    assert call(Api(), operation, street.numbers[OWN]).status_code == 401


@pytest.mark.parametrize("username", sorted(SEES))
@pytest.mark.parametrize("operation", sorted(op for op, cases in OPERATIONS.items() if cases))
def test_a_case_is_there_only_for_those_who_see_it(street: Street, username: str, operation: str) -> None:
    api = speaker(street.world, username)
    for where, number in street.numbers.items():
        answer = call(api, operation, number)
        if where not in SEES[username]:
            assert answer.status_code == 404, (operation, where)
            assert number not in json.dumps(answer.json())
        else:
            assert answer.status_code in (200, 403), (operation, where, answer.content)


@pytest.mark.parametrize("username", sorted(SEES))
def test_lists_hold_what_one_sees_and_nothing_else(street: Street, username: str) -> None:
    found = {c["number"] for c in speaker(street.world, username).get("/cases").json()["items"]}
    assert found == {street.numbers[where] for where in SEES[username]}


@pytest.mark.parametrize("username", sorted(SEES))
def test_nobody_writes_into_a_project_out_of_reach(street: Street, username: str) -> None:
    api = speaker(street.world, username)
    for project, where in (("YX", {OWN, NEIGHBOUR}), ("JZ", {FOREIGN})):
        if not where & SEES[username]:
            assert api.open(project=project).status_code == 404


ACTIONS = sorted({a.name for process in REGISTRY.values() for a in process.actions})


@pytest.mark.parametrize("username", sorted(SEES))
def test_no_action_reaches_a_case_out_of_sight(street: Street, username: str) -> None:
    """Every action of every process, against every case the person does not see."""
    api = speaker(street.world, username)
    for where in {OWN, NEIGHBOUR, FOREIGN} - SEES[username]:
        number = street.numbers[where]
        assert {api.act(number, action).status_code for action in ACTIONS} == {404}, where


# --- the pages ---------------------------------------------------------------------------------


def routes(patterns: list[Any], prefix: str = "") -> Iterator[tuple[str, URLPattern]]:
    for item in patterns:
        route = prefix + str(item.pattern)
        if isinstance(item, URLResolver):
            yield from routes(item.url_patterns, route)
        else:
            yield route, item


PAGES = [(r, p) for r, p in routes(get_resolver().url_patterns) if not r.startswith(("api/", "design/"))]


def test_every_page_is_guarded() -> None:
    """A view says who may come in, or that everybody may (sign-in, links)."""
    ours = [(route, p) for route, p in PAGES if p.callback.__module__ != "config.urls"]
    loose = [route for route, p in ours if not vars(p.callback).get("steward_guarded")]
    assert loose == []


CASE_PAGES = [(r, p) for r, p in PAGES if "number" in p.pattern.converters]
#: How the other parts of a case's address are filled in.
FILLING = {
    "action": "say",
    "key": "arrival",
    "purpose": "consent",
    "kind": "repair",
    "name": "slip",
    "verb": "news",
    "whose": "customer",
}


def address(pattern: URLPattern, route: str, number: str) -> str:
    for name in pattern.pattern.converters:
        value = number if name == "number" else FILLING[name]
        start = route.index("<")
        route = route[:start] + value + route[route.index(">", start) + 1 :]
    return "/" + route


@pytest.mark.parametrize("username", [NOBODY, *sorted(SEES)])
def test_case_pages_are_there_only_for_those_who_see_the_case(street: Street, username: str) -> None:
    client = client_of(street.world, username)
    for route, pattern in CASE_PAGES:
        for where, number in street.numbers.items():
            for method in (client.get, client.post):
                answer = method(address(pattern, route, number))
                if where in SEES.get(username, set()):
                    assert answer.status_code < 500, (route, where)
                elif username:
                    assert answer.status_code in (404, 405), (route, where, answer.status_code)
                else:
                    assert answer.status_code in (302, 404, 405), (route, where, answer.status_code)


@pytest.mark.parametrize("username", [NOBODY, *sorted(SEES)])
def test_pages_without_arguments_never_break(street: Street, username: str) -> None:
    client = client_of(street.world, username)
    plain = [route for route, p in PAGES if not p.pattern.converters and "<" not in route]
    for route in plain:
        answer = client.get(f"/{route}")
        assert answer.status_code in (200, 302, 403, 404, 405), (route, answer.status_code)
        shown = answer.content.decode(errors="replace") if answer.status_code == 200 and not answer.streaming else ""
        for where in {OWN, NEIGHBOUR, FOREIGN} - SEES.get(username, set()):
            assert street.numbers[where] not in shown, (route, where)
