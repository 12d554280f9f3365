"""Opening a case: who reports, for which unit, received when and by whom."""

import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, ClassVar, Final

from django.db import IntegrityError
from django.utils.translation import gettext_lazy as _

from steward.cases.declare import Process, process_of
from steward.cases.engine import Outcome, Request, Step, first_answer, open_with
from steward.cases.models import Case, Channel, Urgency
from steward.casework.categories import category_by_code
from steward.casework.intake.numbers import next_number
from steward.kernel.actor import Actor, HomeRole, Role
from steward.kernel.claims import SKEW
from steward.kernel.db import CollisionError, retrying
from steward.kernel.errors import InvalidError, NotAllowedError, NotFoundError, RefusalError
from steward.kernel.prepared import Prepared
from steward.kernel.schema import Data, Id, Line, OptionalId, OptionalInstant, Text, ask, parse_from
from steward.registers.estate.models import Unit
from steward.registers.party.models import Customer
from steward.registers.workforce.away import away_now, there_first
from steward.registers.workforce.people import must_work_in, with_role

# Where several live in a unit, the one who lives there now comes before the one who owns it.
OCCUPANT_FIRST: Final = {HomeRole.TENANT: 0, HomeRole.OWNER: 1, HomeRole.MEMBER: 2, HomeRole.STAFF: 3}
OLDEST: Final = timedelta(days=30)
_LIVING_IN: Final = Prepared(
    lambda project, label: (
        Unit.objects.in_project(project)
        .filter(label=label)
        .values_list(
            "pk",
            "butler_staff_id",
            "occupancies__role",
            "occupancies__since",
            "occupancies__until",
            "occupancies__customer_id",
            "occupancies__customer__name",
            "occupancies__customer__phone",
            "occupancies__customer__email",
        )
    )
)


class OpenData(Data):
    """What every kind of case is opened with. Processes add their own fields."""

    title: Line = ask(min_length=1, title=_("What is it about"))
    description: Text = ask("", max_length=5000, title=_("Description"))
    channel: Channel = ask(title=_("Channel"))
    unit: Line = ask("", title=_("Unit"), description=_("Room as in 3-2-1201"))
    place: Line = ask("", title=_("Place"))
    category: Line = ask("", title=_("Category"))
    urgency: Urgency | None = ask(None, title=_("Urgency"))
    customer: OptionalId = ask(None, title=_("Customer"))
    reporter_name: Line = ask("", title=_("Reporter"))
    reporter_relation: Line = ask("", max_length=20, title=_("Relation to the customer"))
    reporter_phone: Line = ask("", max_length=20, title=_("Phone"))
    received_at: OptionalInstant = ask(None, title=_("Received at"))
    received_by: OptionalId = ask(None, title=_("Received by"))
    receiver_name: Line = ask("", max_length=40, title=_("Received by (without account)"))
    origin: Line = ask("", title=_("Rework of"))
    photos: list[Id] = ask(default=[], max_length=12, title=_("Photos"))

    staff_only: ClassVar[frozenset[str]] = frozenset(
        {"urgency", "customer", "received_at", "received_by", "receiver_name", "origin", "reporter_name"}
    )


@dataclass(frozen=True)
class Occupant:
    unit_id: int | None = None
    unit_label: str = ""
    butler_id: int | None = None
    customer_id: int | None = None
    name: str = ""
    phone: str = ""
    email: str = ""


def open_case(
    *,
    project_id: int,
    kind: str,
    actor: Actor,
    at: datetime,
    client_uuid: uuid.UUID,
    data: Mapping[str, Any],
) -> Outcome:
    """Receive a case. The same ``client_uuid`` again returns the first one.

    Raises NotFoundError (project out of reach), NotAllowedError, InvalidError (naming the field).
    """
    process = process_of(kind)
    if project_id not in actor.project_ids:
        raise NotFoundError(_("There is no such project."))
    if process is None:
        raise InvalidError({"kind": _("There is no such kind of case.")})
    request = Request(project_id, "", kind, actor, at, client_uuid, dict(data))
    try:
        return retrying(lambda: _open_once(process, request))
    except (RefusalError, IntegrityError, CollisionError):
        known = first_answer(request)
        if known is None:
            raise
        return known


def _open_once(process: Process, request: Request) -> Outcome:
    project_id, actor, at = request.project_id, request.actor, request.at
    if not _may_open(process, project_id, actor):
        raise NotAllowedError(_("You cannot open this kind of case."), rule="case.role")
    data: Any = parse_from(actor, process.open_form, request.raw)
    case = _case(process, project_id, actor, at, data)
    step = Step(
        process=process,
        case=case,
        detail=process.detail(project_id=project_id) if process.detail is not None else None,
        actor=actor,
        at=at,
        happened_at=case.received_at,
        data=data,
        note=data.description,
        client_uuid=request.client_uuid,
        name="open",
        files=[(photo, "before") for photo in data.photos],
    )
    if process.on_open is not None:
        process.on_open(step)
    case.number = next_number(process.prefix, project_id, at)
    return open_with(step, request)


