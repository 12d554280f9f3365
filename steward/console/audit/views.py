"""The audit log: filtered, page by page, and taken out as a table (which is itself on record)."""

import csv
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from io import StringIO
from typing import Any, Final
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import pgettext
from django.views.decorators.http import require_GET

from steward.console.audit import words
from steward.console.menu import AUDITORS
from steward.console.shell import Desk, at_desk, page
from steward.kernel import audit
from steward.kernel.audit import read
from steward.kernel.audit.models import Kind
from steward.kernel.db import write
from steward.kernel.errors import NotFoundError
from steward.registers.org.tree import place
from steward.registers.party.models import Customer
from steward.registers.party.verbs import SUBJECT
from steward.web.http import office_only

PAGE: Final = 50
TAKEN: Final = 5000
ASKED: Final = ("kind", "what", "who", "since", "until")
# A cell that begins so would be run by a spreadsheet.
FORMULA: Final = ("=", "+", "-", "@", "\t", "\r")


@dataclass(frozen=True)
class Line:
    row: Any
    deed: str
    kind: str
    where: str
    changes: list[tuple[str, str, str]]
    name: str


@office_only
@require_GET
@at_desk
def index(request: HttpRequest, desk: Desk) -> HttpResponse:
    asked, wanted = _asked(request, desk)
    cursor = request.GET.get("cursor") or None
    found = read.events(desk.actor, wanted, limit=PAGE, cursor=cursor)
    count = read.count(desk.actor, wanted)
    query = {name: value for name, value in asked.items() if value}
    context = {
        "lines": _lines(found.items, desk),
        "filters": _filters(asked),
        "narrowed": bool(set(query) - {"of"}),
        "tabs": _tabs(desk, company=wanted.company),
        "export_url": f"{reverse('console:audit-export')}?{urlencode(query)}",
        "pager": {
            "newer_url": f"?{urlencode(query)}" if cursor else "",
            "older_url": f"?{urlencode({**query, 'cursor': found.next_cursor})}" if found.next_cursor else "",
            "count": min(count, read.CAP - 1),
            "capped": count >= read.CAP,
        },
    }
    return page(request, desk, "console/audit/index.jinja", context, here="audit")


@office_only
@require_GET
@at_desk
def export(request: HttpRequest, desk: Desk) -> HttpResponse:
    """The rows in sight as a table for Excel, at most 5,000; that they were taken out is a row as well."""
    asked, wanted = _asked(request, desk)
    lines = _lines(read.events(desk.actor, wanted, limit=TAKEN).items, desk)
    told = {**{name: value for name, value in asked.items() if value}, "rows": len(lines)}
    with write():
        for project_id in [None] if wanted.company else sorted(wanted.projects):
            audit.record(
                project_id=project_id,
                actor=desk.actor,
                at=desk.at,
                what="audit.export",
                subject_kind="kernel.audit",
                after=told,
                kind="export",
            )
    answer = HttpResponse(_table(lines), content_type="text/csv; charset=utf-8")
    answer["Content-Disposition"] = f'attachment; filename="audit-{timezone.localtime(desk.at):%Y%m%d-%H%M}.csv"'
    answer["Cache-Control"] = "private, no-store"
    return answer


def _asked(request: HttpRequest, desk: Desk) -> tuple[dict[str, str], read.Wanted]:
    projects = desk.projects & desk.actor.projects_with(*AUDITORS)
    if not projects:
        raise NotFoundError(_("There is no such page."))
    asked = {name: request.GET.get(name, "").strip()[:80] for name in (*ASKED, "of")}
    asked["of"] = "company" if asked["of"] == "company" else ""
    wanted = read.Wanted(
        projects=projects,
        company=asked["of"] == "company",
        kind=asked["kind"] if asked["kind"] in Kind.values else "",
        what=asked["what"],
        who=asked["who"],
        since=_day(asked["since"], desk),
        until=_day(asked["until"], desk, days=1),
    )
    return asked, wanted


def _day(text: str, desk: Desk, days: int = 0) -> datetime | None:
    try:
        return datetime.combine(date.fromisoformat(text) + timedelta(days=days), time.min, desk.tz)
    except (ValueError, OverflowError):
        return None


def _lines(rows: Sequence[Any], desk: Desk) -> list[Line]:
    names = _customers(rows, desk)
    return [
        Line(
            row,
            words.deed(row.what),
            str(Kind(row.kind).label),
            place(row.project_id).name if desk.sees_several and hasattr(row, "project_id") else "",
            _changes(row),
            names.get((getattr(row, "project_id", None), row.subject_id), "") if row.subject_kind == SUBJECT else "",
        )
        for row in rows
    ]


def _customers(rows: Iterable[Any], desk: Desk) -> dict[tuple[int | None, str], str]:
    """Names stand in the file, never in the row: it is sealed. One statement."""
    wanted = {(r.project_id, r.subject_id) for r in rows if r.subject_kind == SUBJECT and r.subject_id.isdigit()}
    if not wanted:
        return {}
    known = Customer.objects.visible_to(desk.actor).filter(pk__in={pk for _project, pk in wanted})
    return {(project, str(pk)): name for project, pk, name in known.values_list("project_id", "pk", "name")}


def _changes(row: Any) -> list[tuple[str, str, str]]:
    beside = getattr(row, "personal", None)
    if beside is None:
        return words.differences(row.before, row.after)
    # The names of the fields stand with their values.
    plain = {name: value for name, value in row.after.items() if name != "fields"}
    return words.differences(row.before, plain) + words.was_and_is(beside.values)


def _filters(asked: dict[str, str]) -> list[dict[str, Any]]:
    return [
        {"name": "who", "label": pgettext("audit", "Who"), "value": asked["who"]},
        {"name": "kind", "label": _("Kind"), "value": asked["kind"], "choices": Kind.choices},
        {
            "name": "what",
            "label": pgettext("audit", "Deed"),
            "value": asked["what"],
            "choices": sorted(words.DEEDS.items(), key=lambda item: str(item[1])),
        },
        {"name": "since", "label": pgettext("audit", "From"), "value": asked["since"], "kind": "date"},
        {"name": "until", "label": pgettext("audit", "Until"), "value": asked["until"], "kind": "date"},
    ]


def _tabs(desk: Desk, *, company: bool) -> list[dict[str, Any]]:
    if not read.sees_company(desk.actor):
        return []
    here = reverse("console:audit")
    return [
        {"label": pgettext("audit", "Projects"), "url": here, "current": not company},
        {"label": pgettext("audit", "Company"), "url": f"{here}?of=company", "current": company},
    ]


def _table(lines: list[Line]) -> str:
    out = StringIO()
    out.write("\ufeff")  # Excel reads UTF-8 by it
    to = csv.writer(out)
    heads = (_("Time"), pgettext("audit", "Who"), _("Kind"), pgettext("audit", "Deed"), _("Project"), _("Subject"))
    to.writerow([*heads, _("Details"), _("Reason"), "IP"])
    for line in lines:
        row = line.row
        details = "; ".join(f"{name}: {old + ' → ' if old else ''}{new}" for name, old, new in line.changes)
        subject = f"{row.label or line.name} {row.subject_id}".strip()
        at = f"{timezone.localtime(row.at):%Y-%m-%d %H:%M:%S}"
        cells = [at, row.actor_name, line.kind, line.deed, line.where, subject, details, row.reason, row.ip]
        to.writerow([f"'{cell}" if cell.startswith(FORMULA) else cell for cell in cells])
    return out.getvalue()
