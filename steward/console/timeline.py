"""The timeline as sentences: who did what, with the answers of the action's own form as words."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal, InvalidOperation
from enum import Enum
from typing import Any, Final, get_args

from django.db import models
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import get_language, ngettext, pgettext
from django.utils.translation import gettext as _
from pydantic.fields import FieldInfo

from steward.cases.declare import Process
from steward.cases.models import Entry
from steward.casework.categories import category_by_code
from steward.casework.models import HandoverCause
from steward.casework.screens import Screen, by_name
from steward.casework.words import BASE_TITLES, clock_title
from steward.design.clockface import when
from steward.design.environment import money
from steward.kernel.actor import ActorKind, Role
from steward.kernel.schema import Data, Label
from steward.registers.knowledge.articles import articles
from steward.registers.workforce.away import told_words
from steward.registers.workforce.people import name_of
from steward.web.cases import CaseView
from steward.web.forms import RATINGS, kind_of

ICONS: Final = {
    "open": "headset",
    "imported": "file-text",
    "warn": "alarm",
    "escalate": "arrow-up-right",
    "assess": "adjustments-horizontal",
    "dispatch": "user-share",
    "take": "user-check",
    "accept": "user-check",
    "give_back": "arrow-back-up",
    "arrive": "map-pin",
    "contain": "droplet-off",
    "confirm_scope": "checklist",
    "quote": "file-invoice",
    "consent": "signature",
    "decline_quote": "circle-x",
    "approve_quote": "circle-check",
    "refuse_quote": "circle-x",
    "take_back_quote": "arrow-back-up",
    "accept_work": "checklist",
    "refuse_work": "rotate-clockwise",
    "start": "player-play",
    "suspend": "player-pause",
    "resume": "player-play",
    "finish": "tool",
    "confirm_amount": "checks",
    "pay": "cash",
    "waive": "hand-stop",
    "put_on_bill": "receipt",
    "callback": "phone-outgoing",
    "rate": "star",
    "reopen": "rotate-clockwise",
    "cancel": "ban",
    "say": "message-2",
    "tell": "message-dots",
    "answer": "message-check",
    "pass_on": "transfer",
    "asked_again": "phone-incoming",
    "reveal": "eye",
    "update": "message-dots",
    "ask_subtask": "users",
    "accept_subtask": "user-check",
    "report_subtask": "message-report",
    "decline_subtask": "circle-x",
    "confirm_subtask": "checks",
    "return_subtask": "arrow-back-up",
    "drop_subtask": "ban",
    "offer_handover": "transfer",
    "accept_handover": "user-check",
    "decline_handover": "circle-x",
    "withdraw_handover": "arrow-back-up",
    "force_handover": "user-share",
}
TONES: Final = {"asked_again": "soon", "warn": "soon", "escalate": "late", "reopen": "late"}
# Answers that another part of the page already shows, or that mean nothing to people.
UNSAID: Final = frozenset({"quote_hash", "text", "answer", "lines", "client_uuid", "word"})
OPENING: Final = frozenset({"channel", "payer", "flat_rate", "origin", "receiver_name", "about", "told_amount"})


@dataclass(frozen=True)
class Event:
    at: datetime
    day: str  # set on the first event of a day
    icon: str
    tone: str
    actor: str
    title: str
    facts: list[tuple[str, str]]
    note: str
    public: bool
    kinds: str
    late: str  # when it was written down, if that was later


def events(view: CaseView, screen: Screen, at: datetime) -> list[Event]:
    """The newest first, as it reads while somebody waits on the phone."""
    made: list[Event] = []
    last = ""
    for entry in reversed(view.entries):
        local = timezone.localtime(entry.happened_at)
        day = (
            date_format(local, "Y-m-d l") if local.year != timezone.localtime(at).year else date_format(local, "m-d l")
        )
        made.append(_event(entry, view, screen, "" if day == last else day))
        last = day
    return made


def _event(entry: Entry, view: CaseView, screen: Screen, day: str) -> Event:
    money_too = ["money"] if entry.action in screen.money else []
    return Event(
        at=entry.happened_at,
        day=day,
        icon=ICONS.get(entry.action, "circle-dot"),
        tone=TONES.get(entry.action, ""),
        actor=_("System") if entry.actor_kind == ActorKind.SYSTEM else entry.actor_name,
        title=view.title_of(entry),
        facts=list(_facts(entry, view)),
        note=entry.note,
        public=entry.is_public,
        kinds=" ".join(["public" if entry.is_public else "internal", *money_too]),
        late=when(entry.recorded_at, entry.happened_at) if entry.is_late_entry else "",
    )


def _facts(entry: Entry, view: CaseView) -> Iterator[tuple[str, str]]:
    data, process = by_name(_with_category(entry.data or {}, view)), view.process
    if entry.action in ("warn", "escalate"):
        yield from _of_clock(data, process)
    elif entry.action == "open":
        yield from _answers(process.open_form, data, only=OPENING)
    elif entry.action not in BASE_TITLES:
        action = process.action(entry.action)
        if action is not None:
            yield from _answers(action.form, data)
    yield from _of_people(data)
    if "whose" in data:
        yield "", str(data["whose"])
    if "total" in data:
        yield _("Total"), money(Decimal(data["total"]))
    if "receipt" in data:
        yield _("Receipt"), str(data["receipt"])


def _with_category(data: Mapping[str, Any], view: CaseView) -> Mapping[str, Any]:
    """The store keeps a category's code."""
    found = category_by_code(view.case.kind, str(data.get("category", "")), view.case.project_id)
    return {**data, "category": found.title(get_language() or "")} if found else data


