import uuid
from datetime import timedelta

import pytest

from steward.cases.models import Case, Entry
from steward.casework.intake.contacts import ask_again, counted, note_contact
from steward.casework.models import ContactOutcome, DeskContact
from steward.kernel.errors import ConflictError, NotAllowedError, NotFoundError
from steward.kernel.models import Outbox
from tests.world import World


def wrong_number(world: World, who: str = "desk", client_uuid: uuid.UUID | None = None) -> DeskContact:
    return note_contact(
        project_id=world.project_id,
        outcome=ContactOutcome.WRONG_NUMBER,
        actor=world.actor(who),
        at=world.now,
        client_uuid=client_uuid or uuid.uuid4(),
    )


def ask(world: World, number: str, who: str = "desk", client_uuid: uuid.UUID | None = None) -> Case:
    return ask_again(
        project_id=world.project_id,
        number=number,
        actor=world.actor(who),
        at=world.now,
        client_uuid=client_uuid or uuid.uuid4(),
    )


def told(world: World, who: str) -> list[str]:
    rows = Outbox.objects.in_project(world.project_id).filter(
        recipient=f"staff:{world.company.staff[who].pk}", channel="inapp", event__endswith="asked_again"
    )
    return list(rows.order_by("pk").values_list("subject", flat=True))


def test_a_wrong_number_counts_once_and_makes_no_case(world: World) -> None:
    same = uuid.uuid4()
    assert wrong_number(world, client_uuid=same).pk == wrong_number(world, client_uuid=same).pk
    wrong_number(world)
    assert not Case.objects.in_project(world.project_id).exists()
    seen = counted(
        world.actor("manager"),
        frozenset({world.project_id}),
        since=world.now - timedelta(hours=1),
        until=world.now + timedelta(hours=1),
    )
    assert seen == {"wrong_number": 2}


def test_only_the_office_counts_contacts_and_only_its_own(world: World) -> None:
    with pytest.raises(NotAllowedError):
        wrong_number(world, "tech")
    with pytest.raises(NotFoundError):
        wrong_number(world, "outsider")


def test_asking_again_tells_the_handler_and_whoever_answers(world: World) -> None:
    number = world.open("desk", urgency="P1", payer="owner").case.number
    world.act("desk", number, "dispatch", handler=world.company.staff["tech"].pk)
    ask(world, number, "desk2")
    ask(world, number, "desk2")
    assert [s.split("：")[0] for s in told(world, "tech")] == [
        f"{number} 业户再次催问（第1次）",
        f"{number} 业户再次催问（第2次）",
    ]
    assert len(told(world, "desk")) == 2
    assert told(world, "desk2") == []
    assert DeskContact.objects.in_project(world.project_id).filter(outcome="asked_again").count() == 2


def test_asking_again_is_safe_to_repeat(world: World) -> None:
    number, same = world.open("desk").case.number, uuid.uuid4()
    first, second = (ask(world, number, client_uuid=same) for _ in range(2))
    assert first.version == second.version
    assert Entry.objects.in_project(world.project_id).filter(action="asked_again").count() == 1


def test_a_closed_case_is_not_asked_after(world: World) -> None:
    number = world.open("desk").case.number
    world.act("desk", number, "cancel", reason="重复报修")
    with pytest.raises(ConflictError):
        ask(world, number)
    with pytest.raises(NotFoundError):
        ask(world, number, "outsider")
