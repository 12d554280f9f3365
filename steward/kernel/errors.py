"""The ways a request is refused. Faces translate them: 403, 404, 409, 422."""

from typing import Any


class RefusalError(Exception):
    """Anticipated: the message is for the user, in the user's language."""

    def __init__(self, message: Any = "", *, rule: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.rule = rule

    def __str__(self) -> str:
        return str(self.message)


class NotFoundError(RefusalError):
    """Not there, or out of the actor's scope: the two look alike (404)."""


class NotAllowedError(RefusalError):
    """In scope, but not the actor's to do (403)."""


class ConflictError(RefusalError):
    """Not in this state, or a guard refused; ``rule`` names which (409)."""


class InvalidError(RefusalError):
    """Bad input (422). ``fields`` maps a field's path to its message."""

    def __init__(self, fields: dict[str, Any], message: Any = "") -> None:
        super().__init__(message or next(iter(fields.values()), ""))
        self.fields = fields


class ScopeMissingError(RuntimeError):
    """A programming error: business data was read without naming whose eyes see it."""
