"""``kill -9`` at any moment: whatever was accepted is there, and what it promised is delivered."""

import signal
import subprocess
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.utils import timezone

from steward.cases.models import Case, Deadline, Entry
from steward.kernel import outbox
from steward.kernel.models import Outbox, OutboxState
from steward.worker.loop import run_until_idle
from tests.worker.mailbox import Mailbox
from tests.worker.running import PATIENCE, process, until
from tests.world import World


def printed(opener: "subprocess.Popen[str]", count: int) -> list[str]:
    """The first numbers it accepted, then the process is killed; what it had already said counts too."""
    assert opener.stdout is not None
    numbers = [opener.stdout.readline() for _ in range(count)]
    opener.send_signal(signal.SIGKILL)
    rest = opener.stdout.read()
    # The last line may be cut in half: only whole lines were said.
    return [line.strip() for line in ("".join(numbers) + rest).splitlines(keepends=True) if line.endswith("\n")]


def wait_ready(worker: "subprocess.Popen[str]") -> None:
    assert worker.stderr is not None
    until(lambda: "worker ready" in str(worker.stderr.readline()), "a worker's start")  # type: ignore[union-attr]


def mails(world: World, channel: str = "email") -> dict[str, Outbox]:
    rows = Outbox.objects.in_project(world.project_id).filter(channel=channel)
    return {row.payload["case"]: row for row in rows}


def test_an_accepted_case_survives_with_all_that_belongs_to_it(shared_world: World, tmp_path: Path) -> None:
    options: dict[str, Any] = {"var": tmp_path, "stdout": subprocess.PIPE}
    with (
        process("tests.worker.opener", "YX", "desk", **options) as first,
        process("tests.worker.opener", "YX", "butler", **options) as second,
    ):
        said = [*printed(first, 25), *printed(second, 25)]
    assert first.returncode == second.returncode == -signal.SIGKILL
    assert len(said) == len(set(said)) >= 50
    cases = {case.number: case for case in Case.objects.in_project(shared_world.project_id)}
    assert set(said) <= set(cases)
    # Whole or not at all, also for the one that was being opened when the end came.
    for case in cases.values():
        assert Entry.objects.in_project(case.project_id).filter(case=case).count() == 1
        assert Deadline.objects.in_project(case.project_id).filter(case=case).count() == 4
    assert set(mails(shared_world, "route")) == set(cases)


@pytest.fixture
def promised(shared_world: World) -> list[str]:
    shared_world.now = timezone.now() - timedelta(minutes=1)
    return [shared_world.open("desk").case.number for _ in range(12)]


def test_a_killed_worker_loses_no_message(
    shared_world: World, promised: list[str], mailbox: Mailbox, tmp_path: Path
) -> None:
    """The first worker dies when the server has a mail and the row is not yet marked; a second goes on."""
    mailbox.slow_from = 4
    with process("steward", "worker", var=tmp_path, mail_port=mailbox.port) as worker:
        until(lambda: len(mailbox.mails) == 4, "the fourth mail")
        worker.send_signal(signal.SIGKILL)
        worker.wait()
    mailbox.slow_from = None
    states = [row.state for row in mails(shared_world).values()]
    assert (states.count("done"), states.count("leased"), states.count("pending")) == (3, 1, 8)

    with process("steward", "worker", var=tmp_path, mail_port=mailbox.port) as worker:
        until(lambda: len(mailbox.mails) >= 12, "all mails")
        until(lambda: outbox.standing() == {"leased": 1}, "all marked but the one in doubt")
        worker.send_signal(signal.SIGTERM)
        assert worker.wait(20) == 0
    run_until_idle(timezone.now() + outbox.LEASE)

    rows = mails(shared_world)
    assert set(rows) == set(promised)
    assert {row.state for row in rows.values()} == {OutboxState.DONE}
    delivered = [key.strip("<>").partition("@")[0] for key in mailbox.keys]
    assert set(delivered) == {str(row.provider_key) for row in rows.values()}
    # One was in doubt and came twice, under the same Message-ID.
    assert len(delivered) == 13


def test_workers_beside_each_other_send_each_mail_once(
    shared_world: World, promised: list[str], mailbox: Mailbox, tmp_path: Path
) -> None:
    mailbox.slow_from = 1
    options: dict[str, Any] = {"var": tmp_path, "mail_port": mailbox.port, "stderr": subprocess.PIPE}
    with process("steward", "worker", **options) as first, process("steward", "worker", **options) as second:
        for one in (first, second):
            wait_ready(one)
        mailbox.slow_from = None
        until(lambda: outbox.standing() == {}, "everything delivered")
        for one in (first, second):
            one.send_signal(signal.SIGTERM)
        assert [first.wait(20), second.wait(20)] == [0, 0]
    assert len(mailbox.keys) == len(set(mailbox.keys)) == len(promised)


def test_sigterm_lets_the_mail_in_hand_arrive(
    shared_world: World, promised: list[str], mailbox: Mailbox, tmp_path: Path
) -> None:
    mailbox.slow_from = 2
    with process("steward", "worker", var=tmp_path, mail_port=mailbox.port) as worker:
        until(lambda: len(mailbox.mails) == 2, "the second mail")
        worker.send_signal(signal.SIGTERM)
        mailbox.slow_from = None
        assert worker.wait(20) == 0
    states = [row.state for row in mails(shared_world).values()]
    assert "leased" not in states
    assert states.count("done") == len(mailbox.mails) < len(promised)


def test_once_does_what_is_due_and_ends(
    shared_world: World, promised: list[str], mailbox: Mailbox, tmp_path: Path
) -> None:
    options: dict[str, Any] = {"var": tmp_path, "mail_port": mailbox.port, "stdout": subprocess.PIPE}
    with process("steward", "worker", "--once", **options) as worker:
        told, _nothing = worker.communicate(timeout=PATIENCE)
    assert f"messages {2 * len(promised)}" in told  # the way of each is found, then it is sent
    assert outbox.standing() == {}
