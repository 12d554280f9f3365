"""Contractors 外判单位: who works here under which contract, insured until when, and what runs out next (ORG-5)."""

import hashlib
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Annotated, Any, Final

from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from pydantic import Field

from steward.kernel import policies
from steward.kernel.actor import Actor
from steward.kernel.audit import changed, record
from steward.kernel.db import CollisionError, retrying
from steward.kernel.errors import ConflictError, InvalidError, NotAllowedError, NotFoundError
from steward.kernel.policies import Policy
from steward.kernel.schema import Data, Line, Text, ask
from steward.registers.org.tree import place
from steward.registers.workforce.models import Contractor, ContractorStaff, Trade
from steward.registers.workforce.papers_models import KEEPING

#: One contract: this firm, for this trade, from this day on.
KEY: Final = ("name", "trade", "contract_from")
SHORTEST: Final = 2
Phone = Annotated[str, Field(max_length=20)]
NOTICE: Final = Policy(
    key="contractor.notice_days",
    title=_("Contractors: days of notice before a contract, insurance or certificate runs out"),
    type=Annotated[int, Field(ge=0, le=366)],
    preset=90,
    unit=_("days"),
    source="our default: three months to tender again",
)
URGENT: Final = Policy(
    key="contractor.urgent_days",
    title=_("Contractors: days before it runs out that are pressing"),
    type=Annotated[int, Field(ge=0, le=366)],
    preset=30,
    unit=_("days"),
    source="our default: a month is the least to have the paper renewed",
)


class ContractorData(Data):
    name: Annotated[Line, Field(min_length=2, max_length=80)] = ask(title=_("Firm"))
    trade: Trade = ask(title=_("Trade"))
    scope_of_work: Text = ask("", max_length=2000, title=_("Scope of work"))
    contract_no: Line = ask("", max_length=40, title=_("Contract number"))
    contract_from: date = ask(title=_("Contract from"), kind="date")
    contract_until: date = ask(title=_("Contract until"), kind="date")
    insurer: Line = ask("", max_length=80, title=_("Insurer"))
    policy_no: Line = ask("", max_length=60, title=_("Policy number"))
    insured_until: date | None = ask(None, title=_("Insured until"), kind="date")
    contact: Line = ask("", max_length=60, title=_("Contact"))
    phone: Phone = ask("", title=_("Phone"), kind="phone")


class StaffData(Data):
    name: Annotated[Line, Field(min_length=1, max_length=60)] = ask(title=_("Name"))
    duty: Line = ask("", max_length=60, title=_("Duty"))
    phone: Phone = ask("", title=_("Phone"), kind="phone")
    certificate: Line = ask("", max_length=80, title=_("Certificate"))
    certified_until: date | None = ask(None, title=_("Certificate valid until"), kind="date")


@dataclass(frozen=True, slots=True)
class Expiry:
    """Something that runs out: ``left`` days from today, below zero when it has."""

    contractor_id: int
    contractor: str
    what: str
    subject: str
    on: date
    left: int
    urgent: bool


@dataclass(frozen=True, slots=True)
class Notice:
    """How near a day is: told within ``days``, pressing within ``urgent``; days of the place."""

    today: date
    days: int
    urgent: int

    @property
    def last(self) -> date:
        return self.today + timedelta(days=self.days)

    def tone(self, on: date | None) -> str:
        """``late`` is pressing or over, ``soon`` is to be told, nothing else matters yet."""
        if on is None or on > self.last:
            return ""
        return "late" if (on - self.today).days <= self.urgent else "soon"


def notice_of(project_id: int, at: datetime) -> Notice:
    where = place(project_id)
    figures = [policies.in_force(policy, lineage=where.lineage, at=at).value for policy in (NOTICE, URGENT)]
    return Notice(at.astimezone(where.tz).date(), *figures)


def may_keep(actor: Actor, project_id: int) -> bool:
    return actor.is_system or any(actor.has(role, project_id) for role in KEEPING)


