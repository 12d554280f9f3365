"""SMS through the configured provider."""

from datetime import datetime

from django.conf import settings

from steward.kernel.models import Outbox
from steward.kernel.outbox import RefusedError, UnclearError, handles
from steward.registers.messaging.ways import mobile
from steward.worker.channels.joining import join_waiting
from steward.worker.channels.ports import Sms, SmsPort
from steward.worker.channels.sms_http import HttpSms, ProviderError


def port() -> SmsPort | None:
    """The configured provider, or None."""
    if not settings.SMS_URL:
        return None
    return HttpSms(
        url=settings.SMS_URL,
        key=settings.SMS_KEY,
        secret=settings.SMS_SECRET,
        status_url=settings.SMS_STATUS_URL,
        timeout=float(settings.SMS_TIMEOUT),
    )


def _can_be_asked() -> bool:
    found = port()
    return found is not None and found.can_be_asked


@handles("message", channel="sms", resends=_can_be_asked)
def sms(row: Outbox, at: datetime) -> None:
    """Send once. After a crash or a cut-off the provider is asked first; one that cannot be asked leaves it unclear.

    Raises RefusedError (no mobile number, refused for good), UnclearError, ProviderError (tried again).
    """
    provider = port()
    if provider is None:
        raise RefusedError("no SMS provider is configured")
    if row.attempts > 1 and provider.can_be_asked and provider.took(row.provider_key):
        return
    join_waiting(row, at)
    message = _sms(row)
    try:
        provider.send(message)
    except UnclearError as error:
        if provider.can_be_asked:
            raise ProviderError(f"{error}; asked again on the next try") from error
        raise


def _sms(row: Outbox) -> Sms:
    to = mobile(str(row.payload.get("to", "")))
    if not to:
        raise RefusedError("not a mobile number")
    key, values = str(row.payload.get("template", "")), row.payload.get("values") or {}
    return Sms(
        key=row.provider_key,
        to=to,
        text=row.body,
        signature=settings.SMS_SIGNATURE,
        template="" if row.payload.get("parts") else settings.SMS_TEMPLATES.get(key, ""),
        values={str(name): str(value) for name, value in values.items()},
    )
