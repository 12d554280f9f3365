"""补录: a signed paper sheet, or a day without network, entered afterwards.

Every step goes through the one write path at the instant it really happened, so that every rule and clock holds as if
it had been done then; whoever typed it in stands in the timeline. The signed sheet's photo is the proof: for consent,
amount and pictures alike.
"""

import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any, Final

from django.utils.translation import gettext_lazy as _

from steward.cases import engine
from steward.cases.engine import Outcome
from steward.cases.models import Channel, Entry, Urgency
from steward.casework.intake.opening import open_case
from steward.kernel.actor import Actor, Grant, Role
from steward.kernel.db import retrying
from steward.kernel.errors import InvalidError, NotAllowedError
from steward.kernel.schema import Data, Id, Instant, Line, Money, OptionalId, OptionalInstant, Text, ask, parse
from steward.processes.repair.approving import APPROVERS
from steward.processes.repair.forms import PartData, QuoteLineData
from steward.processes.repair.guards import PAPER
from steward.processes.repair.models import CUSTOMER_PAYS, ConsentWay, Payer, State
from steward.registers.billing.models import ItemKind
from steward.registers.workforce.people import Colleague, colleagues

WORK: Final = frozenset(
    {State.ACCEPTED, State.ON_SITE, State.SCOPED, State.QUOTED, State.AGREED, State.WORKING, State.WAITING}
)
OFFICE: Final = (Role.DESK, Role.BUTLER, Role.HEAD_BUTLER, Role.MANAGER)


class PaperWork(Data):
    """What a filled-in job sheet says."""

    handler: Id = ask(title=_("Technician"), kind="staff")
    accepted_at: OptionalInstant = ask(None, title=_("Accepted at"))
    arrived_at: Instant = ask(title=_("Arrived at"))
    cause: Text = ask(min_length=2, max_length=1000, title=_("Cause"))
    scope: Text = ask(min_length=2, max_length=1000, title=_("Work agreed together"))
    lines: list[QuoteLineData] = ask(default=[], max_length=40, title=_("Items of the quote"), kind="lines")
    agreed_at: OptionalInstant = ask(None, title=_("Agreed at"), description=_("When the customer signed the quote"))
    ceiling: Money | None = ask(None, title=_("Not more than (yuan)"), description=_("If the customer wrote a ceiling"))
    approver: OptionalId = ask(
        None, title=_("Approved by"), description=_("Above the limit: the manager who signed the sheet"), kind="staff"
    )
    person_name: Line = ask(min_length=1, max_length=60, title=_("Who signed"))
    relation: Line = ask(min_length=1, max_length=20, title=_("Relation to the customer"))
    finished_at: Instant = ask(title=_("Finished at"))
    work_done: Text = ask(min_length=2, max_length=2000, title=_("What was done"))
    labour_minutes: int = ask(ge=0, le=100_000, title=_("Labour (minutes)"))
    parts: list[PartData] = ask(default=[], max_length=40, title=_("Parts used"), kind="lines")
    amount: Money | None = ask(None, title=_("Amount, if less than agreed"))
    site_cleaned: bool = ask(title=_("The site is clean"))
    sheet: list[Id] = ask(min_length=1, max_length=6, title=_("Photo of the signed sheet"), kind="photos")

    @property
    def accepted(self) -> datetime:
        return self.accepted_at or self.arrived_at

    @property
    def agreed(self) -> datetime:
        return self.agreed_at or self.arrived_at


class PaperCase(PaperWork):
    """A report that was taken on paper too."""

    unit: Line = ask("", title=_("Unit"), description=_("Room as in 3-2-1201"))
    place: Line = ask("", title=_("Place"))
    title: Line = ask(min_length=1, title=_("What is it about"))
    received_at: Instant = ask(title=_("Received at"))
    urgency: Urgency = ask(title=_("Urgency"))
    payer: Payer = ask(title=_("Who pays"))
    flat_rate: Line = ask("", title=_("Flat rate accepted"))
    reporter_name: Line = ask("", title=_("Reporter"))
    reporter_phone: Line = ask("", max_length=20, title=_("Phone"))


@dataclass(frozen=True)
class Sheet:
    project_id: int
    actor: Actor
    at: datetime
    client_uuid: uuid.UUID


