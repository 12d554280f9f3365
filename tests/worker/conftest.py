from collections.abc import Iterator

import pytest
from pytest_django import Settings

from steward.kernel import reference
from tests.worker.mailbox import Mailbox, mail_server
from tests.worker.provider import SECRET, Provider, sms_provider
from tests.world import World, build_world


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
    yield build_world()
    reference.forget()


@pytest.fixture
def provider(settings: Settings) -> Iterator[Provider]:
    """An SMS provider that cannot be asked later."""
    with sms_provider() as found:
        settings.SMS_URL, settings.SMS_STATUS_URL = f"{found.url}/send", ""
        settings.SMS_KEY, settings.SMS_SECRET, settings.SMS_SIGNATURE = "steward", SECRET, "云栖花园"
        settings.SMS_TIMEOUT = 1
        yield found
