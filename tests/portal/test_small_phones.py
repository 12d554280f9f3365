"""Every page of the residents' and the staff phone at 360 px, in large type too: nothing sticks out.

The pages come from the address table: one that nobody declared here fails the build.
"""

import re
import uuid
from collections.abc import Iterator
from datetime import timedelta
from typing import Final

import pytest
from django.conf import settings
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver
from playwright.sync_api import Browser, Page
from pytest_django.live_server_helper import LiveServer

from steward.casework import subtasks
from steward.casework.accountability import handovers
from steward.field.asking import PARTS
from steward.kernel import reference
from tests.browsing import browser, world
from tests.field.conftest import to_state
from tests.portal.test_browser import CUT, OVERFLOW
from tests.processes.test_repair_story import to_quoted, to_settling
from tests.world import World, build_world

__all__ = ["browser", "world"]

#: Addresses that answer no page to look at: sent to, scripts, pictures of the app.
NO_PAGE: Final = {
    "portal/manifest.webmanifest",
    "portal/answers/near/",
    "field/replay/",
    "field/dialled/<str:number>/<slug:whose>/",
    "field/worker.js",
    "field/manifest.webmanifest",
    "field/jobs/<str:number>/share/",
    "field/jobs/<str:number>/<slug:action>/",
    "field/asked/<int:project_id>/<int:pk>/<slug:verb>/",
    "field/offers/<str:number>/<slug:verb>/",
}
ORDER: Final = {"item": "S-CLEAN", "quantity": "3", "told_amount": "150.00", "category": "home"}
LONG: Final = "主卧卫生间吊顶靠近排风口的位置一直往下滴水，昨天夜里已经用盆接满两次，麻烦尽快安排师傅上门查看"


def addresses() -> set[str]:
    def walk(patterns: list[URLPattern | URLResolver], prefix: str) -> Iterator[str]:
        for item in patterns:
            route = prefix + str(item.pattern)
            if isinstance(item, URLResolver):
                yield from walk(item.url_patterns, route)
            else:
                yield route

    return {r for r in walk(get_resolver().url_patterns, "") if r.startswith(("portal/", "field/"))}


def pattern(route: str) -> re.Pattern[str]:
    return re.compile(re.sub(r"<[^>]+>", "[^/]+", re.escape(route).replace(r"\<", "<").replace(r"\>", ">")) + r"\Z")


def paths_of_owner(world: World) -> list[str]:
    quoted, settling = to_quoted(world), to_settling(world)
    finished, fresh = to_state(world, "done"), to_state(world, "received")
    opened = {kind: world.open("owner", kind=kind, title=LONG[:40], description=LONG).case.number for kind in KINDS}
    opened["service_order"] = world.open("owner", kind="service_order", title="家政保洁", **ORDER).case.number
    found = ["", "report/", "ask/", "cases/", "cases/?show=done", "me/", "complain/", "suggest/", "praise/", "order/"]
    found += ["me/data/", "answers/", "answers/?q=装修"]
    found += [f"cases/{n}/" for n in (quoted, settling, finished, *opened.values())]
    found += [f"cases/{quoted}/{p}" for p in ("quote/", "decline/")]
    found += [f"cases/{settling}/{p}" for p in ("rate/", "reopen/")]
    found += [f"cases/{finished}/amount/", f"cases/{fresh}/cancel/", f"cases/{settling}/again/"]
    found += [f"cases/{opened[kind]}/call-off/" for kind in ("service_order", "suggestion")]
    return [f"/portal/{path}" for path in found]


KINDS: Final = ("complaint", "inquiry", "suggestion", "praise")
STATES: Final = ("dispatched", "on_site", "scoped", "quoted", "working", "done", "waiting")
STEPS: Final = (
    "confirm_scope",
    "quote",
    "consent",
    "share",
    "finish",
    "confirm_amount",
    "suspend",
    "give_back",
    "update",
)


