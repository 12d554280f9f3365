"""Nights on call of a colleague who goes: somebody else is rung instead, or the gap stands on record."""

from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Any, Final

from django.db.models import Q

from steward.kernel.actor import Actor
from steward.kernel.db import retrying
from steward.kernel.errors import InvalidError
from steward.registers.workforce.oncall import (
    Entry,
    OnDuty,
    checked,
    duty_date,
    must_keep,
    on_call_of,
    set_rows,
)
from steward.registers.workforce.oncall_models import OnCall

NOBODY: Final[dict[str, Any]] = {"stand_in_id": None, "stand_in_name": "", "stand_in_phone": ""}


def nights_of(staff_id: int, at: datetime) -> dict[int, list[date]]:
    """Project → the nights from this one on that name the colleague, as first or as stand-in. One query."""
    rows = OnCall.objects.unscoped().filter(Q(staff_id=staff_id) | Q(stand_in_id=staff_id))
    ahead = rows.filter(date__gte=at.date() - timedelta(days=1)).order_by("date").values_list("project_id", "date")
    found: dict[int, dict[date, None]] = {}
    for project_id, day in ahead:
        if day >= duty_date(project_id, at):
            found.setdefault(project_id, {})[day] = None
    return {project_id: list(days) for project_id, days in found.items()}


def pass_nights(*, giver_id: int, receiver_id: int, actor: Actor, at: datetime) -> int:
    """A colleague is rung in another's place. Returns how many nights; raises InvalidError (``nights``: does not work
    there, has no number), NotAllowedError, NotFoundError."""

    def once() -> int:
        found = nights_of(giver_id, at)
        for project_id in found:
            must_keep(project_id, actor)
        return sum(_replace(p, days, giver_id, receiver_id, actor, at) for p, days in found.items())

    return retrying(once)


def open_nights(*, giver_id: int, actor: Actor, at: datetime) -> int:
    """Nobody named: the stand-in is the first to be rung; where there is none the post is empty, and shown so."""

    def once() -> int:
        return sum(_replace(p, days, giver_id, None, actor, at) for p, days in nights_of(giver_id, at).items())

    return retrying(once)


def _replace(project_id: int, days: list[date], giver: int, receiver: int | None, actor: Actor, at: datetime) -> int:
    for day, rows in on_call_of(project_id, days).items():
        then = (_without(row, giver, receiver, project_id) for row in rows)
        set_rows(project_id, day, {row.post: row for row in then if row is not None}, actor, at)
    return len(days)


def _without(row: OnDuty, giver: int, receiver: int | None, project_id: int) -> OnDuty | None:
    if giver not in (row.staff_id, row.stand_in_id):
        return row
    if receiver is not None:
        return _with(row, giver, receiver, project_id)
    if row.stand_in_id == giver:
        return replace(row, **NOBODY)
    if not row.has_stand_in:
        return None
    return OnDuty(row.post, row.stand_in_name, row.stand_in_phone, row.stand_in_id)


def _with(row: OnDuty, giver: int, receiver: int, project_id: int) -> OnDuty:
    """Nobody stands in for oneself."""
    try:
        who = checked(row.post, Entry(receiver), project_id)
    except InvalidError as error:
        raise InvalidError({"nights": next(iter(error.fields.values()))}) from error
    if row.staff_id == giver:
        then = replace(row, staff_id=receiver, name=who.name, phone=who.phone)
        return then if row.stand_in_id not in (giver, receiver) else replace(then, **NOBODY)
    if row.staff_id == receiver:
        return replace(row, **NOBODY)
    return replace(row, stand_in_id=receiver, stand_in_name=who.name, stand_in_phone=who.phone)
