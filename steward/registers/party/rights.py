"""The person's rights over the own data: consent given and withdrawn, data passed on, requests with a deadline."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Annotated, Any

from django.conf import settings
from django.utils import timezone, translation
from django.utils.translation import gettext_lazy as _
from pydantic import Field

from steward.kernel.audit.seal import rewrite
from steward.kernel.errors import ConflictError, NotFoundError
from steward.kernel.facts import Fact, announce
from steward.kernel.models import AuditEvent
from steward.kernel.schema import Data, Id, Line, ask
from steward.registers.org.models import User
from steward.registers.org.tree import place
from steward.registers.party import policies, search
from steward.registers.party.care_models import SENSITIVE, CareFlag
from steward.registers.party.contacts import end_all_powers
from steward.registers.party.models import (
    ConsentRecord,
    Contact,
    Customer,
    DataRequest,
    Encounter,
    How,
    Occupancy,
    PowerOfAttorney,
    Purpose,
    Sharing,
    Vehicle,
)
from steward.registers.party.privacy_models import Basis, RequestKind, RequestState
from steward.registers.party.verbs import KEEPERS, MANAGERS, SUBJECT, Choices, Doing, Said, verb


# --- consent ----------------------------------------------------------------------------------------
def agrees(customer: Customer, purpose: Purpose) -> bool:
    """The latest word on this purpose; silence is no consent."""
    rows = ConsentRecord.objects.in_project(customer.project_id).filter(customer=customer, purpose=purpose)
    return bool(rows.order_by("-at", "-pk").values_list("is_given", flat=True).first())


def record(doing: Doing, purpose: Purpose, *, given: bool, how: How, note: str = "") -> None:
    ConsentRecord.objects.create(
        project_id=doing.project_id,
        customer=doing.customer,
        purpose=purpose,
        is_given=given,
        how=how,
        note=note,
        at=doing.at,
        recorded_by=doing.actor.key,
    )


class GiveConsent(Data):
    purpose: Purpose = ask(title=_("For what"))
    how: How = ask(How.PORTAL, title=_("How"))
    note: Line = ask("", title=_("Note"))


@verb("consent", _("Record a consent"), icon="circle-check", form=GiveConsent, by_customer=True)
def consent(doing: Doing) -> Said:
    purpose = Purpose(doing.data.purpose)
    record(doing, purpose, given=True, how=_how(doing), note=doing.data.note)
    return {"consent": ["", str(purpose.label)]}


@verb("withdraw", _("Record a withdrawal"), icon="circle-x", form=GiveConsent, by_customer=True)
def withdraw(doing: Doing) -> Said:
    """As easy as giving (PIPL §15). What rested on the consent ends with it; what was done before stays lawful."""
    purpose = Purpose(doing.data.purpose)
    if purpose is Purpose.SERVICE:
        raise ConflictError(
            _("This rests on the contract, not on consent: without it nobody could be served."),
            rule="party.contract_basis",
        )
    record(doing, purpose, given=False, how=_how(doing), note=doing.data.note)
    if purpose is Purpose.FAMILY:
        end_all_powers(doing.customer, doing.at)
    if purpose is Purpose.CARE:
        rows = CareFlag.objects.in_project(doing.project_id).filter(customer=doing.customer, kind__in=SENSITIVE)
        rows.filter(ended_at__isnull=True).update(ended_at=doing.at, note="")
    return {"consent": [str(purpose.label), ""]}


def _how(doing: Doing) -> How:
    """A resident acts on the residents' page, whatever the form says."""
    return How(doing.data.how) if doing.actor.is_staff else How.PORTAL


# --- passing on -------------------------------------------------------------------------------------
class Share(Data):
    recipient: Annotated[Line, Field(min_length=2, max_length=80)] = ask(title=_("To whom"))
    what: Annotated[Line, Field(min_length=2)] = ask(title=_("Which data"))
    purpose: Annotated[Line, Field(min_length=2)] = ask(title=_("For what"))
    basis: Basis = ask(title=_("On what basis"))