def paths_of_technician(world: World) -> list[str]:
    staff = world.company.staff
    numbers = [to_state(world, state, title=LONG[:40], description=LONG) for state in STATES]
    to_state(world, "received")
    order = world.open("desk", kind="service_order", title="家政保洁", **ORDER).case.number
    later = (world.now + timedelta(hours=2)).isoformat()
    world.act("desk", order, "arrange", handler=staff["tech"].pk, appointment_at=later)
    other = world.open("desk", urgency="P1", payer="owner").case.number
    row = subtasks.ask_subtask(
        project_id=world.project_id,
        number=other,
        data={"what": LONG, "colleague": staff["tech"].pk},
        actor=world.actor("desk"),
        at=world.now,
        client_uuid=uuid.uuid4(),
    )
    found = ["", "?tab=paused", "?tab=done", "pool/", "me/", "offline/"]
    found += [f"jobs/{n}/" for n in numbers] + [f"jobs/{numbers[3]}/?step={step}" for step in STEPS]
    found += [f"jobs/{order}/{step}" for step in ("", "?step=finish", "?step=give_back", "?step=tell")]
    found += [f"asked/{row.project_id}/{row.pk}/{step}" for step in ("", *(f"?step={v}" for v in PARTS))]
    return [f"/field/{path}" for path in found]


def paths_of_butler(world: World) -> list[str]:
    offered = world.open("desk", urgency="P2", payer="owner", title=LONG[:40]).case.number
    handovers.offer_handover(
        project_id=world.project_id,
        number=offered,
        data={"receiver": world.company.staff["butler"].pk, "reason": LONG},
        actor=world.actor("desk"),
        at=world.now,
        client_uuid=uuid.uuid4(),
    )
    complaint = world.open("desk", kind="complaint", title=LONG[:40], category="B").case.number
    world.act("desk", complaint, "acknowledge", severity="minor")
    butler = world.company.staff["butler"].pk
    world.act("headbutler", complaint, "assign", handler=butler, responsible_unit="工程部")
    inquiry = world.open("desk", kind="inquiry", title=LONG[:40]).case.number
    world.act("desk", inquiry, "pass_on", handler=butler)
    found = ["", "calls/", "duty/", f"offers/{offered}/", f"offers/{offered}/?step=decline_handover"]
    found += [f"jobs/{complaint}/{step}" for step in ("", "?step=investigate", "?step=solve")]
    found += [f"jobs/{inquiry}/{step}" for step in ("", "?step=answer", "?step=update")]
    return [f"/field/{path}" for path in found]


def look(page: Page, address: str, paths: list[str]) -> list[tuple[str, str, object]]:
    """What sticks out, at both sizes of type."""
    wrong: list[tuple[str, str, object]] = []
    for large in ("0", "1"):
        page.goto(address + paths[0])
        page.evaluate(f"localStorage.setItem('large-type', '{large}')")
        for path in paths:
            answer = page.goto(address + path)
            assert answer is not None
            assert answer.status == 200, (path, answer.status)
            found = (page.evaluate(OVERFLOW), page.evaluate(CUT))
            if found[0] > 0 or found[1]:
                wrong.append((path, large, found))
    return wrong


WHO: Final = {"owner": paths_of_owner, "tech": paths_of_technician, "butler": paths_of_butler}


@pytest.mark.browser
@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("who", sorted(WHO))
def test_nothing_sticks_out_of_a_small_phone(browser: Browser, live_server: LiveServer, world: World, who: str) -> None:
    paths = WHO[who](world)
    context = browser.new_context(viewport={"width": 360, "height": 780}, locale="zh-CN", service_workers="block")
    client = Client()
    client.force_login(world.company.users[who], backend="django.contrib.auth.backends.ModelBackend")
    name = settings.SESSION_COOKIE_NAME
    context.add_cookies([{"name": name, "value": client.cookies[name].value, "url": live_server.url}])
    try:
        assert look(context.new_page(), live_server.url, paths) == []
    finally:
        context.close()


def test_every_page_is_looked_at(world_of_paths: set[str]) -> None:
    seen = [pattern(route) for route in sorted(addresses() - NO_PAGE)]
    missed = [p.pattern for p in seen if not any(p.match(path) for path in world_of_paths)]
    assert missed == []


@pytest.fixture
def world_of_paths(transactional_db: None) -> set[str]:
    reference.forget()
    made = build_world()
    paths = {path.partition("?")[0].removeprefix("/") for paths in WHO.values() for path in paths(made)}
    reference.forget()
    return paths
