"""Several who complain together 群诉: who joined, each told, each called back or asked to rate."""

import uuid
from datetime import datetime
from typing import Any, Final

from django.utils.translation import gettext_lazy as _

from steward.assurance import callbacks
from steward.assurance.models import REACHED, AttemptOutcome
from steward.cases import engine
from steward.cases.engine import Outcome, Step
from steward.cases.models import Case
from steward.casework.intake.opening import open_case
from steward.casework.models import Link
from steward.kernel.actor import Actor, ActorKind
from steward.kernel.errors import InvalidError, NotFoundError
from steward.processes.complaint import effects, words
from steward.processes.complaint.models import Member
from steward.registers.party.models import Customer, Occupancy, living

GIVEN_UP: Final = "unreachable"


def of_case(case: Case) -> list[Member]:
    """Who is in it now; the spokesperson first."""
    rows = Member.objects.in_project(case.project_id).filter(case_id=case.pk, left_at=None)
    return sorted(rows, key=lambda m: (not m.is_spokesperson, m.pk))


def member(step: Step) -> Member | None:
    return next((m for m in of_case(step.case) if m.pk == step.data.member), None)


def join(step: Step) -> None:
    case, data = step.case, step.data
    customer = customer_of(step)
    name = data.name or (customer.name if customer else "")
    if not name:
        raise InvalidError({"name": _("Say who it is: a room that is lived in, or a name.")})
    row = Member.objects.create(
        project_id=case.project_id,
        case=case,
        customer=customer,
        name=name,
        unit_label=data.unit,
        phone=data.phone or (customer.phone if customer else ""),
        joined_at=step.happened_at,
    )
    if data.is_spokesperson:
        _speaks(step, row)
    step.detail.persons = max(step.detail.persons, len(of_case(case)) + 1)
    step.record["member_name"] = name
    words.joined(step, row)


def customer_of(step: Step) -> Customer | None:
    """By number, or whoever lives in the room. Raises InvalidError for somebody of another project."""
    case, data = step.case, step.data
    if data.customer is not None:
        found = Customer.objects.in_project(case.project_id).filter(pk=data.customer).first()
        if found is None:
            raise InvalidError({"customer": _("There is no such customer here.")})
        return found
    if not data.unit:
        return None
    rows = Occupancy.objects.in_project(case.project_id).filter(living(step.at), unit__label=data.unit)
    lives = list(rows.select_related("customer").order_by("pk"))
    named = [o.customer for o in lives if o.customer.name == data.name] if data.name else [o.customer for o in lives]
    return named[0] if named else None


def spokesperson(step: Step) -> None:
    row = member(step)
    if row is not None:
        _speaks(step, row)
        step.record["member_name"] = row.name


def _speaks(step: Step, row: Member) -> None:
    rows = Member.objects.in_project(step.case.project_id).filter(case_id=step.case.pk)
    rows.exclude(pk=row.pk).update(is_spokesperson=False)
    row.is_spokesperson = True
    row.save(update_fields=["is_spokesperson"])


def hear(step: Step) -> None:
    """A call like the customer's own: outside the quiet hours, tries as far apart, given up after as many."""
    row, data, case = member(step), step.data, step.case
    if row is None:
        return
    callbacks.must_be_callable(
        project_id=case.project_id, customer=row.customer, not_before=row.not_before, at=step.happened_at
    )
    step.note = data.comment
    step.record["member_name"] = row.name
    if data.outcome in REACHED:
        heard(step, row, data.outcome, data.rating)
    else:
        row.tries += 1
        row.not_before = callbacks.next_try(
            project_id=case.project_id,
            customer=row.customer,
            is_urgent=case.urgency in callbacks.URGENT,
            made=row.tries,
            at=step.happened_at,
        )
        row.save(update_fields=["tries", "not_before"])
        if row.not_before is None:
            heard(step, row, GIVEN_UP, None)
    if data.outcome == AttemptOutcome.UNSATISFIED:
        effects.reopen(step)


def heard(step: Step, row: Member, how: str, rating: int | None) -> None:
    row.heard, row.rating, row.heard_at, row.heard_round = how, rating, step.happened_at, step.case.round
    row.tries, row.not_before = 0, None
    row.save(update_fields=["heard", "rating", "heard_at", "heard_round", "tries", "not_before"])


def all_heard(step: Step) -> bool:
    """Everybody who joined was asked in this round."""
    return all(m.heard_round == step.case.round for m in of_case(step.case))


def behind_link(step: Step) -> Member | None:
    """Who joined and now rates by a link of their own."""
    if step.actor.kind is not ActorKind.LINK:
        return None
    link_id = int(step.actor.key.removeprefix("link:"))
    customer = Link.objects.in_project(step.case.project_id).filter(pk=link_id).values_list("customer_id", flat=True)
    found = customer.first()
    if found is None or found == step.case.customer_id:
        return None
    return next((m for m in of_case(step.case) if m.customer_id == found), None)


def split_off(step: Step) -> None:
    row = member(step)
    if row is None:
        return
    row.left_at, row.left_to, row.is_spokesperson = step.happened_at, step.data.own_number, False
    row.save(update_fields=["left_at", "left_to", "is_spokesperson"])
    step.record["member_name"] = row.name


def go_alone(
    *, project_id: int, number: str, member_id: int, actor: Actor, at: datetime, client_uuid: uuid.UUID
) -> Outcome:
    """A complaint of their own for one who joined, received when they joined; then they leave the others.

    Safe to repeat: both steps have identifiers of their own, made from this one. Raises NotFoundError.
    """
    case, detail, _process = engine.load(project_id, number, actor)
    row = Member.objects.visible_to(actor).filter(project_id=project_id, case_id=case.pk, pk=member_id).first()
    if row is None:
        raise NotFoundError(_("There is nobody like this in the complaint."))
    data: dict[str, Any] = {
        "title": case.title,
        "description": case.description,
        "channel": case.channel,
        "unit": row.unit_label,
        "customer": row.customer_id,
        "reporter_name": row.name,
        "reporter_phone": row.phone,
        "place": case.place,
        "category": case.category.code if case.category else "",
        "origin": number,
        "remedy": detail.remedy,
    }
    own = open_case(
        project_id=project_id,
        kind=case.kind,
        actor=actor,
        at=at,
        client_uuid=uuid.uuid5(client_uuid, "own"),
        data={k: v for k, v in data.items() if v},
    )
    engine.act(
        project_id=project_id,
        number=number,
        action="split_off",
        actor=actor,
        at=at,
        client_uuid=uuid.uuid5(client_uuid, "leave"),
        data={"member": member_id, "own_number": own.case.number},
    )
    return own
