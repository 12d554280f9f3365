from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pytest
from pytest_django import Settings

from steward.kernel import reference
from steward.kernel.actor import SYSTEM
from steward.kernel.policies import Policy, set_policy
from steward.registers.messaging import policies
from tests.worker.mailbox import Mailbox, mail_server
from tests.worker.provider import SECRET, Provider, sms_provider
from tests.world import World, build_world


def always(world: World, policy: Policy[Any], value: Any) -> None:
    """A policy for the whole company, in force all along."""
    long_ago = datetime(2020, 1, 1, tzinfo=UTC)
    set_policy(policy, value=value, node_id=None, actor=SYSTEM, effective_from=long_ago, at=world.now)


@pytest.fixture
def mailbox(settings: Settings) -> Iterator[Mailbox]:
    """Django's real SMTP backend, talking to a real server."""
    with mail_server() as box:
        settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
        settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", box.port
        settings.DEFAULT_FROM_EMAIL = "云栖花园 <service@steward.example>"
        yield box


@pytest.fixture
def shared_world(transactional_db: None) -> Iterator[World]:
    """The cast, committed, so that other connections and processes see it."""
    reference.forget()
    made = build_world()
    # Run against the real clock: whatever the hour, every message goes at once and by itself.
    always(made, policies.QUIET, "00:00-00:00")
    always(made, policies.MERGE, 0)
    yield made
    reference.forget()


@pytest.fixture
def provider(settings: Settings) -> Iterator[Provider]:
    """An SMS provider that cannot be asked later."""
    with sms_provider() as found:
        settings.SMS_URL, settings.SMS_STATUS_URL = f"{found.url}/send", ""
        settings.SMS_KEY, settings.SMS_SECRET, settings.SMS_SIGNATURE = "steward", SECRET, "云栖花园"
        settings.SMS_TIMEOUT = 1
        yield found
