"""The audit row: written with what it tells of, or not at all."""

import pytest
from django.db import transaction

from steward.kernel import audit
from steward.kernel.claims import LATE_ENTRY
from steward.kernel.models import AuditEvent, CompanyEvent, PolicyValue
from steward.kernel.policies import set_policy
from tests.world import World


def record(world: World, **more: object) -> object:
    told = {"what": "customer.reveal", "subject_kind": "party.customer", "subject_id": 7, "kind": "view"}
    actor = world.actor("desk")
    return audit.record(project_id=world.project_id, actor=actor, at=world.now, **{**told, **more})  # type: ignore[arg-type]


def test_personal_values_stand_beside_the_row(world: World) -> None:
    record(world, personal={"phone": "13800001234"}, reason="asked for by the owner")
    row = AuditEvent.objects.in_project(world.project_id).get()
    assert row.personal.values == {"phone": "13800001234"}
    assert (row.actor_key, row.subject_id, row.reason) == (world.actor("desk").key, "7", "asked for by the owner")
    assert "13800001234" not in str([getattr(row, f.attname) for f in row._meta.concrete_fields])


def test_only_managers_read_what_was_done(world: World) -> None:
    record(world)
    assert AuditEvent.objects.visible_to(world.actor("manager")).count() == 1
    for who in ("desk", "tech", "owner", "cashier"):
        assert not AuditEvent.objects.visible_to(world.actor(who)).exists(), who


def test_the_row_goes_with_the_change(world: World) -> None:
    def verb() -> None:
        with transaction.atomic():
            record(world)
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        verb()
    assert not AuditEvent.objects.unscoped().exists()


def test_the_origin_of_the_request_is_kept(world: World) -> None:
    token = audit.origin.set(audit.Origin(ip="192.0.2.7", session="ab12"))
    try:
        record(world)
    finally:
        audit.origin.reset(token)
    row = AuditEvent.objects.in_project(world.project_id).get()
    assert (row.ip, row.session) == ("192.0.2.7", "ab12")


def test_a_policy_is_set_on_record(world: World) -> None:
    """Of the project where it holds for one, of the company otherwise."""
    for node in (world.project_id, None):
        set_policy(
            LATE_ENTRY, value=12, node_id=node, actor=world.actor("manager"), effective_from=world.now, at=world.now
        )
    assert PolicyValue.objects.count() == 2
    assert AuditEvent.objects.in_project(world.project_id).get(what="policy.set").after["value"] == 12
    assert CompanyEvent.objects.get(what="policy.set").subject_id == LATE_ENTRY.key


def test_only_what_changed_is_kept() -> None:
    old, new = {"name": "a", "floor": 3, "gone": 1}, {"name": "a", "floor": 4, "new": 2}
    assert audit.changed(old, new) == {"before": {"floor": 3, "gone": 1}, "after": {"floor": 4, "new": 2}}
