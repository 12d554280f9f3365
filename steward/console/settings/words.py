"""What the parts of figures are called, and a value as people say it."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from enum import Enum
from typing import Any, Final, Literal, get_args, get_origin

from django.db.models import Choices
from django.utils import timezone
from django.utils.translation import get_language, gettext_lazy, ngettext, pgettext_lazy
from django.utils.translation import gettext as _

from steward.assurance.policies import CallbackRule
from steward.cases.declare import REGISTRY as PROCESSES
from steward.cases.models import Urgency
from steward.casework.categories import categories
from steward.design.forms import Choice
from steward.kernel.actor import Role
from steward.kernel.clocks.policy import Clock, ClockTable
from steward.kernel.marks import listed, mark
from steward.kernel.policies import Policy
from steward.processes.complaint.models import Severity
from steward.registers.messaging.models import Via
from steward.registers.workforce.people import name_of

HOUR: Final = 60
DAY: Final = 24 * HOUR
AREAS: Final[Mapping[str, Any]] = {
    "case": gettext_lazy("Every case"),
    "callback": gettext_lazy("Callbacks"),
    "messages": gettext_lazy("Messages"),
    "duty": gettext_lazy("Duty"),
    "absence": gettext_lazy("Absences"),
    "weather": gettext_lazy("Weather"),
    "contractor": gettext_lazy("Contractors"),
    "privacy": gettext_lazy("Personal data"),
}
MODES: Final[Mapping[str, Any]] = {
    "natural": gettext_lazy("Day and night"),
    "working": gettext_lazy("Office hours on working days"),
    "daily": gettext_lazy("These hours of every day"),
}
#: part of a figure → its question, its unit, what to know
LABELS: Final[Mapping[str, tuple[Any, Any, Any]]] = {
    "callback.quiet.spans": (
        gettext_lazy("Nobody is called from … to"),
        "",
        gettext_lazy("One stretch a line, like 12:00-14:00; it may pass midnight."),
    ),
    "callback.quiet.urgent_gap_minutes": (
        gettext_lazy("Between two tries for an urgent case at least"),
        gettext_lazy("minutes"),
        "",
    ),
    "callback.quiet.attempts": (
        gettext_lazy("Tries in vain before a callback ends"),
        gettext_lazy("tries"),
        gettext_lazy("Those that are not urgent fall on different days."),
    ),
    "callback.after_rain.hours": (gettext_lazy("Called again after the rain within"), gettext_lazy("hours"), ""),
    "callback.after_rain.fallback_days": (gettext_lazy("Without rain called again after"), gettext_lazy("days"), ""),
    "callback.rules.kinds": (gettext_lazy("Kinds"), "", gettext_lazy("Empty: every one.")),
    "callback.rules.categories": (gettext_lazy("Categories"), "", gettext_lazy("Empty: every one.")),
    "callback.rules.leaks": (gettext_lazy("Leaks"), "", ""),
    "callback.rules.calls": (gettext_lazy("Call back"), "", ""),
    "callback.rules.after_rain": (gettext_lazy("Again after rain"), "", ""),
    "absence.kinds.name": (gettext_lazy("Kind of absence"), "", ""),
    "absence.kinds.private": (gettext_lazy("Others read “absent” only"), "", ""),
    "case.ready_words.text": (gettext_lazy("Sentence"), "", ""),
    "case.ready_words.minutes": (gettext_lazy("Promised after, minutes"), "", ""),
    "case.ready_words.kinds": (gettext_lazy("Kinds"), "", gettext_lazy("Empty: every one.")),
    "case.ready_words.states": (gettext_lazy("States"), "", gettext_lazy("Empty: every one.")),
    "incident.common_cause.hours": (gettext_lazy("Reports within"), gettext_lazy("hours"), ""),
    "incident.common_cause.households": (gettext_lazy("Households from"), gettext_lazy("households"), ""),
    "incident.common_cause.words": (gettext_lazy("Likeness of the words, near each other"), "", gettext_lazy("0 to 1")),
    "incident.common_cause.category": (gettext_lazy("Likeness with the same category"), "", gettext_lazy("0 to 1")),
    "incident.common_cause.anywhere": (gettext_lazy("Likeness anywhere in the project"), "", gettext_lazy("0 to 1")),
    "incident.news.warn_minutes": (gettext_lazy("Reminded before the promised time"), gettext_lazy("minutes"), ""),
    "incident.news.silent_hours": (gettext_lazy("Silent at most"), gettext_lazy("hours"), ""),
    "duty.daily_check.code": (gettext_lazy("Code"), "", ""),
    "duty.daily_check.title": (gettext_lazy("What is checked"), "", ""),
    "privacy.answering.days": (gettext_lazy("Answered within"), gettext_lazy("days"), ""),
    "privacy.answering.cap_days": (gettext_lazy("Extended at most to"), gettext_lazy("days"), ""),
    "privacy.retention.case_years": (gettext_lazy("Cases and callbacks"), gettext_lazy("years"), ""),
    "privacy.retention.money_years": (gettext_lazy("Vouchers and receipts"), gettext_lazy("years"), ""),
    "privacy.retention.sharing_years": (gettext_lazy("Records of data given to others"), gettext_lazy("years"), ""),
    "weather.coordinates.latitude": (
        gettext_lazy("Latitude"),
        "°",
        gettext_lazy("Both empty: no weather service is asked."),
    ),
    "weather.coordinates.longitude": (gettext_lazy("Longitude"), "°", ""),
}
UNITS: Final[Mapping[str, Any]] = {
    "case.happened_at_bound": gettext_lazy("hours"),
    "complaint.collective_from": gettext_lazy("persons"),
    "duty.brief_hour": gettext_lazy("o'clock"),
}
ANY: Final = pgettext_lazy("any of the choices", "All")
LEAKS: Final[Mapping[str, Any]] = {"": ANY, "true": gettext_lazy("Leaks only"), "false": gettext_lazy("Not leaks")}


def area_of(key: str) -> tuple[int, str]:
    """Where a figure stands in the list: its kind of case, or its room."""
    first = key.partition(".")[0]
    if first in PROCESSES:
        return list(PROCESSES).index(first), str(PROCESSES[first].title)
    places = list(AREAS)
    at = places.index(first) if first in AREAS else len(places)
    return len(PROCESSES) + at, str(AREAS.get(first, _("Other")))


def label_of(key: str, path: tuple[str, ...], title: Any) -> tuple[Any, Any, Any]:
    if key in LABELS:
        return LABELS[key]
    if key.startswith("complaint.told.") and path:
        return word_of("complaint.told", path[-1]), "", ""
    return title or (path[-1] if path else key), UNITS.get(key, ""), ""


def choice_of(key: str, kind: Any) -> list[Choice]:
    """The values a question offers, each with its word; empty where anything may be typed."""
    if key.endswith(".leaks"):
        return [(value, label) for value, label in LEAKS.items() if value]
    if kind is bool:
        return [("true", _("Yes")), ("false", _("No"))]
    if get_origin(kind) is Literal:
        return [(str(value), word_of(key, value)) for value in get_args(kind)]
    if isinstance(kind, type) and issubclass(kind, Choices):
        return [(str(value), label) for value, label in kind.choices]
    if isinstance(kind, type) and issubclass(kind, Enum):
        return [(str(item.value), word_of(key, item.value)) for item in kind]
    return []


def word_of(key: str, item: Any) -> str:
    """A code as people call it; one without a word is shown as it is."""
    text = str(getattr(item, "value", item))
    if key.endswith(".kinds"):
        return str(PROCESSES[text].title) if text in PROCESSES else text
    if key.endswith(".categories"):
        language = get_language() or ""
        return next((c.title(language) for c in categories().values() if c.code == text), text)
    if key.endswith(".states"):
        return next((str(p.state_title(text)) for p in PROCESSES.values() if text in p.states.values), text)
    for choices in (Urgency, Via, Role, Severity):
        if text in choices.values:
            return f"{text} {choices(text).label}" if choices is Urgency else str(choices(text).label)
    return str(getattr(item, "label", text))


def code_of(key: str, word: str) -> str:
    """The code for a word typed by people; the word itself where nothing is called so."""
    if key.endswith(".kinds"):
        return next((kind for kind, p in PROCESSES.items() if word in (kind, str(p.title))), word)
    if key.endswith(".categories"):
        return next((c.code for c in categories().values() if word in (c.code, c.name, c.name_en)), word)
    if key == "messages.customer_channels":
        return next((code for code, label in Via.choices if word in (code, str(label))), word)
    if key.endswith(".states"):
        states = (choice for p in PROCESSES.values() for choice in p.states.choices)
        return next((code for code, label in states if word in (code, str(label))), word)
    return word


def span(minutes: int) -> str:
    """Two days, four hours, ninety minutes: the largest unit that fits whole."""
    if minutes and minutes % DAY == 0:
        return ngettext("%(n)s day", "%(n)s days", minutes // DAY) % {"n": minutes // DAY}
    if minutes and minutes % HOUR == 0:
        return ngettext("%(n)s hour", "%(n)s hours", minutes // HOUR) % {"n": minutes // HOUR}
    return ngettext("%(n)s minute", "%(n)s minutes", minutes) % {"n": minutes}


def clock_words(clock: Clock | None) -> str:
    if clock is None:
        return _("no clock")
    words = span(clock.minutes)
    return words if clock.mode == "natural" else f"{words}{mark('（')}{_(MODES[clock.mode])}{mark('）')}"


def spoken(policy: Policy[Any], value: Any) -> list[str]:
    """A value in short lines."""
    if isinstance(value, ClockTable):
        rows = [*((u, value.by_urgency[u]) for u in Urgency.values if u in value.by_urgency), ("", value.default)]
        return [f"{u or (_('others') if value.by_urgency else '')} {clock_words(clock)}".strip() for u, clock in rows]
    if isinstance(value, (list, tuple)) and value and isinstance(value[0], CallbackRule):
        return [rule_words(rule) for rule in value]
    return _listed(policy, policy.dump(value))


def _listed(policy: Policy[Any], raw: Any) -> list[str]:
    if isinstance(raw, Mapping):
        return [_part(policy, name, item) for name, item in raw.items()]
    if isinstance(raw, list) and raw and isinstance(raw[0], Mapping):
        # The shipped ones are written in English; what a company wrote stays as it is.
        words = (str(item.get("title") or next(iter(item.values()))) for item in raw)
        return [listed(_(said) if said else said for said in words)]
    if isinstance(raw, list):
        return [listed(word_of(policy.key, item) for item in _enums(policy, raw)) or _("none")]
    unit = policy.unit or UNITS.get(policy.key, "")
    return [_("not set") if raw is None else f"{raw} {unit}".strip()]


def _enums(policy: Policy[Any], raw: list[Any]) -> Iterable[Any]:
    """The items as the type knows them, which carry their own words."""
    items: Iterable[Any] = policy.parse(raw)
    return items


def _part(policy: Policy[Any], name: str, item: Any) -> str:
    label, unit, _hint = label_of(f"{policy.key}.{name}", (name,), "")
    said = listed(word_of(policy.key, part) for part in item) if isinstance(item, list) else f"{item} {unit}"
    return f"{label}{mark('：')}{said.strip()}"


def rule_words(rule: CallbackRule) -> str:
    """A rule of the callbacks as a sentence."""
    kinds = listed(word_of(".kinds", kind) for kind in rule.kinds) or _("every kind")
    known = {c.code for c in categories().values()}
    about = listed(word_of(".categories", code) for code in rule.categories if code in known)
    leak = "" if rule.leaks is None else LEAKS["true" if rule.leaks else "false"]
    which = f"{kinds}{mark('（')}{about or leak}{mark('）')}" if about or leak else kinds
    if not rule.calls:
        return _("%(which)s: nobody is called") % {"which": which}
    if rule.after_rain:
        return _("%(which)s: called once in time, and again after the first rain") % {"which": which}
    return _("%(which)s: called once in time") % {"which": which}


def day(at: datetime) -> str:
    """The day from which something holds; with its hour where it did not begin at midnight."""
    local = timezone.localtime(at)
    return f"{local:%Y-%m-%d}" if (local.hour, local.minute) == (0, 0) else f"{local:%Y-%m-%d %H:%M}"


def who(key: str) -> str:
    """The name behind an actor's key."""
    kind, _colon, number = key.partition(":")
    if kind == "staff" and number.isdigit():
        return name_of(int(number)) or key
    return _("The system") if key == "system" else key
