"""Alarms: in-app messages nobody has looked at yet, late ones escalated to me among them."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from steward.cases.declare import process_of
from steward.casework.words import clock_title
from steward.console.menu import page_url
from steward.console.shell import Desk, at_desk
from steward.design.clockface import Tone, when
from steward.kernel import outbox
from steward.kernel.models import Outbox
from steward.web.http import staff_only

SHOWN: Final = 6


@dataclass(frozen=True)
class Alarm:
    pk: int
    project_id: int
    tone: Tone
    icon: str
    title: str
    text: str
    url: str
    why: str = ""  # where it is late


def unread(desk: Desk) -> list[Alarm]:
    """The newest of each case, the newest first. One query."""
    newest: dict[str, Outbox] = {}
    for row in outbox.inbox(desk.actor.key):
        newest.setdefault(row.payload.get("case") or f"#{row.pk}", row)
    return [_alarm(row, desk.at) for row in list(newest.values())[:SHOWN]]


def _alarm(row: Outbox, at: datetime) -> Alarm:
    template, number = row.payload.get("template", ""), row.payload.get("case", "")
    url = f"{page_url('cases')}{number}/" if number else ""
    looks: dict[str, tuple[Tone, str, str]] = {
        "deadline_late": ("late", "arrow-up-right", _("%(deadline)s: time is up, escalated to you")),
        "deadline_warn": ("soon", "alarm", _("%(deadline)s: little time left")),
    }
    tone, icon, words = looks.get(template, ("", "bell", _("Handed to you")))
    due = row.payload.get("due_at")
    text = words % {"deadline": _clock(row.payload)}
    if due:
        text += " · " + _("due %(at)s") % {"at": when(datetime.fromisoformat(due), at)}
    title = row.subject.removeprefix(number).strip() or row.subject
    said = " · ".join(filter(None, (number, text)))
    return Alarm(row.pk, row.project_id, tone, icon, title, said, url, row.body if tone == "late" else "")


def _clock(payload: Mapping[str, Any]) -> str:
    """In the reader's language; an old message has the words of its own hour only."""
    kind, key = payload.get("clock") or ("", "")
    return clock_title(process_of(kind), key) if key else str(payload.get("deadline", ""))


@staff_only
@require_POST
@at_desk
def seen(request: HttpRequest, desk: Desk, project_id: int, pk: int) -> HttpResponse:
    """Put a message away, with the older ones of its case; only the recipient can."""
    outbox.mark_read(project_id=project_id, pk=pk, recipient=desk.actor.key, at=desk.at)
    return HttpResponseRedirect(page_url("workbench"))
