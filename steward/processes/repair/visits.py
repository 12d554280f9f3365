"""Visits by appointment: nobody is promised to two customers at the same hour."""

from datetime import timedelta
from typing import Final

from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext as _

from steward.cases.engine import Step
from steward.cases.models import Case
from steward.kernel.errors import ConflictError
from steward.processes.repair.models import State
from steward.registers.org.tree import place

#: What an appointment takes at least, road included.
VISIT: Final = timedelta(hours=1)
TO_COME: Final = (State.DISPATCHED, State.ACCEPTED)


def ensure_free(step: Step) -> None:
    """Raises ConflictError naming the other job when two appointments of one technician overlap.

    Jobs without an appointment never clash: an emergency is sent without one.
    """
    wanted = step.data.appointment_at
    if wanted is None:
        return
    near = Q(repair__appointment_at__gt=wanted - VISIT, repair__appointment_at__lt=wanted + VISIT)
    rows = Case.objects.in_project(step.case.project_id).filter(
        near, handler_id=step.data.handler, state__in=TO_COME, closed_at__isnull=True
    )
    other = rows.exclude(pk=step.case.pk).select_related("repair").order_by("pk").first()
    if other is None:
        return
    local = timezone.localtime(other.repair.appointment_at, place(other.project_id).tz)
    words = _("Not free then: %(number)s %(title)s at %(at)s.")
    raise ConflictError(
        words % {"number": other.number, "title": other.title, "at": f"{local:%H:%M}"},
        rule="repair.appointment_clash",
    )
