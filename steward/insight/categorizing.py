"""How much each category is used: open cases, and those received in the last days."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from django.db.models import Count, Q

from steward.cases.models import Case
from steward.kernel.actor import Actor

DAYS: Final = 30


@dataclass(frozen=True, slots=True)
class Use:
    open: int = 0
    recent: int = 0


UNUSED: Final = Use()


def use_of(ids: Iterable[int], *, actor: Actor, projects: frozenset[int], at: datetime) -> dict[int, Use]:
    """Category → its cases in sight, open or of the last ``DAYS``. One query; cases of another system count not."""
    new = Q(received_at__gte=at - timedelta(days=DAYS))
    standing = Q(closed_at__isnull=True)
    rows = (
        Case.objects.visible_to(actor)
        .filter(standing | new, project_id__in=projects, category_id__in=list(ids), is_imported=False)
        .order_by()
        .values_list("category_id")
        .annotate(standing=Count("pk", filter=standing), new=Count("pk", filter=new))
    )
    return {pk: Use(standing, recent) for pk, standing, recent in rows if pk is not None}


def received_with(category_id: int, *, actor: Actor, projects: frozenset[int], at: datetime) -> dict[str, int]:
    """Urgency → how many of its cases of the last ``DAYS`` stand at it. One query."""
    rows = (
        Case.objects.visible_to(actor)
        .filter(project_id__in=projects, category_id=category_id, is_imported=False)
        .filter(received_at__gte=at - timedelta(days=DAYS))
        .order_by()
        .values_list("urgency")
        .annotate(n=Count("pk"))
    )
    return dict(rows)