def engage(*, project_id: int, data: ContractorData, actor: Actor, at: datetime) -> Contractor:
    """A new contract. The same firm, trade and first day again is the contract we have, brought up to date.

    Raises NotFoundError, NotAllowedError, InvalidError (dates), ConflictError (that contract has ended).
    """
    ensure_keeps(actor, project_id)
    _ensure_dates(data)
    values = data.model_dump()
    key = {name: values[name] for name in KEY}

    def once() -> Contractor:
        known = Contractor.objects.in_project(project_id).filter(**key).first()
        if known is not None:
            return _swap(known, values, "contractor.engage", actor, at)
        row = Contractor.objects.create(project_id=project_id, **values)
        _told("contractor.engage", row, {}, {n: v for n, v in values.items() if n not in KEY}, actor, at)
        return row

    return retrying(once)


def amend(
    *, project_id: int, contractor_id: int, data: ContractorData, actor: Actor, at: datetime, seen: str = ""
) -> Contractor:
    """Correct a contract or its papers. What stays the same leaves no trace.

    ``seen``: the ``mark_of`` what was corrected; changed by somebody else since, nothing is written over it. Raises
    NotFoundError, NotAllowedError, ConflictError (ended, changed since), InvalidError (dates; another is the same).
    """
    _ensure_dates(data)
    values = data.model_dump()

    def once() -> Contractor:
        row = get(project_id=project_id, contractor_id=contractor_id, actor=actor)
        ensure_keeps(actor, project_id)
        if {name: getattr(row, name) for name in values} == values:
            return row
        if seen and seen != mark_of(row):
            words = _("Somebody else changed this meanwhile. Look at what is kept now; saving again replaces it.")
            raise ConflictError(words, rule="contractor.as_seen")
        same = Contractor.objects.in_project(project_id).filter(**{name: values[name] for name in KEY})
        if same.exclude(pk=row.pk).exists():
            raise InvalidError({"contract_from": _("This firm has such a contract from that day already.")})
        return _swap(row, values, "contractor.amend", actor, at)

    return retrying(once)


def mark_of(row: Contractor) -> str:
    """Another one for each state of a contract."""
    told = repr([str(getattr(row, name)) for name in ContractorData.model_fields])
    return hashlib.sha256(told.encode()).hexdigest()[:16]


def _swap(row: Contractor, values: dict[str, Any], what: str, actor: Actor, at: datetime) -> Contractor:
    """Write over what was read and nothing else. Raises CollisionError, ConflictError (ended)."""
    ensure_open(row)
    before = {name: getattr(row, name) for name in values}
    if before == values:
        return row
    rows = Contractor.objects.in_project(row.project_id).filter(pk=row.pk, ended_at__isnull=True, **before)
    if not rows.update(**values):
        raise CollisionError
    row.refresh_from_db()
    _told(what, row, before, values, actor, at)
    return row


def _ensure_dates(data: ContractorData) -> None:
    if data.contract_until < data.contract_from:
        raise InvalidError({"contract_until": _("A contract ends after it begins.")})


def ensure_open(row: Contractor) -> None:
    if row.ended_at is not None:
        raise ConflictError(_("This contract has ended."), rule="contractor.open")


def end_contract(*, project_id: int, contractor_id: int, actor: Actor, at: datetime) -> Contractor:
    """They no longer work here; what they did stays on record."""

    def once() -> Contractor:
        row = get(project_id=project_id, contractor_id=contractor_id, actor=actor)
        ensure_keeps(actor, project_id)
        if row.ended_at is None:
            _swap(row, {"ended_at": at}, "contractor.end", actor, at)
        return row

    return retrying(once)


def send_staff(*, project_id: int, contractor_id: int, data: StaffData, actor: Actor, at: datetime) -> ContractorStaff:
    """Somebody whom the firm sends. The same name and phone again is brought up to date."""
    values = data.model_dump() | {"left_at": None}
    key = {name: values.pop(name) for name in ("name", "phone")}

    def once() -> ContractorStaff:
        row = get(project_id=project_id, contractor_id=contractor_id, actor=actor)
        ensure_keeps(actor, project_id)
        ensure_open(row)
        person, _new = ContractorStaff.objects.in_project(project_id).update_or_create(
            project_id=project_id, contractor=row, **key, defaults=values
        )
        _told("contractor.staff", row, {}, {"staff": person.pk, "duty": person.duty}, actor, at)
        return person

    return retrying(once)


