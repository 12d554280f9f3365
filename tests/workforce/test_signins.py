"""Who lets a colleague in."""

import uuid
from datetime import date, timedelta
from typing import Any

import pytest

from steward.kernel.actor import SYSTEM, Role
from steward.kernel.errors import ConflictError, NotAllowedError, NotFoundError
from steward.registers.org.models import RoleGrant
from steward.registers.org.operations import grant_role
from steward.registers.org.posts import load_preset
from steward.registers.org.posts_models import Post
from steward.registers.workforce.assignments import assign_post, end_post
from steward.registers.workforce.posts_models import PostHeld
from steward.registers.workforce.signins import SignIn, sign_in_link
from steward.registers.workforce.staffing import NewStaff, release, take_on
from tests.world import World


def made(world: World, who: str, of: str) -> str:
    staff = world.company.staff[of].pk
    return sign_in_link(staff_id=staff, data=SignIn(), actor=world.actor(who), at=world.now)


def test_only_whoever_leads_a_colleague_everywhere_lets_them_in(world: World) -> None:
    """The link is as good as all the colleague's rights."""
    assert "/sign-in/first/" in made(world, "manager", "tech")
    grant_role(
        user=world.company.users["tech"],
        role=Role.TECHNICIAN,
        node=world.company.nodes["JZ"],
        actor=SYSTEM,
        at=world.now,
    )
    for who, of in (("manager", "tech"), ("manager", "manager"), ("manager", "hq"), ("desk", "tech"), ("tech", "tech")):
        with pytest.raises((NotAllowedError, NotFoundError)):
            made(world, who, of)
    assert "/sign-in/first/" in made(world, "hq", "tech")


def test_who_has_left_is_not_let_in(world: World) -> None:
    release(staff_id=world.company.staff["cashier"].pk, reason="合同到期", actor=world.actor("manager"), at=world.now)
    with pytest.raises(ConflictError):
        made(world, "manager", "cashier")


def test_a_sign_in_made_later_has_the_roles_of_the_posts_held(world: World) -> None:
    load_preset(actor=SYSTEM, at=world.now)
    by: dict[str, Any] = {"actor": world.actor("manager"), "at": world.now}
    staff = take_on(node_id=world.project_id, data=NewStaff(name="贺新"), client_uuid=uuid.uuid4(), **by)
    today = date(2026, 11, 21)
    for code, since in (("front_desk", today), ("butler", today + timedelta(days=3))):
        post = Post.objects.get(code=code).pk
        assign_post(staff_id=staff.pk, post_id=post, node_id=world.project_id, since=since, **by)
    sign_in_link(staff_id=staff.pk, data=SignIn(username="hexin"), **by)
    grants = RoleGrant.objects.filter(user__username="hexin", ended_at__isnull=True)
    assert [g.role for g in grants] == ["desk"], "the other post begins later"
    held = PostHeld.objects.get(staff=staff, begun_at__isnull=False)
    end_post(held_id=held.pk, until=today, **by)
    assert not grants.all().exists(), "they end with the post"
