"""Numbers are masked; whoever looks at one leaves a line in the timeline."""

from datetime import datetime

from django.utils.translation import gettext as _

from steward.cases.engine import load
from steward.cases.models import Case
from steward.casework.customer.sharing import speaks
from steward.casework.lines import write_line
from steward.kernel.actor import Actor
from steward.kernel.db import retrying
from steward.kernel.errors import ConflictError, NotAllowedError, NotFoundError
from steward.registers.party.models import Contact, Piece
from steward.registers.party.reveals import note


def reveal_phone(
    *, project_id: int, number: str, whose: str, actor: Actor, at: datetime, to_call_back: bool = False
) -> str:
    """The number of the reporter, the customer or a contact (its id) of an open case, or for an open callback.

    The case is the reason; its timeline and the customer's log say who looked.
    Raises NotFoundError, NotAllowedError, ConflictError on a closed case (there a reason would be owed).
    """
    return retrying(lambda: _reveal(project_id, number, whose, actor, at, to_call_back=to_call_back))


def _reveal(project_id: int, number: str, whose: str, actor: Actor, at: datetime, *, to_call_back: bool) -> str:
    case, _detail, _process = load(project_id, number, actor)
    if not speaks(actor, case):
        raise NotAllowedError(_("This is not yours to do."), rule="case.role")
    name, phone = _of(case, whose)
    if not phone:
        raise NotFoundError(_("There is no such number."))
    if case.closed_at is not None and not to_call_back:
        raise ConflictError(_("Numbers are shown on open cases only."), rule="case.phone_of_open_case")
    write_line(case, action="reveal", actor=actor, at=at, data={"whose": name})
    note(project_id, customer=case.customer, piece=Piece.PHONE, whose=name, actor=actor, at=at, source=case.number)
    return phone


def _of(case: Case, whose: str) -> tuple[str, str]:
    if whose == "reporter":
        return case.reporter_name, case.reporter_phone
    if case.customer is None:
        return "", ""
    if whose == "customer":
        return case.customer.name, case.customer.phone
    known = Contact.objects.in_project(case.project_id).filter(customer=case.customer)
    found = known.filter(pk=int(whose)).first() if whose.isdecimal() and len(whose) < 16 else None
    return (found.name, found.phone) if found is not None else ("", "")
