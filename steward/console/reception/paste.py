"""Chat, mail or letter pasted into the call screen: read into its fields; the desk looks and saves."""

from typing import Final
from urllib.parse import urlencode

from django.http import HttpRequest, JsonResponse
from django.urls import reverse
from django.views.decorators.http import require_POST

from steward.casework.intake import chat, lookup
from steward.console.shell import Desk, at_desk
from steward.registers.party.search import Hit
from steward.registers.workforce.people import colleagues
from steward.web.http import office_only

FOUND: Final = 3


@office_only
@require_POST
@at_desk
def read(request: HttpRequest, desk: Desk) -> JsonResponse:
    """Fields of the form, and the household where room or number lead to exactly one."""
    ours = frozenset(c.name for c in colleagues().values() if c.is_active)
    found = chat.read(request.POST.get("text", ""), ours=ours)
    hits = _find(desk, found.phone) or _find(desk, found.room) if found.phone or found.room else []
    only = hits[0] if len(hits) == 1 else None
    where = urlencode({"project": only.project_id, only.kind: only.id}) if only else ""
    return JsonResponse(
        {
            "reporter_name": found.reporter,
            "reporter_phone": found.phone,
            "description": found.text,
            "place": "" if only else found.room,
            "photos": found.photos,
            "household": f"{reverse('console:intake')}?{where}" if where else "",
            "ask": "" if only else (found.room or found.phone),
        }
    )


def _find(desk: Desk, text: str) -> list[Hit]:
    if not text:
        return []
    chosen = desk.chosen.id if desk.chosen else None
    hits = [h for h in lookup.find(desk.actor, chosen, text, FOUND, at=desk.at) if h.kind != "case"]
    return [h for h in hits if h.exact] or hits
