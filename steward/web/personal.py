"""Everything that is kept about a person: the answer to a request for access (PIPL §45), for reading and for machines."""

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from io import BytesIO
from typing import Any

import xlsxwriter
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from steward.cases.declare import process_of
from steward.cases.models import Case
from steward.kernel.actor import HomeRole
from steward.kernel.models import AuditEvent
from steward.registers.billing.models import Charge, ChargeState, Payment
from steward.registers.party.models import (
    CareFlag,
    CareKind,
    ConsentRecord,
    Contact,
    Customer,
    DataRequest,
    Encounter,
    Occupancy,
    PowerOfAttorney,
    Purpose,
    Sharing,
    Vehicle,
)
from steward.registers.party.verbs import SUBJECT


@dataclass(frozen=True)
class Sheet:
    """One kind of data: its name, its columns, its rows as words."""

    key: str
    title: str
    heads: Sequence[str]
    rows: Sequence[Sequence[str]]


def everything(customer: Customer) -> list[Sheet]:
    """For whoever has already been allowed to see it; a dozen statements, whatever the person has."""
    return [*_about(customer), *_matters(customer), *_keeping(customer)]


def _day(at: datetime | None) -> str:
    return f"{timezone.localtime(at):%Y-%m-%d %H:%M}" if at else ""


def _about(who: Customer) -> Iterable[Sheet]:
    mine = {"project_id": who.project_id, "customer": who}
    pairs = [
        (_("Name"), who.name),
        (_("Phone"), who.phone),
        (_("Identity number"), who.id_number),
        (_("E-mail"), who.email),
        (_("How to address"), who.salutation),
        (_("When and how to reach"), who.reach_note),
        (_("Note"), who.care_note),
        (_("Value class"), who.value_class),
        (_("Plan"), who.key_plan),
    ]
    yield Sheet(
        "person", _("Person"), [pgettext("of a person", "Matter"), _("Value")], [(str(k), v) for k, v in pairs if v]
    )
    rooms = Occupancy.objects.unscoped().filter(**mine).select_related("unit").order_by("since")
    yield Sheet(
        "rooms",
        _("Rooms"),
        [_("Room"), _("Stands to the room as"), _("Since"), _("Last day")],
        [(o.unit.label, str(HomeRole(o.role).label), _day(o.since), _day(o.until)) for o in rooms],
    )
    contacts = Contact.objects.unscoped().filter(**mine).order_by("pk")
    yield Sheet(
        "contacts",
        _("Contacts"),
        [_("Name"), _("Relation"), _("Phone")],
        [(c.name, c.relation, c.phone) for c in contacts],
    )
    powers = PowerOfAttorney.objects.unscoped().filter(**mine).order_by("pk")
    yield Sheet(
        "powers",
        _("Powers of attorney"),
        [_("Who may act"), _("Since"), _("Last day"), _("Withdrawn")],
        [(p.agent_name, _day(p.since), _day(p.until), _day(p.ended_at)) for p in powers],
    )
    flags = CareFlag.objects.unscoped().filter(**mine).order_by("pk")
    yield Sheet(
        "care",
        _("Special care"),
        [_("What"), _("Note"), _("Since"), _("Last day")],
        [(str(CareKind(f.kind).label), f.note, _day(f.since), _day(f.ended_at)) for f in flags],
    )
    cars = Vehicle.objects.unscoped().filter(**mine).order_by("pk")
    yield Sheet("cars", _("Cars"), [_("Plate"), _("Make and colour")], [(v.plate, v.note) for v in cars])


