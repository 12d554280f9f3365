"""Typed facts: lower floors announce, upper floors listen, in the same transaction.

Handlers must be idempotent: whatever they write carries a unique key derived from the fact.
"""

from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import TypeVar

from steward.kernel.actor import Actor


@dataclass(frozen=True, kw_only=True)
class Fact:
    """Something that happened. ``id`` is stable: announcing it twice is harmless."""

    id: str
    project_id: int
    at: datetime
    actor: Actor


F = TypeVar("F", bound=Fact)
_listeners: dict[type[Fact], list[Callable[..., None]]] = defaultdict(list)


def listens(fact: type[F]) -> Callable[[Callable[[F], None]], Callable[[F], None]]:
    def register(handler: Callable[[F], None]) -> Callable[[F], None]:
        _listeners[fact].append(handler)
        return handler

    return register


def announce(fact: Fact) -> None:
    for handler in _listeners[type(fact)]:
        handler(fact)


def table() -> list[tuple[str, str]]:
    """Every fact and who listens to it: ``steward facts``."""
    return sorted(
        (fact.__name__, f"{h.__module__}.{h.__qualname__}") for fact, handlers in _listeners.items() for h in handlers
    )


def known() -> list[str]:
    """Every fact that is declared, heard or not."""
    found, left = [], list(Fact.__subclasses__())
    while left:
        fact = left.pop()
        found.append(fact.__name__)
        left += fact.__subclasses__()
    return sorted(found)
