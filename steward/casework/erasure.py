"""When a person's data go: cases keep what happened, under a pseudonym; within retention the name stays, the phone goes."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from django.db.models import F
from django.utils.translation import gettext_lazy as _

from steward.cases.models import Case, Entry
from steward.casework.models import Conflict, Link
from steward.kernel.actor import SYSTEM, Actor
from steward.kernel.audit.seal import rewrite
from steward.kernel.cron import recurs
from steward.kernel.db import write
from steward.kernel.errors import ConflictError
from steward.kernel.facts import Fact, announce, listens
from steward.registers.billing.models import Charge, ChargeState
from steward.registers.party.models import Contact, Customer
from steward.registers.party.policies import RETENTION, in_force, years_after, years_before
from steward.registers.party.rights import PersonErased

OWED: Final = (ChargeState.OPEN, ChargeState.BILLED)
#: Cases that one run of the worker finishes.
RUN: Final = 200


@dataclass(frozen=True, kw_only=True)
class CaseForgotten(Fact):
    """The names in a case give way to a pseudonym; a kind's own tables follow."""

    case: Case
    pseudonym: str


@listens(PersonErased)
def shred(fact: PersonErased) -> None:
    """Refused while a case is open or money is owed: the purpose stands. Phones go everywhere at once."""
    customer, project_id = fact.customer, fact.project_id
    cases = Case.objects.in_project(project_id).filter(customer=customer)
    if cases.filter(closed_at__isnull=True).exists():
        raise ConflictError(_("A case of this customer is still open."), rule="party.erase_after_cases")
    charges = Charge.objects.in_project(project_id).filter(customer=customer)
    if charges.filter(state__in=OWED).exists():
        raise ConflictError(_("Something is still to be paid."), rule="party.erase_after_payment")
    words = _numbers(customer)
    for case in cases:
        _scrub(case, words, fact.actor, fact.at)
    cases.update(reporter_phone="")
    rule = in_force(RETENTION, project_id=project_id, at=fact.at).value
    limit = years_before(fact.at, rule.case_years)
    for case in cases.filter(closed_at__lt=limit):
        forget(case, fact.pseudonym, actor=fact.actor, at=fact.at)
    _keep(fact, "cases", cases.order_by("-closed_at").values_list("closed_at", flat=True).first(), rule.case_years)
    _keep(fact, "money", charges.order_by("-raised_at").values_list("raised_at", flat=True).first(), rule.money_years)


def _keep(fact: PersonErased, what: str, last: datetime | None, years: int) -> None:
    until = years_after(last, years) if last else fact.at
    if until > fact.at:
        fact.kept.append({"what": what, "until": f"{until:%Y-%m-%d}"})


def _numbers(customer: Customer) -> dict[str, str]:
    """Phones and addresses of the customer and the contacts, as they stand in texts."""
    contacts = Contact.objects.in_project(customer.project_id).filter(customer=customer)
    found = {customer.phone, customer.email, customer.id_number, *contacts.values_list("phone", flat=True)}
    return dict.fromkeys(found - {""}, "*")


def forget(case: Case, pseudonym: str, *, actor: Actor, at: datetime) -> None:
    """Names in one case: its row, its timeline, its links and refused entries, its kind's own tables."""
    words = {name: pseudonym for name in (case.customer_name, case.reporter_name) if name and name != pseudonym}
    _scrub(case, words, actor, at)
    case.customer_name = pseudonym
    case.reporter_name = pseudonym if case.reporter_name else ""
    case.save(update_fields=["customer_name", "reporter_name"])
    announce(
        CaseForgotten(
            id=f"forgotten:{case.pk}",
            project_id=case.project_id,
            at=at,
            actor=actor,
            case=case,
            pseudonym=pseudonym,
        )
    )


def _scrub(case: Case, words: dict[str, str], actor: Actor, at: datetime) -> None:
    """Through the audit's own door: the chain of the timeline stays true."""
    if not words:
        return
    case.title, case.description = replaced(case.title, words)[:120], replaced(case.description, words)
    case.save(update_fields=["title", "description"])
    values: dict[int, dict[str, Any]] = {}
    for entry in Entry.objects.in_project(case.project_id).filter(case=case):
        before = {"actor_name": entry.actor_name, "note": entry.note, "data": entry.data}
        after = replaced(before, words)
        if after != before:
            after["actor_name"] = after["actor_name"][:60]
            values[entry.pk] = after
    if values:
        rewrite(
            model=Entry, project_id=case.project_id, values=values, actor=actor, at=at, reason=f"erasure {case.number}"
        )
    for row in Conflict.objects.in_project(case.project_id).filter(case=case):
        row.note, row.data = replaced(row.note, words), replaced(row.data, words)
        row.actor_name = replaced(row.actor_name, words)[:60]
        row.save(update_fields=["note", "data", "actor_name"])
    Link.objects.in_project(case.project_id).filter(case=case).update(person_name="")


def replaced(value: Any, words: dict[str, str]) -> Any:
    """The same value with every word replaced, however deep it stands."""
    if isinstance(value, str):
        for word, text in words.items():
            value = value.replace(word, text)
        return value
    if isinstance(value, dict):
        return {key: replaced(inner, words) for key, inner in value.items()}
    if isinstance(value, list):
        return [replaced(inner, words) for inner in value]
    return value


# 19:00 UTC is three in the night in China.
@recurs("erasures", every=timedelta(days=1), offset=timedelta(hours=19))
def finish(at: datetime) -> None:
    """Cases of erased customers whose retention has run out since."""
    for case, pseudonym in _due(at):
        with write():
            forget(case, pseudonym, actor=SYSTEM, at=at)


def _due(at: datetime) -> Iterator[tuple[Case, str]]:
    """An erased customer's own name is the pseudonym."""
    rows = Case.objects.unscoped().filter(customer__erased_at__isnull=False, closed_at__isnull=False)
    rows = rows.exclude(customer_name=F("customer__name")).select_related("customer").order_by("closed_at")
    for case in rows[:RUN]:
        rule = in_force(RETENTION, project_id=case.project_id, at=at).value
        if case.closed_at and case.customer and case.closed_at < years_before(at, rule.case_years):
            yield case, case.customer.name
