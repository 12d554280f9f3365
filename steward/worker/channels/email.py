"""E-mail by SMTP."""

import smtplib
from datetime import datetime
from email.utils import format_datetime, parseaddr
from typing import Final

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.mail import EmailMessage
from django.core.validators import validate_email

from steward.kernel.models import Outbox
from steward.kernel.outbox import RefusedError, handles
from steward.worker.channels.joining import join_waiting

PERMANENT: Final = range(500, 600)


@handles("message", channel="email", resends=True)
def email(row: Outbox, at: datetime) -> None:
    """Send by SMTP, in the words chosen when it was promised (the customer's language, with the link).

    SMTP resends by itself after a crash between send and mark, because nobody can ask a mail server later whether
    it took a message, and a quote that never arrives stops the repair, whereas one that arrives twice carries the
    same Message-ID and the same single-use link: mail programs fold the two, and the link works once.
    Raises RefusedError for an address that is wrong for good.
    """
    to = str(row.payload.get("to", ""))
    try:
        validate_email(to)
    except ValidationError as error:
        raise RefusedError(f"no address: {to!r}") from error
    join_waiting(row, at)
    message = EmailMessage(
        subject=" ".join(row.subject.split()),  # a line break in a header is refused
        body=row.body,
        to=[to],
        headers={
            "Message-ID": f"<{row.provider_key}@{_domain()}>",
            "Date": format_datetime(row.created_at),
            "Auto-Submitted": "auto-generated",
        },
    )
    try:
        message.send()
    except smtplib.SMTPRecipientsRefused as error:
        _raise_if_permanent([code for code, _text in error.recipients.values()], error)
        raise
    except smtplib.SMTPDataError as error:
        _raise_if_permanent([error.smtp_code], error)
        raise


def _raise_if_permanent(codes: list[int], error: Exception) -> None:
    """5xx is for good, 4xx (grey-listing, mailbox full) is tried again."""
    if codes and all(code in PERMANENT for code in codes):
        raise RefusedError(str(error)) from error


def _domain() -> str:
    """Of the sender: it stays the same whatever machine sends."""
    return parseaddr(settings.DEFAULT_FROM_EMAIL)[1].rpartition("@")[2] or "localhost"
