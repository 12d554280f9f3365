"""The engineer's posts accept what colleagues did on the common parts, and see of others' cases just that (DSK-3)."""

import importlib
import uuid
from typing import Any

import pytest
from django.apps import apps
from django.test import Client

from steward.cases.declare import REGISTRY
from steward.cases.models import Case
from steward.kernel import reference
from steward.kernel.actor import SYSTEM, Role
from steward.kernel.asking import ASKED
from steward.kernel.errors import ConflictError, NotFoundError
from steward.registers.org.models import RoleGrant
from steward.registers.org.operations import grant_role
from steward.registers.org.posts import catalogue, load_preset
from steward.registers.org.posts_models import Post
from steward.registers.party.models import office_projects
from steward.registers.workforce import assignments
from steward.registers.workforce.posts_models import PostHeld
from tests.console.conftest import SignIn, at_world_time, sign_in
from tests.rules import road
from tests.rules.test_price_and_acceptance import told
from tests.world import World

__all__ = ["at_world_time", "sign_in"]


def give_post(world: World, who: str, code: str = "duty_engineer") -> PostHeld:
    load_preset(actor=SYSTEM, at=world.now)
    held = assignments.assign_post(
        staff_id=world.company.staff[who].pk,
        post_id=next(p.id for p in catalogue().values() if p.code == code),
        node_id=world.project_id,
        since=assignments.today_at(world.project_id, world.now),
        actor=SYSTEM,
        at=world.now,
    )
    world._actors.pop(who, None)
    return held


def seen(world: World, who: str = "tech2") -> set[str]:
    return set(Case.objects.visible_to(world.actor(who)).values_list("number", flat=True))


@pytest.fixture
def engineer(world: World) -> PostHeld:
    return give_post(world, "tech2")


def test_a_duty_engineer_accepts_what_a_colleague_did(world: World, engineer: PostHeld) -> None:
    number = road.checking(world)
    same = uuid.uuid4()
    done = world.act("tech2", number, "accept_work", remark="合格", client_uuid=same)
    assert (done.case.state, done.detail.checked_by) == ("settling", "王强")


def test_nobody_accepts_the_own_work(world: World, engineer: PostHeld) -> None:
    give_post(world, "tech")
    number = road.checking(world)
    for action, data in (("accept_work", {}), ("refuse_work", {"reason": "自己说不行"})):
        with pytest.raises(ConflictError) as caught:
            world.act("tech", number, action, **data)
        assert caught.value.rule == "repair.accepted_by_another"
    assert world.act("tech2", number, "refuse_work", reason="还有一盏不亮").case.state == "working"


def test_of_others_cases_an_engineer_sees_what_waits_for_acceptance(world: World, engineer: PostHeld) -> None:
    number = road.checking(world)
    road.working(world)
    road.settling(world)
    assert seen(world) == {number}
    assert office_projects(world.actor("tech2")) == frozenset(), "nor is anybody's name or phone to be searched for"
    world.act("tech2", number, "accept_work")
    assert seen(world) == set()


def test_a_technician_without_the_post_sees_and_accepts_nothing(world: World) -> None:
    give_post(world, "tech2", "plumber")
    number = road.checking(world)
    assert seen(world) == set()
    with pytest.raises(NotFoundError):
        world.act("tech2", number, "accept_work")


def test_with_the_post_it_ends(world: World, engineer: PostHeld) -> None:
    road.checking(world)
    today = assignments.today_at(world.project_id, world.now)
    assignments.end_post(held_id=engineer.pk, until=today, actor=SYSTEM, at=world.now)
    assert seen(world) == set()


def test_another_projects_work_is_not_theirs(world: World, engineer: PostHeld) -> None:
    number = road.checking(world)
    Case.objects.in_project(world.project_id).filter(number=number).update(handler_id=None)
    assert seen(world) == {number}, "also where nobody of ours did it"
    grant_role(
        user=world.company.users["outsider_tech"],
        role=Role.ENGINEER,
        node=world.company.nodes["JZ"],
        actor=SYSTEM,
        at=world.now,
    )
    assert seen(world, "outsider_tech") == set()


