"""E-mail through a real mail server: what the customer gets, and what happens when the server misbehaves."""

from datetime import timedelta

import pytest
from pytest_django import Settings

from steward.kernel import outbox
from steward.kernel.models import Outbox, OutboxState
from steward.worker.loop import run_until_idle
from tests.worker.mailbox import Mailbox
from tests.world import World


def the_mail(world: World, number: str) -> Outbox:
    return Outbox.objects.in_project(world.project_id).get(channel="email", payload__case=number)


def find_the_way(world: World, number: str) -> None:
    row = Outbox.objects.in_project(world.project_id).get(channel="route", about=number)
    assert outbox.run_one(row.project_id, row.pk, world.now)


def to_quoted(world: World) -> str:
    number = world.open("desk", category="leak", urgency="P1", payer="owner").case.number
    world.act("desk", number, "dispatch", handler=world.company.staff["tech"].pk)
    world.act("tech", number, "accept")
    world.act("tech", number, "arrive")
    world.act("tech", number, "confirm_scope", cause="接头渗漏", scope="更换接头", confirmed_by="王淑芬")
    world.act("tech", number, "quote", lines=[{"code": "L-PLUMB", "quantity": "1"}])
    return number


def test_the_customer_reads_number_promise_and_sender(world: World, mailbox: Mailbox) -> None:
    number = world.open("desk").case.number
    done = run_until_idle(world.now)
    assert done.messages == 2  # its way is found, then it is sent
    (mail,) = mailbox.mails
    row = the_mail(world, number)
    assert mailbox.recipients == [["wang@example.org"]]
    assert number in mail["Subject"]
    assert number in mail.get_content()
    assert mail["Message-ID"] == f"<{row.provider_key}@steward.example>"
    assert "云栖花园" in mail["From"]
    assert mail["Auto-Submitted"] == "auto-generated"
    assert (row.state, row.done_at) == (OutboxState.DONE, world.now)


def test_the_quote_brings_its_link(world: World, mailbox: Mailbox) -> None:
    to_quoted(world)
    run_until_idle(world.now)
    bodies = [mail.get_content() for mail in mailbox.mails]
    assert [body for body in bodies if "/l/" in body and "180.00" in body], bodies


def test_nothing_is_sent_twice(world: World, mailbox: Mailbox) -> None:
    to_quoted(world)
    run_until_idle(world.now)
    run_until_idle(world.pass_time(minutes=1))
    assert len(mailbox.keys) == len(set(mailbox.keys)) == 3


def test_a_busy_server_is_tried_again_with_the_same_message_id(world: World, mailbox: Mailbox) -> None:
    number = world.open("desk").case.number
    mailbox.answers = ["451 try later"]
    run_until_idle(world.now)
    assert the_mail(world, number).state == OutboxState.PENDING
    assert mailbox.mails == []
    run_until_idle(world.now + timedelta(minutes=1))
    assert mailbox.keys == [f"<{the_mail(world, number).provider_key}@steward.example>"]


def test_a_crash_after_the_server_took_it_sends_the_same_mail_again(
    world: World, mailbox: Mailbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    """At least once: both copies carry one Message-ID, so that mail programs fold them."""
    number = world.open("desk").case.number
    find_the_way(world, number)
    with monkeypatch.context() as patched:
        patched.setattr(outbox, "_mark", lambda *_args: pytest.fail("killed here"))
        with pytest.raises(pytest.fail.Exception):
            run_until_idle(world.now)
    assert the_mail(world, number).state == OutboxState.LEASED
    assert run_until_idle(world.now + timedelta(minutes=1)).messages == 0
    run_until_idle(world.now + outbox.LEASE + timedelta(seconds=1))
    assert the_mail(world, number).state == OutboxState.DONE
    assert len(mailbox.keys) == 2
    assert len(set(mailbox.keys)) == 1


@pytest.mark.parametrize(
    ("code", "state"), [("550 no such user", OutboxState.DEAD), ("450 mailbox busy", OutboxState.PENDING)]
)
def test_only_a_lasting_refusal_ends_the_tries(world: World, mailbox: Mailbox, code: str, state: OutboxState) -> None:
    mailbox.refuses = {"wang@example.org": code}
    number = world.open("desk").case.number
    run_until_idle(world.now)
    assert the_mail(world, number).state == state
    assert code[4:] in the_mail(world, number).error


def test_no_server_at_all_delays_but_loses_nothing(world: World, mailbox: Mailbox, settings: Settings) -> None:
    number = world.open("desk").case.number
    settings.EMAIL_PORT = 1  # nobody listens there
    run_until_idle(world.now)
    assert the_mail(world, number).state == OutboxState.PENDING
    settings.EMAIL_PORT = mailbox.port
    run_until_idle(world.now + timedelta(minutes=1))
    assert len(mailbox.mails) == 1


def test_a_line_break_cannot_add_a_header(world: World, mailbox: Mailbox) -> None:
    message = outbox.Message(
        event="e",
        recipient="customer:1",
        channel="email",
        subject="漏水\r\nBcc: thief@example.org",
        payload={"to": "wang@example.org"},
    )
    outbox.post([message], project_id=world.project_id, at=world.now)
    run_until_idle(world.now)
    assert mailbox.recipients == [["wang@example.org"]]
    assert mailbox.mails[0]["Bcc"] is None


def test_no_address_is_not_tried_for_a_day(world: World, mailbox: Mailbox) -> None:
    message = outbox.Message(event="e", recipient="c", channel="email", payload={"to": "not an address"})
    outbox.post([message], project_id=world.project_id, at=world.now)
    run_until_idle(world.now)
    assert Outbox.objects.in_project(world.project_id).get(event="e").state == OutboxState.DEAD
