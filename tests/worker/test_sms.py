"""SMS through a real HTTP server: what the provider gets, and what happens when it misbehaves."""

from datetime import timedelta

import pytest
from pytest_django import Settings

from steward.kernel import outbox
from steward.kernel.models import Outbox, OutboxState
from steward.worker.loop import run_until_idle
from tests.worker.provider import DIES_AFTER, DIES_BEFORE, SLOW, Provider
from tests.world import World

PHONE = "13805710001"


def promise(world: World, *, event: str = "e", to: str = PHONE, **payload: object) -> None:
    message = outbox.Message(
        event=event, recipient="customer:1", channel="sms", body="报修 YX-1 已受理", payload={"to": to, **payload}
    )
    outbox.post([message], project_id=world.project_id, at=world.now)


def the(world: World, event: str = "e") -> Outbox:
    return Outbox.objects.in_project(world.project_id).get(event=event, channel="sms")


def test_the_provider_gets_a_signed_message_with_a_stable_key(
    world: World, provider: Provider, settings: Settings
) -> None:
    settings.SMS_TEMPLATES = {"repair.received": "T-1001"}
    promise(world, to="138 0571-0001", template="repair.received", values={"number": "YX-1"})
    run_until_idle(world.now)
    (taken,) = provider.taken
    assert taken == {
        "key": str(the(world).provider_key),
        "to": PHONE,
        "text": "报修 YX-1 已受理",
        "sign": "云栖花园",
        "template": "T-1001",
        "values": {"number": "YX-1"},
    }
    assert provider.headers[0]["Idempotency-Key"] == str(the(world).provider_key)
    assert (provider.forged, the(world).state) == (0, OutboxState.DONE)


@pytest.mark.parametrize(
    "answer",
    [(500, ""), (503, "down"), (429, '{"code": "slow"}'), (401, "{}"), (200, '{"code": "busy"}')],
    ids=str,
)
def test_what_may_pass_is_tried_again_under_the_same_key(
    world: World, provider: Provider, answer: tuple[int, str]
) -> None:
    provider.answers = [answer]
    promise(world)
    run_until_idle(world.now)
    assert (the(world).state, provider.taken) == (OutboxState.PENDING, [])
    run_until_idle(world.now + timedelta(minutes=1))
    assert provider.keys == [str(the(world).provider_key)]
    assert the(world).state == OutboxState.DONE


@pytest.mark.parametrize("answer", [(400, "{}"), (404, ""), (422, ""), (200, '{"code": "blacklisted"}')], ids=str)
def test_what_is_refused_for_good_is_not_tried_again(world: World, provider: Provider, answer: tuple[int, str]) -> None:
    provider.answers = [answer]
    promise(world)
    run_until_idle(world.now)
    run_until_idle(world.now + timedelta(days=1))
    assert (the(world).state, the(world).attempts, provider.taken) == (OutboxState.DEAD, 1, [])


def test_a_refused_number_fails_with_the_providers_words(world: World, provider: Provider) -> None:
    provider.refused_numbers = {PHONE}
    promise(world)
    run_until_idle(world.now)
    assert the(world).state == OutboxState.DEAD
    assert "bad_number" in the(world).error


@pytest.mark.parametrize("to", ["", "0571-88001234", "12345", "138057100012"])
def test_what_is_no_mobile_number_is_never_sent(world: World, provider: Provider, to: str) -> None:
    promise(world, to=to)
    run_until_idle(world.now)
    assert (the(world).state, provider.headers) == (OutboxState.DEAD, [])


@pytest.mark.parametrize("how", [DIES_AFTER, DIES_BEFORE, SLOW])
def test_cut_off_in_the_middle_waits_for_a_person(world: World, provider: Provider, how: str) -> None:
    provider.answers = [how]
    promise(world)
    run_until_idle(world.now)
    run_until_idle(world.now + timedelta(days=1))
    assert (the(world).state, the(world).attempts) == (OutboxState.UNKNOWN, 1)


@pytest.mark.parametrize(("how", "sends"), [(DIES_AFTER, 1), (DIES_BEFORE, 2), (SLOW, 1)])
def test_a_provider_that_can_be_asked_is_asked_before_sending_again(
    world: World, provider: Provider, settings: Settings, how: str, sends: int
) -> None:
    settings.SMS_STATUS_URL = f"{provider.url}/status"
    provider.folds = False
    provider.answers = [how]
    promise(world)
    run_until_idle(world.now)
    assert the(world).state == OutboxState.PENDING
    run_until_idle(world.now + timedelta(minutes=1))
    assert the(world).state == OutboxState.DONE
    assert len(provider.headers) == sends
    assert provider.asked == provider.keys == [str(the(world).provider_key)]


def _killed_after_sending(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    with monkeypatch.context() as patched:
        patched.setattr(outbox, "_mark", lambda *_args: pytest.fail("killed here"))
        with pytest.raises(pytest.fail.Exception):
            run_until_idle(world.now)


def test_after_a_crash_nobody_sends_again_by_guess(
    world: World, provider: Provider, monkeypatch: pytest.MonkeyPatch
) -> None:
    promise(world)
    _killed_after_sending(world, monkeypatch)
    run_until_idle(world.now + outbox.LEASE + timedelta(seconds=1))
    assert (the(world).state, len(provider.taken)) == (OutboxState.UNKNOWN, 1)


def test_after_a_crash_the_provider_is_asked(
    world: World, provider: Provider, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings.SMS_STATUS_URL = f"{provider.url}/status"
    provider.folds = False
    promise(world)
    _killed_after_sending(world, monkeypatch)
    run_until_idle(world.now + outbox.LEASE + timedelta(seconds=1))
    assert (the(world).state, len(provider.taken), len(provider.asked)) == (OutboxState.DONE, 1, 1)


def test_a_person_resends_and_the_provider_folds_the_second_copy(world: World, provider: Provider) -> None:
    provider.answers = [DIES_AFTER]
    promise(world)
    run_until_idle(world.now)
    assert outbox.resend(project_id=world.project_id, pk=the(world).pk, at=world.now)
    run_until_idle(world.now)
    assert (the(world).state, len(provider.headers), len(provider.taken)) == (OutboxState.DONE, 2, 1)


def test_nobody_at_the_other_end_delays_but_loses_nothing(world: World, provider: Provider, settings: Settings) -> None:
    right, settings.SMS_URL = settings.SMS_URL, "http://127.0.0.1:1/send"
    promise(world)
    run_until_idle(world.now)
    assert the(world).state == OutboxState.PENDING
    settings.SMS_URL = right
    run_until_idle(world.now + timedelta(minutes=1))
    assert len(provider.taken) == 1


def test_a_wrong_secret_keeps_the_message_until_somebody_puts_it_right(
    world: World, provider: Provider, settings: Settings
) -> None:
    right, settings.SMS_SECRET = settings.SMS_SECRET, "wrong"
    promise(world)
    run_until_idle(world.now)
    assert (provider.forged, the(world).state) == (1, OutboxState.PENDING)
    settings.SMS_SECRET = right
    run_until_idle(world.now + timedelta(minutes=1))
    assert the(world).state == OutboxState.DONE
