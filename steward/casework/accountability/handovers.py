"""Handing over accountability 首问: offered, accepted or declined; a manager may order it (MISSION DSK-2).

Until an offer is accepted nothing changes. Sending a case to a handler is no hand-over: the first responder
stays accountable, whoever handles it.
"""

import uuid
from collections.abc import Callable
from datetime import datetime
from decimal import Decimal
from typing import Any, Final

from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from steward.cases.facts import CaseClosed
from steward.cases.models import Case
from steward.casework.clocks.sweep import WATCHES, Watch, climb, here, leaders
from steward.casework.models import Handover, HandoverCause, HandoverState
from steward.casework.requests import Asked, carry_out, write
from steward.kernel import outbox, policies
from steward.kernel.actor import Actor, Role
from steward.kernel.clocks.policy import Clock, ClockTable
from steward.kernel.clocks.row import VOID
from steward.kernel.errors import ConflictError, InvalidError, NotAllowedError, NotFoundError
from steward.kernel.facts import listens
from steward.kernel.policies import Policy
from steward.kernel.schema import Data, Id, Text, ask, parse
from steward.registers.org.tree import place
from steward.registers.workforce.away import away_now
from steward.registers.workforce.people import Colleague, colleagues, name_of

HOUR: Final = 60
#: Who can answer for a case to the end: whoever speaks with customers.
ANSWERING: Final = (Role.DESK, Role.BUTLER, Role.HEAD_BUTLER, Role.MANAGER)
LEADING: Final = frozenset({Role.HEAD_BUTLER, Role.MANAGER})
ORDERING: Final = frozenset({Role.MANAGER, Role.REGION, Role.HQ})
LADDER: Final = ((Decimal(1), "manager"), (Decimal(2), "region"))

ANSWER: Final = Policy(
    key="case.handover",
    title=_("Hand-over of a case: answered"),
    type=ClockTable,
    preset=ClockTable(
        default=Clock(minutes=4 * HOUR, mode="daily", hours="08:00-20:00", ladder=LADDER),
        by_urgency={
            "P0": Clock(minutes=10, ladder=LADDER),
            "P1": Clock(minutes=30, ladder=LADDER),
        },
    ),
    source="MISSION DSK-2: offered and accepted with a clock of its own; the minutes are our default",
)


class Offer(Data):
    receiver: Id = ask(title=_("Colleague"), kind="staff")
    reason: Text = ask(min_length=2, max_length=300, title=_("Reason"))


class Decline(Data):
    reason: Text = ask(min_length=2, max_length=300, title=_("Reason"))


class Order(Offer):
    cause: HandoverCause = ask(title=pgettext_lazy("hand-over", "Cause"))


def offer_handover(*, data: dict[str, Any], **asked: Any) -> Handover:
    """Ask a colleague to answer for a case from now on. ``asked``: project_id, number, actor, at, client_uuid.

    Raises NotFoundError, NotAllowedError (neither accountable nor leading), ConflictError (closed, or an offer
    is open), InvalidError (nobody who could answer for it here).
    """
    return _carry_out(_offer, Asked(verb="offer_handover", data=parse(Offer, data), **asked))


def accept_handover(**asked: Any) -> Handover:
    """Take the case over: from this line on the receiver is accountable, and nobody else."""
    return _carry_out(_accept, Asked(verb="accept_handover", data=None, **asked))


def decline_handover(*, data: dict[str, Any], **asked: Any) -> Handover:
    return _carry_out(_decline, Asked(verb="decline_handover", data=parse(Decline, data), **asked))


def withdraw_handover(**asked: Any) -> Handover:
    return _carry_out(_withdraw, Asked(verb="withdraw_handover", data=None, **asked))


def force_handover(*, data: dict[str, Any], **asked: Any) -> Handover:
    """A manager passes a case on without asking: ill, left, off shift; cause and reason stay on record."""
    return _carry_out(_force, Asked(verb="force_handover", data=parse(Order, data), **asked))


def force_all(
    *, project_id: int, giver_id: int, data: dict[str, Any], actor: Actor, at: datetime, client_uuid: uuid.UUID
) -> list[Handover]:
    """Everything open that one colleague answers for in a project goes to another, case by case.

    The same request again does the rest: each case has an identifier of its own, derived from the request's.
    """
    if project_id not in actor.project_ids:
        raise NotFoundError(_("There is no such project."))
    _must_order(actor, project_id)
    _ensure_receiver(parse(Order, data), project_id, giver_id)
    open_cases = Case.objects.visible_to(actor).filter(project_id=project_id, closed_at__isnull=True, is_imported=False)
    rows = open_cases.filter(accountable_id=giver_id).order_by("pk").values_list("pk", "number")
    return [
        force_handover(
            project_id=project_id,
            number=number,
            data=data,
            actor=actor,
            at=at,
            client_uuid=uuid.uuid5(client_uuid, str(pk)),
        )
        for pk, number in list(rows)
    ]


