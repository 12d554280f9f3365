"""How lines of the timeline are called that no process declares."""

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from steward.cases.declare import Process

BASE_TITLES: Mapping[str, Any] = {
    "open": _("Received"),
    "imported": _("Imported"),
    "warn": _("Deadline warning"),
    "escalate": _("Deadline passed"),
    "settle": _("Refused entry settled"),
    "asked_again": _("Asked again"),
    "reveal": _("Looked at a phone number"),
    "offer_handover": _("Offered to hand over"),
    "accept_handover": _("Took over"),
    "decline_handover": _("Declined to take over"),
    "withdraw_handover": _("Withdrew the hand-over"),
    "force_handover": _("Handed over by order"),
    "ask_subtask": _("Asked others for a part of it"),
    "accept_subtask": _("Accepted the sub-task"),
    "report_subtask": _("Reported back"),
    "decline_subtask": _("Declined the sub-task"),
    "confirm_subtask": _("Confirmed the report"),
    "return_subtask": _("Sent the report back"),
    "drop_subtask": _("Dropped the sub-task"),
    "ring_on_call": _("Rang the colleague on call"),
    "miss_on_call": _("The colleague on call does not come"),
    "confirm_on_call": _("The colleague on call comes"),
}
CLOCK_TITLES: Mapping[str, Any] = {
    "after_rain": pgettext_lazy("clock", "Call after rain"),
    "handover": pgettext_lazy("clock", "Hand-over answered"),
    "subtask": pgettext_lazy("clock", "Sub-task reported back"),
    "on_call": pgettext_lazy("clock", "Answer of the colleague on call"),
}


def clock_title(process: Process | None, key: str) -> str:
    """What a clock is called: as its process declares it, or as the floor around the cases does."""
    rule = process.deadline(key) if process is not None else None
    return str(rule.title if rule is not None else CLOCK_TITLES.get(key, key))
