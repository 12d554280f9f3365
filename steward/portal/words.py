"""What a resident reads: states and steps in a customer's words, never codes."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any, Final

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy

from steward.cases.models import Case, Channel, Entry
from steward.design.clockface import duration
from steward.design.environment import money
from steward.processes.complaint.models import State as C
from steward.processes.repair.models import CUSTOMER_PAYS, HoldReason
from steward.processes.repair.models import State as R
from steward.registers.workforce.people import name_of
from steward.web.forms import RATINGS


@dataclass(frozen=True)
class Look:
    """A state as a badge and as a headline."""

    badge: Any
    tone: str
    icon: str
    headline: Any


LOOKS: Final[Mapping[str, Mapping[str, Look]]] = {
    "repair": {
        R.RECEIVED: Look(
            gettext_lazy("Being arranged"), "wait", "clock", gettext_lazy("We have it, and are finding a technician")
        ),
        R.DISPATCHED: Look(
            gettext_lazy("Technician found"),
            "wait",
            "user-check",
            gettext_lazy("A technician is found, and will accept soon"),
        ),
        R.ACCEPTED: Look(
            gettext_lazy("Coming to you"), "wait", "walk", gettext_lazy("The technician will come to you")
        ),
        R.ON_SITE: Look(
            gettext_lazy("Technician is there"),
            "brand",
            "search",
            gettext_lazy("The technician is there, looking for the cause"),
        ),
        R.SCOPED: Look(
            gettext_lazy("Being priced"),
            "brand",
            "receipt-yuan",
            gettext_lazy("The cause is found, the price comes next"),
        ),
        # What is approved inside the house is no news to the customer.
        R.APPROVING: Look(
            gettext_lazy("Being priced"),
            "brand",
            "receipt-yuan",
            gettext_lazy("The cause is found, the price comes next"),
        ),
        R.QUOTED: Look(
            gettext_lazy("Waits for you"), "soon", "hand-click", gettext_lazy("The quote is here, please look at it")
        ),
        R.AGREED: Look(gettext_lazy("About to start"), "brand", "tool", gettext_lazy("Agreed, work starts now")),
        R.WORKING: Look(pgettext_lazy("resident", "Being repaired"), "brand", "tool", gettext_lazy("Work is going on")),
        R.WAITING: Look(
            gettext_lazy("New time"), "soon", "calendar-time", gettext_lazy("Not possible now, there is a new time")
        ),
        R.CHECKING: Look(
            pgettext_lazy("resident", "Being checked"),
            "brand",
            "checklist",
            gettext_lazy("It is repaired, and one of us checks it"),
        ),
        R.DONE: Look(
            gettext_lazy("Waits for you"), "soon", "hand-click", gettext_lazy("It is done, please confirm the amount")
        ),
        R.SETTLING: Look(pgettext_lazy("resident", "Repaired"), "ok", "circle-check", gettext_lazy("It is repaired")),
        R.CLOSED: Look(
            pgettext_lazy("resident", "All done"), "ok", "circle-check", pgettext_lazy("resident", "All done")
        ),
        R.CANCELLED: Look(gettext_lazy("Withdrawn"), "", "x", gettext_lazy("This report was withdrawn")),
    },
    "complaint": {
        C.RECEIVED: Look(
            gettext_lazy("Received"), "wait", "clock", gettext_lazy("We have your complaint, and take it up")
        ),
        C.ACKNOWLEDGED: Look(
            gettext_lazy("Taken up"), "wait", "user-check", gettext_lazy("It is taken up, somebody is being put on it")
        ),
        C.ASSIGNED: Look(gettext_lazy("Looked into"), "brand", "search", gettext_lazy("We are looking into it")),
        C.INVESTIGATED: Look(
            gettext_lazy("Looked into"), "brand", "search", gettext_lazy("We know more, our answer comes next")
        ),
        C.ANSWERED: Look(
            gettext_lazy("Answered"), "brand", "message-check", gettext_lazy("This is our answer, now it is put right")
        ),
        C.PLAN_ASKED: Look(
            gettext_lazy("Answered"), "brand", "message-check", gettext_lazy("This is our answer, now it is put right")
        ),
        C.PLANNED: Look(
            gettext_lazy("Planned"),
            "soon",
            "calendar-time",
            gettext_lazy("It takes longer, there is a plan with a date"),
        ),
        C.SOLVED: Look(gettext_lazy("Put right"), "soon", "hand-click", gettext_lazy("It is put right. Do you agree?")),
        C.CLOSED: Look(
            pgettext_lazy("resident", "All done"), "ok", "circle-check", pgettext_lazy("resident", "All done")
        ),
        C.CANCELLED: Look(gettext_lazy("Withdrawn"), "", "x", gettext_lazy("This complaint was withdrawn")),
    },
    "inquiry": {
        "received": Look(
            gettext_lazy("Being answered"), "wait", "clock", gettext_lazy("We have your question, and will answer")
        ),
        "passed_on": Look(
            gettext_lazy("Being looked up"), "wait", "search", gettext_lazy("A colleague is finding it out for you")
        ),
        "answered": Look(gettext_lazy("There is an answer"), "ok", "message-check", gettext_lazy("Here is the answer")),
    },
    "suggestion": {
        "received": Look(
            pgettext_lazy("resident", "Being considered"),
            "wait",
            "clock",
            gettext_lazy("Thank you, we have your suggestion and will decide on it"),
        ),
        "routed": Look(
            pgettext_lazy("resident", "Being considered"),
            "wait",
            "search",
            gettext_lazy("Whoever can act on it has your suggestion"),
        ),
        "answered": Look(
            gettext_lazy("There is an answer"), "ok", "message-check", gettext_lazy("This is what we decided")
        ),
        "cancelled": Look(gettext_lazy("Withdrawn"), "", "x", gettext_lazy("This suggestion was withdrawn")),
    },
    "praise": {
        "received": Look(
            pgettext_lazy("resident", "Received"), "wait", "clock", gettext_lazy("Thank you, we pass your words on")
        ),
        "passed_on": Look(
            pgettext_lazy("resident", "Passed on"),
            "ok",
            "user-heart",
            gettext_lazy("Your words have reached our colleague"),
        ),
    },
    "service_order": {
        "received": Look(
            pgettext_lazy("resident", "Ordered"),
            "wait",
            "clock",
            gettext_lazy("We have your order, and arrange a time"),
        ),
        "arranged": Look(
            pgettext_lazy("resident", "Arranged"), "wait", "calendar-check", gettext_lazy("It is arranged for you")
        ),
        "done": Look(pgettext_lazy("resident", "Done"), "ok", "circle-check", gettext_lazy("Your order is done")),
        "closed": Look(
            pgettext_lazy("resident", "All done"), "ok", "circle-check", pgettext_lazy("resident", "All done")
        ),
        "cancelled": Look(gettext_lazy("Withdrawn"), "", "x", gettext_lazy("This order was called off")),
    },
}
UNKNOWN: Final = Look(gettext_lazy("In progress"), "wait", "clock", gettext_lazy("We are working on it"))

LATE: Final[Mapping[str, Any]] = {
    "response": gettext_lazy("Finding a technician is %(n)s late"),
    "arrival": gettext_lazy("The visit is %(n)s late"),
    "completion": gettext_lazy("The repair is %(n)s late"),
    "approval": gettext_lazy("The quote is %(n)s late"),
    "acceptance": gettext_lazy("Our check of the work is %(n)s late"),
    "callback": gettext_lazy("Our call to you is %(n)s late"),
    "answer": gettext_lazy("The answer is %(n)s late"),
    "silence": gettext_lazy("Our word to you is %(n)s late"),
    "acknowledge": gettext_lazy("Taking it up is %(n)s late"),
    "solution": gettext_lazy("Putting it right is %(n)s late"),
    "plan": gettext_lazy("Putting it right is %(n)s late"),
    "arrange": gettext_lazy("Arranging a time is %(n)s late"),
    "fulfil": gettext_lazy("Your order is %(n)s late"),
    "pass_on": gettext_lazy("Passing it on is %(n)s late"),
}
# The customer's own clocks: we remind, but nobody of us is late. And what is between an authority and us.
THEIRS: Final = frozenset({"consent", "payment", "official"})

LABELS: Final[Mapping[str, Any]] = {
    "before": pgettext_lazy("photo", "Before"),
    "after": pgettext_lazy("photo", "After"),
    "contain": gettext_lazy("First aid"),
    "check": gettext_lazy("Checked"),
    "signature": pgettext_lazy("photo", "Signature"),
}


def look(kind: str, state: str) -> Look:
    return LOOKS.get(kind, {}).get(state, UNKNOWN)


def late(due_at: datetime | None, key: str, now: datetime) -> str:
    """The delay in words, said honestly; empty while the promise still holds."""
    if due_at is None or due_at >= now or key not in LATE:
        return ""
    return str(LATE[key]) % {"n": duration(now - due_at)}


def customer_pays(detail: Any) -> bool:
    """True also while nobody has decided: then a quote may come."""
    return not detail.payer or detail.payer in CUSTOMER_PAYS


def said(entry: Entry, case: Case) -> str:
    """One public line of the timeline as a sentence to the customer."""
    if entry.action == "open":
        return _opened(case)
    if entry.action == "reopen" and case.kind == "complaint":
        return _("Not satisfied: %(reason)s") % {"reason": entry.data.get("reason", "")}
    sentence = ORDER_SAID.get(entry.action) if case.kind == "service_order" else None
    sentence = sentence or SAID.get(entry.action)
    if sentence is None:
        return ""
    values = {"who": entry.actor_name, "person": entry.data.get("person_name") or entry.actor_name}
    values.update(_values(entry))
    return str(sentence) % values


SAID: Final[Mapping[str, Any]] = {
    "take": gettext_lazy("%(who)s has accepted the job"),
    "accept": gettext_lazy("%(who)s has accepted the job"),
    "arrive": gettext_lazy("%(who)s has arrived"),
    "contain": gettext_lazy("First aid: %(what)s"),
    "confirm_scope": gettext_lazy("Cause found: %(cause)s"),
    "quote": gettext_lazy("Quote: %(total)s"),
    "approve_quote": gettext_lazy("Quote: %(total)s"),
    "accept_work": gettext_lazy("%(who)s checked the work"),
    "consent": gettext_lazy("%(person)s agreed to the quote"),
    "decline_quote": gettext_lazy("%(person)s decided against the repair"),
    "start": gettext_lazy("Work has begun"),
    "suspend": gettext_lazy("Put off: %(reason)s"),
    "resume": gettext_lazy("It goes on"),
    "finish": gettext_lazy("Repaired: %(work)s"),
    "confirm_amount": gettext_lazy("%(person)s confirmed the amount of %(amount)s"),
    "pay": gettext_lazy("Paid: %(amount)s"),
    "put_on_bill": pgettext_lazy("resident", "Put on the next bill"),
    "rate": gettext_lazy("Rated: %(rating)s"),
    "evaluate": gettext_lazy("Rated: %(rating)s"),
    "reopen": gettext_lazy("To be done again: %(reason)s"),
    "cancel": gettext_lazy("Withdrawn: %(reason)s"),
    "tell": gettext_lazy("%(who)s wrote to you"),
    "update": gettext_lazy("%(who)s says what comes next"),
    "answer": gettext_lazy("%(who)s answered"),
    "ask_again": gettext_lazy("%(who)s asked again"),
}

ORDER_SAID: Final[Mapping[str, Any]] = {
    "arrange": gettext_lazy("Arranged: %(handler)s takes care of it"),
    "finish": gettext_lazy("Done: %(result)s"),
}


def _opened(case: Case) -> str:
    who = name_of(case.accountable_id)
    if case.channel == Channel.PORTAL:
        return _("You sent this, %(who)s answers for it") % {"who": who}
    if case.channel == Channel.PHONE:
        return _("You called, %(who)s took it") % {"who": who}
    return _("You reported it, %(who)s took it") % {"who": who}


def _values(entry: Entry) -> dict[str, str]:
    data = entry.data
    reason = str(data.get("reason", ""))
    return {
        "handler": name_of(_id(data.get("handler"))),
        "result": str(data.get("result", "")),
        "what": str(data.get("what", "")),
        "cause": str(data.get("cause", "")),
        "work": str(data.get("work_done", "")),
        "reason": str(HoldReason(reason).label) if reason in HoldReason.values else reason,
        "total": amount(data.get("total")),
        "amount": amount(data.get("amount")),
        "rating": str(dict(RATINGS).get(str(data.get("rating", "")), "")),
    }


def _id(value: Any) -> int | None:
    return int(value) if str(value or "").isdecimal() else None


def amount(value: Any) -> str:
    try:
        return money(Decimal(str(value)))
    except ArithmeticError:
        return ""
