"""Who lives or works where, from when until when; and the customer's own particulars."""

import re
import uuid
from collections.abc import Mapping
from datetime import datetime
from typing import Annotated, Any, Final

from django.utils.translation import gettext_lazy as _
from pydantic import AfterValidator, Field

from steward.kernel.actor import Actor, HomeRole
from steward.kernel.db import retrying
from steward.kernel.errors import ConflictError, InvalidError, NotAllowedError, NotFoundError
from steward.kernel.privacy import mask_id, mask_name, mask_phone
from steward.kernel.schema import Data, Id, Line, ask, parse, storable
from steward.kernel.sealed import fingerprint
from steward.registers.estate.aliases import normal
from steward.registers.estate.models import Unit
from steward.registers.party import search
from steward.registers.party.models import Change, Customer, CustomerKind, Occupancy, Person
from steward.registers.party.verbs import (
    KEEPERS,
    Choices,
    Doing,
    OptionalDay,
    Said,
    already,
    verb,
    write_down,
)

PHONE: Final = re.compile(r"\+?[\d\s-]{5,20}\Z")


def _phone(text: str) -> str:
    if not storable(text) or (text and not PHONE.match(text)):
        raise ValueError(str(_("Digits, a dash before an extension, at most twenty.")))
    return text.strip()


Phone = Annotated[str, Field(max_length=20), AfterValidator(_phone)]
Name = Annotated[Line, Field(min_length=1, max_length=60)]
IdNumber = Annotated[Line, Field(max_length=30)]


class NewCustomer(Data):
    kind: CustomerKind = ask(CustomerKind.PERSON, title=_("Kind of customer"))
    name: Name = ask(title=_("Name"))
    phone: Phone = ask("", title=_("Phone"), kind="phone")
    unit: Line = ask(title=_("Room"), description=_("As on the door plate: 3-2-1201"))
    role: HomeRole = ask(HomeRole.OWNER, title=_("Stands to the room as"))
    since: OptionalDay = ask(None, title=_("Since"), kind="date")


def add_customer(
    *, project_id: int, actor: Actor, at: datetime, client_uuid: uuid.UUID, raw: Mapping[str, Any]
) -> Customer:
    """A new person or company with a first room. The same ``client_uuid`` again returns the first."""
    if not KEEPERS & actor.roles_in(project_id):
        raise NotAllowedError(_("This is not yours to do."), rule="party.role")
    data = parse(NewCustomer, raw)
    return retrying(lambda: _add(project_id, actor, at, client_uuid, data))


def _add(project_id: int, actor: Actor, at: datetime, client_uuid: uuid.UUID, data: NewCustomer) -> Customer:
    known = already(project_id, actor, client_uuid)
    if known is not None:
        first: Customer = known.customer
        return first
    unit = unit_named(project_id, data.unit)
    human = data.kind == CustomerKind.PERSON
    person = Person.objects.create(name=data.name, phone=data.phone) if human else None
    customer = Customer.objects.create(
        project_id=project_id, person=person, kind=data.kind, name=data.name, phone=data.phone
    )
    doing = Doing(customer, data, actor, at)
    _occupy(doing, unit, data.role, doing.begin_of(data.since))
    search.index_customers(project_id, [customer.pk])
    said = {"name": ["", mask_name(data.name)], "room": ["", unit.label]}
    write_down(customer, "add", said, actor, at, client_uuid)
    return customer


def unit_named(project_id: int, text: str) -> Unit:
    """By its label, in any spelling of the label. Raises InvalidError."""
    found = Unit.objects.in_project(project_id).filter(label__in={text.strip(), normal(text)}).first()
    if found is None:
        raise InvalidError({"unit": _("There is no such room here.")})
    return found


