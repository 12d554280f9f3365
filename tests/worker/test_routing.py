"""Who is reached on which channel, when, and in which words: through the worker and real servers."""

import uuid
from datetime import UTC, datetime, timedelta

import pytest
from pytest_django import Settings

from steward.kernel import reference
from steward.kernel.actor import SYSTEM
from steward.kernel.models import Outbox, OutboxState
from steward.registers.messaging import policies
from steward.registers.messaging.operations import set_preference
from steward.registers.party.models import Customer
from steward.worker.loop import run_until_idle
from tests.worker.conftest import always
from tests.worker.mailbox import Mailbox
from tests.worker.provider import DIES_AFTER, Provider
from tests.world import World

#: 23:10 in Hangzhou.
NIGHT = datetime(2026, 11, 21, 15, 10, tzinfo=UTC)
MORNING = datetime(2026, 11, 22, 0, 0, tzinfo=UTC)


def wang(world: World) -> Customer:
    return Customer.objects.in_project(world.project_id).get(email="wang@example.org")


def prefer(world: World, *channels: str, muted: bool = False, language: str = "") -> None:
    set_preference(
        project_id=world.project_id,
        recipient=f"customer:{wang(world).pk}",
        channels=channels,
        muted=muted,
        language=language,
        actor=SYSTEM,
        at=world.now,
    )


def out(world: World) -> dict[str, str]:
    """Channel → state of what left for the customer."""
    rows = Outbox.objects.in_project(world.project_id).filter(recipient=f"customer:{wang(world).pk}")
    return dict(rows.exclude(channel__in=["inapp", "route"]).values_list("channel", "state"))


def test_a_customer_with_a_mobile_number_gets_an_sms_with_a_link(
    world: World, provider: Provider, mailbox: Mailbox, settings: Settings
) -> None:
    number = world.open("desk").case.number
    run_until_idle(world.now)
    (taken,) = provider.taken
    assert taken["to"] == wang(world).phone
    assert taken["text"] == (f"报修 {number} 已受理，首问负责人 周敏。 {settings.PUBLIC_URL}/portal/cases/{number}/")
    assert mailbox.mails == []


def test_without_a_provider_the_next_channel_is_taken(world: World, mailbox: Mailbox) -> None:
    world.open("desk")
    run_until_idle(world.now)
    assert out(world) == {"email": OutboxState.DONE}


def test_the_customers_own_order_wins(world: World, provider: Provider, mailbox: Mailbox) -> None:
    prefer(world, "email", "sms")
    world.open("desk")
    run_until_idle(world.now)
    assert (len(mailbox.mails), provider.taken) == (1, [])


def test_a_refused_number_falls_back_to_e_mail(world: World, provider: Provider, mailbox: Mailbox) -> None:
    provider.refused_numbers = {wang(world).phone}
    number = world.open("desk").case.number
    run_until_idle(world.now)
    assert out(world) == {"sms": OutboxState.DEAD, "email": OutboxState.DONE}
    assert "首问负责人" in mailbox.mails[0].get_content()
    assert number in mailbox.mails[0]["Subject"]


def test_an_unclear_sms_does_not_fall_back_until_somebody_says_it_never_came(
    world: World, provider: Provider, mailbox: Mailbox
) -> None:
    from steward.kernel import outbox  # noqa: PLC0415

    provider.answers = [DIES_AFTER]
    world.open("desk")
    run_until_idle(world.now)
    assert (out(world), mailbox.mails) == ({"sms": OutboxState.UNKNOWN}, [])
    row = Outbox.objects.in_project(world.project_id).get(channel="sms")

    def it_never_came() -> bool:
        return outbox.settle_by_hand(project_id=world.project_id, pk=row.pk, arrived=False, who="staff:1", at=world.now)

    assert it_never_came()
    assert not it_never_came()
    run_until_idle(world.now)
    assert len(mailbox.mails) == 1


def test_do_not_disturb_keeps_all_in_the_app_but_emergencies(
    world: World, provider: Provider, mailbox: Mailbox
) -> None:
    prefer(world, muted=True)
    world.open("desk", urgency="P2")
    run_until_idle(world.now)
    assert out(world) == {}
    world.open("desk", urgency="P0")
    run_until_idle(world.now)
    assert out(world) == {"sms": OutboxState.DONE}


def test_the_customers_language(world: World, provider: Provider) -> None:
    prefer(world, language="en")
    number = world.open("desk").case.number
    run_until_idle(world.now)
    assert provider.taken[0]["text"].startswith(f"Repair {number} received, 周敏 answers for it.")


def test_at_night_customers_are_left_in_peace(world: World, provider: Provider) -> None:
    world.now = NIGHT
    world.open("desk", urgency="P2")
    run_until_idle(world.now)
    run_until_idle(MORNING - timedelta(seconds=1))
    assert provider.taken == []
    run_until_idle(MORNING)
    assert len(provider.taken) == 1


def test_an_emergency_does_not_wait_for_the_morning(world: World, provider: Provider) -> None:
    world.now = NIGHT
    world.open("desk", urgency="P0")
    run_until_idle(world.now)
    assert len(provider.taken) == 1


def test_a_retry_does_not_ring_at_night_either(world: World, provider: Provider) -> None:
    world.now = NIGHT - timedelta(minutes=70, seconds=10)  # ten seconds before the quiet hours
    provider.answers = [(500, "")]
    world.open("desk", urgency="P2")
    run_until_idle(world.now)
    run_until_idle(NIGHT)
    assert provider.taken == []
    run_until_idle(MORNING)
    assert len(provider.taken) == 1