def test_where_no_butler_is_near_the_engineers_are_asked(world: World, engineer: PostHeld) -> None:
    number = road.checking(world, unit="", place="地下二层水泵房")
    staff = world.company.staff
    assert told(world, number, "to_accept") == {f"staff:{staff[who].pk}" for who in ("headbutler", "tech2")}


def test_on_the_phone_it_is_listed_and_gone_once_accepted(world: World, engineer: PostHeld) -> None:
    number = road.checking(world)
    client = Client()
    client.force_login(world.company.users["tech2"], backend="django.contrib.auth.backends.ModelBackend")
    assert f"/field/jobs/{number}/" in client.get("/field/").content.decode()
    page = client.get(f"/field/jobs/{number}/").content.decode()
    assert f"/field/jobs/{number}/accept_work/" in page
    assert "王淑芬" not in page, "whose home it was reported from is nothing to them"
    sent: dict[str, Any] = {"client_uuid": str(uuid.uuid4()), "remark": "合格"}
    for _twice in range(2):
        answer = client.post(f"/field/jobs/{number}/accept_work/", sent)
        assert (answer.status_code, answer["Location"]) == (303, "/field/")
    assert road.look(world, number).detail.checked_by == "王强"
    assert client.get(f"/field/jobs/{number}/").status_code == 404


def test_in_the_console_it_is_among_the_work(world: World, engineer: PostHeld, sign_in: SignIn) -> None:
    number = road.checking(world)
    browser = sign_in("tech2")
    assert f"/cases/{number}/?do=accept_work" in browser.page("/")
    sent = {"client_uuid": str(uuid.uuid4()), "remark": "合格"}
    answer = browser.post(f"/cases/{number}/actions/accept_work/", sent)
    assert (answer.status_code, answer["Location"]) == (303, "/"), "the case is out of sight"
    assert browser.get("/intake/").status_code == 404, "no page of the office"


@pytest.mark.parametrize("one", ASKED, ids=lambda one: one.kind)
def test_what_is_asked_is_an_action_of_the_process(one: Any) -> None:
    """Listed for whoever may do it, and for nobody else."""
    leading = [a for a in REGISTRY[one.kind].actions if a.primary and one.states <= a.source]
    assert one.roles in [a.by.roles for a in leading]


def test_engineers_of_before_stay_engineers(world: World) -> None:
    """The posts as they were shipped till now; and whoever was of the trade and of the desk at one place."""
    held = give_post(world, "tech2")
    RoleGrant.objects.filter(pk__in=held.grants, role="engineer").delete()
    PostHeld.objects.filter(pk=held.pk).update(grants=[])
    Post.objects.filter(code="duty_engineer").update(roles=["technician"])
    Post.objects.filter(code="engineering_manager").update(roles=["technician"])  # as a company wanted it
    where: dict[str, Any] = {"node": world.company.project(), "actor": SYSTEM, "at": world.now}
    grant_role(user=world.company.users["tech"], role=Role.DESK, **where)
    step = importlib.import_module("steward.registers.workforce.migrations.0009_engineers")
    for _twice in range(2):
        step.engineers(apps, None)
    reference.bump()
    users = {world.company.users[who].pk for who in ("tech", "tech2")}
    rows = RoleGrant.objects.filter(role="engineer", ended_at__isnull=True)
    assert set(rows.values_list("user_id", flat=True)) == users
    assert rows.count() == len(users)
    assert Post.objects.get(code="duty_engineer").roles == ["technician", "engineer"]
    assert Post.objects.get(code="engineering_manager").roles == ["technician"]
    held.refresh_from_db()
    assert held.grants == [rows.get(user_id=world.company.users["tech2"].pk).pk], "it ends with the post"
