"""The pages of incidents."""

import uuid
from typing import Any

from django.db import connection
from django.test.utils import CaptureQueriesContext

from steward.assurance.models import Incident, IncidentCase
from tests.assurance.test_incidents import begin, building
from tests.console.conftest import Browser, SignIn
from tests.world import World


def do(browser: Browser, number: str, verb: str, **data: Any) -> Any:
    return browser.post(f"/incidents/{number}/do/{verb}/", {"client_uuid": str(uuid.uuid4()), **data})


def test_opened_from_the_form(world: World, sign_in: SignIn) -> None:
    case = world.open("desk").case.number
    browser = sign_in("desk")
    assert "没有进行中的事件" in browser.page("/incidents/")
    form = browser.page(f"/incidents/new/?case={case}&building={building(world)}")
    assert case in form
    data = {
        "client_uuid": str(uuid.uuid4()),
        "building": building(world),
        "title": "3栋停水",
        "case": case,
        "urgency": "P1",
    }
    refused = browser.post("/incidents/new/", data)
    assert refused.status_code == 422
    assert 'value="3栋停水"' in refused.content.decode()
    data |= {"words": "水管爆裂，正在抢修", "expected_at": "2026-11-21T18:00"}
    answer = browser.post("/incidents/new/", data)
    incident = Incident.objects.in_project(world.project_id).get()
    assert (answer.status_code, answer.url) == (303, f"/incidents/{incident.number}/")
    page = browser.page(answer.url)
    for words in ("3栋停水", "水管爆裂，正在抢修", case, "3栋"):
        assert words in page
    assert "3栋停水" in browser.page("/incidents/")


def test_the_whole_life_on_its_page(world: World, sign_in: SignIn) -> None:
    incident = begin(world)
    browser = sign_in("desk")
    assert do(browser, incident.number, "caller", unit="3-2-1201").status_code == 303
    number = IncidentCase.objects.in_project(world.project_id).get().case.number
    assert do(browser, incident.number, "on-site").status_code == 303
    assert do(browser, incident.number, "news", words="水泵到了").status_code == 303
    assert do(browser, incident.number, "unlink", case=number).status_code == 422
    assert do(browser, incident.number, "news").status_code == 422
    closed = do(browser, incident.number, "close", words="已修复")
    assert closed.status_code == 303
    page = browser.page(f"/incidents/{incident.number}/")
    assert "1 件工单，1 个回访未完成" in page
    assert do(browser, incident.number, "news", words="还有").status_code == 409
    assert "3栋停水" in browser.page("/incidents/?done=1")


def test_others_see_nothing_or_only_look(world: World, sign_in: SignIn) -> None:
    incident = begin(world)
    path = f"/incidents/{incident.number}/"
    assert sign_in("outsider").get(path).status_code == 404
    assert sign_in("owner").get(path).status_code == 404
    assert sign_in("tech").get(path).status_code == 404
    assert "/do/close/" not in sign_in("region").page(path)
    assert do(sign_in("region"), incident.number, "close", words="x好了").status_code == 403
    assert do(sign_in("outsider"), incident.number, "close", words="x好了").status_code == 404


def test_as_many_statements_for_many_cases_as_for_one(world: World, sign_in: SignIn) -> None:
    incident = begin(world)
    browser, counts = sign_in("desk"), []
    for rows in (1, 8):
        for _ in range(rows):
            do(browser, incident.number, "caller", unit="3-2-1201")
        browser.page(f"/incidents/{incident.number}/")
        with CaptureQueriesContext(connection) as seen:
            browser.page(f"/incidents/{incident.number}/")
        counts.append(len(seen))
    assert counts[0] == counts[1] <= 10