def withdraw_staff(*, project_id: int, staff_id: int, actor: Actor, at: datetime) -> ContractorStaff:
    """The firm sends this person no longer; the row stays. Again: nothing more happens."""

    def once() -> ContractorStaff:
        people = ContractorStaff.objects.visible_to(actor).filter(project_id=project_id, pk=staff_id)
        person = people.select_related("contractor").first()
        if person is None:
            raise NotFoundError(_("There is no such contractor."))
        ensure_keeps(actor, project_id)
        here = ContractorStaff.objects.in_project(project_id).filter(pk=staff_id, left_at__isnull=True)
        if here.update(left_at=at):
            person.left_at = at
            _told("contractor.staff_left", person.contractor, {}, {"staff": person.pk}, actor, at)
        return person

    return retrying(once)


def get(*, project_id: int, contractor_id: int, actor: Actor) -> Contractor:
    row = Contractor.objects.visible_to(actor).filter(project_id=project_id, pk=contractor_id).first()
    if row is None:
        raise NotFoundError(_("There is no such contractor."))
    return row


def at_work(*, project_id: int, actor: Actor) -> list[tuple[str, str]]:
    """Firm and trade of every contract that has not ended. One query."""
    rows = Contractor.objects.visible_to(actor).filter(project_id=project_id, ended_at__isnull=True)
    return list(rows.order_by("trade", "name").values_list("name", "trade")[:200])


def goes_by(firm: str, said: str) -> bool:
    """Whether a firm is meant by what somebody typed: its name, or the beginning of it."""
    return firm == said or (len(said) >= SHORTEST and firm.startswith(said))


def expiring(*, project_id: int, actor: Actor, at: datetime) -> list[Expiry]:
    """Contracts, insurances and certificates that run out within the notice, or have; the nearest first. Two queries."""
    notice = notice_of(project_id, at)
    today, last = notice.today, notice.last
    firms = Contractor.objects.visible_to(actor).filter(project_id=project_id, ended_at__isnull=True)
    people = ContractorStaff.objects.visible_to(actor).filter(
        project_id=project_id, left_at__isnull=True, contractor__ended_at__isnull=True, certified_until__lte=last
    )
    found = [
        Expiry(firm.pk, firm.name, what, firm.name, on, (on - today).days, notice.tone(on) == "late")
        for firm in firms.filter(Q(contract_until__lte=last) | Q(insured_until__lte=last))
        for what, on in (("contract", firm.contract_until), ("insurance", firm.insured_until))
        if on is not None and on <= last
    ]
    found += [
        Expiry(
            p.contractor_id,
            p.contractor.name,
            "certificate",
            p.name,
            p.certified_until,
            (p.certified_until - today).days,
            notice.tone(p.certified_until) == "late",
        )
        for p in people.select_related("contractor")
        if p.certified_until is not None
    ]
    return sorted(found, key=lambda e: (e.on, e.contractor_id))


def ensure_keeps(actor: Actor, project_id: int) -> None:
    if not actor.is_system and project_id not in actor.project_ids:
        raise NotFoundError(_("There is no such project."))
    if not may_keep(actor, project_id):
        raise NotAllowedError(_("The project manager keeps the contractors."), rule="contractor.by_manager")


def _told(
    what: str, row: Contractor, before: dict[str, Any], after: dict[str, Any], actor: Actor, at: datetime
) -> None:
    told = changed(_told_of(before), _told_of(after))
    record(
        project_id=row.project_id,
        actor=actor,
        at=at,
        what=what,
        subject_kind="workforce.contractor",
        subject_id=row.pk,
        label=row.name,
        before=told["before"],
        after=told["after"],
    )


def _told_of(values: dict[str, Any]) -> dict[str, Any]:
    """Without people's names and numbers."""
    return {k: None if v is None else str(v) for k, v in values.items() if k not in ("contact", "phone")}
