"""Work begun free of charge does not become the customer's to pay without a price agreed to."""

import pytest

from steward.kernel.errors import ConflictError
from tests.world import World


def working(world: World, payer: str, **opening: str) -> str:
    number = world.open("desk", urgency="P2", payer=payer, **opening).case.number
    world.act("desk", number, "dispatch", handler=world.company.staff["tech"].pk)
    world.act("tech", number, "accept")
    world.act("tech", number, "arrive")
    world.act("tech", number, "confirm_scope", cause="接头渗漏", scope="更换接头", confirmed_by="王淑芬")
    assert world.act("tech", number, "start").case.state == "working"
    return number


def test_the_customer_cannot_be_made_to_pay_for_work_already_begun(world: World) -> None:
    number = working(world, "common")
    with pytest.raises(ConflictError) as refused:
        world.act("desk", number, "assess", urgency="P2", payer="owner")
    assert refused.value.rule == "repair.no_work_before_consent"
    assert world.act("desk", number, "assess", urgency="P1", payer="developer").detail.payer == "developer"


def test_with_a_flat_rate_accepted_it_may_be_decided_later(world: World) -> None:
    number = working(world, "common", flat_rate="F-UNCLOG")
    assert world.act("desk", number, "assess", urgency="P2", payer="owner").detail.payer == "owner"
