"""What the cases of an incident do together, each by an action of its own process.

A process takes part by declaring :func:`with_incident` (and :func:`incident_over`, where a case can be done without
a visit of its own). Both are the system's to do: the incident does them, for the colleague who said so.
"""

from collections.abc import Callable, Mapping
from dataclasses import replace
from enum import StrEnum
from typing import Final

from django.utils.translation import gettext_lazy as _

from steward.cases.declare import BY_SYSTEM, Action, Guard, Target
from steward.cases.engine import Step
from steward.kernel.actor import SYSTEM, Actor
from steward.kernel.schema import Data, Line, OptionalId, OptionalInstant, Text, ask

JOIN: Final = "with_incident"
OVER: Final = "incident_over"


class Event(StrEnum):
    JOINED = "joined"
    ON_SITE = "on_site"
    NEWS = "news"
    LEFT = "left"


class Together(Data):
    incident: Line = ask(title=_("Incident"))
    event: Event = ask(title=_("What happened"))
    words: Text = ask("", max_length=300, title=_("Words for the customers"))
    expected_at: OptionalInstant = ask(None, title=_("Expected end"))


class Over(Data):
    """``handler``: who saw to the incident, where somebody did."""

    incident: Line = ask(title=_("Incident"))
    handler: OptionalId = ask(None, title=_("Handler"), kind="staff")
    words: Text = ask(max_length=300, title=_("What was done, for the customers"))


def on_behalf_of(actor: Actor) -> Actor:
    """The incident acts; the timeline names who spoke for it."""
    return replace(SYSTEM, key=actor.key, name=actor.name)


def with_incident(source: frozenset[str], meets: Mapping[Event, frozenset[str]]) -> Action:
    """Clocks run together: ``meets`` says which of the case's clocks an event of the incident answers."""

    def effect(step: Step) -> None:
        event = step.data.event
        step.meets |= meets.get(event, frozenset())
        step.case.promised_at = None if event is Event.LEFT else step.data.expected_at
        step.note = step.data.words

    return Action(JOIN, _("With the incident"), source, None, BY_SYSTEM, form=Together, effect=effect, public=True)


def incident_over(
    source: frozenset[str],
    target: Target,
    *,
    guards: tuple[Guard, ...] = (),
    effect: Callable[[Step], None] | None = None,
    targets: frozenset[str] = frozenset(),
) -> Action:
    def over(step: Step) -> None:
        step.note = step.data.words
        step.case.promised_at = None
        if effect is not None:
            effect(step)

    return Action(
        OVER,
        _("Done with the incident"),
        source,
        target,
        BY_SYSTEM,
        form=Over,
        guards=guards,
        effect=over,
        targets=targets,
        public=True,
    )