@verb("share", _("Record that data were passed on"), icon="transfer", form=Share)
def share(doing: Doing) -> Said:
    data = doing.data
    if data.basis == Basis.CONSENT and not agrees(doing.customer, Purpose.THIRD_PARTY):
        raise ConflictError(
            _("There is no separate consent to pass data on. Ask for it first."), rule="party.sharing_consent"
        )
    Sharing.objects.create(
        project_id=doing.project_id,
        customer=doing.customer,
        recipient=data.recipient,
        what=data.what,
        purpose=data.purpose,
        basis=data.basis,
        at=doing.at,
        recorded_by=doing.actor.key,
    )
    return {"shared": ["", data.recipient]}


# --- requests ---------------------------------------------------------------------------------------
class AskFor(Data):
    kind: RequestKind = ask(title=_("What is asked"))
    text: Annotated[Line, Field(max_length=500)] = ask("", title=_("In the person's words"), kind="textarea")
    how: How = ask(How.DESK, title=_("How it came"))


@verb("request", _("Take a request about personal data"), icon="shield-check", form=AskFor, by_customer=True)
def request(doing: Doing) -> Said:
    """One of a kind open at a time; the deadline keeps the policy's version."""
    data, kind = doing.data, RequestKind(doing.data.kind)
    rows = DataRequest.objects.in_project(doing.project_id).filter(customer=doing.customer, kind=kind)
    if rows.filter(state=RequestState.OPEN).exists():
        raise ConflictError(_("Such a request is open already."), rule="party.request_once")
    rule = policies.in_force(policies.ANSWERING, project_id=doing.project_id, at=doing.at)
    DataRequest.objects.create(
        project_id=doing.project_id,
        customer=doing.customer,
        kind=kind,
        text=data.text,
        how=_how(doing),
        asked_at=doing.at,
        asked_by=doing.actor.key,
        due_at=doing.at + timedelta(days=rule.value.days),
        policy_version=rule.version,
    )
    return {"request": ["", str(kind.label)]}


class Answer(Data):
    request: Id = ask(title=_("Request"))
    outcome: RequestState = ask(title=_("Outcome"))
    answer: Annotated[Line, Field(min_length=2, max_length=500)] = ask(title=_("Answer to the person"), kind="textarea")


def _open_requests(customer: Customer) -> Mapping[str, Choices]:
    rows = DataRequest.objects.in_project(customer.project_id).filter(customer=customer, state=RequestState.OPEN)
    return {
        "request": [(str(r.pk), _named(r)) for r in rows.order_by("pk")[:20]],
        "outcome": [
            (RequestState.DONE, RequestState.DONE.label),
            (RequestState.REFUSED, RequestState.REFUSED.label),
        ],
    }


def _named(row: DataRequest) -> str:
    """Two may be open at once: which one says the day, and the person's own words."""
    day = timezone.localtime(row.asked_at, place(row.project_id).tz)
    return " · ".join(filter(None, [str(RequestKind(row.kind).label), f"{day:%m-%d}", row.text[:40]]))


@verb("answer", _("Answer a request"), icon="message-check", form=Answer, roles=MANAGERS, options=_open_requests)
def answer(doing: Doing) -> Said:
    """Reasons are owed with a refusal (PIPL §50). A granted erasure happens here, all of it or nothing."""
    data = doing.data
    rows = DataRequest.objects.in_project(doing.project_id).filter(customer=doing.customer, state=RequestState.OPEN)
    row = rows.filter(pk=data.request).first()
    if row is None:
        raise NotFoundError(_("There is no such request."))
    if data.outcome == RequestState.OPEN:
        raise ConflictError(_("Choose done or refused."), rule="party.request_outcome")
    row.state, row.answer = data.outcome, data.answer
    row.answered_at, row.answered_by = doing.at, doing.actor.key
    if row.kind == RequestKind.ERASURE and row.state == RequestState.DONE:
        row.kept, row.text = erase(doing), ""
    row.save()
    return {"request": [str(RequestKind(row.kind).label), str(RequestState(row.state).label)]}


# --- erasure ----------------------------------------------------------------------------------------
@dataclass(frozen=True, kw_only=True)
class PersonErased(Fact):
    """A person's data go. Who keeps some more of them shreds those, or says in ``kept`` what the law holds, and
    until when; who still needs them raises ConflictError, and nothing happens."""

    customer: Customer
    pseudonym: str
    kept: list[dict[str, Any]] = field(default_factory=list)