def test_several_updates_within_minutes_become_one(world: World, provider: Provider) -> None:
    numbers = [world.open("desk", client_uuid=uuid.uuid4(), title=f"报修{n}").case.number for n in range(3)]
    run_until_idle(world.now)
    (only,) = provider.taken
    assert all(number in only["text"] for number in numbers)
    world.pass_time(minutes=1)
    late = [world.open("desk", client_uuid=uuid.uuid4(), title=f"再报{n}").case.number for n in range(2)]
    run_until_idle(world.now)
    assert len(provider.taken) == 1
    run_until_idle(world.pass_time(minutes=4))
    assert len(provider.taken) == 2
    assert all(number in provider.taken[1]["text"] for number in late)


def test_a_question_is_never_joined(world: World, provider: Provider) -> None:
    from tests.worker.test_email import to_quoted  # noqa: PLC0415

    to_quoted(world)
    run_until_idle(world.now)
    assert len([m for m in provider.taken if "/l/" in m["text"] and "180.00" in m["text"]]) == 1


def test_how_a_complaint_was_solved_is_never_joined(world: World, provider: Provider) -> None:
    """It asks for a rating: among other news the question would be lost."""
    from tests.processes.test_complaint import solved  # noqa: PLC0415

    number = solved(world)
    other = world.open("desk", urgency="P2", title="门锁打不开").case.number
    run_until_idle(world.now)
    run_until_idle(world.pass_time(minutes=10))
    (asked,) = [m["text"] for m in provider.taken if "/l/" in m["text"]]
    assert asked.count(number) == 1
    assert other not in asked


def test_what_was_joined_falls_back_together(world: World, provider: Provider, mailbox: Mailbox) -> None:
    provider.refused_numbers = {wang(world).phone}
    numbers = [world.open("desk", client_uuid=uuid.uuid4(), urgency="P2").case.number for _ in range(2)]
    run_until_idle(world.now)
    (mail,) = mailbox.mails
    assert all(number in mail.get_content() for number in numbers)


def stage(world: World, number: str, to: int) -> list[Outbox]:
    """Run the clocks until the given stage of the first answer was told; what left for staff."""
    for _ in range(60):
        run_until_idle(world.pass_time(minutes=10))
        rows = Outbox.objects.in_project(world.project_id).filter(event__startswith="deadline:", about=number)
        if rows.filter(channel="inapp", payload__stage__gte=to).exists():
            break
    return list(rows.exclude(channel__in=["inapp", "route"]))


def test_escalation_from_stage_two_reaches_the_manager_by_sms(world: World, provider: Provider) -> None:
    number = world.open("desk", urgency="P1").case.number
    provider.taken.clear()
    left = stage(world, number, 2)
    assert left
    assert {row.payload["urgent"] for row in left} == {True}
    assert min(int(row.event.rpartition(":")[2]) for row in left) == 2  # the first rung works in the app
    assert {row.channel for row in left} == {"sms"}
    assert any("超时" in m["text"] for m in provider.taken)


def test_what_leaves_the_house_says_why_it_is_late(world: World, mailbox: Mailbox) -> None:
    always(world, policies.STAFF_URGENT, ["email"])
    manager = world.company.staff["manager"]
    manager.email = "manager@example.org"
    manager.save(update_fields=["email"])
    reference.bump()
    number = world.open("desk", urgency="P1").case.number
    left = [row for row in stage(world, number, 2) if row.channel == "email"]
    assert [("全程" in row.body, "现在轮到周敏：派单。" in row.body) for row in left] == [(True, True)]


def test_a_dispatch_to_danger_rings_the_technicians_phone(world: World, provider: Provider) -> None:
    number = world.open("desk", category="leak", urgency="P0", payer="owner").case.number
    world.act("desk", number, "dispatch", handler=world.company.staff["tech"].pk)
    run_until_idle(world.now)
    assert "13600010001" in [m["to"] for m in provider.taken]


def test_ordinary_notices_to_staff_become_one_mail_each_half_hour(world: World, mailbox: Mailbox) -> None:
    always(world, policies.STAFF_ORDINARY, ["email"])
    tech = world.company.staff["tech"]
    tech.email = "tech@example.org"
    tech.save(update_fields=["email"])
    reference.bump()
    for _ in range(3):
        number = world.open("desk", category="leak", urgency="P3", payer="owner", client_uuid=uuid.uuid4()).case.number
        world.act("desk", number, "dispatch", handler=tech.pk)
    run_until_idle(world.now)
    assert ["tech@example.org"] not in mailbox.recipients
    run_until_idle(world.pass_time(minutes=30))
    assert mailbox.recipients.count(["tech@example.org"]) == 1
    run_until_idle(world.pass_time(minutes=60))
    assert mailbox.recipients.count(["tech@example.org"]) == 1


@pytest.mark.parametrize(
    ("at", "until"),
    [
        ("2026-11-21T13:59:59", None),
        ("2026-11-21T14:00:00", "2026-11-22T00:00:00"),
        ("2026-11-21T16:30:00", "2026-11-22T00:00:00"),
        ("2026-11-21T23:59:59", "2026-11-22T00:00:00"),
        ("2026-11-22T00:00:00", None),
    ],
)
def test_the_edges_of_the_night(world: World, at: str, until: str | None) -> None:
    from steward.registers.messaging.gates import quiet_until  # noqa: PLC0415
    from steward.registers.org.tree import place  # noqa: PLC0415

    local = datetime.fromisoformat(at).replace(tzinfo=UTC).astimezone(place(world.project_id).tz)
    wanted = datetime.fromisoformat(until).replace(tzinfo=UTC) if until else None
    assert quiet_until("22:00-08:00", local) == wanted
