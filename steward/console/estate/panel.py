"""The chosen room beside its building: who lives there, what is open, who lives above, below and beside."""

from collections.abc import Iterator
from typing import Any

from django.db.models import Count, Q
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from steward.console.customers.reads import File, room_in_short
from steward.console.shell import Desk, at_desk, part
from steward.kernel.privacy import mask_phone
from steward.registers.estate.models import Unit
from steward.registers.org.tree import place
from steward.registers.workforce.people import name_of
from steward.web.http import office_only


@office_only
@require_GET
@at_desk
def show(request: HttpRequest, desk: Desk, project_id: int, pk: int) -> HttpResponse:
    """Six statements beside the session."""
    file = room_in_short(desk, project_id, pk)
    room = reverse("console:customers:unit", args=[project_id, pk])
    context = {
        "file": file,
        "unit": file.unit,
        "people": [(s.occupancy.customer.name, s.role, mask_phone(s.occupancy.customer.phone)) for s in file.mine],
        "butler": name_of(file.unit.butler_staff_id) if file.unit else "",
        "neighbours": list(_neighbours(file)),
        "room_url": room,
        "intake_url": f"{reverse('console:intake')}?project={project_id}&unit={pk}",
    }
    return part(request, desk, "console/estate/panel.jinja", "body", context, tz=place(project_id).tz)


def _neighbours(file: File) -> Iterator[tuple[str, Unit, Any]]:
    """Above, below and beside, as rooms are numbered: leaks and noise come from there. One statement."""
    unit = file.unit
    if unit is None or not unit.room.isdigit():
        return
    n, width = int(unit.room), len(unit.room)
    words = {n + 100: _("above"), n - 100: _("below"), n - 1: _("beside"), n + 1: _("beside")}
    rooms = [str(m).zfill(width) for m in words]
    rows = Unit.objects.in_project(file.project_id).filter(
        building_id=unit.building_id, entrance=unit.entrance, room__in=rooms
    )
    open_ = Count("cases", filter=Q(cases__closed_at__isnull=True))
    found = {int(u.room): u for u in rows.annotate(open_cases=open_)}
    for m, word in words.items():
        if m in found:
            yield word, found[m], reverse("console:customers:unit", args=[file.project_id, found[m].pk])