def _may_open(process: Process, project_id: int, actor: Actor) -> bool:
    probe = Case(project_id=project_id)
    return process.opened_by.allows(actor, probe)


def _case(process: Process, project_id: int, actor: Actor, at: datetime, data: OpenData) -> Case:
    occupant = _occupant(project_id, actor, data, at)
    category = category_by_code(process.kind, data.category, project_id) if data.category else None
    if data.category and category is None:
        raise InvalidError({"category": _("There is no such category.")})
    case = Case(
        project_id=project_id,
        kind=process.kind,
        process_version=process.version,
        state=process.initial,
        title=data.title,
        description=data.description,
        channel=data.channel if actor.is_staff else Channel.PORTAL,
        urgency=data.urgency or (category.urgency if category else ""),
        category_id=category.id if category else None,
        unit_id=occupant.unit_id,
        unit_label=occupant.unit_label,
        place=data.place,
        customer_name=occupant.name,
        reporter_name=data.reporter_name or (actor.name if actor.is_resident else occupant.name),
        reporter_relation=data.reporter_relation,
        reporter_phone=data.reporter_phone or occupant.phone,
        accountable_id=_accountable(project_id, actor, data, occupant, at),
        received_at=_received(data.received_at, at),
        recorded_at=at,
        updated_at=at,
        origin_id=_origin(project_id, actor, data.origin),
    )
    if occupant.customer_id is not None:
        # Known already: messages need name and address without another query.
        case.customer = Customer(
            pk=occupant.customer_id, project_id=project_id, name=occupant.name, email=occupant.email
        )
    return case


def _received(received_at: datetime | None, at: datetime) -> datetime:
    """The clock starts when the customer was heard, not when it was typed in; both are kept."""
    if received_at is None:
        return at
    if received_at > at + SKEW:
        raise InvalidError({"received_at": _("This lies in the future.")})
    if received_at < at - OLDEST:
        raise InvalidError({"received_at": _("This lies too far back.")})
    return min(received_at, at)


def _occupant(project_id: int, actor: Actor, data: OpenData, at: datetime) -> Occupant:
    """Unit and customer of the report; residents report for their own homes only."""
    if actor.is_resident:
        return _own_home(project_id, actor, data.unit, at)
    if data.unit:
        return _of_unit(project_id, data.unit, data.customer, at)
    if data.customer is None:
        return Occupant()
    customer = Customer.objects.in_project(project_id).filter(pk=data.customer).first()
    if customer is None:
        raise InvalidError({"customer": _("There is no such customer here.")})
    return Occupant(customer_id=customer.pk, name=customer.name, phone=customer.phone, email=customer.email)


def _own_home(project_id: int, actor: Actor, label: str, at: datetime) -> Occupant:
    homes = [h for h in actor.homes if h.project_id == project_id and label in ("", h.unit_label)]
    if not homes:
        raise InvalidError({"unit": _("This is not one of your units.")})
    return _of_unit(project_id, homes[0].unit_label, homes[0].customer_id, at)


def _of_unit(project_id: int, label: str, customer_id: int | None, at: datetime) -> Occupant:
    rows = _LIVING_IN(project_id, label)
    if not rows:
        raise InvalidError({"unit": _("There is no such unit here.")})
    unit_id, butler = rows[0][0], rows[0][1]
    # A unit without occupants comes back as one row of blanks.
    current: list[tuple[Any, ...]] = [r for r in rows if r[5] and r[3] <= at and (r[4] is None or r[4] > at)]
    if customer_id is not None:
        current = [r for r in current if r[5] == customer_id]
        if not current:
            raise InvalidError({"customer": _("This customer does not belong to the unit.")})
    if not current:
        return Occupant(unit_id, label, butler)
    best = min(current, key=lambda r: OCCUPANT_FIRST[HomeRole(r[2])])
    return Occupant(unit_id, label, butler, best[5], best[6], best[7], best[8])


def _accountable(project_id: int, actor: Actor, data: OpenData, occupant: Occupant, at: datetime) -> int | None:
    """The first responder 首问: whoever received it. From the residents' page: the unit's butler, else the desk.

    Who is absent answers for nothing new while somebody else is there.
    """
    if data.received_by is not None:
        must_work_in(project_id, received_by=data.received_by)
        return data.received_by
    if actor.staff_id is not None and not data.receiver_name:
        return actor.staff_id
    # A guard or cleaner heard it and has no account: at once the butler's, whoever types it in (seed 004).
    butler = occupant.butler_id
    if butler is not None and butler not in away_now([butler], at):
        return butler
    if actor.staff_id is not None:
        return actor.staff_id
    for role in (Role.DESK, Role.BUTLER, Role.HEAD_BUTLER, Role.MANAGER):
        staff, gone = there_first(with_role(role, project_id), at)
        if staff and staff[0].id not in gone:
            return staff[0].id
    return butler


def _origin(project_id: int, actor: Actor, number: str) -> int | None:
    """Rework points to the original case."""
    if not number:
        return None
    found = (
        Case.objects.visible_to(actor).filter(project_id=project_id, number=number).values_list("pk", flat=True).first()
    )
    if found is None:
        raise InvalidError({"origin": _("There is no such case.")})
    return found
