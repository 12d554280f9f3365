"""Whoever dials a customer from the staff phone stands in the timeline and in the customer's log."""

import re

import pytest

from steward.kernel.models import AuditEvent
from tests.field.conftest import signed_in, to_state
from tests.world import World


def looks(world: World) -> int:
    return AuditEvent.objects.in_project(world.project_id).filter(what="customer.reveal").count()


def test_dialling_from_a_job_is_on_record(world: World) -> None:
    number = to_state(world, "accepted")
    phone = signed_in(world, "tech")
    page = phone.get(f"/field/jobs/{number}/").content.decode()
    found = re.search(r'data-dialled="([^"]+/customer/)"', page)
    assert found is not None
    assert looks(world) == 0
    assert phone.post(found[1]).status_code == 204
    assert looks(world) == 1


@pytest.mark.parametrize("who", ["tech2", "outsider_tech"])
def test_nobody_else_s_look_is_taken(world: World, who: str) -> None:
    number = to_state(world, "accepted")
    assert signed_in(world, who).post(f"/field/dialled/{number}/customer/").status_code == 404
    assert looks(world) == 0
