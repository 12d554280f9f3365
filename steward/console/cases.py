"""The list of cases: query bar, keyset pages, capped count; history of other systems browses alike."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from typing import Any, Final
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import pgettext
from django.views.decorators.http import require_GET

from steward.cases.declare import REGISTRY, process_of
from steward.cases.models import Urgency
from steward.casework import queries
from steward.casework.categories import categories
from steward.casework.intake import lookup
from steward.console import work
from steward.console.menu import page_url
from steward.console.shell import Desk, at_desk, page
from steward.design.forms import Choice
from steward.insight.complaint_lines import Pick
from steward.insight.complaints import count
from steward.registers.party import search
from steward.registers.party.models import office_projects
from steward.registers.workforce.people import by_project
from steward.web.http import staff_only

PAGE: Final = 30
STANDINGS: Final = ("open", "overdue", "closed")


@dataclass(frozen=True)
class Asked:
    """The query bar as it was sent; what makes no sense there is left out."""

    kind: str = ""
    state: str = ""
    handler: str = ""
    accountable: str = ""
    category: str = ""
    urgency: str = ""
    q: str = ""
    since: str = ""
    until: str = ""
    pick: str = ""  # one figure of the complaint figures


def asked_of(request: HttpRequest) -> Asked:
    return Asked(**{name: request.GET.get(name, "").strip()[:80] for name in Asked.__annotations__})


@staff_only
@require_GET
@at_desk
def index(request: HttpRequest, desk: Desk) -> HttpResponse:
    asked = asked_of(request)
    picked, wanted = picked_of(asked, desk)
    cursor = request.GET.get("cursor") or None
    found = queries.list_cases(desk.actor, wanted, cursor=cursor, limit=PAGE)
    whole = cursor is None and found.next_cursor is None
    count = len(found.items) if whole else queries.capped_count(desk.actor, wanted)
    query = {k: v for k, v in vars(asked).items() if v}
    context = {
        "rows": [work.dressed(row, desk) for row in found.items],
        "filters": filters(asked, desk),
        "asked": asked,
        "narrowed": bool(query),
        "picked": picked,
        "title": _title(asked),
        "export": f"?{urlencode(query)}" if query else "",
        "pager": {
            "newer_url": f"?{urlencode(query)}" if cursor else "",
            "older_url": f"?{urlencode({**query, 'cursor': found.next_cursor})}" if found.next_cursor else "",
            "count": min(count, queries.COUNT_CAP - 1),
            "capped": count >= queries.COUNT_CAP,
        },
        "intake_url": page_url("intake"),
    }
    return page(request, desk, "console/cases.jinja", context, here="cases", child=asked.kind, search_query=asked.q)


def _title(asked: Asked) -> str:
    process = process_of(asked.kind)
    return str(process.title) if process else _("All cases")


def picked_of(asked: Asked, desk: Desk) -> tuple[str, queries.CaseFilter]:
    """The filter; where a figure was opened, what it counts in words, and its cases."""
    pick, wanted = Pick.parse(asked.pick), filter_of(asked, desk)
    if pick is None or wanted.since is None or wanted.until is None:
        return "", wanted
    counted = count(actor=desk.actor, projects=desk.projects, since=wanted.since, until=wanted.until, at=desk.at)
    return pick.words(counted), replace(wanted, ids=pick.cases(counted))


def filter_of(asked: Asked, desk: Desk) -> queries.CaseFilter:
    """Raises InvalidError for text that no database can store."""
    wanted = queries.CaseFilter(
        projects=desk.projects,
        kind=asked.kind,
        handler_id=_id(asked.handler),
        accountable_id=_id(asked.accountable),
        category_id=_id(asked.category),
        urgency=asked.urgency,
        text=asked.q,
        since=_day(asked.since, desk.tz),
        until=_day(asked.until, desk.tz, days=1),
    )
    if asked.state == "overdue":
        return replace(wanted, overdue_at=desk.at)
    if asked.state in STANDINGS:
        return replace(wanted, is_open=asked.state == "open")
    return replace(wanted, states=(asked.state,)) if asked.state else wanted


def _id(text: str) -> int | None:
    return int(text) or None if text.isdecimal() and len(text) < 16 else None


def _day(text: str, tz: ZoneInfo, days: int = 0) -> datetime | None:
    try:
        day = date.fromisoformat(text) + timedelta(days=days)
    except (ValueError, OverflowError):
        return None
    return datetime.combine(day, time.min, tz)


def filters(asked: Asked, desk: Desk) -> list[dict[str, Any]]:
    shown: list[dict[str, Any]] = [
        {"name": "q", "label": _("Number, room, name, words"), "value": asked.q},
        {
            "name": "kind",
            "label": _("Kind"),
            "value": asked.kind,
            "choices": [(p.kind, p.title) for p in REGISTRY.values()],
        },
        {"name": "state", "label": _("State"), "value": asked.state, "choices": _states(asked)},
        {"name": "category", "label": _("Category"), "value": asked.category, "choices": _categories(asked, desk)},
        {"name": "urgency", "label": _("Urgency"), "value": asked.urgency, "choices": Urgency.choices},
        {"name": "handler", "label": _("Handled by"), "value": asked.handler, "choices": _handlers(desk)},
        {"name": "since", "label": _("Received from"), "value": asked.since, "kind": "date"},
        {"name": "until", "label": _("Received until"), "value": asked.until, "kind": "date"},
    ]
    if asked.accountable:  # asked for by a link; too seldom for a place of its own in the bar
        people = {"label": _("Answers for it"), "choices": _handlers(desk)}
        shown.insert(-2, {"name": "accountable", "value": asked.accountable, **people})
    return shown


def _states(asked: Asked) -> list[Choice]:
    """Open, late and closed of any kind; the states themselves once a kind is chosen."""
    common: list[Choice] = [
        ("open", pgettext("state", "Open")),
        ("overdue", pgettext("state", "Late")),
        ("closed", _("Closed")),
    ]
    process = process_of(asked.kind)
    own = [(str(v), label) for v, label in process.states.choices if str(v) not in STANDINGS] if process else []
    return common + own


def _categories(asked: Asked, desk: Desk) -> list[Choice]:
    language, reach = desk.actor.language, desk.projects
    rows = [c for c in categories().values() if c.node_id is None or c.node_id in reach]
    if asked.kind:
        rows = [c for c in rows if c.kind == asked.kind]
    return [(str(c.id), c.title(language)) for c in rows]


def _handlers(desk: Desk) -> Sequence[Choice]:
    people = {c.id: c.name for project_id in desk.projects for c in by_project().get(project_id, ())}
    return [(str(staff_id), people[staff_id]) for staff_id in sorted(people)]


@staff_only
@require_GET
@at_desk
def find(request: HttpRequest, desk: Desk) -> HttpResponse:
    """The search of the top bar: a case number opens the case; a room, name, phone or plate leads to the customers;
    anything else searches the list of cases."""
    text = request.GET.get("q", "").strip()[:80]
    found = lookup.find_cases(desk.actor, None, text, at=desk.at) if text else []
    if len(found) == 1:
        return HttpResponseRedirect(reverse("console:case", args=[found[0].label]))
    # The office finds customers; those in the field their own cases.
    if text and office_projects(desk.actor) and search.find(desk.actor, None, text, limit=2):
        return HttpResponseRedirect(f"{reverse('console:customers')}?{urlencode({'q': text})}")
    return HttpResponseRedirect(f"{reverse('console:cases')}?{urlencode({'q': text})}")
