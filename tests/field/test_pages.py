"""The technician's pages: what is on them, what is not, and how many statements they cost."""

from datetime import timedelta
from http import HTTPStatus

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from tests.field.conftest import to_state
from tests.world import World

STEPS = ("", "confirm_scope", "quote", "consent", "share", "finish", "confirm_amount", "suspend", "give_back", "say")
STATES = ("dispatched", "accepted", "on_site", "scoped", "quoted", "agreed", "working", "done", "settling", "waiting")


def url_of(world: World, number: str) -> str:
    return f"/field/jobs/{number}/"


@pytest.mark.parametrize("language", ["zh-hans", "en"])
def test_every_page_opens_in_every_state(tech: Client, world: World, language: str) -> None:
    world.company.users["tech"].__class__.objects.filter(username="tech").update(language=language)
    numbers = [to_state(world, state) for state in STATES]
    for path in ("/field/", "/field/?tab=paused", "/field/?tab=done", "/field/pool/", "/field/me/", "/field/offline/"):
        assert tech.get(path).status_code == HTTPStatus.OK, path
    for number in numbers:
        for step in STEPS:
            assert tech.get(url_of(world, number), {"step": step} if step else {}).status_code == HTTPStatus.OK


def test_pages_cost_at_most_ten_statements_whatever_their_length(tech: Client, world: World) -> None:
    def cost(path: str) -> int:
        with CaptureQueriesContext(connection) as seen:
            assert tech.get(path).status_code == HTTPStatus.OK
        return len(seen)

    number = to_state(world, "quoted")
    to_state(world, "received")
    paths = ("/field/", "/field/pool/", "/field/me/", url_of(world, number))
    tech.get("/field/")
    few = [cost(path) for path in paths]
    for _n in range(5):
        to_state(world, "accepted")
        to_state(world, "received")
        world.act("tech", number, "say", text="又看了一次", photos=[world.photo("tech")])
    assert [cost(path) for path in paths] == few
    assert max(few) <= 10


def test_jobs_stand_in_order_of_time_left_and_the_first_has_its_next_action(tech: Client, world: World) -> None:
    ordinary = to_state(world, "accepted", urgency="P2")
    urgent = to_state(world, "dispatched", urgency="P1")
    page = tech.get("/field/").content.decode()
    assert page.index(urgent) < page.index(ordinary)
    assert f"/field/jobs/{urgent}/accept/" in page
    assert f"/field/jobs/{ordinary}/arrive/" not in page


def test_paused_and_done_stand_apart(tech: Client, world: World) -> None:
    waiting, done = to_state(world, "waiting"), to_state(world, "settling")
    page = tech.get("/field/").content.decode()
    todo, paused = page.index('data-tab-panel="todo"'), page.index('data-tab-panel="paused"')
    finished = page.index('data-tab-panel="done"')
    assert waiting not in page[todo:paused]
    assert waiting in page[paused:finished]
    assert done in page[finished:]


def test_the_pool_names_no_customer_and_a_take_makes_it_mine(tech: Client, world: World) -> None:
    number = to_state(world, "received")
    for path in ("/field/pool/", url_of(world, number)):
        page = tech.get(path).content.decode()
        assert "王淑芬" not in page
        assert "13800016621" not in page
        assert f"{number}/take/" in page
    answer = tech.post(f"{url_of(world, number)}take/", {"client_uuid": "0b1f4c5e-6a0e-4a57-9a60-0c9f4e3d2b11"})
    assert answer.status_code == HTTPStatus.SEE_OTHER
    page = tech.get(url_of(world, number)).content.decode()
    assert "王淑芬" in page
    assert "听力弱" in page
    assert "tel:13800016621" in page
    assert "138****6621" in page


def test_money_taken_is_not_the_technicians_to_see(tech: Client, world: World) -> None:
    number = to_state(world, "settling")
    world.act("cashier", number, "pay", method="wechat", amount="286.00", reference="WX-4471-SECRET")
    world.now = (world.now + timedelta(days=1)).replace(hour=3)  # no call at night
    world.act("butler", number, "callback", outcome="satisfied", rating=4, comment="师傅很好")
    page = tech.get(url_of(world, number)).content.decode()
    for secret in ("WX-4471-SECRET", "许文静", "师傅很好", "回访记录"):
        assert secret not in page, secret


def test_another_technicians_job_does_not_exist(tech: Client, tech2: Client, world: World) -> None:
    number = to_state(world, "accepted")
    assert tech.get(url_of(world, number)).status_code == HTTPStatus.OK
    assert tech2.get(url_of(world, number)).status_code == HTTPStatus.NOT_FOUND
    assert number not in tech2.get("/field/").content.decode()


def test_nobody_comes_in_without_signing_in(client: Client, world: World) -> None:
    for path in ("/field/", "/field/pool/", "/field/me/", url_of(world, "BX-YX-261121-0001")):
        assert client.get(path)["Location"].startswith("/sign-in/?next=")


def test_the_worker_serves_the_field_and_nothing_else(client: Client, world: World) -> None:
    answer = client.get("/field/worker.js")
    assert answer["Content-Type"].startswith("text/javascript")
    assert answer["Service-Worker-Allowed"] == "/field/"
    manifest = client.get("/field/manifest.webmanifest").json()
    assert (manifest["scope"], manifest["start_url"]) == ("/field/", "/field/")
