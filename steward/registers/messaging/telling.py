"""Telling somebody in the words of a template: the message as it stands in the app, ready to be carried out."""

from typing import Any

from django.conf import settings

from steward.kernel.outbox import Message
from steward.registers.messaging.routing import DEFAULT_LANGUAGE
from steward.registers.messaging.templates import Template, words_of
from steward.registers.org.tree import place


def to_customer(
    template: Template,
    *,
    event: str,
    project_id: int,
    customer_id: int,
    case: str,
    values: dict[str, Any],
    path: str = "",
) -> Message:
    """In the customer's inbox; the worker carries it to phone or mailbox. ``path``: a single-use link to open."""
    plain = {name: str(value) for name, value in values.items()}
    words = words_of(template, lineage=place(project_id).lineage, language=DEFAULT_LANGUAGE).filled(plain)
    return Message(
        event=event,
        recipient=f"customer:{customer_id}",
        channel="inapp",
        subject=words.subject,
        body=words.body + (f"\n{settings.PUBLIC_URL}{path}" if path else ""),
        payload={"case": case, "path": path, "template": template.key, "values": plain},
    )
