"""The workbench: my queue by time left, today's calls, what I answer for, alarms; nothing else."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from django.db.models import F, Max, Q
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import pgettext
from django.views.decorators.http import require_GET

from steward.assurance.callbacks import callable_from
from steward.assurance.models import Callback
from steward.cases.declare import process_of
from steward.casework import queries
from steward.console import alarms, latest, work
from steward.console.customers.privacy import to_answer
from steward.console.incidents.views import proposals
from steward.console.menu import CALLERS, page_url
from steward.console.service import offers, shown
from steward.console.shell import Desk, at_desk, page
from steward.console.words import Badge, state_badge
from steward.design.clockface import duration, when
from steward.web.cases import open_callbacks
from steward.web.http import staff_only

CALLS: Final = 6
ANSWERED_FOR: Final = 20
SILENT: Final = timedelta(hours=24)


@dataclass(frozen=True)
class Call:
    """A callback of today: now, or when and why not yet."""

    callback: Callback
    at: datetime
    now: bool
    why: str
    url: str


@dataclass(frozen=True)
class Followed:
    """A case others handle and I answer for; ``heard_at`` is when the customer last heard something."""

    case: dict[str, Any]
    badge: Badge
    silent: str
    too_long: bool
    url: str


@staff_only
@require_GET
@at_desk
def workbench(request: HttpRequest, desk: Desk) -> HttpResponse:
    done = request.GET.get("done") == "1"
    rows = work.finished(desk) if done else work.queue(desk)
    context = {
        "rows": rows,
        "late": {} if done else latest.reasons(desk, rows),
        "done": done,
        "today": date_format(timezone.localtime(desk.at, desk.tz), "m-d l"),
        "full": len(rows) == work.SHOWN,
        "calls": calls(desk),
        "offers": offers.to_me(desk),
        "asked": shown.of_me(desk),
        "personal": to_answer(desk),
        "followed": followed(desk),
        "alarms": alarms.unread(desk),
        "proposals": proposals(desk),
        "callbacks_url": page_url("callbacks"),
        "intake_url": page_url("intake"),
        "cases_url": page_url("cases"),
    }
    return page(
        request, desk, "console/workbench.jinja", context, here="workbench", todo_count=None if done else len(rows)
    )


@staff_only
@require_GET
@at_desk
def count(request: HttpRequest, desk: Desk) -> JsonResponse:
    """The number beside 待办, fetched after the page: lists keep their budget of queries."""
    return JsonResponse({"count": work.count(desk)})


def calls(desk: Desk) -> list[Call] | None:
    """Today's callbacks; None for whoever makes none. One query."""
    if not any(grant.role in CALLERS for grant in desk.actor.grants):
        return None
    evening = timezone.localtime(desk.at, desk.tz).replace(hour=23, minute=59)
    rows = open_callbacks(desk.actor, desk.projects, limit=50)
    found = [_call(row, desk) for row in rows]
    today = [call for call in found if call.at <= evening]
    return sorted(today, key=lambda c: (not c.now, c.at if not c.now else c.callback.due_at))[:CALLS]


def _call(row: Callback, desk: Desk) -> Call:
    free = callable_from(row, at=desk.at)
    ready = free <= desk.at
    due = pgettext("callback", "by %(at)s") % {"at": when(row.due_at, desk.at)}
    if ready:
        tries = _("try %(n)s") % {"n": row.attempts_made + 1} if row.attempts_made else ""
        why = " · ".join(filter(None, (row.case.title, due, tries)))
    elif row.attempts_made:
        why = _("not reached before; tries are spread, and not in quiet hours")
    else:
        why = _("quiet hours until %(at)s") % {"at": when(free, desk.at)}
    return Call(row, free, ready, why, f"{page_url('cases')}{row.case.number}/?do=callback")


def followed(desk: Desk) -> list[Followed]:
    """Cases in other hands that I answer for, the longest silence towards the customer first. One query."""
    if desk.actor.staff_id is None:
        return []
    wanted = queries.CaseFilter(projects=desk.projects, is_open=True, accountable_id=desk.actor.staff_id)
    rows = queries.find(desk.actor, wanted).filter(handler__isnull=False, is_imported=False)
    rows = rows.exclude(handler_id=desk.actor.staff_id)
    heard = Max("entries__recorded_at", filter=Q(entries__is_public=True))
    found = rows.annotate(heard_at=heard).order_by(F("heard_at").asc(nulls_first=True))
    return [_followed(row, desk) for row in found.values(*queries.ROW, "heard_at")[:ANSWERED_FOR]]


def _followed(row: dict[str, Any], desk: Desk) -> Followed:
    row = queries.dress(row, desk.actor)
    silence = desk.at - (row["heard_at"] or row["received_at"])
    return Followed(
        case=row,
        badge=state_badge(process_of(row["kind"]), row["state"]),
        silent=duration(max(silence, timedelta(0))),
        too_long=silence > SILENT,
        url=f"{page_url('cases')}{row['number']}/",
    )
