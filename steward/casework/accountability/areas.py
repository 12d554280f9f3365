"""Homes that went to another butler: what the old one still answers for goes along, case by case, on record."""

import uuid
from typing import Final

from django.utils.translation import gettext as _

from steward.cases.models import Case
from steward.casework.accountability.handovers import force_handover, may_order
from steward.casework.models import HandoverCause
from steward.kernel.facts import listens
from steward.registers.workforce.areas import AreaMoved

SPACE: Final = uuid.UUID("5a3f0f1e-4c55-4a52-9b3e-2f8f1f6c7d11")


@listens(AreaMoved)
def move_open_cases(fact: AreaMoved) -> None:
    """Closed cases keep the name of whoever answered for them."""
    to = {(unit, old): new for unit, old, new in fact.moved if old is not None and new is not None}
    if not to or not may_order(fact.actor, fact.project_id):
        return
    rows = Case.objects.in_project(fact.project_id).filter(
        closed_at__isnull=True, is_imported=False, accountable_id__in={old for _unit, old in to}, unit_id__isnull=False
    )
    for number, unit, old in list(rows.order_by("pk").values_list("number", "unit_id", "accountable_id")):
        new = to.get((unit, old))
        if new is not None:
            force_handover(
                project_id=fact.project_id,
                number=number,
                data={"receiver": new, "reason": _("The area went to another butler."), "cause": HandoverCause.OTHER},
                actor=fact.actor,
                at=fact.at,
                client_uuid=uuid.uuid5(SPACE, f"{fact.id}:{number}"),
            )
