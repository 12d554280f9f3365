"""Who lets a colleague in."""

import pytest

from steward.kernel.actor import SYSTEM, Role
from steward.kernel.errors import ConflictError, NotAllowedError, NotFoundError
from steward.registers.org.operations import grant_role
from steward.registers.workforce.signins import SignIn, sign_in_link
from steward.registers.workforce.staffing import release
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
