"""Statements written once: the same rows as the ORM's, for whoever asks; nothing written over unseen."""

import uuid

import pytest
from django.db import connection, transaction
from django.db.models import Q

from steward.cases.models import Case
from steward.kernel.actor import SYSTEM
from steward.kernel.db import CollisionError
from steward.kernel.errors import ScopeMissingError
from steward.kernel.models import Outbox
from steward.kernel.outbox import Message, post
from steward.kernel.prepared import Prepared, add, change, columns
from steward.kernel.sealed import MARK
from steward.registers.party.models import Customer
from tests.world import World


def test_everybody_gets_what_the_orm_gives(world: World) -> None:
    """One prepared read, asked in turns by actors whose scopes have different shapes."""
    find = Prepared(lambda scope: Case.objects.within(scope).select_related("customer", "repair").order_by("pk"))
    for who, project in (("desk", "YX"), ("owner", "YX"), ("tenant", "YX")):
        world.open(who, project=project)
    dispatched = world.open(category="leak", payer="owner").case.number
    world.act("desk", dispatched, "dispatch", handler=world.company.staff["tech2"].pk)
    seen = set()
    actors = [*(world.actor(who) for who in world.company.users), SYSTEM]
    for actor in actors * 2:
        found = find(Case.scope(actor))
        slow = Case.objects.visible_to(actor).select_related("customer", "repair").order_by("pk")
        assert [columns(c) for c in found] == [columns(c) for c in slow], actor.key
        assert [c.customer for c in found] == [c.customer for c in slow]
        assert [columns(c.repair) for c in found] == [columns(c.repair) for c in slow]
        seen.add(len(found))
    assert len(seen) > 2, "the cast sees more than all or nothing"


def test_null_and_truth_are_no_values(world: World) -> None:
    world.open()
    find = Prepared(lambda wanted: Case.objects.unscoped().filter(wanted).values_list("number"))
    assert len(find(Q(closed_at=None))) == 1
    assert find(Q(closed_at=world.now)) == []
    assert find(Q(is_imported=True)) == []
    assert len(find(Q(is_imported=False))) == 1
    assert len(find(Q(state__in=["received", "closed"]))) == 1
    assert find(Q(state__in=["closed"])) == []
    assert len(find(Q(state__in=("received",)) & ~Q(number=""))) == 1
    assert find(Q(state__in=("received",)) & ~Q(state="received")) == []


def test_a_read_without_a_scope_is_refused(world: World) -> None:
    with pytest.raises(ScopeMissingError):
        Prepared(lambda number: Case.objects.filter(number=number))("BX-YX-261121-0001")


def test_a_query_inside_a_condition_is_refused(world: World) -> None:
    """It would be kept with its values."""
    mine = Case.objects.visible_to(world.actor("desk")).values("pk")
    with pytest.raises(TypeError):
        Prepared(lambda wanted: Case.objects.unscoped().filter(wanted))(Q(pk__in=mine))


def test_what_is_sealed_is_sealed_here_too(world: World) -> None:
    one = Customer(project_id=world.project_id, name="林晓雨", id_number="330106199001010028")
    add([one])
    with connection.cursor() as cursor:
        cursor.execute("SELECT id_number FROM party_customer WHERE id = %s", [one.pk])
        assert cursor.fetchone()[0].startswith(MARK)
    assert Customer.objects.in_project(world.project_id).get(pk=one.pk).id_number == "330106199001010028"


def test_a_row_is_changed_only_as_it_was_seen(world: World) -> None:
    case = world.open().case
    before = columns(case)
    case.title, case.version = "another", case.version + 1
    with pytest.raises(CollisionError):
        change(case, before, version=before["version"] + 7)
    stored = Case.objects.in_project(world.project_id)
    assert stored.get(pk=case.pk).title == before["title"]
    change(case, before, version=before["version"])
    assert stored.get(pk=case.pk).title == "another"
    change(case, columns(case), version=99)  # nothing differs: nothing to write, nothing to collide with


def test_a_notice_to_thousands_is_one_call(world: World) -> None:
    messages = [Message(event="notice", recipient=f"customer:{n}", channel="sms") for n in range(4001)]
    with transaction.atomic():
        post(messages, project_id=world.project_id, at=world.now)
        post(messages, project_id=world.project_id, at=world.now)
    assert Outbox.objects.in_project(world.project_id).filter(event="notice").count() == 4001
    many = [Customer(project_id=world.project_id, name=f"业户{n}") for n in range(250)]
    add(many)
    assert [Customer.objects.in_project(world.project_id).get(pk=c.pk).name for c in many[::60]] == [
        c.name for c in many[::60]
    ]


def test_the_second_of_two_alike_is_left_out(world: World) -> None:
    entry = world.open().case.entries.get()
    for column in ("id", "client_uuid"):
        setattr(entry, column, None if column == "id" else uuid.uuid4())
    entry.seq += 1
    add([entry])
    assert entry.pk is not None
    entry.pk = None
    add([entry], once=True)
    assert entry.pk is None
