"""Whom to reach for a customer and what for, who may agree for the customer until when, and the customer's cars."""

import re
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Annotated, Final

from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from pydantic import Field

from steward.kernel.cron import recurs
from steward.kernel.db import write
from steward.kernel.errors import InvalidError, NotFoundError
from steward.kernel.marks import listed
from steward.kernel.privacy import mask_name, mask_phone, mask_plate
from steward.kernel.schema import Data, Id, Line, ask
from steward.registers.party import search
from steward.registers.party.models import Contact, Customer, How, Matter, PowerOfAttorney, Use, Vehicle
from steward.registers.party.moves import Name, Phone
from steward.registers.party.verbs import Choices, Doing, OptionalDay, Said, verb

#: A mainland plate: province, letter, five or six more (new energy), 学 警 挂 and the like at the end.
PLATE: Final = re.compile(r"[一-鿿][A-Z][A-Z0-9]{4,5}[A-Z0-9一-鿿]\Z")


class NewContact(Data):
    name: Name = ask(title=_("Name"))
    relation: Annotated[Line, Field(min_length=1, max_length=20)] = ask(title=_("Relation"))
    phone: Phone = ask("", title=_("Phone"), kind="phone")
    use: Use = ask(Use.EVERYDAY, title=_("There for"))
    also: Use | None = ask(None, title=_("And also for"))


@verb("add_contact", _("Add a contact"), icon="user-plus", form=NewContact)
def add_contact(doing: Doing) -> Said:
    data = doing.data
    uses = list(dict.fromkeys(str(u) for u in (data.use, data.also) if u))
    Contact.objects.create(
        project_id=doing.project_id,
        customer=doing.customer,
        name=data.name,
        relation=data.relation,
        phone=data.phone,
        uses=uses,
    )
    search.index_customers(doing.project_id, [doing.customer.pk])
    return {"contact": ["", f"{mask_name(data.name)} {data.relation} {mask_phone(data.phone)}"]}


def contacts_of(customer: Customer) -> Mapping[str, Choices]:
    rows = Contact.objects.in_project(customer.project_id).filter(customer=customer).order_by("pk")[:50]
    return {"contact": [(str(c.pk), f"{c.name} {c.relation}") for c in rows]}


def contact_of(doing: Doing) -> Contact:
    found = Contact.objects.in_project(doing.project_id).filter(customer=doing.customer, pk=doing.data.contact).first()
    if found is None:
        raise NotFoundError(_("There is no such contact."))
    return found


class CorrectContact(Data):
    """What is left empty stays as it is."""

    contact: Id = ask(title=_("Contact"))
    name: Annotated[Line, Field(max_length=60)] = ask("", title=_("Name"))
    relation: Annotated[Line, Field(max_length=20)] = ask("", title=_("Relation"))
    phone: Phone = ask("", title=_("Phone"), kind="phone")
    use: Use | None = ask(None, title=_("There for"))


@verb("correct_contact", _("Correct a contact"), icon="edit", form=CorrectContact, options=contacts_of)
def correct_contact(doing: Doing) -> Said:
    row, data = contact_of(doing), doing.data
    said: Said = {}
    for name, mask in (("name", mask_name), ("relation", str), ("phone", mask_phone)):
        before, value = getattr(row, name), getattr(data, name)
        if value and value != before:
            said[name] = [mask(before), mask(value)]
            setattr(row, name, value)
    if data.use and [str(data.use)] != row.uses:
        said["uses"] = [" ".join(row.uses), str(data.use)]
        row.uses = [str(data.use)]
    if not said:
        raise InvalidError({"name": _("Nothing was changed.")})
    row.save()
    search.index_customers(doing.project_id, [doing.customer.pk])
    return said


class EndContact(Data):
    contact: Id = ask(title=_("Contact"))


@verb("end_contact", _("Take a contact off"), icon="user-share", form=EndContact, options=contacts_of)
def end_contact(doing: Doing) -> Said:
    """The contact's data go; a power of attorney stays as evidence, ended."""
    row = contact_of(doing)
    _end(PowerOfAttorney.objects.in_project(doing.project_id).filter(contact=row, ended_at__isnull=True), doing.at)
    said = {"contact": [f"{mask_name(row.name)} {row.relation}", ""]}
    row.delete()
    search.index_customers(doing.project_id, [doing.customer.pk])
    return said


# --- powers of attorney -----------------------------------------------------------------------------
class GrantPower(Data):
    contact: Id = ask(title=_("Who may act"))
    matter: Matter = ask(Matter.QUOTES, title=_("In what"))
    also: Matter | None = ask(None, title=_("And also in"))
    how: How = ask(How.PAPER, title=_("Given how"))
    until: OptionalDay = ask(None, title=_("Valid until"), kind="date", description=_("Empty: until withdrawn."))