def enter_sheet(
    *, project_id: int, number: str, actor: Actor, at: datetime, client_uuid: uuid.UUID, data: Mapping[str, Any]
) -> Outcome:
    """Carry a case from where it stands to the end of the work, as the signed sheet says; all of it or nothing.

    Raises NotFoundError, NotAllowedError (not the office), InvalidError (naming the field of the sheet),
    ConflictError. The same ``client_uuid`` again returns the case as it stands.
    """
    sheet = Sheet(project_id, actor, at, client_uuid)
    return retrying(lambda: _enter(sheet, number, parse(PaperWork, data)))


def enter_case(
    *, project_id: int, actor: Actor, at: datetime, client_uuid: uuid.UUID, data: Mapping[str, Any]
) -> Outcome:
    """A report and its work, both from paper. Raises as :func:`enter_sheet`."""
    sheet = Sheet(project_id, actor, at, client_uuid)
    return retrying(lambda: _open_and_enter(sheet, parse(PaperCase, data)))


def _open_and_enter(sheet: Sheet, data: PaperCase) -> Outcome:
    _ensure_office(sheet)
    opened = open_case(
        project_id=sheet.project_id,
        kind="repair",
        actor=sheet.actor,
        at=sheet.at,
        client_uuid=_uuid(sheet, "open"),
        data={
            **{n: getattr(data, n) for n in ("title", "unit", "place", "flat_rate", "reporter_name", "reporter_phone")},
            "channel": Channel.PHONE.value,
            "urgency": data.urgency.value,
            "payer": data.payer.value,
            "received_at": data.received_at.isoformat(),
        },
    )
    return _enter(sheet, opened.case.number, data)


def _ensure_office(sheet: Sheet) -> None:
    if sheet.actor.staff_id is None or not sheet.actor.roles_in(sheet.project_id) & set(OFFICE):
        raise NotAllowedError(_("Sheets are entered by the office."), rule="repair.paper_by_office")


def _enter(sheet: Sheet, number: str, data: PaperWork) -> Outcome:
    _ensure_office(sheet)
    case, detail, process = engine.load(sheet.project_id, number, sheet.actor)
    known = Entry.objects.in_project(sheet.project_id).filter(
        actor_key=sheet.actor.key, client_uuid=_uuid(sheet, "finish")
    )
    if known.exists():
        return Outcome(case, detail, [], process, replayed=True)
    _ensure_order(data)
    hand, outcome = _hand(sheet, data), Outcome(case, detail, [], process)
    while (planned := _next(sheet, outcome, data)) is not None:
        outcome = _act(sheet, number, planned, hand)
    return outcome


def _ensure_order(data: PaperWork) -> None:
    """As the hands of the clock went, whoever filled in the sheet."""
    if data.accepted > data.arrived_at:
        raise InvalidError({"accepted_at": _("This lies after the arrival.")})
    if data.agreed < data.arrived_at:
        raise InvalidError({"agreed_at": _("This lies before the arrival.")})
    if data.finished_at < data.agreed:
        raise InvalidError({"finished_at": _("This lies before the work was agreed.")})


def _hand(sheet: Sheet, data: PaperWork) -> Actor:
    """Whoever enters, with the technician's part of the job: named in the timeline as both."""
    found = colleagues().get(data.handler)
    if found is None or not found.has(Role.TECHNICIAN, sheet.project_id):
        raise InvalidError({"handler": _("This colleague is not a technician of the project.")})
    return _as(sheet, found)


def _as(sheet: Sheet, who: Colleague, **more: Any) -> Actor:
    name = _("%(technician)s (entered by %(clerk)s)") % {"technician": who.name, "clerk": sheet.actor.name}
    return replace(sheet.actor, staff_id=who.id, name=name[:60], purpose=PAPER, _projects=[], **more)


@dataclass(frozen=True)
class Planned:
    """One step of the sheet: what, when, and the sheet's own name of that moment."""

    action: str
    moment: str
    happened_at: datetime
    data: Mapping[str, Any] = field(default_factory=dict)
    hand: Actor | None = None


def _next(sheet: Sheet, outcome: Outcome, data: PaperWork) -> Planned | None:
    """What the sheet says was done next, from where the case stands; None at the end of the work."""
    case, state = outcome.case, State(outcome.case.state)
    mine = case.handler_id == data.handler
    if state == State.RECEIVED or (state == State.DISPATCHED and not mine):
        return Planned("dispatch", "accepted_at", data.accepted, {"handler": data.handler})
    if state in WORK and not mine:
        raise InvalidError({"handler": _("Another technician has this job: send this one first.")})
    if state == State.WAITING:
        return Planned("resume", "arrived_at", data.arrived_at)
    if state == State.APPROVING:
        return Planned("approve_quote", "agreed_at", data.agreed, hand=_approver(sheet, data))
    made = STEPS.get(state)
    return made(outcome, data) if made else None