def _carry_out(verb: Callable[[Asked, Case], Handover], asked: Asked) -> Handover:
    return carry_out(asked, verb, of=Handover, named="handover", may=lambda _case, actor: _works(actor))


def _works(actor: Actor) -> bool:
    return actor.is_staff or actor.is_system


def open_offer(case: Case) -> Handover | None:
    rows = Handover.objects.in_project(case.project_id)
    return rows.filter(case_id=case.pk, state=HandoverState.OFFERED).first()


def offered_to(actor: Actor) -> list[Handover]:
    """Offers that wait for this colleague's answer, the most pressing first; at most a hundred. One query."""
    if not actor.is_staff or actor.staff_id is None:
        return []
    rows = Handover.objects.visible_to(actor).filter(receiver_id=actor.staff_id, state=HandoverState.OFFERED)
    return list(rows.select_related("case").order_by("due_at", "pk")[:100])


def may_offer(case: Case, actor: Actor) -> bool:
    """Whoever answers for it, or leads those who do; where nobody does, leaders see to it."""
    if not actor.is_staff or case.closed_at is not None or case.is_imported:
        return False
    mine = actor.staff_id is not None and case.accountable_id == actor.staff_id
    return mine or bool(LEADING & actor.roles_in(case.project_id))


def may_order(actor: Actor, project_id: int) -> bool:
    return actor.is_system or (actor.is_staff and bool(ORDERING & actor.roles_in(project_id)))


def receivers(project_id: int, *, besides: int | None) -> list[Colleague]:
    """Who may answer for cases of a project."""
    found = [c for c in colleagues().values() if c.is_active and c.id != besides]
    return [c for c in found if any(c.has(role, project_id) for role in ANSWERING)]


def _must_order(actor: Actor, project_id: int) -> None:
    if not may_order(actor, project_id):
        raise NotAllowedError(_("This is not yours to do."), rule="handover.by_manager")


def _ensure_receiver(data: Offer, project_id: int, giver_id: int | None) -> None:
    if data.receiver == giver_id:
        raise InvalidError({"receiver": _("This colleague answers for it already.")})
    if data.receiver not in {c.id for c in receivers(project_id, besides=None)}:
        raise InvalidError({"receiver": _("This colleague cannot answer for cases here.")})


def _offer(asked: Asked, case: Case) -> Handover:
    if not may_offer(case, asked.actor):
        raise NotAllowedError(_("This is not yours to do."), rule="handover.offered_by")
    _ensure_receiver(asked.data, case.project_id, case.accountable_id)
    if open_offer(case) is not None:
        raise ConflictError(_("This case is offered to somebody already."), rule="handover.one_open_offer")
    row = _begin(asked, case)
    row.save(force_insert=True)
    _line(asked, case, row, note=row.reason)
    _tell(asked, row, row.receiver_id, "handover_offered", row.reason)
    return row


def _begin(asked: Asked, case: Case, **columns: Any) -> Handover:
    """A row with its clock; what was promised by the policy stays on it."""
    found = policies.in_force(ANSWER, lineage=place(case.project_id).lineage, at=asked.at)
    begun = Handover.begin(
        found.value.clock(case.urgency) or found.value.default,
        version=found.version,
        started_at=asked.at,
        at=asked.at,
        project_id=case.project_id,
        case=case,
        giver_id=case.accountable_id,
        receiver_id=asked.data.receiver,
        reason=asked.data.reason,
        offered_by=asked.actor.key,
        offered_at=asked.at,
        **columns,
    )
    assert isinstance(begun, Handover)
    return begun


def _accept(asked: Asked, case: Case) -> Handover:
    row = _to_answer(asked, case)
    _answered(asked, row, HandoverState.ACCEPTED)
    _line(asked, case, row, changes={"accountable_id": row.receiver_id})
    _tell(asked, row, row.giver_id, "handover_accepted")
    return row


def _decline(asked: Asked, case: Case) -> Handover:
    row = _to_answer(asked, case)
    row.answer = asked.data.reason
    _answered(asked, row, HandoverState.DECLINED)
    _line(asked, case, row, note=row.answer)
    _tell(asked, row, row.giver_id, "handover_declined", row.answer)
    return row