def pseudonym_of(customer: Customer) -> str:
    """Tells two erased customers apart, and nothing else; the same whoever asks."""
    with translation.override(settings.LANGUAGE_CODE):
        return str(_("Erased customer %(n)s") % {"n": customer.pk})


def erase(doing: Doing) -> list[dict[str, Any]]:
    """Shred what names the person. Records of money and cases stay true under a pseudonym.

    Refused while the customer lives or works here: the purpose stands (PIPL §47).
    """
    customer, at = doing.customer, doing.at
    rows = Occupancy.objects.in_project(doing.project_id).filter(customer=customer)
    if rows.filter(until__isnull=True).exists() or rows.filter(until__gt=at).exists():
        raise ConflictError(
            _("The customer still has a room here: the contract needs these data. Refuse it, with this as the reason."),
            rule="party.erase_after_moving_out",
        )
    fact = PersonErased(
        id=f"erased:{customer.pk}",
        project_id=doing.project_id,
        at=at,
        actor=doing.actor,
        customer=customer,
        pseudonym=pseudonym_of(customer),
    )
    announce(fact)
    fact.kept.extend(_sharing_kept(customer, at))
    _shred(doing, fact.pseudonym)
    return fact.kept


def _sharing_kept(customer: Customer, at: datetime) -> list[dict[str, Any]]:
    """Records of giving data away outlive the data."""
    rule = policies.in_force(policies.RETENTION, project_id=customer.project_id, at=at).value
    last = Sharing.objects.in_project(customer.project_id).filter(customer=customer).order_by("-at").first()
    until = policies.years_after(last.at, rule.sharing_years) if last else at
    return [{"what": "sharing", "until": f"{until:%Y-%m-%d}"}] if until > at else []


def forget_personal(doing: Doing) -> None:
    """What the audit of this file quotes; its lines stay, and the chain stays true."""
    rows = AuditEvent.objects.in_project(doing.project_id)
    rows = rows.filter(subject_kind=SUBJECT, subject_id=str(doing.customer.pk), personal__isnull=False)
    values = dict.fromkeys(rows.values_list("pk", flat=True))
    if values:
        rewrite(
            model=AuditEvent,
            project_id=doing.project_id,
            values=values,
            actor=doing.actor,
            at=doing.at,
            reason=f"erasure {SUBJECT} {doing.customer.pk}",
        )


def _shred(doing: Doing, pseudonym: str) -> None:
    customer, at = doing.customer, doing.at
    project_id, person = customer.project_id, customer.person
    PowerOfAttorney.objects.in_project(project_id).filter(customer=customer).update(agent_name="", ended_at=at)
    CareFlag.objects.in_project(project_id).filter(customer=customer).update(note="", ended_at=at, contact=None)
    Contact.objects.in_project(project_id).filter(customer=customer).delete()
    Vehicle.objects.in_project(project_id).filter(customer=customer).delete()
    Encounter.objects.in_project(project_id).filter(customer=customer).update(note="")
    forget_personal(doing)
    ConsentRecord.objects.in_project(project_id).filter(customer=customer).update(note="")
    DataRequest.objects.in_project(project_id).filter(customer=customer).update(text="")
    customer.name, customer.phone, customer.email, customer.id_number, customer.id_found_by = pseudonym, "", "", "", ""
    customer.salutation = customer.reach_note = customer.care_note = customer.key_plan = ""
    customer.is_key, customer.key_staff_id, customer.person = False, None, None
    customer.erased_at = at
    customer.save()
    search.index_customers(project_id, [customer.pk])
    # The human behind: only when no other project knows the same person.
    if person is not None and not Customer.objects.unscoped().filter(person=person).exists():
        person.name, person.phone, person.email, person.user_id = pseudonym, "", "", None
        person.save()
        # The sign-in goes with its person.
        User.objects.filter(person_id=person.pk).update(
            is_active=False, name=pseudonym, username=f"erased-{person.pk}", person_id=None
        )


__all__ = ["KEEPERS", "PersonErased", "agrees", "erase", "record"]
