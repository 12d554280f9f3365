import re

import pytest
from django.test import Client

from steward.console.pin import views
from steward.kernel.audit.models import CompanyEvent
from steward.kernel.errors import InvalidError, NotAllowedError
from steward.registers.org.models import User
from steward.registers.org.pin_models import Pin
from steward.registers.org.pins import set_pin, try_pin
from tests.world import World

SECRET = "kerplunk-and-4-more"


def ready(world: World, *people: str, pin: str = "2580") -> None:
    for who in people:
        user = User.objects.get(username=who)
        user.set_password(SECRET)
        user.save(update_fields=["password"])
        set_pin(actor=world.actor(who), password=SECRET, pin=pin, again=pin, at=world.now)


@pytest.fixture
def pc(world: World, monkeypatch: pytest.MonkeyPatch) -> Client:
    """A PC on which both of the desk gave their password; desk2 sits there."""
    monkeypatch.setattr(views, "now", lambda: world.now)
    ready(world, "desk", "desk2")
    client = Client()
    for who in ("desk", "desk2"):
        assert client.post("/sign-in/", {"username": who, "password": SECRET}).status_code == 302
    return client


def name_on(pc: Client) -> str:
    found = re.search(r"<strong>(.*?)</strong><small>前台", pc.get("/").content.decode())
    return found[1] if found else ""


def switch(pc: Client, world: World, who: str, pin: str = "2580") -> int:
    return pc.post("/pin/", {"user": world.company.users[who].pk, "pin": pin, "next": "/intake/"}).status_code


def test_a_colleague_takes_over_and_answers_for_what_follows(pc: Client, world: World) -> None:
    assert name_on(pc) == "吴芳"
    assert switch(pc, world, "desk") == 303
    assert name_on(pc) == "周敏"
    event = CompanyEvent.objects.get(what="pin.switch")
    assert event.actor_key == world.actor("desk").key
    assert event.after["before"] == world.actor("desk2").key


def test_a_pin_works_only_where_the_password_was_given(pc: Client, world: World) -> None:
    ready(world, "butler")
    assert "陈悦" not in pc.get("/pin/").content.decode()
    assert switch(pc, world, "butler") == 422
    elsewhere = Client()
    assert elsewhere.get("/pin/")["Location"] == "/sign-in/"
    assert switch(elsewhere, world, "desk") == 302
    assert elsewhere.get("/").status_code == 302


def test_the_password_is_asked_again_after_a_month(pc: Client, world: World) -> None:
    pc.post("/pin/lock/", {"next": "/"})
    world.pass_time(days=4000)
    assert pc.get("/pin/")["Location"] == "/sign-in/"


def test_wrong_too_often_rests_for_a_while(pc: Client, world: World) -> None:
    assert [switch(pc, world, "desk", "1379") for _ in range(5)] == [422] * 5
    assert switch(pc, world, "desk") == 422, "right, but locked"
    assert name_on(pc) == "吴芳"
    assert CompanyEvent.objects.filter(what="pin.wrong").count() == 4
    assert CompanyEvent.objects.filter(what="pin.lock").count() == 1
    world.pass_time(minutes=16)
    assert switch(pc, world, "desk") == 303


def test_a_right_one_forgets_the_wrong_ones(world: World) -> None:
    ready(world, "desk")
    user_id = world.company.users["desk"].pk
    for pin in ("1111", "2222", "3333", "4444", "2580", "1111"):
        tried = try_pin(user_id=user_id, pin=pin, before=world.actor("desk2"), at=world.now)
    assert tried.left == 4


def test_locked_the_pc_opens_by_pin_alone(pc: Client, world: World) -> None:
    answer = pc.post("/pin/lock/", {"next": "/cases/"})
    assert answer["Location"] == "/pin/?next=%2Fcases%2F"
    assert pc.get("/")["Location"].startswith("/sign-in/")
    assert "吴芳" in pc.get(answer["Location"]).content.decode()
    assert switch(pc, world, "desk2") == 303


@pytest.mark.parametrize(
    ("password", "pin", "again", "field"),
    [
        ("wrong", "2580", "2580", "password"),
        (SECRET, "258", "258", "pin"),
        (SECRET, "2580123", "2580123", "pin"),
        (SECRET, "12a4", "12a4", "pin"),
        (SECRET, "1234", "1234", "pin"),
        (SECRET, "7777", "7777", "pin"),
        (SECRET, "2580", "2581", "again"),
    ],
)
def test_a_pin_is_ones_own_and_not_easy(world: World, password: str, pin: str, again: str, field: str) -> None:
    ready(world, "desk")
    with pytest.raises(InvalidError) as error:
        set_pin(actor=world.actor("desk"), password=password, pin=pin, again=again, at=world.now)
    assert set(error.value.fields) == {field}
    with pytest.raises(NotAllowedError):
        set_pin(actor=world.actor("owner"), password=SECRET, pin="2580", again="2580", at=world.now)


def test_only_its_argon2_hash_is_kept(world: World) -> None:
    ready(world, "desk")
    assert Pin.objects.get().digest.startswith("argon2$argon2id$")


def test_next_stays_in_the_house(pc: Client, world: World) -> None:
    answer = pc.post("/pin/", {"user": world.company.users["desk"].pk, "pin": "2580", "next": "https://evil.example/"})
    assert answer["Location"] == "/"
