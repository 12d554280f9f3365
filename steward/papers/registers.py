"""Registers 登记簿: a filtered list, oldest first, as columns; PDF and Excel are made from the same rows.

Read by keyset in chunks, through ``visible_to`` alone: a register holds what the list shows, and no more.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any, Final, Literal

from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from steward.assurance.models import Callback, CallbackAttempt, CallbackState
from steward.cases.models import Channel, Urgency
from steward.casework import queries
from steward.kernel.actor import Actor, Role
from steward.kernel.errors import NotFoundError
from steward.kernel.privacy import mask_phone
from steward.kernel.scope import ScopedQuerySet
from steward.registers.billing.models import Method, Receipt
from steward.registers.workforce.people import name_of

CHUNK: Final = 2000
Row = Mapping[str, Any]


@dataclass(frozen=True)
class Column:
    """``width`` in characters of Excel; ``say`` makes a cell of the row. ``spare``: left out on narrow paper.

    A code (number, phone) is never broken over lines; an instant breaks between day and hour.
    """

    title: Any
    width: int
    say: Callable[[Row], Any]
    kind: Literal["text", "code", "instant", "money", "number"] = "text"
    spare: bool = False

    @property
    def weight(self) -> int:
        """Share of a line on paper."""
        return 14 if self.kind == "instant" else self.width


@dataclass(frozen=True, kw_only=True)
class Wanted:
    """What a register is narrowed to: the list's own filter for cases, a span of time for the others."""

    projects: frozenset[int]
    cases: queries.CaseFilter = field(default_factory=queries.CaseFilter)
    since: datetime | None = None
    until: datetime | None = None


@dataclass(frozen=True)
class Register:
    name: str
    title: Any
    columns: tuple[Column, ...]
    rows: Callable[[Actor, Wanted], Iterator[Row]]
    roles: frozenset[Role] = frozenset(Role)

    def is_for(self, actor: Actor) -> bool:
        return any(grant.role in self.roles for grant in actor.grants)

    def read(self, actor: Actor, wanted: Wanted) -> Iterator[Row]:
        """Only of projects in which the actor holds a role that may: a cashier here is none next door."""
        return self.rows(actor, replace(wanted, projects=wanted.projects & actor.projects_with(*self.roles)))


def _key(name: str) -> Callable[[Row], Any]:
    return lambda row: row[name]


def _phone(row: Row) -> str:
    return mask_phone(row["reporter_phone"] or "")


def _label(choices: Any, name: str) -> Callable[[Row], str]:
    words = dict(choices.choices)
    return lambda row: str(words.get(row[name], row[name] or ""))


CASES: Final = (
    Column(_("Case number"), 20, _key("number"), "code"),
    Column(_("Received"), 17, _key("received_at"), "instant"),
    Column(_("Channel"), 10, _label(Channel, "channel"), spare=True),
    Column(_("Kind"), 8, _key("kind_title"), spare=True),
    Column(_("Category"), 12, _key("category"), spare=True),
    Column(_("Room"), 14, lambda row: row["unit_label"] or row["place"]),
    Column(_("Reporter"), 10, lambda row: row["reporter_name"] or row["customer_name"]),
    Column(_("Phone"), 14, _phone, "code"),
    Column(_("What was reported"), 36, _key("title")),
    Column(_("Urgency"), 10, _label(Urgency, "urgency"), spare=True),
    Column(_("Answers for it"), 12, _key("accountable_name"), spare=True),
    Column(_("Handles it"), 10, _key("handler_name")),
    Column(_("State"), 12, _key("state_title")),
    Column(_("Due by"), 17, _key("next_due_at"), "instant", spare=True),
    Column(_("Closed"), 17, _key("closed_at"), "instant"),
)
CALLBACKS: Final = (
    Column(_("Case number"), 20, _key("case__number"), "code"),
    Column(_("Room"), 14, lambda row: row["case__unit_label"] or row["case__place"]),
    Column(_("Customer"), 12, _key("case__customer_name")),
    Column(_("What was reported"), 32, _key("case__title")),
    Column(_("Handled by"), 10, lambda row: name_of(row["case__handler_id"])),
    Column(_("Finished"), 17, _key("started_at"), "instant"),
    Column(_("Call by"), 17, _key("due_at"), "instant", spare=True),
    Column(_("Called"), 17, _key("ended_at"), "instant"),
    Column(_("Butler"), 10, lambda row: name_of(row["butler_id"]), spare=True),
    Column(_("Tries"), 6, _key("attempts_made"), "number"),
    Column(_("Outcome"), 12, _label(CallbackState, "state")),
    Column(_("Rating"), 8, _key("rating"), "number"),
    Column(_("What the customer said"), 32, _key("said")),
)
TAKINGS: Final = (
    Column(_("Receipt"), 10, lambda row: f"{row['serial']:06d}"),
    Column(_("Taken"), 17, _key("payment__taken_at"), "instant"),
    Column(_("Source"), 20, _key("payment__charge__source"), "code"),
    Column(_("Room"), 14, lambda row: row["payment__charge__unit__label"] or ""),
    Column(_("Paid by"), 14, _key("payment__payer_name")),
    Column(_("Charged for"), 32, _key("payment__charge__description")),
    Column(_("Way of payment"), 10, _label(Method, "payment__method")),
    Column(_("Amount"), 12, _key("payment__amount"), "money"),
    Column(_("Cashier"), 10, _key("payment__taken_by_name")),
    Column(_("Transaction number"), 20, _key("payment__reference"), spare=True),
    Column(_("Voided"), 17, _key("payment__voided_at"), "instant", spare=True),
)


