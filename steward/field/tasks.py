"""Cases of any kind beside repairs, as their handler does them on the phone: by the process's own declaration."""

from collections.abc import Collection
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Any, Final, Self

from django.utils.translation import gettext_lazy as _

from steward.cases.declare import Action, Nothing, Process, Relation, process_of
from steward.cases.models import Entry
from steward.field.job import Job
from steward.field.steps import OFFICE_ONLY, Next
from steward.web.forms import questions

#: Done once without the state moving, and where that is written; their order is that of the work.
ONCE: Final = {"accept": "accepted_at", "arrive": "arrived_at"}
#: What may be said at any time: behind "more", never the next thing to do.
ASIDE: Final = frozenset({"update", "say", "tell", "give_back"})
ICONS: Final = {
    "accept": "check",
    "arrive": "map-pin",
    "finish": "circle-check",
    "answer": "message-check",
    "investigate": "search",
    "solve": "circle-check",
    "ask_plan": "calendar-time",
    "give_back": "arrow-back-up",
    "update": "message-dots",
    "say": "notes",
    "tell": "message-2",
}
LABELS: Final[dict[tuple[str, str], Any]] = {
    ("service_order", "accept"): _("Accept the order"),
    ("service_order", "arrive"): _("I am there"),
    ("service_order", "finish"): _("Done: report"),
}
# Asked at a desk, with lists to choose from.
LEFT_OUT: Final = frozenset({"article"})


def handled(process: Process) -> list[Action]:
    """What the handler may do, whatever the state: the next things first, in the order of the work."""
    mine = [a for a in process.actions if Relation.HANDLER in a.by.relations]
    return sorted(mine, key=lambda a: (a.name in ASIDE, a.name not in ONCE, not a.primary))


def next_of(kind: str, state: str, done: Collection[str]) -> Next | None:
    """The one big button: the first that this state allows and that was not done yet."""
    process = process_of(kind)
    steps = [a for a in handled(process) if a.name not in ASIDE] if process else []
    found = next((a for a in steps if state in a.source and not (a.name in ONCE and a.name in done)), None)
    return button(kind, found) if found else None


def button(kind: str, action: Action) -> Next:
    label = LABELS.get((kind, action.name), action.title)
    return Next(action.name, label, ICONS.get(action.name, "circle-dot"), opens=action.form is not Nothing)


@dataclass
class Task(Job):
    """A case of another kind; what a job's page shows of people, place and clocks holds here too."""

    @classmethod
    def of(cls, job: Job) -> Self:
        return cls(**{name: getattr(job, name) for name in Job.__dataclass_fields__})

    @property
    def detail(self) -> Any:
        return self.view.detail

    @property
    def kind(self) -> str:
        return self.view.process.kind

    def steps(self) -> list[Action]:
        """With their forms in this document: the phone goes on without network."""
        return [a for a in handled(self.view.process) if self.mine]

    def buttons(self) -> list[tuple[Next, Action, bool]]:
        """(button, action, is it the one to press now), in the order of the work."""
        now = next_of(self.kind, self.state, self._done()) if self.mine else None
        nexts = [a for a in self.steps() if a.name not in ASIDE and not (a.name in ONCE and a.name in self._done())]
        return [(button(self.kind, a), a, now is not None and a.name == now.action) for a in nexts]

    def _done(self) -> set[str]:
        return {name for name, column in ONCE.items() if getattr(self.detail, column, None) is not None}

    def others(self) -> list[tuple[Action, str]]:
        """Behind "more": everything with a form; the big button may be another of them."""
        return [(a, ICONS.get(a.name, "circle-dot")) for a in self.steps() if a.form is not Nothing]

    def states_of(self) -> dict[str, str]:
        process = self.view.process
        return {str(state): str(process.state_title(state)) for state in process.states.values}

    def icon(self) -> str:
        return "circle-check" if self.case.closed_at else "circle-dot"

    def form(self, name: str) -> list[Any]:
        action = self.view.process.action(name)
        if action is None:
            return []
        typed = self.values if self.step == name else {}
        asked = questions(action.form, actor=self.actor, values=typed, errors=self.errors(name), leave_out=LEFT_OUT)
        asked.sort(key=lambda f: f.kind != "photos")  # the photo first
        return [replace(f, max_files=12) if f.kind == "photos" else f for f in asked]

    def entries(self) -> list[tuple[str, Entry]]:
        told = [e for e in self.view.entries if e.action not in OFFICE_ONLY]
        return [(self.view.title_of(e), e) for e in reversed(told)][:30]

    # --- what was ordered ------------------------------------------------------------------------
    def ordered(self) -> dict[str, Any] | None:
        """Item, quantity, published price and what it comes to; None where nothing is sold."""
        if self.kind != "service_order" or self.detail is None:
            return None
        d = self.detail
        quantity: Decimal = d.quantity
        return {
            "name": d.item_name,
            "quantity": f"{quantity.normalize():f}",
            "unit": d.item_unit,
            "price": d.unit_price,
            "amount": d.amount,
            "list": d.price_version,
            "wanted": (d.wanted_from, d.wanted_until),
            "appointment": d.appointment_at,
            "result": d.result,
        }
