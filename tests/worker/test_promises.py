"""Whatever the hour and whatever the provider does: nothing at night, nothing lost, nothing twice."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import settings as examples
from hypothesis import strategies as st
from pytest_django import Settings

from steward.kernel import outbox
from steward.kernel.models import Outbox, OutboxState
from steward.worker.loop import Worker
from tests.worker.test_routing import wang
from tests.world import World

pytestmark = pytest.mark.django_db
CHINA = ZoneInfo("Asia/Shanghai")
DAY = datetime(2026, 11, 20, 16, 0, tzinfo=UTC)  # midnight in Hangzhou

MESSAGES = st.lists(st.tuples(st.integers(0, 48 * 60), st.booleans()), min_size=1, max_size=6)
ANSWERS = st.lists(st.sampled_from(["ok", "busy", "dies"]), max_size=8)


class Phone:
    """A provider that can be asked: takes, is busy, or takes and dies before it answers."""

    can_be_asked = True

    def __init__(self, answers: list[str]) -> None:
        self.answers, self.taken, self.at, self.now = list(answers), [], [], DAY  # type: ignore[var-annotated]

    def took(self, key: object) -> bool:
        return key in [sms.key for sms in self.taken]

    def send(self, sms: object) -> None:
        how = self.answers.pop(0) if self.answers else "ok"
        if how == "busy":
            raise ConnectionError("busy")
        self.taken.append(sms)
        self.at.append(self.now)
        if how == "dies":
            raise outbox.UnclearError("cut off")


@examples(max_examples=15)
@given(messages=MESSAGES, answers=ANSWERS)
def test_no_message_at_night_none_lost_none_twice(
    world: World,
    settings: Settings,
    messages: list[tuple[int, bool]],
    answers: list[str],
) -> None:
    phone = Phone(answers)
    settings.SMS_URL = "http://sms.invalid/"
    Outbox.objects.unscoped().delete()
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr("steward.worker.channels.sms.port", lambda: phone)
        _live_through(world, phone, sorted(messages))
    _judge(world, phone, len(messages))


def _live_through(world: World, phone: Phone, messages: list[tuple[int, bool]]) -> None:
    worker, waiting = Worker(now=lambda: phone.now), list(enumerate(messages))
    for step in range(0, 5 * 24 * 60, 10):
        phone.now = DAY + timedelta(minutes=step)
        while waiting and waiting[0][1][0] <= step:
            number, (_minute, urgent) = waiting.pop(0)
            _promise(world, f"text{number}", phone.now, urgent=urgent)
        while worker._messages(outbox.due_by_channel(phone.now)):
            pass


def _promise(world: World, text: str, at: datetime, *, urgent: bool) -> None:
    payload = {"to": "13805710001", "urgent": urgent, "joins": not urgent, "text": text}
    message = outbox.Message(
        event=text, recipient=f"customer:{wang(world).pk}", channel="sms", subject=text, body=text, payload=payload
    )
    outbox.post([message], project_id=world.project_id, at=at)


def _judge(world: World, phone: Phone, count: int) -> None:
    rows = {row.provider_key: row for row in Outbox.objects.in_project(world.project_id).filter(channel="sms")}
    assert {row.state for row in rows.values()} == {OutboxState.DONE}
    assert len(rows) == count
    keys = [sms.key for sms in phone.taken]
    assert len(keys) == len(set(keys))
    for number in range(count):
        assert sum(f"text{number}" in sms.text for sms in phone.taken) == 1
    for sms, at in zip(phone.taken, phone.at, strict=True):
        local = at.astimezone(CHINA)
        assert rows[sms.key].payload["urgent"] or 8 <= local.hour < 22, local
