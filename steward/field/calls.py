"""Callbacks a butler makes on the way: whom to call now, and what came of it."""

from dataclasses import dataclass, replace
from typing import Any, Final

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from steward.assurance.callbacks import callable_from
from steward.assurance.forms import CallBack
from steward.assurance.models import Callback, Purpose
from steward.cases.declare import process_of
from steward.design.forms import Field
from steward.field.shell import page, shell_of
from steward.kernel.actor import Actor, Role
from steward.kernel.errors import NotFoundError
from steward.registers.workforce.people import name_of
from steward.web.forms import questions
from steward.web.http import actor_of, field_only

CALLERS: Final = (Role.BUTLER, Role.HEAD_BUTLER, Role.DESK, Role.MANAGER)
SHOWN: Final = 30


@dataclass(frozen=True)
class Call:
    """``ready``: may be dialled now; else ``at`` says when. ``fields``: what is written down afterwards."""

    callback: Callback
    who: str
    phone: str
    whose: str
    care: str
    done_by: str
    ready: bool
    at: Any
    fields: list[Field]

    @property
    def case(self) -> Any:
        return self.callback.case

    @property
    def purpose(self) -> str:
        return Purpose.AFTER_RAIN.value if self.callback.purpose == Purpose.AFTER_RAIN else ""


def may_call(actor: Actor) -> bool:
    return any(grant.role in CALLERS for grant in actor.grants)


@field_only
@require_GET
def show(request: HttpRequest) -> HttpResponse:
    """My households, the earliest due first. One query."""
    actor, now = actor_of(request), timezone.now()
    if not may_call(actor):
        raise NotFoundError(_("There is no such page."))
    rows = Callback.objects.visible_to(actor).filter(ended_at__isnull=True, butler_id=actor.staff_id)
    rows = rows.exclude(waits_for_rain=True, not_before__gt=now)
    found = rows.select_related("case", "case__customer__call_wish").order_by("due_at", "pk")[:SHOWN]
    calls = [_call(row, actor, now) for row in found]
    context = page(request, actor, shell=shell_of(actor, current="jobs"), calls=[c for c in calls if c is not None])
    return render(request, "field/calls.jinja", context)


def _call(row: Callback, actor: Actor, now: Any) -> Call | None:
    """None where this colleague did the work: somebody else calls."""
    case = row.case
    process = process_of(case.kind)
    action = process.action("callback") if process else None
    if action is None or case.state not in action.source or case.handler_id == actor.staff_id:
        return None
    free = callable_from(row, at=now)
    own = case.reporter_name and case.reporter_name != case.customer_name
    customer = case.customer
    whose = "reporter" if own or customer is None or not customer.phone else "customer"
    phone = case.reporter_phone if whose == "reporter" else customer.phone
    asked = questions(CallBack, actor=actor)
    return Call(
        callback=row,
        who=case.reporter_name or case.customer_name,
        phone=phone,
        whose=whose,
        care=customer.care_note if customer is not None else "",
        done_by=name_of(case.handler_id),
        ready=free <= now,
        at=free,
        fields=[replace(f, rows=2) if f.kind == "textarea" else f for f in asked],
    )