def _matters(who: Customer) -> Iterable[Sheet]:
    cases = Case.objects.in_project(who.project_id).filter(customer=who).order_by("-received_at")
    yield Sheet(
        "cases",
        _("Cases"),
        [
            _("Number"),
            _("Kind"),
            _("Title"),
            _("What was reported"),
            _("Reporter"),
            _("Phone"),
            _("Received"),
            _("Closed"),
        ],
        [
            (
                c.number,
                _kind(c.kind),
                c.title,
                c.description,
                c.reporter_name,
                c.reporter_phone,
                _day(c.received_at),
                _day(c.closed_at),
            )
            for c in cases[:5000]
        ],
    )
    charges = Charge.objects.in_project(who.project_id).filter(customer=who).order_by("-raised_at")
    yield Sheet(
        "charges",
        _("Charges"),
        [_("What"), _("Amount"), _("State"), _("Raised")],
        [(c.description, str(c.amount), str(ChargeState(c.state).label), _day(c.raised_at)) for c in charges[:5000]],
    )
    paid = Payment.objects.in_project(who.project_id).filter(charge__customer=who).select_related("charge")
    yield Sheet(
        "payments",
        _("Payments"),
        [_("What"), _("Amount"), _("How")],
        [(p.charge.description, str(p.amount), p.get_method_display()) for p in paid[:5000]],
    )
    met = Encounter.objects.in_project(who.project_id).filter(customer=who).order_by("-happened_at")
    yield Sheet(
        "encounters",
        _("Visits and talks"),
        [_("Day"), _("What was it"), _("What was said")],
        [(_day(e.happened_at), e.get_kind_display(), e.note) for e in met[:5000]],
    )


def _kind(kind: str) -> str:
    process = process_of(kind)
    return str(process.title) if process else kind


def _keeping(who: Customer) -> Iterable[Sheet]:
    """What is kept about the keeping: consents, data passed on, requests, and that somebody looked (not who)."""
    consents = ConsentRecord.objects.in_project(who.project_id).filter(customer=who).order_by("at", "pk")
    yield Sheet(
        "consents",
        _("Consents"),
        [_("For what"), _("Given or withdrawn"), _("How"), _("Day")],
        [
            (
                str(Purpose(c.purpose).label),
                _("given") if c.is_given else _("withdrawn"),
                c.get_how_display(),
                _day(c.at),
            )
            for c in consents
        ],
    )
    shared = Sharing.objects.in_project(who.project_id).filter(customer=who).order_by("at")
    yield Sheet(
        "passed_on",
        _("Given to others"),
        [_("To whom"), _("Which data"), _("For what"), _("On what basis"), _("Day")],
        [(s.recipient, s.what, s.purpose, s.get_basis_display(), _day(s.at)) for s in shared],
    )
    asked = DataRequest.objects.in_project(who.project_id).filter(customer=who).order_by("asked_at")
    yield Sheet(
        "requests",
        _("Requests about personal data"),
        [_("What is asked"), _("Day"), _("Outcome"), _("Answer to the person")],
        [(r.get_kind_display(), _day(r.asked_at), r.get_state_display(), r.answer) for r in asked],
    )
    looks = AuditEvent.objects.in_project(who.project_id).filter(
        ~Q(kind="change"), subject_kind=SUBJECT, subject_id=str(who.pk)
    )
    yield Sheet(
        "looks",
        _("Looks at masked values"),
        [_("Day"), _("Why")],
        [(_day(e.at), e.reason) for e in looks.order_by("at")],
    )


def as_json(sheets: Sequence[Sheet]) -> str:
    """{key: [{column: value}]}, in the reader's language; keys of sheets stay the same in every language."""
    body: dict[str, Any] = {s.key: [dict(zip(s.heads, row, strict=True)) for row in s.rows] for s in sheets}
    return json.dumps(body, ensure_ascii=False, indent=2)


def as_excel(sheets: Sequence[Sheet]) -> bytes:
    """A sheet each. Everything is text: nothing in it can become a formula."""
    out = BytesIO()
    with xlsxwriter.Workbook(out, {"strings_to_formulas": False, "strings_to_urls": False, "in_memory": True}) as book:
        bold = book.add_format({"bold": True})
        for sheet in sheets:
            page = book.add_worksheet(sheet.title[:31])
            for column, head in enumerate(sheet.heads):
                page.write_string(0, column, str(head), bold)
                page.set_column(column, column, 22)
            for line, row in enumerate(sheet.rows, start=1):
                for column, value in enumerate(row):
                    page.write_string(line, column, str(value))
    return out.getvalue()
