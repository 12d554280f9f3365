"""Never silent (MISSION DSK-15): on every open case the customer knows what comes next, from whom, and by when.

What customers hate is not waiting but not knowing. A clock runs from one word to the next: every public step
and every message meets it and starts it again; a colleague's update promises the time of the next one.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from django.utils import timezone, translation
from django.utils.translation import gettext as translate
from django.utils.translation import gettext_lazy as _
from django.utils.translation import gettext_noop, pgettext_lazy
from pydantic import BaseModel, ConfigDict

from steward.cases.declare import ACCOUNTABLE, DESK, HANDLER, Action, DeadlineRule, Process, Relation
from steward.cases.engine import Step
from steward.cases.models import Case, Deadline, Entry
from steward.kernel import policies
from steward.kernel.clocks.policy import Clock, ClockTable
from steward.kernel.errors import InvalidError
from steward.kernel.policies import Policy
from steward.kernel.schema import Data, Instant, Text, ask
from steward.registers.messaging import telling
from steward.registers.messaging.templates import Template
from steward.registers.org.tree import place
from steward.registers.workforce.people import name_of

SILENCE: Final = "silence"
UPDATE: Final = "update"
HOUR: Final = 60
CUSTOMERS_LANGUAGE: Final = "zh-hans"

CLOCK: Final = Policy(
    key="case.silence",
    title=_("Every open case: the next word to the customer"),
    type=ClockTable,
    preset=ClockTable(
        default=Clock(minutes=12 * HOUR, mode="daily", hours="08:00-20:00"),
        by_urgency={
            "P0": Clock(minutes=30),
            "P1": Clock(minutes=2 * HOUR),
            "P3": Clock(minutes=36 * HOUR, mode="daily", hours="08:00-20:00"),
        },
    ),
    source="MISSION DSK-15; the minutes are our default: a day, by night only what is urgent",
)
FURTHEST: Final = Policy(
    key="case.silence_furthest",
    title=_("Every open case: how far ahead the next word may be promised"),
    type=int,
    preset=7,
    source="our default: a week; who waits longer hears in between",
    unit=_("days"),
)


class Ready(BaseModel):
    """A sentence at hand: what comes next and in how many minutes we speak again. Empty ``states``: whatever the state."""

    model_config = ConfigDict(frozen=True)

    text: str
    minutes: int
    kinds: tuple[str, ...] = ()
    states: tuple[str, ...] = ()


READY: Final = Policy(
    key="case.ready_words",
    title=_("Every open case: sentences at hand for the next word"),
    type=tuple[Ready, ...],
    preset=(
        Ready(text=gettext_noop("The technician is on the way"), minutes=HOUR, kinds=("repair",), states=("accepted",)),
        Ready(
            text=gettext_noop("A technician comes within the hour"),
            minutes=HOUR,
            kinds=("repair",),
            states=("received", "dispatched", "accepted"),
        ),
        Ready(
            text=gettext_noop("The part arrives tomorrow, then we come at once"),
            minutes=24 * HOUR,
            kinds=("repair",),
            states=("on_site", "scoped", "agreed", "working", "waiting"),
        ),
        Ready(
            text=gettext_noop("We wait for another firm and keep asking"),
            minutes=24 * HOUR,
            states=("on_site", "working", "waiting", "assigned", "investigated", "planned", "answered", "passed_on"),
        ),
        Ready(
            text=gettext_noop("We are looking into it and tell you the result"),
            minutes=8 * HOUR,
            kinds=("complaint", "inquiry"),
        ),
        Ready(text=gettext_noop("We are at it and speak to you again tomorrow"), minutes=24 * HOUR),
    ),
    source="MISSION DSK-15: one tap for the handler; the sentences are ours, a project may choose its own",
)
WORD: Final = Template(
    "case.next_word",
    _("Every case: what comes next"),
    gettext_noop("News on %(number)s"),
    gettext_noop("%(title)s (%(number)s): %(text)s. We speak to you again by %(when)s."),
    gettext_noop("%(number)s: %(text)s, again by %(when)s."),
)


class Update(Data):
    word: Text = ask(min_length=2, max_length=200, title=_("What comes next"))
    next_at: Instant = ask(title=_("We speak again by"))


def is_heard(case: Case) -> bool:
    """Somebody waits for our word: a customer, or whoever reported and left a number."""
    return case.customer_id is not None or bool(case.reporter_phone)


def never_silent(open_in: frozenset[str], *, done_in: frozenset[str] = frozenset()) -> DeadlineRule:
    """The clock on silence of a process: it runs in its open states, until the work is done."""
    return DeadlineRule(
        SILENCE,
        pgettext_lazy("clock", "Next word to the customer"),
        CLOCK,
        runs_in=open_in - done_in,
        met_in=done_in,
        from_received=True,
        renews=True,
        concerns=is_heard,
    )


def update_action(open_in: frozenset[str]) -> Action:
    """One tap: what comes next, and by when we speak again; the customer is told and the clock set to it."""
    return Action(
        UPDATE,
        _("Say what comes next"),
        open_in,
        None,
        DESK | HANDLER | ACCOUNTABLE,
        form=Update,
        effect=_update,
        public=True,
        key="N",
    )


def _update(step: Step) -> None:
    data, case = step.data, step.case
    days = policies.in_force(FURTHEST, lineage=place(case.project_id).lineage, at=step.at).value
    if data.next_at <= step.at:
        raise InvalidError({"next_at": _("Promise a time that lies ahead.")})
    if data.next_at > step.at + timedelta(days=days):
        raise InvalidError({"next_at": _("Nobody should wait so long for a word: at most %(n)s days.") % {"n": days}})
    step.promises[SILENCE] = data.next_at
    step.note = data.word
    if case.customer_id is not None:
        step.tell(
            telling.to_customer(
                WORD,
                event=f"{case.number}:{case.version}:next_word",
                project_id=case.project_id,
                customer_id=case.customer_id,
                case=case.number,
                values={
                    "number": case.number,
                    "title": case.title,
                    "text": data.word,
                    "when": f"{timezone.localtime(data.next_at, place(case.project_id).tz):%m-%d %H:%M}",
                },
            )
        )


def ready_words(case: Case, at: datetime) -> list[tuple[str, datetime]]:
    """Sentences that fit the state, each with an honest time: full quarters of an hour, never in the night.

    In the customer's language, because he is told so.
    """
    words = policies.in_force(READY, lineage=place(case.project_id).lineage, at=at).value
    fitting = [w for w in words if case.kind in (w.kinds or (case.kind,)) and case.state in (w.states or (case.state,))]
    with translation.override(CUSTOMERS_LANGUAGE):
        return [(translate(w.text), _spoken(at + timedelta(minutes=w.minutes), case.project_id)) for w in fitting]


def _spoken(at: datetime, project_id: int) -> datetime:
    """The next quarter of an hour; what would fall into the night is said by nine in the morning."""
    local = timezone.localtime(at, place(project_id).tz).replace(second=0, microsecond=0)
    local += timedelta(minutes=-local.minute % 15)
    if local.hour >= 21:
        local += timedelta(days=1)
    return local.replace(hour=9, minute=0) if local.hour >= 21 or local.hour < 8 else local


@dataclass(frozen=True)
class NextWord:
    """What happens next, who sees to it, and by when the customer hears again (None: no clock runs)."""

    text: str
    who: str
    by: datetime | None


def next_word(case: Case, process: Process, deadlines: Sequence[Deadline], entries: Sequence[Entry]) -> NextWord | None:
    """The customer's view of an open case. An update counts until the state changes; then the road speaks."""
    clock = next((d for d in deadlines if d.key == SILENCE and d.ended_at is None), None)
    if case.closed_at is not None or case.is_imported:
        return None
    # Once the work is done, the rest is the first responder's to see to.
    who = (name_of(case.handler_id) if case.state not in process.completed_in else "") or name_of(case.accountable_id)
    said = _said(case, entries)
    return NextWord(said or _ahead(case, process), who, clock.due_at if clock else None)


def _said(case: Case, entries: Sequence[Entry]) -> str:
    """The customer's own timeline leaves out internal steps: the state tells whether an update still fits."""
    last = next((e for e in reversed(entries) if e.action == UPDATE or e.from_state != e.to_state), None)
    fits = last is not None and last.action == UPDATE and last.to_state == case.state
    return last.note if last is not None and fits else ""


def _ahead(case: Case, process: Process) -> str:
    """The next point of the road, or the customer's own answer where that is what is missing."""
    asked = (a for a in process.actions if a.primary and case.state in a.source and Relation.CUSTOMER in a.by.relations)
    if next(asked, None) is not None:
        return str(_("your answer"))
    road = process.road
    ahead = road[road.index(case.state) + 1 :] if case.state in road else ()
    if ahead:
        # What is usually done now may pass over a point: a question answered at once is not passed on first.
        usual = (a.target for a in process.actions if a.primary and case.state in a.source and a.target in ahead)
        return str(process.milestone(str(next(usual, ahead[0]))))
    return str(process.milestone(case.state))
