"""What a customer is to the firm, what care is due, and who answers for a key customer."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated

from django.utils.translation import gettext_lazy as _
from pydantic import Field

from steward.kernel.errors import ConflictError, InvalidError, NotFoundError
from steward.kernel.facts import Fact, announce
from steward.kernel.privacy import mask_name
from steward.kernel.schema import Data, Id, Line, OptionalId, ask
from steward.registers.party.care_models import SENSITIVE
from steward.registers.party.contacts import contacts_of
from steward.registers.party.models import (
    CareFlag,
    CareKind,
    Contact,
    Customer,
    Encounter,
    EncounterKind,
    How,
    Purpose,
    ValueClass,
)
from steward.registers.party.rights import agrees, record
from steward.registers.party.verbs import DECIDERS, Choices, Doing, OptionalDay, Said, verb


@dataclass(frozen=True, kw_only=True)
class StaffNamed(Fact):
    """Colleagues named in a customer's file, by field. The floor that knows our people raises InvalidError."""

    named: Mapping[str, int | None]


def _ours(doing: Doing, **named: int | None) -> None:
    fact_id = f"named:{doing.customer.pk}"
    announce(StaffNamed(id=fact_id, project_id=doing.project_id, at=doing.at, actor=doing.actor, named=named))


class Classify(Data):
    value_class: ValueClass = ask(title=_("Value class"))


@verb("classify", _("Set the value class"), icon="tag", form=Classify, roles=DECIDERS)
def classify(doing: Doing) -> Said:
    before = doing.customer.value_class
    doing.customer.value_class = doing.data.value_class
    doing.customer.save(update_fields=["value_class"])
    return {"class": [before, str(doing.data.value_class)]}


class NewFlag(Data):
    kind: CareKind = ask(title=_("Special care"))
    note: Line = ask("", title=_("What to do"), description=_("Ring twice; 9 to 17 alone at home."))
    speaker: OptionalId = ask(None, title=_("Who of us speaks it"), kind="staff")
    contact: OptionalId = ask(None, title=_("The child who answers and pays"))
    agreed: How | None = ask(
        None,
        title=_("Agreed to keep notes on health"),
        description=_("Needed once for disability, illness and hearing: health is sensitive."),
    )


@verb("add_flag", _("Note special care"), icon="heart-handshake", form=NewFlag, options=contacts_of)
def add_flag(doing: Doing) -> Said:
    """Health needs the person's own consent first; it may be given with this form."""
    data = doing.data
    _ours(doing, speaker=data.speaker)
    if data.kind in SENSITIVE and not agrees(doing.customer, Purpose.CARE):
        if data.agreed is None:
            raise ConflictError(
                _("Notes on health need the customer's own consent. Say how it was given."), rule="party.care_consent"
            )
        record(doing, Purpose.CARE, given=True, how=data.agreed)
    if data.kind == CareKind.CHILD_HELPS and data.contact is None:
        raise InvalidError({"contact": _("Choose the child among the contacts.")})
    rows = CareFlag.objects.in_project(doing.project_id).filter(customer=doing.customer, kind=data.kind)
    if rows.filter(ended_at__isnull=True).exists():
        raise InvalidError({"kind": _("This is noted already.")})
    CareFlag.objects.create(
        project_id=doing.project_id,
        customer=doing.customer,
        kind=data.kind,
        note=data.note,
        speaker_staff_id=data.speaker,
        contact=_contact(doing),
        since=doing.at,
    )
    return {"care": ["", str(CareKind(data.kind).label)]}


def _contact(doing: Doing) -> Contact | None:
    if doing.data.contact is None:
        return None
    rows = Contact.objects.in_project(doing.project_id).filter(customer=doing.customer, pk=doing.data.contact)
    found = rows.first()
    if found is None:
        raise NotFoundError(_("There is no such contact."))
    return found


def _flags(customer: Customer) -> Mapping[str, Choices]:
    rows = CareFlag.objects.in_project(customer.project_id).filter(customer=customer, ended_at__isnull=True)
    return {"flag": [(str(f.pk), f"{CareKind(f.kind).label} {f.note}") for f in rows.order_by("pk")[:50]]}


class EndFlag(Data):
    flag: Id = ask(title=_("Special care"))


@verb("end_flag", _("No longer needed"), icon="circle-x", form=EndFlag, options=_flags)
def end_flag(doing: Doing) -> Said:
    rows = CareFlag.objects.in_project(doing.project_id).filter(customer=doing.customer, ended_at__isnull=True)
    row = rows.filter(pk=doing.data.flag).first()
    if row is None:
        raise NotFoundError(_("There is no such note."))
    row.ended_at = doing.at
    row.save(update_fields=["ended_at"])
    return {"care": [str(CareKind(row.kind).label), ""]}


class MakeKey(Data):
    plan: Annotated[Line, Field(min_length=1, max_length=300)] = ask(
        title=_("Plan"), description=_("What we do for this customer, and how often.")
    )
    responsible: Id = ask(title=_("Who answers for it"), kind="staff")
    review_on: OptionalDay = ask(None, title=_("Look at it again on"), kind="date")


@verb("make_key", _("Key customer: plan and person"), icon="star", form=MakeKey, roles=DECIDERS)
def make_key(doing: Doing) -> Said:
    """On the list of key customers 重点顾客 only with a plan and a person (seed 001)."""
    customer, data = doing.customer, doing.data
    _ours(doing, responsible=data.responsible)
    said = {"key": [customer.key_plan, data.plan]}
    customer.is_key, customer.key_plan = True, data.plan
    customer.key_staff_id, customer.key_review_on = data.responsible, data.review_on
    customer.save(update_fields=["is_key", "key_plan", "key_staff_id", "key_review_on"])
    return said


class EndKey(Data):
    reason: Annotated[Line, Field(min_length=1)] = ask(title=_("Why"))


@verb("end_key", _("Off the key list"), icon="circle-x", form=EndKey, roles=DECIDERS)
def end_key(doing: Doing) -> Said:
    customer = doing.customer
    if not customer.is_key:
        raise ConflictError(_("Not on the list of key customers."), rule="party.key")
    said = {"key": [customer.key_plan or mask_name(customer.name), doing.data.reason]}
    customer.is_key, customer.key_plan, customer.key_staff_id, customer.key_review_on = False, "", None, None
    customer.save(update_fields=["is_key", "key_plan", "key_staff_id", "key_review_on"])
    return said


class Met(Data):
    kind: EncounterKind = ask(EncounterKind.VISIT, title=_("What was it"))
    note: Annotated[Line, Field(min_length=2, max_length=300)] = ask(title=_("What was said"), kind="textarea")
    happened_on: OptionalDay = ask(None, title=_("Day"), kind="date", description=_("Empty: just now."))


@verb("met", _("Write down a visit or talk"), icon="walk", form=Met)
def met(doing: Doing) -> Said:
    when = min(doing.begin_of(doing.data.happened_on), doing.at)
    Encounter.objects.create(
        project_id=doing.project_id,
        customer=doing.customer,
        kind=doing.data.kind,
        note=doing.data.note,
        staff_id=doing.actor.staff_id,
        staff_name=doing.actor.name,
        happened_at=when,
    )
    return {"met": ["", str(EncounterKind(doing.data.kind).label)]}
