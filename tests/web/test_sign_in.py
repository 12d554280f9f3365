from http import HTTPStatus
from typing import Any

import pytest
from django.test import Client
from pytest_django.fixtures import DjangoAssertNumQueries

from steward.registers.org.models import Session
from tests.world import World


@pytest.fixture
def secret(world: World) -> str:
    user = world.company.users["desk"]
    user.set_password("right-horse-battery")
    user.save()
    return "right-horse-battery"


def test_name_and_password_open_the_console(client: Client, secret: str) -> None:
    answer = client.post("/sign-in/", {"username": "desk", "password": secret})
    assert (answer.status_code, answer["Location"]) == (HTTPStatus.FOUND, "/")
    assert Session.objects.get(user__isnull=False).user.username == "desk"  # type: ignore[union-attr]


def test_wrong_password_keeps_the_name_and_says_so(client: Client, secret: str) -> None:
    answer = client.post("/sign-in/", {"username": "desk", "password": "no"})
    assert answer.status_code == HTTPStatus.UNPROCESSABLE_ENTITY
    assert 'value="desk"' in answer.content.decode()


def test_five_failures_lock_out(client: Client, secret: str) -> None:
    for _ in range(5):
        client.post("/sign-in/", {"username": "desk", "password": "no"})
    answer = client.post("/sign-in/", {"username": "desk", "password": secret})
    assert answer.status_code == HTTPStatus.TOO_MANY_REQUESTS


def test_nobody_signs_in_by_button_outside_the_demo(client: Client, world: World, settings: Any) -> None:
    settings.DEMO = False
    assert client.post("/sign-in/as/desk/").status_code == HTTPStatus.NOT_FOUND


def test_the_demo_offers_its_cast(client: Client, world: World, settings: Any) -> None:
    settings.DEMO = True
    page = client.get("/sign-in/").content.decode()
    assert "周敏" in page
    assert client.post("/sign-in/as/tech/")["Location"] == "/field/"


def test_session_user_and_grants_come_in_one_query(
    client: Client, secret: str, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    client.post("/sign-in/", {"username": "desk", "password": secret})
    client.get("/sign-in/")
    with django_assert_num_queries(1):
        client.get("/sign-in/")


def test_a_foreign_return_address_is_ignored(client: Client, secret: str) -> None:
    answer = client.post("/sign-in/", {"username": "desk", "password": secret, "next": "https://elsewhere.example/"})
    assert answer["Location"] == "/"
