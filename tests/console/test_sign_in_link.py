"""A colleague gets into the system: the leader makes a link, the colleague chooses a password."""

import re
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client

from steward.kernel.actor import SYSTEM, Role
from steward.kernel.models import AuditEvent
from steward.registers.org import firstsignin
from steward.registers.org.models import User
from steward.registers.org.operations import grant_role
from steward.registers.workforce.operations import hire
from tests.console.conftest import Browser, SignIn
from tests.world import World

GOOD = "云栖花园-夏天2026"


def page_of(world: World, who: str) -> str:
    return f"/settings/people/{world.company.staff[who].pk}/sign-in/"


def send(browser: Browser, path: str, **data: Any) -> Any:
    return browser.post(path, {"client_uuid": "6c2f2a52-6d0e-4d0a-9a53-0f8f5a6c7f10", **data})


def link(browser: Browser, path: str, **data: Any) -> str:
    answer = send(browser, path, **data)
    assert answer.status_code == 200, answer.content.decode()
    assert answer["Cache-Control"] == "no-store"
    found = re.search(r"https?://[^/]+(/sign-in/first/[^<]+)", answer.content.decode())
    assert found is not None
    return found[1]


def test_a_hired_colleague_chooses_a_password_and_is_in(world: World, sign_in: SignIn) -> None:
    staff = hire(node=world.company.nodes["YX"], name="贺新", at=world.now)
    grant_role(
        user=world.company.users["tech"],
        role=Role.TECHNICIAN,
        node=world.company.nodes["YX"],
        actor=SYSTEM,
        at=world.now,
    )
    manager, path = sign_in("manager"), f"/settings/people/{staff.pk}/sign-in/"
    assert path in manager.page(f"/settings/people/{staff.pk}/")
    assert 'name="username"' in manager.page(path)
    assert "请填写登录名" in send(manager, path).content.decode()
    assert "这个登录名已被使用" in send(manager, path, username="desk").content.decode()
    where = link(manager, path, username="hexin")
    assert 'name="username"' not in manager.page(path), "there is one now"
    phone = Client()
    assert "登录名 hexin" in phone.get(where).content.decode()
    for password, again, words in (
        ("short", "short", "至少 10 位。"),
        ("password1234", "password1234", "太容易被猜到，请换一个。"),
        (GOOD, "x", "两次输入不一致。"),
    ):
        refused = phone.post(where, {"password": password, "again": again})
        assert refused.status_code == 422
        assert words in refused.content.decode()
    assert phone.post(where, {"password": GOOD, "again": GOOD}).status_code == 302
    assert User.objects.get(username="hexin").check_password(GOOD)
    assert "_auth_user_id" in phone.session or phone.cookies["sessionid"].value
    spent = Client().get(where)
    assert spent.status_code == 410
    assert "这个链接已经失效" in spent.content.decode()
    told = AuditEvent.objects.in_project(world.project_id).get(what="staff.sign_in")
    assert (told.actor_name, told.after["username"]) == ("赵伟", "hexin")


def test_the_password_of_before_works_until_the_link_is_used(world: World, sign_in: SignIn) -> None:
    user = world.company.users["tech"]
    user.set_password("bisher-geheim-1")
    user.save()
    where = link(sign_in("manager"), page_of(world, "tech"))
    assert User.objects.get(pk=user.pk).check_password("bisher-geheim-1")
    assert Client().post("/sign-in/", {"username": "tech", "password": "bisher-geheim-1"}).status_code == 302
    assert Client().get(where).status_code == 410, "who signs in has a password"


def test_a_new_link_ends_the_one_before(world: World, sign_in: SignIn) -> None:
    """Sent to the wrong chat: make another."""
    manager = sign_in("manager")
    lost, kept = (link(manager, page_of(world, "tech")) for _time in range(2))
    assert Client().get(lost).status_code == 410
    assert Client().get(kept).status_code == 200


@pytest.mark.parametrize("days", [2, 4])
def test_a_link_ends_after_three_days(
    world: World, sign_in: SignIn, monkeypatch: pytest.MonkeyPatch, days: int
) -> None:
    where = link(sign_in("manager"), page_of(world, "tech"))
    later = firstsignin._TOKENS._now() + timedelta(days=days)
    monkeypatch.setattr(firstsignin._TOKENS, "_now", lambda: later)
    assert Client().get(where).status_code == (200 if days < 3 else 410)


def test_nobody_gets_a_link_to_somebody_of_the_own_level_or_beyond(world: World, sign_in: SignIn) -> None:
    """A link is as good as the colleague's rights: one who also works elsewhere is not one project's to let in."""
    manager = sign_in("manager")
    for who in ("manager", "region", "hq"):
        assert send(manager, page_of(world, who)).status_code in (403, 404), who
    for who in ("desk", "headbutler", "tech", "outsider", "owner"):
        assert send(sign_in(who), page_of(world, "butler")).status_code in (302, 403, 404), who
    tech = world.company.users["tech"]
    grant_role(user=tech, role=Role.TECHNICIAN, node=world.company.nodes["JZ"], actor=SYSTEM, at=world.now)
    assert send(manager, page_of(world, "tech")).status_code in (403, 404)
    assert not AuditEvent.objects.unscoped().filter(what="staff.sign_in").exists()


def test_a_strange_link_opens_nothing(world: World, sign_in: SignIn) -> None:
    where = link(sign_in("manager"), page_of(world, "tech"))
    butler = world.company.users["butler"].pk
    assert Client().get(re.sub(r"/first/\d+/", f"/first/{butler}/", where)).status_code == 410
    assert Client().get("/sign-in/first/99999999/abc-def/").status_code == 410
    assert Client().get("/sign-in/first/99999999999999999999/abc-def/").status_code == 410