@verb("grant_power", _("Record a power of attorney"), icon="signature", form=GrantPower, options=contacts_of)
def grant_power(doing: Doing) -> Said:
    """A new power replaces the contact's earlier one."""
    row, data = contact_of(doing), doing.data
    until = doing.begin_of(data.until) if data.until else None
    if until is not None and until <= doing.at:
        raise InvalidError({"until": _("Must lie in the future.")})
    _end(PowerOfAttorney.objects.in_project(doing.project_id).filter(contact=row, ended_at__isnull=True), doing.at)
    matters = list(dict.fromkeys(str(m) for m in (data.matter, data.also) if m))
    PowerOfAttorney.objects.create(
        project_id=doing.project_id,
        customer=doing.customer,
        contact=row,
        agent_name=row.name,
        matters=matters,
        how=data.how,
        since=doing.at,
        until=until,
    )
    row.may_consent = Matter.QUOTES in matters
    row.save(update_fields=["may_consent"])
    words = listed(str(Matter(m).label) for m in matters)
    return {
        "power": ["", f"{mask_name(row.name)} {words} {until:%Y-%m-%d}" if until else f"{mask_name(row.name)} {words}"]
    }


class EndPower(Data):
    contact: Id = ask(title=_("Whose power"))


@verb(
    "end_power",
    _("Withdraw a power of attorney"),
    icon="circle-x",
    form=EndPower,
    options=contacts_of,
    by_customer=True,
)
def end_power(doing: Doing) -> Said:
    row = contact_of(doing)
    rows = PowerOfAttorney.objects.in_project(doing.project_id).filter(contact=row, ended_at__isnull=True)
    if not rows.exists() and not row.may_consent:
        raise NotFoundError(_("There is no power of attorney in force."))
    _end(rows, doing.at)
    Contact.objects.in_project(doing.project_id).filter(pk=row.pk).update(may_consent=False)
    return {"power": [mask_name(row.name), ""]}


def end_all_powers(customer: Customer, at: datetime) -> None:
    _end(PowerOfAttorney.objects.in_project(customer.project_id).filter(customer=customer, ended_at__isnull=True), at)
    Contact.objects.in_project(customer.project_id).filter(customer=customer).update(may_consent=False)


def _end(rows: object, at: datetime) -> None:
    powers = PowerOfAttorney.objects.unscoped().filter(pk__in=[p.pk for p in rows])  # type: ignore[attr-defined]
    contacts = list(powers.values_list("contact_id", flat=True))
    powers.update(ended_at=at)
    Contact.objects.unscoped().filter(pk__in=[c for c in contacts if c]).update(may_consent=False)


@recurs("powers", every=timedelta(minutes=5))
def end_powers(at: datetime) -> None:
    end_expired(at=at)


def end_expired(*, at: datetime, most: int = 500) -> int:
    """Powers whose day has come. Safe to run again."""
    with write():
        rows = PowerOfAttorney.objects.unscoped().filter(ended_at__isnull=True, until__lte=at)[:most]
        found = list(rows)
        _end(found, at)
    return len(found)


def acting_now(at: datetime) -> Q:
    """Powers in force."""
    return Q(ended_at__isnull=True, since__lte=at) & (Q(until__isnull=True) | Q(until__gt=at))


# --- cars -------------------------------------------------------------------------------------------
class NewVehicle(Data):
    plate: Annotated[Line, Field(min_length=5, max_length=12)] = ask(title=_("Plate"))
    note: Annotated[Line, Field(max_length=60)] = ask("", title=_("Make and colour"))


@verb("add_vehicle", _("Add a car"), icon="car", form=NewVehicle)
def add_vehicle(doing: Doing) -> Said:
    plate = re.sub(r"[\s·.-]", "", doing.data.plate).upper()
    if not PLATE.match(plate):
        raise InvalidError({"plate": _("A plate like 浙A12345.")})
    rows = Vehicle.objects.in_project(doing.project_id).filter(plate=plate, ended_at__isnull=True)
    if rows.exists():
        raise InvalidError({"plate": _("This plate already belongs to a customer here.")})
    Vehicle.objects.create(
        project_id=doing.project_id, customer=doing.customer, plate=plate, note=doing.data.note, since=doing.at
    )
    search.index_customers(doing.project_id, [doing.customer.pk])
    return {"car": ["", mask_plate(plate)]}


def _cars(customer: Customer) -> Mapping[str, Choices]:
    rows = Vehicle.objects.in_project(customer.project_id).filter(customer=customer, ended_at__isnull=True)
    return {"vehicle": [(str(v.pk), v.plate) for v in rows.order_by("pk")[:50]]}


class EndVehicle(Data):
    vehicle: Id = ask(title=_("Car"))


@verb("end_vehicle", _("Take a car off"), icon="trash", form=EndVehicle, options=_cars)
def end_vehicle(doing: Doing) -> Said:
    rows = Vehicle.objects.in_project(doing.project_id).filter(customer=doing.customer, ended_at__isnull=True)
    row = rows.filter(pk=doing.data.vehicle).first()
    if row is None:
        raise NotFoundError(_("There is no such car."))
    row.ended_at = doing.at
    row.save(update_fields=["ended_at"])
    search.index_customers(doing.project_id, [doing.customer.pk])
    return {"car": [mask_plate(row.plate), ""]}