def _chunks(rows: ScopedQuerySet[Any], moment: str, names: tuple[str, ...]) -> Iterator[list[dict[str, Any]]]:
    """Oldest first, by keyset; one query a chunk, however far it is."""
    last: tuple[datetime, int] | None = None
    while True:
        part = rows
        if last is not None:
            at, pk = last
            # The plain bound first: an index starts there, which it cannot do at an OR.
            part = part.filter(**{f"{moment}__gte": at}).filter(Q(**{f"{moment}__gt": at}) | Q(pk__gt=pk))
        found: list[dict[str, Any]] = list(part.order_by(moment, "pk").values("pk", moment, *names)[:CHUNK])
        if found:
            yield found
        if len(found) < CHUNK:
            return
        last = (found[-1][moment], found[-1]["pk"])


def _cases(actor: Actor, wanted: Wanted) -> Iterator[Row]:
    names = (*(n for n in queries.ROW if n != "received_at"), "reporter_name", "reporter_phone")
    for chunk in _chunks(queries.find(actor, wanted.cases), "received_at", names):
        for row in chunk:
            yield queries.dress(row, actor)


def _callbacks(actor: Actor, wanted: Wanted) -> Iterator[Row]:
    rows = _between(Callback.objects.visible_to(actor), wanted, "started_at")
    names = ("due_at", "ended_at", "butler_id", "attempts_made", "state", "rating")
    of_case = ("number", "unit_label", "place", "customer_name", "title", "handler_id")
    for chunk in _chunks(rows, "started_at", (*names, *(f"case__{n}" for n in of_case))):
        said = _said(actor, [row["pk"] for row in chunk])
        for row in chunk:
            row["said"] = said.get(row["pk"], "")
            yield row


def _said(actor: Actor, callbacks: list[int]) -> dict[int, str]:
    """What was noted at the last try of each. One query a chunk."""
    rows = CallbackAttempt.objects.visible_to(actor).filter(callback_id__in=callbacks).order_by("number")
    return dict(rows.values_list("callback_id", "note"))


TAKINGS_READ: Final = (
    "taken_at",
    "charge__source",
    "charge__unit__label",
    "payer_name",
    "charge__description",
    "method",
    "amount",
    "taken_by_name",
    "reference",
    "voided_at",
)


def _takings(actor: Actor, wanted: Wanted) -> Iterator[Row]:
    rows = _between(Receipt.objects.visible_to(actor), wanted, "issued_at")
    names = ("serial", *(f"payment__{name}" for name in TAKINGS_READ))
    for chunk in _chunks(rows, "issued_at", names):
        yield from chunk


def _between(rows: ScopedQuerySet[Any], wanted: Wanted, moment: str) -> ScopedQuerySet[Any]:
    rows = rows.filter(project_id__in=wanted.projects)
    if wanted.since is not None:
        rows = rows.filter(**{f"{moment}__gte": wanted.since})
    if wanted.until is not None:
        rows = rows.filter(**{f"{moment}__lt": wanted.until})
    return rows


MONEY: Final = frozenset({Role.CASHIER, Role.MANAGER, Role.REGION, Role.HQ})
CALLERS: Final = frozenset({Role.DESK, Role.BUTLER, Role.HEAD_BUTLER, Role.MANAGER, Role.REGION, Role.HQ})
REGISTERS: Final = {
    r.name: r
    for r in (
        Register("cases", _("Register of requests"), CASES, _cases),
        Register("callbacks", _("Register of callbacks"), CALLBACKS, _callbacks, CALLERS),
        Register("takings", _("Register of takings"), TAKINGS, _takings, MONEY),
    )
}


def register_for(name: str, actor: Actor) -> Register:
    """Raises NotFoundError where there is none, or not for this role."""
    found = REGISTERS.get(name)
    if found is None or not found.is_for(actor):
        raise NotFoundError(_("There is no such register."))
    return found