def _of_people(data: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """Of whom a part is asked; from whom to whom a case is handed over; who joined with a room alone."""
    if "member_name" in data and not {"member", "name"} & {name for name, value in data.items() if value}:
        yield "", str(data["member_name"])
    if "subtask" in data:
        yield "", f"#{data.get('serial')} {_asked_of(data)}"
    if "handover" in data:
        yield "", " → ".join(filter(None, (name_of(data.get("from")), name_of(data.get("to")))))
        if data.get("cause"):
            yield pgettext("hand-over", "Cause"), str(HandoverCause(data["cause"]).label)
        if data.get("absent"):
            yield "", told_words(data["from"], data["absent"])


def _asked_of(data: Mapping[str, Any]) -> str:
    role = str(data.get("role") or "")
    return (
        name_of(data.get("of")) or str(data.get("by") or "") or (str(Role(role).label) if role in Role.values else "")
    )


def _of_clock(data: Mapping[str, Any], process: Process) -> Iterator[tuple[str, str]]:
    key = str(data.get("deadline", ""))
    if key:
        yield _("Clock"), clock_title(process, key)
    told = [name_of(int(key.partition(":")[2])) for key in data.get("to", ()) if key.startswith("staff:")]
    if told:
        yield _("told"), _(", ").join(filter(None, told))


def _answers(
    form: type[Data], data: Mapping[str, Any], only: frozenset[str] = frozenset()
) -> Iterator[tuple[str, str]]:
    for name, info in form.model_fields.items():
        value = data.get(name)
        if name in UNSAID or value in (None, "", []) or (only and name not in only):
            continue
        words = say(value, info)
        label = info.json_schema_extra
        if words:
            yield (str(label.title) if isinstance(label, Label) else name), words


def say(value: Any, info: FieldInfo) -> str:
    """A stored answer in words; the store keeps JSON."""
    kind = kind_of(info)
    choices = _choices(info.annotation) or (RATINGS if kind == "rating" else ())
    if choices:
        return next((str(label) for key, label in choices if str(key) == str(value)), str(value))
    if isinstance(value, list):
        return ngettext("%(n)s picture", "%(n)s pictures", len(value)) % {"n": len(value)}
    return WORDS.get(kind, str)(value)


def _choices(annotation: Any) -> Sequence[tuple[Any, Any]]:
    """Of an enumeration, wherever it stands in the annotation."""
    if isinstance(annotation, type) and issubclass(annotation, Enum):
        return list(annotation.choices) if issubclass(annotation, models.Choices) else []
    return next((found for part in get_args(annotation) if (found := _choices(part))), [])


def _instant(text: str) -> str:
    try:
        return f"{timezone.localtime(datetime.fromisoformat(text)):%m-%d %H:%M}"
    except ValueError:
        return text


def _amount(value: Any) -> str:
    try:
        return money(Decimal(str(value)))
    except InvalidOperation:
        return str(value)


def _question(pk: int) -> str:
    found = articles().get(pk)
    return found.question if found else str(pk)


WORDS: Final[Mapping[str, Callable[[Any], str]]] = {
    "hidden": lambda _value: "",
    "signature": lambda _value: _("signed"),
    "staff": lambda value: name_of(int(value)),
    "article": lambda value: _question(int(value)),
    "bool": lambda value: _("Yes") if value else _("No"),
    "datetime": lambda value: _instant(str(value)),
    "money": _amount,
}
