"""Whoever dials a customer from the staff phone stands in the timeline and in the customer's log."""

import re
import uuid
from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from steward.cases.models import Case, Entry
from steward.kernel.models import AuditEvent
from tests.field.conftest import signed_in, to_state
from tests.world import World


def looks(world: World) -> int:
    return AuditEvent.objects.in_project(world.project_id).filter(what="customer.reveal").count()


def tap() -> dict[str, str]:
    return {"client_uuid": str(uuid.uuid4())}


def test_dialling_from_a_job_is_on_record(world: World) -> None:
    number = to_state(world, "accepted")
    phone = signed_in(world, "tech")
    page = phone.get(f"/field/jobs/{number}/").content.decode()
    found = re.search(r'data-dialled="([^"]+/customer/)"', page)
    assert found is not None
    assert looks(world) == 0
    assert phone.post(found[1], tap()).status_code == 204
    assert looks(world) == 1


def test_dialled_without_network_it_is_told_later_once_and_as_of_then(world: World) -> None:
    number = to_state(world, "accepted")
    phone, sent = signed_in(world, "tech"), timezone.now()
    Case.objects.in_project(world.project_id).update(received_at=sent - timedelta(hours=1))
    late = tap() | {"tapped_at": (sent - timedelta(minutes=4)).isoformat(), "sent_at": sent.isoformat()}
    for _again in range(2):
        assert phone.post(f"/field/dialled/{number}/customer/", late).status_code == 204
    assert looks(world) == 1
    line = Entry.objects.in_project(world.project_id).get(case__number=number, action="reveal")
    assert timedelta(minutes=4) <= line.recorded_at - line.happened_at < timedelta(minutes=5)


def test_one_look_loads_its_case_once(world: World) -> None:
    number = to_state(world, "accepted")
    phone = signed_in(world, "tech")
    with CaptureQueriesContext(connection) as read:
        assert phone.post(f"/field/dialled/{number}/customer/", tap()).status_code == 204
    assert sum(q["sql"].startswith('SELECT "cases_case"."id"') for q in read) == 1


@pytest.mark.parametrize("who", ["tech2", "outsider_tech"])
@pytest.mark.parametrize("sent", [{}, {"client_uuid": "no"}])
def test_what_is_wrong_with_a_look_is_told_to_whoever_sees_the_case(
    world: World, who: str, sent: dict[str, str]
) -> None:
    number = to_state(world, "accepted")
    assert signed_in(world, who).post(f"/field/dialled/{number}/customer/", sent).status_code == 404
    assert signed_in(world, "tech").post(f"/field/dialled/{number}/customer/", sent).status_code == 422


@pytest.mark.parametrize("who", ["tech2", "outsider_tech"])
def test_nobody_else_s_look_is_taken(world: World, who: str) -> None:
    number = to_state(world, "accepted")
    assert signed_in(world, who).post(f"/field/dialled/{number}/customer/", tap()).status_code == 404
    assert looks(world) == 0