def _approver(sheet: Sheet, data: PaperWork) -> Actor:
    """The manager who signed the sheet, by the hand of whoever enters it; the manager is told."""
    found = colleagues().get(data.approver or 0)
    if found is None or not any(found.has(role, sheet.project_id) for role in APPROVERS.roles):
        raise InvalidError({"approver": _("Above the company's limit: name the manager who signed the sheet.")})
    grants = tuple(Grant(Role(role), projects) for role, projects in found.grants)
    return _as(sheet, found, grants=grants)


def _scoped(outcome: Outcome, data: PaperWork) -> Planned:
    """Whoever pays is quoted, unless a flat rate was accepted or the sheet has no lines: then the rule speaks."""
    detail = outcome.detail
    flat = detail.flat_rate_kind == ItemKind.FLAT and not detail.quote_hash
    if detail.payer in CUSTOMER_PAYS and data.lines and not flat:
        lines = [line.model_dump(mode="json") for line in data.lines]
        return Planned("quote", "agreed_at", data.agreed, {"lines": lines})
    return Planned("start", "agreed_at", data.agreed)


def _consent(outcome: Outcome, data: PaperWork) -> Planned:
    raw: dict[str, Any] = {"quote_hash": outcome.detail.quote_hash, **_signed(data)}
    if data.ceiling is not None:
        raw["ceiling"] = str(data.ceiling)
    return Planned("consent", "agreed_at", data.agreed, raw)


def _finish(_outcome: Outcome, data: PaperWork) -> Planned:
    raw: dict[str, Any] = {
        "work_done": data.work_done,
        "labour_minutes": data.labour_minutes,
        "site_cleaned": data.site_cleaned,
        "parts": [part.model_dump(mode="json") for part in data.parts],
        "photos_after": data.sheet,
    }
    if data.amount is not None:
        raw["amount"] = str(data.amount)
    return Planned("finish", "finished_at", data.finished_at, raw)


def _confirm(outcome: Outcome, data: PaperWork) -> Planned:
    raw = {"amount": str(outcome.detail.amount), **_signed(data)}
    return Planned("confirm_amount", "finished_at", data.finished_at, raw)


def _signed(data: PaperWork) -> dict[str, Any]:
    who = {"person_name": data.person_name, "relation": data.relation}
    return {"way": ConsentWay.PAPER.value, "signature": data.sheet[0], **who}


STEPS: Final[Mapping[State, Callable[[Outcome, PaperWork], Planned]]] = {
    State.DISPATCHED: lambda _o, d: Planned("accept", "accepted_at", d.accepted),
    State.ACCEPTED: lambda _o, d: Planned("arrive", "arrived_at", d.arrived_at),
    State.ON_SITE: lambda _o, d: Planned(
        "confirm_scope", "agreed_at", d.agreed, {"cause": d.cause, "scope": d.scope, "confirmed_by": d.person_name}
    ),
    State.SCOPED: _scoped,
    State.QUOTED: _consent,
    State.AGREED: lambda _o, d: Planned("start", "agreed_at", d.agreed),
    State.WORKING: _finish,
    State.DONE: _confirm,
}


def _act(sheet: Sheet, number: str, planned: Planned, hand: Actor) -> Outcome:
    """By the technician's hand, except what the office does; a refused instant is named by the sheet's field."""
    try:
        return engine.act(
            project_id=sheet.project_id,
            number=number,
            action=planned.action,
            actor=sheet.actor if planned.action == "dispatch" else planned.hand or hand,
            at=sheet.at,
            client_uuid=_uuid(sheet, planned.action),
            data=planned.data,
            happened_at=planned.happened_at,
        )
    except InvalidError as error:
        renamed = {RENAMED.get(path, path): words for path, words in error.fields.items()}
        when = renamed.pop("happened_at", None)
        raise InvalidError(renamed if when is None else {**renamed, planned.moment: when}) from error


#: Fields of the single steps, as the sheet names them.
RENAMED: Final = {"photos": "sheet", "photos_after": "sheet", "signature": "sheet"}


def _uuid(sheet: Sheet, step: str) -> uuid.UUID:
    """Each step has its own identifier, the same at every try."""
    return uuid.uuid5(sheet.client_uuid, step)