def _to_answer(asked: Asked, case: Case) -> Handover:
    row = _offered(case)
    if row.receiver_id != asked.actor.staff_id:
        raise NotAllowedError(_("Only the colleague it is offered to can answer."), rule="handover.receiver_answers")
    return row


def _offered(case: Case) -> Handover:
    row = open_offer(case)
    if row is None:
        raise ConflictError(_("No hand-over is open on this case."), rule="handover.open")
    return row


def _withdraw(asked: Asked, case: Case) -> Handover:
    row = _offered(case)
    if not may_offer(case, asked.actor):
        raise NotAllowedError(_("This is not yours to do."), rule="handover.offered_by")
    _answered(asked, row, HandoverState.WITHDRAWN, outcome=VOID)
    _line(asked, case, row)
    _tell(asked, row, row.receiver_id, "handover_withdrawn")
    return row


def _force(asked: Asked, case: Case) -> Handover:
    _must_order(asked.actor, case.project_id)
    _ensure_receiver(asked.data, case.project_id, case.accountable_id)
    offered = open_offer(case)
    if offered is not None:
        _answered(asked, offered, HandoverState.VOID, outcome=VOID)
    row = _begin(
        asked,
        case,
        state=HandoverState.FORCED,
        cause=asked.data.cause,
        answered_by=asked.actor.key,
        answered_at=asked.at,
    )
    row.end(at=asked.at, outcome=VOID)
    row.save(force_insert=True)
    _line(asked, case, row, note=row.reason, changes={"accountable_id": row.receiver_id})
    for staff_id in (row.receiver_id, row.giver_id):
        _tell(asked, row, staff_id, "handover_forced", row.reason)
    if offered is not None and offered.receiver_id != row.receiver_id:
        offered.case = case
        _tell(asked, offered, offered.receiver_id, "handover_withdrawn")
    return row


def _answered(asked: Asked, row: Handover, state: HandoverState, *, outcome: str | None = None) -> None:
    row.state, row.answered_by, row.answered_at = state, asked.actor.key, asked.at
    row.end(at=asked.at, outcome=outcome)
    row.save()


def _line(asked: Asked, case: Case, row: Handover, *, note: str = "", changes: dict[str, Any] | None = None) -> None:
    row.case = case
    data: dict[str, Any] = {"handover": row.pk, "from": row.giver_id, "to": row.receiver_id, "cause": row.cause}
    gone = away_now([row.giver_id], asked.at) if row.state == HandoverState.FORCED and row.giver_id else {}
    if row.giver_id in gone:  # why the giver was not asked, as it stood then
        data["absent"] = gone[row.giver_id].told
    write(asked, case, data, note=note, changes=changes)


SUBJECTS: Final = {
    "handover_offered": _("%(who)s asks you to answer for this: %(title)s"),
    "handover_accepted": _("%(to)s took over: %(title)s"),
    "handover_declined": _("%(to)s does not take over: %(title)s"),
    "handover_withdrawn": _("No longer asked: %(title)s"),
    "handover_forced": _("%(to)s answers for this from now on: %(title)s"),
}


def _tell(asked: Asked, row: Handover, staff_id: int | None, event: str, body: str = "") -> None:
    """Nobody is told of their own doing."""
    if staff_id is None or staff_id == asked.actor.staff_id:
        return
    case = row.case
    words = {"who": name_of(row.giver_id) or "—", "to": name_of(row.receiver_id), "title": case.title}
    message = outbox.Message(
        event=f"{event}:{row.pk}",
        recipient=f"staff:{staff_id}",
        channel="inapp",
        subject=f"{case.number} {SUBJECTS[event] % words}",
        body=body,
        payload={"case": case.number, "template": event},
    )
    outbox.post([message], project_id=case.project_id, at=asked.at)


@listens(CaseClosed)
def void_offers(fact: CaseClosed) -> None:
    """A closed case needs nobody else to answer for it."""
    rows = Handover.objects.in_project(fact.project_id).filter(case_id=fact.case.pk, state=HandoverState.OFFERED)
    rows.update(
        state=HandoverState.VOID,
        answered_at=fact.at,
        answered_by=fact.actor.key,
        ended_at=fact.at,
        outcome=VOID,
        next_at=None,
    )


def _told(row: Handover, case: Case, stage: int) -> list[str]:
    """The receiver is warned; then it climbs: a manager can order it, or ask somebody else."""
    return here(row.receiver_id, row.giver_id) or leaders(case) if stage == 0 else climb(row, case, stage)


WATCHES["handover"] = Watch(Handover, _told, begins="offer_handover")
