"""Who has the ball: at every moment of a case, read from its timeline alone."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import pairwise
from typing import Final

from django.utils.translation import gettext as _

from steward.cases.declare import Process, Relation
from steward.cases.models import Case, Entry
from steward.casework.clocks.nextword import SILENCE
from steward.kernel.actor import Role
from steward.registers.workforce.people import colleagues, name_of

#: Lines by which somebody else answers for the case from then on.
TAKEN_OVER: Final = ("accept_handover", "force_handover")


@dataclass(frozen=True)
class Position:
    """How the case stands from ``since`` on. ``reason``: given with the step that led there (why it is put off)."""

    since: datetime
    state: str
    handler_id: int | None
    accountable_id: int | None
    reason: str = ""

    @property
    def key(self) -> tuple[str, int | None, int | None]:
        return self.state, self.handler_id, self.accountable_id


def positions(case: Case, process: Process, entries: Sequence[Entry], *, as_of: datetime) -> list[Position]:
    """In order of time, never empty; what happened after ``as_of`` was not known then."""
    known = [e for e in entries if e.happened_at <= as_of]
    found = [Position(case.received_at, process.initial, None, _first_answering(case, entries))]
    for entry in known:
        last = found[-1]
        fresh = Position(
            since=max(last.since, entry.happened_at),
            state=entry.to_state,
            handler_id=_id(entry.data["handler"]) if "handler" in entry.data else last.handler_id,
            accountable_id=_id(entry.data.get("to")) if entry.action in TAKEN_OVER else last.accountable_id,
            reason=str(entry.data.get("reason") or ""),
        )
        if fresh.key != last.key:
            found.append(fresh)
    if len(known) == len(entries):  # as it stands, whatever the timeline says
        found[-1] = now(case, found[-1])
    return found


def now(case: Case, last: Position | None = None) -> Position:
    since, reason = (last.since, last.reason) if last is not None else (case.updated_at, "")
    return Position(since, case.state, case.handler_id, case.accountable_id, reason)


def _first_answering(case: Case, entries: Sequence[Entry]) -> int | None:
    given = (_id(e.data.get("from")) for e in entries if e.action in TAKEN_OVER)
    return next(given, case.accountable_id)


def _id(value: object) -> int | None:
    """Forms send words, the API numbers; the timeline keeps what was sent."""
    text = str(value or "")
    return int(text) if text.isdecimal() else None


def stretches(
    found: Sequence[Position], start: datetime, end: datetime
) -> Iterator[tuple[datetime, datetime, Position]]:
    """[start, end) cut where the ball passed on; what lies before the first position belongs to it."""
    bounds = [start, *(max(start, min(p.since, end)) for p in found[1:]), end]
    for position, (since, until) in zip(found, pairwise(bounds), strict=True):
        if since < until:
            yield since, until, position


def holders(case: Case, process: Process, here: Position, clock: str = "") -> str:
    """Who is to take the next step: by name where there is one.

    A word to the customer is ours to say, whoever works on it; once the work is done, the first responder sees to
    the rest, as the sweeper warns.
    """
    answers = name_of(here.accountable_id)
    if clock == SILENCE:
        return (name_of(here.handler_id) if here.state not in process.completed_in else "") or answers
    if clock and here.state in process.completed_in:
        return answers
    people, posts = _next(case, process, here)
    return _(" / ").join(dict.fromkeys(people or posts)) or (answers if clock else "")


def _next(case: Case, process: Process, here: Position) -> tuple[list[str], list[str]]:
    """People by name, and the posts any of whose holders may take the step."""
    people: list[str] = []
    posts: list[str] = []
    for action in process.actions:
        if not action.primary or here.state not in action.source or action.reaches() == {here.state}:
            continue
        if Relation.HANDLER in action.by.relations and here.handler_id:
            people.append(name_of(here.handler_id))
        if Relation.CUSTOMER in action.by.relations and case.customer_name:
            people.append(case.customer_name)
        if not action.by.relations:
            people += _first_responder(case, here, action.by.roles)
            posts += [str(Role(role).label) for role in sorted(action.by.roles)]
    return people, posts


def _first_responder(case: Case, here: Position, roles: frozenset[Role]) -> list[str]:
    who = colleagues().get(here.accountable_id or 0)
    return [who.name] if who is not None and any(who.has(role, case.project_id) for role in roles) else []
