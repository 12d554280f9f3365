"""Numbers are masked; whoever looks at one leaves a line in the timeline."""

import uuid
from dataclasses import dataclass, field
from datetime import datetime

from django.utils.translation import gettext as _

from steward.cases.engine import load
from steward.cases.models import Case
from steward.casework.customer.sharing import speaks
from steward.casework.lines import answered_before, digest_of, write_line
from steward.kernel.actor import Actor
from steward.kernel.db import retrying
from steward.kernel.errors import ConflictError, NotAllowedError, NotFoundError
from steward.registers.party.models import Contact, Piece
from steward.registers.party.reveals import note


@dataclass(frozen=True)
class Look:
    """One look at a number of a case. ``happened_at``: dialled without network, and told us later."""

    project_id: int
    number: str
    whose: str
    actor: Actor
    at: datetime
    to_call_back: bool = False
    happened_at: datetime | None = None
    client_uuid: uuid.UUID = field(default_factory=uuid.uuid4)

    @property
    def when(self) -> datetime:
        return self.happened_at or self.at

    @property
    def digest(self) -> str:
        return digest_of("reveal", self.number, self.whose)


def reveal_phone(look: Look) -> str:
    """The number of the reporter, the customer or a contact (its id) of an open case, or for an open callback.

    The case is the reason; its timeline and the customer's log say who looked, once for the same ``client_uuid``.
    Raises NotFoundError, NotAllowedError, ConflictError on a case closed before (there a reason would be owed).
    """
    return retrying(lambda: _reveal(look))


def _reveal(look: Look) -> str:
    case, _detail, _process = load(look.project_id, look.number, look.actor)
    if not speaks(look.actor, case):
        raise NotAllowedError(_("This is not yours to do."), rule="case.role")
    name, phone = _of(case, look.whose)
    if not phone:
        raise NotFoundError(_("There is no such number."))
    if case.closed_at is not None and case.closed_at <= look.when and not look.to_call_back:
        raise ConflictError(_("Numbers are shown on open cases only."), rule="case.phone_of_open_case")
    if answered_before(look.project_id, look.actor, look.client_uuid, look.digest) is None:
        _write_down(look, case, name)
    return phone


def _write_down(look: Look, case: Case, name: str) -> None:
    write_line(
        case,
        action="reveal",
        actor=look.actor,
        at=look.at,
        data={"whose": name},
        client_uuid=look.client_uuid,
        digest=look.digest,
        happened_at=look.happened_at and max(look.happened_at, case.received_at),
    )
    note(
        look.project_id,
        customer=case.customer,
        piece=Piece.PHONE,
        whose=name,
        actor=look.actor,
        at=look.when,
        source=case.number,
    )


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
