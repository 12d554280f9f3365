"""What the house asks of an SMS provider; one adapter speaks to a generic JSON API (``sms_http``)."""

import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Protocol


@dataclass(frozen=True)
class Sms:
    """One short message. ``key`` stays the same on every try, so that a provider can refuse the second copy.

    ``template`` and ``values`` are for providers that send registered templates only; ``text`` is the whole text.
    """

    key: uuid.UUID
    to: str
    text: str
    signature: str = ""
    template: str = ""
    values: Mapping[str, str] = field(default_factory=dict)


class SmsPort(Protocol):
    """Sends once; raises RefusedError (for good), UnclearError (nobody knows), anything else is tried again."""

    @property
    def can_be_asked(self) -> bool:
        """Can the provider say later whether it took a message?"""

    def send(self, sms: Sms) -> None: ...

    def took(self, key: uuid.UUID) -> bool:
        """Did the provider take the message with this key? Only where it can be asked."""
