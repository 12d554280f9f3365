"""What a technician does next, by state, and where it stands on the short chain of the phone's pages.

Words and icons only: the engine decides what is possible.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from steward.processes.repair.models import CUSTOMER_PAYS, State
from steward.registers.billing.models import ItemKind


@dataclass(frozen=True)
class Next:
    """The one big button of a state. ``opens``: a form comes first; else one tap does it."""

    action: str
    label: Any
    icon: str
    opens: bool = False


TAKE: Final = Next("take", _("Take this job"), "hand-click")
ACCEPT_WORK: Final = Next("accept_work", _("Look at it and accept"), "checklist", opens=True)
START: Final = Next("start", _("Start work"), "tool")
NEXT: Final[Mapping[str, Next]] = {
    State.DISPATCHED: Next("accept", _("Accept the job"), "check"),
    State.ACCEPTED: Next("arrive", _("I have arrived"), "map-pin"),
    State.ON_SITE: Next("confirm_scope", _("Fault found: agree on the work"), "checklist", opens=True),
    State.SCOPED: Next("quote", _("Work agreed: quote"), "receipt-yuan", opens=True),
    State.QUOTED: Next("consent", _("Customer reads and signs"), "signature", opens=True),
    State.AGREED: START,
    State.WORKING: Next("finish", _("Work done: report"), "circle-check", opens=True),
    State.DONE: Next("confirm_amount", _("Customer confirms the amount"), "signature", opens=True),
    State.WAITING: Next("resume", _("Go on with the job"), "player-play"),
}

#: The chain on the job page, and how many of its links are done in each state.
CHAIN: Final = (
    pgettext_lazy("job chain", "Arrive"),
    pgettext_lazy("job chain", "Quote"),
    pgettext_lazy("job chain", "Consent"),
    pgettext_lazy("job chain", "Work"),
    pgettext_lazy("job chain", "Sign"),
)
REACHED: Final[Mapping[str, int]] = {
    State.RECEIVED: 0,
    State.DISPATCHED: 0,
    State.ACCEPTED: 0,
    State.ON_SITE: 1,
    State.SCOPED: 1,
    State.APPROVING: 1,
    State.QUOTED: 2,
    State.AGREED: 3,
    State.WORKING: 3,
    State.CHECKING: 4,
    State.DONE: 4,
    State.SETTLING: 5,
    State.CLOSED: 5,
    State.CANCELLED: 0,
}
#: States whose work waits for nothing but this technician.
TO_DO: Final = frozenset(NEXT) - {State.WAITING}
#: Of the "more" sheet, in its order: (action, icon).
MORE: Final = (
    ("suspend", "calendar-time"),
    ("give_back", "arrow-back-up"),
    ("contain", "droplet-off"),
    ("quote", "receipt-yuan"),
    ("take_back_quote", "arrow-back-up"),
    ("decline_quote", "circle-x"),
    ("update", "message-dots"),
    ("say", "notes"),
    ("tell", "message-2"),
)
STATE_ICONS: Final[Mapping[str, str]] = {
    State.RECEIVED: "inbox",
    State.WAITING: "player-pause",
    State.APPROVING: "hourglass",
    State.CHECKING: "checklist",
    State.SETTLING: "circle-check",
    State.CLOSED: "circle-check",
    State.CANCELLED: "ban",
}
#: States whose work waits for others of ours, and what the technician reads then.
WAITS: Final[Mapping[str, Any]] = {
    State.APPROVING: _("Above the company's limit: the manager approves the price before the customer sees it."),
    State.CHECKING: _("Your part is done: butler or engineer accepts the work."),
}
# Money and what the customer said of the work are not the technician's to read.
OFFICE_ONLY: Final = frozenset({"pay", "waive", "put_on_bill", "callback", "rate"})
OFFICE_CLOCKS: Final = frozenset({"payment", "callback"})


def needs_no_quote(payer: str, flat_rate_kind: str) -> bool:
    """Free to the customer, or a published flat rate accepted at reporting: the big button starts the work."""
    return payer not in CUSTOMER_PAYS or flat_rate_kind == ItemKind.FLAT


def next_step(state: str, payer: str, flat_rate_kind: str) -> Next | None:
    if state == State.SCOPED and needs_no_quote(payer, flat_rate_kind):
        return START
    return NEXT.get(state)


def icon_of(state: str) -> str:
    step = NEXT.get(state)
    return STATE_ICONS.get(state) or (step.icon if step else "circle")