class Particulars(Data):
    """What is left empty stays as it is."""

    name: Annotated[Line, Field(max_length=60)] = ask("", title=_("Name"))
    phone: Phone = ask("", title=_("Phone"), kind="phone")
    id_number: IdNumber = ask("", title=_("Identity number"), description=_("Kept encrypted; shown as six digits."))
    email: Line = ask("", title=_("E-mail"))
    salutation: Annotated[Line, Field(max_length=40)] = ask("", title=_("How to address"))
    reach_note: Line = ask("", title=_("When and how to reach"))


MASKS: Final = {"name": mask_name, "phone": mask_phone, "id_number": mask_id, "email": mask_name}


@verb("correct", _("Correct particulars"), icon="edit", form=Particulars)
def correct(doing: Doing) -> Said:
    customer, data = doing.customer, doing.data
    said: Said = {}
    for name, value in data.model_dump().items():
        before = getattr(customer, name)
        if value and value != before:
            mask = MASKS.get(name, str)
            said[name] = [mask(before), mask(value)]
            _behind(customer, name, before, value)
            setattr(customer, name, value)
    if not said:
        raise InvalidError({"name": _("Nothing was changed.")})
    customer.id_found_by = fingerprint(customer.id_number)
    customer.save()
    search.index_customers(doing.project_id, [customer.pk])
    return said


def _behind(customer: Customer, name: str, before: str, value: str) -> None:
    """The human behind the customer keeps the same number and address."""
    person = customer.person
    if person is not None and name in ("name", "phone", "email") and getattr(person, name) == before:
        setattr(person, name, value)
        person.save(update_fields=[name])


class MoveIn(Data):
    unit: Line = ask(title=_("Room"), description=_("As on the door plate: 3-2-1201"))
    role: HomeRole = ask(title=_("Stands to the room as"))
    since: OptionalDay = ask(None, title=_("Since"), kind="date")


@verb("move_in", _("Add a room"), icon="home-check", form=MoveIn)
def move_in(doing: Doing) -> Said:
    unit = unit_named(doing.project_id, doing.data.unit)
    since = doing.begin_of(doing.data.since)
    _occupy(doing, unit, doing.data.role, since)
    return {"room": ["", f"{unit.label} {since:%Y-%m-%d}"]}


def _occupy(doing: Doing, unit: Unit, role: HomeRole, since: datetime) -> None:
    rows = Occupancy.objects.in_project(doing.project_id).filter(unit=unit, customer=doing.customer, role=role)
    if rows.filter(until__isnull=True).exists() or rows.filter(until__gt=since).exists():
        raise ConflictError(_("This customer already stands to the room like this then."), rule="party.occupied_once")
    Occupancy.objects.create(project_id=doing.project_id, unit=unit, customer=doing.customer, role=role, since=since)


class MoveOut(Data):
    occupancy: Id = ask(title=_("Room"))
    until: OptionalDay = ask(None, title=_("Last day"), kind="date")


def _rooms(customer: Customer) -> Mapping[str, Choices]:
    rows = Occupancy.objects.in_project(customer.project_id).filter(customer=customer, until__isnull=True)
    return {
        "occupancy": [
            (str(o.pk), f"{o.unit.label} {HomeRole(o.role).label}")
            for o in rows.select_related("unit").order_by("pk")[:50]
        ]
    }


@verb("move_out", _("Moves out"), icon="logout", form=MoveOut, options=_rooms)
def move_out(doing: Doing) -> Said:
    rows = Occupancy.objects.in_project(doing.project_id).filter(customer=doing.customer, until__isnull=True)
    row = rows.filter(pk=doing.data.occupancy).select_related("unit").first()
    if row is None:
        raise NotFoundError(_("There is no such room here."))
    until = doing.begin_of(doing.data.until)
    if until <= row.since:
        raise InvalidError({"until": _("Must be after the day of moving in.")})
    row.until = until
    row.save(update_fields=["until"])
    return {"room": [row.unit.label, f"{until:%Y-%m-%d}"]}


__all__ = ["Change", "add_customer", "correct", "move_in", "move_out"]
