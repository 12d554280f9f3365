"""What a kind of case may add to its page: a chain of steps, people, and what forms begin with. Plain data.

A process without an entry here is shown whole by its declaration alone.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import Any, Final, Literal

from steward.cases.models import Case
from steward.kernel.actor import Actor, Role


def by_name(data: Mapping[str, Any]) -> Mapping[str, Any]:
    """Of one among several a line keeps the number, and the name of the day: people read the name."""
    return {**data, "member": data["member_name"]} if "member" in data and "member_name" in data else data


@dataclass(frozen=True, kw_only=True)
class Link:
    """One link of the chain: past (done), present (now) or future."""

    title: Any
    icon: str
    status: Literal["done", "now", ""] = ""
    headline: Any = ""
    lines: Sequence[tuple[str, Decimal]] = ()
    notes: Sequence[Any] = ()
    foot: Any = ""


@dataclass(frozen=True, kw_only=True)
class Chain:
    title: Any
    note: Any = ""
    links: Sequence[Link] = ()


Party = tuple[Any, str, Any]  # role, name, note


@dataclass(frozen=True, kw_only=True)
class Screen:
    """``begin``: what an action's form begins with; ``choices``: by field, where the type alone offers too much."""

    chain: Callable[[Case, Any, datetime], Chain | None] = lambda _case, _detail, _at: None
    begin: Callable[[str, Case, Any, Actor], Mapping[str, Any]] = lambda _name, _case, _detail, _actor: {}
    choices: Callable[[str, Case, Any, Actor], Mapping[str, Sequence[tuple[str, Any]]]] = (
        lambda _name, _case, _detail, _actor: {}
    )
    # Questions that are not this colleague's to answer.
    leave_out: Callable[[str, Case, Any, Actor], frozenset[str]] = lambda _name, _case, _detail, _actor: frozenset()
    # Actions that could only be refused now: no button for them.
    out_of_place: Callable[[Case, Any], frozenset[str]] = lambda _case, _detail: frozenset()
    people: Callable[[Case, Any], Sequence[Party]] = lambda _case, _detail: ()
    # Who is offered where an action names a colleague.
    helpers: Mapping[str, Role] = field(default_factory=dict)
    money: frozenset[str] = frozenset()
    # The sentence of whose turn it is, where a figure belongs into it: by state.
    turn: Callable[[Case, Any], Any] = lambda _case, _detail: ""
    # The action by which somebody is sent at once with a case just taken, and the steps up to it for one colleague.
    sends: str = ""
    sending: Callable[[Case, Any, int], Sequence[tuple[str, Mapping[str, Any]]]] = lambda _case, _detail, _staff: ()
    # What is settled on the phone itself: the action, and the one field it asks.
    at_once: tuple[str, str] = ("", "")


PLAIN: Final = Screen()
SCREENS: Final[dict[str, Screen]] = {}


def screen_of(kind: str) -> Screen:
    return SCREENS.get(kind, PLAIN)
